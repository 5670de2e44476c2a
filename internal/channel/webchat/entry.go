package webchat

import (
	"encoding/json"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/fault"
)

// body is what an entry says.
type body struct {
	Text     string             `json:"text,omitempty"`
	Marks    []channel.Mark     `json:"marks,omitempty"`
	Files    []fileRef          `json:"files,omitempty"`
	Location *channel.Location  `json:"location,omitempty"`
	Contacts []channel.Card     `json:"contacts,omitempty"`
	Buttons  [][]channel.Button `json:"buttons,omitempty"`
	Quote    *quote             `json:"quote,omitempty"`
	Emoji    string             `json:"emoji,omitempty"`
	// Profile marks contacts that the visitor gave about himself.
	Profile bool `json:"profile,omitempty"`
}

// fileRef is a file of an entry.
type fileRef struct {
	ID       string                 `json:"id"`
	Kind     channel.AttachmentKind `json:"kind"`
	Name     string                 `json:"name"`
	MIME     string                 `json:"mime"`
	Size     int64                  `json:"size"`
	Duration float64                `json:"duration,omitempty"` // seconds
	Width    int                    `json:"width,omitempty"`
	Height   int                    `json:"height,omitempty"`
	Peaks    []int                  `json:"peaks,omitempty"` // 0…255
	// URL is filled in when the entry is served.
	URL string `json:"url,omitempty"`
}

// quote is what a message replies to, as it was then.
type quote struct {
	ID   string                 `json:"id"`
	Own  bool                   `json:"own,omitempty"`
	Text string                 `json:"text,omitempty"`
	Kind channel.AttachmentKind `json:"kind,omitempty"`
}

// quoteRunes bounds a quote's text.
const quoteRunes = 160

// quoteOf makes the quote of an entry.
func quoteOf(e visitor.Entry) (*quote, error) {
	b, err := readBody(e)
	if err != nil {
		return nil, err
	}
	q := &quote{ID: e.Key, Own: e.Own, Text: shorten(b.Text, quoteRunes)}
	if len(b.Files) > 0 {
		q.Kind = b.Files[0].Kind
	}
	return q, nil
}

func readBody(e visitor.Entry) (body, error) {
	var b body
	if len(e.Body) == 0 {
		return b, nil
	}
	if err := json.Unmarshal(e.Body, &b); err != nil {
		return b, fault.Wrap(fault.Internal, "widget.log_unreadable", err)
	}
	return b, nil
}

func writeBody(b body) ([]byte, error) {
	out, err := json.Marshal(b)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "widget.log_unwritable", err)
	}
	return out, nil
}

// shown is an entry as the widget gets it.
type shown struct {
	Seq     int64             `json:"seq"`
	ID      string            `json:"id"`
	Kind    visitor.EntryKind `json:"kind"`
	Own     bool              `json:"own"`
	Ref     string            `json:"ref,omitempty"`
	Author  string            `json:"author,omitempty"`
	At      time.Time         `json:"at"`
	Deleted bool              `json:"deleted,omitempty"`
	body
}
