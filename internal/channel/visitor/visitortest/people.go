package visitortest

import (
	"errors"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/fault"
)

func (s *suite) visitors() {
	want := s.visitor(s.ch, "a")
	s.visitor(s.ch, "b")
	got, err := s.Visitors.Get(s.Context(), s.ch, "a")
	s.ok(err)
	for _, at := range []*time.Time{&got.ConsentAt, &got.CreatedAt, &got.SeenAt} {
		*at = at.UTC() // the place of a clock is not kept
	}
	if got != want {
		s.Errorf("got %+v, want %+v", got, want)
	}
	if got, err = s.Visitors.ByToken(s.Context(), s.ch, visitor.HashToken("token b")); err != nil || got.ID != "b" {
		s.Errorf("by token: %+v, %v", got, err)
	}
	_, err = s.Visitors.Get(s.Context(), s.Channels[1], "a")
	s.is(err, fault.NotFound)
	_, err = s.Visitors.ByToken(s.Context(), s.Channels[1], visitor.HashToken("token a"))
	s.is(err, fault.NotFound)
	_, err = s.Visitors.Get(s.Context(), s.ch, "nobody")
	s.is(err, fault.NotFound)
	_, err = s.Visitors.Update(s.Context(), s.ch, "nobody", func(*visitor.Visitor) error { return nil })
	s.is(err, fault.NotFound)
}

func (s *suite) users() {
	a := visitor.Visitor{ID: "a", Channel: s.ch, UserID: "42", CreatedAt: now(), SeenAt: now()}
	s.ok(s.Visitors.Create(s.Context(), a, visitor.HashToken("1")))
	b := a
	b.ID = "b"
	s.is(s.Visitors.Create(s.Context(), b, visitor.HashToken("2")), fault.Conflict)
	_, err := s.Visitors.ByToken(s.Context(), s.ch, visitor.HashToken("2"))
	s.is(err, fault.NotFound)
	b.Channel = s.Channels[1] // another site's users are others
	s.ok(s.Visitors.Create(s.Context(), b, visitor.HashToken("3")))
	s.visitor(s.ch, "c")
	s.visitor(s.ch, "d") // many without a user
	_, err = s.Visitors.Update(s.Context(), s.ch, "c", func(v *visitor.Visitor) error { v.UserID = "42"; return nil })
	s.is(err, fault.Conflict)
	got, err := s.Visitors.ByUser(s.Context(), s.ch, "42")
	if err != nil || got.ID != "a" {
		s.Errorf("by user: %+v, %v", got, err)
	}
	_, err = s.Visitors.ByUser(s.Context(), s.ch, "43")
	s.is(err, fault.NotFound)
	_, err = s.Visitors.ByUser(s.Context(), s.ch, "")
	s.is(err, fault.NotFound)
}

func (s *suite) tokens() {
	s.visitor(s.ch, "a")
	second := visitor.HashToken("second")
	s.ok(s.Visitors.AddToken(s.Context(), s.ch, "a", second))
	for _, hash := range [][]byte{second, visitor.HashToken("token a")} {
		if got, err := s.Visitors.ByToken(s.Context(), s.ch, hash); err != nil || got.ID != "a" {
			s.Errorf("by token: %+v, %v", got, err)
		}
	}
	s.ok(s.Visitors.DropToken(s.Context(), s.ch, second))
	s.ok(s.Visitors.DropToken(s.Context(), s.ch, second))
	_, err := s.Visitors.ByToken(s.Context(), s.ch, second)
	s.is(err, fault.NotFound)
	_, err = s.Visitors.ByToken(s.Context(), s.ch, visitor.HashToken("token a"))
	s.ok(err)
}

func (s *suite) updates() {
	s.visitor(s.ch, "a")
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = s.Visitors.Update(s.Context(), s.ch, "a", func(v *visitor.Visitor) error { v.Read++; return nil })
		})
	}
	wg.Wait()
	s.ok(errors.Join(errs...))
	refused := errors.New("refused")
	_, err := s.Visitors.Update(s.Context(), s.ch, "a", func(v *visitor.Visitor) error { v.Read = 1000; return refused })
	if !errors.Is(err, refused) {
		s.Errorf("error %v, want the change's own", err)
	}
	if v, err := s.Visitors.Get(s.Context(), s.ch, "a"); err != nil || v.Read != 20 {
		s.Errorf("read %d, want 20, error %v", v.Read, err)
	}
}
