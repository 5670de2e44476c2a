package channeltest

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
)

// tricky is text that breaks careless code: markup of other worlds, surrogate
// pairs, joiners, combining marks, right-to-left.
const tricky = "5 < 6 & 7 > 2, <b>нет</b> [x](y) \\ snake_case_name 2*3 «ёлочки» 😀👨‍👩‍👧 e\u0301 שלום 🇷🇺\nвторая строка"

// receiveCases: each kind of content arrives whole.
func receiveCases() map[string]func(*session) {
	return map[string]func(*session){
		"text": func(s *session) {
			u := s.message(s.do(Action{Verb: Write, Text: tricky}))
			if u.Message.Content.Text != tricky {
				s.Errorf("text %q, want %q", u.Message.Content.Text, tricky)
			}
			if u.Message.Own || u.Message.Echo || u.Sender.Name == "" || !recent(u.At) {
				s.Errorf("sender %+v at %s, own %v, echo %v", u.Sender, u.At, u.Message.Own, u.Message.Echo)
			}
		},
		"reply": func(s *session) {
			first := s.meet(0).Message.ExternalID
			u := s.message(s.do(Action{Verb: Reply, Text: "это ответ", To: first}))
			if u.Message.ReplyTo != first || u.Message.Content.Text != "это ответ" {
				s.Errorf("reply to %q: %+v", first, u.Message)
			}
		},
		"reply to ours": func(s *session) {
			s.meet(0)
			ours := s.send(s.outgoing(0, channel.Content{Text: "вопрос"})).ExternalIDs[0]
			u := s.message(s.do(Action{Verb: Reply, Text: "ответ", To: ours}))
			if u.Message.ReplyTo != ours {
				s.Errorf("reply to %q: %+v", ours, u.Message)
			}
		},
		"forward": func(s *session) {
			u := s.message(s.do(Action{Verb: Forward, Text: "чужие слова"}))
			if !strings.Contains(u.Message.Content.Text, "чужие слова") || u.Message.Content.Forwarded == "" {
				s.Errorf("forwarded: %+v", u.Message.Content)
			}
		},
		"album": func(s *session) {
			kinds := []File{Sample(s, channel.Image), Sample(s, channel.Image)}
			s.do(Action{Verb: SendFiles, Files: kinds, Text: "две картинки"})
			var got []channel.Attachment
			text, album := "", ""
			for len(got) < 2 {
				m := s.await("the album", func(u channel.Update) bool { return u.Message != nil && len(u.Message.Content.Attachments) > 0 }).Message
				got = append(got, m.Content.Attachments...)
				text += m.Content.Text
				if len(got) < 2 && m.Album == "" && s.can.Album > 1 {
					s.Errorf("a part of an album without Album: %+v", m)
				}
				if album != "" && m.Album != album {
					s.Errorf("albums %q and %q, want one", album, m.Album)
				}
				album = m.Album
			}
			if text != "две картинки" {
				s.Errorf("caption %q", text)
			}
		},
		"location": func(s *session) {
			want := channel.Location{Latitude: 55.751244, Longitude: 37.618423}
			u := s.message(s.do(Action{Verb: SendPlace, Location: want}))
			got := u.Message.Content.Location
			if got == nil || !near(got.Latitude, want.Latitude) || !near(got.Longitude, want.Longitude) {
				s.Errorf("location %+v, want %+v", got, want)
			}
		},
		"contact card": func(s *session) {
			card := channel.Card{Name: "Пётр Иванов", Phones: []string{"+79161234567"}}
			u := s.message(s.do(Action{Verb: SendCard, Card: card}))
			s.hasCard(u, card, false)
		},
		"own phone": func(s *session) {
			card := channel.Card{Name: "Ирина", Phones: []string{"+79005556677"}}
			u := s.message(s.do(Action{Verb: SharePhone, Card: card}))
			s.hasCard(u, channel.Card{Phones: card.Phones}, true)
		},
	}
}

// receiveChangeCases: what customers do besides writing.
func receiveChangeCases() map[string]func(*session) {
	return map[string]func(*session){
		"edit": func(s *session) {
			id := s.meet(0).Message.ExternalID
			s.do(Action{Verb: EditText, To: id, Text: "исправлено"})
			u := s.await("the edit", func(u channel.Update) bool { return u.Edit != nil })
			if u.Edit.ExternalID != id || u.Edit.Content.Text != "исправлено" || u.Chat.Key != s.chat[0] {
				s.Errorf("edit %+v in %q", u.Edit, u.Chat.Key)
			}
		},
		"deletion": func(s *session) {
			id := s.meet(0).Message.ExternalID
			s.do(Action{Verb: Delete, To: id})
			u := s.await("the deletion", func(u channel.Update) bool { return u.Deletion != nil })
			if !slices.Contains(u.Deletion.ExternalIDs, id) || u.Chat.Key != s.chat[0] {
				s.Errorf("deletion %+v in %q", u.Deletion, u.Chat.Key)
			}
		},
		"reaction": func(s *session) {
			s.meet(0)
			id := s.send(s.outgoing(0, channel.Content{Text: "готово"})).ExternalIDs[0]
			for _, emoji := range []string{"👍", ""} {
				s.do(Action{Verb: React, To: id, Emoji: emoji})
				u := s.await("the reaction", func(u channel.Update) bool { return u.Reaction != nil })
				want := []string{emoji}
				if emoji == "" {
					want = nil
				}
				if u.Reaction.ExternalID != id || !slices.Equal(u.Reaction.Emoji, want) || u.Chat.Key != s.chat[0] {
					s.Errorf("reaction %+v in %q, want %v", u.Reaction, u.Chat.Key, want)
				}
			}
		},
		"typing": func(s *session) {
			s.meet(0)
			s.do(Action{Verb: Type})
			if u := s.await("typing", func(u channel.Update) bool { return u.Typing != nil }); u.Chat.Key != s.chat[0] {
				s.Errorf("typing in %q", u.Chat.Key)
			}
		},
		"start with a payload": func(s *session) {
			s.do(Action{Verb: Start, Payload: "from_site-1"})
			if u := s.await("the start", func(u channel.Update) bool { return u.Start != nil }); u.Start.Payload != "from_site-1" {
				s.Errorf("payload %q", u.Start.Payload)
			}
		},
		"block and return": func(s *session) {
			s.meet(0)
			for _, v := range []Verb{Block, Unblock} {
				s.do(Action{Verb: v})
				if b, ok := s.p.(SilentBlocker); ok && b.BlocksSilently() {
					s.Skip("the platform does not tell of blocking")
				}
				u := s.await(string(v), func(u channel.Update) bool { return u.Reach != nil })
				if u.Reach.Blocked != (v == Block) || u.Chat.Key != s.chat[0] {
					s.Errorf("%s: %+v in %q", v, u.Reach, u.Chat.Key)
				}
			}
		},
	}
}

// unknownCases: what is new to us is kept visible.
func unknownCases() map[string]func(*session) {
	return map[string]func(*session){
		"a message of an unknown type": func(s *session) {
			s.do(Action{Verb: SendUnknown})
			u := s.await("it", func(u channel.Update) bool { return u.Message != nil })
			if u.Message.Content.Unsupported == "" {
				s.Errorf("unknown content is not marked: %+v", u.Message.Content)
			}
		},
		"an update of an unknown type": func(s *session) {
			s.do(Action{Verb: Surprise})
			u := s.await("it", func(channel.Update) bool { return true })
			if (u.Message == nil || u.Message.Content.Unsupported == "") && u.Notice == nil {
				s.Errorf("an unknown update must be kept visible: %s %+v", kindOf(u), u)
			}
		},
	}
}

// receiveKindCases: each kind of file and formatting arrives.
func receiveKindCases() map[string]func(*session) {
	out := map[string]func(*session){}
	for _, kind := range []channel.AttachmentKind{
		channel.Image, channel.Video, channel.Audio, channel.Voice, channel.Document, channel.Sticker, channel.Animation,
	} {
		out["file: "+string(kind)] = func(s *session) { s.receivesFile(kind) }
	}
	for _, mark := range []channel.MarkType{
		channel.Bold, channel.Italic, channel.Underline, channel.Strike, channel.Code, channel.Pre, channel.Quote, channel.Spoiler, channel.Link,
	} {
		out["mark: "+string(mark)] = func(s *session) { s.receivesMark(mark) }
	}
	return out
}

func (s *session) hasCard(u channel.Update, want channel.Card, own bool) {
	s.Helper()
	cards := u.Message.Content.Contacts
	if len(cards) != 1 || !strings.Contains(cards[0].Name, want.Name) || len(cards[0].Phones) != 1 ||
		digits(cards[0].Phones[0]) != digits(want.Phones[0]) || cards[0].Own != own {
		s.Errorf("cards %+v, want %+v, own %v", cards, want, own)
	}
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// receivesFile: a file arrives with its kind, and its bytes can be fetched.
func (s *session) receivesFile(kind channel.AttachmentKind) {
	s.Helper()
	file := Sample(s, kind)
	u := s.message(s.do(Action{Verb: SendFiles, Files: []File{file}}))
	list := u.Message.Content.Attachments
	if len(list) != 1 || list[0].Kind != kind || list[0].Ref == "" {
		s.Fatalf("attachments %+v, want one %s with a reference", list, kind)
	}
	a := list[0]
	if kind == channel.Document && a.Name != file.Name {
		s.Errorf("name %q, want %q", a.Name, file.Name)
	}
	if a.Size != 0 && a.Size != int64(len(file.Data)) {
		s.Errorf("size %d, want %d", a.Size, len(file.Data))
	}
	fetcher, ok := s.adapter.(channel.MediaFetcher)
	if !ok {
		s.Fatal("files come in, but the adapter is no channel.MediaFetcher")
	}
	media, err := fetcher.Fetch(s.Context(), a.Ref)
	if err != nil {
		s.Fatalf("fetch: %v", err)
	}
	got, err := io.ReadAll(media.Body)
	if err != nil || !bytes.Equal(got, file.Data) {
		s.Errorf("fetched %d bytes, want %d, error %v", len(got), len(file.Data), err)
	}
	if err := media.Body.Close(); err != nil {
		s.Errorf("close: %v", err)
	}
}

// marked is a text with one marked line between two others; the first holds a
// surrogate pair, so that offsets in bytes, runes and UTF-16 units differ.
func marked(kind channel.MarkType) (string, channel.Mark) {
	const before, word, after = "до 😀\n", "важное слово", "\nпосле"
	m := channel.Mark{Type: kind, Offset: units(before), Length: units(word)}
	if kind == channel.Link {
		m.URL = "https://shop.example/a?b=1&c=2"
	}
	return before + word + after, m
}

func (s *session) receivesMark(kind channel.MarkType) {
	s.Helper()
	if !slices.Contains(s.can.Marks, kind) {
		s.Skip("the platform has no such formatting")
	}
	text, mark := marked(kind)
	u := s.message(s.do(Action{Verb: Write, Text: text, Marks: []channel.Mark{mark}}))
	if c := u.Message.Content; c.Text != text || !slices.Equal(c.Marks, []channel.Mark{mark}) {
		s.Errorf("text %q marks %+v, want %q %+v", c.Text, c.Marks, text, mark)
	}
}
