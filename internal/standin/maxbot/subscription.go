package maxbot

import (
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"
)

// subscription is one webhook. The platform keeps as many as are asked for.
type subscription struct {
	url, secret string
	types       []string
	made        time.Time
	lastGood    time.Time
	lanes       map[int64]*lane
	state       WebhookState
}

// WebhookState is how delivery to one webhook goes.
type WebhookState struct {
	URL   string   `json:"url"`
	Types []string `json:"update_types,omitempty"`
	// Pending counts updates not yet answered with 200, Delivered those that
	// were, Dropped those given up after the last retry.
	Pending     int       `json:"pending"`
	Delivered   int       `json:"delivered"`
	Dropped     int       `json:"dropped"`
	LastError   string    `json:"last_error,omitempty"`
	LastErrorAt time.Time `json:"last_error_at,omitzero"`
}

// Webhooks says how delivery goes.
func (s *Server) Webhooks() []WebhookState {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]WebhookState, 0, len(s.hooks))
	for _, h := range s.hooks {
		st := h.state
		st.URL, st.Types = h.url, h.types
		for _, l := range h.lanes {
			st.Pending += len(l.queue)
		}
		out = append(out, st)
	}
	return out
}

var secretForm = regexp.MustCompile(`^[A-Za-z0-9_-]{5,256}$`)

func knownTypes() []string {
	return []string{
		"message_created", "message_edited", "message_removed", "message_callback", "bot_started", "bot_stopped",
		"bot_added", "bot_removed", "user_added", "user_removed", "chat_title_changed",
		"dialog_cleared", "dialog_removed", "dialog_muted", "dialog_unmuted",
	}
}

func (s *Server) getSubscriptions(*http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []any{}
	for _, h := range s.hooks {
		one := m{"url": h.url, "time": h.made.UnixMilli()}
		if h.types != nil {
			one["update_types"] = h.types
		}
		list = append(list, one)
	}
	return m{"subscriptions": list}, nil
}

func (s *Server) postSubscription(r *http.Request) (any, error) {
	var in struct {
		URL    string   `json:"url"`
		Types  []string `json:"update_types"`
		Secret *string  `json:"secret"`
	}
	if err := s.readJSON(r, "SubscriptionRequestBody", &in); err != nil {
		return nil, err
	}
	if why := badWebhook(in.URL); why != "" {
		return failure("%s", why), nil
	}
	for _, t := range in.Types {
		if !slices.Contains(knownTypes(), t) {
			return failure("Unknown update type: %s", t), nil
		}
	}
	if in.Secret != nil && !secretForm.MatchString(*in.Secret) {
		return failure("Invalid secret"), nil
	}
	s.Subscribe(in.URL, deref(in.Secret), in.Types...)
	return success(), nil
}

func deref(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// badWebhook says why an address is refused: https on port 443 only; loopback
// is allowed so that tests need no certificates.
func badWebhook(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "Invalid url"
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback()) {
		return ""
	}
	if u.Scheme != "https" {
		return "Only HTTPS is supported"
	}
	if u.Port() != "" && u.Port() != "443" {
		return "Only port 443 is supported"
	}
	return ""
}

// Subscribe registers a webhook, or changes the one with this address.
func (s *Server) Subscribe(address, secret string, types ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	for _, h := range s.hooks {
		if h.url == address {
			h.secret, h.types, h.made, h.lastGood = secret, types, now, now
			return
		}
	}
	s.hooks = append(s.hooks, &subscription{url: address, secret: secret, types: types, made: now, lastGood: now, lanes: map[int64]*lane{}})
}

func (s *Server) deleteSubscription(r *http.Request) (any, error) {
	address := r.URL.Query().Get("url")
	if address == "" {
		return nil, refuse(http.StatusBadRequest, "", "url is required")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.unsubscribe(address) {
		return failure("Subscription not found"), nil
	}
	return success(), nil
}

func (s *Server) unsubscribe(address string) bool {
	before := len(s.hooks)
	s.hooks = slices.DeleteFunc(s.hooks, func(h *subscription) bool { return h.url == address })
	return len(s.hooks) != before
}

// LapseSubscriptions removes every webhook, as the platform does after eight
// hours of failures.
func (s *Server) LapseSubscriptions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hooks = nil
}
