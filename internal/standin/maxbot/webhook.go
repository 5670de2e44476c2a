package maxbot

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/okno-hq/okno/internal/standin/platform"
)

// update is one update on its way to the bot.
type update struct {
	seq   int64 // its place among all updates, the poll's marker
	kind  string
	chat  int64
	id    string // of the message it is about
	body  json.RawMessage
	entry *Entry
}

// lane delivers the updates of one chat one after another, so that they
// arrive in order.
type lane struct {
	queue   []*update
	running bool
}

// emit checks an update and hands it out. The caller holds no lock.
func (s *Server) emit(chat int64, id string, entry *Entry, body m) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("max stand-in: update: %w", err)
	}
	if err := s.contract.checkBytes("Update", raw); err != nil {
		s.Violate("update: %v", err)
	}
	kind, _ := body["update_type"].(string)
	return s.hand(&update{kind: kind, chat: chat, id: id, body: raw, entry: entry})
}

// SendRaw hands out anything at all, unchecked: what a stranger or a newer
// version of the platform might send.
func (s *Server) SendRaw(chat int64, body json.RawMessage) error {
	var head struct {
		Type string `json:"update_type"`
	}
	_ = json.Unmarshal(body, &head) // whatever it is, it is sent
	return s.hand(&update{kind: head.Type, chat: chat, body: body})
}

// hand gives an update to every webhook that wants it, or to the poll queue
// when there is none.
func (s *Server) hand(u *update) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Context().Err() != nil {
		return s.Context().Err()
	}
	s.sent = append(s.sent, u)
	if len(s.hooks) == 0 {
		s.polled.push(u)
		return nil
	}
	for _, h := range s.hooks {
		if len(h.types) == 0 || u.kind == "" || slices.Contains(h.types, u.kind) || !slices.Contains(knownTypes(), u.kind) {
			s.enqueue(h, u)
		}
	}
	return nil
}

func (s *Server) enqueue(h *subscription, u *update) {
	l, ok := h.lanes[u.chat]
	if !ok {
		l = &lane{}
		h.lanes[u.chat] = l
	}
	l.queue = append(l.queue, u)
	if !l.running {
		l.running = true
		s.Go(func() { s.run(h, l) })
	}
}

// run works a lane off and ends when it is empty or the webhook is gone.
func (s *Server) run(h *subscription, l *lane) {
	for {
		s.mu.Lock()
		if len(l.queue) == 0 || s.Context().Err() != nil || !slices.Contains(s.hooks, h) {
			l.running, l.queue = false, nil
			s.mu.Unlock()
			return
		}
		u := l.queue[0]
		s.mu.Unlock()
		s.deliverOrGiveUp(h, u)
		s.mu.Lock()
		if len(l.queue) > 0 {
			l.queue = l.queue[1:]
		}
		s.mu.Unlock()
	}
}

// deliverOrGiveUp tries until it is answered with 200, the retries are used
// up, or the webhook has failed for so long that it is removed.
func (s *Server) deliverOrGiveUp(h *subscription, u *update) {
	for try := 0; ; try++ {
		err := s.deliver(h, u)
		if err == nil {
			return
		}
		s.mu.Lock()
		now := s.Now()
		h.state.LastError, h.state.LastErrorAt = err.Error(), now
		if now.Sub(h.lastGood) >= s.cfg.UnsubscribeAfter {
			s.unsubscribe(h.url)
		}
		gone := !slices.Contains(s.hooks, h)
		if !gone && try >= len(s.cfg.RetryDelays) {
			h.state.Dropped++
			gone = true
		}
		s.mu.Unlock()
		if gone {
			return
		}
		select {
		case <-time.After(s.cfg.RetryDelays[try]):
		case <-s.Context().Done():
			return
		}
	}
}

// deliver makes one webhook request.
func (s *Server) deliver(h *subscription, u *update) error {
	s.mu.Lock()
	address, secret := h.url, h.secret
	u.attempt()
	s.mu.Unlock()
	header := map[string]string{"User-Agent": "max-bot-api"}
	if secret != "" {
		header["X-Max-Bot-Api-Secret"] = secret
	}
	status, err := s.Post(s.cfg.Client, address, u.body, header)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("webhook: answered %d", status)
	}
	s.mu.Lock()
	h.lastGood = s.Now()
	h.state.Delivered++
	s.acknowledge(u)
	s.mu.Unlock()
	return nil
}

// Redeliver hands out again every update about a message, as the platform
// does when its answer was lost.
func (s *Server) Redeliver(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := false
	for _, u := range slices.Clone(s.sent) {
		if u.id != id || id == "" {
			continue
		}
		found = true
		for _, h := range s.hooks {
			s.enqueue(h, u)
		}
		if len(s.hooks) == 0 {
			s.polled.push(u)
		}
	}
	if !found {
		return fmt.Errorf("max stand-in: nothing was sent about %s", id)
	}
	return nil
}

// Settle waits until every update was delivered or given up, or done closes.
func (s *Server) Settle(done <-chan struct{}) bool {
	return platform.Settle(func() int {
		pending := 0
		for _, h := range s.Webhooks() {
			pending += h.Pending
		}
		return pending
	}, done)
}
