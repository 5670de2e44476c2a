package telegram

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/standin/platform"
)

// update is one thing the bot is told, until it is confirmed.
type update struct {
	id    int64
	lane  string
	body  []byte
	entry *Entry // the ledger's line of the message it carries, if any
	done  bool
}

// lane delivers the updates of one chat one after another; chats run in
// parallel, up to max_connections.
type lane struct {
	updates []*update
	running bool
}

// hook is what setWebhook set.
type hook struct {
	url, secret string
	connections int
}

// queue holds the updates not yet confirmed.
type queue struct {
	pending []*update // in order; confirmed ones are dropped from the front
	sent    []*update // everything ever, for redelivery
	open    int
	lanes   map[string]*lane
	hook    hook
	allowed []string // nil: the platform's default
	slots   chan struct{}
	// wake is closed when an update comes, changed when the webhook changes,
	// poll when another getUpdates takes over.
	wake, changed, poll chan struct{}

	delivered   int
	lastError   string
	lastErrorAt time.Time
}

func newQueue() queue {
	return queue{
		lanes: map[string]*lane{}, slots: make(chan struct{}, 40),
		wake: make(chan struct{}), changed: make(chan struct{}),
	}
}

// WebhookState is how delivery to the bot goes.
type WebhookState struct {
	URL       string `json:"url"`
	Secret    string `json:"secret,omitempty"`
	Pending   int    `json:"pending"`
	Delivered int    `json:"delivered"`
	// Allowed is allowed_updates as last set.
	Allowed     []string  `json:"allowed_updates,omitempty"`
	LastError   string    `json:"last_error,omitempty"`
	LastErrorAt time.Time `json:"last_error_at,omitzero"`
}

// Webhook says how delivery goes.
func (s *Server) Webhook() WebhookState {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := &s.queue
	return WebhookState{
		URL: q.hook.url, Secret: q.hook.secret, Pending: q.open, Delivered: q.delivered,
		Allowed: slices.Clone(q.allowed), LastError: q.lastError, LastErrorAt: q.lastErrorAt,
	}
}

// SetWebhook sets or removes the webhook as somebody else with the token might.
func (s *Server) SetWebhook(url, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setHook(hook{url: url, secret: secret, connections: 40})
}

func (s *Server) setHook(h hook) {
	q := &s.queue
	q.hook = h
	q.slots = make(chan struct{}, max(h.connections, 1))
	close(q.changed)
	q.changed = make(chan struct{})
	q.lastError, q.lastErrorAt = "", time.Time{}
	for _, l := range q.lanes {
		s.startLane(l)
	}
}

// wants says whether the bot asked for updates of a kind.
func (s *Server) wants(kind string) bool {
	if len(s.queue.allowed) == 0 {
		return kind != "chat_member" && kind != "message_reaction" && kind != "message_reaction_count"
	}
	return slices.Contains(s.queue.allowed, kind)
}

// emit tells the bot something, after checking it against the specification.
func (s *Server) emit(kind, laneKey string, body any, entry *Entry) {
	s.seq++
	full := m{"update_id": s.seq, kind: body}
	if err := s.contract.value("Update", full); err != nil {
		s.Violate("update: %v", err)
	}
	if !s.wants(kind) {
		return
	}
	raw, err := json.Marshal(full)
	if err != nil {
		s.Violate("update: %v", err)
		return
	}
	if entry != nil {
		entry.UpdateID = s.seq
		s.ledger.Save(entry)
	}
	s.enqueue(&update{id: s.seq, lane: laneKey, body: raw, entry: entry})
}

// SendRaw tells the bot anything at all, unchecked: what a newer platform or
// a stranger might send. An object without update_id gets one.
func (s *Server) SendRaw(body json.RawMessage) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) == nil && fields != nil && fields["update_id"] == nil {
		fields["update_id"] = json.RawMessage(fmt.Sprint(s.seq))
		var err error
		if body, err = json.Marshal(fields); err != nil {
			return 0, fmt.Errorf("telegram stand-in: raw update: %w", err)
		}
	}
	if s.queue.hook.url == "" && !json.Valid(body) {
		return 0, errors.New("telegram stand-in: getUpdates cannot carry what is not JSON")
	}
	s.enqueue(&update{id: s.seq, lane: "raw", body: body})
	return s.seq, nil
}

func (s *Server) enqueue(u *update) {
	q := &s.queue
	q.pending = append(q.pending, u)
	q.sent = append(q.sent, u)
	q.open++
	close(q.wake)
	q.wake = make(chan struct{})
	s.toLane(u)
}

func (s *Server) toLane(u *update) {
	l, ok := s.queue.lanes[u.lane]
	if !ok {
		l = &lane{}
		s.queue.lanes[u.lane] = l
	}
	l.updates = append(l.updates, u)
	s.startLane(l)
}

func (s *Server) startLane(l *lane) {
	if !l.running && s.queue.hook.url != "" && len(l.updates) > 0 && s.Context().Err() == nil {
		l.running = true
		s.Go(func() { s.runLane(l) })
	}
}

// confirm takes an update off the queue.
func (s *Server) confirm(u *update) {
	if u.done {
		return
	}
	u.done = true
	q := &s.queue
	q.open--
	s.acknowledge(u.entry)
	for len(q.pending) > 0 && q.pending[0].done {
		q.pending = q.pending[1:]
	}
}

// runLane works a lane off without the lock and ends when it is empty or
// nobody listens.
func (s *Server) runLane(l *lane) {
	for try := 0; ; {
		s.mu.Lock()
		for len(l.updates) > 0 && l.updates[0].done {
			l.updates = l.updates[1:]
		}
		if len(l.updates) == 0 || s.queue.hook.url == "" || s.Context().Err() != nil {
			l.running = false
			s.mu.Unlock()
			return
		}
		u, h, changed, slots := l.updates[0], s.queue.hook, s.queue.changed, s.queue.slots
		if u.entry != nil {
			u.entry.Attempts++
		}
		s.mu.Unlock()

		select {
		case slots <- struct{}{}:
		case <-s.Context().Done():
			continue
		}
		failure := s.deliver(h, u)
		<-slots

		s.mu.Lock()
		if failure == "" {
			s.queue.delivered++
			s.confirm(u)
			try = 0
		} else {
			s.queue.lastError, s.queue.lastErrorAt = failure, s.Now()
		}
		s.mu.Unlock()
		if failure != "" {
			select {
			case <-time.After(s.cfg.RetryDelays[min(try, len(s.cfg.RetryDelays)-1)]):
			case <-changed:
			case <-s.Context().Done():
			}
			try++
		}
	}
}

// deliver makes one webhook request. It says what went wrong in the
// platform's words, "" if nothing did.
func (s *Server) deliver(h hook, u *update) string {
	header := map[string]string{}
	if h.secret != "" {
		header["X-Telegram-Bot-Api-Secret-Token"] = h.secret
	}
	status, err := s.Post(s.cfg.Client, h.url, u.body, header)
	if err != nil {
		return "Connection failed"
	}
	if status < 200 || status > 299 {
		return fmt.Sprintf("Wrong response from the webhook: %d %s", status, http.StatusText(status))
	}
	return ""
}

// Redeliver sends the update that carried a message once more, as happens
// when an answer got lost. It works with a webhook only.
func (s *Server) Redeliver(chat, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.queue.sent {
		if u.entry != nil && u.entry.Chat == chat && u.entry.ID == id {
			again := &update{id: u.id, lane: "again:" + chat, body: u.body}
			s.queue.open++
			s.toLane(again)
			return nil
		}
	}
	return fmt.Errorf("telegram stand-in: nothing was sent about %s in %s", id, chat)
}

// Settle waits until every update was confirmed or done is closed.
func (s *Server) Settle(done <-chan struct{}) bool {
	return platform.Settle(func() int { return s.Webhook().Pending }, done)
}

// getUpdates is the long poll, without the lock.
func (s *Server) getUpdates(r *http.Request, a *args) (any, *apiError) {
	s.mu.Lock()
	if s.queue.hook.url != "" {
		s.mu.Unlock()
		return nil, refuse(http.StatusConflict, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	}
	if s.queue.poll != nil {
		close(s.queue.poll)
	}
	mine := make(chan struct{})
	s.queue.poll = mine
	if a.AllowedUpdates != nil {
		s.queue.allowed = a.AllowedUpdates
	}
	s.skip(int64(a.Offset))
	s.mu.Unlock()
	limit := int(a.Limit)
	if limit < 1 || limit > 100 {
		limit = 100
	}
	timeout := time.NewTimer(time.Duration(min(max(a.Timeout, 0), 50)) * time.Second)
	defer timeout.Stop()
	for {
		s.mu.Lock()
		batch, wake := s.batch(limit), s.queue.wake
		if len(batch) > 0 && s.queue.poll == mine {
			s.queue.poll = nil
		}
		s.mu.Unlock()
		if len(batch) > 0 {
			return batch, nil
		}
		select {
		case <-wake:
			continue
		case <-mine:
			return nil, refuse(http.StatusConflict, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
		case <-timeout.C:
		case <-r.Context().Done():
		case <-s.Context().Done():
		}
		s.mu.Lock()
		if s.queue.poll == mine {
			s.queue.poll = nil
		}
		s.mu.Unlock()
		return []json.RawMessage{}, nil
	}
}

// skip confirms what lies before an offset; a negative one keeps that many.
func (s *Server) skip(offset int64) {
	if offset < 0 {
		offset = s.seq + 1 + offset
	}
	for _, u := range slices.Clone(s.queue.pending) {
		if u.id < offset {
			s.confirm(u)
		}
	}
}

func (s *Server) batch(limit int) []json.RawMessage {
	var out []json.RawMessage
	for _, u := range s.queue.pending {
		if len(out) == limit {
			break
		}
		if u.done || !json.Valid(u.body) {
			continue
		}
		if u.entry != nil {
			u.entry.Attempts++
		}
		out = append(out, json.RawMessage(strings.TrimSpace(string(u.body))))
	}
	return out
}
