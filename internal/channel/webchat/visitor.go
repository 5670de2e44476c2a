package webchat

import (
	"crypto/rand"
	"crypto/sha256"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

// VisitorID names a visitor of a widget: random, never reused. It is also
// the chat's key.
type VisitorID string

// Visitor is a person who opened a session in the widget.
type Visitor struct {
	ID      VisitorID
	Channel channel.ID
	// UserID is the site's own id of a logged-in user, proven by the site's
	// signature; unique within the channel when not empty.
	UserID string
	// Profile is what the visitor or, with a UserID, the site says of him.
	Profile Profile
	// SignedProfile holds what the site's signature vouches for.
	SignedProfile Profile
	Locale        string // "ru", "en"
	Site          string // origin of the page with the widget
	Page          string // address of the page, without its fragment
	Referrer      string
	UserAgent     string
	// ConsentAt is when he agreed to ConsentText; zero: not asked or not given.
	ConsentAt   time.Time
	ConsentText string
	CreatedAt   time.Time
	SeenAt      time.Time
	// Delivered and Read are the seqs of the newest entries of the business
	// that reached his browser and that he saw; AgentRead is the newest of
	// his own that an agent saw. They only grow.
	Delivered, Read, AgentRead int64
}

// Profile is how a visitor can be called and reached.
type Profile struct {
	Name  string `json:"name,omitempty"`
	Phone string `json:"phone,omitempty"`
	Email string `json:"email,omitempty"`
}

// or returns p with its blanks filled from q.
func (p Profile) or(q Profile) Profile {
	if p.Name == "" {
		p.Name = q.Name
	}
	if p.Phone == "" {
		p.Phone = q.Phone
	}
	if p.Email == "" {
		p.Email = q.Email
	}
	return p
}

// person is the visitor as the workspace meets him. Only what the site signed
// identifies him: anybody may type anybody's number into a form.
func (v Visitor) person() person {
	p := person{ID: string(v.ID), Name: v.SignedProfile.or(v.Profile).Name, Locale: v.Locale}
	if v.UserID != "" {
		p.ID = userPerson(v.UserID)
		p.Phone, p.Email = v.SignedProfile.Phone, v.SignedProfile.Email
	}
	return p
}

// userPerson is the person id of a logged-in user; visitor ids hold no colon.
func userPerson(userID string) string { return "user:" + userID }

// scope is what visitor and user ids are relative to.
func scope(ch channel.ID) string { return "webchat:" + strconv.FormatInt(int64(ch), 10) }

// newVisitorID returns an id with 130 bits of randomness.
func newVisitorID() VisitorID { return VisitorID(strings.ToLower(rand.Text())) }

// tokenPrefix lets scanners for leaked secrets know a visitor's token.
const tokenPrefix = "okv_"

// newToken returns a fresh visitor token; only its hash is stored.
func newToken() string { return tokenPrefix + rand.Text() + rand.Text() }

// HashToken is how tokens are stored and looked up: they are random, so a
// plain hash keeps them secret.
func HashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
