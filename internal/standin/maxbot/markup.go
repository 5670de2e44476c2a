package maxbot

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"golang.org/x/net/html"
)

// Markup formats a part of a text, in UTF-16 units.
type Markup struct {
	Type   string `json:"type"`
	From   int    `json:"from"`
	Length int    `json:"length"`
	URL    string `json:"url,omitempty"`
	Link   string `json:"user_link,omitempty"`
	User   int64  `json:"user_id,omitempty"`
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// htmlTypes maps the tags that the platform takes.
func htmlTypes() map[string]string {
	return map[string]string{
		"b": "strong", "strong": "strong", "i": "emphasized", "em": "emphasized", "s": "strikethrough", "del": "strikethrough",
		"u": "underline", "ins": "underline", "code": "monospaced", "pre": "monospaced", "mark": "highlighted",
		"h1": "heading", "blockquote": "quote", "a": "link",
	}
}

// parseHTML turns a formatted text into what the customer sees.
func parseHTML(in string) (string, []Markup, error) {
	type open struct {
		tag  string
		mark Markup
	}
	var (
		text  strings.Builder
		marks []Markup
		stack []open
		types = htmlTypes()
		z     = html.NewTokenizer(strings.NewReader(in))
		at    int
	)
	for {
		switch z.Next() {
		case html.ErrorToken:
			if len(stack) > 0 {
				return "", nil, fmt.Errorf("tag %s is not closed", stack[len(stack)-1].tag)
			}
			return text.String(), marks, nil
		case html.TextToken:
			t := z.Token().Data
			text.WriteString(t)
			at += units(t)
		case html.StartTagToken:
			t := z.Token()
			kind, ok := types[t.Data]
			if !ok {
				return "", nil, fmt.Errorf("tag %s is not supported", t.Data)
			}
			mark := Markup{Type: kind, From: at}
			for _, a := range t.Attr {
				if a.Key == "href" {
					mark.URL = a.Val
				}
			}
			stack = append(stack, open{t.Data, mark})
		case html.EndTagToken:
			t := z.Token()
			if len(stack) == 0 || stack[len(stack)-1].tag != t.Data {
				return "", nil, fmt.Errorf("tag %s is not open", t.Data)
			}
			mark := stack[len(stack)-1].mark
			stack = stack[:len(stack)-1]
			mark.Length = at - mark.From
			if mark.Length > 0 {
				marks = append(marks, mark)
			}
		case html.SelfClosingTagToken, html.CommentToken, html.DoctypeToken:
			return "", nil, fmt.Errorf("%s is not supported", z.Raw())
		}
	}
}

// delimiters are the pairs of the platform's markdown, longest first.
func delimiters() [][2]string {
	return [][2]string{
		{"```", "monospaced"},
		{"**", "strong"},
		{"__", "strong"},
		{"~~", "strikethrough"},
		{"++", "underline"},
		{"^^", "highlighted"},
		{"*", "emphasized"},
		{"_", "emphasized"},
		{"`", "monospaced"},
	}
}

// parseMarkdown turns a formatted text into what the customer sees. What is
// not closed stays as it is.
func parseMarkdown(in string) (string, []Markup) {
	var text strings.Builder
	var marks []Markup
	at := 0
	put := func(s string) {
		text.WriteString(s)
		at += units(s)
	}
	nest := func(kind, url, inner string, raw bool) {
		from := at
		if raw {
			put(inner)
		} else {
			t, ms := parseMarkdown(inner)
			for _, k := range ms {
				k.From += from
				marks = append(marks, k)
			}
			put(t)
		}
		if at > from {
			marks = append(marks, Markup{Type: kind, From: from, Length: at - from, URL: url})
		}
	}
next:
	for len(in) > 0 {
		if in[0] == '\\' && len(in) > 1 {
			put(in[1:2])
			in = in[2:]
			continue
		}
		if in[0] == '[' {
			if end := strings.Index(in, "]("); end > 0 {
				if stop := strings.IndexByte(in[end:], ')'); stop > 2 {
					nest("link", in[end+2:end+stop], in[1:end], false)
					in = in[end+stop+1:]
					continue
				}
			}
		}
		for _, d := range delimiters() {
			if rest, ok := strings.CutPrefix(in, d[0]); ok {
				if end := strings.Index(rest, d[0]); end > 0 {
					nest(d[1], "", rest[:end], d[1] == "monospaced")
					in = rest[end+len(d[0]):]
					continue next
				}
			}
		}
		r := []rune(in)[0]
		put(string(r))
		in = in[len(string(r)):]
	}
	return text.String(), marks
}
