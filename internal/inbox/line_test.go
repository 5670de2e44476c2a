package inbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/account"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/inbox"
)

// line is a scripted adapter. A raw update's body names what it decodes to.
type line struct {
	mu      sync.Mutex
	can     channel.Capabilities
	means   map[string][]channel.Update
	answer  func(n int, o channel.Outgoing) (channel.Sent, error)
	sent    []channel.Outgoing
	done    []string // edits, deletions, reactions, marks, answers
	refuse  error    // of the above
	fetch   func(ref string) (channel.Media, error)
	history func(o channel.Outgoing) (channel.Sent, bool, error)
}

var errGarbled = errors.New("not this platform's format")

func (l *line) Capabilities() channel.Capabilities { return l.can }

func (l *line) Decode(r channel.Raw) ([]channel.Update, error) {
	switch string(r.Body) {
	case "garbled":
		return nil, errGarbled
	case "panic":
		panic("an adapter's bug")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.means[string(r.Body)], nil
}

func (l *line) Send(_ context.Context, o channel.Outgoing) (channel.Sent, error) {
	l.mu.Lock()
	l.sent = append(l.sent, o)
	n, answer := len(l.sent), l.answer
	l.mu.Unlock()
	if answer != nil {
		return answer(n, o)
	}
	return channel.Sent{ExternalIDs: []string{"x" + o.ItemID}}, nil
}

func (l *line) note(format string, args ...any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done = append(l.done, fmt.Sprintf(format, args...))
	return l.refuse
}

func (l *line) Check(context.Context) channel.Health { return channel.Health{State: channel.Working} }
func (l *line) Close()                               {}

func (l *line) Edit(_ context.Context, t channel.Target, c channel.Content) error {
	return l.note("edit %s %s", t.ExternalID, c.Text)
}

func (l *line) Delete(_ context.Context, t channel.Target) error {
	return l.note("delete %v", t.ExternalIDs)
}

func (l *line) React(_ context.Context, t channel.Target, emoji string) error {
	return l.note("react %s %s", t.ExternalID, emoji)
}

func (l *line) ShowActivity(_ context.Context, t channel.Target, a channel.Activity) error {
	return l.note("%s %s", a, t.Chat)
}

func (l *line) MarkRead(_ context.Context, t channel.Target) error {
	return l.note("read %s", t.ExternalID)
}

func (l *line) AnswerPress(_ context.Context, answer, _ string) error {
	return l.note("answer %s", answer)
}

func (l *line) Fetch(_ context.Context, ref string) (channel.Media, error) {
	if l.fetch == nil {
		return channel.Media{Body: io.NopCloser(bytes.NewReader([]byte(ref))), Size: -1, Name: ref}, nil
	}
	return l.fetch(ref)
}

// looker is a line whose platform lets us look at its history.
type looker struct{ *line }

func (l looker) Reconcile(_ context.Context, o channel.Outgoing, _ time.Time) (channel.Sent, bool, error) {
	if l.history == nil {
		return channel.Sent{}, false, nil
	}
	return l.history(o)
}

// accounts gives the scripted lines.
type accounts struct {
	mu    sync.Mutex
	list  []inbox.Account
	lines map[channel.ID]channel.Adapter
	off   map[channel.ID]bool
	fail  error
}

func (a *accounts) Account(_ context.Context, ch channel.ID) (inbox.Account, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fail != nil {
		return inbox.Account{}, a.fail
	}
	for _, x := range a.list {
		if x.ID == ch {
			return x, nil
		}
	}
	return inbox.Account{}, account.ErrNotFound
}

func (a *accounts) ListAccounts(context.Context, int64) ([]inbox.Account, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.list), nil
}

func (a *accounts) Adapter(_ context.Context, ch channel.ID) (channel.Adapter, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.off[ch] {
		return nil, account.ErrDisabled
	}
	l, ok := a.lines[ch]
	if !ok {
		return nil, account.ErrNotFound
	}
	return l, nil
}

// plain is a Sealer that only marks what it sealed.
type plain struct{}

func (plain) Seal(b []byte, _ string, _ int64) ([]byte, error) {
	return append([]byte("sealed:"), b...), nil
}

func (plain) Open(b []byte, _ string, _ int64) ([]byte, error) {
	return bytes.TrimPrefix(b, []byte("sealed:")), nil
}
