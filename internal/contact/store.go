package contact

import (
	"context"
	"encoding/json"
	"time"

	"github.com/okno-hq/okno/internal/access"
)

// Transactor runs work in one transaction, which travels in the context.
type Transactor interface {
	Write(ctx context.Context, fn func(ctx context.Context) error) error
	Read(ctx context.Context, fn func(ctx context.Context) error) error
	// Join makes fn a part of the transaction of ctx, with which it fails, or
	// is a Write where there is none.
	Join(ctx context.Context, fn func(ctx context.Context) error) error
}

// Contacts stores contacts. A lookup that finds nothing is ErrNotFound.
type Contacts interface {
	CreateContact(ctx context.Context, c Contact) error
	UpdateContact(ctx context.Context, c Contact) error
	// Contact reads one with identities, tags and consents.
	Contact(ctx context.Context, ws int64, id ID) (Contact, error)
	// Contacts reads several, in no order; unknown ids are left out.
	Contacts(ctx context.Context, ws int64, ids []ID) ([]Contact, error)
	ListContacts(ctx context.Context, ws int64, q Query) ([]Contact, error)
	SeenContact(ctx context.Context, id ID, at time.Time) error
	SetTags(ctx context.Context, ws int64, id ID, tags []TagID) error
}

// Query selects contacts that are not merged away.
type Query struct {
	// Text matches names, companies and identities; Digits is the text's
	// telephone digits when it looks like a number.
	Text, Digits string
	Tag          TagID
	// NameNorm matches the normalised name exactly.
	NameNorm string
	// Before pages: contacts with a smaller id.
	Before ID
	Limit  int
}

// Identities stores identities. A value that is taken is ErrIdentityTaken.
type Identities interface {
	CreateIdentity(ctx context.Context, ws int64, i Identity) error
	UpdateIdentity(ctx context.Context, ws int64, i Identity) error
	DeleteIdentity(ctx context.Context, ws int64, id IdentityID) error
	// FindIdentity is ErrNoIdentity when nobody has the value.
	FindIdentity(ctx context.Context, ws int64, kind IdentityKind, scope, value string) (Identity, error)
	// FindOwner returns whose a value is as well, without his identities, tags
	// and consents. Inside a write it locks the contact.
	FindOwner(ctx context.Context, ws int64, kind IdentityKind, scope, value string) (Contact, Identity, error)
	MoveIdentities(ctx context.Context, ws int64, ids []IdentityID, to ID) error
}

// Notes stores remarks about contacts.
type Notes interface {
	CreateNote(ctx context.Context, ws int64, n Note) error
	ListNotes(ctx context.Context, ws int64, c ID) ([]Note, error)
	DeleteNote(ctx context.Context, ws int64, c ID, n NoteID) (int64, error)
	MoveNotes(ctx context.Context, ws int64, ids []NoteID, to ID) error
}

// Consents keeps the permissions that contacts gave.
type Consents interface {
	// GiveConsent keeps one unless the contact gave it before: for the same
	// purpose, on the same channel, in the same words. It says whether it did.
	GiveConsent(ctx context.Context, ws int64, id ID, c Consent) (fresh bool, err error)
	MoveConsents(ctx context.Context, ws int64, ids []ConsentID, to ID) error
}

// Merges stores merges and suggestions of them.
type Merges interface {
	CreateMerge(ctx context.Context, ws int64, m Merge) error
	Merge(ctx context.Context, ws int64, id MergeID) (Merge, error)
	ListMerges(ctx context.Context, ws int64, winner ID) ([]Merge, error)
	SetUndone(ctx context.Context, ws int64, id MergeID, at time.Time) error
	// Suggest keeps a suggestion unless the pair has one already, dismissed or
	// not.
	Suggest(ctx context.Context, ws int64, s Suggestion) error
	ListSuggestions(ctx context.Context, ws int64, c ID) ([]Suggestion, error)
	Dismiss(ctx context.Context, ws int64, c ID, s SuggestionID, at time.Time) (int64, error)
}

// Vocabulary stores tags and fields. A name or key that is taken is
// ErrTagTaken or ErrFieldTaken.
type Vocabulary interface {
	CreateTag(ctx context.Context, ws int64, t Tag) error
	UpdateTag(ctx context.Context, ws int64, t Tag) error
	DeleteTag(ctx context.Context, ws int64, t TagID) (int64, error)
	ListTags(ctx context.Context, ws int64) ([]Tag, error)
	CreateField(ctx context.Context, ws int64, f Field) error
	UpdateField(ctx context.Context, ws int64, f Field) error
	DeleteField(ctx context.Context, ws int64, f FieldID) (int64, error)
	ListFields(ctx context.Context, ws int64) ([]Field, error)
}

// Work is what contacts own besides themselves: conversations, chats. Merging
// moves it, and undoing moves it back.
type Work interface {
	MoveWork(ctx context.Context, ws int64, from, to ID) (json.RawMessage, error)
	MoveWorkBack(ctx context.Context, ws int64, from, to ID, moved json.RawMessage) error
}

// PhoneReader reads telephone numbers in any formatting.
type PhoneReader interface {
	Normalise(raw, country string) (string, error)
	Display(e164 string) string
	Digits(raw string) string
}

// Auditor writes the audit log inside the caller's transaction.
type Auditor interface {
	Record(ctx context.Context, a access.Actor, action, targetType string, targetID int64, targetName string, detail map[string]any) error
}

// Countries tells which country a workspace's national numbers are read in.
type Countries interface {
	Country(ctx context.Context, ws int64) (string, error)
}
