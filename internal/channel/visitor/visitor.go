// Package visitor is what the website chat keeps: who writes on a business's
// website, what was said, and the files of it. Stores implement its ports;
// visitortest says whether they keep their promises.
package visitor

import (
	"crypto/sha256"
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

// ID names a visitor of a widget: random, never reused. It is also
// the chat's key.
type ID string

// Visitor is a person who opened a session in the widget.
type Visitor struct {
	ID      ID
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
	// ConsentAt is when he agreed to ConsentText, on the page ConsentPage; zero:
	// not asked or not given.
	ConsentAt   time.Time
	ConsentText string
	ConsentPage string
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

// Or returns p with its blanks filled from q.
func (p Profile) Or(q Profile) Profile {
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

// HashToken is how tokens are stored and looked up: they are random, so a
// plain hash keeps them secret.
func HashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
