// Package webchattest is what every store of the website chat must pass: the
// promises of webchat's ports, tried out.
package webchattest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/webchat"
	"github.com/okno-hq/okno/internal/fault"
)

// Stores are what is tried, over an empty database.
type Stores struct {
	Log      webchat.Log
	Intake   webchat.Intake
	Visitors webchat.Visitors
	Files    webchat.Files
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

func (s *suite) visitor(ch channel.ID, id string) webchat.Visitor {
	s.Helper()
	v := webchat.Visitor{
		ID: webchat.VisitorID(id), Channel: ch, Profile: webchat.Profile{Name: "Анна", Phone: "+7 900", Email: "a@b.ru"},
		SignedProfile: webchat.Profile{Name: "Анна К."}, Locale: "ru", Site: "https://shop.example", Page: "https://shop.example/a",
		Referrer: "https://search.example/", UserAgent: "Mozilla", ConsentAt: now(), ConsentText: "Согласен", CreatedAt: now(), SeenAt: now(),
	}
	s.ok(s.Visitors.Create(s.Context(), v, webchat.HashToken("token "+id)))
	return v
}

func entry(ch channel.ID, v, key string) webchat.Entry {
	return webchat.Entry{
		Channel: ch, Visitor: webchat.VisitorID(v), Key: key, Kind: webchat.Message, Author: "Анна", At: now(), Body: []byte(`{"text":"` + key + `"}`),
	}
}

func (s *suite) visitors() {
	want := s.visitor(s.ch, "a")
	s.visitor(s.ch, "b")
	got, err := s.Visitors.Get(s.Context(), s.ch, "a")
	s.ok(err)
	if got != want {
		s.Errorf("got %+v, want %+v", got, want)
	}
	if got, err = s.Visitors.ByToken(s.Context(), s.ch, webchat.HashToken("token b")); err != nil || got.ID != "b" {
		s.Errorf("by token: %+v, %v", got, err)
	}
	_, err = s.Visitors.Get(s.Context(), s.Channels[1], "a")
	s.is(err, fault.NotFound)
	_, err = s.Visitors.ByToken(s.Context(), s.Channels[1], webchat.HashToken("token a"))
	s.is(err, fault.NotFound)
	_, err = s.Visitors.Get(s.Context(), s.ch, "nobody")
	s.is(err, fault.NotFound)
	_, err = s.Visitors.Update(s.Context(), s.ch, "nobody", func(*webchat.Visitor) error { return nil })
	s.is(err, fault.NotFound)
}

func (s *suite) users() {
	a := webchat.Visitor{ID: "a", Channel: s.ch, UserID: "42", CreatedAt: now(), SeenAt: now()}
	s.ok(s.Visitors.Create(s.Context(), a, webchat.HashToken("1")))
	b := a
	b.ID = "b"
	s.is(s.Visitors.Create(s.Context(), b, webchat.HashToken("2")), fault.Conflict)
	_, err := s.Visitors.ByToken(s.Context(), s.ch, webchat.HashToken("2"))
	s.is(err, fault.NotFound)
	b.Channel = s.Channels[1] // another site's users are others
	s.ok(s.Visitors.Create(s.Context(), b, webchat.HashToken("3")))
	s.visitor(s.ch, "c")
	s.visitor(s.ch, "d") // many without a user
	_, err = s.Visitors.Update(s.Context(), s.ch, "c", func(v *webchat.Visitor) error { v.UserID = "42"; return nil })
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
	second := webchat.HashToken("second")
	s.ok(s.Visitors.AddToken(s.Context(), s.ch, "a", second))
	for _, hash := range [][]byte{second, webchat.HashToken("token a")} {
		if got, err := s.Visitors.ByToken(s.Context(), s.ch, hash); err != nil || got.ID != "a" {
			s.Errorf("by token: %+v, %v", got, err)
		}
	}
	s.ok(s.Visitors.DropToken(s.Context(), s.ch, second))
	s.ok(s.Visitors.DropToken(s.Context(), s.ch, second))
	_, err := s.Visitors.ByToken(s.Context(), s.ch, second)
	s.is(err, fault.NotFound)
	_, err = s.Visitors.ByToken(s.Context(), s.ch, webchat.HashToken("token a"))
	s.ok(err)
}

func (s *suite) updates() {
	s.visitor(s.ch, "a")
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = s.Visitors.Update(s.Context(), s.ch, "a", func(v *webchat.Visitor) error { v.Read++; return nil })
		})
	}
	wg.Wait()
	s.ok(errors.Join(errs...))
	refused := errors.New("refused")
	_, err := s.Visitors.Update(s.Context(), s.ch, "a", func(v *webchat.Visitor) error { v.Read = 1000; return refused })
	if !errors.Is(err, refused) {
		s.Errorf("error %v, want the change's own", err)
	}
	if v, err := s.Visitors.Get(s.Context(), s.ch, "a"); err != nil || v.Read != 20 {
		s.Errorf("read %d, want 20, error %v", v.Read, err)
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

func (s *suite) pages(first webchat.Entry) {
	s.Helper()
	keys := func(list []webchat.Entry, err error) []string {
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

func same(a, b webchat.Entry) bool {
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
	change.Kind, change.Ref, change.Body = webchat.Edit, "1", []byte(`{"text":"new"}`)
	body := func(v string) string {
		e, err := s.Log.Find(s.Context(), s.ch, webchat.VisitorID(v), "1")
		s.ok(err)
		return string(e.Body)
	}
	_, _, err := s.Log.Append(s.Context(), change)
	s.ok(err)
	if body("a") != `{"text":"new"}` || body("b") != `{"text":"1"}` {
		s.Errorf("bodies %s and %s", body("a"), body("b"))
	}
	reaction := entry(s.ch, "a", "r")
	reaction.Kind, reaction.Ref, reaction.Body = webchat.Reaction, "1", []byte(`{"emoji":"👍"}`)
	_, _, err = s.Log.Append(s.Context(), reaction)
	s.ok(err)
	if body("a") != `{"text":"new"}` {
		s.Errorf("a reaction changed the body: %s", body("a"))
	}
	change.Key, change.Kind, change.Body = "d", webchat.Deletion, nil
	_, _, err = s.Log.Append(s.Context(), change)
	s.ok(err)
	if body("a") != "" {
		s.Errorf("a deleted body is still there: %s", body("a"))
	}
	// The old edit again changes nothing.
	change.Key, change.Kind, change.Body = "e", webchat.Edit, []byte(`{"text":"new"}`)
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

func (s *suite) files() {
	s.visitor(s.ch, "a")
	want := webchat.File{
		Channel: s.ch, Visitor: "a", Key: "k", Kind: channel.Voice, Name: "голос.webm", MIME: "audio/webm", Duration: 1500 * time.Millisecond,
		Width: 3, Height: 4, Peaks: []byte{0, 128, 255},
	}
	got, err := s.Files.Put(s.Context(), want, bytes.NewReader([]byte("bytes")))
	s.ok(err)
	if got.ID == "" || got.Size != 5 {
		s.Errorf("file %+v", got)
	}
	want.ID, want.Size = got.ID, got.Size
	describe := func(f webchat.File) string { return fmt.Sprintf("%+v", f) }
	if stat, err := s.Files.Stat(s.Context(), s.ch, got.ID); err != nil || describe(stat) != describe(want) {
		s.Errorf("stat %+v, want %+v, error %v", stat, want, err)
	}
	again, err := s.Files.Put(s.Context(), want, bytes.NewReader([]byte("others")))
	if err != nil || again.ID != got.ID || again.Size != 5 {
		s.Errorf("the same key again: %+v, %v", again, err)
	}
	_, r, err := s.Files.Open(s.Context(), s.ch, got.ID)
	s.ok(err)
	data, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil || string(data) != "bytes" {
		s.Errorf("bytes %q, %v", data, err)
	}
	for _, id := range []string{"", "x", "../x", got.ID + "0", "\x00"} {
		_, err = s.Files.Stat(s.Context(), s.ch, id)
		s.is(err, fault.NotFound)
		_, _, err = s.Files.Open(s.Context(), s.ch, id)
		s.is(err, fault.NotFound)
	}
	_, err = s.Files.Stat(s.Context(), s.Channels[1], got.ID)
	s.is(err, fault.NotFound)
	want.Key = ""
	first, err := s.Files.Put(s.Context(), want, bytes.NewReader(nil))
	s.ok(err)
	if second, err := s.Files.Put(s.Context(), want, bytes.NewReader(nil)); err != nil || second.ID == first.ID {
		s.Errorf("files without a key: %s and %s, %v", first.ID, second.ID, err)
	}
}

// cut is a connection that breaks off.
type cut struct{ n int }

func (c *cut) Read(b []byte) (int, error) {
	if c.n == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	c.n--
	return copy(b, "half"), nil
}

func (s *suite) brokenUpload() {
	s.visitor(s.ch, "a")
	f := webchat.File{Channel: s.ch, Visitor: "a", Key: "k", Kind: channel.Document, Name: "a", MIME: "text/plain"}
	if _, err := s.Files.Put(s.Context(), f, &cut{2}); !errors.Is(err, io.ErrUnexpectedEOF) {
		s.Errorf("error %v, want the reader's own", err)
	}
	got, err := s.Files.Put(s.Context(), f, bytes.NewReader([]byte("whole")))
	if err != nil || got.Size != 5 {
		s.Errorf("after a broken upload: %+v, %v", got, err)
	}
}
