package webchat

import (
	"crypto/rand"
	"strconv"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
)

// personOf is the visitor as the workspace meets him. Only what the site signed
// identifies him: anybody may type anybody's number into a form.
func personOf(v visitor.Visitor) person {
	p := person{ID: string(v.ID), Name: v.SignedProfile.Or(v.Profile).Name, Locale: v.Locale}
	if v.UserID != "" {
		p.ID = userPerson(v.UserID)
		p.Phone, p.Email = v.SignedProfile.Phone, v.SignedProfile.Email
	}
	if !v.ConsentAt.IsZero() {
		p.Consent = &channel.Consent{Text: v.ConsentText, Page: v.ConsentPage, At: v.ConsentAt}
	}
	return p
}

// userPerson is the person id of a logged-in user; visitor ids hold no colon.
func userPerson(userID string) string { return "user:" + userID }

// scope is what visitor and user ids are relative to.
func scope(ch channel.ID) string { return "webchat:" + strconv.FormatInt(int64(ch), 10) }

// newVisitorID returns an id with 130 bits of randomness.
func newVisitorID() visitor.ID { return visitor.ID(strings.ToLower(rand.Text())) }

// tokenPrefix lets scanners for leaked secrets know a visitor's token.
const tokenPrefix = "okv_"

// newToken returns a fresh visitor token; only its hash is stored.
func newToken() string { return tokenPrefix + rand.Text() + rand.Text() }
