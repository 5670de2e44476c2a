package telegram

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// target finds where the bot writes and whether it may.
func (s *Server) target(a *args) (place, *apiError) {
	id, err := strconv.ParseInt(strings.Trim(string(a.ChatID), `"`), 10, 64)
	if err != nil || id == 0 {
		return place{}, badRequest("chat not found")
	}
	p := place{conn: a.Business, chat: id, topic: int(a.Thread)}
	switch {
	case a.Business != "":
		return p, s.mayAnswer(p)
	case id > 0:
		c, ok := s.customers[id]
		switch {
		case !ok:
			return p, badRequest("chat not found")
		case c.gone:
			return p, refuse(http.StatusForbidden, "Forbidden: user is deactivated")
		case c.blocked:
			return p, refuse(http.StatusForbidden, "Forbidden: bot was blocked by the user")
		case !c.started:
			return p, refuse(http.StatusForbidden, "Forbidden: bot can't initiate conversation with a user")
		}
		return p, nil
	}
	g, ok := s.groups[id]
	switch {
	case !ok:
		return p, badRequest("chat not found")
	case g.migratedTo != 0:
		e := badRequest("group chat was upgraded to a supergroup chat")
		e.MigrateTo = g.migratedTo
		return p, e
	case g.removed:
		return p, refuse(http.StatusForbidden, "Forbidden: bot was kicked from the group chat")
	case g.readOnly:
		return p, badRequest("not enough rights to send text messages to the chat")
	case g.Direct:
		p.topic, p.direct = int(a.DirectTopic), true
	}
	return p, nil
}

// mayAnswer checks a business connection.
func (s *Server) mayAnswer(p place) *apiError {
	c, ok := s.connections[p.conn]
	switch {
	case !ok || c.Disabled:
		return badRequest("BUSINESS_CONNECTION_INVALID")
	case !c.CanReply:
		return refuse(http.StatusForbidden, "Forbidden: BUSINESS_CONNECTION_NOT_ALLOWED")
	case s.Now().Sub(c.lastIn[p.chat]) > answerable:
		return badRequest("BUSINESS_PEER_USAGE_MISSING")
	}
	return nil
}

// limit applies the platform's rates to n messages.
func (s *Server) limit(p place, n int) *apiError {
	now := s.Now()
	take := func(b *bucket, perSecond float64, size int) *apiError {
		for range n {
			if wait := b.take(now, perSecond, size); wait > 0 {
				e := tooMany(wait)
				s.bannedUntil = now.Add(time.Duration(e.RetryAfter) * time.Second)
				return e
			}
		}
		return nil
	}
	if s.cfg.PerSecond > 0 {
		if e := take(&s.rate, float64(s.cfg.PerSecond), s.cfg.PerSecond); e != nil {
			return e
		}
	}
	key := p.lane()
	if s.buckets[key] == nil {
		s.buckets[key] = &bucket{}
	}
	switch {
	case p.chat < 0 && s.cfg.GroupPerMinute > 0:
		return take(s.buckets[key], float64(s.cfg.GroupPerMinute)/60, s.cfg.GroupPerMinute)
	case p.chat > 0 && s.cfg.ChatBurst > 0:
		return take(s.buckets[key], 1, s.cfg.ChatBurst)
	}
	return nil
}
