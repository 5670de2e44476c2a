// Package message reads and writes SIP messages (RFC 3261 sections 7, 20 and
// 25). It is the only reader of what strangers send: [Parse] accepts what the
// grammar allows and nothing else, so that the parts behind it can rely on
// every field they look at. Each message of RFC 4475 gets the answer that
// document asks for.
package message

import (
	"strconv"
	"strings"
)

// Methods (RFC 3261, 3262, 3265, 3311, 3428, 3515, 3903, 6086).
const (
	Invite    = "INVITE"
	Ack       = "ACK"
	Bye       = "BYE"
	Cancel    = "CANCEL"
	Register  = "REGISTER"
	Options   = "OPTIONS"
	Prack     = "PRACK"
	Update    = "UPDATE"
	Refer     = "REFER"
	Notify    = "NOTIFY"
	Subscribe = "SUBSCRIBE"
	Info      = "INFO"
	Text      = "MESSAGE"
	Publish   = "PUBLISH"
)

// Version is the only protocol version there is.
const Version = "SIP/2.0"

// MaxSize is the largest message read or framed, in bytes.
const MaxSize = 65535

// Field is one header field. Names are canonical ("Call-ID", never "i").
type Field struct{ Name, Value string }

// Message is a request (Method is set) or a response (Status is set).
// Fields that hold lists of addresses or hops (Via, Contact, Route …) are
// split: one value each, in order.
type Message struct {
	Method string
	URI    URI
	Status int
	Reason string
	Fields []Field
	Body   []byte
}

// IsRequest reports whether m is a request.
func (m *Message) IsRequest() bool { return m.Method != "" }

// Get returns the first value of a field, or "".
func (m *Message) Get(name string) string {
	for i := range m.Fields {
		if m.Fields[i].Name == name {
			return m.Fields[i].Value
		}
	}
	return ""
}

// Has reports whether a field is present.
func (m *Message) Has(name string) bool {
	for i := range m.Fields {
		if m.Fields[i].Name == name {
			return true
		}
	}
	return false
}

// All returns every value of a field in order.
func (m *Message) All(name string) []string {
	var all []string
	for i := range m.Fields {
		if m.Fields[i].Name == name {
			all = append(all, m.Fields[i].Value)
		}
	}
	return all
}

// List returns the comma-separated tokens of all values of a field, as in
// Supported, Require and Allow.
func (m *Message) List(name string) []string {
	var all []string
	for _, v := range m.All(name) {
		for _, item := range splitList(v) {
			if item = strings.TrimSpace(item); item != "" {
				all = append(all, item)
			}
		}
	}
	return all
}

// Lists reports whether a token is in a list field, ignoring case.
func (m *Message) Lists(name, token string) bool {
	for _, t := range m.List(name) {
		if strings.EqualFold(t, token) {
			return true
		}
	}
	return false
}

// Add appends a field.
func (m *Message) Add(name, value string) { m.Fields = append(m.Fields, Field{name, value}) }

// Set replaces all fields of a name by one at the first one's place, or
// appends it.
func (m *Message) Set(name, value string) {
	kept := m.Fields[:0]
	done := false
	for _, f := range m.Fields {
		if f.Name != name {
			kept = append(kept, f)
			continue
		}
		if !done {
			kept = append(kept, Field{name, value})
			done = true
		}
	}
	m.Fields = kept
	if !done {
		m.Add(name, value)
	}
}

// Remove deletes all fields of a name.
func (m *Message) Remove(name string) {
	kept := m.Fields[:0]
	for _, f := range m.Fields {
		if f.Name != name {
			kept = append(kept, f)
		}
	}
	m.Fields = kept
}

// Prepend puts a field before all others.
func (m *Message) Prepend(name, value string) {
	m.Fields = append([]Field{{name, value}}, m.Fields...)
}

// SetBody sets the body and its type.
func (m *Message) SetBody(contentType string, body []byte) {
	m.Set("Content-Type", contentType)
	m.Body = body
}

// Clone returns a copy that shares nothing that is changed in place.
func (m *Message) Clone() *Message {
	c := *m
	c.Fields = append([]Field(nil), m.Fields...)
	c.URI = m.URI.Clone()
	return &c
}

// CallID returns the Call-ID.
func (m *Message) CallID() string { return m.Get("Call-ID") }

// CSeq returns the sequence number and method.
func (m *Message) CSeq() (uint32, string) {
	n, method, _ := parseCSeq(m.Get("CSeq"))
	return n, method
}

// From returns the From field.
func (m *Message) From() Address { a, _ := ParseAddress(m.Get("From")); return a }

// To returns the To field.
func (m *Message) To() Address { a, _ := ParseAddress(m.Get("To")); return a }

// Contact returns the first Contact and whether there is one that is an address.
func (m *Message) Contact() (Address, bool) {
	v := m.Get("Contact")
	if v == "" || v == "*" {
		return Address{}, false
	}
	a, err := ParseAddress(v)
	return a, err == nil
}

// Addresses returns the addresses of a field such as Route or Contact.
func (m *Message) Addresses(name string) []Address {
	var all []Address
	for _, v := range m.All(name) {
		if a, err := ParseAddress(v); err == nil {
			all = append(all, a)
		}
	}
	return all
}

// TopVia returns the first Via.
func (m *Message) TopVia() (Via, bool) {
	v, err := ParseVia(m.Get("Via"))
	return v, err == nil
}

// Number returns a field that holds a number in 32 bits; parameters after a
// semicolon or comment are ignored, as Session-Expires and Retry-After have.
func (m *Message) Number(name string) (uint32, bool) {
	v, _, _ := strings.Cut(m.Get(name), ";")
	v, _, _ = strings.Cut(v, "(")
	n, err := strconv.ParseUint(strings.TrimSpace(v), 10, 32)
	return uint32(n), err == nil
}

// Bytes writes the message with a Content-Length that is right.
func (m *Message) Bytes() []byte {
	b := make([]byte, 0, 512+len(m.Body))
	if m.IsRequest() {
		b = append(append(append(b, m.Method...), ' '), m.URI.String()...)
		b = append(append(append(b, ' '), Version...), "\r\n"...)
	} else {
		b = append(append(append(b, Version...), ' '), strconv.Itoa(m.Status)...)
		b = append(append(append(b, ' '), m.Reason...), "\r\n"...)
	}
	for _, f := range m.Fields {
		if f.Name == "Content-Length" {
			continue
		}
		b = append(append(append(append(b, f.Name...), ": "...), f.Value...), "\r\n"...)
	}
	b = strconv.AppendInt(append(b, "Content-Length: "...), int64(len(m.Body)), 10)
	b = append(b, "\r\n\r\n"...)
	return append(b, m.Body...)
}

// String returns the start line, for logs; it carries no text of a message.
func (m *Message) String() string {
	if m.IsRequest() {
		return m.Method + " " + m.URI.String()
	}
	return strconv.Itoa(m.Status) + " " + m.Reason
}
