package demo

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
)

// customer makes a contact with his identities and fields.
func (s *story) customer(p who, at time.Time, ways []int) *customer {
	at = at.Add(-time.Second).UTC()
	locale := "ru"
	if p.english {
		locale = "en"
	}
	c := &customer{who: p, ways: ways, chats: map[int]*inbox.Chat{}, Contact: contact.Contact{
		ID: contact.ID(s.stamps.at(at)), Workspace: int64(s.workspace.ID), Name: p.shown, Company: p.company, Locale: locale,
		Fields: map[string]any{}, CreatedAt: at, UpdatedAt: at, LastSeenAt: at,
	}}
	if s.d.chance(0.7) {
		c.Fields["city"] = p.city
	}
	if s.d.chance(0.3) {
		c.Fields["bonus"] = float64(s.d.between(1, 60) * 50)
	}
	if s.d.chance(0.15) {
		c.Fields["birthday"] = fmt.Sprintf("%d-%02d-%02d", s.d.between(1965, 2004), s.d.between(1, 12), s.d.between(1, 28))
	}
	if s.d.chance(0.25) {
		c.Source = pick(s.d, []string{"instagram", "yandex-direct", "2gis", "vk-promo", "рекомендация"})
	}
	if s.d.chance(0.12) && p.shown == p.first { // an agent completed the name
		c.Name, c.NamedBy = p.first+" "+p.last, int64(s.people[anna].ID)
	}
	for _, w := range ways {
		s.identify(c, w, at)
	}
	s.customers = append(s.customers, c)
	return c
}

// identify adds the identity that a channel knows the customer by.
func (s *story) identify(c *customer, way int, at time.Time) {
	i := contact.Identity{Kind: contact.IdentityKind(s.kind(way)), Verified: true, Value: s.address(c, way)}
	switch way {
	case byTelegram:
		i.Display = c.nick
	case byWhatsApp:
		i.Scope, i.Display = waba, display(c.phone)
		s.vouch(c, at)
	case byWebchat:
		i.Scope = fmt.Sprintf("webchat:%d", s.accounts[way].ID)
		if s.d.chance(0.4) {
			s.has(c, contact.Identity{Kind: contact.Email, Value: c.email, Display: c.email}, at)
		}
		if s.d.chance(0.5) {
			c.Consents = append(c.Consents, contact.Consent{Purpose: "personal_data", Source: "webchat", GivenAt: at})
		}
	}
	s.has(c, i, at)
}

// vouch adds the telephone number that a platform proves.
func (s *story) vouch(c *customer, at time.Time) {
	s.has(c, contact.Identity{Kind: contact.Phone, Value: c.phone, Display: display(c.phone), Verified: true}, at)
}

// has adds an identity unless somebody has it: two who are not merged yet may
// have one telephone.
func (s *story) has(c *customer, i contact.Identity, at time.Time) {
	for _, other := range s.customers {
		for _, o := range other.Identities {
			if o.Kind == i.Kind && o.Scope == i.Scope && o.Value == i.Value {
				return
			}
		}
	}
	for _, o := range c.Identities {
		if o.Kind == i.Kind && o.Value == i.Value {
			return
		}
	}
	i.ID, i.Contact, i.CreatedAt = contact.IdentityID(s.stamps.at(at)), c.Contact.ID, at.UTC()
	c.Identities = append(c.Identities, i)
}

// address is the platform's id of the customer, made of his own id.
func (s *story) address(c *customer, way int) string {
	n := uint64(c.Contact.ID) //nolint:gosec // ids are positive
	switch way {
	case byTelegram:
		return fmt.Sprint(100000000 + n*2654435761%6900000000)
	case byWhatsApp:
		return strings.TrimPrefix(c.phone, "+")
	case byMAX:
		return fmt.Sprint(10000000 + n*40503%180000000)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "visitor %d", n))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:26])
}

// chat is where the customer is written to now.
func (t *talk) chat() *inbox.Chat {
	c, ok := t.who.chats[t.way]
	if ok {
		return c
	}
	to := t.address(t.who, t.way)
	c = &inbox.Chat{
		ID: inbox.ChatID(t.stamps.at(t.clock)), Workspace: int64(t.workspace.ID), Channel: t.accounts[t.way].ID, Key: to, Recipient: to,
		Contact: t.who.Contact.ID, CreatedAt: t.clock.UTC(),
	}
	if t.kind(t.way) == channel.MAX { // its chats have numbers of their own
		c.Key = fmt.Sprint(-70000000000000 - int64(c.ID%1000000000))
	}
	t.who.chats[t.way] = c
	return c
}

// addressBook are contacts whom the firm knew before: companies' buyers, of
// whom there is a telephone and an address.
func (s *story) addressBook() {
	at := s.now.Add(-history - 18*time.Hour)
	for range listed {
		p := s.cast.next(false)
		p.company, p.shown = pick(s.d, companies()), p.first+" "+p.last
		at = at.Add(11 * time.Second)
		c := s.customer(p, at, nil)
		c.Source, c.NamedBy = "импорт", int64(s.people[anna].ID)
		s.vouchBy(c, at)
	}
}

// vouchBy adds what was typed in: nobody proved it.
func (s *story) vouchBy(c *customer, at time.Time) {
	s.has(c, contact.Identity{Kind: contact.Phone, Value: c.phone, Display: display(c.phone)}, at)
	s.has(c, contact.Identity{Kind: contact.Email, Value: c.email, Display: c.email}, at)
}
