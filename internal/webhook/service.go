package webhook

import (
	"context"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/event"
)

// Deps is what the service and its follower need.
type Deps struct {
	Tx         Transactor
	Webhooks   Webhooks
	Deliveries Deliveries
	Log        Log
	Render     Render
	Jobs       Jobs
	Sender     Sender
	Sealer     Sealer
	Notifier   Notifier
	Audit      Auditor
	NewID      func() int64
	Now        func() time.Time
	Logger     *slog.Logger
}

func (d Deps) withDefaults() Deps {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return d
}

// Service is what admins do about webhooks, and the delivering.
type Service struct{ d Deps }

// NewService returns the service.
func NewService(d Deps) *Service { return &Service{d: d.withDefaults()} }

func (s *Service) now() time.Time { return s.d.Now().UTC() }

// Limits.
const (
	maxURL      = 2048
	maxWebhooks = 50 // of a workspace
)

// Draft describes a webhook to add, or changes to one; nil leaves a field as
// it is.
type Draft struct {
	URL     *string
	Events  *[]event.Type
	Enabled *bool
}

func (d Draft) apply(w *Webhook) error {
	if d.URL != nil {
		u, err := checkURL(*d.URL)
		if err != nil {
			return err
		}
		w.URL = u
	}
	if d.Events != nil {
		known := event.Types()
		for _, t := range *d.Events {
			if !slices.Contains(known, t) {
				return ErrUnknownEvent.WithField("events").With("event", string(t))
			}
		}
		w.Events = slices.Clone(*d.Events)
		slices.Sort(w.Events)
		w.Events = slices.Compact(w.Events)
	}
	if d.Enabled != nil {
		w.Enabled = *d.Enabled
	}
	return nil
}

// checkURL accepts web addresses. Whether the address is one that may be
// called is the Sender's to say, on every attempt.
func checkURL(s string) (string, error) {
	s = strings.TrimSpace(s)
	u, err := url.Parse(s)
	bad := ErrURL.WithField("url")
	switch {
	case len(s) > maxURL:
		return "", bad.With("limit", maxURL)
	case err != nil, u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "", u.Opaque != "":
		return "", bad
	case u.User != nil: // it would stand in lists and logs
		return "", bad
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String(), nil
}

// Create adds a webhook and returns its signing secret, which is shown once.
func (s *Service) Create(ctx context.Context, a access.Actor, d Draft) (Webhook, string, error) {
	if err := a.Require(access.ManageWebhook); err != nil {
		return Webhook{}, "", err
	}
	w := Webhook{ID: ID(s.d.NewID()), Workspace: int64(a.Workspace), Enabled: true, CreatedBy: a.User, CreatedAt: s.now()}
	if d.URL == nil {
		return w, "", ErrURL.WithField("url")
	}
	if err := d.apply(&w); err != nil {
		return w, "", err
	}
	v := secrets{Current: newSecret()}
	if err := s.seal(&w, v); err != nil {
		return w, "", err
	}
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		list, err := s.catchUp(ctx, w.Workspace)
		if err != nil {
			return err
		}
		if len(list) >= maxWebhooks {
			return ErrTooMany.With("limit", maxWebhooks)
		}
		if err := s.d.Webhooks.CreateWebhook(ctx, w); err != nil {
			return err
		}
		return s.record(ctx, a, "webhook.created", w)
	})
	return w, v.Current, err
}

// catchUp lets the workspace's first active webhook begin with what happens
// from now on. It must be called before it becomes active.
func (s *Service) catchUp(ctx context.Context, ws int64) ([]Webhook, error) {
	if err := s.d.Webhooks.LockFollower(ctx, ws); err != nil {
		return nil, err
	}
	list, err := s.d.Webhooks.ListWebhooks(ctx, ws)
	if err != nil || slices.ContainsFunc(list, Webhook.Active) {
		return list, err
	}
	last, err := s.d.Log.Last(ctx, ws)
	if err != nil {
		return nil, err
	}
	return list, s.d.Log.SetCursor(ctx, ws, follower, last)
}

func (s *Service) record(ctx context.Context, a access.Actor, action string, w Webhook) error {
	return s.d.Audit.Record(ctx, a, action, "webhook", int64(w.ID), hostOf(w.URL), map[string]any{
		"host": hostOf(w.URL), "events": w.Events, "enabled": w.Enabled, "reason": string(w.PausedReason),
	})
}

// hostOf is what may be shown of an address: many hold a token in the path.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// List returns the workspace's webhooks.
func (s *Service) List(ctx context.Context, a access.Actor) ([]Webhook, error) {
	if err := a.Require(access.ManageWebhook); err != nil {
		return nil, err
	}
	return s.d.Webhooks.ListWebhooks(ctx, int64(a.Workspace))
}

// Get returns one of the workspace's webhooks.
func (s *Service) Get(ctx context.Context, a access.Actor, id ID) (Webhook, error) {
	if err := a.Require(access.ManageWebhook); err != nil {
		return Webhook{}, err
	}
	return s.d.Webhooks.Webhook(ctx, int64(a.Workspace), id)
}

// Update changes a webhook. One that is enabled again goes on with what had
// not been delivered.
func (s *Service) Update(ctx context.Context, a access.Actor, id ID, d Draft) (Webhook, error) {
	return s.change(ctx, a, id, "webhook.updated", d.apply)
}

// Resume lets a webhook that was paused go on, with what had not been
// delivered first.
func (s *Service) Resume(ctx context.Context, a access.Actor, id ID) (Webhook, error) {
	return s.change(ctx, a, id, "webhook.resumed", func(w *Webhook) error {
		w.Enabled, w.PausedAt, w.PausedReason, w.FailingSince = true, time.Time{}, "", time.Time{}
		return nil
	})
}

// Rotate gives a webhook a new secret and returns it, which is shown once.
// For a day messages are signed with the former one too.
func (s *Service) Rotate(ctx context.Context, a access.Actor, id ID) (string, error) {
	var v secrets
	_, err := s.change(ctx, a, id, "webhook.rotated", func(w *Webhook) error {
		old, err := s.open(*w)
		if err != nil {
			return err
		}
		v = old.rotated(s.now())
		return s.seal(w, v)
	})
	return v.Current, err
}

func (s *Service) change(ctx context.Context, a access.Actor, id ID, action string, apply func(*Webhook) error) (Webhook, error) {
	var w Webhook
	if err := a.Require(access.ManageWebhook); err != nil {
		return w, err
	}
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		var err error
		if w, err = s.d.Webhooks.Webhook(ctx, int64(a.Workspace), id); err != nil {
			return err
		}
		was := w.Active()
		if err := apply(&w); err != nil {
			return err
		}
		wakes := w.Active() && !was
		if wakes {
			if _, err := s.catchUp(ctx, w.Workspace); err != nil {
				return err
			}
		}
		if err := s.d.Webhooks.UpdateWebhook(ctx, w); err != nil {
			return err
		}
		if wakes {
			if err := s.goOn(ctx, w); err != nil {
				return err
			}
		}
		return s.record(ctx, a, action, w)
	})
	return w, err
}

// Delete removes a webhook and its log.
func (s *Service) Delete(ctx context.Context, a access.Actor, id ID) error {
	if err := a.Require(access.ManageWebhook); err != nil {
		return err
	}
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		w, err := s.d.Webhooks.Webhook(ctx, int64(a.Workspace), id)
		if err != nil {
			return err
		}
		if err := s.d.Webhooks.DeleteWebhook(ctx, w.Workspace, id); err != nil {
			return err
		}
		return s.record(ctx, a, "webhook.deleted", w)
	})
}
