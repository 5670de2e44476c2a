package inbox_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/inbox"
)

func TestPoisonStaysVisibleAndOthersGoOn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.hand(w.tg, said(irina(), "m1", "раз"))
		w.raw(w.tg, "p1", "garbled")
		w.raw(w.tg, "p2", "panic")
		gone := w.connect(channel.MAX, w.box, w.telegram)
		w.raw(gone, "p3", "garbled")
		w.accounts.off[gone] = true
		w.hand(w.tg, said(irina(), "m2", "два"))
		half := said(irina(), "m3", "три")
		w.raws++
		key := fmt.Sprint("raw", w.raws)
		// One delivery of two updates, of which the second says nothing.
		broken := from(irina())
		broken.Message = &channel.Message{ExternalID: "m4", ReplyTo: "m1"}
		w.telegram.means[key] = []channel.Update{half, broken}
		w.raw(w.tg, key, key)
		w.hand(w.tg, said(irina(), "m5", "пять"))
		w.step()
		w.same("texts", w.texts(w.only().ID), []string{"раз", "два", "три", "", "пять"})
		failed, err := w.store.FailedInbound(w.ctx, w.ws, w.tg, 0, 10)
		w.must(err)
		w.same("failed", len(failed), 2)
		for _, f := range failed {
			if f.Error == "" || len(f.Raw.Body) == 0 || f.State != inbox.InboundFailed {
				t.Errorf("failed update: %+v", f)
			}
		}
		off, err := w.store.FailedInbound(w.ctx, w.ws, gone, 0, 10)
		w.must(err)
		w.same("of a channel that is off", len(off), 1)
		// Mended, it is worked off after all.
		w.accounts.off[gone] = false
		n, err := w.store.ReplayInbound(w.ctx, w.ws, gone, off[0].ID)
		w.must(err)
		w.same("replayed", n, 1)
		w.step()
	})
}

func TestUnsupportedIsShownAndKept(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		u := said(irina(), "m1", "")
		u.Message.Content.Unsupported = "dice"
		w.comes(w.tg, u)
		w.same("timeline", w.timeline(w.only().ID)[0].Content.Unsupported, "dice")
		list, err := w.store.FailedInbound(w.ctx, w.ws, w.tg, 0, 10)
		w.must(err)
		w.same("kept", []any{len(list), list[0].State}, []any{1, inbox.InboundUnsupported})
	})
}

type itemStore = inbox.Items

// failing makes one method of the storage fail as a database does.
type failing struct {
	itemStore
	after int
	err   error
}

func (f *failing) CreateItem(ctx context.Context, i inbox.Item, externals []string) error {
	if f.after--; f.after < 0 {
		return f.err
	}
	return f.itemStore.CreateItem(ctx, i, externals)
}

func TestDatabaseGoneInTheMiddle(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		trouble := &failing{itemStore: w.store, after: 1, err: fault.New(fault.Unavailable, "store.unavailable")}
		deps := w.deps
		deps.Items = trouble
		r := inbox.NewReceiver(deps)
		w.hand(w.tg, said(irina(), "m1", "раз"), said(irina(), "m2", "два"), said(irina(), "m3", "три"))
		if _, err := r.Step(w.ctx); fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("got %v, want unavailable", err)
		}
		w.same("conversations", len(w.all()), 0)
		w.same("jobs", len(w.jobs.list), 0)
		pending, err := w.store.PendingInbound(w.ctx, 10)
		w.must(err)
		w.same("pending", len(pending), 3)
		trouble.after = 100
		_, err = r.Step(w.ctx)
		w.must(err)
		w.same("texts", w.texts(w.only().ID), []string{"раз", "два", "три"})

		// The accounts cannot be read: the update is not to blame.
		w.hand(w.tg, said(irina(), "m4", "четыре"))
		w.accounts.fail = fault.New(fault.Unavailable, "store.unavailable")
		if _, err := w.receiver.Step(w.ctx); fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("got %v, want unavailable", err)
		}
		w.accounts.fail = nil
		w.step()
		w.same("texts", w.texts(w.only().ID), []string{"раз", "два", "три", "четыре"})
	})
}

func TestAnUpdateIsAppliedWholeOrNotAtAll(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		trouble := &failing{itemStore: w.store, after: 1, err: fault.New(fault.Internal, "bug")}
		deps := w.deps
		deps.Items = trouble
		r := inbox.NewReceiver(deps)
		w.telegram.means["two"] = []channel.Update{said(irina(), "m1", "раз"), said(irina(), "m2", "два")}
		w.raw(w.tg, "two", "two")
		_, err := r.Step(w.ctx)
		w.must(err)
		w.same("conversations", len(w.all()), 0)
		list, err := w.store.FailedInbound(w.ctx, w.ws, w.tg, 0, 10)
		w.must(err)
		w.same("failed", len(list), 1)
		trouble.after = 100
		n, err := w.store.ReplayInbound(w.ctx, w.ws, w.tg, list[0].ID)
		w.must(err)
		w.same("replayed", n, 1)
		w.step()
		w.same("texts", w.texts(w.only().ID), []string{"раз", "два"})
	})
}

func TestOrderOverBatches(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		var want []string
		for n := range 130 {
			p := channel.Person{ID: fmt.Sprint(600 + n%3), Name: "Г"}
			w.hand(w.tg, said(p, fmt.Sprint("m", n), fmt.Sprint(n)))
			if n%3 == 0 {
				want = append(want, fmt.Sprint(n))
			}
		}
		w.step()
		for _, c := range w.all() {
			if got := w.texts(c.ID); got[0] == "0" {
				w.same("texts", got, want)
			}
		}
	})
}
