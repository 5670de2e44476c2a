package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/job"
	"github.com/okno-hq/okno/internal/secretbox"
	"github.com/okno-hq/okno/internal/store"
	"github.com/okno-hq/okno/internal/webhook"
)

// post is an office whose events go to a receiver.
type post struct {
	*office
	hooks    *webhook.Service
	follower *webhook.Follower
	store    *store.Webhooks
	queue    *job.Queue
	receiver *receiver
	deps     webhook.Deps

	told []webhook.Webhook
}

// receiver is somebody else's server.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	answer func(w http.ResponseWriter, r *http.Request)
	got    []received
}

type received struct {
	header http.Header
	body   string
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	r.got = append(r.got, received{req.Header, string(body)})
	answer := r.answer
	r.mu.Unlock()
	if answer != nil {
		answer(w, req)
	}
}

func (r *receiver) answers(f func(w http.ResponseWriter, r *http.Request)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = f
}

func (r *receiver) requests() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

func status(code int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

type sealer struct{ *secretbox.Box }

func (s sealer) Seal(plain []byte, row string) ([]byte, error) {
	return s.Box.Seal(plain, secretbox.Place{Table: "webhooks", Row: row, Field: "secret"})
}

func (s sealer) Open(sealed []byte, row string) ([]byte, error) {
	return s.Box.Open(sealed, secretbox.Place{Table: "webhooks", Row: row, Field: "secret"})
}

func (p *post) Enqueue(ctx context.Context, j webhook.Job) error {
	payload, err := job.Payload(j.Work)
	if err != nil {
		return err
	}
	return p.queue.Enqueue(ctx, job.Job{Kind: string(j.Kind), WorkspaceID: j.Workspace, OrderKey: j.OrderKey, Payload: payload, RunAt: j.RunAt})
}

func (p *post) handle(ctx context.Context, j job.Job) error {
	var w webhook.Work
	if err := j.Decode(&w); err != nil {
		return err
	}
	return p.hooks.Handle(ctx, webhook.JobKind(j.Kind), j.WorkspaceID, w)
}

func (p *post) WebhookPaused(_ context.Context, w webhook.Webhook) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, w)
	return nil
}

func eachPost(t *testing.T, test func(p *post)) {
	t.Helper()
	eachOffice(t, func(o *office) {
		p := &post{office: o, store: store.NewWebhooks(o.db), queue: job.NewQueue(job.QueueConfig{DB: o.db, Now: o.now}), receiver: &receiver{}}
		p.receiver.Server = httptest.NewServer(p.receiver)
		o.Cleanup(p.receiver.Close)
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		p.deps = webhook.Deps{
			Tx: o.db, Webhooks: p.store, Deliveries: p.store, Log: o.events, Jobs: p, Sender: client,
			Sealer: sealer{secretbox.NewKeyring(secretbox.NewKey()).Box("webhook.secret")}, Notifier: p, Audit: o.Service,
			Render: func(_ context.Context, e event.Event) (json.RawMessage, error) {
				if e.Contact == 404 {
					return nil, fault.New(fault.NotFound, "contact.not_found")
				}
				return json.Marshal(map[string]any{"id": fmt.Sprint(e.ID), "type": e.Type})
			},
			NewID: o.ids.Next, Now: o.now,
		}
		p.hooks, p.follower = webhook.NewService(p.deps), webhook.NewFollower(p.deps)
		runner, err := job.NewRunner(job.Config{DB: o.db, Queue: p.queue, Node: "test", Poll: 5 * time.Millisecond, Now: o.now, Kinds: []job.Kind{
			{Name: string(webhook.JobDeliver), Handle: p.handle, StepAside: true, Workers: 32},
			{Name: string(webhook.JobRetry), Handle: p.handle, StepAside: true},
		}})
		if err != nil {
			o.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.WithoutCancel(o.Context()))
		done := make(chan error, 1)
		go func() { done <- runner.Run(ctx) }()
		o.Cleanup(func() {
			stop()
			if err := <-done; err != nil {
				o.Error(err)
			}
		})
		test(p)
	})
}

func (p *post) add(events ...event.Type) (webhook.Webhook, string) {
	p.Helper()
	url := p.receiver.URL + "/hook?token=abc"
	w, secret, err := p.hooks.Create(p.Context(), p.admin, webhook.Draft{URL: &url, Events: &events})
	if err != nil {
		p.Fatal(err)
	}
	return w, secret
}

// happen appends events and lets the follower see them.
func (p *post) happen(list ...event.Event) {
	p.Helper()
	for i := range list {
		list[i].Workspace, list[i].At = int64(p.admin.Workspace), p.now()
	}
	if err := p.events.Append(p.Context(), list...); err != nil {
		p.Fatal(err)
	}
	if err := p.follower.Pass(p.Context()); err != nil {
		p.Fatal(err)
	}
}

// wait waits until something is so.
func (p *post) wait(what string, so func() bool) {
	p.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-deadline.C:
			p.Fatalf("waited in vain: %s", what)
		case <-tick.C:
		}
	}
}

func (p *post) log(w webhook.ID) []webhook.Delivery {
	p.Helper()
	list, err := p.hooks.ListDeliveries(p.Context(), p.admin, w, 0, 0)
	if err != nil {
		p.Fatal(err)
	}
	return list
}

// attempted waits until the newest delivery has been tried n times.
func (p *post) attempted(w webhook.ID, n int) webhook.Delivery {
	p.Helper()
	var d webhook.Delivery
	p.wait(fmt.Sprintf("attempt %d", n), func() bool {
		if list := p.log(w); len(list) > 0 {
			d = list[0]
		}
		return d.Attempts >= n
	})
	if d.Attempts != n {
		p.Fatalf("%d attempts, want %d", d.Attempts, n)
	}
	return d
}

func (p *post) hook(id webhook.ID) webhook.Webhook {
	p.Helper()
	w, err := p.hooks.Get(p.Context(), p.admin, id)
	if err != nil {
		p.Fatal(err)
	}
	return w
}
