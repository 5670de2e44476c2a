package telegram

import (
	"regexp"
	"strings"
)

var secretToken = regexp.MustCompile(`^[A-Za-z0-9_-]{0,256}$`)

func (s *Server) me() m {
	bot := s.bot()
	for _, can := range []string{
		"can_join_groups", "can_read_all_group_messages", "supports_inline_queries", "can_connect_to_business", "has_main_web_app",
		"has_topics_enabled", "allows_users_to_create_topics", "can_manage_bots", "supports_guest_queries", "supports_join_request_queries",
	} {
		bot[can] = can == "can_join_groups" || can == "can_connect_to_business"
	}
	return bot
}

// setWebhookMethod takes http addresses too, as a local Bot API server does.
func (s *Server) setWebhookMethod(_ *request, a *args) (any, *apiError) {
	switch {
	case a.URL == "":
		return s.deleteWebhook(nil, a)
	case !strings.HasPrefix(a.URL, "https://") && !strings.HasPrefix(a.URL, "http://"):
		return nil, badRequest("bad webhook: An HTTPS URL must be provided for webhook")
	case !secretToken.MatchString(a.Secret):
		return nil, badRequest("secret token contains unallowed characters")
	}
	if a.AllowedUpdates != nil {
		s.queue.allowed = a.AllowedUpdates
	}
	if a.DropPending {
		s.skip(s.seq + 1)
	}
	h := hook{url: a.URL, secret: a.Secret, connections: int(a.Connections)}
	if h.connections < 1 || h.connections > 100 {
		h.connections = 40
	}
	if h != s.queue.hook {
		s.setHook(h)
	}
	return true, nil
}

func (s *Server) deleteWebhook(_ *request, a *args) (any, *apiError) {
	if a.DropPending {
		s.skip(s.seq + 1)
	}
	s.setHook(hook{})
	return true, nil
}

func (s *Server) webhookInfo(*request, *args) (any, *apiError) {
	q := &s.queue
	info := m{"url": q.hook.url, "has_custom_certificate": false, "pending_update_count": q.open}
	if q.hook.url != "" {
		info["max_connections"] = q.hook.connections
		info["ip_address"] = "127.0.0.1"
	}
	if q.lastError != "" {
		info["last_error_date"] = q.lastErrorAt.Unix()
		info["last_error_message"] = q.lastError
	}
	if len(q.allowed) > 0 {
		info["allowed_updates"] = q.allowed
	}
	return info, nil
}

func (s *Server) answerPress(_ *request, a *args) (any, *apiError) {
	p, ok := s.presses[a.QueryID]
	if !ok || p.Answered {
		return nil, badRequest("query is too old and response timeout expired or query ID is invalid")
	}
	if units(a.Text) > 200 {
		return nil, badRequest("MESSAGE_TOO_LONG")
	}
	p.Answered, p.Text = true, a.Text
	return true, nil
}

func (s *Server) profilePhotos(_ *request, a *args) (any, *apiError) {
	c, ok := s.customers[int64(a.UserID)]
	if !ok {
		return nil, badRequest("user not found")
	}
	if c.photo == nil {
		return m{"total_count": 0, "photos": []any{}}, nil
	}
	f := c.photo
	sizes := []any{
		m{"file_id": f.id, "file_unique_id": f.unique, "file_size": f.size(), "width": 160, "height": 160},
		m{"file_id": f.id, "file_unique_id": f.unique, "file_size": f.size(), "width": 640, "height": 640},
	}
	return m{"total_count": 1, "photos": []any{sizes}}, nil
}

func (s *Server) getChat(_ *request, a *args) (any, *apiError) {
	p, e := s.target(a)
	if e != nil && e.Code != 403 {
		return nil, e
	}
	if p.direct {
		p.topic, p.direct = 0, false
	}
	info := s.chat(p)
	info["accent_color_id"], info["max_reaction_count"] = 1, 11
	info["accepted_gift_types"] = m{
		"unlimited_gifts": true, "limited_gifts": true, "unique_gifts": true, "premium_subscription": true, "gifts_from_channels": true,
	}
	return info, nil
}

func (s *Server) getConnection(_ *request, a *args) (any, *apiError) {
	c, ok := s.connections[a.Business]
	if !ok {
		return nil, badRequest("business connection not found")
	}
	return s.connectionInfo(c), nil
}
