package inbox

import (
	"context"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
)

// fit checks a letter against what its channel can carry.
func (s *Service) fit(ctx context.Context, a access.Actor, c Conversation, l Letter) (Target, []File, error) {
	list, err := s.targets(ctx, c)
	if err != nil {
		return Target{}, nil, err
	}
	t, err := pick(list, l.Channel, l.Chat)
	if err != nil {
		return t, nil, err
	}
	files, err := s.toSend(ctx, a, l.Files)
	if err != nil {
		return t, nil, err
	}
	if t.TemplateOnly && l.Content.Template == nil {
		return t, nil, ErrWindowClosed
	}
	return t, files, fits(t.Capabilities, l, files)
}

// fits says whether a platform carries a letter, before it is queued.
func fits(can channel.Capabilities, l Letter, files []File) error {
	no := func(field string) *fault.Error { return ErrUnsupported.WithField(field) }
	c := l.Content
	limit := can.TextLimit(len(files) > 0, len(c.Buttons) > 0)
	if n := len(utf16.Encode([]rune(c.Text))); limit > 0 && n > limit {
		return ErrTooLong.WithField("content.text").With("limit", limit).With("length", n)
	}
	switch {
	case c.Template != nil && !can.Template:
		return no("content.template")
	case c.Location != nil && !can.Location:
		return no("content.location")
	case len(c.Contacts) > 0 && !can.Contact:
		return no("content.contacts")
	case l.ReplyTo != 0 && !can.Reply:
		return no("reply_to")
	}
	for _, f := range files {
		lim, ok := can.Attachments[f.Kind]
		if !ok {
			return no("file_ids").With("kind", string(f.Kind))
		}
		if lim.MaxBytes > 0 && f.Size > lim.MaxBytes {
			return ErrFileTooBig.WithField("file_ids").With("limit", lim.MaxBytes).With("name", f.Name)
		}
		if len(lim.MIME) > 0 && !slices.ContainsFunc(lim.MIME, func(p string) bool { return matchMIME(p, f.MIME) }) {
			return no("file_ids").With("kind", f.MIME)
		}
	}
	return fitsButtons(can.Buttons, c.Buttons)
}

func fitsButtons(can channel.ButtonLimit, rows [][]channel.Button) error {
	n := 0
	for _, row := range rows {
		for _, b := range row {
			n++
			if !slices.Contains(can.Kinds, b.Kind) || strings.TrimSpace(b.Text) == "" {
				return ErrUnsupported.WithField("content.buttons")
			}
			if can.Text > 0 && utf8.RuneCountInString(b.Text) > can.Text {
				return ErrTooLong.WithField("content.buttons").With("limit", can.Text)
			}
			if can.Payload > 0 && len(b.Payload) > can.Payload {
				return ErrTooLong.WithField("content.buttons").With("limit", can.Payload)
			}
		}
	}
	if n > 0 && n > can.Max {
		return ErrUnsupported.WithField("content.buttons").With("limit", can.Max)
	}
	return nil
}

// matchMIME compares a type with a pattern such as "audio/*", parameters
// aside.
func matchMIME(pattern, mime string) bool {
	mime, _, _ = strings.Cut(mime, ";")
	pattern, _, _ = strings.Cut(pattern, ";")
	if kind, ok := strings.CutSuffix(pattern, "/*"); ok {
		return strings.HasPrefix(mime, kind+"/")
	}
	return strings.EqualFold(strings.TrimSpace(pattern), strings.TrimSpace(mime))
}
