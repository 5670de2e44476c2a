package webchat

import (
	"net/http"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/fault"
)

// messageRequest is something the visitor says: a text with files, his
// particulars, or the press of a button.
type messageRequest struct {
	// ClientID is made by the browser: the same one again is the same message.
	ClientID string           `json:"client_id"`
	Text     string           `json:"text,omitempty"`
	Files    []string         `json:"files,omitempty"`
	ReplyTo  string           `json:"reply_to,omitempty"`
	Profile  *visitor.Profile `json:"profile,omitempty"`
	Press    *struct {
		ID  string `json:"id"`
		Row int    `json:"row"`
		Col int    `json:"col"`
	} `json:"press,omitempty"`
	Page string `json:"page,omitempty"`
}

// Lengths of a client's own ids.
const (
	minClientID = 8
	maxClientID = 64
)

func clientID(s string) bool {
	return len(s) >= minClientID && len(s) <= maxClientID &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}

// createMessage commits what the visitor says and only then answers: 201, or
// 200 when it was there already.
func (p *Platform) createMessage(c *call) error {
	if err := p.limits.messages.take(string(c.visitor.ID), 1); err != nil {
		return err
	}
	var q messageRequest
	if err := c.read(&q); err != nil {
		return err
	}
	if !clientID(q.ClientID) {
		return fault.New(fault.Invalid, "widget.client_id_invalid").WithField("client_id")
	}
	if c.settings.consent && c.visitor.ConsentAt.IsZero() {
		return fault.New(fault.Denied, "widget.consent_required")
	}
	e := visitor.Entry{
		Channel: c.channel, Visitor: c.visitor.ID, Key: string(c.visitor.ID) + "." + q.ClientID, Kind: visitor.Message, At: p.now(),
	}
	u := update{Type: updateMessage, Chat: string(c.visitor.ID), At: e.At, ID: e.Key, Page: pageURL(q.Page)}
	var b body
	var err error
	switch {
	case q.Profile != nil:
		b, err = p.profileMessage(c, *q.Profile)
	case q.Press != nil:
		e.Kind, u.Type = visitor.Press, updatePress
		b, err = p.press(c, q, &u)
		e.Ref = u.ReplyTo
	default:
		b, err = p.plainMessage(c, q, &u)
	}
	if err != nil {
		return err
	}
	if e.Body, err = writeBody(b); err != nil {
		return err
	}
	u.Person = personOf(c.visitor)
	if q.Profile != nil {
		u.Person.SaysPhone, u.Person.SaysEmail = c.visitor.Profile.Phone, c.visitor.Profile.Email
	}
	if u.Type == updateMessage {
		u.Body = &b
	}
	raw, err := u.raw(string(u.Type) + "." + e.Key)
	if err != nil {
		return err
	}
	stored, created, err := p.deps.Intake.Accept(c.r.Context(), e, raw)
	if err != nil {
		return err
	}
	p.signal(Signal{Channel: c.channel, Visitor: c.visitor.ID}) // his other tabs
	out, err := p.show(stored)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	return c.json(status, out)
}

// profileMessage keeps what the visitor says of himself. On the timeline it
// is a card: a stranger's word that agents may check, not a proof.
func (p *Platform) profileMessage(c *call, given visitor.Profile) (body, error) {
	given, err := cleanProfile(given)
	if err != nil {
		return body{}, err
	}
	if given == (visitor.Profile{}) {
		return body{}, fault.New(fault.Invalid, "widget.profile_empty").WithField("profile")
	}
	c.visitor, err = p.deps.Visitors.Update(c.r.Context(), c.channel, c.visitor.ID, func(v *visitor.Visitor) error {
		v.Profile = given.Or(v.Profile)
		return nil
	})
	if err != nil {
		return body{}, err
	}
	card := channel.Card{Name: given.Name}
	if given.Phone != "" {
		card.Phones = []string{given.Phone}
	}
	if given.Email != "" {
		card.Emails = []string{given.Email}
	}
	return body{Contacts: []channel.Card{card}, Profile: true}, nil
}

// missing is the first required particular that a visitor has not given.
func (s settings) missing(v visitor.Visitor) string {
	have := v.SignedProfile.Or(v.Profile)
	for _, f := range []struct{ name, value string }{{"name", have.Name}, {"phone", have.Phone}, {"email", have.Email}} {
		if s.ask[f.name] == "required" && f.value == "" {
			return f.name
		}
	}
	return ""
}

func (p *Platform) plainMessage(c *call, q messageRequest, u *update) (body, error) {
	if field := c.settings.missing(c.visitor); field != "" {
		return body{}, fault.New(fault.Denied, "widget.profile_required").WithField(field)
	}
	b := body{Text: strings.TrimSpace(clean(q.Text))}
	if n := units(b.Text); n > MaxText {
		return b, fault.New(fault.TooLarge, "widget.text_too_long").WithField("text").With("limit", MaxText).With("length", n)
	}
	if blank(b.Text) {
		b.Text = ""
	}
	if b.Text == "" && len(q.Files) == 0 {
		return b, fault.New(fault.Invalid, "widget.message_empty").WithField("text")
	}
	if len(q.Files) > maxAlbum {
		return b, fault.New(fault.Invalid, "widget.too_many_files").WithField("files").With("limit", maxAlbum)
	}
	for _, id := range q.Files {
		f, err := p.deps.Files.Stat(c.r.Context(), c.channel, id)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return b, err
		}
		if err != nil || f.Visitor != c.visitor.ID {
			return b, fault.New(fault.Invalid, "widget.file_unknown").WithField("files")
		}
		b.Files = append(b.Files, refOf(f))
	}
	if q.ReplyTo != "" {
		quoted, err := p.quote(c.r.Context(), c.channel, c.visitor.ID, q.ReplyTo)
		if err != nil {
			return b, err
		}
		if quoted != nil { // a message deleted meanwhile: what is said still counts
			b.Quote, u.ReplyTo = quoted, q.ReplyTo
		}
	}
	return b, nil
}

// press checks that the button is there.
func (p *Platform) press(c *call, q messageRequest, u *update) (body, error) {
	gone := fault.New(fault.Invalid, "widget.button_unknown").WithField("press")
	e, err := p.deps.Log.Find(c.r.Context(), c.channel, c.visitor.ID, q.Press.ID)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return body{}, gone
		}
		return body{}, err
	}
	shown, err := readBody(e)
	if err != nil {
		return body{}, err
	}
	row, col := q.Press.Row, q.Press.Col
	if !e.Own || e.Kind != visitor.Message || row < 0 || row >= len(shown.Buttons) || col < 0 || col >= len(shown.Buttons[row]) {
		return body{}, gone
	}
	button := shown.Buttons[row][col]
	if button.Kind != channel.ButtonCallback {
		return body{}, gone
	}
	u.Button, u.ReplyTo = &button, e.Key
	quoted, err := quoteOf(e)
	if err != nil {
		return body{}, err
	}
	return body{Text: button.Text, Quote: quoted}, nil
}
