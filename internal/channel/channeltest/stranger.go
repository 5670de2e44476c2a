package channeltest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
)

// strangerCases: bytes of any kind are survived.
func strangerCases() map[string]func(*session) {
	return map[string]func(*session){
		"garbage": func(s *session) {
			for _, body := range []string{
				"", " ", "null", "0", "true", `""`, "[]", "{}", "[[[[", `{"a":`, "\x00\xff\xfe", "<xml/>", "\ufeff{}",
				strings.Repeat("[", 100_000), strings.Repeat(`{"a":`, 20_000), `{"update_id":1e999}`, `{"object":{},"entry":{}}`,
			} {
				s.survives([]byte(body))
			}
		},
		"distorted updates": func(s *session) {
			for _, raw := range s.collect() {
				for i := 0; i < len(raw.Body); i += 1 + len(raw.Body)/64 {
					s.survives(raw.Body[:i])
				}
				var tree any
				if json.Unmarshal(raw.Body, &tree) != nil {
					continue // not JSON: truncation has to do
				}
				distort(tree, func() {
					if body, err := json.Marshal(tree); err == nil {
						s.survives(body)
					}
				})
			}
		},
	}
}

// survives decodes bytes that may be anything: an error is fine, a panic or a
// malformed update is not.
func (s *session) survives(body []byte) {
	s.Helper()
	defer func() {
		if r := recover(); r != nil {
			s.Fatalf("panic: %v\non %.2000s", r, body)
		}
	}()
	updates, err := s.adapter.Decode(channel.Raw{Key: "k", Order: "o", Body: body})
	if err != nil {
		return
	}
	for _, u := range updates {
		if p := parts(u); len(p) != 1 {
			s.Errorf("an update must be exactly one thing, is %v, from %.2000s", p, body)
		}
		if m := u.Message; m != nil {
			for _, mark := range m.Content.Marks {
				if n := units(m.Content.Text); mark.Offset < 0 || mark.Length <= 0 || mark.Offset+mark.Length > n {
					s.Errorf("mark %+v outside of a text of %d units, from %.2000s", mark, n, body)
				}
			}
		}
	}
	if hook := s.p.Hook(); hook != nil {
		raws, _, err := s.adapter.(channel.Webhook).Accept(channel.Request{Method: "POST", Body: body})
		if err == nil && len(raws) > 0 {
			s.Errorf("accepted without a signature: %.200s", body)
		}
	}
}

// collect lets a customer do all he can and returns the raw updates.
func (s *session) collect() []channel.Raw {
	s.Helper()
	first := s.meet(0)
	ours := s.send(s.outgoing(0, channel.Content{Text: "наше"})).ExternalIDs[0]
	text, mark := marked(channel.Bold)
	actions := []Action{
		{Verb: Write, Text: text, Marks: []channel.Mark{mark}},
		{Verb: Reply, Text: "ответ", To: ours},
		{Verb: Forward, Text: "чужое"},
		{Verb: SendPlace, Location: channel.Location{Latitude: 1, Longitude: 2}},
		{Verb: SendCard, Card: channel.Card{Name: "Имя", Phones: []string{"+79001112299"}}},
		{Verb: SharePhone, Card: channel.Card{Name: "Имя", Phones: []string{"+79005556677"}}},
		{Verb: EditText, To: first.Message.ExternalID, Text: "правка"},
		{Verb: React, To: ours, Emoji: "👍"},
		{Verb: Type},
		{Verb: Read},
		{Verb: Start, Payload: "p"},
		{Verb: SendUnknown},
		{Verb: Surprise},
		{Verb: Delete, To: first.Message.ExternalID},
		{Verb: Block},
		{Verb: Unblock},
	}
	for _, kind := range []channel.AttachmentKind{
		channel.Image, channel.Video, channel.Audio, channel.Voice, channel.Document, channel.Sticker, channel.Animation,
	} {
		actions = append(actions, Action{Verb: SendFiles, Files: samples(s, kind)[:1]})
	}
	for _, a := range actions {
		if _, err := s.p.Do(a); err != nil && !errors.Is(err, ErrLacks) {
			s.Fatalf("%s: %v", a.Verb, err)
		}
	}
	s.settled()
	return s.seen
}

// distort replaces every node of a JSON tree, one at a time, by values of
// other types, and lets see look at each.
func distort(node any, see func()) {
	others := []any{nil, true, -1.5, 1e300, "", "строка", fmt.Sprint(1 << 62), []any{}, []any{nil}, map[string]any{}, []any{map[string]any{}}}
	each := func(set func(any), old any) {
		for _, o := range others {
			set(o)
			see()
		}
		set(old)
		distort(old, see)
	}
	switch n := node.(type) {
	case map[string]any:
		for key, old := range n {
			each(func(v any) { n[key] = v }, old)
			delete(n, key)
			see()
			n[key] = old
		}
	case []any:
		for i, old := range n {
			each(func(v any) { n[i] = v }, old)
		}
	}
}
