package fault_test

import (
	"fmt"
	"path"
	"strings"
	"sync"
	"testing"
	"time"
)

// world is a server with its channels, their platforms, and what customers
// and agents have done so far.
type world struct {
	t         *testing.T
	seed      uint64
	server    *server
	platforms []platform
	admin     *client
	agents    []*client

	mu      sync.Mutex
	next    map[string]int      // messages of each customer
	written int                 // of all of them
	edited  map[string]string   // what a message says after its edit, by key
	shown   map[string]string   // the hash of the file that came with a message, by key
	replies map[string]accepted // by client id
	notes   map[string]string   // item ids, by key
	drafts  map[place]string
	answers []asked
	// repeated counts the answers that were given again, finished the
	// conversations that were resolved at the end.
	repeated, finished int
	receiver           *receiver
}

// accepted is a reply that got its 201, and what was done to it afterwards.
type accepted struct {
	item, text string
	file       string // the hash of its picture
	later      bool   // scheduled
	edited     bool
	gone       bool
	cancelled  bool
}

func newWorld(t *testing.T, bin, dir string) *world {
	t.Helper()
	return newWorldOn(t, newServer(t, bin, dir))
}

func newWorldOn(t *testing.T, s *server) *world {
	t.Helper()
	return newWorldWith(t, s, func(p platform) platform { return p })
}

// newWorldWith puts something between the server and its platforms.
func newWorldWith(t *testing.T, s *server, between func(platform) platform) *world {
	t.Helper()
	w := &world{
		t: t, seed: seedOf(t), platforms: platforms(t), server: s,
		next: map[string]int{}, edited: map[string]string{}, shown: map[string]string{}, replies: map[string]accepted{},
		notes: map[string]string{}, drafts: map[place]string{}, receiver: newReceiver(t),
	}
	for i, p := range w.platforms {
		w.platforms[i] = between(p)
	}
	w.server.start()
	w.setUp()
	return w
}

const password = "тёплый чай на рассвете"

// setUp makes a workspace with three agents, a channel to each platform and a
// webhook, all through the API.
func (w *world) setUp() {
	w.t.Helper()
	w.admin = newClient(w.server.base)
	w.must(w.admin.do("POST", "/setup", object{
		"workspace_name": "Окно", "name": "Анна", "email": "anna@example.com", "password": password, "locale": "ru", "timezone": "Europe/Moscow", "country": "RU",
	}, nil))
	var roles struct{ Items []struct{ ID, Key string } }
	w.must(w.admin.do("GET", "/roles", nil, &roles))
	for n := range 3 {
		for _, r := range roles.Items {
			if r.Key == "agent" {
				w.agents = append(w.agents, w.hire(n, r.ID))
			}
		}
	}
	var boxes struct{ Items []struct{ ID string } }
	w.must(w.admin.do("GET", "/inboxes", nil, &boxes))
	for _, p := range w.platforms {
		var ch struct {
			ID     string
			Health struct{ State, Reason, Detail string }
		}
		w.must(w.admin.do("POST", "/channels", object{"kind": p.kind(), "name": p.kind(), "inbox_id": boxes.Items[0].ID, "settings": p.settings()}, &ch))
		if ch.Health.State != "working" {
			w.t.Fatalf("%s does not work: %+v", p.kind(), ch.Health)
		}
		if own, ok := p.(*webchatSide); ok {
			own.connected(w.server.base, ch.ID)
		}
	}
	var hook struct{ Secret string }
	w.must(w.admin.do("POST", "/webhooks", object{"url": w.receiver.http.URL, "events": []string{"item.created"}}, &hook))
	w.must(w.receiver.secret(hook.Secret))
}

func (w *world) hire(n int, role string) *client {
	w.t.Helper()
	var invited struct{ Invite struct{ URL string } }
	name := fmt.Sprintf("Оператор %d", n+1)
	w.must(w.admin.do("POST", "/users", object{"email": fmt.Sprintf("agent%d@example.com", n), "name": name, "role_id": role}, &invited))
	c := newClient(w.server.base)
	w.must(c.do("POST", "/auth/invites/"+path.Base(invited.Invite.URL), object{"name": name, "password": password}, nil))
	return c
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// violations reports what the stand-ins found wrong with either side.
func (w *world) violations() {
	w.t.Helper()
	for _, p := range w.platforms {
		for _, v := range p.violations() {
			w.t.Errorf("%s: %s", p.kind(), v)
		}
	}
}

// quiet waits until the platforms have delivered everything and nothing moves
// on the timeline any more.
func (w *world) quiet(limit time.Duration) {
	w.t.Helper()
	last, still, before := "", 0, -1
	for end := time.Now().Add(limit); still < 3; w.run(time.Second) {
		noise, items := w.noise()
		if last = noise; noise != "" || items != before {
			still, before = 0, items
		} else {
			still++
		}
		if time.Now().After(end) {
			w.t.Fatalf("waited %s for quiet: %s", limit, last)
		}
	}
}

// noise says what is still going on, and how many items there are.
func (w *world) noise() (string, int) {
	for _, p := range w.platforms {
		if n := p.pending(); n > 0 {
			return fmt.Sprintf("%s has %d messages to deliver, refused with %q", p.kind(), n, p.trouble()), 0
		}
	}
	items, err := w.timeline()
	if err != nil {
		return err.Error(), 0
	}
	for _, i := range items {
		if i.moving() {
			return fmt.Sprintf("an item goes on: %+v", i), 0
		}
	}
	if missing := w.receiver.missing(items); len(missing) > 0 {
		return fmt.Sprintf("the webhook has not told of %d items, %s among them", len(missing), missing[0]), 0
	}
	if !w.caughtUp() {
		return "visitors have not heard everything", 0
	}
	return "", len(items)
}

// caughtUp says whether the website's visitors have heard all there is.
func (w *world) caughtUp() bool {
	for _, p := range w.platforms {
		if own, ok := p.(*webchatSide); ok && !own.caughtUp() {
			return false
		}
	}
	return true
}

// taken counts the messages that messengers had taken from them.
func (w *world) taken() int {
	n := 0
	for _, p := range w.platforms {
		for _, l := range p.ledger() {
			if l.in && l.acked {
				n++
			}
		}
	}
	return n
}

// refusal waits until every platform's delivery was refused by the server
// itself, and says how.
func (w *world) refusal(limit time.Duration) string {
	w.t.Helper()
	var last string
	w.until(limit, "webhooks to be refused", func() bool {
		for _, p := range w.platforms {
			if last = p.trouble(); p.pending() == 0 || !strings.Contains(last, "503") {
				return false
			}
		}
		return true
	})
	return last
}

// item is a timeline item as the API tells it, as far as it matters here.
type item struct {
	ID             string
	ConversationID string `json:"conversation_id"`
	Kind           string
	Direction      string
	ClientID       string `json:"client_id"`
	State, Reason  string
	Content        struct{ Text string }
	Files          []struct{ State, Reason, URL string }
	DeletedAt      string `json:"deleted_at"`
	RetryAt        string `json:"retry_at"`
}

// moving says that something is still to happen to the item by itself.
func (i item) moving() bool {
	for _, f := range i.Files {
		if f.State == "pending" {
			return true
		}
	}
	return i.State == "queued" || i.State == "sending" || i.State == "scheduled"
}

// timeline reads every item of every conversation in order.
func (w *world) timeline() ([]item, error) {
	var out []item
	for cursor := ""; ; {
		var page struct {
			Items []struct{ ID string }
			Next  string
		}
		if err := w.admin.do("GET", "/conversations?status=any&limit=200&cursor="+cursor, nil, &page); err != nil {
			return nil, err
		}
		for _, c := range page.Items {
			items, err := w.items(c.ID)
			if err != nil {
				return nil, err
			}
			out = append(out, items...)
		}
		if cursor = page.Next; cursor == "" {
			return out, nil
		}
	}
}

func (w *world) items(conversation string) ([]item, error) {
	var out []item
	for before := ""; ; {
		var page struct {
			Items     []item
			HasBefore bool `json:"has_before"`
		}
		if err := w.admin.do("GET", "/conversations/"+conversation+"/items?limit=200&before="+before, nil, &page); err != nil {
			return nil, err
		}
		out = append(page.Items, out...)
		if !page.HasBefore || len(page.Items) == 0 {
			return out, nil
		}
		before = page.Items[0].ID
	}
}
