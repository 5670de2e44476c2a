package inbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/inbox"
)

func TestHandOver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.talk()
		got, err := w.service.Update(w.ctx, w.anna, c.ID, inbox.Patch{Assignee: &w.admin.User, Note: "посмотри, пожалуйста"})
		w.must(err)
		w.same("assignee", got.Assignee, w.admin.User)
		w.same("texts", w.texts(c.ID), []string{"раз", "посмотри, пожалуйста", "(conversation.assigned)"})
		notes, err := w.service.ListNotifications(w.ctx, w.admin, 0, 10)
		w.must(err)
		w.same("notified", []any{len(notes), notes[0].Kind, notes[0].Text, notes[0].By}, []any{1, inbox.NotifyAssigned, "посмотри, пожалуйста", w.anna.User})
		w.same("push", len(w.jobs.take(inbox.JobPush)), 1)
		nobody := access.UserID(0)
		got, err = w.service.Update(w.ctx, w.anna, c.ID, inbox.Patch{Assignee: &nobody})
		w.must(err)
		w.same("nobody's", got.Assignee, 0)

		other, err := w.service.SaveInbox(w.ctx, w.admin, named("Поддержка"))
		w.must(err)
		_, err = w.service.Update(w.ctx, w.anna, c.ID, inbox.Patch{Inbox: &other.ID, Team: &w.sales})
		w.must(err)
		if _, err := w.service.Get(w.ctx, w.boris, c.ID); err != nil {
			t.Errorf("everybody's inbox is not Boris's: %v", err)
		}
		// Another one of hers begins in the old inbox; there is no way back.
		w.comes(w.tg, said(irina(), "m2", "два"))
		w.same("conversations", len(w.all()), 2)
		_, err = w.service.Update(w.ctx, w.anna, c.ID, inbox.Patch{Inbox: &w.box})
		w.is(err, inbox.ErrAnotherThere)
	})
}

func named(name string) inbox.Inbox {
	box := inbox.DefaultInbox("Europe/Moscow")
	box.Name = name
	return box
}

func TestRoutingHandsOut(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		box := named("Все")
		box.Routing = inbox.Routing{Mode: inbox.RoundRobin, Capacity: 2}
		box, err := w.service.SaveInbox(w.ctx, w.admin, box)
		w.must(err)
		ch := w.connect(channel.MAX, box.ID, w.telegram)
		count := map[access.UserID]int{}
		for n := range 7 {
			w.clock.pass(time.Minute)
			w.comes(ch, said(channel.Person{ID: fmt.Sprint(800 + n), Name: "Г"}, fmt.Sprint("m", n), "?"))
		}
		for _, c := range w.all() {
			count[c.Assignee]++
		}
		w.same("handed out", []int{count[w.admin.User], count[w.anna.User], count[w.boris.User], count[0]}, []int{2, 2, 2, 1})
		// Who spoke with the contact last gets him again.
		var c inbox.Conversation
		for _, x := range w.all() {
			if x.Assignee == w.boris.User {
				c = x
			}
		}
		status := inbox.Resolved
		_, err = w.service.Update(w.ctx, w.boris, c.ID, inbox.Patch{Status: &status})
		w.must(err)
		w.clock.pass(1000 * time.Hour)
		who, err := w.contacts.Get(w.ctx, w.admin, c.Contact)
		w.must(err)
		w.comes(ch, said(channel.Person{ID: who.Identities[0].Value, Name: "Г"}, "again", "снова"))
		w.same("knows", w.all()[0].Assignee, w.boris.User)
	})
}

func TestNotesAndMentions(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		c := w.talk()
		n := inbox.NewNote{ClientID: "n1", Text: "@admin взгляни", Mentions: []access.UserID{w.admin.User, w.admin.User}}
		first, err := w.service.AddNote(w.ctx, w.anna, c.ID, n)
		w.must(err)
		again, err := w.service.AddNote(w.ctx, w.anna, c.ID, n)
		w.must(err)
		w.same("once", first.ID, again.ID)
		w.same("mentions", w.item(first.ID).Mentions, []access.UserID{w.admin.User})
		seen, err := w.service.Get(w.ctx, w.admin, c.ID)
		w.must(err)
		w.same("mentioned", []any{seen.Mentioned, seen.Preview.Text, seen.WaitingSince.IsZero()}, []any{true, "@admin взгляни", false})
		list, err := w.service.List(w.ctx, w.admin, inbox.Filter{Scope: inbox.Mentions}, inbox.Page{Limit: 10})
		w.must(err)
		w.same("tab", len(list), 1)
		counts, err := w.service.Counts(w.ctx, w.admin)
		w.must(err)
		w.same("counts", []int{counts.Mentions, counts.All, counts.Unassigned, counts.Mine}, []int{1, 1, 1, 0})
		w.must(w.service.Read(w.ctx, w.admin, c.ID, first.ID))
		counts, err = w.service.Counts(w.ctx, w.admin)
		w.must(err)
		w.same("read", counts.Mentions, 0)
		_, err = w.service.AddNote(w.ctx, w.anna, c.ID, inbox.NewNote{Text: "@boris", Mentions: []access.UserID{w.boris.User}})
		w.same("who cannot see it", fault.KindOf(err), fault.Invalid)
		w.same("notes", len(w.timeline(c.ID)), 2)
		_, err = w.service.AddNote(w.ctx, w.anna, c.ID, inbox.NewNote{Text: "  "})
		w.is(err, inbox.ErrEmpty)
		_, err = w.service.Edit(w.ctx, w.anna, first.ID, channel.Content{Text: "передумала"})
		w.must(err)
		_, err = w.service.React(w.ctx, w.admin, first.ID, "🔥")
		w.must(err)
		w.same("no change jobs for notes", len(w.jobs.take(inbox.JobChange)), 0)
		_, err = w.service.Delete(w.ctx, w.anna, first.ID)
		w.must(err)
	})
}

func TestReadsAndDrafts(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		w.comes(w.tg, said(irina(), "m1", "раз"), said(irina(), "m2", "два"), said(irina(), "m3", "три"))
		c := w.only()
		items := w.timeline(c.ID)
		view := func(a access.Actor) (int, inbox.ItemID) {
			got, err := w.service.Get(w.ctx, a, c.ID)
			w.must(err)
			return got.Unread, got.FirstUnread
		}
		n, first := view(w.anna)
		w.same("unread", []any{n, first}, []any{3, items[0].ID})
		w.must(w.service.Read(w.ctx, w.anna, c.ID, items[1].ID))
		n, first = view(w.anna)
		w.same("unread", []any{n, first}, []any{1, items[2].ID})
		n, _ = view(w.admin)
		w.same("the other's", n, 3)
		w.same("not told yet", len(w.jobs.take(inbox.JobMark)), 0)
		w.must(w.service.Read(w.ctx, w.anna, c.ID, 1<<62))
		marks := w.jobs.take(inbox.JobMark)
		w.same("told", len(marks), 1)
		w.must(w.deliver.Mark(w.ctx, w.ws, inbox.ItemID(marks[0].Subject), marks[0].Text))
		w.same("platform", w.telegram.done, []string{"read m3"})
		n, first = view(w.anna)
		w.same("read", []any{n, first}, []any{0, 0})
		// Another page is behind: that takes nothing back.
		w.must(w.service.Read(w.ctx, w.anna, c.ID, items[0].ID))
		n, first = view(w.anna)
		w.same("still read", []any{n, first}, []any{0, 0})
		w.must(w.service.Unread(w.ctx, w.anna, c.ID))
		n, first = view(w.anna)
		w.same("back", []any{n, first}, []any{1, items[2].ID})

		w.must(w.service.SetDraft(w.ctx, w.anna, c.ID, inbox.Draft{Text: "отв", Channel: w.tg, ReplyTo: items[0].ID}))
		d, err := w.service.GetDraft(w.ctx, w.anna, c.ID)
		w.must(err)
		w.same("draft", []any{d.Text, d.Channel, d.ReplyTo, d.UpdatedAt.Equal(w.clock.Now())}, []any{"отв", w.tg, items[0].ID, true})
		other, err := w.service.GetDraft(w.ctx, w.admin, c.ID)
		w.must(err)
		w.same("the other's", other.Text, "")
		list, err := w.service.List(w.ctx, w.anna, inbox.Filter{}, inbox.Page{Limit: 1})
		w.must(err)
		w.same("has draft", list[0].HasDraft, true)
		w.must(w.service.SetDraft(w.ctx, w.anna, c.ID, inbox.Draft{Text: " "}))
		d, err = w.service.GetDraft(w.ctx, w.anna, c.ID)
		w.must(err)
		w.same("forgotten", d.Text, "")

		w.must(w.service.Activity(w.ctx, w.anna, c.ID, 0, "recording"))
		for _, j := range w.jobs.take(inbox.JobMark) {
			w.must(w.deliver.Mark(w.ctx, w.ws, inbox.ItemID(j.Subject), j.Text))
		}
		w.same("shown", w.telegram.done[1:], []string{"recording 501"})
		w.same("bad", fault.KindOf(w.service.Activity(w.ctx, w.anna, c.ID, 0, "dancing")), fault.Invalid)
	})
}

func TestTimelinePages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for n := range 10 {
			w.comes(w.tg, said(irina(), fmt.Sprint("m", n), fmt.Sprint(n)))
		}
		c := w.only()
		all := w.timeline(c.ID)
		page := func(r inbox.Around) string {
			r.Limit = 4
			s, err := w.service.Timeline(w.ctx, w.anna, c.ID, r)
			w.must(err)
			own, err := w.service.ContactTimeline(w.ctx, w.anna, c.Contact, r)
			w.must(err)
			out := ""
			for n, i := range s.Items {
				out += i.Content.Text
				if own.Items[n].ID != i.ID {
					t.Error("a contact's timeline is another one")
				}
			}
			return fmt.Sprint(out, s.HasBefore, s.HasAfter)
		}
		w.same("newest", page(inbox.Around{}), "6789true false")
		w.same("before", page(inbox.Around{Before: all[6].ID}), "2345true true")
		w.same("first", page(inbox.Around{Before: all[2].ID}), "01false true")
		w.same("after", page(inbox.Around{After: all[2].ID}), "3456true true")
		w.same("last", page(inbox.Around{After: all[7].ID}), "89true false")
		w.same("around", page(inbox.Around{At: all[5].ID}), "3456true true")
		w.same("around the first", page(inbox.Around{At: all[0].ID}), "01false true")
	})
}

func TestShelf(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		mine, err := w.service.SaveView(w.ctx, w.anna, inbox.View{Name: "Мои", Filter: inbox.Filter{Scope: inbox.Mine}})
		w.must(err)
		shared, err := w.service.SaveView(w.ctx, w.admin, inbox.View{Name: "Ждут", Shared: true, Filter: inbox.Filter{Waiting: true}, Position: 1})
		w.must(err)
		list, err := w.service.ListViews(w.ctx, w.anna)
		w.must(err)
		w.same("views", []any{len(list), list[0].ID, list[1].ID, list[0].Filter.Status}, []any{2, mine.ID, shared.ID, inbox.ActiveOnly})
		w.is(w.service.DeleteView(w.ctx, w.anna, shared.ID), access.ErrDenied)
		w.is(w.service.DeleteView(w.ctx, w.admin, mine.ID), inbox.ErrNoView)
		_, err = w.service.SaveView(w.ctx, w.anna, inbox.View{Name: "x", Filter: inbox.Filter{Scope: "whose"}})
		w.same("bad", fault.KindOf(err), fault.Invalid)
		w.talk()
		counts, err := w.service.Counts(w.ctx, w.anna)
		w.must(err)
		w.same("counts", counts.ByView, map[inbox.ViewID]int{mine.ID: 0, shared.ID: 1})
		w.must(w.service.DeleteView(w.ctx, w.anna, mine.ID))

		hello := inbox.Canned{Inbox: w.box, Shortcut: "/Привет", Title: "Приветствие", Text: "Здравствуйте, {{contact.name}}!"}
		saved, err := w.service.SaveCanned(w.ctx, w.admin, hello)
		w.must(err)
		w.same("shortcut", saved.Shortcut, "привет")
		_, err = w.service.SaveCanned(w.ctx, w.admin, hello)
		w.is(err, inbox.ErrShortcutTaken)
		replies, err := w.service.ListCanned(w.ctx, w.anna)
		w.must(err)
		w.same("hers", len(replies), 1)
		replies, err = w.service.ListCanned(w.ctx, w.boris)
		w.must(err)
		w.same("not his", len(replies), 0)
		w.must(w.service.DeleteCanned(w.ctx, w.admin, saved.ID))
		w.is(w.service.DeleteCanned(w.ctx, w.admin, saved.ID), inbox.ErrNoCanned)

		w.is(w.service.DeleteInbox(w.ctx, w.admin, w.box), inbox.ErrInboxInUse)
		empty, err := w.service.SaveInbox(w.ctx, w.admin, named("Пустой"))
		w.must(err)
		w.must(w.service.DeleteInbox(w.ctx, w.admin, empty.ID))
		w.is(w.service.DeleteInbox(w.ctx, w.admin, empty.ID), inbox.ErrNoInbox)
		bad := named("Чужая команда")
		bad.Teams = []access.TeamID{12345}
		_, err = w.service.SaveInbox(w.ctx, w.admin, bad)
		w.is(err, access.ErrNoTeam)
		w.same("audit", w.audit()[:2], []string{"inbox.deleted", "inbox.saved"})
	})
}
