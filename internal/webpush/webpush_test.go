package webpush_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/egress"
	"github.com/okno-hq/okno/internal/secretbox"
	"github.com/okno-hq/okno/internal/webpush"
)

// memory keeps devices and facts.
type memory struct {
	mu      sync.Mutex
	devices []access.Device
	facts   map[string][]byte
}

func (m *memory) SaveDevice(_ context.Context, d access.Device) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.devices = append(slices.DeleteFunc(m.devices, func(o access.Device) bool { return o.Endpoint == d.Endpoint }), d)
	return nil
}

func (m *memory) RemoveDevice(_ context.Context, u access.UserID, endpoint string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.devices = slices.DeleteFunc(m.devices, func(o access.Device) bool { return o.Endpoint == endpoint && o.User == u })
	return nil
}

func (m *memory) DropDevice(ctx context.Context, d access.Device) error {
	return m.RemoveDevice(ctx, d.User, d.Endpoint)
}

func (m *memory) Devices(_ context.Context, u access.UserID) ([]access.Device, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(m.devices), func(o access.Device) bool { return o.User != u }), nil
}

func (m *memory) Fact(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.facts[key], nil
}

func (m *memory) KeepFact(_ context.Context, key string, value []byte) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.facts[key] == nil {
		m.facts[key] = value
	}
	return m.facts[key], nil
}

type sealer struct{ *secretbox.Box }

func (s sealer) Seal(plain []byte, row string) ([]byte, error) {
	return s.Box.Seal(plain, secretbox.Place{Table: "installation", Row: row, Field: "value"})
}

func (s sealer) Open(sealed []byte, row string) ([]byte, error) {
	return s.Box.Open(sealed, secretbox.Place{Table: "installation", Row: row, Field: "value"})
}

type bench struct {
	*testing.T
	*webpush.Pusher
	service *service
	store   *memory
	cfg     webpush.Config
	actor   access.Actor
	key     string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{T: t, service: newService(t), store: &memory{facts: map[string][]byte{}}}
	client, err := egress.New(egress.Config{AllowPrivate: true, Transport: b.service.Client().Transport})
	if err != nil {
		t.Fatal(err)
	}
	last := int64(0)
	b.cfg = webpush.Config{
		Devices: b.store, Installation: b.store, Sealer: sealer{secretbox.NewKeyring(secretbox.NewKey()).Box("webpush.vapid")},
		Sender: client.Requester("push"), Subject: "https://okno.example.com", NewID: func() int64 { last++; return last },
	}
	b.Pusher = webpush.New(b.cfg)
	b.actor = access.NewActor(access.User{ID: 7, Workspace: 1}, nil)
	if b.key, err = b.PublicKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) subscribe() *browser {
	b.Helper()
	endpoint, p256dh, auth, browser := b.service.browser(b.key)
	if err := b.Subscribe(b.Context(), b.actor, endpoint, p256dh, auth); err != nil {
		b.Fatal(err)
	}
	return browser
}

func TestSend(t *testing.T) {
	b := newBench(t)
	phone, desk := b.subscribe(), b.subscribe()
	m := webpush.Message{Title: "Мария", Body: "Здравствуйте! Где мой заказ?", Conversation: "42", Notification: "77", Urgent: true, TTL: time.Hour}
	if err := b.Send(t.Context(), 7, m); err != nil {
		t.Fatal(err)
	}
	for _, device := range []*browser{phone, desk} {
		got := b.service.got(device)
		if len(got) != 1 {
			t.Fatalf("%d notifications", len(got))
		}
		var v map[string]string
		if err := json.Unmarshal([]byte(got[0].body), &v); err != nil {
			t.Fatal(err)
		}
		if v["title"] != m.Title || v["body"] != m.Body || v["conversation_id"] != "42" || v["notification_id"] != "77" {
			t.Errorf("payload %v", v)
		}
		if got[0].header.Get("TTL") != "3600" || got[0].header.Get("Urgency") != "high" || got[0].subject != "https://okno.example.com" {
			t.Errorf("headers %v, subject %s", got[0].header, got[0].subject)
		}
	}
	m.HideText = true
	if err := b.Send(t.Context(), 7, m); err != nil {
		t.Fatal(err)
	}
	if got := b.service.got(desk); len(got) != 2 || strings.Contains(got[1].body, "заказ") || !strings.Contains(got[1].body, "Мария") {
		t.Errorf("without text: %+v", got)
	}
	if err := b.Send(t.Context(), 8, m); err != nil {
		t.Errorf("somebody without devices: %v", err)
	}
	// The longest message fits into one record.
	long := strings.Repeat("\x01\"\\</", 20_000)
	if err := b.Send(t.Context(), 7, webpush.Message{Title: long, Body: long, Conversation: long, Notification: long}); err != nil {
		t.Errorf("an endless message: %v", err)
	}
	if got := b.service.got(desk); len(got) != 3 || !json.Valid([]byte(got[2].body)) {
		t.Errorf("an endless message: %d notifications", len(got))
	}
}

func TestDevicesThatAreGone(t *testing.T) {
	for _, status := range []int{404, 410} {
		b := newBench(t)
		gone, stays := b.subscribe(), b.subscribe()
		b.service.answers(gone, status)
		if err := b.Send(t.Context(), 7, webpush.Message{Title: "x"}); err != nil {
			t.Errorf("%d: %v", status, err)
		}
		left, err := b.store.Devices(t.Context(), 7)
		if err != nil || len(left) != 1 || len(b.service.got(stays)) != 1 {
			t.Errorf("%d: %d devices left, %v", status, len(left), err)
		}
	}
}

func TestFailures(t *testing.T) {
	for status, want := range map[int]error{500: webpush.ErrNotSent, 429: webpush.ErrNotSent, 400: nil, 413: nil, 307: nil} {
		b := newBench(t)
		first := b.subscribe()
		b.service.answers(first, status)
		if err := b.Send(t.Context(), 7, webpush.Message{Title: "x"}); !errors.Is(err, want) {
			t.Errorf("%d: %v, want %v", status, err, want)
		}
		if left, err := b.store.Devices(t.Context(), 7); err != nil || len(left) != 1 {
			t.Errorf("%d: the device was forgotten, %v", status, err)
		}
		// One that has been told is enough: a second ring would come to it.
		b.subscribe()
		if err := b.Send(t.Context(), 7, webpush.Message{Title: "x"}); err != nil {
			t.Errorf("%d, another device reached: %v", status, err)
		}
	}
	b := newBench(t)
	b.subscribe()
	b.service.Close()
	if err := b.Send(t.Context(), 7, webpush.Message{Title: "x"}); !errors.Is(err, webpush.ErrNotSent) || strings.Contains(err.Error(), "/push/") {
		t.Errorf("a service that is down: %v", err)
	}
}

func TestKeysAreKept(t *testing.T) {
	b := newBench(t)
	again, err := webpush.New(b.cfg).PublicKey(t.Context())
	if err != nil || again != b.key {
		t.Errorf("after a restart: %q, %v, want %q", again, err, b.key)
	}
	for name, value := range b.store.facts {
		if strings.Contains(string(value), b.key) || strings.Contains(string(value), "private") {
			t.Errorf("%s lies open", name)
		}
	}
	// Several processes on a new database agree on one pair.
	b.store.facts = map[string][]byte{}
	keys := make(chan string, 8)
	for range cap(keys) {
		go func() {
			k, err := webpush.New(b.cfg).PublicKey(t.Context())
			if err != nil {
				t.Error(err)
			}
			keys <- k
		}()
	}
	first := <-keys
	for range cap(keys) - 1 {
		if k := <-keys; k != first || k == "" {
			t.Errorf("two pairs: %q and %q", k, first)
		}
	}
}

func TestSubscribeRefuses(t *testing.T) {
	b := newBench(t)
	endpoint, p256dh, auth, _ := b.service.browser(b.key)
	for what, c := range map[string]struct {
		endpoint, p256dh, auth string
		want                   error
	}{
		"plain http":    {"http" + strings.TrimPrefix(endpoint, "https"), p256dh, auth, webpush.ErrEndpoint},
		"no address":    {"", p256dh, auth, webpush.ErrEndpoint},
		"endless":       {endpoint + strings.Repeat("x", 3000), p256dh, auth, webpush.ErrEndpoint},
		"a script":      {"javascript:alert(1)", p256dh, auth, webpush.ErrEndpoint},
		"no key":        {endpoint, "", auth, webpush.ErrKeys},
		"no curve":      {endpoint, "B" + strings.Repeat("A", 86), auth, webpush.ErrKeys},
		"not base64":    {endpoint, "!" + p256dh[1:], auth, webpush.ErrKeys},
		"a short auth":  {endpoint, p256dh, auth[:10], webpush.ErrKeys},
		"another's key": {endpoint, auth, p256dh, webpush.ErrKeys},
	} {
		if err := b.Subscribe(t.Context(), b.actor, c.endpoint, c.p256dh, c.auth); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if len(b.store.devices) != 0 {
		t.Errorf("kept: %v", b.store.devices)
	}
	if err := b.Subscribe(t.Context(), b.actor, endpoint, p256dh+"=", auth+"=="); err != nil {
		t.Errorf("padded keys: %v", err)
	}
	if err := b.Send(t.Context(), 7, webpush.Message{Title: "x"}); err != nil {
		t.Errorf("padded keys: %v", err)
	}
	if err := b.Unsubscribe(t.Context(), b.actor, endpoint); err != nil || len(b.store.devices) != 0 {
		t.Errorf("Unsubscribe: %v, %v", err, b.store.devices)
	}
}

// An endpoint inside the operator's network is not called.
func TestGuarded(t *testing.T) {
	b := newBench(t)
	client, err := egress.New(egress.Config{})
	if err != nil {
		t.Fatal(err)
	}
	b.cfg.Sender = client.Requester("push")
	b.Pusher = webpush.New(b.cfg)
	device := b.subscribe()
	err = b.Send(t.Context(), 7, webpush.Message{Title: "x"})
	e, ok := errors.AsType[*egress.Error](err)
	if !ok || e.Reason != egress.ReasonPrivate || len(b.service.got(device)) != 0 {
		t.Errorf("a private endpoint: %v", err)
	}
}

func TestSubjects(t *testing.T) {
	for _, subject := range []string{"", "http://localhost:8080", "admin@example.com", "mailto:admin@example.com"} {
		b := newBench(t)
		b.cfg.Subject = subject
		b.Pusher = webpush.New(b.cfg)
		device := b.subscribe()
		if err := b.Send(t.Context(), 7, webpush.Message{Title: "x"}); err != nil {
			t.Fatal(err)
		}
		want := "https://github.com/okno-hq/okno"
		if subject == "admin@example.com" {
			want = "mailto:" + subject
		}
		if got := b.service.got(device); len(got) != 1 || got[0].subject != want {
			t.Errorf("subject %q: %+v", subject, got)
		}
	}
}
