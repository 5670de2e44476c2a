package inbox_test

import (
	"testing"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store"
)

// TestInboxWithHistoryIsPutAway: once its channels are gone an inbox can go
// too; what was said in it stays.
func TestInboxWithHistoryIsPutAway(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		w.comes(w.tg, said(irina(), "m1", "Здравствуйте"))
		c := w.only()
		w.is(w.service.DeleteInbox(w.ctx, w.admin, w.box), inbox.ErrInboxInUse)
		accounts := store.NewAccounts(w.db, plain{})
		for _, ch := range []channel.ID{w.tg, w.wa} {
			w.must(accounts.DeleteAccount(w.ctx, w.ws, ch, w.clock.Now()))
		}
		w.must(w.service.DeleteInbox(w.ctx, w.admin, w.box))
		w.must(w.service.DeleteInbox(w.ctx, w.admin, w.box)) // again: nothing to do
		names := func(archived bool) (out []string) {
			list, err := w.service.ListInboxes(w.ctx, w.anna, archived)
			w.must(err)
			for _, i := range list {
				out = append(out, i.Name)
			}
			return out
		}
		w.same("in use, and all", []any{names(false), names(true)}, []any{[]string(nil), []string{"Продажи"}})
		// Those of its teams read on, others do not begin to.
		got, err := w.service.Timeline(w.ctx, w.anna, c.ID, inbox.Around{Limit: 10})
		w.must(err)
		w.same("timeline", len(got.Items) > 0, true)
		list, err := w.service.List(w.ctx, w.anna, inbox.Filter{Status: inbox.AnyStatus}, inbox.Page{Limit: 10})
		w.must(err)
		w.same("list", len(list), 1)
		_, err = w.service.Get(w.ctx, w.boris, c.ID)
		w.is(err, inbox.ErrNoConversation)
		// The work that is open can be finished, nothing new begins.
		resolved := inbox.Resolved
		w.must(second(w.service.Update(w.ctx, w.anna, c.ID, inbox.Patch{Status: &resolved})))
		_, err = w.service.Begin(w.ctx, w.anna, c.Contact, w.box)
		w.is(err, inbox.ErrInboxArchived)
		other, err := w.service.SaveInbox(w.ctx, w.admin, named("Поддержка"))
		w.must(err)
		w.must(second(w.service.Update(w.ctx, w.admin, c.ID, inbox.Patch{Inbox: &other.ID})))
		_, err = w.service.Update(w.ctx, w.admin, c.ID, inbox.Patch{Inbox: &w.box})
		w.is(err, inbox.ErrInboxArchived)
		_, err = w.service.RestoreInbox(w.ctx, w.admin, w.box)
		w.must(err)
		w.must(second(w.service.Update(w.ctx, w.admin, c.ID, inbox.Patch{Inbox: &w.box})))
		w.same("in use again", len(names(false)), 2)
	})
}
