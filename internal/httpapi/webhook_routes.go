package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/webhook"
)

// Webhooks manages outgoing webhooks.
type Webhooks interface {
	Create(ctx context.Context, a access.Actor, d webhook.Draft) (webhook.Webhook, string, error)
	List(ctx context.Context, a access.Actor) ([]webhook.Webhook, error)
	Update(ctx context.Context, a access.Actor, id webhook.ID, d webhook.Draft) (webhook.Webhook, error)
	Resume(ctx context.Context, a access.Actor, id webhook.ID) (webhook.Webhook, error)
	Rotate(ctx context.Context, a access.Actor, id webhook.ID) (string, error)
	Delete(ctx context.Context, a access.Actor, id webhook.ID) error
	Deliveries
}

// Deliveries is the log of what was posted.
type Deliveries interface {
	ListDeliveries(ctx context.Context, a access.Actor, w webhook.ID, before webhook.DeliveryID, limit int) ([]webhook.Delivery, error)
	Replay(ctx context.Context, a access.Actor, w webhook.ID, d webhook.DeliveryID) (webhook.Delivery, error)
	Test(ctx context.Context, a access.Actor, w webhook.ID) (webhook.Delivery, error)
}

// Webhook is an address that events are posted to.
type Webhook struct {
	ID           string     `json:"id"`
	URL          string     `json:"url"`
	Events       []string   `json:"events" nullable:"false" doc:"Empty: all."`
	Enabled      bool       `json:"enabled"`
	PausedAt     *time.Time `json:"paused_at,omitempty"`
	PausedReason string     `json:"paused_reason,omitempty"`
	FailingSince *time.Time `json:"failing_since,omitempty"`
	Secret       string     `json:"secret,omitempty" doc:"Only in the answer to its creation."`
	CreatedAt    time.Time  `json:"created_at"`
}

func webhookOf(w webhook.Webhook, secret string) Webhook {
	return Webhook{
		ID: id.Format(w.ID), URL: w.URL, Events: all(w.Events, text), Enabled: w.Enabled, PausedAt: when(w.PausedAt),
		PausedReason: string(w.PausedReason), FailingSince: when(w.FailingSince), Secret: secret, CreatedAt: stamp(w.CreatedAt),
	}
}

// Delivery is one event for one webhook.
type Delivery struct {
	ID        string     `json:"id"`
	EventID   string     `json:"event_id,omitempty"`
	EventType string     `json:"event_type"`
	State     string     `json:"state" enum:"pending,delivered,failed"`
	Attempts  int        `json:"attempts"`
	Status    int        `json:"status,omitempty" doc:"Of the last answer."`
	Error     string     `json:"error,omitempty"`
	NextAt    *time.Time `json:"next_at,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	Request   string     `json:"request"`
	Response  string     `json:"response,omitempty"`
	TookMS    int64      `json:"took_ms,omitempty"`
}

func deliveryOf(d webhook.Delivery) Delivery {
	return Delivery{
		ID: id.Format(d.ID), EventID: ref(d.Event), EventType: string(d.Type), State: string(d.State), Attempts: d.Attempts, Status: d.Status,
		Error: d.Error, NextAt: when(d.NextAt), CreatedAt: stamp(d.CreatedAt), Request: string(d.Request), Response: string(d.Response),
		TookMS: d.Took.Milliseconds(),
	}
}

type webhookRequest struct {
	URL     *string   `json:"url,omitempty"`
	Events  *[]string `json:"events,omitempty"`
	Enabled *bool     `json:"enabled,omitempty"`
}

func (r webhookRequest) draft() webhook.Draft {
	d := webhook.Draft{URL: r.URL, Enabled: r.Enabled}
	if r.Events != nil {
		types := all(*r.Events, func(s string) event.Type { return event.Type(s) })
		d.Events = &types
	}
	return d
}

type webhookPatch struct {
	Ident
	Body webhookRequest
}

type rotated struct {
	Secret string `json:"secret"`
}

type deliveriesQuery struct {
	Ident
	Paging
}

type deliveryPath struct {
	Ident
	DID string `path:"did"`
}

func (s *Server) webhookRoutes() {
	if s.d.Webhooks == nil {
		return
	}
	handle(s, route{method: "GET", path: "/webhooks", name: "listWebhooks", tag: "Integration", summary: "Addresses that events are posted to"},
		func(ctx context.Context, a access.Actor, _ *none) (*body[list[Webhook]], error) {
			hooks, err := s.d.Webhooks.List(ctx, a)
			return listOf(all(hooks, func(w webhook.Webhook) Webhook { return webhookOf(w, "") }), ""), err
		})
	handle(s, route{method: "POST", path: "/webhooks", name: "createWebhook", tag: "Integration", summary: "Post events to an address; its secret is shown once", status: http.StatusCreated},
		func(ctx context.Context, a access.Actor, in *body[webhookRequest]) (*body[Webhook], error) {
			w, secret, err := s.d.Webhooks.Create(ctx, a, in.Body.draft())
			return &body[Webhook]{webhookOf(w, secret)}, err
		})
	handle(s, route{method: "PATCH", path: "/webhooks/{id}", name: "updateWebhook", tag: "Integration", summary: "Change a webhook"},
		func(ctx context.Context, a access.Actor, in *webhookPatch) (*body[Webhook], error) {
			hook, err := id.Parse[webhook.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			w, err := s.d.Webhooks.Update(ctx, a, hook, in.Body.draft())
			return &body[Webhook]{webhookOf(w, "")}, err
		})
	handle(s, route{method: "DELETE", path: "/webhooks/{id}", name: "deleteWebhook", tag: "Integration", summary: "Remove a webhook", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *Ident) (*none, error) {
			hook, err := id.Parse[webhook.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.d.Webhooks.Delete(ctx, a, hook)
		})
	handle(s, route{method: "POST", path: "/webhooks/{id}/resume", name: "resumeWebhook", tag: "Integration", summary: "Go on with a webhook that was paused"},
		func(ctx context.Context, a access.Actor, in *Ident) (*body[Webhook], error) {
			hook, err := id.Parse[webhook.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			w, err := s.d.Webhooks.Resume(ctx, a, hook)
			return &body[Webhook]{webhookOf(w, "")}, err
		})
	handle(s, route{method: "POST", path: "/webhooks/{id}/rotate", name: "rotateWebhook", tag: "Integration", summary: "A new secret; the old one signs for a day more"},
		func(ctx context.Context, a access.Actor, in *Ident) (*body[rotated], error) {
			hook, err := id.Parse[webhook.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			secret, err := s.d.Webhooks.Rotate(ctx, a, hook)
			return &body[rotated]{rotated{secret}}, err
		})
	s.deliveryRoutes()
}

func (s *Server) deliveryRoutes() {
	handle(s, route{method: "POST", path: "/webhooks/{id}/test", name: "testWebhook", tag: "Integration", summary: "Post a test event now"},
		func(ctx context.Context, a access.Actor, in *Ident) (*body[Delivery], error) {
			hook, err := id.Parse[webhook.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			d, err := s.d.Webhooks.Test(ctx, a, hook)
			return &body[Delivery]{deliveryOf(d)}, err
		})
	handle(s, route{method: "GET", path: "/webhooks/{id}/deliveries", name: "listDeliveries", tag: "Integration", summary: "What was posted, the newest first"},
		func(ctx context.Context, a access.Actor, in *deliveriesQuery) (*body[list[Delivery]], error) {
			hook, err := id.Parse[webhook.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			from, err := before[webhook.DeliveryID](in.Paging)
			if err != nil {
				return nil, err
			}
			rows, err := s.d.Webhooks.ListDeliveries(ctx, a, hook, from, in.Limit)
			return listOf(all(rows, deliveryOf), next(rows, in.Limit, func(d webhook.Delivery) webhook.DeliveryID { return d.ID })), err
		})
	handle(s, route{method: "POST", path: "/webhooks/{id}/deliveries/{did}/replay", name: "replayDelivery", tag: "Integration", summary: "Post an event once more"},
		func(ctx context.Context, a access.Actor, in *deliveryPath) (*body[Delivery], error) {
			hook, err := id.Parse[webhook.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			row, err := id.Parse[webhook.DeliveryID]("did", in.DID)
			if err != nil {
				return nil, err
			}
			d, err := s.d.Webhooks.Replay(ctx, a, hook, row)
			return &body[Delivery]{deliveryOf(d)}, err
		})
}
