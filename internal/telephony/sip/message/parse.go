package message

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Fault is why a message cannot be worked on and what a request that has it
// is answered with.
type Fault struct { //nolint:errname // it is a fault of the message before it is an error of anybody's
	Status int    // 400, 416, 505
	Reason string // goes into the status line
}

// Error implements error.
func (f *Fault) Error() string { return fmt.Sprintf("sip: %d %s", f.Status, f.Reason) }

func bad(format string, args ...any) *Fault {
	return &Fault{Status: 400, Reason: "Bad Request - " + fmt.Sprintf(format, args...)}
}

// ErrNotSIP is returned for bytes that do not begin like a message; nobody is
// answered.
var ErrNotSIP = errors.New("sip: not a SIP message") //nolint:gochecknoglobals // a sentinel

// Limits that no honest message meets.
const (
	maxFields = 256
	maxName   = 256
)

// Parse reads one datagram or framed message. What follows the body is
// ignored (RFC 3261 section 18.3). With a [*Fault] the message is returned as
// far as it was read, for the answer; with [ErrNotSIP] it is nil.
func Parse(data []byte) (*Message, error) {
	if len(data) > MaxSize {
		return nil, ErrNotSIP
	}
	for bytes.HasPrefix(data, []byte("\r\n")) {
		data = data[2:]
	}
	// A message that ends after its last field, without the empty line, is
	// understood: there is nothing the line could have told.
	head, body, _ := bytes.Cut(data, []byte("\r\n\r\n"))
	lines := strings.Split(strings.TrimSuffix(string(head), "\r\n"), "\r\n")
	m, fault := parseStart(lines[0])
	if m == nil {
		return nil, ErrNotSIP
	}
	if f := m.parseFields(lines[1:]); fault == nil {
		fault = f
	}
	if fault == nil {
		fault = m.cutBody(body)
	}
	if fault == nil {
		fault = m.check()
	}
	if fault != nil {
		return m, fault
	}
	return m, nil
}

// parseStart reads the start line; a nil message is not SIP at all.
func parseStart(line string) (*Message, *Fault) {
	if rest, ok := strings.CutPrefix(line, "SIP/"); ok {
		version, rest, _ := strings.Cut(rest, " ")
		code, reason, _ := strings.Cut(rest, " ")
		if version != "2.0" || len(code) != 3 || !digits(code) || code[0] < '1' || code[0] > '6' {
			return nil, nil
		}
		n, _ := strconv.Atoi(code)
		return &Message{Status: n, Reason: reason}, nil
	}
	at := strings.LastIndex(line, " SIP/")
	if at < 0 {
		return nil, nil
	}
	version := line[at+1:]
	method, uri, _ := strings.Cut(line[:at], " ")
	if !isToken(method) {
		return nil, nil
	}
	m := &Message{Method: method}
	if strings.TrimRight(version, " ") != Version {
		return m, &Fault{Status: 505, Reason: "Version Not Supported"}
	}
	if version != Version {
		return m, bad("space after the version")
	}
	u, err := ParseURI(uri)
	if err != nil {
		return m, bad("request URI")
	}
	m.URI = u
	if !u.IsSIP() && u.Scheme != "tel" {
		return m, &Fault{Status: 416, Reason: "Unsupported URI Scheme"}
	}
	if u.Headers != "" {
		return m, bad("request URI with headers") // RFC 3261 section 19.1.1
	}
	return m, nil
}

func (m *Message) parseFields(lines []string) *Fault {
	var fault *Fault
	note := func(f *Fault) {
		if fault == nil {
			fault = f
		}
	}
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		for i+1 < len(lines) && lines[i+1] != "" && (lines[i+1][0] == ' ' || lines[i+1][0] == '\t') {
			i++
			line = strings.TrimRight(line, " \t") + " " + strings.TrimLeft(lines[i], " \t")
		}
		if strings.ContainsAny(line, "\r\n") {
			note(bad("line end"))
			line = strings.NewReplacer("\r", " ", "\n", " ").Replace(line)
		}
		name, value, ok := strings.Cut(line, ":")
		name = strings.TrimRight(name, " \t")
		if !ok || !isToken(name) || len(name) > maxName {
			note(bad("field name"))
			continue
		}
		if len(m.Fields) >= maxFields {
			return bad("too many fields")
		}
		name, value = Canonical(name), strings.Trim(value, " \t")
		if !split(name) {
			m.Add(name, value)
			continue
		}
		for _, part := range splitList(value) {
			m.Add(name, strings.Trim(part, " \t"))
		}
	}
	return fault
}

// split reports whether a field's list is kept as one field each.
func split(name string) bool {
	switch name {
	case "Via", "Contact", "Route", "Record-Route", "Path", "Service-Route":
		return true
	}
	return false
}

// cutBody takes as many bytes as Content-Length says.
func (m *Message) cutBody(body []byte) *Fault {
	m.Body = body
	v := m.Get("Content-Length")
	if v == "" {
		if m.Has("Content-Length") {
			return bad("Content-Length")
		}
		return nil
	}
	n, err := strconv.ParseUint(v, 10, 32)
	if err != nil || !digits(v) {
		return bad("Content-Length")
	}
	if n > uint64(len(body)) {
		return bad("body shorter than Content-Length")
	}
	m.Body = body[:n]
	return nil
}

// Canonical returns the usual spelling of a field's name, compact forms
// expanded (RFC 3261 section 7.3.3, RFC 3515, 3892, 6665).
func Canonical(name string) string {
	switch lower := strings.ToLower(name); lower {
	case "i", "call-id":
		return "Call-ID"
	case "m":
		return "Contact"
	case "e":
		return "Content-Encoding"
	case "l":
		return "Content-Length"
	case "c":
		return "Content-Type"
	case "f":
		return "From"
	case "s":
		return "Subject"
	case "k":
		return "Supported"
	case "t":
		return "To"
	case "v":
		return "Via"
	case "o":
		return "Event"
	case "r":
		return "Refer-To"
	case "b":
		return "Referred-By"
	case "u":
		return "Allow-Events"
	case "x":
		return "Session-Expires"
	case "cseq":
		return "CSeq"
	case "rseq":
		return "RSeq"
	case "rack":
		return "RAck"
	case "min-se":
		return "Min-SE"
	case "www-authenticate":
		return "WWW-Authenticate"
	case "sip-etag":
		return "SIP-ETag"
	default:
		b := []byte(lower)
		for i := range b {
			if (i == 0 || b[i-1] == '-') && b[i] >= 'a' && b[i] <= 'z' {
				b[i] -= 'a' - 'A'
			}
		}
		return string(b)
	}
}
