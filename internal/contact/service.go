package contact

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/fault"
)

// Deps is what the service needs.
type Deps struct {
	Tx         Transactor
	Contacts   Contacts
	Identities Identities
	Notes      Notes
	Consents   Consents
	Merges     Merges
	Vocabulary Vocabulary
	Work       Work
	Phones     PhoneReader
	Countries  Countries
	Audit      Auditor
	Events     event.Log
	NewID      func() int64
	Now        func() time.Time
}

// Service is everything that is done about customers.
type Service struct{ d Deps }

// NewService returns the service.
func NewService(d Deps) *Service {
	if d.Now == nil {
		d.Now = time.Now
	}
	return &Service{d: d}
}

// SetWork names what moves with contacts; it is set once, at start, because
// conversations know contacts and not the reverse.
func (s *Service) SetWork(w Work) { s.d.Work = w }

func (s *Service) now() time.Time { return s.d.Now().UTC() }

func (s *Service) tell(ctx context.Context, ws int64, t event.Type, c ID, actor access.UserID) error {
	return s.d.Events.Append(ctx, event.Event{
		Workspace: ws, Type: t, At: s.now(), Contact: int64(c), Actor: int64(actor),
	})
}

// Limits of what people type.
const (
	maxName      = 200
	maxCompany   = 200
	maxValue     = 320
	maxNote      = 10000
	maxFieldText = 2000
	maxTags      = 100
)

// cleanName trims a name and drops what cannot be seen.
func cleanName(field, name string) (string, error) {
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) || r == 0xfeff {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, "")))
	if utf8.RuneCountInString(name) > maxName {
		return "", fault.New(fault.Invalid, "name.too_long").WithField(field).With("limit", maxName)
	}
	return name, nil
}

// Get returns a contact.
func (s *Service) Get(ctx context.Context, a access.Actor, id ID) (Contact, error) {
	return s.d.Contacts.Contact(ctx, int64(a.Workspace), id)
}

// Several returns contacts by id, in no order, for those who list things of
// contacts.
func (s *Service) Several(ctx context.Context, ws int64, ids []ID) ([]Contact, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return s.d.Contacts.Contacts(ctx, ws, ids)
}

// List returns contacts, the newest first.
func (s *Service) List(ctx context.Context, a access.Actor, text string, tag TagID, before ID, limit int) ([]Contact, error) {
	q := Query{Text: NormaliseName(text), Tag: tag, Before: before, Limit: limit}
	if d := s.d.Phones.Digits(text); len(d) >= 3 && !strings.ContainsFunc(text, isLetter) {
		// National prefixes differ in how people write them: compare what is
		// certain.
		if len(d) == 11 && (d[0] == '8' || d[0] == '7') {
			d = d[1:]
		}
		q.Digits = d
	}
	return s.d.Contacts.ListContacts(ctx, int64(a.Workspace), q)
}

func isLetter(r rune) bool {
	return r == '@' || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') || r > 0x400
}

// NewContact describes a contact made by hand.
type NewContact struct {
	Name, Company string
	Fields        map[string]any
	Identities    []NewIdentity
}

// NewIdentity is an address typed by a person.
type NewIdentity struct {
	Kind  IdentityKind
	Value string
}

// Create adds a contact by hand.
func (s *Service) Create(ctx context.Context, a access.Actor, n NewContact) (Contact, error) {
	if err := a.Require(access.EditContact); err != nil {
		return Contact{}, err
	}
	ws := int64(a.Workspace)
	c := Contact{
		ID: ID(s.d.NewID()), Workspace: ws, NamedBy: int64(a.User), CreatedAt: s.now(), UpdatedAt: s.now(),
		Fields: map[string]any{},
	}
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		if err := s.apply(ctx, &c, Patch{Name: &n.Name, Company: &n.Company, Fields: n.Fields}); err != nil {
			return err
		}
		if c.Name == "" && len(n.Identities) == 0 {
			return fault.New(fault.Invalid, "name.empty").WithField("name")
		}
		if c.Name == "" {
			c.Name = n.Identities[0].Value
			c.NamedBy = 0
		}
		if err := s.d.Contacts.CreateContact(ctx, c); err != nil {
			return err
		}
		c.Identities = nil
		for _, i := range n.Identities {
			identity, err := s.addIdentity(ctx, ws, c.ID, i)
			if err != nil {
				return err
			}
			c.Identities = append(c.Identities, identity)
		}
		if err := s.suggest(ctx, ws, c); err != nil {
			return err
		}
		if err := s.d.Audit.Record(ctx, a, "contact.created", "contact", int64(c.ID), c.Name, nil); err != nil {
			return err
		}
		return s.tell(ctx, ws, event.ContactCreated, c.ID, a.User)
	})
	return c, err
}

// Patch changes a contact; nil leaves a field as it is. Fields are merged by
// key, a nil value removes one.
type Patch struct {
	Name, Company *string
	Fields        map[string]any
	Blocked       *bool
}

// Update changes a contact.
func (s *Service) Update(ctx context.Context, a access.Actor, id ID, p Patch) (Contact, error) {
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
		before := c
		if err := s.apply(ctx, &c, p); err != nil {
			return err
		}
		if p.Name != nil {
			c.NamedBy = int64(a.User)
			if c.Name == "" {
				return fault.New(fault.Invalid, "name.empty").WithField("name")
			}
		}
		c.UpdatedAt = s.now()
		if err := s.d.Contacts.UpdateContact(ctx, c); err != nil {
			return err
		}
		detail := map[string]any{}
		if before.Name != c.Name {
			detail["name_before"] = before.Name
		}
		if before.Blocked != c.Blocked {
			detail["blocked"] = c.Blocked
		}
		if err := s.d.Audit.Record(ctx, a, "contact.updated", "contact", int64(c.ID), c.Name, detail); err != nil {
			return err
		}
		return s.tell(ctx, ws, event.ContactUpdated, id, a.User)
	})
	return c, err
}

// live reads a contact that is not merged away.
func (s *Service) live(ctx context.Context, ws int64, id ID) (Contact, error) {
	c, err := s.d.Contacts.Contact(ctx, ws, id)
	if err == nil && c.MergedInto != 0 {
		return c, ErrMergedAlready.With("contact_id", strconv.FormatInt(int64(c.MergedInto), 10))
	}
	return c, err
}

func (s *Service) apply(ctx context.Context, c *Contact, p Patch) error {
	var err error
	if p.Name != nil {
		if c.Name, err = cleanName("name", *p.Name); err != nil {
			return err
		}
	}
	if p.Company != nil {
		if c.Company, err = cleanName("company", *p.Company); err != nil {
			return err
		}
	}
	if p.Blocked != nil {
		c.Blocked = *p.Blocked
	}
	if len(p.Fields) == 0 {
		return nil
	}
	known, err := s.d.Vocabulary.ListFields(ctx, c.Workspace)
	if err != nil {
		return err
	}
	fields := make(map[string]any, len(c.Fields)+len(p.Fields))
	maps.Copy(fields, c.Fields)
	for key, value := range p.Fields {
		if value == nil || value == "" {
			delete(fields, key)
			continue
		}
		i := slices.IndexFunc(known, func(f Field) bool { return f.Key == key })
		if i < 0 {
			return ErrNoField.WithField("fields." + key)
		}
		if fields[key], err = known[i].Accept(value); err != nil {
			return err
		}
	}
	c.Fields = fields
	return nil
}

// SetTags replaces a contact's tags.
func (s *Service) SetTags(ctx context.Context, a access.Actor, id ID, tags []TagID) (Contact, error) {
	var c Contact
	if err := a.Require(access.EditContact); err != nil {
		return c, err
	}
	ws := int64(a.Workspace)
	slices.Sort(tags)
	tags = slices.Compact(tags)
	if len(tags) > maxTags {
		return c, fault.New(fault.Invalid, "tag.too_many").WithField("tag_ids").With("limit", maxTags)
	}
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		var err error
		if c, err = s.live(ctx, ws, id); err != nil {
			return err
		}
		known, err := s.d.Vocabulary.ListTags(ctx, ws)
		if err != nil {
			return err
		}
		for _, t := range tags {
			if !slices.ContainsFunc(known, func(k Tag) bool { return k.ID == t }) {
				return ErrNoTag.WithField("tag_ids")
			}
		}
		if err := s.d.Contacts.SetTags(ctx, ws, id, tags); err != nil {
			return err
		}
		c.Tags = tags
		return s.tell(ctx, ws, event.ContactUpdated, id, a.User)
	})
	return c, err
}

// AddNote writes a remark about a contact.
func (s *Service) AddNote(ctx context.Context, a access.Actor, id ID, text string) (Note, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Note{}, fault.New(fault.Invalid, "text.empty").WithField("text")
	}
	if utf8.RuneCountInString(text) > maxNote {
		return Note{}, fault.New(fault.TooLarge, "text.too_long").WithField("text").With("limit", maxNote)
	}
	if err := a.Require(access.EditContact); err != nil {
		return Note{}, err
	}
	n := Note{ID: NoteID(s.d.NewID()), Contact: id, Author: int64(a.User), Text: text, CreatedAt: s.now()}
	ws := int64(a.Workspace)
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		if _, err := s.live(ctx, ws, id); err != nil {
			return err
		}
		if err := s.d.Notes.CreateNote(ctx, ws, n); err != nil {
			return err
		}
		return s.tell(ctx, ws, event.ContactUpdated, id, a.User)
	})
	return n, err
}

// Notes lists the remarks about a contact, the newest first.
func (s *Service) Notes(ctx context.Context, a access.Actor, id ID) ([]Note, error) {
	return s.d.Notes.ListNotes(ctx, int64(a.Workspace), id)
}

// DeleteNote removes one's own remark, or anybody's with the permission to
// delete messages.
func (s *Service) DeleteNote(ctx context.Context, a access.Actor, id ID, note NoteID) error {
	ws := int64(a.Workspace)
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		notes, err := s.d.Notes.ListNotes(ctx, ws, id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(notes, func(n Note) bool { return n.ID == note })
		if i < 0 {
			return ErrNoNote
		}
		if notes[i].Author != int64(a.User) {
			if err := a.Require(access.DeleteMessage); err != nil {
				return err
			}
		}
		if _, err := s.d.Notes.DeleteNote(ctx, ws, id, note); err != nil {
			return err
		}
		if err := s.d.Audit.Record(ctx, a, "contact.note_deleted", "contact", int64(id), "", nil); err != nil {
			return err
		}
		return s.tell(ctx, ws, event.ContactUpdated, id, a.User)
	})
}

func missing(err error) bool { return errors.Is(err, ErrNoIdentity) || errors.Is(err, ErrNotFound) }
