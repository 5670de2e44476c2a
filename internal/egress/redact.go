package egress

import (
	"bytes"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

const redacted = "[redacted]"

// urls matches a URL's part after its host: tokens live in paths and queries.
var urls = regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]*://)(?:[^\s/?#"'@]*@)?([^\s/?#"']*)[^\s"']*`)

// redactor replaces secrets, in plain and URL-escaped form.
type redactor struct {
	replacer *strings.Replacer
	secrets  [][]byte
}

func newRedactor(secrets []string) *redactor {
	var forms []string
	for _, s := range secrets {
		for _, form := range []string{s, url.PathEscape(s), url.QueryEscape(s)} {
			// Scrubbing very short strings would shred every text.
			if len(form) >= 4 && !slices.Contains(forms, form) {
				forms = append(forms, form)
			}
		}
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	r := &redactor{}
	pairs := make([]string, 0, 2*len(forms))
	for _, f := range forms {
		pairs = append(pairs, f, redacted)
		r.secrets = append(r.secrets, []byte(f))
	}
	r.replacer = strings.NewReplacer(pairs...)
	return r
}

// text scrubs secrets and whatever follows the host in URLs.
func (r *redactor) text(s string) string {
	return urls.ReplaceAllString(r.replacer.Replace(s), "$1$2")
}

// body scrubs secrets only: platforms' answers may hold links of meaning.
func (r *redactor) body(b []byte) []byte {
	for _, s := range r.secrets {
		if bytes.Contains(b, s) {
			b = bytes.ReplaceAll(b, s, []byte(redacted))
		}
	}
	return b
}

// cause is an error whose text has been scrubbed but which still answers
// errors.Is and errors.As like the original.
type cause struct {
	text string
	err  error
}

func (c *cause) Error() string { return c.text }
func (c *cause) Unwrap() error { return c.err }

// scrub drops the url.Error wrapper, which quotes the whole URL, and scrubs
// the rest.
func (r *redactor) scrub(err error) error {
	if err == nil {
		return nil
	}
	for {
		u, ok := errors.AsType[*url.Error](err)
		if !ok {
			break
		}
		err = u.Err
	}
	return &cause{text: r.text(err.Error()), err: err}
}
