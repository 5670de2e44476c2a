package inbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
)

// Later is returned by a job that is to be tried again after a while.
type Later struct { //nolint:errname // it says when, not what went wrong
	After time.Duration // 0: as the queue thinks fit
	Cause error
}

// Error implements error.
func (l *Later) Error() string { return fmt.Sprintf("try again after %s: %v", l.After, l.Cause) }

// Unwrap returns the cause.
func (l *Later) Unwrap() error { return l.Cause }

// Deliverer carries out the jobs that speak to platforms.
type Deliverer struct{ core }

// NewDeliverer returns a deliverer.
func NewDeliverer(d Deps) *Deliverer { return &Deliverer{newCore(d)} }

// giveUpAfter is how long a message is tried before it counts as failed: an
// answer a day late is worse than one that says it did not go.
const giveUpAfter = 24 * time.Hour

// Send delivers an item. Each try is recorded before the request, so that a
// try whose end nobody saw is known to be uncertain, and is never repeated
// blindly.
func (d *Deliverer) Send(ctx context.Context, ws int64, id ItemID) error {
	item, adapter, attempt, err := d.open(ctx, ws, id)
	if err != nil || attempt.ID == 0 {
		return err
	}
	out, err := d.outgoing(ctx, item)
	if err != nil {
		return d.close(ctx, item, attempt, channel.Sent{}, &channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonMedia, Cause: err})
	}
	sent, err := adapter.Send(ctx, out)
	if err != nil {
		err = d.settle(ctx, adapter, out, attempt, &sent, err)
	}
	// The platform has answered: its answer is kept even if we are told to
	// stop now.
	return d.close(context.WithoutCancel(ctx), item, attempt, sent, err)
}

// open checks that an item is to be sent now and records the attempt. A zero
// attempt means that there is nothing to do.
func (d *Deliverer) open(ctx context.Context, ws int64, id ItemID) (Item, channel.Adapter, Attempt, error) {
	var (
		item    Item
		adapter channel.Adapter
		attempt Attempt
	)
	err := d.d.Tx.Write(ctx, func(ctx context.Context) error {
		attempt = Attempt{}
		var err error
		if item, err = d.d.Items.Item(ctx, ws, id); err != nil {
			return err
		}
		if item.State == StateSending {
			// The process died in an attempt: nobody knows how it ended.
			return d.orphaned(ctx, item)
		}
		if item.State != StateQueued || !item.DeletedAt.IsZero() {
			return nil
		}
		if err := d.withFiles(ctx, &item); err != nil {
			return err
		}
		adapter, err = d.d.Accounts.Adapter(ctx, item.Channel)
		if err != nil {
			return d.unavailable(ctx, item, err)
		}
		attempt = Attempt{ID: d.d.NewID(), Item: id, StartedAt: d.now()}
		if err := d.d.Attempts.StartAttempt(ctx, ws, attempt); err != nil {
			return err
		}
		item.State, item.RetryAt = StateSending, time.Time{}
		return d.d.Items.UpdateItem(ctx, item)
	})
	return item, adapter, attempt, err
}

func (d *Deliverer) orphaned(ctx context.Context, item Item) error {
	tries, err := d.d.Attempts.ListAttempts(ctx, item.Workspace, item.ID)
	if err != nil {
		return err
	}
	for _, a := range tries {
		if a.Outcome == "" {
			a.Outcome, a.Reason, a.FinishedAt = OutcomeUncertain, channel.ReasonNoAnswer, d.now()
			if err := d.d.Attempts.FinishAttempt(ctx, a); err != nil {
				return err
			}
		}
	}
	item.State, item.Reason, item.Detail = StateUncertain, channel.ReasonNoAnswer, ""
	if err := d.saveItem(ctx, item, 0); err != nil {
		return err
	}
	// Look at the platform's own history, where there is one, right away.
	return d.d.Jobs.Enqueue(ctx, Job{Kind: JobReconcile, Workspace: item.Workspace, Subject: int64(item.ID)})
}

// unavailable keeps a message whose channel is off, until it is on again or
// the message has become too old.
func (d *Deliverer) unavailable(ctx context.Context, item Item, cause error) error {
	if fault.KindOf(cause) == fault.Unavailable && d.now().Sub(item.CreatedAt) < giveUpAfter {
		return &Later{After: time.Minute, Cause: cause}
	}
	item.State, item.Reason = StateFailed, ReasonChannelOff
	return d.saveItem(ctx, item, 0)
}

func (d *Deliverer) outgoing(ctx context.Context, item Item) (channel.Outgoing, error) {
	chat, err := d.d.Chats.Chat(ctx, item.Workspace, item.Chat)
	if err != nil {
		return channel.Outgoing{}, err
	}
	out := channel.Outgoing{
		ItemID: fmt.Sprint(int64(item.ID)), Chat: chat.Key, Recipient: chat.Recipient, Content: item.Content,
	}
	for _, f := range item.Files {
		out.Content.Attachments = append(out.Content.Attachments, channel.Attachment{
			FileID: fmt.Sprint(int64(f.ID)), Kind: f.Kind, Name: f.Name, MIME: f.MIME, Size: f.Size,
			Duration: f.Duration, Width: f.Width, Height: f.Height,
		})
	}
	files := item.Files
	out.Open = func(ctx context.Context, i int) (io.ReadSeekCloser, int64, error) {
		return d.d.Library.Open(ctx, files[i].BlobKey)
	}
	if item.ReplyTo != 0 {
		to, err := d.d.Items.Item(ctx, item.Workspace, item.ReplyTo)
		if err != nil && !errors.Is(err, ErrNoItem) {
			return out, err
		}
		out.ReplyTo = to.External
	}
	return out, nil
}

// settle tries to find out what became of an uncertain send, where the
// platform lets us look. It returns nil if the message is there.
func (d *Deliverer) settle(ctx context.Context, adapter channel.Adapter, out channel.Outgoing, a Attempt, sent *channel.Sent, cause error) error {
	se := sendError(cause)
	looker, ok := adapter.(channel.Reconciler)
	if se.Outcome != channel.Uncertain || !ok {
		return se
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	found, there, err := looker.Reconcile(ctx, out, a.StartedAt)
	if err != nil {
		return se
	}
	if there {
		*sent = found
		return nil
	}
	return se
}

// sendError makes any error one that says what became of the message. An
// error nobody classified may have happened after the request.
func sendError(err error) *channel.SendError {
	if se, ok := errors.AsType[*channel.SendError](err); ok {
		return se
	}
	return &channel.SendError{Outcome: channel.Uncertain, Reason: channel.ReasonNoAnswer, Cause: err}
}

// close records how an attempt ended and what that means for the item.
func (d *Deliverer) close(ctx context.Context, item Item, a Attempt, sent channel.Sent, cause error) error {
	var later error
	err := d.d.Tx.Write(ctx, func(ctx context.Context) error {
		later = nil
		fresh, err := d.d.Items.Item(ctx, item.Workspace, item.ID)
		if err != nil {
			return err
		}
		a.FinishedAt = d.now()
		if cause != nil && fresh.State.rank() > 0 {
			// The platform's own report of the message overtook its answer.
			a.Outcome = OutcomeSent
			return d.d.Attempts.FinishAttempt(ctx, a)
		}
		if cause == nil {
			a.Outcome = OutcomeSent
			if err := d.d.Attempts.FinishAttempt(ctx, a); err != nil {
				return err
			}
			return d.delivered(ctx, fresh, sent)
		}
		se := sendError(cause)
		fresh.Reason, fresh.Detail = se.Reason, clipText(se.Detail, 300)
		a.Reason, a.Detail = se.Reason, fresh.Detail
		switch {
		case se.Outcome == channel.Retry && d.now().Sub(fresh.CreatedAt) < giveUpAfter && fresh.DeletedAt.IsZero():
			a.Outcome, fresh.State = OutcomeRetry, StateQueued
			wait := se.RetryAfter
			if wait <= 0 {
				wait = d.backoff(ctx, fresh)
			}
			fresh.RetryAt = d.now().Add(wait)
			later = &Later{After: wait, Cause: se}
		case se.Outcome == channel.Uncertain:
			a.Outcome, fresh.State = OutcomeUncertain, StateUncertain
		default:
			a.Outcome, fresh.State = OutcomeFailed, StateFailed
		}
		if err := d.d.Attempts.FinishAttempt(ctx, a); err != nil {
			return err
		}
		if err := d.consequences(ctx, fresh, se); err != nil {
			return err
		}
		return d.saveItem(ctx, fresh, 0)
	})
	if err != nil {
		return err
	}
	if cause != nil {
		d.d.Log.WarnContext(ctx, "message not delivered", slog.Int64("item_id", int64(item.ID)),
			slog.Int64("channel_id", int64(item.Channel)), slog.String("reason", string(sendError(cause).Reason)),
			slog.Bool("again", later != nil))
	}
	return later
}

// backoff grows with the tries of an item: 2 s, 4 s … 15 min.
func (d *Deliverer) backoff(ctx context.Context, i Item) time.Duration {
	tries, err := d.d.Attempts.ListAttempts(ctx, i.Workspace, i.ID)
	if err != nil {
		return time.Minute
	}
	wait := 2 * time.Second
	for range len(tries) - 1 {
		if wait *= 2; wait > 15*time.Minute {
			return 15 * time.Minute
		}
	}
	return wait
}

// delivered keeps the platform's receipt, and what it said of the message
// before we had it.
func (d *Deliverer) delivered(ctx context.Context, i Item, sent channel.Sent) error {
	if len(sent.ExternalIDs) > 0 {
		i.External = sent.ExternalIDs[0]
		if err := d.receipt(ctx, i, sent.ExternalIDs); err != nil {
			return err
		}
	}
	if sent.Chat != "" {
		if err := d.moveChat(ctx, i, sent.Chat); err != nil {
			return err
		}
	}
	if i.State.rank() < StateSent.rank() {
		i.State, i.Reason, i.Detail, i.RetryAt = StateSent, "", "", time.Time{}
	}
	if !sent.At.IsZero() {
		i.At = sent.At
	}
	early, err := d.d.Receipts.TakeStatuses(ctx, i.Channel, sent.ExternalIDs)
	if err != nil {
		return err
	}
	if !i.DeletedAt.IsZero() {
		// Deleted while it was on its way.
		if err := d.d.Jobs.Enqueue(ctx, changeJob(i, changeDelete)); err != nil {
			return err
		}
	}
	if err := d.saveItem(ctx, i, 0); err != nil {
		return err
	}
	for _, st := range early {
		fresh, err := d.d.Items.Item(ctx, i.Workspace, i.ID)
		if err != nil {
			return err
		}
		if err := d.setStatus(ctx, fresh, st); err != nil {
			return err
		}
	}
	return nil
}

// receipt keeps the platform's ids of a message. An id that another item has
// already, a copy that could not be recognised, stays with that one.
func (d *Deliverer) receipt(ctx context.Context, i Item, externals []string) error {
	for _, x := range externals {
		err := d.d.Tx.Write(ctx, func(ctx context.Context) error {
			return d.d.Receipts.AddExternals(ctx, i.Workspace, i.Channel, i.Chat, i.ID, []string{x})
		})
		if errors.Is(err, ErrDuplicate) {
			d.d.Log.WarnContext(ctx, "receipt names a message that is there already", slog.Int64("item_id", int64(i.ID)))
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// moveChat notes that an item's chat goes by another key now, unless a chat
// of that key is there already.
func (d *Deliverer) moveChat(ctx context.Context, i Item, key string) error {
	chat, err := d.d.Chats.Chat(ctx, i.Workspace, i.Chat)
	if err != nil {
		return err
	}
	if _, err := d.d.Chats.ChatByKey(ctx, chat.Channel, key); !errors.Is(err, ErrNoChat) {
		return err
	}
	chat.Key = key
	return d.d.Chats.UpdateChat(ctx, chat)
}

// consequences are what a failure says about the chat: blocked, gone, moved.
func (d *Deliverer) consequences(ctx context.Context, i Item, se *channel.SendError) error {
	lasting := []channel.Reason{channel.ReasonBlocked, channel.ReasonChatGone, channel.ReasonRecipient, channel.ReasonNoPermission}
	if se.Chat != "" {
		return d.moveChat(ctx, i, se.Chat)
	}
	if se.Outcome != channel.Failed || !slices.Contains(lasting, se.Reason) {
		return nil
	}
	chat, err := d.d.Chats.Chat(ctx, i.Workspace, i.Chat)
	if err != nil {
		return err
	}
	chat.Blocked = se.Reason
	return d.d.Chats.UpdateChat(ctx, chat)
}

// Reconcile looks at the platform's history for a message whose fate is not
// known, where there is one to look at.
func (d *Deliverer) Reconcile(ctx context.Context, ws int64, id ItemID) error {
	item, err := d.d.Items.Item(ctx, ws, id)
	if err != nil || item.State != StateUncertain {
		return err
	}
	adapter, err := d.d.Accounts.Adapter(ctx, item.Channel)
	if err != nil {
		return err
	}
	looker, ok := adapter.(channel.Reconciler)
	if !ok {
		return nil
	}
	if err := d.withFiles(ctx, &item); err != nil {
		return err
	}
	out, err := d.outgoing(ctx, item)
	if err != nil {
		return err
	}
	sent, found, err := looker.Reconcile(ctx, out, item.CreatedAt)
	if err != nil {
		return &Later{Cause: err}
	}
	if !found {
		return nil // still for a person to decide
	}
	return d.d.Tx.Write(ctx, func(ctx context.Context) error {
		fresh, err := d.d.Items.Item(ctx, ws, id)
		if err != nil || fresh.State != StateUncertain {
			return err
		}
		return d.delivered(ctx, fresh, sent)
	})
}
