package inbox_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/inbox"
)

// What a colleague outside the inbox's teams gets of it: nothing, by any way.
func TestOutsiderSeesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := said(irina(), "m1", "секрет")
		u.Message.Content.Attachments = []channel.Attachment{{Kind: channel.Image, Ref: "f1"}}
		w.comes(w.tg, u)
		c := w.only()
		i := w.timeline(c.ID)[0]
		mine := w.send(c.ID, text("ответ"))
		resolved := inbox.Resolved
		boris := w.boris
		probes := map[string]func(a access.Actor) error{
			"get": func(a access.Actor) error { _, err := w.service.Get(w.ctx, a, c.ID); return err },
			"timeline": func(a access.Actor) error {
				_, err := w.service.Timeline(w.ctx, a, c.ID, inbox.Around{Limit: 10})
				return err
			},
			"targets": func(a access.Actor) error { _, err := w.service.Targets(w.ctx, a, c.ID); return err },
			"send":    func(a access.Actor) error { _, err := w.service.Send(w.ctx, a, c.ID, text("?")); return err },
			"note": func(a access.Actor) error {
				_, err := w.service.AddNote(w.ctx, a, c.ID, inbox.NewNote{Text: "?"})
				return err
			},
			"update": func(a access.Actor) error {
				_, err := w.service.Update(w.ctx, a, c.ID, inbox.Patch{Status: &resolved})
				return err
			},
			"take": func(a access.Actor) error {
				_, err := w.service.Update(w.ctx, a, c.ID, inbox.Patch{Assignee: &boris.User})
				return err
			},
			"read":   func(a access.Actor) error { return w.service.Read(w.ctx, a, c.ID, i.ID) },
			"unread": func(a access.Actor) error { return w.service.Unread(w.ctx, a, c.ID) },
			"typing": func(a access.Actor) error { return w.service.Activity(w.ctx, a, c.ID, 0, "typing") },
			"draft":  func(a access.Actor) error { return w.service.SetDraft(w.ctx, a, c.ID, inbox.Draft{Text: "?"}) },
			"drafts": func(a access.Actor) error { _, err := w.service.GetDraft(w.ctx, a, c.ID); return err },
			"item":   func(a access.Actor) error { _, err := w.service.Item(w.ctx, a, i.ID); return err },
			"edit": func(a access.Actor) error {
				_, err := w.service.Edit(w.ctx, a, mine.ID, channel.Content{Text: "?"})
				return err
			},
			"delete":  func(a access.Actor) error { _, err := w.service.Delete(w.ctx, a, mine.ID); return err },
			"react":   func(a access.Actor) error { _, err := w.service.React(w.ctx, a, i.ID, "👍"); return err },
			"retry":   func(a access.Actor) error { _, err := w.service.Retry(w.ctx, a, mine.ID); return err },
			"settle":  func(a access.Actor) error { _, err := w.service.Settle(w.ctx, a, mine.ID, inbox.StateSent); return err },
			"cancel":  func(a access.Actor) error { _, err := w.service.Cancel(w.ctx, a, mine.ID); return err },
			"file":    func(a access.Actor) error { _, err := w.service.FileFor(w.ctx, a, i.Files[0].ID); return err },
			"refetch": func(a access.Actor) error { _, err := w.service.Refetch(w.ctx, a, i.Files[0].ID); return err },
			"inbox":   func(a access.Actor) error { _, err := w.service.GetInbox(w.ctx, a, w.box); return err },
			"begin":   func(a access.Actor) error { _, err := w.service.Begin(w.ctx, a, c.Contact, w.box); return err },
		}
		hidden := []error{inbox.ErrNoConversation, inbox.ErrNoItem, inbox.ErrNoFile, inbox.ErrNoInbox}
		for name, probe := range probes {
			if err := probe(w.boris); !among(err, hidden) {
				t.Errorf("%s: got %v, want that there is no such thing", name, err)
			}
		}
		lists := func(a access.Actor) (n int) {
			list, err := w.service.List(w.ctx, a, inbox.Filter{Status: inbox.AnyStatus}, inbox.Page{Limit: 10})
			w.must(err)
			of, err := w.service.ListOf(w.ctx, a, c.Contact)
			w.must(err)
			line, err := w.service.ContactTimeline(w.ctx, a, c.Contact, inbox.Around{Limit: 10})
			w.must(err)
			files, _, err := w.service.FilesOf(w.ctx, a, c.Contact, 0, 10)
			w.must(err)
			counts, err := w.service.Counts(w.ctx, a)
			w.must(err)
			return len(list) + len(of) + min(len(line.Items), 1) + len(files) + counts.All
		}
		w.same("outsider's lists", lists(w.boris), 0)
		w.same("insider's lists", lists(w.anna), 5)
		boxes, err := w.service.ListInboxes(w.ctx, w.boris, true)
		w.must(err)
		w.same("outsider's inboxes", len(boxes), 0)
		w.same("nothing happened", w.texts(c.ID), []string{"секрет", "> ответ", "(conversation.assigned)"})

		// An agent that it is handed to sees it, wherever it is.
		_, err = w.service.Update(w.ctx, w.anna, c.ID, inbox.Patch{Assignee: &boris.User})
		if err == nil {
			t.Error("assigned to somebody who does not work there")
		}
		stored, err := w.store.Conversation(w.ctx, w.ws, c.ID)
		w.must(err)
		stored.Assignee = boris.User
		w.must(w.store.UpdateConversation(w.ctx, stored))
		for _, name := range []string{"get", "timeline", "targets", "read", "item", "file", "draft", "note", "send"} {
			if err := probes[name](w.boris); err != nil {
				t.Errorf("assigned: %s: %v", name, err)
			}
		}
		w.same("assigned agent's lists", lists(w.boris), 5)
	})
}

func among(err error, list []error) bool {
	for _, e := range list {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// Whose role does not allow to write may only look.
func TestWithoutReply(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.talk()
		i := w.send(c.ID, text("ответ"))
		u, err := w.access.User(w.ctx, access.WorkspaceID(w.ws), w.anna.User)
		w.must(err)
		looker := access.NewActor(u, []access.Permission{access.ViewAll})
		resolved := inbox.Resolved
		for name, err := range map[string]error{
			"send":   second(w.service.Send(w.ctx, looker, c.ID, text("?"))),
			"note":   second(w.service.AddNote(w.ctx, looker, c.ID, inbox.NewNote{Text: "?"})),
			"update": second(w.service.Update(w.ctx, looker, c.ID, inbox.Patch{Status: &resolved})),
			"react":  second(w.service.React(w.ctx, looker, i.ID, "👍")),
			"edit":   second(w.service.Edit(w.ctx, looker, i.ID, channel.Content{Text: "?"})),
			"retry":  second(w.service.Retry(w.ctx, looker, i.ID)),
			"begin":  second(w.service.Begin(w.ctx, looker, c.Contact, w.box)),
			"upload": second(w.service.Upload(w.ctx, looker, inbox.NewFile{Name: "a", MIME: ""}, strings.NewReader("x"))),
			"inbox":  second(w.service.SaveInbox(w.ctx, looker, inbox.DefaultInbox("UTC"))),
			"canned": second(w.service.SaveCanned(w.ctx, looker, inbox.Canned{Shortcut: "a", Title: "b", Text: "c"})),
			"share":  second(w.service.SaveView(w.ctx, looker, inbox.View{Name: "a", Shared: true})),
			"gone":   w.service.DeleteInbox(w.ctx, looker, w.box),
		} {
			if !errors.Is(err, access.ErrDenied) {
				t.Errorf("%s: got %v, want denied", name, err)
			}
		}
		w.must(second(w.service.Get(w.ctx, looker, c.ID)))
	})
}

func second[T any](_ T, err error) error { return err }

func TestAnotherWorkspace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.talk()
		i := w.timeline(c.ID)[0]
		u, err := w.access.User(w.ctx, access.WorkspaceID(w.ws), w.admin.User)
		w.must(err)
		u.Workspace++
		foreign := access.NewActor(u, access.Permissions())
		for name, err := range map[string]error{
			"get":    second(w.service.Get(w.ctx, foreign, c.ID)),
			"item":   second(w.service.Item(w.ctx, foreign, i.ID)),
			"send":   second(w.service.Send(w.ctx, foreign, c.ID, text("?"))),
			"inbox":  second(w.service.GetInbox(w.ctx, foreign, w.box)),
			"delete": w.service.DeleteInbox(w.ctx, foreign, w.box),
		} {
			if !among(err, []error{inbox.ErrNoConversation, inbox.ErrNoItem, inbox.ErrNoInbox}) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		list, err := w.service.List(w.ctx, foreign, inbox.Filter{Status: inbox.AnyStatus}, inbox.Page{Limit: 10})
		w.must(err)
		w.same("list", len(list), 0)
	})
}
