package inbox_test

import (
	"fmt"
	"testing"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/inbox"
)

func TestStatuses(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		w.comes(w.tg, said(irina(), "m1", "раз"))
		c := w.only()
		status := func(external string, s channel.DeliveryState) channel.Update {
			return channel.Update{Chat: channel.Chat{Key: "501"}, Status: &channel.Status{ExternalID: external, State: s, Reason: channel.ReasonRejected}}
		}
		first := w.send(c.ID, text("1"))
		// Before the receipt: held back, then applied.
		w.comes(w.tg, status("x"+fmt.Sprint(first.ID), channel.StateDelivered))
		w.same("early", w.item(first.ID).State, inbox.StateQueued)
		w.run()
		w.same("early", w.item(first.ID).State, inbox.StateDelivered)
		w.same("preview", w.only().Preview.State, inbox.StateDelivered)
		for _, s := range []channel.DeliveryState{channel.StateSent, channel.StateFailed, "whatever"} {
			w.comes(w.tg, status("x"+fmt.Sprint(first.ID), s))
			w.same("after "+string(s), w.item(first.ID).State, inbox.StateDelivered)
		}
		second, third := w.send(c.ID, text("2")), w.send(c.ID, text("3"))
		w.run()
		all := status("x"+fmt.Sprint(third.ID), channel.StateRead)
		all.Status.UpTo = true
		w.comes(w.tg, all)
		for _, i := range []inbox.Item{first, second, third} {
			w.same("up to", w.item(i.ID).State, inbox.StateRead)
		}
		// Accepted, then failed; then sent again, and the old report comes again.
		fourth := w.send(c.ID, text("4"))
		w.run()
		w.comes(w.tg, status("x"+fmt.Sprint(fourth.ID), channel.StateFailed))
		w.same("failed", []any{w.item(fourth.ID).State, w.item(fourth.ID).Reason}, []any{inbox.StateFailed, channel.ReasonRejected})
		_, err := w.service.Retry(w.ctx, w.anna, fourth.ID)
		w.must(err)
		w.comes(w.tg, status("x"+fmt.Sprint(fourth.ID), channel.StateFailed))
		w.same("again", w.item(fourth.ID).State, inbox.StateQueued)
		w.telegram.answer = func(int, channel.Outgoing) (channel.Sent, error) {
			return channel.Sent{ExternalIDs: []string{"second-life"}}, nil
		}
		w.run()
		w.comes(w.tg, status("x"+fmt.Sprint(fourth.ID), channel.StateFailed))
		w.same("again", w.item(fourth.ID).State, inbox.StateSent)
		// By our own id: the receipt never came.
		w.telegram.answer = func(int, channel.Outgoing) (channel.Sent, error) {
			return channel.Sent{}, &channel.SendError{Outcome: channel.Uncertain, Reason: channel.ReasonNoAnswer}
		}
		fifth := w.send(c.ID, text("5"))
		w.run()
		byID := status("y5", channel.StateDelivered)
		byID.Status.ItemID = fmt.Sprint(fifth.ID)
		w.comes(w.tg, byID)
		w.same("by id", []any{w.item(fifth.ID).State, w.item(fifth.ID).External}, []any{inbox.StateDelivered, "y5"})
		// Of messages that are not ours.
		w.comes(w.tg, status("m1", channel.StateRead), status("unknown", channel.StateRead))
		w.same("state", w.timeline(c.ID)[0].State, "")
	})
}

func TestEditsDeletionsReactions(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		w.comes(w.tg, said(irina(), "m1", "раз"))
		c := w.only()
		edit := func(external, text string) channel.Update {
			u := from(irina())
			u.Edit = &channel.Edit{ExternalID: external, Content: channel.Content{Text: text}}
			return u
		}
		w.comes(w.tg, edit("m1", "раз!"), edit("m1", "раз!"), edit("m1", "раз!!"), edit("m0", "старое"))
		w.same("texts", w.texts(c.ID), []string{"раз!!", "старое"})
		first := w.timeline(c.ID)[0]
		said := func() []string {
			list, err := w.service.Editions(w.ctx, w.admin, first.ID)
			w.must(err)
			var out []string
			for _, e := range list {
				out = append(out, e.Content.Text)
			}
			return out
		}
		w.same("editions", said(), []string{"раз", "раз!"})
		_, err := w.service.Editions(w.ctx, w.anna, first.ID)
		w.is(err, access.ErrDenied)
		react := from(irina())
		react.Reaction = &channel.Reaction{ExternalID: "m1", Emoji: []string{"👍", "🔥"}}
		w.comes(w.tg, react)
		w.same("reactions", len(w.item(first.ID).Reactions), 2)
		react.Reaction = &channel.Reaction{ExternalID: "m1"}
		w.comes(w.tg, react)
		w.same("reactions", len(w.item(first.ID).Reactions), 0)
		gone := from(irina())
		gone.Deletion = &channel.Deletion{ExternalIDs: []string{"m1", "never"}}
		w.comes(w.tg, gone, gone)
		w.same("deleted", []any{w.item(first.ID).Content.Text, w.item(first.ID).DeletedBy}, []any{"", inbox.ByContact})
		w.same("editions", said(), []string{"раз", "раз!", "раз!!"})
		unknown := from(channel.Person{ID: "999"})
		unknown.Deletion = &channel.Deletion{ExternalIDs: []string{"m1"}}
		w.comes(w.tg, unknown)
	})
}
