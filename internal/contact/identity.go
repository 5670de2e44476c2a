package contact

import (
	"context"
	"errors"
	"net/mail"
	"slices"
	"strconv"
	"strings"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/fault"
)

// AddIdentity gives a contact an address that a person typed. It is not
// verified: whoever has it already keeps it, and the two are suggested.
func (s *Service) AddIdentity(ctx context.Context, a access.Actor, id ID, n NewIdentity) (Contact, error) {
	var c Contact
	if err := a.Require(access.EditContact); err != nil {
		return c, err
	}
	ws := int64(a.Workspace)
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		if _, err := s.live(ctx, ws, id); err != nil {
			return err
		}
		identity, err := s.addIdentity(ctx, ws, id, n)
		if err != nil {
			return err
		}
		if err := s.d.Audit.Record(ctx, a, "contact.identity_added", "contact", int64(id), identity.Display, nil); err != nil {
			return err
		}
		if err := s.tell(ctx, ws, event.ContactUpdated, id, a.User); err != nil {
			return err
		}
		c, err = s.d.Contacts.Contact(ctx, ws, id)
		return err
	})
	if errors.Is(err, ErrIdentityTaken) {
		// The transaction is gone, the hint should stay.
		if owner, ok := s.owner(ctx, ws, n); ok && owner != id {
			if serr := s.d.Tx.Write(ctx, func(ctx context.Context) error {
				return s.suggestPair(ctx, ws, id, owner, reasonFor(n.Kind), n.Value, 80)
			}); serr != nil {
				return c, errors.Join(err, serr)
			}
		}
	}
	return c, err
}

func (s *Service) owner(ctx context.Context, ws int64, n NewIdentity) (ID, bool) {
	value, _, err := s.typed(ctx, ws, n)
	if err != nil {
		return 0, false
	}
	found, err := s.d.Identities.FindIdentity(ctx, ws, n.Kind, "", value)
	return found.Contact, err == nil
}

func (s *Service) addIdentity(ctx context.Context, ws int64, id ID, n NewIdentity) (Identity, error) {
	value, display, err := s.typed(ctx, ws, n)
	if err != nil {
		return Identity{}, err
	}
	found, err := s.d.Identities.FindIdentity(ctx, ws, n.Kind, "", value)
	switch {
	case err == nil && found.Contact == id:
		return found, nil
	case err == nil:
		return Identity{}, ErrIdentityTaken.WithField("value").With("contact_id", strconv.FormatInt(int64(found.Contact), 10))
	case !errors.Is(err, ErrNoIdentity):
		return Identity{}, err
	}
	i := Identity{
		ID: IdentityID(s.d.NewID()), Contact: id, Kind: n.Kind, Value: value, Display: display, CreatedAt: s.now(),
	}
	return i, s.d.Identities.CreateIdentity(ctx, ws, i)
}

// typed normalises an address that a person typed. Only telephone numbers
// and e-mail addresses can be typed: the rest are ids of platforms.
func (s *Service) typed(ctx context.Context, ws int64, n NewIdentity) (value, display string, err error) {
	switch n.Kind {
	case Phone:
		country, err := s.d.Countries.Country(ctx, ws)
		if err != nil {
			return "", "", err
		}
		e164, err := s.d.Phones.Normalise(n.Value, country)
		if err != nil {
			if f, ok := errors.AsType[*fault.Error](err); ok {
				return "", "", f.WithField("value")
			}
			return "", "", err
		}
		return e164, s.d.Phones.Display(e164), nil
	case Email:
		e := strings.TrimSpace(n.Value)
		addr, err := mail.ParseAddress(e)
		if err != nil || addr.Address != e || len(e) > maxValue {
			return "", "", fault.New(fault.Invalid, "email.malformed").WithField("value")
		}
		return strings.ToLower(e), e, nil
	default:
		return "", "", fault.New(fault.Invalid, "identity.kind_not_typed").WithField("kind")
	}
}

// RemoveIdentity takes an address away from a contact. The identity of a
// platform cannot be taken away: its chats hang on it.
func (s *Service) RemoveIdentity(ctx context.Context, a access.Actor, id ID, identity IdentityID) (Contact, error) {
	var c Contact
	if err := a.Require(access.EditContact); err != nil {
		return c, err
	}
	ws := int64(a.Workspace)
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		var err error
		if c, err = s.live(ctx, ws, id); err != nil {
			return err
		}
		i := slices.IndexFunc(c.Identities, func(i Identity) bool { return i.ID == identity })
		if i < 0 {
			return ErrNoIdentity
		}
		if k := c.Identities[i].Kind; k != Phone && k != Email {
			return fault.New(fault.Conflict, "identity.of_platform")
		}
		if err := s.d.Identities.DeleteIdentity(ctx, ws, identity); err != nil {
			return err
		}
		if err := s.d.Audit.Record(ctx, a, "contact.identity_removed", "contact", int64(id), c.Identities[i].Display, nil); err != nil {
			return err
		}
		c.Identities = slices.Delete(c.Identities, i, i+1)
		return s.tell(ctx, ws, event.ContactUpdated, id, a.User)
	})
	return c, err
}
