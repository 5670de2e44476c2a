package inbox_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/inbox"
)

func TestOutcomes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.talk()
		fails := func(e channel.SendError) func(int, channel.Outgoing) (channel.Sent, error) {
			return func(int, channel.Outgoing) (channel.Sent, error) { return channel.Sent{}, &e }
		}
		// Later, at the platform's wish, then it goes.
		w.telegram.answer = fails(channel.SendError{Outcome: channel.Retry, Reason: channel.ReasonRateLimited, RetryAfter: 7 * time.Second})
		i := w.send(c.ID, text("1"))
		err := w.deliver.Send(w.ctx, w.ws, i.ID)
		var later *inbox.Later
		if !errors.As(err, &later) || later.After != 7*time.Second {
			t.Fatalf("got %v", err)
		}
		got := w.item(i.ID)
		w.same("retry", []any{got.State, got.Reason, got.RetryAt.Sub(w.clock.Now())}, []any{inbox.StateQueued, channel.ReasonRateLimited, 7 * time.Second})
		w.telegram.answer = nil
		w.must(w.deliver.Send(w.ctx, w.ws, i.ID))
		got = w.item(i.ID)
		w.same("sent", []any{got.State, got.Reason, got.RetryAt.IsZero()}, []any{inbox.StateSent, "", true})
		tries, err := w.store.ListAttempts(w.ctx, w.ws, i.ID)
		w.must(err)
		w.same("attempts", []any{len(tries), tries[0].Outcome, tries[1].Outcome}, []any{2, inbox.OutcomeRetry, inbox.OutcomeSent})
		// A day later it has failed.
		w.telegram.answer = fails(channel.SendError{Outcome: channel.Retry, Reason: channel.ReasonPlatformDown})
		i = w.send(c.ID, text("2"))
		w.clock.pass(25 * time.Hour)
		w.must(w.deliver.Send(w.ctx, w.ws, i.ID))
		w.same("given up", w.item(i.ID).State, inbox.StateFailed)
		// Failed for good, and what that says of the chat.
		w.telegram.answer = fails(channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonBlocked, Detail: "bot was blocked"})
		i = w.send(c.ID, text("3"))
		w.must(w.deliver.Send(w.ctx, w.ws, i.ID))
		got = w.item(i.ID)
		w.same("failed", []any{got.State, got.Reason, got.Detail}, []any{inbox.StateFailed, channel.ReasonBlocked, "bot was blocked"})
		list, err := w.service.Targets(w.ctx, w.anna, c.ID)
		w.must(err)
		w.same("chat", list[0].Reason, channel.ReasonBlocked)
		w.comes(w.tg, said(irina(), "m2", "два"))
		// Nobody knows: never again by itself.
		w.telegram.answer = func(int, channel.Outgoing) (channel.Sent, error) { return channel.Sent{}, io.ErrUnexpectedEOF }
		i = w.send(c.ID, text("4"))
		w.must(w.deliver.Send(w.ctx, w.ws, i.ID))
		w.same("uncertain", w.item(i.ID).State, inbox.StateUncertain)
		n := len(w.telegram.sent)
		w.must(w.deliver.Send(w.ctx, w.ws, i.ID))
		w.must(w.deliver.Reconcile(w.ctx, w.ws, i.ID)) // this line cannot look
		w.same("not repeated", len(w.telegram.sent), n)
		_, err = w.service.Settle(w.ctx, w.anna, i.ID, inbox.StateRead)
		w.same("bad", fault.KindOf(err), fault.Invalid)
		_, err = w.service.Settle(w.ctx, w.anna, i.ID, inbox.StateSent)
		w.must(err)
		_, err = w.service.Retry(w.ctx, w.anna, i.ID)
		w.is(err, inbox.ErrWrongState)
		// A person sends it again.
		i = w.send(c.ID, text("5"))
		w.must(w.deliver.Send(w.ctx, w.ws, i.ID))
		w.telegram.answer = nil
		w.jobs.take(inbox.JobSend)
		_, err = w.service.Retry(w.ctx, w.anna, i.ID)
		w.must(err)
		w.run()
		w.same("again", w.item(i.ID).State, inbox.StateSent)
	})
}

func TestReconcile(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		w.accounts.lines[w.tg] = looker{w.telegram}
		c := w.talk()
		w.telegram.answer = func(int, channel.Outgoing) (channel.Sent, error) {
			return channel.Sent{}, &channel.SendError{Outcome: channel.Uncertain, Reason: channel.ReasonNoAnswer}
		}
		there := false
		w.telegram.history = func(o channel.Outgoing) (channel.Sent, bool, error) {
			return channel.Sent{ExternalIDs: []string{"found" + o.ItemID}}, there, nil
		}
		i := w.send(c.ID, text("1"))
		w.must(w.deliver.Send(w.ctx, w.ws, i.ID))
		w.same("not there", w.item(i.ID).State, inbox.StateUncertain)
		w.must(w.deliver.Reconcile(w.ctx, w.ws, i.ID))
		w.same("still not", w.item(i.ID).State, inbox.StateUncertain)
		there = true
		w.must(w.deliver.Reconcile(w.ctx, w.ws, i.ID))
		w.same("there", []any{w.item(i.ID).State, w.item(i.ID).External}, []any{inbox.StateSent, "found" + fmt.Sprint(i.ID)})
		i = w.send(c.ID, text("2"))
		w.must(w.deliver.Send(w.ctx, w.ws, i.ID))
		w.same("at once", w.item(i.ID).State, inbox.StateSent)
	})
}

func TestTheProcessDiesInAnAttempt(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		c := w.talk()
		i := w.send(c.ID, text("1"))
		w.jobs.take(inbox.JobSend)
		// The attempt is on disk, its end is not.
		w.must(w.store.StartAttempt(w.ctx, w.ws, inbox.Attempt{ID: w.newID(), Item: i.ID, StartedAt: w.clock.Now()}))
		dying := w.item(i.ID)
		dying.State = inbox.StateSending
		w.must(w.store.UpdateItem(w.ctx, dying))
		w.must(w.deliver.Send(w.ctx, w.ws, i.ID))
		w.same("state", []any{w.item(i.ID).State, len(w.telegram.sent)}, []any{inbox.StateUncertain, 0})
		w.same("reconcile", len(w.jobs.take(inbox.JobReconcile)), 1)
		tries, err := w.store.ListAttempts(w.ctx, w.ws, i.ID)
		w.must(err)
		w.same("attempt", tries[0].Outcome, inbox.OutcomeUncertain)
	})
}

func TestDeletedInFlightAndMovedChat(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.talk()
		w.telegram.answer = func(n int, o channel.Outgoing) (channel.Sent, error) {
			if n == 1 {
				_, err := w.service.Delete(w.ctx, w.anna, w.timeline(c.ID)[1].ID)
				w.must(err)
			}
			return channel.Sent{ExternalIDs: []string{"x" + o.ItemID}, Chat: "-900"}, nil
		}
		i := w.send(c.ID, text("1"))
		w.run()
		change := w.jobs.take(inbox.JobChange)
		w.same("deletion follows", []any{len(change), change[0].Text, w.item(i.ID).DeletedBy}, []any{1, "delete", inbox.ByUser})
		w.must(w.deliver.Change(w.ctx, w.ws, i.ID, change[0].Text))
		w.same("told", w.telegram.done, []string{fmt.Sprintf("delete [x%d]", i.ID)})
		w.send(c.ID, text("2"))
		w.run()
		w.same("new key", w.telegram.sent[1].Chat, "-900")
		w.telegram.answer = func(n int, o channel.Outgoing) (channel.Sent, error) {
			if n == 3 {
				return channel.Sent{}, &channel.SendError{Outcome: channel.Retry, Chat: "-901", RetryAfter: time.Second}
			}
			return channel.Sent{ExternalIDs: []string{"x" + o.ItemID}}, nil
		}
		third := w.send(c.ID, text("3"))
		var later *inbox.Later
		if err := w.deliver.Send(w.ctx, w.ws, third.ID); !errors.As(err, &later) {
			t.Fatalf("got %v", err)
		}
		w.must(w.deliver.Send(w.ctx, w.ws, third.ID))
		w.same("newer key", w.telegram.sent[3].Chat, "-901")
	})
}

func TestChannelOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.talk()
		i := w.send(c.ID, text("1"))
		w.accounts.off[w.tg] = true
		var later *inbox.Later
		if err := w.deliver.Send(w.ctx, w.ws, i.ID); !errors.As(err, &later) {
			t.Fatalf("got %v", err)
		}
		w.same("waits", w.item(i.ID).State, inbox.StateQueued)
		w.clock.pass(25 * time.Hour)
		w.must(w.deliver.Send(w.ctx, w.ws, i.ID))
		w.same("given up", []any{w.item(i.ID).State, w.item(i.ID).Reason}, []any{inbox.StateFailed, inbox.ReasonChannelOff})
	})
}

func TestChanges(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		c := w.talk()
		i := w.send(c.ID, text("1"))
		_, err := w.service.Edit(w.ctx, w.anna, i.ID, channel.Content{Text: "рано"})
		w.is(err, inbox.ErrWrongState)
		w.run()
		_, err = w.service.Edit(w.ctx, w.admin, i.ID, channel.Content{Text: "чужое"})
		w.is(err, inbox.ErrNotYours)
		_, err = w.service.Edit(w.ctx, w.anna, i.ID, channel.Content{})
		w.is(err, inbox.ErrEmpty)
		_, err = w.service.Edit(w.ctx, w.anna, i.ID, channel.Content{Text: "1!"})
		w.must(err)
		hers := w.timeline(c.ID)[0]
		_, err = w.service.React(w.ctx, w.anna, hers.ID, "💩")
		w.is(err, inbox.ErrUnsupported)
		_, err = w.service.React(w.ctx, w.anna, hers.ID, "👍")
		w.must(err)
		_, err = w.service.Delete(w.ctx, w.anna, hers.ID)
		w.is(err, inbox.ErrNotYours)
		_, err = w.service.Delete(w.ctx, w.admin, i.ID)
		w.must(err)
		for _, j := range w.jobs.take(inbox.JobChange) {
			w.must(w.deliver.Change(w.ctx, w.ws, inbox.ItemID(j.Subject), j.Text))
		}
		w.same("told", w.telegram.done, []string{"react m1 👍", fmt.Sprintf("delete [x%d]", i.ID)})
		_, err = w.service.Edit(w.ctx, w.anna, i.ID, channel.Content{Text: "поздно"})
		w.is(err, inbox.ErrWrongState)
		w.telegram.refuse = &channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonTooOld}
		_, err = w.service.React(w.ctx, w.anna, hers.ID, "")
		w.must(err)
		w.must(w.deliver.Change(w.ctx, w.ws, hers.ID, "react"))
		last := w.timeline(c.ID)
		w.same("refused", last[len(last)-1].Event.Type, "item.change_refused")
		old := w.send(c.ID, text("старое"))
		w.run()
		w.clock.pass(49 * time.Hour)
		_, err = w.service.Delete(w.ctx, w.anna, old.ID)
		w.is(err, inbox.ErrTooOld)
		_, err = w.service.Send(w.ctx, access.Actor{}, c.ID, text("никто"))
		w.is(err, access.ErrDenied)
	})
}
