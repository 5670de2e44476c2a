// Package presence tells desk phones whether colleagues are on the phone:
// subscriptions to the event "dialog" (RFC 6665, RFC 4235), which light the
// lamps of busy-lamp fields.
package presence

import (
	"context"
	"encoding/xml"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
)

// Limits of subscriptions.
const (
	minExpires  = 60 * time.Second
	maxExpires  = time.Hour
	perWatcher  = 200 // lamps of one phone
	eventDialog = "dialog"
	contentType = "application/dialog-info+xml"
)

// Phase is what a call of an extension is doing.
type Phase string

// The phases, as RFC 4235 names them.
const (
	Trying    Phase = "trying"    // it calls
	Early     Phase = "early"     // it rings, or is rung
	Confirmed Phase = "confirmed" // it talks
)

// Call is one call of an extension.
type Call struct {
	ID       string
	Phase    Phase
	Incoming bool
	// Remote is who is at the other end; "" keeps it from the watchers.
	Remote string
}

// Config is what a Board needs.
type Config struct {
	Transactions *transaction.Layer
	Contact      func(f *transport.Flow) message.URI
	SentBy       func(f *transport.Flow) string
	Domain       string
	// May reports whether an extension may watch another and whether there
	// is such a one.
	May func(ctx context.Context, watcher, user string) bool
	Now func() time.Time
}

// Board knows what extensions do and who watches.
type Board struct {
	cfg Config

	mu    sync.Mutex
	calls map[string][]Call
	subs  map[string]*subscription // by Call-ID and our tag
}

type subscription struct {
	watcher, user string
	callID        string
	localTag      string
	local, remote message.Address
	target        message.URI
	routes        []string
	flow          *transport.Flow
	event         string
	seq, peerSeq  uint32
	version       uint32
	expires       time.Time
}

// New returns an empty board.
func New(cfg Config) *Board {
	if cfg.SentBy == nil {
		cfg.SentBy = func(*transport.Flow) string { return "" }
	}
	return &Board{cfg: cfg, calls: map[string][]Call{}, subs: map[string]*subscription{}}
}

func key(callID, tag string) string { return callID + "\x00" + tag }

// Has reports whether a request belongs to a subscription.
func (b *Board) Has(req *message.Message) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, ok := b.subs[key(req.CallID(), req.To().Tag())]
	return ok
}

// Watchers returns how many subscriptions there are.
func (b *Board) Watchers() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.subs)
}

// Subscribe works on a SUBSCRIBE of an extension that has proved to be it,
// new or within a subscription.
func (b *Board) Subscribe(ctx context.Context, s *transaction.Server, watcher string) {
	req := s.Request()
	event, _, _ := strings.Cut(req.Get("Event"), ";")
	if strings.TrimSpace(event) != eventDialog {
		res := s.Response(489)
		res.Add("Allow-Events", eventDialog)
		s.Respond(res)
		return
	}
	expires := maxExpires
	if n, ok := req.Number("Expires"); ok {
		expires = min(time.Duration(n)*time.Second, maxExpires)
	}
	if expires > 0 && expires < minExpires {
		res := s.Response(423)
		res.Add("Min-Expires", strconv.Itoa(int(minExpires/time.Second)))
		s.Respond(res)
		return
	}
	sub, status := b.find(ctx, s, watcher)
	if status != 200 {
		s.Reply(status)
		return
	}
	now := b.cfg.Now()
	b.mu.Lock()
	sub.expires = now.Add(expires)
	sub.flow = s.Flow()
	sub.event = req.Get("Event")
	if a, ok := req.Contact(); ok {
		sub.target = a.URI
	}
	b.subs[key(sub.callID, sub.localTag)] = sub
	b.mu.Unlock()
	res := s.Response(200)
	res.Add("Expires", strconv.Itoa(int(expires/time.Second)))
	res.Add("Contact", message.Address{URI: b.cfg.Contact(s.Flow())}.String())
	s.Respond(res)
	b.notify(sub) // always, also at its end (RFC 6665 section 4.2.1.2)
}

// find returns the subscription a request is for, or a new one.
func (b *Board) find(ctx context.Context, s *transaction.Server, watcher string) (*subscription, int) {
	req := s.Request()
	n, _ := req.CSeq()
	if tag := req.To().Tag(); tag != "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		sub := b.subs[key(req.CallID(), tag)]
		switch {
		case sub == nil || sub.watcher != watcher || sub.remote.Tag() != req.From().Tag():
			return nil, 481
		case n <= sub.peerSeq:
			return nil, 500
		}
		sub.peerSeq = n
		return sub, 200
	}
	contact, ok := req.Contact()
	user := req.URI.Name()
	switch {
	case !ok:
		return nil, 400
	case !b.cfg.May(ctx, watcher, user):
		return nil, 404
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	count := 0
	for _, x := range b.subs {
		if x.watcher == watcher {
			count++
		}
	}
	if count >= perWatcher {
		return nil, 403
	}
	return &subscription{
		watcher: watcher, user: user, callID: req.CallID(), localTag: s.Tag(), local: req.To().WithTag(s.Tag()), remote: req.From(),
		target: contact.URI, routes: req.All("Record-Route"), flow: s.Flow(), peerSeq: n,
	}, 200
}

// Set says what an extension is doing; watchers are told if it changed.
func (b *Board) Set(user string, calls []Call) {
	b.mu.Lock()
	if equal(b.calls[user], calls) {
		b.mu.Unlock()
		return
	}
	if len(calls) == 0 {
		delete(b.calls, user)
	} else {
		b.calls[user] = append([]Call(nil), calls...)
	}
	var tell []*subscription
	for _, s := range b.subs {
		if s.user == user {
			tell = append(tell, s)
		}
	}
	b.mu.Unlock()
	for _, s := range tell {
		b.notify(s)
	}
}

func equal(a, b []Call) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

type dialogInfo struct {
	XMLName xml.Name     `xml:"urn:ietf:params:xml:ns:dialog-info dialog-info"`
	Version uint32       `xml:"version,attr"`
	State   string       `xml:"state,attr"`
	Entity  string       `xml:"entity,attr"`
	Dialogs []dialogElem `xml:"dialog"`
}

type dialogElem struct {
	ID        string      `xml:"id,attr"`
	Direction string      `xml:"direction,attr,omitempty"`
	State     string      `xml:"state"`
	Remote    *remoteElem `xml:"remote,omitempty"`
}

type remoteElem struct {
	Identity string `xml:"identity"`
}

// document writes what a watcher is told.
func (b *Board) document(s *subscription, calls []Call) ([]byte, error) {
	d := dialogInfo{Version: s.version, State: "full", Entity: "sip:" + message.Escape(s.user) + "@" + b.cfg.Domain}
	for _, c := range calls {
		e := dialogElem{ID: c.ID, Direction: "initiator", State: string(c.Phase)}
		if c.Incoming {
			e.Direction = "recipient"
		}
		if c.Remote != "" {
			e.Remote = &remoteElem{Identity: "sip:" + message.Escape(c.Remote) + "@" + b.cfg.Domain}
		}
		d.Dialogs = append(d.Dialogs, e)
	}
	body, err := xml.Marshal(d)
	return append([]byte(xml.Header), body...), err
}

func (b *Board) notify(s *subscription) {
	now := b.cfg.Now()
	b.mu.Lock()
	m := message.NewRequest(message.Notify, s.target)
	for _, r := range s.routes {
		m.Add("Route", r)
	}
	s.seq++
	m.Add("From", s.local.String())
	m.Add("To", s.remote.String())
	m.Add("Call-ID", s.callID)
	m.SetCSeq(s.seq, message.Notify)
	m.Add("Event", s.event)
	left := int((s.expires.Sub(now) + time.Second/2) / time.Second)
	over := left <= 0
	if over {
		m.Add("Subscription-State", "terminated;reason=timeout")
		delete(b.subs, key(s.callID, s.localTag))
	} else {
		m.Add("Subscription-State", "active;expires="+strconv.Itoa(left))
	}
	body, err := b.document(s, b.calls[s.user])
	s.version++
	f := s.flow
	b.mu.Unlock()
	if err != nil {
		return // text of our own always marshals
	}
	m.Add("Contact", message.Address{URI: b.cfg.Contact(f)}.String())
	m.SetBody(contentType, body)
	b.cfg.Transactions.Request(f, m, b.cfg.SentBy(f), func(res *message.Message, err error) {
		if err != nil || res.Status == 481 || res.Status == 489 || res.Status == 408 {
			b.mu.Lock() // nobody is there any more
			delete(b.subs, key(s.callID, s.localTag))
			b.mu.Unlock()
		}
	})
}

// Run ends subscriptions that were not renewed, until the context ends.
func (b *Board) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			now := b.cfg.Now()
			var late []*subscription
			b.mu.Lock()
			for _, s := range b.subs {
				if now.After(s.expires) {
					late = append(late, s)
				}
			}
			b.mu.Unlock()
			for _, s := range late {
				b.notify(s)
			}
		}
	}
}
