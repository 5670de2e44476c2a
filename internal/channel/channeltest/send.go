package channeltest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/okno-hq/okno/internal/channel"
)

// sendCases: what is sent is what the customer sees.
func sendCases() map[string]func(*session) {
	return map[string]func(*session){
		"text": func(s *session) {
			s.meet(0)
			sent := s.send(s.outgoing(0, channel.Content{Text: tricky}))
			if got := s.looks(0, sent.ExternalIDs[0]); got.Text != tricky || len(got.Marks) != 0 || !recent(sent.At) {
				s.Errorf("the customer sees %q with %+v, want %q", got.Text, got.Marks, tricky)
			}
		},
		"one message for one send": func(s *session) {
			s.meet(0)
			s.meet(1)
			s.send(s.outgoing(1, channel.Content{Text: "раз"}))
			s.send(s.outgoing(1, channel.Content{Text: "два"}))
			all := s.all(1)
			if len(all) != 2 || all[0].Text != "раз" || all[1].Text != "два" || len(s.all(0)) != 0 {
				s.Errorf("the customers see %+v and %+v, want two messages in order and none", all, s.all(0))
			}
		},
		"many at once": func(s *session) {
			s.meet(0)
			const n = 8
			var wg sync.WaitGroup
			errs := make([]error, n)
			for i := range n {
				wg.Go(func() {
					_, errs[i] = s.adapter.Send(s.Context(), s.outgoing(0, channel.Content{Text: fmt.Sprint("номер ", i)}))
				})
			}
			wg.Wait()
			for i, err := range errs {
				if err != nil {
					s.Errorf("send %d: %v", i, err)
				}
			}
			if got := len(s.all(0)); got != n {
				s.Errorf("the customer sees %d messages, want %d", got, n)
			}
		},
		"reply": func(s *session) {
			if !s.can.Reply {
				s.Skip("no replies")
			}
			o := s.outgoing(0, channel.Content{Text: "отвечаем"})
			o.ReplyTo = s.meet(0).Message.ExternalID
			o.Chat, o.Recipient = s.chat[0], s.person[0].ID
			if got := s.looks(0, s.send(o).ExternalIDs[0]); got.ReplyTo != o.ReplyTo || got.Text != "отвечаем" {
				s.Errorf("the customer sees %+v, want a reply to %s", got, o.ReplyTo)
			}
		},
		"several marks": (*session).sendsMarks,
		"album":         (*session).sendsAlbum,
		"location": func(s *session) {
			if !s.can.Location {
				s.Skip("no locations")
			}
			s.meet(0)
			want := channel.Location{Latitude: -33.856784, Longitude: 151.215297}
			got := s.looks(0, s.send(s.outgoing(0, channel.Content{Location: &want})).ExternalIDs[0]).Location
			if got == nil || !near(got.Latitude, want.Latitude) || !near(got.Longitude, want.Longitude) {
				s.Errorf("the customer sees %+v, want %+v", got, want)
			}
		},
		"contact card": func(s *session) {
			if !s.can.Contact {
				s.Skip("no cards")
			}
			s.meet(0)
			card := channel.Card{Name: "Склад", Phones: []string{"+74951234567"}}
			got := s.looks(0, s.send(s.outgoing(0, channel.Content{Contacts: []channel.Card{card}})).ExternalIDs[0]).Cards
			if len(got) != 1 || got[0].Name != card.Name || len(got[0].Phones) != 1 || digits(got[0].Phones[0]) != "74951234567" {
				s.Errorf("the customer sees %+v, want %+v", got, card)
			}
		},
		"template": (*session).sendsTemplate,
	}
}

// sendKindCases: each kind of file, formatting and button.
func sendKindCases() map[string]func(*session) {
	out := map[string]func(*session){}
	for _, kind := range []channel.AttachmentKind{
		channel.Image, channel.Video, channel.Audio, channel.Voice, channel.Document, channel.Sticker, channel.Animation,
	} {
		out["file: "+string(kind)] = func(s *session) { s.sendsFile(kind, "") }
	}
	for _, kind := range []channel.AttachmentKind{channel.Image, channel.Video, channel.Document} {
		out["caption: "+string(kind)] = func(s *session) { s.sendsFile(kind, "подпись 😀 & <b>") }
	}
	for _, mark := range []channel.MarkType{
		channel.Bold, channel.Italic, channel.Underline, channel.Strike, channel.Code, channel.Pre, channel.Quote, channel.Spoiler,
	} {
		out["mark: "+string(mark)] = func(s *session) { s.sendsMark(mark) }
	}
	out["mark: link"] = func(s *session) {
		if !slices.Contains(s.can.Marks, channel.Link) {
			s.Skip("no links")
		}
		s.meet(0)
		text, mark := marked(channel.Link)
		got := s.looks(0, s.send(s.outgoing(0, channel.Content{Text: text, Marks: []channel.Mark{mark}})).ExternalIDs[0])
		linked := slices.ContainsFunc(got.Marks, func(m channel.Mark) bool { return m.URL == mark.URL })
		if !strings.Contains(got.Text, "важное слово") || (!linked && !strings.Contains(got.Text, mark.URL)) {
			s.Errorf("the customer sees %q %+v, want the words and the address", got.Text, got.Marks)
		}
	}
	for _, kind := range []channel.ButtonKind{channel.ButtonCallback, channel.ButtonURL, channel.ButtonPhone, channel.ButtonLocation} {
		out["button: "+string(kind)] = func(s *session) { s.sendsButton(kind) }
	}
	return out
}

func (s *session) sendsMark(kind channel.MarkType) {
	s.Helper()
	if !slices.Contains(s.can.Marks, kind) {
		s.Skip("the platform has no such formatting")
	}
	s.meet(0)
	text, mark := marked(kind)
	got := s.looks(0, s.send(s.outgoing(0, channel.Content{Text: text, Marks: []channel.Mark{mark}})).ExternalIDs[0])
	if got.Text != text || !slices.Equal(got.Marks, []channel.Mark{mark}) {
		s.Errorf("the customer sees %q %+v, want %q %+v", got.Text, got.Marks, text, mark)
	}
}

// sendsMarks: neighbouring and nested marks with awkward edges.
func (s *session) sendsMarks() {
	for _, m := range []channel.MarkType{channel.Bold, channel.Italic} {
		if !slices.Contains(s.can.Marks, m) {
			s.Skip("the platform has no such formatting")
		}
	}
	s.meet(0)
	text := "жирный курсив оба сразу"
	marks := []channel.Mark{
		{Type: channel.Bold, Offset: 0, Length: 6},
		{Type: channel.Italic, Offset: 7, Length: 6},
		{Type: channel.Bold, Offset: 14, Length: 9},
		{Type: channel.Italic, Offset: 14, Length: 3},
	}
	got := s.looks(0, s.send(s.outgoing(0, channel.Content{Text: text, Marks: marks})).ExternalIDs[0])
	order := func(a, b channel.Mark) int {
		if a.Offset != b.Offset {
			return a.Offset - b.Offset
		}
		return b.Length - a.Length
	}
	slices.SortFunc(got.Marks, order)
	if got.Text != text || !slices.Equal(got.Marks, marks) {
		s.Errorf("the customer sees %q %+v, want %q %+v", got.Text, got.Marks, text, marks)
	}
	// Marks from a sloppy editor: outer spaces, beyond the end, empty,
	// overlapping. The words must survive.
	sloppy := []channel.Mark{
		{Type: channel.Bold, Offset: 6, Length: 8},
		{Type: channel.Italic, Offset: 10, Length: 8},
		{Type: channel.Bold, Offset: 20, Length: 50},
		{Type: channel.Italic, Offset: 3, Length: 0},
		{Type: channel.Bold, Offset: -2, Length: 4},
	}
	got = s.looks(0, s.send(s.outgoing(0, channel.Content{Text: text, Marks: sloppy})).ExternalIDs[0])
	if got.Text != text {
		s.Errorf("the customer sees %q, want %q whatever the marks", got.Text, text)
	}
}

func (s *session) sendsFile(kind channel.AttachmentKind, caption string) {
	s.Helper()
	limit, ok := s.can.Attachments[kind]
	if !ok {
		s.Skip("the platform does not take such files")
	}
	if caption != "" && s.can.Caption == 0 {
		s.Skip("the platform has no captions")
	}
	file := Sample(s, kind, limit.MIME...)
	s.meet(0)
	got := s.looks(0, s.send(files(s.outgoing(0, channel.Content{Text: caption}), file)).ExternalIDs[0])
	if len(got.Files) != 1 || got.Files[0].Kind != kind || !bytes.Equal(got.Files[0].Data, file.Data) || got.Text != caption {
		s.Errorf("the customer sees %q with %s, want %q with a %s of %d bytes", got.Text, describe(got.Files), caption, kind, len(file.Data))
		return
	}
	if kind == channel.Document && got.Files[0].Name != file.Name {
		s.Errorf("the document is called %q, want %q", got.Files[0].Name, file.Name)
	}
}

func describe(list []File) string {
	var out []string
	for _, f := range list {
		out = append(out, fmt.Sprintf("%s %q %s, %d bytes", f.Kind, f.Name, f.MIME, len(f.Data)))
	}
	return "[" + strings.Join(out, "; ") + "]"
}

// sendsAlbum: several files in one send are all there, in one call.
func (s *session) sendsAlbum() {
	if s.can.Album < 2 || len(s.can.AlbumKinds) == 0 {
		s.Skip("no albums")
	}
	s.meet(0)
	kind := s.can.AlbumKinds[0]
	first := Sample(s, kind, s.can.Attachments[kind].MIME...)
	second := first
	second.Data = append(slices.Clone(first.Data), 0)
	sent := s.send(files(s.outgoing(0, channel.Content{Text: "альбом"}), first, second))
	var got []File
	var text strings.Builder
	for _, m := range s.all(0) {
		if slices.Contains(sent.ExternalIDs, m.ID) {
			got = append(got, m.Files...)
			text.WriteString(m.Text)
		}
	}
	if len(got) != 2 || !bytes.Equal(got[0].Data, first.Data) || !bytes.Equal(got[1].Data, second.Data) || text.String() != "альбом" {
		s.Errorf("the customer sees %q with %s under the ids %v", text.String(), describe(got), sent.ExternalIDs)
	}
}

// sendsButton: a button is there, and pressing it tells us which.
func (s *session) sendsButton(kind channel.ButtonKind) {
	s.Helper()
	if !slices.Contains(s.can.Buttons.Kinds, kind) {
		s.Skip("the platform has no such button")
	}
	s.meet(0)
	button := channel.Button{Kind: kind, Text: "Да, верно"}
	switch kind {
	case channel.ButtonCallback:
		button.Payload = "yes:1"
	case channel.ButtonURL:
		button.URL = "https://shop.example/order?id=5&x=1"
	case channel.ButtonPhone, channel.ButtonLocation:
	}
	o := s.outgoing(0, channel.Content{Text: "Всё верно?", Buttons: [][]channel.Button{{button}}})
	id := s.send(o).ExternalIDs[0]
	got := s.looks(0, id)
	if got.Text != "Всё верно?" || len(got.Buttons) != 1 || got.Buttons[0].Kind != kind || got.Buttons[0].URL != button.URL {
		s.Fatalf("the customer sees %q with %+v, want %+v", got.Text, got.Buttons, button)
	}
	if kind == channel.ButtonCallback {
		if got.Buttons[0].Text != button.Text {
			s.Errorf("the button says %q", got.Buttons[0].Text)
		}
		s.presses(id, button)
	}
}

func (s *session) presses(id string, button channel.Button) {
	s.Helper()
	s.do(Action{Verb: Press, To: id, Payload: button.Payload})
	u := s.await("the press", func(u channel.Update) bool {
		return u.Press != nil || (u.Message != nil && u.Message.Content.Pressed != nil)
	})
	if u.Message != nil {
		if p := u.Message.Content.Pressed; p.Payload != button.Payload || u.Message.ReplyTo != id || p.Text != button.Text {
			s.Errorf("pressed %+v of %s, want %+v of %s", p, u.Message.ReplyTo, button, id)
		}
		return
	}
	if u.Press.Button.Payload != button.Payload || u.Press.ExternalID != id || u.Chat.Key != s.chat[0] {
		s.Errorf("pressed %+v in %s, want %+v of %s", u.Press, u.Chat.Key, button, id)
	}
	if answerer, ok := s.adapter.(channel.PressAnswerer); ok {
		if err := answerer.AnswerPress(s.Context(), u.Press.AnswerID, "Принято"); err != nil {
			s.Errorf("answer the press: %v", err)
		}
	}
}

// sendsTemplate: each usable template of the account can be sent with the
// variables it lists, and reaches someone out of the window.
func (s *session) sendsTemplate() {
	lister, ok := s.adapter.(channel.TemplateLister)
	if !ok || !s.can.Template {
		s.Skip("no templates")
	}
	s.meet(0)
	list, err := lister.Templates(s.Context())
	if err != nil || len(list) == 0 {
		s.Fatalf("%d templates, error %v", len(list), err)
	}
	sent := 0
	for _, info := range list {
		if !strings.EqualFold(info.Status, "approved") {
			continue
		}
		t := channel.Template{Name: info.Name, Language: info.Language, Variables: map[string]string{}}
		for _, v := range info.Variables {
			t.Variables[v.Key] = v.Example
		}
		got := s.looks(0, s.send(s.outgoing(0, channel.Content{Template: &t})).ExternalIDs[0])
		if got.Template != info.Name || got.Text == "" || strings.Contains(got.Text, "{{") {
			s.Errorf("template %s: the customer sees %+v", info.Name, got)
		}
		sent++
		if len(t.Variables) > 0 {
			t.Variables = nil
			if se := s.fails(s.outgoing(0, channel.Content{Template: &t})); se.Outcome != channel.Failed || se.Reason != channel.ReasonTemplate {
				s.Errorf("template %s without its variables: %+v, want failed, template", info.Name, se)
			}
		}
	}
	if sent == 0 {
		s.Error("the account has no usable template")
	}
}
