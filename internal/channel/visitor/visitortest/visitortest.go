// Package visitortest is what every store of the website chat must pass: the
// promises of the ports of package visitor, tried out.
package visitortest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/fault"
)

// Stores are what is tried, over an empty database.
type Stores struct {
	Log      visitor.Log
	Intake   visitor.Intake
	Visitors visitor.Store
	Files    visitor.Files
	// Channels are two webchat channels that exist.
	Channels [2]channel.ID
	// Ingested lists the keys of a channel's raw updates in the order they
	// came.
	Ingested func(context.Context, channel.ID) ([]string, error)
}

// suite is one case over fresh stores.
type suite struct {
	*testing.T
	Stores
	ch channel.ID
}

// Run runs the suite; open is called for fresh stores per case.
func Run(t *testing.T, open func(*testing.T) Stores) {
	t.Helper()
	for name, run := range map[string]func(*suite){
		"visitors": (*suite).visitors, "users are one": (*suite).users, "tokens": (*suite).tokens, "updates are whole": (*suite).updates,
		"log": (*suite).log, "log knows visitors": (*suite).strangers, "changes overwrite": (*suite).changes,
		"accept is one transaction": (*suite).accept, "ingest once": (*suite).ingest,
		"a reader misses nothing": (*suite).reader, "files": (*suite).files, "broken uploads leave nothing": (*suite).brokenUpload,
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			run(&suite{T: t, Stores: s, ch: s.Channels[0]})
		})
	}
}

func (s *suite) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *suite) is(err error, kind fault.Kind) {
	s.Helper()
	if err == nil || fault.KindOf(err) != kind {
		s.Errorf("error %v, want %s", err, kind)
	}
}

// now is a time as precise as stores must keep it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func (s *suite) visitor(ch channel.ID, id string) visitor.Visitor {
	s.Helper()
	v := visitor.Visitor{
		ID: visitor.ID(id), Channel: ch, Profile: visitor.Profile{Name: "Анна", Phone: "+7 900", Email: "a@b.ru"},
		SignedProfile: visitor.Profile{Name: "Анна К."}, Locale: "ru", Site: "https://shop.example", Page: "https://shop.example/a",
		Referrer: "https://search.example/", UserAgent: "Mozilla", ConsentAt: now(), ConsentText: "Согласен", CreatedAt: now(), SeenAt: now(),
	}
	s.ok(s.Visitors.Create(s.Context(), v, visitor.HashToken("token "+id)))
	return v
}

func entry(ch channel.ID, v, key string) visitor.Entry {
	return visitor.Entry{
		Channel: ch, Visitor: visitor.ID(v), Key: key, Kind: visitor.Message, Author: "Анна", At: now(), Body: []byte(`{"text":"` + key + `"}`),
	}
}

func (s *suite) log() {
	s.visitor(s.ch, "a")
	s.visitor(s.ch, "b")
	want := entry(s.ch, "a", "1")
	want.Own, want.Ref = true, "x"
	got, created, err := s.Log.Append(s.Context(), want)
	s.ok(err)
	want.Seq = got.Seq
	if !created || got.Seq < 1 || !same(got, want) {
		s.Errorf("got %+v, %v, want %+v", got, created, want)
	}
	for i := 2; i <= 5; i++ {
		_, _, err := s.Log.Append(s.Context(), entry(s.ch, "a", fmt.Sprint(i)))
		s.ok(err)
	}
	again := want
	again.Body = []byte(`{"text":"other"}`)
	if got, created, err = s.Log.Append(s.Context(), again); err != nil || created || !same(got, want) {
		s.Errorf("the same key again: %+v, %v, %v", got, created, err)
	}
	other, created, err := s.Log.Append(s.Context(), entry(s.ch, "b", "1")) // another visitor's keys are others
	if err != nil || !created || other.Visitor != "b" {
		s.Errorf("another visitor: %+v, %v, %v", other, created, err)
	}
	s.pages(want)
	if got, err = s.Log.Find(s.Context(), s.ch, "a", "1"); err != nil || !same(got, want) {
		s.Errorf("find: %+v, %v", got, err)
	}
	_, err = s.Log.Find(s.Context(), s.ch, "b", "2")
	s.is(err, fault.NotFound)
	_, err = s.Log.Find(s.Context(), s.Channels[1], "a", "1")
	s.is(err, fault.NotFound)
}

func (s *suite) pages(first visitor.Entry) {
	s.Helper()
	keys := func(list []visitor.Entry, err error) []string {
		s.Helper()
		s.ok(err)
		var out []string
		for _, e := range list {
			out = append(out, e.Key)
		}
		return out
	}
	third, err := s.Log.Find(s.Context(), s.ch, "a", "3")
	s.ok(err)
	for _, c := range []struct {
		got, want []string
	}{
		{keys(s.Log.After(s.Context(), s.ch, "a", 0, 10)), []string{"1", "2", "3", "4", "5"}},
		{keys(s.Log.After(s.Context(), s.ch, "a", first.Seq, 2)), []string{"2", "3"}},
		{keys(s.Log.After(s.Context(), s.ch, "a", 1<<40, 2)), nil},
		{keys(s.Log.Before(s.Context(), s.ch, "a", 0, 2)), []string{"4", "5"}},
		{keys(s.Log.Before(s.Context(), s.ch, "a", third.Seq, 1)), []string{"2"}},
		{keys(s.Log.Before(s.Context(), s.ch, "a", first.Seq, 9)), nil},
	} {
		if !slices.Equal(c.got, c.want) {
			s.Errorf("keys %v, want %v", c.got, c.want)
		}
	}
}

func same(a, b visitor.Entry) bool {
	return a.Channel == b.Channel && a.Visitor == b.Visitor && a.Seq == b.Seq && a.Key == b.Key && a.Kind == b.Kind && a.Own == b.Own &&
		a.Ref == b.Ref && a.Author == b.Author && a.At.Equal(b.At) && bytes.Equal(a.Body, b.Body)
}

func (s *suite) strangers() {
	_, _, err := s.Log.Append(s.Context(), entry(s.ch, "nobody", "1"))
	s.is(err, fault.NotFound)
	_, _, err = s.Intake.Accept(s.Context(), entry(s.ch, "nobody", "1"), channel.Raw{Key: "r", Order: "nobody", Body: []byte("{}"), ReceivedAt: now()})
	s.is(err, fault.NotFound)
	if keys, err := s.Ingested(s.Context(), s.ch); err != nil || len(keys) != 0 {
		s.Errorf("ingested %v, %v", keys, err)
	}
}

func (s *suite) changes() {
	s.visitor(s.ch, "a")
	s.visitor(s.ch, "b")
	for _, v := range []string{"a", "b"} {
		_, _, err := s.Log.Append(s.Context(), entry(s.ch, v, "1"))
		s.ok(err)
	}
	change := entry(s.ch, "a", "e")
	change.Kind, change.Ref, change.Body = visitor.Edit, "1", []byte(`{"text":"new"}`)
	body := func(v string) string {
		e, err := s.Log.Find(s.Context(), s.ch, visitor.ID(v), "1")
		s.ok(err)
		return string(e.Body)
	}
	_, _, err := s.Log.Append(s.Context(), change)
	s.ok(err)
	if body("a") != `{"text":"new"}` || body("b") != `{"text":"1"}` {
		s.Errorf("bodies %s and %s", body("a"), body("b"))
	}
	reaction := entry(s.ch, "a", "r")
	reaction.Kind, reaction.Ref, reaction.Body = visitor.Reaction, "1", []byte(`{"emoji":"👍"}`)
	_, _, err = s.Log.Append(s.Context(), reaction)
	s.ok(err)
	if body("a") != `{"text":"new"}` {
		s.Errorf("a reaction changed the body: %s", body("a"))
	}
	change.Key, change.Kind, change.Body = "d", visitor.Deletion, nil
	_, _, err = s.Log.Append(s.Context(), change)
	s.ok(err)
	if body("a") != "" {
		s.Errorf("a deleted body is still there: %s", body("a"))
	}
	// The old edit again changes nothing.
	change.Key, change.Kind, change.Body = "e", visitor.Edit, []byte(`{"text":"new"}`)
	if _, created, err := s.Log.Append(s.Context(), change); err != nil || created || body("a") != "" {
		s.Errorf("the old edit again: %v, %v, %s", created, err, body("a"))
	}
}

func (s *suite) accept() {
	s.visitor(s.ch, "a")
	raw := channel.Raw{Key: "message.1", Order: "a", Body: []byte(`{"v":1}`), ReceivedAt: now()}
	var wg sync.WaitGroup
	created := make([]bool, 10)
	errs := make([]error, len(created))
	for i := range created {
		wg.Go(func() { _, created[i], errs[i] = s.Intake.Accept(s.Context(), entry(s.ch, "a", "1"), raw) })
	}
	wg.Wait()
	s.ok(errors.Join(errs...))
	n := 0
	for _, c := range created {
		if c {
			n++
		}
	}
	keys, err := s.Ingested(s.Context(), s.ch)
	s.ok(err)
	list, err := s.Log.After(s.Context(), s.ch, "a", 0, 10)
	s.ok(err)
	if n != 1 || len(keys) != 1 || len(list) != 1 {
		s.Errorf("created %d times, ingested %v, %d entries; want one of each", n, keys, len(list))
	}
}

func (s *suite) ingest() {
	raw := func(key string) channel.Raw {
		return channel.Raw{Key: key, Order: "a", Body: []byte("{}"), ReceivedAt: now()}
	}
	s.ok(s.Intake.Ingest(s.Context(), s.ch, []channel.Raw{raw("1"), raw("2"), raw("1")}))
	s.ok(s.Intake.Ingest(s.Context(), s.ch, []channel.Raw{raw("2"), raw("3")}))
	s.ok(s.Intake.Ingest(s.Context(), s.Channels[1], []channel.Raw{raw("1")}))
	s.ok(s.Intake.Ingest(s.Context(), s.ch, nil))
	if keys, err := s.Ingested(s.Context(), s.ch); err != nil || !slices.Equal(keys, []string{"1", "2", "3"}) {
		s.Errorf("ingested %v, %v", keys, err)
	}
}

// reader: who remembers the last seq meets every entry once, in order, however
// many write at the same time.
func (s *suite) reader() {
	s.visitor(s.ch, "a")
	const writers, each = 8, 25
	var wg sync.WaitGroup
	errs := make([]error, writers)
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				_, _, err := s.Log.Append(s.Context(), entry(s.ch, "a", fmt.Sprintf("%d.%d", w, i)))
				errs[w] = errors.Join(errs[w], err)
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	seen := map[string]bool{}
	last := int64(0)
	for finished := false; ; {
		list, err := s.Log.After(s.Context(), s.ch, "a", last, 10)
		s.ok(err)
		for _, e := range list {
			if e.Seq <= last || seen[e.Key] {
				s.Fatalf("entry %d (%s) after %d", e.Seq, e.Key, last)
			}
			last, seen[e.Key] = e.Seq, true
		}
		if len(list) == 0 && finished {
			break
		}
		select {
		case <-done:
			finished = true
		default:
		}
	}
	s.ok(errors.Join(errs...))
	if len(seen) != writers*each {
		s.Errorf("saw %d entries of %d", len(seen), writers*each)
	}
}
