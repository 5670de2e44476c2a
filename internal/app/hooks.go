package app

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/config"
	"github.com/okno-hq/okno/internal/egress"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/job"
	"github.com/okno-hq/okno/internal/secretbox"
	"github.com/okno-hq/okno/internal/store"
	"github.com/okno-hq/okno/internal/webhook"
	"github.com/okno-hq/okno/internal/webpush"
)

// hooks are what is told to the outside: webhooks, and people's devices.
type hooks struct {
	app      *App
	webhooks *webhook.Service
	follower *webhook.Follower
	pusher   *webpush.Pusher
	forgot   time.Time
}

// rowSealer binds what is sealed to a row of one table.
type rowSealer struct {
	box          *secretbox.Box
	table, field string
}

func (s rowSealer) Seal(plain []byte, row string) ([]byte, error) {
	return s.box.Seal(plain, secretbox.Place{Table: s.table, Row: row, Field: s.field})
}

func (s rowSealer) Open(sealed []byte, row string) ([]byte, error) {
	return s.box.Open(sealed, secretbox.Place{Table: s.table, Row: row, Field: s.field})
}

// hookTimeout is how long a receiver may take to answer.
const hookTimeout = 15 * time.Second

func (a *App) wireHooks() error {
	allowed, err := config.Prefixes(a.Config.AllowNetworks)
	if err != nil {
		return err
	}
	client, err := egress.New(egress.Config{AllowPrefixes: allowed, Timeout: hookTimeout, Observe: a.metrics.egress("webhook")})
	if err != nil {
		return err
	}
	a.closers = append(a.closers, func() error { client.Close(); return nil })
	a.hooks = &hooks{app: a}
	rows := store.NewWebhooks(a.DB)
	deps := webhook.Deps{
		Tx: a.DB, Webhooks: rows, Deliveries: rows, Log: a.Stores.Events, Jobs: hookJobs{a.queue}, Sender: client.Requester("webhook"),
		Render: func(ctx context.Context, e event.Event) (json.RawMessage, error) { return a.api.RenderEvent(ctx, e) },
		Sealer: rowSealer{a.keyring.Box("webhook.secret"), "webhooks", "secret"}, Notifier: a.hooks, Audit: a.Access, NewID: a.NewID, Logger: a.Log,
	}
	a.hooks.webhooks, a.hooks.follower = webhook.NewService(deps), webhook.NewFollower(deps)
	subject := ""
	if isHTTPS(a.Config.BaseURL) {
		subject = a.Config.BaseURL
	}
	devices := store.NewPush(a.DB)
	a.hooks.pusher = webpush.New(webpush.Config{
		Devices: devices, Installation: devices, Sealer: rowSealer{a.keyring.Box("webpush.vapid"), "installation", "value"},
		Sender: client.Requester("push"), Subject: subject, NewID: a.NewID, Logger: a.Log,
	})
	return nil
}

// hookJobs implements webhook.Jobs.
type hookJobs struct{ queue *job.Queue }

func (j hookJobs) Enqueue(ctx context.Context, in webhook.Job) error {
	payload, err := job.Payload(in.Work)
	if err != nil {
		return err
	}
	return j.queue.Enqueue(ctx, job.Job{
		Kind: string(in.Kind), WorkspaceID: in.Workspace, OrderKey: in.OrderKey, Payload: payload, RunAt: in.RunAt,
	})
}

func (h *hooks) wake() { h.follower.Wake() }

func (h *hooks) services() map[string]func(context.Context) error {
	return map[string]func(context.Context) error{"webhooks": h.follower.Run}
}

func (h *hooks) kinds() []job.Kind {
	handle := func(ctx context.Context, j job.Job) error {
		var w webhook.Work
		if err := j.Decode(&w); err != nil {
			return err
		}
		return h.webhooks.Handle(ctx, webhook.JobKind(j.Kind), j.WorkspaceID, w)
	}
	return []job.Kind{
		{Name: string(webhook.JobDeliver), Workers: 64, StepAside: true, Handle: handle},
		{Name: string(webhook.JobRetry), Workers: 16, StepAside: true, Handle: handle},
	}
}

// tidy forgets old deliveries, once a day.
func (h *hooks) tidy(ctx context.Context) error {
	if time.Since(h.forgot) < 24*time.Hour {
		return nil
	}
	h.forgot = time.Now()
	_, err := h.webhooks.Forget(ctx)
	return err
}

// WebhookPaused implements webhook.Notifier.
func (h *hooks) WebhookPaused(ctx context.Context, w webhook.Webhook) error {
	return h.app.Inbox.Notify(ctx, inbox.Notification{
		Workspace: w.Workspace, User: w.CreatedBy, Kind: inbox.NotifyWebhook, Text: string(w.PausedReason),
	})
}

// push tells a person's devices of a notification, if he wants that and has
// not read it meanwhile.
func (h *hooks) push(ctx context.Context, ws int64, note inbox.NotificationID) error {
	n, err := h.app.Stores.Inbox.Notification(ctx, note)
	if err != nil || !n.ReadAt.IsZero() {
		return err
	}
	u, err := h.app.Stores.Access.User(ctx, access.WorkspaceID(ws), n.User)
	if errors.Is(err, access.ErrNoUser) {
		return nil
	}
	if err != nil || !u.Settings.Push || u.Disabled {
		return err
	}
	m := webpush.Message{
		Title: h.title(ctx, ws, n, u.Locale), Body: n.Text, Conversation: id.Format(n.Conversation), Notification: id.Format(n.ID),
		Urgent: n.Kind == inbox.NotifyMention || n.Kind == inbox.NotifyAssigned,
	}
	if n.Kind == inbox.NotifyChannel || n.Kind == inbox.NotifyWebhook {
		m.Body = "" // codes that the page puts into words
	}
	return h.pusher.Send(ctx, n.User, m)
}

// title is a notification's first line, in the person's language.
func (h *hooks) title(ctx context.Context, ws int64, n inbox.Notification, locale string) string {
	words := map[inbox.NotificationKind][2]string{
		inbox.NotifyMention:  {"Вас упомянули", "You were mentioned"},
		inbox.NotifyAssigned: {"Вам передан разговор", "A conversation was assigned to you"},
		inbox.NotifyChannel:  {"Канал требует внимания", "A channel needs attention"},
		inbox.NotifyWebhook:  {"Вебхук приостановлен", "A webhook was paused"},
	}[n.Kind]
	line := words[0]
	if locale == "en" {
		line = words[1]
	}
	if n.Conversation == 0 {
		return line
	}
	c, err := h.app.Stores.Inbox.Conversation(ctx, ws, n.Conversation)
	if err != nil {
		return line
	}
	who, err := h.app.Stores.Contacts.Contact(ctx, ws, c.Contact)
	if err != nil || who.Name == "" {
		return line
	}
	return line + ": " + who.Name
}

// devices implements httpapi.Push.
type devices struct{ h *hooks }

func (d devices) PublicKey(ctx context.Context) (string, error) { return d.h.pusher.PublicKey(ctx) }

func (d devices) Subscribe(ctx context.Context, a access.Actor, endpoint, p256dh, auth string) error {
	return d.h.pusher.Subscribe(ctx, a, endpoint, p256dh, auth)
}

func (d devices) Unsubscribe(ctx context.Context, a access.Actor, endpoint string) error {
	return d.h.pusher.Unsubscribe(ctx, a, endpoint)
}
