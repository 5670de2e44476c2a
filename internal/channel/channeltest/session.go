package channeltest

import (
	"context"
	"errors"
	"io"
	"maps"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

// patience is how long something that must happen may take.
const patience = 10 * time.Second

// session is one case: an adapter on a fresh platform.
type session struct {
	*testing.T
	p        Platform
	account  channel.Account
	adapter  channel.Adapter
	can      channel.Capabilities
	wire     *wire // nil when the account has no api_url
	pollOnce func(context.Context, string) ([]channel.Raw, string, error)
	cursor   string
	raws     chan channel.Raw
	seen     []channel.Raw    // all raw updates so far
	pending  []channel.Update // decoded and not yet asked for
	stopPoll func()
	chat     [2]string
	person   [2]channel.Person
	last     [2]string // id of the customer's latest message
}

// open connects an adapter to a fresh platform and starts receiving.
func open(t *testing.T, start func(*testing.T) Platform) *session {
	t.Helper()
	s := &session{T: t, p: start(t), stopPoll: func() {}}
	s.account = s.p.Account()
	if api := s.account.Settings["api_url"]; api != "" {
		s.wire = newWire(t, api)
		s.account = with(s.account, "api_url", s.wire.URL)
	}
	s.adapter = s.connect(s.account)
	s.can = s.adapter.Capabilities()
	s.receive()
	t.Cleanup(func() {
		s.stopPoll()
		s.check()
	})
	return s
}

// with returns the account with a setting changed.
func with(a channel.Account, name, value string) channel.Account {
	settings := map[string]string{}
	maps.Copy(settings, a.Settings)
	settings[name] = value
	a.Settings = settings
	return a
}

func (s *session) connect(a channel.Account) channel.Adapter {
	s.Helper()
	adapter, err := s.p.Factory().Open(a)
	if err != nil {
		s.Fatalf("open the account: %v", err)
	}
	s.Cleanup(adapter.Close)
	return adapter
}

// receive starts the flow of raw updates.
func (s *session) receive() {
	s.Helper()
	if hook := s.p.Hook(); hook != nil {
		webhook, ok := s.adapter.(channel.Webhook)
		if !ok {
			s.Fatal("the platform has a hook but the adapter is no channel.Webhook")
		}
		hook.attach(webhook)
		s.raws = hook.raws
		if sub, ok := s.adapter.(channel.Subscriber); ok {
			if err := sub.Subscribe(s.Context()); err != nil {
				s.Fatalf("subscribe: %v", err)
			}
		}
		return
	}
	poller, ok := s.adapter.(channel.Poller)
	if !ok {
		s.Fatal("the platform has no hook and the adapter is no channel.Poller")
	}
	s.raws = make(chan channel.Raw, 4096)
	s.pollOnce = poller.Poll
	s.poll()
}

// poll fetches updates until stopPoll.
func (s *session) poll() {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			raws, next, err := s.pollOnce(ctx, s.cursor)
			if err != nil {
				select {
				case <-ctx.Done():
				case <-time.After(20 * time.Millisecond):
				}
				continue
			}
			s.cursor = next
			for _, raw := range raws {
				s.raws <- raw
			}
		}
	})
	s.stopPoll = sync.OnceFunc(func() { cancel(); wg.Wait() })
}

// check is what must hold after every case.
func (s *session) check() {
	for _, v := range s.p.Violations() {
		s.Errorf("broke the specification: %s", v)
	}
	if hook := s.p.Hook(); hook != nil {
		for _, err := range hook.errors() {
			s.Errorf("a webhook of the platform was refused: %v", err)
		}
	}
}

// do lets a customer act and skips the case where the platform lacks that.
func (s *session) do(a Action) string {
	s.Helper()
	id, err := s.p.Do(a)
	if errors.Is(err, ErrLacks) {
		s.Skipf("the platform lacks: %s", a.Verb)
	}
	if err != nil {
		s.Fatalf("%s: %v", a.Verb, err)
	}
	return id
}

// await returns the next update that fits, keeping the others for later.
func (s *session) await(what string, fits func(channel.Update) bool) channel.Update {
	s.Helper()
	for i, u := range s.pending {
		if fits(u) {
			s.pending = append(s.pending[:i:i], s.pending[i+1:]...)
			return u
		}
	}
	deadline := time.After(patience)
	for {
		select {
		case raw := <-s.raws:
			updates := s.decode(raw)
			for i, u := range updates {
				if fits(u) {
					s.pending = append(s.pending, updates[i+1:]...)
					return u
				}
				s.pending = append(s.pending, u)
			}
		case <-deadline:
			var got []string
			for _, u := range s.pending {
				got = append(got, kindOf(u))
			}
			s.Fatalf("%s did not arrive within %s; got: %s", what, patience, strings.Join(got, ", "))
		}
	}
}

// decode decodes a raw update and checks what holds for every one.
func (s *session) decode(raw channel.Raw) []channel.Update {
	s.Helper()
	s.seen = append(s.seen, raw)
	if raw.Key == "" {
		s.Errorf("a raw update has no key: %.200s", raw.Body)
	}
	updates, err := s.adapter.Decode(raw)
	if err != nil {
		s.Errorf("decode: %v\n%.400s", err, raw.Body)
	}
	again, _ := s.adapter.Decode(raw)
	if !reflect.DeepEqual(updates, again) {
		s.Errorf("decoding twice gives different updates: %+v and %+v", updates, again)
	}
	for _, u := range updates {
		s.wellFormed(u)
	}
	return updates
}

// parts are the pointers of an update that are set.
func parts(u channel.Update) []string {
	var out []string
	v := reflect.ValueOf(u)
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Pointer && !f.IsNil() {
			out = append(out, v.Type().Field(i).Name)
		}
	}
	return out
}

func kindOf(u channel.Update) string { return strings.Join(parts(u), "+") }

// wellFormed checks what holds for every update.
func (s *session) wellFormed(u channel.Update) {
	s.Helper()
	if p := parts(u); len(p) != 1 {
		s.Errorf("an update must be exactly one thing, is %v", p)
	}
	if m := u.Message; m != nil {
		if u.Chat.Key == "" {
			s.Errorf("a message without a chat: %+v", m)
		}
		if m.ExternalID == "" {
			s.Errorf("a message without an id: %+v", m)
		}
		for _, mark := range m.Content.Marks {
			if n := units(m.Content.Text); mark.Offset < 0 || mark.Length <= 0 || mark.Offset+mark.Length > n {
				s.Errorf("mark %+v outside of a text of %d units", mark, n)
			}
		}
		if !m.Own && u.Sender.ID == "" && u.Sender.Phone == "" {
			s.Errorf("a customer's message without a sender: %+v", m)
		}
	}
}

// message awaits the message with an id.
func (s *session) message(id string) channel.Update {
	s.Helper()
	return s.await("message "+id, func(u channel.Update) bool { return u.Message != nil && u.Message.ExternalID == id })
}

// meet lets a customer write first, so that his chat is known.
func (s *session) meet(customer int) channel.Update {
	s.Helper()
	id := s.do(Action{Verb: Write, Customer: customer, Text: "Здравствуйте!"})
	u := s.message(id)
	s.chat[customer], s.person[customer], s.last[customer] = u.Chat.Key, u.Sender, id
	return u
}

// outgoing is a message to a customer who was met.
func (s *session) outgoing(customer int, c channel.Content) channel.Outgoing {
	return channel.Outgoing{
		ItemID: "item-" + strings.ReplaceAll(s.Name(), "/", "-"), Chat: s.chat[customer], Recipient: s.person[customer].ID, Content: c,
	}
}

// files gives an outgoing message its files.
func files(o channel.Outgoing, list ...File) channel.Outgoing {
	for _, f := range list {
		o.Content.Attachments = append(o.Content.Attachments, channel.Attachment{
			Kind: f.Kind, Name: f.Name, MIME: f.MIME, Size: int64(len(f.Data)),
		})
	}
	o.Open = func(_ context.Context, i int) (io.ReadSeekCloser, int64, error) {
		return nopCloser{strings.NewReader(string(list[i].Data))}, int64(len(list[i].Data)), nil
	}
	return o
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

// send sends and insists that it works.
func (s *session) send(o channel.Outgoing) channel.Sent {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	sent, err := s.adapter.Send(ctx, o)
	if err != nil {
		s.Fatalf("send: %v", err)
	}
	if len(sent.ExternalIDs) == 0 || sent.ExternalIDs[0] == "" {
		s.Fatalf("sent without an id: %+v", sent)
	}
	return sent
}

// looks returns the message that the customer sees under an id.
func (s *session) looks(customer int, id string) Seen {
	s.Helper()
	all := s.all(customer)
	for _, m := range all {
		if m.ID == id {
			return m
		}
	}
	s.Fatalf("the customer does not see %s; he sees %+v", id, all)
	return Seen{}
}

func (s *session) all(customer int) []Seen {
	s.Helper()
	all, err := s.p.Seen(customer)
	if err != nil {
		s.Fatalf("what the customer sees: %v", err)
	}
	return all
}

// fails sends and insists on a *channel.SendError.
func (s *session) fails(o channel.Outgoing) *channel.SendError {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	_, err := s.adapter.Send(ctx, o)
	return s.sendError(err)
}

func (s *session) sendError(err error) *channel.SendError {
	s.Helper()
	if err == nil {
		s.Fatal("it must fail, but did not")
	}
	se, ok := errors.AsType[*channel.SendError](err)
	if !ok {
		s.Fatalf("the error is not a *channel.SendError: %T %v", err, err)
	}
	if se.Reason == "" {
		s.Errorf("an error without a reason: %v", se)
	}
	for name, secret := range s.account.Secrets {
		if secret != "" && (strings.Contains(err.Error(), secret) || strings.Contains(se.Detail, secret)) {
			s.Errorf("the error holds the secret %q", name)
		}
	}
	if strings.Contains(se.Detail, "://") {
		s.Errorf("the detail holds an address: %s", se.Detail)
	}
	return se
}
