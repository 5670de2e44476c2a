package whatsapp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/okno-hq/okno/internal/standin/platform"
)

// change is one thing to notify about.
type change struct {
	field string
	value any
	ids   []string // the messages and calls it carries
	lane  string
}

// delivery is one webhook request.
type delivery struct {
	body []byte
	ids  []string
}

// lane delivers the notifications about one customer one after another, so
// that they arrive in order unless a test asks otherwise. The platform itself
// promises no order.
type lane struct {
	queue   []delivery
	running bool
}

// WebhookState is how delivery to the business goes.
type WebhookState struct {
	URL        string `json:"url"`
	Subscribed bool   `json:"subscribed"`
	// Pending counts requests not yet answered with 2xx.
	Pending     int       `json:"pending"`
	Delivered   int       `json:"delivered"`
	LastError   string    `json:"last_error,omitempty"`
	LastErrorAt time.Time `json:"last_error_at,omitzero"`
}

// Webhook says how delivery goes.
func (s *Server) Webhook() WebhookState {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.hook.state
	st.URL, st.Subscribed = s.hook.url(), s.hook.Subscribed
	for _, l := range s.lanes {
		st.Pending += len(l.queue)
	}
	return st
}

// emit notifies the business of one change, after checking it.
func (s *Server) emit(laneKey, field string, value any, ids ...string) error {
	return s.notify(change{field: field, value: value, ids: ids, lane: laneKey})
}

func (s *Server) notify(c change) error {
	s.mu.Lock()
	if s.holding {
		s.held = append(s.held, c)
		s.mu.Unlock()
		return nil
	}
	s.mu.Unlock()
	return s.post(c.lane, []change{c}, true)
}

// SendRaw notifies of anything at all, unchecked: what a stranger or a newer
// version of the platform might send.
func (s *Server) SendRaw(customer, field string, value json.RawMessage) error {
	return s.post(customer, []change{{field: field, value: value}}, false)
}

// Hold collects notifications until Flush sends them in one request.
func (s *Server) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holding = true
}

// Flush sends what was held as one batch: an entry for every two changes, and
// neighbouring messages of one customer together in one change, as the
// platform does under load.
func (s *Server) Flush() error {
	s.mu.Lock()
	held := merge(s.held)
	s.held, s.holding = nil, false
	s.mu.Unlock()
	if len(held) == 0 {
		return nil
	}
	return s.post("batch", held, true)
}

// merge joins neighbouring messages of the same customer.
func merge(changes []change) []change {
	var out []change
	for _, c := range changes {
		if n := len(out); n > 0 && out[n-1].lane == c.lane && out[n-1].field == c.field {
			prev, ok1 := out[n-1].value.(m)
			next, ok2 := c.value.(m)
			for _, list := range []string{"messages", "statuses"} {
				a, okA := prev[list].([]any)
				b, okB := next[list].([]any)
				if ok1 && ok2 && okA && okB {
					prev[list] = slices.Concat(a, b)
					out[n-1].ids = append(out[n-1].ids, c.ids...)
					ok1 = false
					break
				}
			}
			if !ok1 {
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

// post builds, checks and queues one webhook request.
func (s *Server) post(laneKey string, changes []change, check bool) error {
	var entries []any
	var ids []string
	for i := 0; i < len(changes); i += 2 {
		var list []any
		for _, c := range changes[i:min(i+2, len(changes))] {
			list = append(list, m{"value": c.value, "field": c.field})
			ids = append(ids, c.ids...)
		}
		entries = append(entries, m{"id": s.cfg.WABA, "changes": list})
	}
	body, err := json.Marshal(m{"object": "whatsapp_business_account", "entry": entries})
	if err != nil {
		return fmt.Errorf("whatsapp stand-in: webhook: %w", err)
	}
	if check {
		if err := s.contract.CheckJSON("WebhookPayload", body); err != nil {
			s.Violate("webhook: %v", err)
		}
	}
	return s.enqueue(laneKey, delivery{body: body, ids: ids})
}

func (s *Server) enqueue(laneKey string, d delivery) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hook.url() == "" || !s.hook.Subscribed {
		return platform.ErrNobodyListens
	}
	if s.Context().Err() != nil {
		return s.Context().Err()
	}
	s.sent = append(s.sent, d)
	l, ok := s.lanes[laneKey]
	if !ok {
		l = &lane{}
		s.lanes[laneKey] = l
	}
	l.queue = append(l.queue, d)
	if !l.running {
		l.running = true
		s.Go(func() { s.run(l) })
	}
	return nil
}

// run works a lane off and ends when it is empty.
func (s *Server) run(l *lane) {
	for {
		s.mu.Lock()
		if len(l.queue) == 0 || s.Context().Err() != nil {
			l.running = false
			s.mu.Unlock()
			return
		}
		d := l.queue[0]
		s.mu.Unlock()
		for try := 0; ; try++ {
			err := s.deliver(d)
			if err == nil {
				break
			}
			s.mu.Lock()
			s.hook.state.LastError, s.hook.state.LastErrorAt = err.Error(), s.Now()
			s.mu.Unlock()
			pause := s.cfg.RetryDelays[min(try, len(s.cfg.RetryDelays)-1)]
			select {
			case <-time.After(pause):
			case <-s.Context().Done():
			}
			if s.Context().Err() != nil {
				break
			}
		}
		s.mu.Lock()
		l.queue = l.queue[1:]
		s.mu.Unlock()
	}
}

// deliver makes one signed webhook request.
func (s *Server) deliver(d delivery) error {
	s.mu.Lock()
	url := s.hook.url()
	s.attempt(d.ids)
	s.mu.Unlock()
	status, err := s.Post(s.cfg.Client, url, d.body, map[string]string{
		"User-Agent": "facebookexternalua", "X-Hub-Signature-256": Sign(s.cfg.AppSecret, d.body),
	})
	if err != nil {
		return err
	}
	if status < 200 || status > 299 {
		return fmt.Errorf("webhook: answered %d", status)
	}
	s.mu.Lock()
	s.hook.state.Delivered++
	s.acknowledge(d.ids)
	s.mu.Unlock()
	return nil
}

// Sign makes the X-Hub-Signature-256 header of a body.
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// Redeliver sends every request that carried this message or status once
// more, as the platform sometimes does.
func (s *Server) Redeliver(id string) error {
	s.mu.Lock()
	var again []delivery
	for _, d := range s.sent {
		if slices.Contains(d.ids, id) {
			again = append(again, d)
		}
	}
	s.mu.Unlock()
	if len(again) == 0 {
		return fmt.Errorf("whatsapp stand-in: nothing was sent about %s", id)
	}
	for _, d := range again {
		if err := s.enqueue("again:"+id, d); err != nil {
			return err
		}
	}
	return nil
}

// Settle waits until every notification was delivered or ctx ends.
func (s *Server) Settle(done <-chan struct{}) bool {
	return platform.Settle(func() int { return s.Webhook().Pending }, done)
}
