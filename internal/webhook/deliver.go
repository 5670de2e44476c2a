package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/access"
)

// What an attempt is bounded by.
const (
	timeout = 15 * time.Second
	excerpt = 4 << 10
	// slots is how many requests one webhook gets at the same time.
	slots = 4
	// patience is how long a webhook may fail before it is paused.
	patience = 24 * time.Hour
	maxError = 500
)

// pauses between the attempts, as Standard Webhooks has them: eight attempts
// in 31 hours and a half.
func pauses() []time.Duration {
	return []time.Duration{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour,
	}
}

// attempt is the job of a delivery's next attempt. Its order key is one of
// the webhook's slots.
func (d Delivery) attempt(at time.Time) Job {
	slot := (uint64(d.ID) ^ uint64(d.ID)>>22) % slots //nolint:gosec // ids are positive
	return Job{
		Kind: JobDeliver, Workspace: d.Workspace, OrderKey: fmt.Sprintf("webhook:%d:%d", d.Webhook, slot),
		Work: Work{Webhook: d.Webhook, Delivery: d.ID, Attempt: d.Attempts}, RunAt: at,
	}
}

// Handle does a job. It may be run again at any time.
func (s *Service) Handle(ctx context.Context, kind JobKind, ws int64, w Work) error {
	d, err := s.d.Deliveries.Delivery(ctx, ws, w.Delivery)
	if errors.Is(err, ErrNoDelivery) {
		return nil // the webhook was deleted
	}
	if err != nil {
		return err
	}
	if d.State != Pending || d.Attempts != w.Attempt {
		return nil // done already
	}
	if kind == JobRetry {
		return s.d.Jobs.Enqueue(ctx, d.attempt(s.now()))
	}
	hook, err := s.d.Webhooks.Webhook(ctx, ws, d.Webhook)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if !hook.Active() {
		return nil // Resume goes on with it
	}
	out, err := s.post(ctx, hook, d)
	if err != nil {
		return err
	}
	return s.settle(ctx, d, out)
}

// outcome is what came of an attempt.
type outcome struct {
	status     int
	err        string
	response   []byte
	took       time.Duration
	retryAfter time.Duration
}

func (o outcome) ok() bool { return o.status >= 200 && o.status < 300 }

// post makes an attempt. An error is ours, not the receiver's.
func (s *Service) post(ctx context.Context, w Webhook, d Delivery) (outcome, error) {
	var o outcome
	keys, err := s.open(w)
	if err != nil {
		return o, err
	}
	caller := ctx
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(d.Request))
	if err != nil {
		return o, fmt.Errorf("webhook: request: %w", bare(err))
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Okno-Webhooks/1")
	if err := keys.sign(req.Header, d.Message, s.now(), d.Request); err != nil {
		return o, err
	}
	start := time.Now()
	res, err := s.d.Sender.Do(req)
	if err == nil {
		o.status, o.retryAfter = res.StatusCode, retryAfter(res.Header, s.now())
		o.response, err = io.ReadAll(io.LimitReader(res.Body, excerpt))
		if o.ok() {
			err = nil // it was taken, whatever became of the rest of the answer
		}
		if closed := res.Body.Close(); closed != nil {
			s.d.Logger.Debug("webhook: close the answer", slog.Int64("webhook_id", int64(w.ID)), slog.Any("error", closed))
		}
	}
	o.took = time.Since(start)
	if err != nil {
		if caller.Err() != nil {
			return o, caller.Err() // the server stops: this was no attempt
		}
		o.err = clip(bare(err).Error(), maxError)
	}
	return o, nil
}

// bare drops the address from an error: it may hold a token.
func bare(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

func clip(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}

func retryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	if n, err := strconv.Atoi(v); err == nil {
		return time.Duration(min(max(n, 0), 86400)) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return min(max(at.Sub(now), 0), patience)
	}
	return 0
}

// settle writes down what came of an attempt and what follows.
func (s *Service) settle(ctx context.Context, seen Delivery, o outcome) error {
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		w, err := s.d.Webhooks.Webhook(ctx, seen.Workspace, seen.Webhook)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		d, err := s.d.Deliveries.Delivery(ctx, seen.Workspace, seen.ID)
		if errors.Is(err, ErrNoDelivery) {
			return nil
		}
		if err != nil {
			return err
		}
		if d.State != Pending || d.Attempts != seen.Attempts {
			return nil // somebody else has made the same attempt
		}
		d.note(o)
		if o.ok() {
			if err := s.d.Deliveries.UpdateDelivery(ctx, d); err != nil || w.FailingSince.IsZero() {
				return err
			}
			w.FailingSince = time.Time{}
			return s.d.Webhooks.UpdateWebhook(ctx, w)
		}
		return s.settleFailure(ctx, w, d, o)
	})
}

// note takes an attempt's outcome over.
func (d *Delivery) note(o outcome) {
	d.Attempts++
	d.Status, d.Error, d.Response, d.Took, d.NextAt = o.status, o.err, o.response, o.took, time.Time{}
	if o.ok() {
		d.State = Delivered
	}
}

func (s *Service) settleFailure(ctx context.Context, w Webhook, d Delivery, o outcome) error {
	now := s.now()
	was := w.Active()
	switch {
	case !was: // paused while this was under way
	case o.status == http.StatusGone:
		w.Enabled, w.PausedAt, w.PausedReason = false, now, ReasonGone
	case w.FailingSince.IsZero():
		w.FailingSince = now
	case now.Sub(w.FailingSince) >= patience:
		w.PausedAt, w.PausedReason = now, ReasonFailing
	}
	waits := pauses()
	switch {
	case o.status == http.StatusGone || d.Attempts > len(waits):
		d.State = Failed
	case w.Active():
		wait := waits[d.Attempts-1]
		wait += rand.N(wait/10 + 1) //nolint:gosec // so that not all come back at the same moment
		d.NextAt = now.Add(max(wait, o.retryAfter))
		job := d.attempt(d.NextAt)
		job.Kind, job.OrderKey = JobRetry, ""
		if err := s.d.Jobs.Enqueue(ctx, job); err != nil {
			return err
		}
	}
	if err := s.d.Deliveries.UpdateDelivery(ctx, d); err != nil {
		return err
	}
	if err := s.d.Webhooks.UpdateWebhook(ctx, w); err != nil {
		return err
	}
	if !was || w.Active() {
		return nil
	}
	s.d.Logger.Warn("webhook paused", slog.Int64("webhook_id", int64(w.ID)), slog.String("reason", string(w.PausedReason)))
	if err := s.record(ctx, access.Actor{Workspace: access.WorkspaceID(w.Workspace)}, "webhook.paused", w); err != nil {
		return err
	}
	return s.d.Notifier.WebhookPaused(ctx, w)
}
