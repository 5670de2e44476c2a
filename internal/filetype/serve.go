package filetype

import (
	"fmt"
	"net/http"
	"strings"
)

// Inline reports whether a browser may show the file in place. These are
// formats that carry no program a browser would run. SVG, HTML, XML and PDF
// are not among them: the first three can hold scripts, and a browser's PDF
// viewer does not work under the sandbox that everything here is served with.
func (t Type) Inline() bool {
	switch t.MIME {
	case "image/png", "image/apng", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp",
		"audio/mpeg", "audio/ogg", "audio/wav", "audio/webm", "audio/mp4", "audio/aac", "audio/flac",
		"video/mp4", "video/webm", "video/ogg", "video/quicktime", "video/3gpp":
		return true
	default:
		return false
	}
}

// Serving says how one response is to be given.
type Serving struct {
	// Name is the file's name for saving it.
	Name string
	// Download makes the browser save even what it could show.
	Download bool
	// CrossSite lets pages of other sites show the file: the widget's.
	CrossSite bool
}

// policy keeps a file that is opened as a page of its own from running or
// fetching anything: an opaque origin, no script, no network. The exceptions
// are what browsers need to show a lone picture or film.
const policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// SetHeaders sets the headers under which nothing in the file runs, whatever
// its bytes are. A file that may not be shown in place gets
// application/octet-stream and is saved.
func (t Type) SetHeaders(h http.Header, s Serving) {
	disposition, mime := "attachment", Unknown
	if t.Inline() {
		mime = t.MIME
		if !s.Download {
			disposition = "inline"
		}
	}
	h.Set("Content-Type", mime)
	h.Set("Content-Disposition", ContentDisposition(disposition, s.Name))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer")
	if s.CrossSite {
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	} else {
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
	}
}

// ContentDisposition writes the header's value (RFC 6266). A name beyond plain
// ASCII is given twice: spelt with underscores for old clients, and in full as
// RFC 8187 says. The name is cleaned first.
func ContentDisposition(disposition, name string) string {
	name = CleanName(name)
	plain := asciiName(name)
	value := disposition + `; filename="` + plain + `"`
	if plain != name {
		value += "; filename*=UTF-8''" + escape(name)
	}
	return value
}

// asciiName keeps what is safe between quotes everywhere. Some clients decode
// percent signs there, so those go too.
func asciiName(name string) string {
	var b strings.Builder
	letters := false
	for _, r := range name {
		switch {
		case r < ' ' || r > '~' || strings.ContainsRune(`"\%`, r):
			b.WriteByte('_')
		default:
			b.WriteRune(r)
		}
	}
	base, ext := splitExt(b.String())
	for _, r := range base {
		letters = letters || (r != '_' && r != ' ' && r != '.')
	}
	if !letters {
		return "file" + ext
	}
	return base + ext
}

// escape percent-encodes all but the characters RFC 8187 calls attr-char.
func escape(s string) string {
	const also = "!#$&+-.^_`|~"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte(also, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
