package inbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
)

// receiveBatch is how many raw updates are worked off in one transaction:
// enough that the commit costs little, few enough that webhooks waiting for
// the writer do not notice.
const receiveBatch = 48

// Receiver turns raw updates into conversations, oldest first, so that the
// order within each chat holds.
type Receiver struct {
	core
	wake chan struct{}
	// boxes are the inboxes that the present batch has met.
	boxes map[ID]Inbox
}

// NewReceiver returns a receiver. Run it once.
func NewReceiver(d Deps) *Receiver {
	return &Receiver{core: newCore(d), wake: make(chan struct{}, 1)}
}

// Wake says that there are new raw updates. It never blocks.
func (r *Receiver) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run works raw updates off until ctx ends. A database that does not answer
// is waited for: the updates are safe in it.
func (r *Receiver) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Second) // the safety net under Wake
	defer tick.Stop()
	for {
		n, err := r.Step(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			r.d.Log.ErrorContext(ctx, "receiving stopped for a moment", slog.Any("error", err))
		case n == receiveBatch:
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.wake:
		case <-tick.C:
		}
	}
}

// Step works off one batch and returns how many updates it held. One call
// at a time.
func (r *Receiver) Step(ctx context.Context) (int, error) {
	rows, err := r.d.Intake.PendingInbound(ctx, receiveBatch)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	work := make([]unit, len(rows))
	for i, row := range rows {
		work[i] = r.decode(ctx, row)
		if work[i].later {
			return len(rows), work[i].err
		}
	}
	err = r.together(ctx, work)
	if err != nil && ctx.Err() == nil && fault.KindOf(err) != fault.Unavailable {
		err = r.apart(ctx, work)
	}
	return len(rows), err
}

// together applies a batch as one piece: nearly always nothing fails, and
// savepoints around each update would cost as much as the updates.
func (r *Receiver) together(ctx context.Context, work []unit) error {
	return r.batch(ctx, func(ctx context.Context) error {
		finished := map[InboundState][]int64{}
		for _, u := range work {
			if u.err != nil {
				return u.err
			}
			if err := r.applyAll(ctx, u); err != nil {
				return err
			}
			finished[u.state()] = append(finished[u.state()], u.row.ID)
		}
		for state, ids := range finished {
			if err := r.d.Intake.FinishInbound(ctx, ids, state, "", r.now()); err != nil {
				return err
			}
		}
		return nil
	})
}

// apart applies a batch so that an update that fails does not harm the
// others.
func (r *Receiver) apart(ctx context.Context, work []unit) error {
	return r.batch(ctx, func(ctx context.Context) error {
		for _, u := range work {
			if err := r.finish(ctx, u); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *Receiver) batch(ctx context.Context, do func(ctx context.Context) error) error {
	return r.d.Tx.Write(ctx, func(ctx context.Context) error {
		r.boxes = map[ID]Inbox{}
		return do(ctx)
	})
}

// box reads an inbox once for a batch.
func (r *Receiver) box(ctx context.Context, ws int64, id ID) (Inbox, error) {
	if i, ok := r.boxes[id]; ok {
		return i, nil
	}
	i, err := r.d.Inboxes.Inbox(ctx, ws, id)
	if err == nil {
		r.boxes[id] = i
	}
	return i, err
}

// unit is a raw update with what it means.
type unit struct {
	row     Inbound
	account Account
	updates []channel.Update
	err     error
	// later says that err is not the update's fault.
	later bool
}

// decode finds out what a raw update means. It does so outside of any
// transaction; an adapter that panics costs one update, not the server.
func (r *Receiver) decode(ctx context.Context, row Inbound) (u unit) {
	u.row = row
	defer func() {
		if p := recover(); p != nil {
			u.err = fmt.Errorf("decode: panic: %v", p)
			r.d.Log.ErrorContext(ctx, "adapter panicked", slog.Int64("channel_id", int64(row.Channel)),
				slog.Int64("inbound_id", row.ID), slog.String("stack", string(debug.Stack())))
		}
	}()
	if u.account, u.err = r.d.Accounts.Account(ctx, row.Channel); u.err != nil {
		u.later = fault.KindOf(u.err) != fault.NotFound // the database, not the account, is missing
		return u
	}
	adapter, err := r.d.Accounts.Adapter(ctx, row.Channel)
	if err != nil {
		u.err = err
		return u
	}
	u.updates, u.err = adapter.Decode(row.Raw)
	return u
}

// state is what a unit is once it is applied.
func (u unit) state() InboundState {
	if unsupported(u.updates) {
		return InboundUnsupported
	}
	return InboundDone
}

// finish applies a unit and marks its row. What fails for itself is kept as
// failed, visible and replayable; what fails for want of the database fails
// the whole batch, which is tried again.
func (r *Receiver) finish(ctx context.Context, u unit) error {
	state, cause := u.state(), ""
	err := u.err
	if err == nil {
		err = r.applyAlone(ctx, u)
	}
	if err != nil && u.err == nil && fault.KindOf(err) == fault.Conflict {
		// Somebody made the same contact or conversation meanwhile: now it is
		// there to be found.
		err = r.applyAlone(ctx, u)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil && fault.KindOf(err) == fault.Unavailable && !errors.Is(err, u.err):
		return err
	case err != nil:
		state, cause = InboundFailed, err.Error()
		r.d.Log.ErrorContext(ctx, "update kept for a second look", slog.Int64("channel_id", int64(u.row.Channel)),
			slog.Int64("inbound_id", u.row.ID), slog.String("code", fault.CodeOf(err)), slog.Any("error", err))
	}
	return r.d.Intake.FinishInbound(ctx, []int64{u.row.ID}, state, clipText(cause, 500), r.now())
}

func (r *Receiver) applyAlone(ctx context.Context, u unit) error {
	return r.d.Tx.Write(ctx, func(ctx context.Context) error { return r.applyAll(ctx, u) })
}

func (r *Receiver) applyAll(ctx context.Context, u unit) error {
	for _, update := range u.updates {
		if err := r.apply(ctx, u.account, update); err != nil {
			return err
		}
	}
	return nil
}

func unsupported(list []channel.Update) bool {
	for _, u := range list {
		if u.Message != nil && u.Message.Content.Unsupported != "" {
			return true
		}
	}
	return false
}

func clipText(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// apply carries out one thing that happened on a platform.
func (r *Receiver) apply(ctx context.Context, acc Account, u channel.Update) error {
	switch {
	case u.Message != nil:
		return r.message(ctx, acc, u)
	case u.Edit != nil:
		return r.edit(ctx, acc, u)
	case u.Deletion != nil:
		return r.deletion(ctx, acc, u)
	case u.Reaction != nil:
		return r.reaction(ctx, acc, u)
	case u.Status != nil:
		return r.status(ctx, acc, u)
	case u.Press != nil:
		return r.press(ctx, acc, u)
	case u.Start != nil:
		return r.start(ctx, acc, u)
	case u.Reach != nil:
		return r.reach(ctx, acc, u)
	case u.Typing != nil:
		return r.typing(ctx, acc, u)
	case u.Migration != nil:
		return r.migration(ctx, acc, u)
	case u.PersonChanged != nil:
		return r.personChanged(ctx, acc, u)
	case u.Notice != nil:
		return r.notice(ctx, acc, u)
	case u.Access != nil:
		return r.accessChanged(ctx, acc, u)
	}
	return nil // an update that says nothing we keep
}
