package webhook

import (
	"context"
	"encoding/json"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/id"
)

// How long deliveries are kept, and how many are read or removed at once.
const (
	keep        = 30 * 24 * time.Hour
	forgetBatch = 1000
	maxPage     = 200
)

// ListDeliveries reads a webhook's log, the newest before an id first.
func (s *Service) ListDeliveries(ctx context.Context, a access.Actor, w ID, before DeliveryID, limit int) ([]Delivery, error) {
	if _, err := s.Get(ctx, a, w); err != nil {
		return nil, err
	}
	if limit <= 0 || limit > maxPage {
		limit = maxPage
	}
	return s.d.Deliveries.ListDeliveries(ctx, int64(a.Workspace), w, before, limit)
}

// Replay sends a delivery again, with the same webhook-id. One that waits for
// its next attempt is tried at once.
func (s *Service) Replay(ctx context.Context, a access.Actor, w ID, did DeliveryID) (Delivery, error) {
	var d Delivery
	if err := a.Require(access.ManageWebhook); err != nil {
		return d, err
	}
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		hook, err := s.d.Webhooks.Webhook(ctx, int64(a.Workspace), w)
		if err != nil {
			return err
		}
		if !hook.Active() {
			return ErrInactive
		}
		if d, err = s.d.Deliveries.Delivery(ctx, hook.Workspace, did); err != nil {
			return err
		}
		if d.Webhook != w {
			return ErrNoDelivery
		}
		if d.State != Pending {
			d.State, d.Attempts = Pending, 0
		}
		d.NextAt = s.now()
		if err := s.d.Deliveries.UpdateDelivery(ctx, d); err != nil {
			return err
		}
		if err := s.d.Jobs.Enqueue(ctx, d.attempt(d.NextAt)); err != nil {
			return err
		}
		return s.record(ctx, a, "webhook.replayed", hook)
	})
	return d, err
}

// goOn takes up the deliveries that were left when the webhook became
// inactive.
func (s *Service) goOn(ctx context.Context, w Webhook) error {
	now := s.now()
	for after := DeliveryID(0); ; {
		list, err := s.d.Deliveries.PendingDeliveries(ctx, w.ID, after, maxPage)
		if err != nil {
			return err
		}
		for _, d := range list {
			after = d.ID
			d.NextAt = now
			if err := s.d.Deliveries.UpdateDelivery(ctx, d); err != nil {
				return err
			}
			if err := s.d.Jobs.Enqueue(ctx, d.attempt(now)); err != nil {
				return err
			}
		}
		if len(list) < maxPage {
			return nil
		}
	}
}

// Test posts an event of the type TypeTest at once, active or not, and
// returns what came of it. It is not tried again.
func (s *Service) Test(ctx context.Context, a access.Actor, w ID) (Delivery, error) {
	hook, err := s.Get(ctx, a, w)
	if err != nil {
		return Delivery{}, err
	}
	data, err := json.Marshal(map[string]string{"webhook_id": id.Format(w)})
	if err != nil {
		return Delivery{}, err
	}
	d := Delivery{
		ID: DeliveryID(s.d.NewID()), Workspace: hook.Workspace, Webhook: w, Type: TypeTest,
		Message: newMessage(), State: Failed, CreatedAt: s.now(),
	}
	if d.Request, err = envelope(TypeTest, d.CreatedAt, data); err != nil {
		return d, err
	}
	o, err := s.post(ctx, hook, d)
	if err != nil {
		return d, err
	}
	d.note(o)
	_, err = s.d.Deliveries.CreateDelivery(ctx, d)
	return d, err
}

// Forget removes deliveries of more than a month ago and returns how many.
func (s *Service) Forget(ctx context.Context) (int64, error) {
	before := s.now().Add(-keep)
	for total := int64(0); ; {
		n, err := s.d.Deliveries.ForgetDeliveries(ctx, before, forgetBatch)
		total += n
		if err != nil || n < forgetBatch {
			return total, err
		}
	}
}
