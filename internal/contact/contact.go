// Package contact knows the customers: who they are, by which addresses they
// can be recognised, and when two of them are one person.
package contact

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"
)

// Identifiers of what this package holds.
type (
	ID           int64
	IdentityID   int64
	TagID        int64
	NoteID       int64
	FieldID      int64
	MergeID      int64
	SuggestionID int64
)

// Contact is a customer.
type Contact struct {
	ID        ID
	Workspace int64
	Name      string
	// NamedBy is the user who chose the name; 0 means it is the platform's
	// and follows it.
	NamedBy int64
	Company string
	Locale  string
	// Source is where the contact came from: a deep link's payload, an ad.
	Source     string
	AvatarFile int64
	// AvatarRef is the platform's reference of the picture that AvatarFile
	// holds; another one means a new picture.
	AvatarRef  string
	Fields     map[string]any
	Blocked    bool
	MergedInto ID
	CreatedAt  time.Time
	UpdatedAt  time.Time
	LastSeenAt time.Time

	// Identities, Tags and Consents are read with the contact.
	Identities []Identity
	Tags       []TagID
	Consents   []Consent
}

// Color is the contact's place in the palette of avatars, 0 to 11.
func (id ID) Color() int { return int((uint64(id)*0x9E3779B97F4A7C15)>>33) % 12 } //nolint:gosec // bits, not a number

// IdentityKind says what sort of address an identity is: Phone, Email, or the
// kind of a channel.
type IdentityKind string

// The kinds that belong to no channel.
const (
	Phone IdentityKind = "phone"
	Email IdentityKind = "email"
)

// Identity is one address of a contact.
type Identity struct {
	ID      IdentityID
	Contact ID
	Kind    IdentityKind
	// Scope is what the value is relative to, empty for global values.
	Scope string
	// Value is the normalised form, Display the one for people.
	Value, Display string
	// Verified means that a platform or a code vouches for it. Only verified
	// identities join contacts by themselves.
	Verified  bool
	CreatedAt time.Time
}

// Person is somebody as a platform describes him.
type Person struct {
	// Kind, Scope and Value are his identity on the platform.
	Kind         IdentityKind
	Scope, Value string
	// Display is how people know him there: "@irina".
	Display string
	Name    string
	// Phone and Email are vouched for by the platform, in any formatting.
	Phone, Email string
	// SaysPhone and SaysEmail are what he says of himself, in any formatting.
	SaysPhone, SaysEmail string

	Locale    string
	AvatarRef string
	// Source is where he came from: a deep link's payload, an ad.
	Source string
	// Consent is what he agreed to on the platform; nil: nothing known.
	Consent *Consent
	// Known is the contact whose chat it is, when the chat is older than his
	// identity: an owner's message to somebody who has not written yet.
	Known ID
}

// Tag marks contacts.
type Tag struct {
	ID          TagID
	Name, Color string
}

// Note is a colleague's remark about a contact.
type Note struct {
	ID        NoteID
	Contact   ID
	Author    int64
	Text      string
	CreatedAt time.Time
}

// Field is a property that a workspace keeps of its contacts.
type Field struct {
	ID       FieldID
	Key      string
	Label    string
	Type     FieldType
	Options  []string
	Position int
}

// FieldType says what values a field takes.
type FieldType string

// The types of field.
const (
	Text   FieldType = "text"
	Number FieldType = "number"
	Date   FieldType = "date"
	Bool   FieldType = "bool"
	Choice FieldType = "choice"
	URL    FieldType = "url"
)

// Merge records that two contacts became one.
type Merge struct {
	ID            MergeID
	Winner, Loser ID
	LoserName     string
	// User is who merged them; 0 means a certain match did.
	User     int64
	Reason   string
	At       time.Time
	UndoneAt time.Time
	// Moved is what went from the loser to the winner.
	Moved Moved
}

// Moved lists what a merge moved.
type Moved struct {
	Identities []IdentityID `json:"identities,omitempty"`
	Tags       []TagID      `json:"tags,omitempty"` // those the winner did not have
	Notes      []NoteID     `json:"notes,omitempty"`
	Consents   []ConsentID  `json:"consents,omitempty"`
	// Before is the winner as he was, for what merging filled in.
	Name       string          `json:"name,omitempty"`
	NamedBy    int64           `json:"named_by,omitempty"`
	Blocked    bool            `json:"blocked,omitempty"`
	Company    string          `json:"company,omitempty"`
	Source     string          `json:"source,omitempty"`
	AvatarFile int64           `json:"avatar_file,omitempty"`
	AvatarRef  string          `json:"avatar_ref,omitempty"`
	Fields     map[string]any  `json:"fields,omitempty"`
	Work       json.RawMessage `json:"work,omitempty"` // conversations and the like, opaque here
}

// Suggestion says that two contacts may be one person.
type Suggestion struct {
	ID     SuggestionID
	A, B   ID
	Reason Reason
	Detail string
	// Score is 0 to 100.
	Score int
}

// Reason says why two contacts may be, or were, one.
type Reason string

// The reasons.
const (
	SamePhone   Reason = "same_phone"
	SameEmail   Reason = "same_email"
	SimilarName Reason = "similar_name"
	ByHand      Reason = "by_hand"
)

// NormaliseName returns the form that names are compared and sorted in.
func NormaliseName(name string) string {
	var b strings.Builder
	space := false
	for _, r := range strings.ToLower(strings.TrimSpace(name)) {
		switch {
		case r == 'ё':
			r = 'е'
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		case unicode.Is(unicode.Cf, r) || unicode.IsControl(r):
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
