package webchat

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/fault"
)

// sessionRequest opens or changes a session.
type sessionRequest struct {
	Site     string           `json:"site,omitempty"`
	Page     string           `json:"page,omitempty"`
	Referrer string           `json:"referrer,omitempty"`
	Locale   string           `json:"locale,omitempty"`
	Consent  bool             `json:"consent,omitempty"`
	Identity *identityRequest `json:"identity,omitempty"`
}

// session is a visitor as his widget sees himself.
type session struct {
	Token   string     `json:"token,omitempty"`
	Visitor visitor.ID `json:"visitor"`
	// User tells signed-in visitors from anonymous ones.
	User    string          `json:"user,omitempty"`
	Profile visitor.Profile `json:"profile"`
	Consent bool            `json:"consent"`
	marks
}

// marks are the read marks, as seqs.
type marks struct {
	Read      int64 `json:"read"`
	Delivered int64 `json:"delivered"`
	AgentRead int64 `json:"agent_read"`
}

func sessionOf(v visitor.Visitor) session {
	return session{
		Visitor: v.ID, User: v.UserID, Profile: v.SignedProfile.Or(v.Profile), Consent: !v.ConsentAt.IsZero(), marks: marksOf(v),
	}
}

func marksOf(v visitor.Visitor) marks {
	return marks{Read: v.Read, Delivered: v.Delivered, AgentRead: v.AgentRead}
}

const (
	maxURL       = 2000
	maxUserAgent = 300
	// seenEvery bounds how often it is written down that a visitor was there.
	seenEvery = time.Minute
	maxToken  = 128
)

// pageURL keeps what of an address may be kept: no fragment, no password.
func pageURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	u.Fragment, u.User = "", nil
	return shorten(u.String(), maxURL)
}

// apply takes the request's particulars over.
func (q sessionRequest) apply(v *visitor.Visitor, s settings, now time.Time) {
	if q.Page != "" {
		v.Page = pageURL(q.Page)
	}
	if q.Referrer != "" && v.Referrer == "" {
		v.Referrer = pageURL(q.Referrer)
	}
	if q.Locale == "ru" || q.Locale == "en" {
		v.Locale = q.Locale
	}
	if q.Consent && v.ConsentAt.IsZero() {
		v.ConsentAt, v.ConsentText, v.ConsentPage = now, s.consentWords(v.Locale), v.Page
	}
	v.SeenAt = now
}

// consentTexts are the words a visitor agrees to: the admin's, or ours.
func (s settings) consentTexts() texts {
	out := s.consentText
	if out.RU == "" {
		out.RU = "Согласен на обработку персональных данных"
	}
	if out.EN == "" {
		out.EN = "I agree to the processing of my personal data"
	}
	return out
}

// consentWords are what a visitor agreed to, with the address that the words
// lead to.
func (s settings) consentWords(locale string) string {
	return strings.TrimSpace(s.consentTexts().in(locale) + " " + s.consentURL)
}

func (t texts) in(locale string) string {
	if locale == "en" {
		return t.EN
	}
	return t.RU
}

// createSession opens a session: anonymous, or of the user whom the site
// signed for. It writes nothing that an agent sees.
func (p *Platform) createSession(c *call) error {
	if err := p.sameOrigin(c.r); err != nil {
		return err
	}
	if err := p.limits.sessions.take(p.deps.ClientIP(c.r), 1); err != nil {
		return err
	}
	var q sessionRequest
	if err := c.read(&q); err != nil {
		return err
	}
	if !c.settings.allowed(q.Site, p.own(c.r)) {
		return fault.New(fault.Denied, "widget.origin_not_allowed").WithField("site")
	}
	now := p.now()
	v := visitor.Visitor{
		ID: newVisitorID(), Channel: c.channel, Site: strings.ToLower(q.Site), CreatedAt: now, Locale: "ru",
		UserAgent: shorten(line(c.r.UserAgent()), maxUserAgent),
	}
	q.apply(&v, c.settings, now)
	token := newToken()
	if q.Identity == nil {
		if err := p.deps.Visitors.Create(c.r.Context(), v, visitor.HashToken(token)); err != nil {
			return err
		}
		return c.opened(v, token)
	}
	id, err := q.Identity.verify(c.settings.identitySecret, now)
	if err != nil {
		return err
	}
	v.UserID, v.SignedProfile = id.userID, id.profile
	known, err := p.userSession(c.r.Context(), v, token, q, c.settings)
	if err != nil {
		return err
	}
	return c.opened(known, token)
}

func (c *call) opened(v visitor.Visitor, token string) error {
	out := sessionOf(v)
	out.Token = token
	return c.json(http.StatusCreated, out)
}

// userSession gives a signed user his one visitor, made if there is none.
func (p *Platform) userSession(ctx context.Context, fresh visitor.Visitor, token string, q sessionRequest, s settings) (visitor.Visitor, error) {
	err := p.deps.Visitors.Create(ctx, fresh, visitor.HashToken(token))
	if err == nil {
		return fresh, nil
	}
	if fault.KindOf(err) != fault.Conflict {
		return visitor.Visitor{}, err
	}
	known, err := p.deps.Visitors.ByUser(ctx, fresh.Channel, fresh.UserID)
	if err != nil {
		return visitor.Visitor{}, err
	}
	known, err = p.deps.Visitors.Update(ctx, fresh.Channel, known.ID, func(v *visitor.Visitor) error {
		v.SignedProfile = fresh.SignedProfile.Or(v.SignedProfile)
		q.apply(v, s, p.now())
		return nil
	})
	if err != nil {
		return visitor.Visitor{}, err
	}
	return known, p.deps.Visitors.AddToken(ctx, fresh.Channel, known.ID, visitor.HashToken(token))
}

// withVisitor lets in who holds a visitor's token.
func (p *Platform) withVisitor(h func(*call) error) func(*call) error {
	return func(c *call) error {
		if err := p.sameOrigin(c.r); err != nil {
			return err
		}
		token, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
		if !ok {
			return fault.New(fault.Unauthenticated, "widget.session_missing")
		}
		v, err := p.authenticate(c.r.Context(), c.channel, token)
		if err != nil {
			return err
		}
		c.visitor = v
		return h(c)
	}
}

func (p *Platform) authenticate(ctx context.Context, ch channel.ID, token string) (visitor.Visitor, error) {
	gone := fault.New(fault.Unauthenticated, "widget.session_gone")
	if !strings.HasPrefix(token, tokenPrefix) || len(token) > maxToken {
		return visitor.Visitor{}, gone
	}
	v, err := p.deps.Visitors.ByToken(ctx, ch, visitor.HashToken(token))
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return visitor.Visitor{}, gone
	}
	if err != nil {
		return visitor.Visitor{}, err
	}
	if now := p.now(); now.Sub(v.SeenAt) > seenEvery {
		return p.deps.Visitors.Update(ctx, ch, v.ID, func(v *visitor.Visitor) error { v.SeenAt = now; return nil })
	}
	return v, nil
}

func (p *Platform) getSession(c *call) error { return c.json(http.StatusOK, sessionOf(c.visitor)) }

// updateSession changes where the visitor is, his consent, or who he is: a
// visitor whom the site signs for from now on keeps his history, unless he
// has one as that user already.
func (p *Platform) updateSession(c *call) error {
	var q sessionRequest
	if err := c.read(&q); err != nil {
		return err
	}
	ctx, now := c.r.Context(), p.now()
	var id identity
	if q.Identity != nil {
		var err error
		if id, err = q.Identity.verify(c.settings.identitySecret, now); err != nil {
			return err
		}
		if c.visitor.UserID != "" && c.visitor.UserID != id.userID {
			return fault.New(fault.Conflict, "widget.other_user")
		}
	}
	if id.userID != "" && c.visitor.UserID == "" {
		// First, so that a crash in between cannot lose it: it is true whatever
		// becomes of the session.
		if err := p.tellIdentity(ctx, c.visitor, id); err != nil {
			return err
		}
	}
	v, err := p.deps.Visitors.Update(ctx, c.channel, c.visitor.ID, func(v *visitor.Visitor) error {
		q.apply(v, c.settings, now)
		if id.userID != "" {
			if v.UserID != "" && v.UserID != id.userID {
				return fault.New(fault.Conflict, "widget.other_user")
			}
			v.UserID, v.SignedProfile = id.userID, id.profile.Or(v.SignedProfile)
		}
		return nil
	})
	if err != nil {
		if id.userID != "" && fault.KindOf(err) == fault.Conflict {
			return p.moveSession(c, q, id)
		}
		return err
	}
	return c.json(http.StatusOK, sessionOf(v))
}

// moveSession gives the browser a session of the visitor that the user has
// already.
func (p *Platform) moveSession(c *call, q sessionRequest, id identity) error {
	ctx := c.r.Context()
	if c.visitor.UserID != "" {
		return fault.New(fault.Conflict, "widget.other_user")
	}
	known, err := p.deps.Visitors.ByUser(ctx, c.channel, id.userID)
	if err != nil {
		return err
	}
	token := newToken()
	if err := p.deps.Visitors.AddToken(ctx, c.channel, known.ID, visitor.HashToken(token)); err != nil {
		return err
	}
	known, err = p.deps.Visitors.Update(ctx, c.channel, known.ID, func(v *visitor.Visitor) error {
		v.SignedProfile = id.profile.Or(v.SignedProfile)
		q.apply(v, c.settings, p.now())
		return nil
	})
	if err != nil {
		return err
	}
	return c.opened(known, token)
}

// tellIdentity tells the workspace that a visitor turned out to be a user of
// the site. A visitor who never wrote is nobody to the workspace yet.
func (p *Platform) tellIdentity(ctx context.Context, v visitor.Visitor, id identity) error {
	written, err := p.deps.Log.After(ctx, v.Channel, v.ID, 0, 1)
	if err != nil || len(written) == 0 {
		return err
	}
	old := personOf(v)
	v.UserID, v.SignedProfile = id.userID, id.profile
	u := update{Type: updatePerson, Chat: string(v.ID), Person: personOf(v), At: p.now(), Old: &old}
	raw, err := u.raw("person." + string(v.ID) + "." + p.sign(id.userID))
	if err != nil {
		return err
	}
	return p.deps.Intake.Ingest(ctx, v.Channel, []channel.Raw{raw})
}

// deleteSession forgets this browser's token, when a user logs out.
func (p *Platform) deleteSession(c *call) error {
	token, _ := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	if err := p.deps.Visitors.DropToken(c.r.Context(), c.channel, visitor.HashToken(token)); err != nil {
		return err
	}
	return c.done()
}
