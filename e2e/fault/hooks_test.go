package fault_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// receiver is another program that is told of every new item by webhook. Like
// the platforms it survives the server.
type receiver struct {
	http *httptest.Server

	mu    sync.Mutex
	check *standardwebhooks.Webhook
	posts int
	// bodies by webhook-id, taken says which of them were answered 200.
	bodies map[string]string
	taken  map[string]bool
	// ids are the webhook-ids that told of an item's creation.
	ids   map[string]map[string]bool
	wrong []string
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{bodies: map[string]string{}, taken: map[string]bool{}, ids: map[string]map[string]bool{}}
	r.http = httptest.NewServer(r)
	t.Cleanup(r.http.Close)
	return r
}

// secret is what the server signs with.
func (r *receiver) secret(s string) error {
	check, err := standardwebhooks.NewWebhook(s)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.check = check
	return err
}

// busy is how many posts there are to one that is refused the first time.
const busy = 40

// ServeHTTP implements http.Handler.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // killed in the middle of it
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.posts++
	id := req.Header.Get("Webhook-Id")
	if err := r.check.Verify(body, req.Header); err != nil {
		r.wrong = append(r.wrong, fmt.Sprintf("%s: %v", id, err))
	}
	before, known := r.bodies[id]
	if known && before != string(body) {
		r.wrong = append(r.wrong, fmt.Sprintf("%s says %s, and before %s", id, body, before))
	}
	r.bodies[id] = string(body)
	if !known && r.posts%busy == 0 {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	var e struct {
		Type string
		Data struct{ Item struct{ ID string } }
	}
	if err := json.Unmarshal(body, &e); err != nil || e.Data.Item.ID == "" || e.Type != "item.created" {
		r.wrong = append(r.wrong, fmt.Sprintf("%s says %s: %v", id, body, err))
	}
	if r.ids[e.Data.Item.ID] == nil {
		r.ids[e.Data.Item.ID] = map[string]bool{}
	}
	r.ids[e.Data.Item.ID][id] = true
	r.taken[id] = true
	w.WriteHeader(http.StatusOK)
}

// told counts the items that the receiver knows of.
func (r *receiver) told() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.ids)
}

// missing lists the items that the receiver was not told of.
func (r *receiver) missing(items []item) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, i := range items {
		if len(r.ids[i.ID]) == 0 {
			out = append(out, i.ID)
		}
	}
	return out
}

// verdict wants every item told under one id, and nothing else.
func (r *receiver) verdict(v *verdict, items []item) {
	for _, id := range r.missing(items) {
		v.fault("no webhook told of item %s", id)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	v.posts = r.posts
	v.faults = append(v.faults, r.wrong...)
	for id, by := range r.ids {
		if len(by) > 1 {
			v.fault("item %s was told of as %d messages", id, len(by))
		}
	}
}
