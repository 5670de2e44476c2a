package webchat

import (
	"encoding/json"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
)

// person is the sender of an update, as he was then.
type person struct {
	ID     string `json:"id"`
	Name   string `json:"name,omitempty"`
	Phone  string `json:"phone,omitempty"`
	Email  string `json:"email,omitempty"`
	Locale string `json:"locale,omitempty"`
	// SaysPhone and SaysEmail are what he typed into the form.
	SaysPhone string `json:"says_phone,omitempty"`
	SaysEmail string `json:"says_email,omitempty"`
	// Consent is what he agreed to.
	Consent *channel.Consent `json:"consent,omitempty"`
}

// updateType says what a raw update of ours is.
type updateType string

const (
	updateMessage updateType = "message"
	updatePress   updateType = "press"
	updateStatus  updateType = "status"
	updateStart   updateType = "start"
	updateTyping  updateType = "typing"
	updatePerson  updateType = "person"
)

// update is the body of a raw update: the widget's own format, version 1.
type update struct {
	Version int        `json:"v"`
	Type    updateType `json:"type"`
	Chat    string     `json:"chat"`
	Person  person     `json:"person"`
	At      time.Time  `json:"at"`
	// ID is the entry's key, or for a status the key of the newest message
	// that it is about.
	ID      string `json:"id,omitempty"`
	ReplyTo string `json:"reply_to,omitempty"`
	// Page is where the visitor was.
	Page   string                `json:"page,omitempty"`
	Body   *body                 `json:"body,omitempty"`
	Button *channel.Button       `json:"button,omitempty"`
	State  channel.DeliveryState `json:"state,omitempty"`
	// Old is the person that Person was until now.
	Old *person `json:"old,omitempty"`
}

// maxID bounds the ids that Decode lets through; ours are a third of it.
const maxID = 200

func (u update) raw(key string) (channel.Raw, error) {
	u.Version = 1
	b, err := json.Marshal(u)
	if err != nil {
		return channel.Raw{}, fault.Wrap(fault.Internal, "widget.update_unwritable", err)
	}
	return channel.Raw{Key: key, Order: u.Chat, Body: b, ReceivedAt: u.At}, nil
}

// decode turns a raw update of ours into what happened.
func decode(ch channel.ID, raw channel.Raw) ([]channel.Update, error) {
	var u update
	if err := json.Unmarshal(raw.Body, &u); err != nil {
		return nil, fault.Wrap(fault.Invalid, "channel.undecodable", err)
	}
	if u.Chat == "" || len(u.Chat) > maxID || len(u.ID) > maxID || u.Type == "" {
		return nil, fault.New(fault.Invalid, "channel.undecodable")
	}
	out := channel.Update{Chat: channel.Chat{Key: u.Chat}, At: u.At, Sender: u.Person.sender(ch)}
	switch u.Type {
	case updateMessage:
		if u.ID == "" || u.Body == nil || u.Person.ID == "" {
			return nil, fault.New(fault.Invalid, "channel.undecodable")
		}
		out.Message = &channel.Message{ExternalID: u.ID, Content: u.Body.content(), ReplyTo: u.ReplyTo, Source: u.Page}
	case updatePress:
		if u.Button == nil || u.ID == "" || u.ReplyTo == "" {
			return nil, fault.New(fault.Invalid, "channel.undecodable")
		}
		out.Press = &channel.Press{AnswerID: u.ID, ExternalID: u.ReplyTo, Button: *u.Button}
	case updateStatus:
		if u.ID == "" || (u.State != channel.StateDelivered && u.State != channel.StateRead) {
			return nil, fault.New(fault.Invalid, "channel.undecodable")
		}
		out.Sender = channel.Person{}
		out.Status = &channel.Status{ExternalID: u.ID, State: u.State, UpTo: true}
	case updateStart:
		out.Start = &channel.Start{Payload: u.Page}
	case updateTyping:
		out.Typing = &channel.Typing{}
	case updatePerson:
		if u.Old == nil {
			return nil, fault.New(fault.Invalid, "channel.undecodable")
		}
		out.PersonChanged = &channel.PersonChanged{Old: u.Old.sender(ch)}
	default:
		out.Notice = &channel.Notice{Code: "unknown_update", Detail: shorten(line(string(u.Type)), maxID)}
	}
	return []channel.Update{out}, nil
}

func (p person) sender(ch channel.ID) channel.Person {
	return channel.Person{
		ID: p.ID, Scope: scope(ch), Name: p.Name, Phone: p.Phone, Email: p.Email, SaysPhone: p.SaysPhone, SaysEmail: p.SaysEmail,
		Language: p.Locale, Consent: p.Consent,
	}
}

// content is a body as the workspace reads it.
func (b body) content() channel.Content {
	c := channel.Content{Text: b.Text, Marks: fitting(b.Text, b.Marks), Location: b.Location, Contacts: b.Contacts}
	for _, f := range b.Files {
		size := f.Size
		if f.Kind == channel.Voice && f.MIME != oggMIME {
			size = 0 // it is converted when it is fetched
		}
		c.Attachments = append(c.Attachments, channel.Attachment{
			Kind: f.Kind, Name: f.Name, MIME: f.MIME, Size: size,
			Duration: time.Duration(f.Duration * float64(time.Second)), Width: f.Width, Height: f.Height, Ref: f.ID,
		})
	}
	if c.Empty() {
		c.Unsupported = "empty"
	}
	return c
}

// fitting keeps the marks that lie within a text, cut to it.
func fitting(text string, marks []channel.Mark) []channel.Mark {
	n := units(text)
	var out []channel.Mark
	for _, m := range marks {
		if m.Offset < 0 || m.Length <= 0 || m.Offset >= n {
			continue
		}
		m.Length = min(m.Length, n-m.Offset)
		out = append(out, m)
	}
	return out
}
