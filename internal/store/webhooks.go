package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/webhook"
)

// Webhooks keeps webhooks and what was delivered to them.
type Webhooks struct{ db *db.DB }

// NewWebhooks returns the store.
func NewWebhooks(d *db.DB) *Webhooks { return &Webhooks{d} }

// locked makes a SELECT of rows that will be written back keep others from
// them, while these may still refer to them.
func (s *Webhooks) locked(ctx context.Context) string {
	if s.db.InWrite(ctx) && s.db.Dialect() == db.Postgres {
		return ` FOR NO KEY UPDATE`
	}
	return ""
}

const webhookColumns = `id, workspace_id, url, events, secret, enabled, paused_at, paused_reason, failing_since, created_by, created_at`

func scanWebhook(r db.Scanner) (w webhook.Webhook, err error) {
	var (
		events                   string
		paused, failing, created int64
	)
	err = r.Scan(&w.ID, &w.Workspace, &w.URL, &events, &w.Sealed, &w.Enabled, &paused, &w.PausedReason, &failing, &w.CreatedBy, &created)
	for t := range strings.FieldsSeq(events) {
		w.Events = append(w.Events, event.Type(t))
	}
	w.PausedAt, w.FailingSince, w.CreatedAt = db.Time(paused), db.Time(failing), db.Time(created)
	return w, err
}

func joinEvents(list []event.Type) string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = string(t)
	}
	return strings.Join(out, " ")
}

// CreateWebhook implements webhook.Webhooks.
func (s *Webhooks) CreateWebhook(ctx context.Context, w webhook.Webhook) error {
	_, err := s.db.Exec(ctx, `INSERT INTO webhooks (`+webhookColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		int64(w.ID), w.Workspace, w.URL, joinEvents(w.Events), w.Sealed, w.Enabled, db.Micros(w.PausedAt), string(w.PausedReason),
		db.Micros(w.FailingSince), int64(w.CreatedBy), db.Micros(w.CreatedAt))
	return err
}

// UpdateWebhook implements webhook.Webhooks.
func (s *Webhooks) UpdateWebhook(ctx context.Context, w webhook.Webhook) error {
	n, err := s.db.Exec(ctx, `UPDATE webhooks SET url = $3, events = $4, secret = $5, enabled = $6, paused_at = $7, paused_reason = $8,
			failing_since = $9 WHERE id = $1 AND workspace_id = $2`,
		int64(w.ID), w.Workspace, w.URL, joinEvents(w.Events), w.Sealed, w.Enabled, db.Micros(w.PausedAt), string(w.PausedReason),
		db.Micros(w.FailingSince))
	return some(n, err, webhook.ErrNotFound)
}

// DeleteWebhook implements webhook.Webhooks.
func (s *Webhooks) DeleteWebhook(ctx context.Context, ws int64, id webhook.ID) error {
	n, err := s.db.Exec(ctx, `DELETE FROM webhooks WHERE id = $1 AND workspace_id = $2`, int64(id), ws)
	return some(n, err, webhook.ErrNotFound)
}

// Webhook implements webhook.Webhooks.
func (s *Webhooks) Webhook(ctx context.Context, ws int64, id webhook.ID) (webhook.Webhook, error) {
	w, err := db.One(ctx, s.db, scanWebhook, `SELECT `+webhookColumns+` FROM webhooks WHERE id = $1 AND workspace_id = $2`+s.locked(ctx), int64(id), ws)
	return w, orElse(err, webhook.ErrNotFound)
}

// ListWebhooks implements webhook.Webhooks.
func (s *Webhooks) ListWebhooks(ctx context.Context, ws int64) ([]webhook.Webhook, error) {
	return db.All(ctx, s.db, scanWebhook, `SELECT `+webhookColumns+` FROM webhooks WHERE workspace_id = $1 ORDER BY id`, ws)
}

// ActiveWorkspaces implements webhook.Webhooks.
func (s *Webhooks) ActiveWorkspaces(ctx context.Context) ([]int64, error) {
	return db.All(ctx, s.db, db.Value[int64], `SELECT DISTINCT workspace_id FROM webhooks WHERE enabled AND paused_at = 0 ORDER BY workspace_id`)
}

// LockFollower implements webhook.Webhooks.
func (s *Webhooks) LockFollower(ctx context.Context, ws int64) error {
	return s.db.Lock(ctx, "webhooks:"+strconv.FormatInt(ws, 10))
}

const deliveryColumns = `id, workspace_id, webhook_id, event_id, event_type, message_id, request, state, attempts, status, error,
	response, took_us, next_at, created_at`

func scanDelivery(r db.Scanner) (d webhook.Delivery, err error) {
	var took, next, created int64
	err = r.Scan(&d.ID, &d.Workspace, &d.Webhook, &d.Event, &d.Type, &d.Message, &d.Request, &d.State, &d.Attempts, &d.Status, &d.Error,
		&d.Response, &took, &next, &created)
	d.Took, d.NextAt, d.CreatedAt = time.Duration(took)*time.Microsecond, db.Time(next), db.Time(created)
	return d, err
}

// CreateDelivery implements webhook.Deliveries.
func (s *Webhooks) CreateDelivery(ctx context.Context, d webhook.Delivery) (bool, error) {
	n, err := s.db.Exec(ctx, `INSERT INTO webhook_deliveries (`+deliveryColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (webhook_id, event_id) WHERE event_id > 0 DO NOTHING`,
		int64(d.ID), d.Workspace, int64(d.Webhook), d.Event, string(d.Type), d.Message, blob(d.Request), string(d.State), d.Attempts,
		d.Status, d.Error, blob(d.Response), d.Took.Microseconds(), db.Micros(d.NextAt), db.Micros(d.CreatedAt))
	return n == 1, err
}

// UpdateDelivery implements webhook.Deliveries.
func (s *Webhooks) UpdateDelivery(ctx context.Context, d webhook.Delivery) error {
	n, err := s.db.Exec(ctx, `UPDATE webhook_deliveries SET state = $3, attempts = $4, status = $5, error = $6, response = $7, took_us = $8,
			next_at = $9 WHERE id = $1 AND workspace_id = $2`,
		int64(d.ID), d.Workspace, string(d.State), d.Attempts, d.Status, d.Error, blob(d.Response), d.Took.Microseconds(), db.Micros(d.NextAt))
	return some(n, err, webhook.ErrNoDelivery)
}

// Delivery implements webhook.Deliveries.
func (s *Webhooks) Delivery(ctx context.Context, ws int64, id webhook.DeliveryID) (webhook.Delivery, error) {
	d, err := db.One(ctx, s.db, scanDelivery, `SELECT `+deliveryColumns+` FROM webhook_deliveries WHERE id = $1 AND workspace_id = $2`+s.locked(ctx),
		int64(id), ws)
	return d, orElse(err, webhook.ErrNoDelivery)
}

// ListDeliveries implements webhook.Deliveries.
func (s *Webhooks) ListDeliveries(ctx context.Context, ws int64, w webhook.ID, before webhook.DeliveryID, limit int) ([]webhook.Delivery, error) {
	return db.All(ctx, s.db, scanDelivery, `SELECT `+deliveryColumns+` FROM webhook_deliveries
		WHERE workspace_id = $1 AND webhook_id = $2 AND (CAST($3 AS BIGINT) = 0 OR id < $3) ORDER BY id DESC LIMIT $4`,
		ws, int64(w), int64(before), limit)
}

// PendingDeliveries implements webhook.Deliveries.
func (s *Webhooks) PendingDeliveries(ctx context.Context, w webhook.ID, after webhook.DeliveryID, limit int) ([]webhook.Delivery, error) {
	return db.All(ctx, s.db, scanDelivery, `SELECT `+deliveryColumns+` FROM webhook_deliveries
		WHERE webhook_id = $1 AND id > $2 AND state = 'pending' ORDER BY id LIMIT $3`, int64(w), int64(after), limit)
}

// ForgetDeliveries implements webhook.Deliveries.
func (s *Webhooks) ForgetDeliveries(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.db.Exec(ctx, `DELETE FROM webhook_deliveries WHERE id IN
		(SELECT id FROM webhook_deliveries WHERE created_at < $1 ORDER BY created_at LIMIT $2)`, db.Micros(before), limit)
}
