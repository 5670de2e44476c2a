package webchat

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/fault"
)

const (
	pageSize = 50
	// maxWait is the longest that a poll is held.
	maxWait = 25 * time.Second
)

// batch is news for a widget, over a socket or in answer to a poll.
type batch struct {
	Type    string  `json:"type"` // "batch"
	Entries []shown `json:"entries"`
	// More says that there is more of the same at once.
	More bool `json:"more"`
	marks
	Activity channel.Activity `json:"activity,omitempty"`
}

func sameText(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// show is an entry as the widget gets it.
func (p *Platform) show(e visitor.Entry) (shown, error) {
	b, err := readBody(e)
	if err != nil {
		return shown{}, err
	}
	for i := range b.Files {
		b.Files[i].URL = p.fileURL(e.Channel, b.Files[i].ID)
	}
	return shown{
		Seq: e.Seq, ID: e.Key, Kind: e.Kind, Own: e.Own, Ref: e.Ref, Author: e.Author, At: e.At,
		Deleted: e.Kind == visitor.Message && len(e.Body) == 0, body: b,
	}, nil
}

func (p *Platform) showAll(list []visitor.Entry) ([]shown, error) {
	out := make([]shown, 0, len(list))
	for _, e := range list {
		s, err := p.show(e)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// news reads what came after seq, with the marks as they are now.
func (p *Platform) news(ctx context.Context, ch channel.ID, id visitor.ID, seq int64) (batch, error) {
	list, err := p.deps.Log.After(ctx, ch, id, seq, pageSize)
	if err != nil {
		return batch{}, err
	}
	v, err := p.deps.Visitors.Get(ctx, ch, id)
	if err != nil {
		return batch{}, err
	}
	entries, err := p.showAll(list)
	if err != nil {
		return batch{}, err
	}
	return batch{Type: "batch", Entries: entries, More: len(list) == pageSize, marks: marksOf(v)}, nil
}

// getEntries answers "?before=SEQ" with a page of history (0: the newest) and
// "?after=SEQ&wait=SECONDS" with news, waiting for some if there are none.
func (p *Platform) getEntries(c *call) error {
	number := func(name string) (int64, error) {
		s := c.r.URL.Query().Get(name)
		if s == "" {
			return 0, nil
		}
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 {
			return 0, fault.Invalidf(name, "widget.number_invalid", "%s=%q", name, shorten(s, maxField))
		}
		return n, nil
	}
	after, err := number("after")
	if err != nil {
		return err
	}
	before, err := number("before")
	if err != nil {
		return err
	}
	wait, err := number("wait")
	if err != nil {
		return err
	}
	if c.r.URL.Query().Has("before") {
		return p.history(c, before)
	}
	out, err := p.poll(c, after, min(time.Duration(min(wait, int64(maxWait/time.Second)))*time.Second, maxWait))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, out)
}

func (p *Platform) history(c *call, before int64) error {
	list, err := p.deps.Log.Before(c.r.Context(), c.channel, c.visitor.ID, before, pageSize)
	if err != nil {
		return err
	}
	entries, err := p.showAll(list)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, batch{Type: "batch", Entries: entries, More: len(list) == pageSize, marks: marksOf(c.visitor)})
}

func (p *Platform) poll(c *call, after int64, wait time.Duration) (batch, error) {
	ctx := c.r.Context()
	if wait == 0 {
		return p.news(ctx, c.channel, c.visitor.ID, after)
	}
	if !p.enter() {
		return batch{}, fault.New(fault.Unavailable, "widget.closing")
	}
	defer p.leave()
	l, stop, err := p.listen(c.channel, c.visitor.ID)
	if err != nil {
		return batch{}, err
	}
	defer stop()
	if err := http.NewResponseController(c.w).SetWriteDeadline(p.deps.Now().Add(wait + maxWait)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return batch{}, fault.Wrap(fault.Unavailable, "widget.poll_failed", err)
	}
	out, err := p.news(ctx, c.channel, c.visitor.ID, after)
	if err != nil || len(out.Entries) > 0 {
		return out, err
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-l.wake:
		return p.news(ctx, c.channel, c.visitor.ID, after)
	case out.Activity = <-l.activity:
	case <-timer.C:
	case <-ctx.Done():
		return batch{}, fault.Wrap(fault.Unavailable, "widget.gone", ctx.Err())
	case <-p.ctx.Done():
	}
	return out, nil
}

// listen registers a live connection within the visitor's limit.
func (p *Platform) listen(ch channel.ID, v visitor.ID) (*listener, func(), error) {
	if p.hub.listening(ch, v) >= p.deps.Limits.Live {
		return nil, nil, fault.New(fault.RateLimited, "widget.too_many_connections").After(maxWait)
	}
	l, stop := p.hub.listen(ch, v)
	return l, stop, nil
}

// marksRequest says how far the visitor got; the ids are of messages of the
// business.
type marksRequest struct {
	Delivered string `json:"delivered,omitempty"`
	Read      string `json:"read,omitempty"`
}

func (p *Platform) postMarks(c *call) error {
	var q marksRequest
	if err := c.read(&q); err != nil {
		return err
	}
	if err := p.limits.signals.take(string(c.visitor.ID), 1); err != nil {
		return err
	}
	if err := p.mark(c.r.Context(), &c.visitor, q); err != nil {
		return err
	}
	return c.done()
}

// mark moves the visitor's marks. The workspace is told first: repeating
// that changes nothing, and a crash in between loses nothing.
func (p *Platform) mark(ctx context.Context, v *visitor.Visitor, q marksRequest) error {
	for _, m := range []struct {
		key   string
		state channel.DeliveryState
		at    *int64
	}{{q.Delivered, channel.StateDelivered, &v.Delivered}, {q.Read, channel.StateRead, &v.Read}} {
		if m.key == "" {
			continue
		}
		e, err := p.deps.Log.Find(ctx, v.Channel, v.ID, m.key)
		if err != nil && fault.KindOf(err) == fault.NotFound || err == nil && (!e.Own || e.Kind != visitor.Message) {
			return fault.New(fault.Invalid, "widget.message_unknown").WithField(string(m.state))
		}
		if err != nil {
			return err
		}
		if e.Seq <= *m.at {
			continue
		}
		u := update{Type: updateStatus, Chat: string(v.ID), Person: personOf(*v), At: p.now(), ID: e.Key, State: m.state}
		raw, err := u.raw(strings.Join([]string{"status", string(m.state), string(v.ID), e.Key}, "."))
		if err != nil {
			return err
		}
		if err := p.deps.Intake.Ingest(ctx, v.Channel, []channel.Raw{raw}); err != nil {
			return err
		}
		state := m.state
		if *v, err = p.deps.Visitors.Update(ctx, v.Channel, v.ID, func(v *visitor.Visitor) error {
			if state == channel.StateRead {
				v.Read = max(v.Read, e.Seq)
			}
			v.Delivered = max(v.Delivered, e.Seq)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (p *Platform) postTyping(c *call) error {
	if err := p.limits.signals.take(string(c.visitor.ID), 1); err != nil {
		return err
	}
	p.typing(c.r.Context(), c.visitor)
	return c.done()
}

func (p *Platform) typing(ctx context.Context, v visitor.Visitor) {
	p.deps.Transient(ctx, v.Channel, channel.Update{
		Chat: channel.Chat{Key: string(v.ID)}, At: p.now(), Sender: personOf(v).sender(v.Channel), Typing: &channel.Typing{},
	})
}
