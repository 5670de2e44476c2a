package message

import (
	"slices"
	"strconv"
	"strings"
)

// check holds the message to RFC 3261 sections 8.1.1, 8.2 and 20: what every
// part behind relies on.
func (m *Message) check() *Fault {
	for _, name := range []string{"Call-ID", "CSeq", "From", "To", "Max-Forwards", "Content-Length", "Content-Type", "Expires", "Authorization-Info"} {
		if len(m.All(name)) > 1 {
			return bad("more than one %s", name)
		}
	}
	for _, f := range m.Fields {
		if fault := checkText(f); fault != nil {
			return fault
		}
	}
	if !m.Has("Via") {
		return bad("no Via")
	}
	for _, v := range m.All("Via") {
		via, err := ParseVia(v)
		if err != nil || via.Branch() == Cookie {
			return bad("Via")
		}
	}
	if v := m.CallID(); v == "" || !every(v, wordChar) {
		return bad("Call-ID")
	}
	if fault := m.checkCSeq(); fault != nil {
		return fault
	}
	for _, name := range []string{"From", "To"} {
		if _, err := ParseAddress(m.Get(name)); err != nil {
			return bad("%s", name)
		}
	}
	if v := m.Get("Max-Forwards"); m.Has("Max-Forwards") {
		if n, err := strconv.ParseUint(v, 10, 16); err != nil || !digits(v) || n > 255 {
			return bad("Max-Forwards")
		}
	}
	if fault := m.checkAddresses(); fault != nil {
		return fault
	}
	for _, name := range []string{"Expires", "Min-Expires", "RSeq"} {
		if v := m.Get(name); m.Has(name) && !number32(v) {
			return bad("%s", name)
		}
	}
	if v := m.Get("Session-Expires"); v != "" {
		if _, ok := m.Number("Session-Expires"); !ok {
			return bad("Session-Expires")
		}
	}
	if len(m.Body) > 0 && m.IsRequest() && !m.Has("Content-Type") {
		return bad("body without Content-Type")
	}
	return nil
}

func (m *Message) checkCSeq() *Fault {
	_, method, err := parseCSeq(m.Get("CSeq"))
	if err != nil {
		return bad("CSeq")
	}
	if m.IsRequest() && method != m.Method {
		return bad("CSeq of another method")
	}
	return nil
}

func (m *Message) checkAddresses() *Fault {
	contacts := m.All("Contact")
	for _, v := range contacts {
		if v == "*" {
			if len(contacts) > 1 || m.Method != Register {
				return bad("Contact")
			}
			continue
		}
		a, err := ParseAddress(v)
		if err != nil {
			return bad("Contact")
		}
		if e, ok := a.Params.Get("expires"); ok && !number32(e) {
			return bad("expires of Contact")
		}
		if q, ok := a.Params.Get("q"); ok && !qvalue(q) {
			return bad("q of Contact")
		}
	}
	for _, name := range []string{"Route", "Record-Route", "Path", "Refer-To", "Referred-By"} {
		for _, v := range m.All(name) {
			if _, err := ParseAddress(v); err != nil {
				return bad("%s", name)
			}
		}
	}
	if m.Method == Refer && len(m.All("Refer-To")) > 1 {
		return bad("more than one Refer-To")
	}
	return nil
}

// checkText refuses control characters where the field's own grammar, which
// allows them escaped in quotes, does not look.
func checkText(f Field) *Fault {
	if slices.Contains([]string{"From", "To", "Contact"}, f.Name) {
		return nil
	}
	if !every(f.Value, func(c byte) bool { return c >= ' ' && c != 0x7f || c == '\t' }) {
		return bad("control character in %s", f.Name)
	}
	return nil
}

// wordChar is what word and the @ of a Call-ID may hold (RFC 3261 25.1).
func wordChar(c byte) bool {
	return tokenChar(c) || strings.IndexByte(`()<>:\"/[]?{}@`, c) >= 0
}

func number32(v string) bool {
	_, err := strconv.ParseUint(v, 10, 32)
	return err == nil && digits(v)
}

func qvalue(v string) bool {
	f, err := strconv.ParseFloat(v, 64)
	return err == nil && f >= 0 && f <= 1 && len(v) <= 5
}
