package visitortest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/fault"
)

func (s *suite) files() {
	s.visitor(s.ch, "a")
	want := visitor.File{
		Channel: s.ch, Visitor: "a", Key: "k", Kind: channel.Voice, Name: "голос.webm", MIME: "audio/webm", Duration: 1500 * time.Millisecond,
		Width: 3, Height: 4, Peaks: []byte{0, 128, 255},
	}
	got, err := s.Files.Put(s.Context(), want, bytes.NewReader([]byte("bytes")))
	s.ok(err)
	if got.ID == "" || got.Size != 5 {
		s.Errorf("file %+v", got)
	}
	want.ID, want.Size = got.ID, got.Size
	describe := func(f visitor.File) string { return fmt.Sprintf("%+v", f) }
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
	f := visitor.File{Channel: s.ch, Visitor: "a", Key: "k", Kind: channel.Document, Name: "a", MIME: "text/plain"}
	if _, err := s.Files.Put(s.Context(), f, &cut{2}); !errors.Is(err, io.ErrUnexpectedEOF) {
		s.Errorf("error %v, want the reader's own", err)
	}
	got, err := s.Files.Put(s.Context(), f, bytes.NewReader([]byte("whole")))
	if err != nil || got.Size != 5 {
		s.Errorf("after a broken upload: %+v, %v", got, err)
	}
}
