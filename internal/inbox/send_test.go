package inbox_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/inbox"
)

// talk is a conversation in which the customer waits.
func (w *world) talk() inbox.Conversation {
	w.t.Helper()
	w.comes(w.tg, said(irina(), "m1", "раз"))
	return w.only()
}

// upload keeps a file of Anna's.
func (w *world) upload(kind channel.AttachmentKind, name, mime string, size int) inbox.FileID {
	w.t.Helper()
	w.shelf.kinds[name] = kind
	f, err := w.service.Upload(w.ctx, w.anna, inbox.NewFile{Name: name, MIME: mime}, strings.NewReader(strings.Repeat("x", size)))
	w.must(err)
	return f.ID
}

func TestAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.talk()
		w.must(w.service.SetDraft(w.ctx, w.anna, c.ID, inbox.Draft{Text: "отв"}))
		l := text("ответ")
		l.ClientID, l.ReplyTo = "c1", w.timeline(c.ID)[0].ID
		first := w.send(c.ID, l)
		again := w.send(c.ID, l)
		w.same("once", first.ID, again.ID)
		c = w.only()
		w.same("after", []any{c.Unread, c.WaitingSince.IsZero(), c.Assignee, c.HasDraft, c.FirstReplyAt.IsZero()}, []any{0, true, w.anna.User, false, false})
		w.same("preview", []any{c.Preview.Text, c.Preview.State}, []any{"ответ", inbox.StateQueued})
		queued := w.jobs.take(inbox.JobSend)
		w.same("jobs", []any{len(queued), queued[0].OrderKey}, []any{1, fmt.Sprint("chat:", int64(first.Chat))})
		w.must(w.deliver.Send(w.ctx, w.ws, first.ID))
		// A job may run twice: the message goes once.
		w.must(w.deliver.Send(w.ctx, w.ws, first.ID))
		w.same("sent", []any{len(w.telegram.sent), w.telegram.sent[0].Content.Text, w.telegram.sent[0].ReplyTo, w.telegram.sent[0].Chat}, []any{1, "ответ", "m1", "501"})
		got := w.item(first.ID)
		w.same("state", []any{got.State, got.External}, []any{inbox.StateSent, "x" + fmt.Sprint(first.ID)})
		w.same("preview", w.only().Preview.State, inbox.StateSent)
		// Somebody else's id of the same name is another message.
		other, err := w.service.Send(w.ctx, w.admin, c.ID, l)
		w.must(err)
		if other.ID == first.ID {
			t.Error("client ids of two people met")
		}
	})
}

func TestFilesBecomeMessages(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		c := w.talk()
		l := text("смотрите")
		l.Files = []inbox.FileID{
			w.upload(channel.Image, "1.jpg", "image/jpeg", 10), w.upload(channel.Video, "2.mp4", "video/mp4", 10),
			w.upload(channel.Document, "3.pdf", "application/pdf", 10), w.upload(channel.Voice, "4.ogg", "audio/ogg; codecs=opus", 10),
		}
		first := w.send(c.ID, l)
		w.run()
		var shape []string
		for _, o := range w.telegram.sent {
			shape = append(shape, fmt.Sprintf("%s:%d", o.Content.Text, len(o.Content.Attachments)))
		}
		w.same("messages", shape, []string{"смотрите:2", ":1", ":1"})
		r, size, err := w.telegram.sent[0].Open(w.ctx, 1)
		w.must(err)
		b, err := io.ReadAll(r)
		w.must(err)
		w.same("bytes", []any{len(b), size}, []any{10, 10})
		items := w.timeline(c.ID)
		w.same("first", []any{items[1].ID, len(items[1].Files)}, []any{first.ID, 2})
		_, err = w.service.Send(w.ctx, w.anna, c.ID, inbox.Letter{Files: l.Files[:1]})
		w.is(err, inbox.ErrFileUsed)
		mine := w.upload(channel.Image, "5.jpg", "image/jpeg", 10)
		_, err = w.service.Send(w.ctx, w.admin, c.ID, inbox.Letter{Files: []inbox.FileID{mine}})
		w.is(err, inbox.ErrNoFile)
		_, err = w.service.Send(w.ctx, w.anna, c.ID, inbox.Letter{Files: []inbox.FileID{mine, mine}})
		w.is(err, inbox.ErrFileUsed)
		w.same("nothing half sent", len(w.timeline(c.ID)), 5) // with the assignment
	})
}

func TestWhatAChannelCannotCarry(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.talk()
		button := func(k channel.ButtonKind, n, length int) [][]channel.Button {
			row := make([]channel.Button, n)
			for i := range row {
				row[i] = channel.Button{Kind: k, Text: strings.Repeat("к", length), Payload: "p"}
			}
			return [][]channel.Button{row}
		}
		for name, x := range map[string]struct {
			l    inbox.Letter
			want error
		}{
			"empty":      {inbox.Letter{}, inbox.ErrEmpty},
			"invisible":  {text("\u200b \u2060"), inbox.ErrEmpty},
			"long":       {text(strings.Repeat("я", 4097)), inbox.ErrTooLong},
			"emoji":      {text(strings.Repeat("😀", 2049)), inbox.ErrTooLong}, // two units each
			"caption":    {inbox.Letter{Content: channel.Content{Text: strings.Repeat("я", 1025)}, Files: []inbox.FileID{w.upload(channel.Image, "a.jpg", "image/jpeg", 1)}}, inbox.ErrTooLong},
			"big":        {inbox.Letter{Files: []inbox.FileID{w.upload(channel.Image, "b.jpg", "image/jpeg", 1001)}}, inbox.ErrFileTooBig},
			"kind":       {inbox.Letter{Files: []inbox.FileID{w.upload(channel.Sticker, "c.webp", "image/webp", 1)}}, inbox.ErrUnsupported},
			"mime":       {inbox.Letter{Files: []inbox.FileID{w.upload(channel.Voice, "d.mp3", "audio/mpeg", 1)}}, inbox.ErrUnsupported},
			"template":   {inbox.Letter{Content: channel.Content{Template: &channel.Template{Name: "t"}}}, inbox.ErrUnsupported},
			"buttons":    {inbox.Letter{Content: channel.Content{Text: "?", Buttons: button(channel.ButtonCallback, 3, 5)}}, inbox.ErrUnsupported},
			"url button": {inbox.Letter{Content: channel.Content{Text: "?", Buttons: button(channel.ButtonURL, 1, 5)}}, inbox.ErrUnsupported},
			"beside":     {inbox.Letter{Content: channel.Content{Text: strings.Repeat("я", 101), Buttons: button(channel.ButtonCallback, 1, 5)}}, inbox.ErrTooLong},
			"wide":       {inbox.Letter{Content: channel.Content{Text: "?", Buttons: button(channel.ButtonCallback, 1, 21)}}, inbox.ErrTooLong},
			"no file":    {inbox.Letter{Files: []inbox.FileID{12345}}, inbox.ErrNoFile},
			"no reply":   {inbox.Letter{Content: channel.Content{Text: "?"}, ReplyTo: 12345}, inbox.ErrNoItem},
			"no channel": {inbox.Letter{Content: channel.Content{Text: "?"}, Channel: 12345}, inbox.ErrNotSendable},
		} {
			if _, err := w.service.Send(w.ctx, w.anna, c.ID, x.l); !errors.Is(err, x.want) {
				t.Errorf("%s: got %v, want %v", name, err, x.want)
			}
		}
		for name, l := range map[string]inbox.Letter{
			"marks": {Content: channel.Content{Text: "аб", Marks: []channel.Mark{{Type: channel.Bold, Offset: 1, Length: 2}}}},
			"past":  {Content: channel.Content{Text: "?"}, SendAt: w.clock.Now().Add(-time.Hour)},
			"years": {Content: channel.Content{Text: "?"}, SendAt: w.clock.Now().Add(10000 * time.Hour)},
			"bytes": {Content: channel.Content{Text: "\xff"}},
		} {
			if _, err := w.service.Send(w.ctx, w.anna, c.ID, l); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: got %v", name, err)
			}
		}
		w.same("nothing kept", len(w.timeline(c.ID)), 1)
		w.send(c.ID, text(strings.Repeat("😀", 2048)))
	})
}

func TestWindow(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		p := channel.Person{ID: "79120000001", Name: "Ирина", Phone: "79120000001"}
		w.comes(w.wa, said(p, "m1", "раз"))
		c := w.only()
		list, err := w.service.Targets(w.ctx, w.anna, c.ID)
		w.must(err)
		w.same("open", []any{list[0].Default, list[0].TemplateOnly, list[0].WindowUntil.Sub(w.clock.Now())}, []any{true, false, 24 * time.Hour})
		w.clock.pass(25 * time.Hour)
		_, err = w.service.Send(w.ctx, w.anna, c.ID, text("поздно"))
		w.is(err, inbox.ErrWindowClosed)
		w.send(c.ID, inbox.Letter{Content: channel.Content{Template: &channel.Template{Name: "hello", Language: "ru", Body: "Здравствуйте"}}})
		w.same("preview", w.only().Preview.Text, "Здравствуйте")
		w.comes(w.wa, said(p, "m2", "два"))
		w.send(c.ID, text("вовремя"))
		// Without templates the channel says that it cannot.
		w.whatsapp.can.Template = false
		w.clock.pass(25 * time.Hour)
		_, err = w.service.Send(w.ctx, w.anna, c.ID, text("поздно"))
		w.is(err, inbox.ErrNotSendable)
	})
}

func TestTargets(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		p := irina()
		p.Phone = "+79120000001"
		w.comes(w.tg, said(p, "m1", "раз"))
		c := w.only()
		kinds := func() (out []string) {
			list, err := w.service.Targets(w.ctx, w.anna, c.ID)
			w.must(err)
			for _, x := range list {
				s := string(x.Account.Kind) + " " + x.To
				if x.Default {
					s += "*"
				}
				out = append(out, s)
			}
			return out
		}
		w.same("begin by phone", kinds(), []string{"telegram @irina*", "whatsapp +79120000001"})
		// One may begin there, with a template.
		first := w.send(c.ID, inbox.Letter{Channel: w.wa, Content: channel.Content{Template: &channel.Template{Name: "t", Body: "б"}}})
		w.run()
		w.same("sent", []any{w.whatsapp.sent[0].Chat, w.whatsapp.sent[0].Recipient}, []any{"79120000001", "79120000001"})
		w.comes(w.wa, said(channel.Person{ID: "79120000001", Phone: "79120000001", Name: "Ирина К."}, "w1", "я тут"))
		w.same("one conversation", w.only().Kinds, []channel.Kind{channel.Telegram, channel.WhatsApp})
		w.same("one chat", w.item(first.ID).Chat, w.timeline(c.ID)[len(w.timeline(c.ID))-1].Chat)
		w.same("last used first", kinds()[0], "whatsapp 79120000001*")
		w.accounts.off[w.wa] = true
		w.same("off", kinds(), []string{"telegram @irina*", "whatsapp 79120000001"})
	})
}

func TestScheduled(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		c := w.talk()
		l := text("позже")
		l.SendAt = w.clock.Now().Add(time.Hour)
		later := w.send(c.ID, l)
		l.Content.Text = "никогда"
		never := w.send(c.ID, l)
		w.same("not yet", []any{w.only().Preview.Text, w.only().Unread, len(w.jobs.take(inbox.JobSend))}, []any{"раз", 1, 0})
		_, err := w.service.Cancel(w.ctx, w.anna, never.ID)
		w.must(err)
		_, err = w.service.Cancel(w.ctx, w.anna, never.ID)
		w.is(err, inbox.ErrWrongState)
		changed, err := w.service.Edit(w.ctx, w.anna, later.ID, channel.Content{Text: "позже!"})
		w.must(err)
		w.same("edited before", changed.Content.Text, "позже!")
		w.clock.pass(30 * time.Minute)
		w.comes(w.tg, said(irina(), "m2", "два"))
		now := w.send(c.ID, text("сейчас"))
		w.clock.pass(time.Minute)
		w.comes(w.tg, said(irina(), "m3", "три"))
		w.same("waits", w.only().Unread, 1)
		w.clock.pass(30 * time.Minute)
		w.must(w.timer.Step(w.ctx))
		w.must(w.timer.Step(w.ctx))
		w.run()
		w.same("sent", []any{len(w.telegram.sent), w.item(later.ID).State, w.item(now.ID).State, w.item(never.ID).State}, []any{2, inbox.StateSent, inbox.StateSent, inbox.StateCancelled})
		w.same("answered", []any{w.only().Unread, w.only().WaitingSince.IsZero(), w.only().Preview.Text}, []any{0, true, "позже!"})
		// It stands where it was sent, for every page.
		all := w.timeline(c.ID)
		w.same("place", all[len(all)-1].ID, later.ID)
		var ids []inbox.ItemID
		for at := (inbox.Around{Limit: 2}); ; {
			page, err := w.service.Timeline(w.ctx, w.anna, c.ID, at)
			w.must(err)
			for n := range page.Items {
				ids = append(ids, page.Items[len(page.Items)-1-n].ID)
			}
			if !page.HasBefore {
				break
			}
			at.Before = page.Items[0].ID
		}
		slices.Reverse(ids)
		forward := []inbox.ItemID{all[0].ID}
		for at := (inbox.Around{After: all[0].ID, Limit: 2}); ; {
			page, err := w.service.Timeline(w.ctx, w.anna, c.ID, at)
			w.must(err)
			for _, i := range page.Items {
				forward = append(forward, i.ID)
			}
			if !page.HasAfter {
				break
			}
			at.After = page.Items[len(page.Items)-1].ID
		}
		for n, i := range all {
			w.same("pages", []any{ids[n], forward[n]}, []any{i.ID, i.ID})
		}
		around, err := w.service.Timeline(w.ctx, w.anna, c.ID, inbox.Around{At: later.ID, Limit: 4})
		w.must(err)
		w.same("around it", around.Items[len(around.Items)-1].ID, later.ID)
	})
}
