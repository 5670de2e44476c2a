package telegram_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/channeltest"
	standin "github.com/okno-hq/okno/internal/standin/telegram"
)

// pull polls until there are n updates, and decodes them.
func pull(t testing.TB, a channel.Adapter, cursor *string, n int) []channel.Update {
	t.Helper()
	var out []channel.Update
	for deadline := time.Now().Add(10 * time.Second); len(out) < n; {
		raws, next, err := a.(channel.Poller).Poll(t.Context(), *cursor)
		if err != nil {
			t.Fatalf("poll: %v", err)
		}
		*cursor = next
		for _, raw := range raws {
			updates, err := a.Decode(raw)
			if err != nil {
				t.Fatalf("decode: %v", err)
			}
			out = append(out, updates...)
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d updates, want %d: %+v", len(out), n, out)
		}
	}
	return out
}

const (
	businessID   = "bc_9x"
	businessChat = "bc:bc_9x:601"
)

// business is a stand-in with a business account, and a bot that was told of
// it.
func business(t *testing.T, cursor *string) (*platform, channel.Adapter) {
	t.Helper()
	p := newPlatform(t, kind{polling: true})
	a := connect(t, p, nil)
	if _, _, err := a.(channel.Poller).Poll(t.Context(), ""); err != nil { // asks for the kinds of update
		t.Fatal(err)
	}
	p.Connect(standin.Connection{ID: businessID, OwnerID: 77, CanReply: true})
	if u := pull(t, a, cursor, 1)[0]; u.Access == nil || !u.Access.CanReply || u.Chat.Key != "bc:bc_9x" {
		t.Fatalf("connection: %+v", u)
	}
	return p, a
}

func write(t *testing.T, p *platform, post standin.Post, text string) int {
	t.Helper()
	id, err := p.SendText(post, text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestBusinessIn: who is who in a business account's chats.
func TestBusinessIn(t *testing.T) {
	var cursor string
	p, a := business(t, &cursor)
	customer := standin.Post{From: 601, Business: businessID}
	asked := write(t, p, customer, "Цена?")
	if u := pull(t, a, &cursor, 1)[0]; u.Chat.Key != businessChat || u.Message == nil || u.Message.Own || u.Sender.ID != "601" {
		t.Fatalf("customer's message: %+v", u)
	}
	write(t, p, standin.Post{From: 601}, "я же")
	if u := pull(t, a, &cursor, 1)[0]; u.Chat.Key != "601" { // another chat with the same person
		t.Errorf("the bot's own chat: %+v", u.Chat)
	}
	owner := customer
	owner.Owner = true
	write(t, p, owner, "Минуту")
	if u := pull(t, a, &cursor, 1)[0]; !u.Message.Own || u.Message.Echo || u.Chat.Key != businessChat {
		t.Errorf("owner's message: %+v", u.Message)
	}
	sent := mustSend(t, a, text(businessChat, "100 ₽"))
	if u := pull(t, a, &cursor, 1)[0]; !u.Message.Echo || u.Message.Own || u.Message.ExternalID != sent.ExternalIDs[0] || u.Chat.Key != businessChat {
		t.Errorf("our echo: %+v", u.Message)
	}
	if err := p.EditText(customer, asked, "Цена со скидкой?"); err != nil {
		t.Fatal(err)
	}
	if err := p.Delete(customer, asked); err != nil {
		t.Fatal(err)
	}
	got := pull(t, a, &cursor, 2)
	if got[0].Edit == nil || got[0].Edit.Content.Text != "Цена со скидкой?" || got[1].Deletion == nil || got[1].Chat.Key != businessChat {
		t.Errorf("edit and deletion: %+v", got)
	}
}

// TestBusinessOut: everything that we may do in a business account's chat,
// until we may no longer.
func TestBusinessOut(t *testing.T) {
	var cursor string
	p, a := business(t, &cursor)
	asked := write(t, p, standin.Post{From: 601, Business: businessID}, "Цена?")
	pull(t, a, &cursor, 1)
	theirs := channel.Target{Chat: businessChat, ExternalID: strconv.Itoa(asked)}
	if err := a.(channel.ReadMarker).MarkRead(t.Context(), theirs); err != nil {
		t.Errorf("mark read: %v", err)
	}
	if err := a.(channel.Typer).ShowActivity(t.Context(), theirs, channel.TypingText); err != nil || p.Actions(businessChat, "typing") != 1 {
		t.Errorf("typing: %v", err)
	}
	if se := asSendError(t, a.(channel.Reactor).React(t.Context(), theirs, "👍")); se.Reason != channel.ReasonUnsupported {
		t.Errorf("react: %+v", se)
	}
	o := text(businessChat, "100 ₽")
	o.ReplyTo = theirs.ExternalID
	sent := mustSend(t, a, o)
	voice := mustSend(t, a, attach(text(businessChat, ""), channeltest.Sample(t, channel.Voice)))
	if err := a.(channel.Editor).Edit(t.Context(), channel.Target{Chat: businessChat, ExternalID: sent.ExternalIDs[0]}, channel.Content{Text: "90 ₽"}); err != nil {
		t.Errorf("edit: %v", err)
	}
	for range 2 { // the second time it is gone already
		if err := a.(channel.Deleter).Delete(t.Context(), channel.Target{Chat: businessChat, ExternalID: voice.ExternalIDs[0]}); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	all := p.Messages(businessChat)
	if !all[0].Read || all[1].Text != "90 ₽" || all[1].ReplyTo != asked || all[2].Type != "voice" || !all[2].Deleted {
		t.Errorf("the chat is %+v", all)
	}
	pull(t, a, &cursor, 2) // our echoes
	p.Advance(25 * time.Hour)
	_, err := a.Send(t.Context(), text(businessChat, "поздно"))
	if se := asSendError(t, err); se.Reason != channel.ReasonWindowClosed {
		t.Errorf("a day later: %+v", se)
	}
	p.Connect(standin.Connection{ID: businessID, OwnerID: 77})
	if u := pull(t, a, &cursor, 1)[0]; u.Access == nil || u.Access.CanReply || u.Access.Reason != channel.ReasonNoPermission {
		t.Errorf("right withdrawn: %+v", u)
	}
	_, err = a.Send(t.Context(), text(businessChat, "нельзя"))
	if se := asSendError(t, err); se.Reason != channel.ReasonNoPermission || se.Outcome != channel.Failed {
		t.Errorf("without the right: %+v", se)
	}
}

// TestGroups: topics, migration and removal.
func TestGroups(t *testing.T) {
	p := newPlatform(t, kind{polling: true})
	a := connect(t, p, map[string]string{"groups": "true"})
	var cursor string
	p.AddGroup(standin.Group{ID: -100123, Title: "Опт", Forum: true}, 501)
	if u := pull(t, a, &cursor, 1)[0]; u.Reach == nil || u.Reach.Blocked || !u.Chat.Group || u.Chat.Title != "Опт" {
		t.Errorf("added: %+v", u)
	}
	if _, err := p.SendText(standin.Post{From: 501, Chat: -100123, Topic: 7}, "в теме"); err != nil {
		t.Fatal(err)
	}
	u := pull(t, a, &cursor, 1)[0]
	if u.Chat.Key != "-100123:7" || u.Sender.ID != "501" {
		t.Errorf("in a topic: %+v", u)
	}
	mustSend(t, a, text(u.Chat.Key, "ответ"))
	if m := lastOf(t, p, "-100123:7"); m.Text != "ответ" {
		t.Errorf("the topic got %+v", m)
	}

	p.AddGroup(standin.Group{ID: -5, Title: "Розница"}, 501)
	pull(t, a, &cursor, 1)
	if err := p.Migrate(-5, -1005); err != nil {
		t.Fatal(err)
	}
	for _, u := range pull(t, a, &cursor, 2) {
		if u.Migration == nil || u.Chat.Key != "-5" || u.Migration.To != "-1005" {
			t.Errorf("migration: %+v", u)
		}
	}
	_, err := a.Send(t.Context(), text("-5", "x"))
	if se := asSendError(t, err); se.Outcome != channel.Retry || se.Chat != "-1005" {
		t.Errorf("to the old chat: %+v, want retry to -1005", se)
	}
	mustSend(t, a, text("-1005", "x"))

	if err := p.Mute(-1005, true); err != nil {
		t.Fatal(err)
	}
	_, err = a.Send(t.Context(), text("-1005", "x"))
	if se := asSendError(t, err); se.Reason != channel.ReasonNoPermission {
		t.Errorf("muted: %+v", se)
	}
	if err := p.RemoveFromGroup(-1005, 501); err != nil {
		t.Fatal(err)
	}
	if u := pull(t, a, &cursor, 1)[0]; u.Reach == nil || !u.Reach.Blocked || u.Reach.Reason != channel.ReasonChatGone {
		t.Errorf("removed: %+v", u)
	}

	p.AddGroup(standin.Group{ID: -100777, Title: "Канал", Direct: true}, 501)
	pull(t, a, &cursor, 1)
	if _, err := p.SendText(standin.Post{From: 501, Chat: -100777}, "каналу"); err != nil {
		t.Fatal(err)
	}
	direct := pull(t, a, &cursor, 1)[0].Chat.Key
	mustSend(t, a, text(direct, "от канала"))
	if m := lastOf(t, p, direct); m.Text != "от канала" || direct != "-100777:dm:501" {
		t.Errorf("in %s: %+v", direct, m)
	}
}

// TestChanges: edits, deletions, reactions and presses with their corners.
func TestChanges(t *testing.T) {
	p, a := met(t, nil)
	sent := mustSend(t, a, attach(text("501", "фото"), channeltest.Sample(t, channel.Image)))
	photo := channel.Target{Chat: "501", ExternalID: sent.ExternalIDs[0], Media: true}
	editor := a.(channel.Editor)
	for _, caption := range []string{"другое", "другое", ""} { // the second changes nothing
		if err := editor.Edit(t.Context(), photo, channel.Content{Text: caption}); err != nil {
			t.Errorf("caption %q: %v", caption, err)
		}
		if m := lastOf(t, p, "501"); m.Text != caption {
			t.Errorf("caption %q, want %q", m.Text, caption)
		}
	}
	for name, c := range map[string]channel.Content{
		"nothing": {}, "too long": {Text: strings.Repeat("я", 4097)},
		"a keyboard": {Text: "x", Buttons: [][]channel.Button{{{Kind: channel.ButtonPhone, Text: "x"}}}},
	} {
		if se := asSendError(t, editor.Edit(t.Context(), channel.Target{Chat: "501", ExternalID: "2"}, c)); se.Outcome != channel.Failed {
			t.Errorf("edit to %s: %+v", name, se)
		}
	}
	if se := asSendError(t, editor.Edit(t.Context(), channel.Target{Chat: "501", ExternalID: "1"}, channel.Content{Text: "x"})); se.Reason != channel.ReasonTooOld {
		t.Errorf("edit of the customer's: %+v", se)
	}
	first := channel.Target{Chat: "501", ExternalID: "1"}
	reactor := a.(channel.Reactor)
	for _, emoji := range []string{"❤️", "👍", ""} {
		if err := reactor.React(t.Context(), first, emoji); err != nil {
			t.Errorf("react %q: %v", emoji, err)
		}
		if m, _ := p.Message("501", 1); m.Reaction != strings.TrimSuffix(emoji, "\ufe0f") {
			t.Errorf("reaction %q, want %q", m.Reaction, emoji)
		}
	}
	for _, emoji := range a.Capabilities().Reactions {
		if err := reactor.React(t.Context(), first, emoji); err != nil {
			t.Fatalf("react %q: %v", emoji, err)
		}
		if testing.Short() {
			break
		}
	}
	if se := asSendError(t, reactor.React(t.Context(), first, "🪑")); se.Reason != channel.ReasonUnsupported {
		t.Errorf("an emoji that is no reaction: %+v", se)
	}
	if err := a.(channel.PressAnswerer).AnswerPress(t.Context(), "forgotten", ""); err != nil {
		t.Errorf("answer to a forgotten press: %v", err)
	}
	p.Advance(49 * time.Hour)
	if se := asSendError(t, a.(channel.Deleter).Delete(t.Context(), photo)); se.Reason != channel.ReasonTooOld || se.Outcome != channel.Failed {
		t.Errorf("delete after two days: %+v", se)
	}
	if err := a.(channel.Deleter).Delete(t.Context(), channel.Target{Chat: "501", ExternalID: "777"}); err != nil {
		t.Errorf("delete what is not there: %v", err)
	}
	if err := a.(channel.ReadMarker).MarkRead(t.Context(), first); err != nil || p.Calls("readBusinessMessage") != 0 {
		t.Errorf("mark read in a plain chat: %v", err)
	}
}

// TestPress: the customer's spinner ends with our words.
func TestPress(t *testing.T) {
	p, a := met(t, nil)
	o := text("501", "Как вам?")
	o.Content.Buttons = [][]channel.Button{
		{{Kind: channel.ButtonCallback, Text: "Пять", Payload: "csat:5"}, {Kind: channel.ButtonCallback, Text: "Один", Payload: "csat:1"}},
		{{Kind: channel.ButtonURL, Text: "Сайт", URL: "https://shop.example"}},
	}
	sent := mustSend(t, a, o)
	id, err := strconv.Atoi(sent.ExternalIDs[0])
	if err != nil {
		t.Fatal(err)
	}
	press, err := p.PressButton(standin.Post{From: 501}, id, "csat:1")
	if err != nil {
		t.Fatal(err)
	}
	cursor := ""
	got := pull(t, a, &cursor, 2)[1]
	if got.Press == nil || got.Press.AnswerID != press || got.Press.Button.Text != "Один" || got.Sender.ID != "501" {
		t.Fatalf("%+v", got)
	}
	if err := a.(channel.PressAnswerer).AnswerPress(t.Context(), got.Press.AnswerID, "Спасибо! "+strings.Repeat("😀", 200)); err != nil {
		t.Fatal(err)
	}
	if ok, said := p.Answered(press); !ok || !strings.HasPrefix(said, "Спасибо!") {
		t.Errorf("answered %v, %q", ok, said)
	}
	// New text without buttons takes them away.
	if err := a.(channel.Editor).Edit(t.Context(), channel.Target{Chat: "501", ExternalID: sent.ExternalIDs[0]}, channel.Content{Text: "Спасибо"}); err != nil {
		t.Fatal(err)
	}
	if m := lastOf(t, p, "501"); m.Text != "Спасибо" || strings.Contains(string(m.Body), "inline_keyboard") {
		t.Errorf("%s", m.Body)
	}
}
