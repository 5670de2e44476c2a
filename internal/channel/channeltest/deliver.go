package channeltest

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
)

// deliveryCases: updates keep their identity and order, and only the platform
// is believed.
func deliveryCases() map[string]func(*session) {
	return map[string]func(*session){
		"the same delivery has the same key":  (*session).sameKey,
		"each update has its own key":         (*session).ownKeys,
		"a chat has one order":                (*session).oneOrder,
		"an unsigned request is refused":      (*session).unsigned,
		"a wrongly signed request is refused": (*session).wronglySigned,
		"a changed body is refused": func(s *session) {
			if b, ok := s.p.(BodySigner); !ok || !b.SignsBody() {
				s.Skip("the platform does not sign bodies")
			}
			req := s.request()
			req.Body = append(slices.Clone(req.Body), ' ')
			s.refuses(req)
		},
	}
}

// sameKey: what Okno could not store comes again and is recognised.
func (s *session) sameKey() {
	hook := s.p.Hook()
	if hook == nil {
		s.pollsAgain()
		return
	}
	s.meet(0)
	hook.refuseNext(1)
	id := s.do(Action{Verb: Write, Text: "ещё раз"})
	s.message(id)
	refused := hook.refusedRaws()
	if len(refused) == 0 {
		s.Fatal("nothing was refused")
	}
	for _, raw := range refused {
		if !slices.ContainsFunc(s.seen, func(r channel.Raw) bool { return r.Key == raw.Key && r.Order == raw.Order }) {
			s.Errorf("the update %q did not come again under the same key and order", raw.Key)
		}
	}
}

// pollsAgain: a poll whose updates were not committed gives them again.
func (s *session) pollsAgain() {
	s.meet(0)
	s.stopPoll()
	s.do(Action{Verb: Write, Text: "ещё раз"})
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	keys := func() []string {
		for {
			raws, _, err := s.pollOnce(ctx, s.cursor)
			if err != nil {
				s.Fatalf("poll: %v", err)
			}
			var out []string
			for _, r := range raws {
				out = append(out, r.Key)
			}
			if len(out) > 0 {
				return out
			}
		}
	}
	if a, b := keys(), keys(); !slices.Equal(a, b) {
		s.Errorf("polling again from the same cursor gives %v, then %v", a, b)
	}
}

func (s *session) ownKeys() {
	for i := range 3 {
		s.message(s.do(Action{Verb: Write, Text: strconv.Itoa(i)}))
	}
	s.message(s.do(Action{Verb: Write, Customer: 1, Text: "0"}))
	keys := map[string]bool{}
	for _, raw := range s.seen {
		if keys[raw.Key] {
			s.Errorf("two updates have the key %q", raw.Key)
		}
		keys[raw.Key] = true
	}
}

func (s *session) oneOrder() {
	orderOf := func(customer int) string {
		u := s.message(s.do(Action{Verb: Write, Customer: customer, Text: "порядок"}))
		for _, raw := range s.seen {
			for _, x := range s.decodeQuietly(raw) {
				if x.Message != nil && x.Message.ExternalID == u.Message.ExternalID && x.Chat.Key == u.Chat.Key {
					return raw.Order
				}
			}
		}
		s.Fatal("the message's raw update is not there")
		return ""
	}
	a, b, other := orderOf(0), orderOf(0), orderOf(1)
	if a == "" || a != b || a == other {
		s.Errorf("orders %q and %q of one chat, %q of another: want equal, non-empty, different", a, b, other)
	}
}

func (s *session) decodeQuietly(raw channel.Raw) []channel.Update {
	updates, err := s.adapter.Decode(raw)
	if err != nil {
		return nil
	}
	return updates
}

// request returns a genuine delivery.
func (s *session) request() channel.Request {
	s.Helper()
	hook := s.p.Hook()
	if hook == nil {
		s.Skip("the adapter polls")
	}
	s.meet(0)
	req, ok := hook.last()
	if !ok {
		s.Fatal("no delivery was kept")
	}
	if raws, _, err := s.adapter.(channel.Webhook).Accept(req); err != nil || len(raws) == 0 {
		s.Fatalf("a genuine request is refused: %v", err)
	}
	return req
}

func (s *session) refuses(req channel.Request) {
	s.Helper()
	raws, _, err := s.adapter.(channel.Webhook).Accept(req)
	if fault.KindOf(err) != fault.Unauthenticated || len(raws) != 0 {
		s.Errorf("accepted with %d updates, error %v; want unauthenticated", len(raws), err)
	}
}

func (s *session) unsigned() {
	req := s.request()
	req.Header = map[string][]string{"Content-Type": {"application/json"}}
	s.refuses(req)
}

func (s *session) wronglySigned() {
	req := s.request()
	header := map[string][]string{}
	for name, values := range req.Header {
		for _, v := range values {
			if v != "" { // the last character becomes another one
				v = v[:len(v)-1] + string(rune('a'+(v[len(v)-1]+1)%6))
			}
			header[name] = append(header[name], v)
		}
	}
	req.Header = header
	s.refuses(req)
	req.Header = map[string][]string{}
	for name := range header {
		req.Header[name] = []string{"", ""}
	}
	s.refuses(req)
}

// settled waits until nothing more arrives for a moment, for cases that show
// an absence.
func (s *session) settled() {
	for {
		select {
		case raw := <-s.raws:
			s.pending = append(s.pending, s.decode(raw)...)
		case <-time.After(100 * time.Millisecond):
			return
		}
	}
}
