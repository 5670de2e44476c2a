package webpush

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	wire "github.com/SherClockHolmes/webpush-go"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/fault"
)

// Message is what a device shows.
type Message struct {
	// Title says who or what; Body is the text's beginning.
	Title, Body string
	// HideText keeps the Body off the device's lock screen: it is not sent.
	HideText bool
	// Conversation is opened by a click, "" opens the workspace.
	Conversation string
	// Notification identifies the message: the device shows it once, however
	// often it comes. Its service worker uses it as the notification's tag.
	Notification string
	// Urgent wakes a sleeping device (RFC 8030, 5.3).
	Urgent bool
	// TTL is how long the push service keeps it for a device that is off;
	// zero means a day.
	TTL time.Duration
}

// payload is the JSON that the service worker gets.
type payload struct {
	Title        string `json:"title"`
	Body         string `json:"body,omitempty"`
	Conversation string `json:"conversation_id,omitempty"`
	Notification string `json:"notification_id,omitempty"`
}

const (
	defaultTTL = 24 * time.Hour
	timeout    = 15 * time.Second
	// One record of RFC 8188 holds less than 4 KiB.
	maxTitle = 120 // characters
	maxBody  = 200
	maxID    = 64
)

// ErrNotSent is a message that reached no device but may do so later.
var ErrNotSent = fault.New(fault.Unavailable, "push.not_sent")

// Send notifies all devices of a person. A device that is no more is
// forgotten. The error is ErrNotSent if no device could be reached and trying
// again may help; a person without devices is no error.
func (p *Pusher) Send(ctx context.Context, u access.UserID, m Message) error {
	list, err := p.cfg.Devices.Devices(ctx, u)
	if err != nil || len(list) == 0 {
		return err
	}
	k, err := p.load(ctx)
	if err != nil {
		return err
	}
	body, err := m.encode()
	if err != nil {
		return err
	}
	list = list[:min(len(list), maxDevices)]
	errs := make([]error, len(list))
	var wg sync.WaitGroup
	for i, d := range list {
		wg.Go(func() { errs[i] = p.send(ctx, k, d, m, body) })
	}
	wg.Wait()
	if err := p.forget(ctx, list, errs); err != nil {
		return err
	}
	var later []error
	for i, err := range errs {
		if err == nil {
			return nil // he knows; the device that does not is not worth a second ring
		}
		if !errors.Is(err, errGone) && !errors.Is(err, errRefused) {
			later = append(later, fmt.Errorf("device %d: %w", list[i].ID, err))
		}
	}
	if len(later) > 0 {
		return ErrNotSent.Because(errors.Join(later...))
	}
	return nil
}

// forget drops the devices that are no more and writes down what else failed.
func (p *Pusher) forget(ctx context.Context, list []access.Device, errs []error) error {
	var failed []error
	for i, err := range errs {
		switch {
		case err == nil:
		case errors.Is(err, errGone):
			failed = append(failed, p.cfg.Devices.DropDevice(ctx, list[i]))
		default:
			p.cfg.Logger.Warn("notification not sent to a device", slog.Int64("device_id", list[i].ID), slog.Any("error", err))
		}
	}
	return errors.Join(failed...)
}

func (m Message) encode() ([]byte, error) {
	v := payload{Title: clip(m.Title, maxTitle), Conversation: clip(m.Conversation, maxID), Notification: clip(m.Notification, maxID)}
	if !m.HideText {
		v.Body = clip(m.Body, maxBody)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("webpush: payload: %w", err)
	}
	return b, nil
}

// clip keeps the first n characters.
func clip(s string, n int) string {
	s = strings.ToValidUTF8(s, "")
	seen := 0
	for i := range s {
		if seen == n {
			return s[:i] + "…"
		}
		seen++
	}
	return s
}

var (
	errGone    = errors.New("the device has ended its subscription")
	errRefused = errors.New("the push service refuses the message")
)

func (p *Pusher) send(ctx context.Context, k keys, d access.Device, m Message, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	ttl := m.TTL
	if ttl <= 0 {
		ttl = defaultTTL
	}
	urgency := wire.UrgencyNormal
	if m.Urgent {
		urgency = wire.UrgencyHigh
	}
	// The library pads in the place of the slice it is given: its own copy for
	// each device.
	res, err := wire.SendNotificationWithContext(ctx, bytes.Clone(body), &wire.Subscription{Endpoint: d.Endpoint, Keys: wire.Keys{P256dh: d.P256dh, Auth: d.Auth}}, &wire.Options{
		HTTPClient: p.cfg.Sender, Subscriber: p.cfg.Subject, TTL: int(ttl.Seconds()), Urgency: urgency,
		VAPIDPublicKey: k.Public, VAPIDPrivateKey: k.Private,
	})
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, 4<<10))
	if err := errors.Join(err, res.Body.Close()); err != nil {
		p.cfg.Logger.Debug("push: the answer broke off", slog.Int64("device_id", d.ID), slog.Any("error", err))
	}
	switch {
	case res.StatusCode >= 200 && res.StatusCode < 300:
		return nil
	case res.StatusCode == http.StatusNotFound, res.StatusCode == http.StatusGone:
		return errGone
	case res.StatusCode == http.StatusTooManyRequests, res.StatusCode >= 500:
		return fmt.Errorf("the push service answered %d", res.StatusCode)
	}
	return fmt.Errorf("%w: status %d", errRefused, res.StatusCode)
}
