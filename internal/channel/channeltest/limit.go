package channeltest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
)

// limitCases: what is too much is refused before it is sent, and what just
// fits is sent.
func limitCases() map[string]func(*session) {
	return map[string]func(*session){
		"the longest text": func(s *session) {
			s.meet(0)
			text := strings.Repeat("я", s.can.Text)
			if got := s.looks(0, s.send(s.outgoing(0, channel.Content{Text: text})).ExternalIDs[0]); got.Text != text {
				s.Errorf("the customer sees %d units, want %d", units(got.Text), s.can.Text)
			}
		},
		"a text too long": func(s *session) {
			s.meet(0)
			s.tooBig(s.outgoing(0, channel.Content{Text: strings.Repeat("я", s.can.Text+1)}))
		},
		"nothing at all": func(s *session) {
			s.meet(0)
			if se := s.fails(s.outgoing(0, channel.Content{})); se.Outcome != channel.Failed {
				s.Errorf("an empty message: %+v, want failed", se)
			}
		},
	}
}

// buttonLimitCases: as many buttons as it says, and as long.
func buttonLimitCases() map[string]func(*session) {
	return map[string]func(*session){
		"too many buttons": func(s *session) {
			if s.can.Buttons.Max == 0 || !slices.Contains(s.can.Buttons.Kinds, channel.ButtonCallback) {
				s.Skip("no buttons")
			}
			s.meet(0)
			var rows [][]channel.Button
			for i := range s.can.Buttons.Max + 1 {
				rows = append(rows, []channel.Button{{Kind: channel.ButtonCallback, Text: fmt.Sprint("n", i), Payload: fmt.Sprint(i)}})
			}
			if se := s.fails(s.outgoing(0, channel.Content{Text: "?", Buttons: rows})); se.Outcome != channel.Failed || len(s.all(0)) != 0 {
				s.Errorf("%+v, want failed; the customer sees %d messages", se, len(s.all(0)))
			}
		},
		"the longest button": func(s *session) {
			if s.can.Buttons.Max == 0 || !slices.Contains(s.can.Buttons.Kinds, channel.ButtonCallback) {
				s.Skip("no buttons")
			}
			s.meet(0)
			b := channel.Button{Kind: channel.ButtonCallback, Text: strings.Repeat("я", s.can.Buttons.Text), Payload: strings.Repeat("p", s.can.Buttons.Payload)}
			if s.can.Buttons.Text == 0 || s.can.Buttons.Payload == 0 {
				s.Skip("no such limits")
			}
			id := s.send(s.outgoing(0, channel.Content{Text: "?", Buttons: [][]channel.Button{{b}}})).ExternalIDs[0]
			if got := s.looks(0, id).Buttons; len(got) != 1 || got[0].Text != b.Text {
				s.Fatalf("the customer sees %+v", got)
			}
			s.presses(id, b)
		},
		"several files where only one may be": func(s *session) {
			if s.can.Album > 1 {
				s.Skip("albums are allowed")
			}
			limit, ok := s.can.Attachments[channel.Image]
			if !ok {
				s.Skip("no pictures")
			}
			s.meet(0)
			file := Sample(s, channel.Image, limit.MIME...)
			if se := s.fails(files(s.outgoing(0, channel.Content{}), file, file)); se.Outcome != channel.Failed || se.Reason != channel.ReasonUnsupported {
				s.Errorf("%+v, want failed, unsupported", se)
			}
		},
		"a file that cannot be read": func(s *session) {
			limit, ok := s.can.Attachments[channel.Document]
			if !ok {
				s.Skip("no documents")
			}
			s.meet(0)
			o := files(s.outgoing(0, channel.Content{}), Sample(s, channel.Document, limit.MIME...))
			o.Open = func(context.Context, int) (io.ReadSeekCloser, int64, error) {
				return nil, 0, errors.New("disk is gone")
			}
			if se := s.fails(o); se.Outcome == channel.Uncertain || len(s.all(0)) != 0 {
				s.Errorf("%+v and the customer sees %+v; want not sent", se, s.all(0))
			}
		},
	}
}

// fileLimitCases: a file known to be too big is not even read.
func fileLimitCases() map[string]func(*session) {
	out := map[string]func(*session){}
	for _, kind := range []channel.AttachmentKind{channel.Image, channel.Video, channel.Audio, channel.Voice, channel.Document} {
		out["too big: "+string(kind)] = func(s *session) {
			limit, ok := s.can.Attachments[kind]
			if !ok || limit.MaxBytes == 0 {
				s.Skip("no such limit")
			}
			s.meet(0)
			file := Sample(s, kind, limit.MIME...)
			o := files(s.outgoing(0, channel.Content{}), file)
			o.Content.Attachments[0].Size = limit.MaxBytes + 1
			o.Open = func(context.Context, int) (io.ReadSeekCloser, int64, error) {
				return nopCloser{unread{s}}, limit.MaxBytes + 1, nil
			}
			s.tooBig(o)
		}
	}
	return out
}

// unread is a file that must not be read: its size says enough.
type unread struct{ s *session }

func (u unread) Read([]byte) (int, error) {
	u.s.Error("a file known to be too big was read")
	return 0, io.ErrUnexpectedEOF
}

func (u unread) Seek(int64, int) (int64, error) { return 0, nil }

func (s *session) tooBig(o channel.Outgoing) {
	s.Helper()
	if se := s.fails(o); se.Outcome != channel.Failed || se.Reason != channel.ReasonTooBig {
		s.Errorf("%+v, want failed, too_big", se)
	}
	if all := s.all(0); len(all) != 0 {
		s.Errorf("the customer sees %d messages", len(all))
	}
}
