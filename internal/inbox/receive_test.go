package inbox_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/inbox"
)

func TestFirstMessage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := said(irina(), "m1", "Здравствуйте")
		u.Message.Source = "ad:42"
		u.Message.Content.Attachments = []channel.Attachment{
			{Kind: channel.Image, Ref: "f1"}, {Kind: channel.Document, Ref: "f2", Name: "big.zip", Unfetchable: channel.ReasonTooBig},
		}
		w.comes(w.tg, u)
		c := w.only()
		w.same("texts", w.texts(c.ID), []string{"Здравствуйте"})
		w.same("status", c.Status, inbox.Open)
		w.same("preview", c.Preview.Text, "Здравствуйте")
		w.same("kinds", c.Kinds, []channel.Kind{channel.Telegram})
		w.same("unread", c.Unread, 1)
		if !c.WaitingSince.Equal(w.clock.Now()) {
			t.Errorf("waiting since %v", c.WaitingSince)
		}
		i := w.timeline(c.ID)[0]
		w.same("files", []any{len(i.Files), i.Files[0].State, i.Files[1].State, i.Files[1].Reason}, []any{2, inbox.FilePending, inbox.FileFailed, channel.ReasonTooBig})
		w.same("media jobs", len(w.jobs.take(inbox.JobMedia)), 1)
		who, err := w.contacts.Get(w.ctx, w.anna, c.Contact)
		w.must(err)
		w.same("contact", []string{who.Name, who.Identities[0].Display, who.Source, who.Locale}, []string{"Ирина Котова", "@irina", "ad:42", "ru"})
		w.same("told", w.told(event.ConversationCreated), 1)
		w.same("told", w.told(event.ItemCreated), 1)
	})
}

func TestTheSameDeliveryAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		press := from(irina())
		press.Press = &channel.Press{AnswerID: "a1", ExternalID: "m1", Button: channel.Button{Kind: channel.ButtonCallback, Text: "Да", Payload: "yes"}}
		updates := []channel.Update{said(irina(), "m1", "раз"), said(irina(), "m2", "два"), press}
		w.comes(w.tg, updates...)
		before, events := w.texts(w.only().ID), w.told(event.ItemCreated)
		// The platform forgets that it handed them over: other keys, same messages.
		w.comes(w.tg, updates...)
		// And once more with the very keys.
		for n := 1; n <= w.raws; n++ {
			key := fmt.Sprintf("raw%d", n)
			w.raw(w.tg, key, key)
		}
		w.step()
		w.same("texts", w.texts(w.only().ID), before)
		w.same("events", w.told(event.ItemCreated), events)
		w.same("texts", before, []string{"раз", "два", "Да"})
		if got := w.jobs.take(inbox.JobPress); len(got) == 0 || got[0].Text != "a1" {
			t.Errorf("press jobs: %v", got)
		}
		last := w.timeline(w.only().ID)[2]
		if last.Content.Pressed == nil || last.Content.Pressed.Payload != "yes" || last.ReplyTo != w.timeline(w.only().ID)[0].ID {
			t.Errorf("press: %+v", last)
		}
	})
}

func TestResolvedThenWritesAgain(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		w.comes(w.tg, said(irina(), "m1", "раз"))
		c := w.only()
		status := inbox.Resolved
		_, err := w.service.Update(w.ctx, w.anna, c.ID, inbox.Patch{Status: &status})
		w.must(err)
		w.clock.pass(71 * time.Hour)
		w.comes(w.tg, said(irina(), "m2", "два"))
		c = w.only()
		w.same("status", c.Status, inbox.Open)
		w.same("texts", w.texts(c.ID), []string{"раз", "(conversation.resolved)", "(conversation.reopened)", "два"})
		w.same("preview", c.Preview.Text, "два")
		_, err = w.service.Update(w.ctx, w.anna, c.ID, inbox.Patch{Status: &status})
		w.must(err)
		w.clock.pass(73 * time.Hour)
		w.comes(w.tg, said(irina(), "m3", "три"))
		list := w.all()
		w.same("conversations", len(list), 2)
		w.same("texts", w.texts(list[0].ID), []string{"три"})
		// The old one cannot be opened beside it: by a person or by an answer.
		open := inbox.Open
		_, err = w.service.Update(w.ctx, w.anna, c.ID, inbox.Patch{Status: &open})
		w.is(err, inbox.ErrAnotherThere)
		_, err = w.service.Send(w.ctx, w.anna, c.ID, text("ответ"))
		w.is(err, inbox.ErrAnotherThere)
	})
}

func TestSnoozedWakes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.comes(w.tg, said(irina(), "m1", "раз"))
		c, snoozed := w.only(), inbox.Snoozed
		until := w.clock.Now().Add(time.Hour)
		_, err := w.service.Update(w.ctx, w.anna, c.ID, inbox.Patch{Status: &snoozed, SnoozedUntil: &until, Assignee: &w.anna.User})
		w.must(err)
		w.must(w.timer.Step(w.ctx))
		w.same("status", w.only().Status, inbox.Snoozed)
		w.clock.pass(time.Hour)
		w.must(w.timer.Step(w.ctx))
		w.same("by the clock", w.only().Status, inbox.Open)
		notes, err := w.service.ListNotifications(w.ctx, w.anna, 0, 10)
		w.must(err)
		w.same("notified", len(notes), 1)
		// Without an end it waits for the customer.
		_, err = w.service.Update(w.ctx, w.anna, c.ID, inbox.Patch{Status: &snoozed})
		w.must(err)
		w.clock.pass(1000 * time.Hour)
		w.must(w.timer.Step(w.ctx))
		w.same("status", w.only().Status, inbox.Snoozed)
		w.comes(w.tg, said(irina(), "m2", "два"))
		w.same("by the customer", w.only().Status, inbox.Open)
		past := w.clock.Now().Add(-time.Minute)
		if _, err = w.service.Update(w.ctx, w.anna, c.ID, inbox.Patch{Status: &snoozed, SnoozedUntil: &past}); err == nil {
			t.Error("snoozed until the past")
		}
	})
}

func TestBlockedContactIsSilent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.comes(w.tg, said(irina(), "m1", "спам"))
		yes, resolved := true, inbox.Resolved
		c := w.only()
		_, err := w.contacts.Update(w.ctx, w.anna, c.Contact, contact.Patch{Blocked: &yes})
		w.must(err)
		_, err = w.service.Update(w.ctx, w.anna, c.ID, inbox.Patch{Status: &resolved})
		w.must(err)
		u := said(irina(), "m2", "ещё спам")
		u.Message.Content.Attachments = []channel.Attachment{{Kind: channel.Image, Ref: "f"}}
		start := from(irina())
		start.Start = &channel.Start{Payload: "x"}
		w.comes(w.tg, u, start)
		c = w.only()
		w.same("status", c.Status, inbox.Resolved)
		w.same("unread", c.Unread, 0)
		if !c.WaitingSince.IsZero() {
			t.Error("a blocked contact waits")
		}
		items := w.timeline(c.ID)
		w.same("kept", []any{items[len(items)-1].Content.Text, len(items[len(items)-1].Files)}, []any{"ещё спам", 1})
		w.same("new conversations", w.told(event.ConversationCreated), 1)
	})
}

func TestGroup(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		say := func(p channel.Person, external, text string) channel.Update {
			u := said(p, external, text)
			u.Chat = channel.Chat{Key: "-100:7", Group: true, Title: "Дом 5"}
			return u
		}
		oleg := channel.Person{ID: "502", Name: "Олег"}
		w.comes(w.tg, say(irina(), "1", "раз"), say(oleg, "2", "два"), said(oleg, "9", "а это лично"))
		list := w.all()
		w.same("conversations", len(list), 2)
		group := list[1]
		if !group.Group {
			group = list[0]
		}
		w.same("title", group.Title, "Дом 5")
		items := w.timeline(group.ID)
		w.same("texts", w.texts(group.ID), []string{"раз", "два"})
		if items[0].Author.ID == items[1].Author.ID || items[0].Contact != group.Contact || items[1].Contact != group.Contact {
			t.Errorf("authors: %+v, %+v", items[0], items[1])
		}
		moved := channel.Update{Chat: channel.Chat{Key: "-100:7", Group: true}, Migration: &channel.Migration{To: "-200:7"}}
		again := say(irina(), "3", "три")
		again.Chat.Key = "-200:7"
		w.comes(w.tg, moved, again)
		w.same("after the move", w.texts(group.ID), []string{"раз", "два", "три"})
		again = say(irina(), "4", "четыре")
		again.Chat.Key, again.Chat.Title = "-200:7", "Дом 7"
		w.comes(w.tg, again)
		c, err := w.service.Get(w.ctx, w.admin, group.ID)
		w.must(err)
		found, err := w.contacts.List(w.ctx, w.admin, "Дом 7", 0, 0, 10)
		w.must(err)
		w.same("renamed", []any{c.Title, len(found), found[0].ID, found[0].Name}, []any{"Дом 7", 1, group.Contact, "Дом 7"})
	})
}

func TestOwnAndEcho(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		w.comes(w.tg, said(irina(), "m1", "раз"))
		w.only()
		own := channel.Update{Chat: channel.Chat{Key: "501"}, Message: &channel.Message{ExternalID: "m2", Own: true, Content: channel.Content{Text: "с телефона"}}}
		w.comes(w.tg, own)
		c := w.only()
		w.same("texts", w.texts(c.ID), []string{"раз", "> с телефона"})
		w.same("answered", []any{c.Unread, c.WaitingSince.IsZero(), w.timeline(c.ID)[1].Author.Type}, []any{0, true, inbox.ByDevice})
		// To somebody who has never written: kept, and nobody is bothered.
		own.Chat.Key, own.Message.ExternalID = "777", "m3"
		w.comes(w.tg, own)
		w.same("conversations", len(w.all()), 2)
		w.same("status", w.all()[0].Status, inbox.Resolved)
		// When he answers, it is one person with one history.
		w.comes(w.tg, said(channel.Person{ID: "777", Name: "Пётр"}, "m4", "да?"))
		list := w.all()
		w.same("conversations", len(list), 2)
		w.same("texts", w.texts(list[0].ID), []string{"> с телефона", "(conversation.reopened)", "да?"})

		// A copy of what Okno sent is the lost receipt.
		w.telegram.answer = func(int, channel.Outgoing) (channel.Sent, error) {
			return channel.Sent{}, &channel.SendError{Outcome: channel.Uncertain, Reason: channel.ReasonNoAnswer}
		}
		i := w.send(c.ID, text("ответ"))
		w.run()
		w.same("state", w.item(i.ID).State, inbox.StateUncertain)
		echo := channel.Update{Chat: channel.Chat{Key: "501"}, Message: &channel.Message{ExternalID: "m9", Own: true, Echo: true, Content: channel.Content{Text: "ответ"}}}
		w.comes(w.tg, echo, echo)
		w.same("state", []any{w.item(i.ID).State, w.item(i.ID).External}, []any{inbox.StateSent, "m9"})
		w.same("texts", w.texts(c.ID), []string{"раз", "> с телефона", "> ответ", "(conversation.assigned)"})
	})
}

func TestEchoOvertakesTheAnswer(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		w.comes(w.tg, said(irina(), "m1", "раз"))
		c := w.only()
		for name, fails := range map[string]error{"ok": nil, "timeout": &channel.SendError{Outcome: channel.Uncertain, Reason: channel.ReasonNoAnswer}} {
			w.telegram.answer = func(_ int, o channel.Outgoing) (channel.Sent, error) {
				w.comes(w.tg, channel.Update{Chat: channel.Chat{Key: "501"}, Message: &channel.Message{
					ExternalID: "e" + o.ItemID, Own: true, Echo: true, Content: channel.Content{Text: o.Content.Text},
				}})
				return channel.Sent{ExternalIDs: []string{"e" + o.ItemID}}, fails
			}
			i := w.send(c.ID, text(name))
			w.run()
			w.same(name, w.item(i.ID).State, inbox.StateSent)
			tries, err := w.store.ListAttempts(w.ctx, w.ws, i.ID)
			w.must(err)
			w.same(name, []any{len(tries), tries[0].Outcome}, []any{1, inbox.OutcomeSent})
		}
	})
}

func TestAlbum(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		for n := range 3 {
			u := said(irina(), fmt.Sprint("m", n), "")
			u.Message.Album = "a1"
			u.Message.Content.Attachments = []channel.Attachment{{Kind: channel.Image, Ref: fmt.Sprint("f", n)}}
			w.comes(w.tg, u)
		}
		for _, i := range w.timeline(w.only().ID) {
			w.same("album", []any{i.Album, len(i.Files)}, []any{"a1", 1})
		}
	})
}

func TestStart(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		box, err := w.service.GetInbox(w.ctx, w.admin, w.box)
		w.must(err)
		box.Greeting, box.Away = "Добрый день!", "Мы спим"
		_, err = w.service.SaveInbox(w.ctx, w.admin, box)
		w.must(err)
		start := from(irina())
		start.Start = &channel.Start{Payload: "promo"}
		w.comes(w.tg, start)
		c := w.only()
		w.same("status", c.Status, inbox.Pending)
		w.same("texts", w.texts(c.ID), []string{"(contact.started)", "> Добрый день!"})
		who, err := w.contacts.Get(w.ctx, w.anna, c.Contact)
		w.must(err)
		w.same("source", who.Source, "promo")
		w.same("send jobs", len(w.jobs.take(inbox.JobSend)), 1)
		w.comes(w.tg, said(irina(), "m1", "сколько стоит?"))
		c = w.only()
		w.same("greeted once", []any{c.Status, c.Unread, w.texts(c.ID)}, []any{inbox.Open, 1, []string{"(contact.started)", "> Добрый день!", "сколько стоит?"}})

		// Outside the hours: the away message once per wait.
		box.Hours.Always, box.Hours.Week = false, []inbox.Span{{Day: 3, From: "09:00", To: "18:00"}}
		_, err = w.service.SaveInbox(w.ctx, w.admin, box)
		w.must(err)
		w.comes(w.tg, said(channel.Person{ID: "9", Name: "Ночной"}, "n1", "ау"), said(channel.Person{ID: "9", Name: "Ночной"}, "n2", "ау!"))
		w.same("away", w.texts(w.all()[0].ID), []string{"ау", "> Мы спим", "ау!"})
		w.same("still waits", w.all()[0].WaitingSince.IsZero(), false)
	})
}

func TestReachAndAccess(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		w.comes(w.tg, said(irina(), "m1", "раз"))
		c := w.only()
		why := func() channel.Reason {
			list, err := w.service.Targets(w.ctx, w.anna, c.ID)
			w.must(err)
			return list[0].Reason
		}
		u := from(irina())
		u.Reach = &channel.Reach{Blocked: true}
		w.comes(w.tg, u, u)
		w.same("blocked", why(), channel.ReasonBlocked)
		_, err := w.service.Send(w.ctx, w.anna, c.ID, text("ау"))
		w.is(err, inbox.ErrNotSendable)
		w.comes(w.tg, said(irina(), "m2", "я снова тут"))
		w.same("wrote again", why(), "")
		u = from(irina())
		u.Access = &channel.Access{}
		w.comes(w.tg, u)
		w.same("read only", why(), channel.ReasonNoPermission)
		u.Access = &channel.Access{CanReply: true}
		w.comes(w.tg, u)
		w.same("writable", why(), "")
		w.same("texts", w.texts(c.ID), []string{"раз", "(contact.blocked)", "я снова тут", "(chat.read_only)", "(chat.writable)"})
		stranger := from(channel.Person{ID: "404"})
		stranger.Reach = &channel.Reach{Blocked: true}
		w.comes(w.tg, stranger)
		w.same("conversations", len(w.all()), 1)
	})
}

func TestPersonChanged(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		was := channel.Person{ID: "79120000001", Name: "Ирина", Phone: "79120000001"}
		is := channel.Person{ID: "RU.555", Phone: "79120000002"}
		w.comes(w.wa, said(was, "m1", "раз"))
		changed := channel.Update{Chat: channel.Chat{Key: was.ID}, Sender: is, PersonChanged: &channel.PersonChanged{Old: was}}
		moved := channel.Update{Chat: channel.Chat{Key: was.ID}, Sender: is, Migration: &channel.Migration{To: is.ID}}
		w.comes(w.wa, changed, moved, said(is, "m2", "новый номер"))
		c := w.only()
		w.same("texts", w.texts(c.ID), []string{"раз", "новый номер"})
		chats, err := w.store.ChatsOf(w.ctx, w.ws, c.Contact)
		w.must(err)
		w.same("chat", []any{len(chats), chats[0].Key, chats[0].Recipient}, []any{1, is.ID, is.ID})
		who, err := w.contacts.Get(w.ctx, w.anna, c.Contact)
		w.must(err)
		var values []string
		for _, i := range who.Identities {
			values = append(values, i.Value)
		}
		slices.Sort(values)
		w.same("identities", values, []string{"+79120000001", "+79120000002", "79120000001", "RU.555"})
	})
}

func TestNotices(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		about := channel.Update{Notice: &channel.Notice{Code: "template_status", Detail: "paused"}}
		w.comes(w.tg, about, about)
		notes, err := w.service.ListNotifications(w.ctx, w.anna, 0, 10)
		w.must(err)
		w.same("once until read", len(notes), 1)
		w.must(w.service.ReadNotifications(w.ctx, w.anna, nil))
		w.comes(w.tg, about)
		notes, err = w.service.ListNotifications(w.ctx, w.anna, 0, 10)
		w.must(err)
		w.same("again", len(notes), 2)
		strangers, err := w.service.ListNotifications(w.ctx, w.boris, 0, 10)
		w.must(err)
		w.same("outsiders", len(strangers), 0)
		// About a chat: on its timeline.
		w.comes(w.tg, said(irina(), "m1", "раз"))
		voice := from(irina())
		voice.Notice, voice.At = &channel.Notice{Code: "voice_not_handed_over"}, w.clock.Now()
		muted := from(irina())
		muted.Notice = &channel.Notice{Code: "muted"}
		w.comes(w.tg, muted, voice, voice)
		c := w.only()
		items := w.timeline(c.ID)
		w.same("timeline", []any{len(items), items[1].Event.Data["code"], items[2].Content.Unsupported, c.Unread}, []any{3, "muted", "voice_not_handed_over", 2})
	})
}

func TestTypingAndEmpty(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		u := from(irina())
		u.Typing = &channel.Typing{Text: "прив"}
		w.comes(w.tg, u) // nobody knows her yet
		w.same("live", len(w.live.seen), 0)
		w.comes(w.tg, said(irina(), "m1", "раз"), u, from(irina()))
		w.same("live", w.live.seen, []string{fmt.Sprintf("customer %d прив", w.only().ID)})
	})
}
