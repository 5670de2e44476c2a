package contact

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/event"
)

// Resolved is whom a person turned out to be.
type Resolved struct {
	Contact Contact
	Created bool
	// NewPicture says that the platform has a picture that is not fetched yet.
	NewPicture bool
}

// seenGrain is how exactly it is kept when a contact was last seen: a write
// for each message would be one too many.
const seenGrain = time.Minute

// Resolve finds the contact behind a person on a platform, or makes one. A
// telephone number or address that the platform vouches for joins him with
// the contact who has it already. It runs inside the caller's transaction,
// which must fail with it. The contact comes without identities and tags.
func (s *Service) Resolve(ctx context.Context, ws int64, p Person) (Resolved, error) {
	var r Resolved
	err := s.d.Tx.Join(ctx, func(ctx context.Context) error {
		r = Resolved{}
		vouched, err := s.vouched(ctx, ws, p)
		if err != nil {
			return err
		}
		own := Identity{Kind: p.Kind, Scope: p.Scope, Value: p.Value, Display: p.Display, Verified: true}
		addresses := append([]Identity{own}, vouched...)
		var by Identity
		r.Contact, by, err = s.byIdentities(ctx, ws, addresses)
		if missing(err) && p.Known != 0 {
			r.Contact, err = s.Current(ctx, ws, p.Known)
		}
		switch {
		case missing(err):
			r.Created = true
			r.Contact, err = s.create(ctx, ws, p)
		case err == nil:
			err = s.refresh(ctx, ws, &r.Contact, p)
		}
		if err != nil {
			return err
		}
		r.NewPicture = p.AvatarRef != "" && p.AvatarRef != r.Contact.AvatarRef
		if by.Contact == r.Contact.ID && by.same(own) {
			addresses = vouched // nothing new about the one he was found by
		}
		for _, i := range addresses {
			if r.Contact, err = s.join(ctx, ws, r.Contact, i); err != nil {
				return err
			}
		}
		if err := s.claims(ctx, ws, r.Contact, p); err != nil {
			return err
		}
		if r.Created {
			return s.suggest(ctx, ws, r.Contact)
		}
		return nil
	})
	return r, err
}

// same reports whether a stored identity says all that a new one does.
func (i Identity) same(n Identity) bool {
	return i.Kind == n.Kind && i.Scope == n.Scope && i.Value == n.Value && (i.Verified || !n.Verified) && (n.Display == "" || n.Display == i.Display)
}

// Vouch tells that a platform has proved a further address of a contact, such
// as a shared own telephone number. It may join two contacts, so it returns
// the one that is left.
func (s *Service) Vouch(ctx context.Context, ws int64, id ID, p Person) (Contact, error) {
	var c Contact
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		var err error
		if c, err = s.Current(ctx, ws, id); err != nil {
			return err
		}
		vouched, err := s.vouched(ctx, ws, p)
		if err != nil {
			return err
		}
		if p.Value != "" {
			vouched = append(vouched, Identity{Kind: p.Kind, Scope: p.Scope, Value: p.Value, Display: p.Display, Verified: true})
		}
		for _, i := range vouched {
			if c, err = s.join(ctx, ws, c, i); err != nil {
				return err
			}
		}
		return nil
	})
	return c, err
}

// vouched are the normalised addresses that a platform vouches for. One that
// cannot be read as an address proves nothing and is left out.
func (s *Service) vouched(ctx context.Context, ws int64, p Person) ([]Identity, error) {
	var out []Identity
	if p.Phone != "" {
		country, err := s.d.Countries.Country(ctx, ws)
		if err != nil {
			return nil, err
		}
		if e164, err := s.d.Phones.Normalise(p.Phone, country); err == nil {
			out = append(out, Identity{Kind: Phone, Value: e164, Display: s.d.Phones.Display(e164), Verified: true})
		}
	}
	if e := strings.ToLower(strings.TrimSpace(p.Email)); strings.Contains(e, "@") && len(e) <= maxValue {
		out = append(out, Identity{Kind: Email, Value: e, Display: e, Verified: true})
	}
	return out, nil
}

// byIdentities returns the contact who has the first identity that somebody
// has, verified ones only beyond the first, and that identity.
func (s *Service) byIdentities(ctx context.Context, ws int64, list []Identity) (Contact, Identity, error) {
	for n, i := range list {
		c, found, err := s.d.Identities.FindOwner(ctx, ws, i.Kind, i.Scope, i.Value)
		if errors.Is(err, ErrNoIdentity) || (err == nil && n > 0 && !found.Verified) {
			continue
		}
		if err == nil && c.MergedInto != 0 {
			c, err = s.Current(ctx, ws, c.MergedInto)
		}
		return c, found, err
	}
	return Contact{}, Identity{}, ErrNotFound
}

// Current follows merges to the contact that an id stands for today.
func (s *Service) Current(ctx context.Context, ws int64, id ID) (Contact, error) {
	for range 100 {
		c, err := s.d.Contacts.Contact(ctx, ws, id)
		if err != nil || c.MergedInto == 0 {
			return c, err
		}
		id = c.MergedInto
	}
	return Contact{}, ErrNotFound
}

// SetPicture notes the file that holds the platform's picture of a contact.
func (s *Service) SetPicture(ctx context.Context, ws int64, id ID, file int64, ref string) error {
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		c, err := s.Current(ctx, ws, id)
		if err != nil {
			return err
		}
		c.AvatarFile, c.AvatarRef = file, ref
		if err := s.d.Contacts.UpdateContact(ctx, c); err != nil {
			return err
		}
		return s.tell(ctx, ws, event.ContactUpdated, c.ID, 0)
	})
}

func (s *Service) create(ctx context.Context, ws int64, p Person) (Contact, error) {
	c := Contact{
		ID: ID(s.d.NewID()), Workspace: ws, Name: nameOf(p), Locale: p.Locale, Source: clip(p.Source, maxValue),
		Fields: map[string]any{}, CreatedAt: s.now(), UpdatedAt: s.now(), LastSeenAt: s.now(),
	}
	if err := s.d.Contacts.CreateContact(ctx, c); err != nil {
		return c, err
	}
	return c, s.tell(ctx, ws, event.ContactCreated, c.ID, 0)
}

func nameOf(p Person) string {
	for _, n := range []string{p.Name, p.Display, p.Phone, p.Email} {
		if n, err := cleanName("name", clip(n, maxName)); err == nil && n != "" {
			return n
		}
	}
	return ""
}

// refresh takes over what the platform says now, unless a colleague chose
// otherwise.
func (s *Service) refresh(ctx context.Context, ws int64, c *Contact, p Person) error {
	changed := false
	if name := nameOf(p); c.NamedBy == 0 && p.Name != "" && name != c.Name {
		c.Name, changed = name, true
	}
	if c.Locale == "" && p.Locale != "" {
		c.Locale, changed = p.Locale, true
	}
	if c.Source == "" && p.Source != "" {
		c.Source, changed = clip(p.Source, maxValue), true
	}
	fresh := s.now().Sub(c.LastSeenAt) < seenGrain
	if !changed && fresh {
		return nil
	}
	c.LastSeenAt = s.now()
	if !changed {
		return s.d.Contacts.SeenContact(ctx, c.ID, c.LastSeenAt)
	}
	c.UpdatedAt = s.now()
	if err := s.d.Contacts.UpdateContact(ctx, *c); err != nil {
		return err
	}
	return s.tell(ctx, ws, event.ContactUpdated, c.ID, 0)
}

// join gives a contact a verified identity. If another contact has it
// verified, the two are one person and become one contact; if he has it only
// as somebody typed it, the two are suggested and the proven owner gets it.
func (s *Service) join(ctx context.Context, ws int64, c Contact, i Identity) (Contact, error) {
	found, err := s.d.Identities.FindIdentity(ctx, ws, i.Kind, i.Scope, i.Value)
	if errors.Is(err, ErrNoIdentity) {
		i.ID, i.Contact, i.CreatedAt = IdentityID(s.d.NewID()), c.ID, s.now()
		if i.Display == "" {
			i.Display = i.Value
		}
		if err := s.d.Identities.CreateIdentity(ctx, ws, i); err != nil {
			return c, err
		}
		c.Identities = append(c.Identities, i)
		return c, s.tell(ctx, ws, event.ContactUpdated, c.ID, 0)
	}
	if err != nil {
		return c, err
	}
	if found.Contact == c.ID {
		if (i.Verified && !found.Verified) || (i.Display != "" && i.Display != found.Display) {
			found.Verified = found.Verified || i.Verified
			if i.Display != "" {
				found.Display = i.Display
			}
			return c, s.d.Identities.UpdateIdentity(ctx, ws, found)
		}
		return c, nil
	}
	other, err := s.Current(ctx, ws, found.Contact)
	if err != nil {
		return c, err
	}
	if other.ID == c.ID {
		return c, s.d.Identities.MoveIdentities(ctx, ws, []IdentityID{found.ID}, c.ID)
	}
	reason := reasonFor(i.Kind)
	if !found.Verified {
		found.Verified, found.Contact = true, c.ID
		if i.Display != "" {
			found.Display = i.Display
		}
		if err := s.d.Identities.UpdateIdentity(ctx, ws, found); err != nil {
			return c, err
		}
		c.Identities = append(c.Identities, found)
		if err := s.suggestPair(ctx, ws, c.ID, other.ID, reason, found.Display, 90); err != nil {
			return c, err
		}
		if err := s.tell(ctx, ws, event.ContactUpdated, other.ID, 0); err != nil {
			return c, err
		}
		return c, s.tell(ctx, ws, event.ContactUpdated, c.ID, 0)
	}
	if apart, err := s.parted(ctx, ws, c.ID, other.ID); err != nil || apart {
		return c, err
	}
	if c, err = s.d.Contacts.Contact(ctx, ws, c.ID); err != nil { // with all that is his
		return c, err
	}
	winner, loser := c, other
	if loser.ID < winner.ID {
		winner, loser = loser, winner // the older one stays
	}
	return s.merge(ctx, ws, winner, loser, 0, reason)
}

func reasonFor(k IdentityKind) Reason {
	if k == Email {
		return SameEmail
	}
	return SamePhone
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
