package contact

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/okno-hq/okno/internal/event"
)

// ConsentID identifies a line of the ledger of consents.
type ConsentID int64

// ToPersonalData is the purpose of what website visitors agree to.
const ToPersonalData = "personal_data"

// Consent is a permission that a contact gave: for what, when, where, and to
// which words.
type Consent struct {
	ID      ConsentID
	Purpose string
	// Source is the kind of channel, Channel the very one, Page the address of
	// the page it was given on; the latter two may be unknown.
	Source  string
	Channel int64
	Page    string
	// Text is what he agreed to; empty: not kept.
	Text    string
	GivenAt time.Time
}

// Version names the words agreed to: equal words have equal versions. It is
// empty where they were not kept.
func (c Consent) Version() string {
	if c.Text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(c.Text))
	return hex.EncodeToString(sum[:6])
}

// AddConsent keeps a permission that a contact gave: once for each purpose,
// channel and wording. It is for those who are told of it again and again.
func (s *Service) AddConsent(ctx context.Context, ws int64, id ID, c Consent) error {
	return s.d.Tx.Join(ctx, func(ctx context.Context) error {
		if c.GivenAt.IsZero() {
			c.GivenAt = s.now()
		}
		c.ID = ConsentID(s.d.NewID())
		fresh, err := s.d.Consents.GiveConsent(ctx, ws, id, c)
		if err != nil || !fresh {
			return err
		}
		return s.tell(ctx, ws, event.ContactUpdated, id, 0)
	})
}
