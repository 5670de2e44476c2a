package contact

import (
	"context"
	"errors"

	"github.com/okno-hq/okno/internal/fault"
)

// claims keeps the addresses that a person says are his. They prove nothing:
// they stand on his contact unverified, and whoever has one already keeps it
// and is suggested as the same person.
func (s *Service) claims(ctx context.Context, ws int64, c Contact, p Person) error {
	for _, n := range []NewIdentity{{Kind: Phone, Value: p.SaysPhone}, {Kind: Email, Value: p.SaysEmail}} {
		if n.Value == "" {
			continue
		}
		_, err := s.addIdentity(ctx, ws, c.ID, n)
		if errors.Is(err, ErrIdentityTaken) {
			if owner, ok := s.owner(ctx, ws, n); ok && owner != c.ID {
				value, _, _ := s.typed(ctx, ws, n) // it could be read a moment ago
				err = s.suggestPair(ctx, ws, c.ID, owner, reasonFor(n.Kind), value, 80)
			}
		}
		if fault.KindOf(err) == fault.Invalid {
			continue // no such number; his words are on the timeline all the same
		}
		if err != nil {
			return err
		}
	}
	return nil
}
