package webhook

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/fault"
)

// follower names the place that is kept in the event log.
const follower = "webhooks"

const (
	batch    = 200
	look     = 5 * time.Second        // without being woken
	breather = 100 * time.Millisecond // between two looks, so that a busy log is read in batches
)

// Follower turns events into deliveries, each event once for each webhook.
type Follower struct {
	d    Deps
	wake chan struct{}
}

// NewFollower returns a follower. Run it.
func NewFollower(d Deps) *Follower {
	return &Follower{d: d.withDefaults(), wake: make(chan struct{}, 1)}
}

// Wake tells the follower that there are new events. It does not block.
func (f *Follower) Wake() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Run follows the events of all workspaces until ctx ends.
func (f *Follower) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-f.wake:
		case <-timer.C:
		}
		if err := f.Pass(ctx); err != nil && ctx.Err() == nil {
			f.d.Logger.Error("webhooks: events were not read", slog.Any("error", err))
		}
		timer.Reset(breather)
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		timer.Reset(look)
	}
}

// Pass follows the events there are now. A workspace whose events cannot be
// read does not keep others from theirs.
func (f *Follower) Pass(ctx context.Context) error {
	list, err := f.d.Webhooks.ActiveWorkspaces(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, ws := range list {
		for more := true; more && ctx.Err() == nil; {
			if more, err = f.follow(ctx, ws); err != nil {
				failed = append(failed, fmt.Errorf("workspace %d: %w", ws, err))
				break
			}
		}
	}
	return errors.Join(failed...)
}

// errMoved is a cursor that somebody else has moved meanwhile.
var errMoved = errors.New("webhook: the cursor has moved")

// follow works off one batch. The events are rendered before the transaction
// begins, for that holds up all other writes.
func (f *Follower) follow(ctx context.Context, ws int64) (more bool, err error) {
	cursor, err := f.d.Log.Cursor(ctx, ws, follower)
	if err != nil {
		return false, err
	}
	events, err := f.d.Log.After(ctx, ws, cursor, batch)
	if err != nil || len(events) == 0 {
		return false, err
	}
	// After the events: whoever was added later missed none of them.
	hooks, err := f.d.Webhooks.ListWebhooks(ctx, ws)
	if err != nil || !slices.ContainsFunc(hooks, Webhook.Active) {
		return false, err
	}
	bodies := make(map[int64][]byte, len(events))
	for _, e := range events {
		if !slices.ContainsFunc(hooks, func(w Webhook) bool { return w.Wants(e.Type) }) {
			continue
		}
		if bodies[e.ID], err = f.body(ctx, e); err != nil {
			return false, err
		}
	}
	last := events[len(events)-1].ID
	err = f.d.Tx.Write(ctx, func(ctx context.Context) error {
		if err := f.d.Webhooks.LockFollower(ctx, ws); err != nil {
			return err
		}
		now, err := f.d.Log.Cursor(ctx, ws, follower)
		if err != nil {
			return err
		}
		if now != cursor {
			return errMoved
		}
		for _, e := range events {
			if err := f.deliver(ctx, e, hooks, bodies[e.ID]); err != nil {
				return err
			}
		}
		return f.d.Log.SetCursor(ctx, ws, follower, last)
	})
	if errors.Is(err, errMoved) || fault.KindOf(err) == fault.Conflict {
		// Another node was quicker, or a webhook is gone: look again, later.
		return false, nil
	}
	return len(events) == batch, err
}

func (f *Follower) body(ctx context.Context, e event.Event) ([]byte, error) {
	data, err := f.d.Render(ctx, e)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil, nil //nolint:nilerr // erased since
	}
	if err != nil || data == nil {
		return nil, err
	}
	return envelope(e.Type, e.At, data)
}

// envelope is the payload that Standard Webhooks recommends.
func envelope(t event.Type, at time.Time, data json.RawMessage) ([]byte, error) {
	body, err := json.Marshal(struct {
		Type      event.Type      `json:"type"`
		Timestamp string          `json:"timestamp"`
		Data      json.RawMessage `json:"data"`
	}{t, at.UTC().Format("2006-01-02T15:04:05.000Z"), data})
	if err != nil {
		return nil, fmt.Errorf("webhook: payload: %w", err)
	}
	return body, nil
}

func (f *Follower) deliver(ctx context.Context, e event.Event, hooks []Webhook, body []byte) error {
	if body == nil {
		return nil
	}
	now := f.d.Now().UTC()
	for _, w := range hooks {
		if !w.Wants(e.Type) {
			continue
		}
		d := Delivery{
			ID: DeliveryID(f.d.NewID()), Workspace: w.Workspace, Webhook: w.ID, Event: e.ID, Type: e.Type,
			Message: newMessage(), Request: body, State: Pending, NextAt: now, CreatedAt: now,
		}
		fresh, err := f.d.Deliveries.CreateDelivery(ctx, d)
		if err != nil {
			return err
		}
		if !fresh {
			continue
		}
		if err := f.d.Jobs.Enqueue(ctx, d.attempt(now)); err != nil {
			return err
		}
	}
	return nil
}

func newMessage() string { return "msg_" + rand.Text() }
