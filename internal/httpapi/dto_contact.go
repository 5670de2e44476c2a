package httpapi

import (
	"time"

	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/id"
)

// Identity is one address of a contact.
type Identity struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind" doc:"phone, email or a kind of channel"`
	Value     string    `json:"value"`
	Display   string    `json:"display"`
	Verified  bool      `json:"verified" doc:"A platform vouches for it."`
	CreatedAt time.Time `json:"created_at"`
}

// Consent is a permission that a contact gave.
type Consent struct {
	Purpose   string    `json:"purpose"`
	GivenAt   time.Time `json:"given_at"`
	Source    string    `json:"source" doc:"The kind of channel."`
	ChannelID string    `json:"channel_id,omitempty"`
	Page      string    `json:"page,omitempty" doc:"The page it was given on."`
	Text      string    `json:"text,omitempty" doc:"What was agreed to."`
	Version   string    `json:"version,omitempty" doc:"Equal texts have equal versions."`
}

func consentOf(c contact.Consent) Consent {
	return Consent{
		Purpose: c.Purpose, GivenAt: stamp(c.GivenAt), Source: c.Source, ChannelID: ref(c.Channel), Page: c.Page, Text: c.Text, Version: c.Version(),
	}
}

// Contact is a customer.
type Contact struct {
	ID            string         `json:"id"`
	Name          string         `json:"name"`
	AvatarURL     string         `json:"avatar_url,omitempty"`
	Color         int            `json:"color"`
	Company       string         `json:"company,omitempty"`
	Locale        string         `json:"locale,omitempty"`
	Source        string         `json:"source,omitempty"`
	Fields        map[string]any `json:"fields"`
	Identities    []Identity     `json:"identities" nullable:"false"`
	TagIDs        []string       `json:"tag_ids" nullable:"false"`
	Blocked       bool           `json:"blocked"`
	MergedInto    string         `json:"merged_into,omitempty"`
	Conversations int            `json:"conversations,omitempty" doc:"Those that the asker may see; absent: none, or not counted here."`
	CreatedAt     time.Time      `json:"created_at"`
	LastSeenAt    *time.Time     `json:"last_seen_at,omitempty"`
	Consents      []Consent      `json:"consents" nullable:"false"`
}

func contactOf(c contact.Contact) Contact {
	fields := c.Fields
	if fields == nil {
		fields = map[string]any{}
	}
	return Contact{
		ID: id.Format(c.ID), Name: c.Name, AvatarURL: fileURL(c.AvatarFile, true), Color: c.ID.Color(), Company: c.Company, Locale: c.Locale,
		Source: c.Source, Fields: fields, TagIDs: formatIDs(c.Tags), Blocked: c.Blocked, MergedInto: ref(c.MergedInto),
		CreatedAt: stamp(c.CreatedAt), LastSeenAt: when(c.LastSeenAt),
		Identities: all(c.Identities, func(i contact.Identity) Identity {
			return Identity{ID: id.Format(i.ID), Kind: string(i.Kind), Value: i.Value, Display: i.Display, Verified: i.Verified, CreatedAt: stamp(i.CreatedAt)}
		}),
		Consents: all(c.Consents, consentOf),
	}
}

// ContactNote is a remark about a contact.
type ContactNote struct {
	ID        string    `json:"id"`
	Text      string    `json:"text"`
	AuthorID  string    `json:"author_id"`
	CreatedAt time.Time `json:"created_at"`
}

func contactNoteOf(n contact.Note) ContactNote {
	return ContactNote{ID: id.Format(n.ID), Text: n.Text, AuthorID: id.Format(n.Author), CreatedAt: stamp(n.CreatedAt)}
}

// Suggestion says that another contact may be the same person.
type Suggestion struct {
	ID      string       `json:"id"`
	Contact ContactBrief `json:"contact"`
	Reason  string       `json:"reason" enum:"same_phone,same_email,similar_name,by_hand"`
	Detail  string       `json:"detail"`
	Score   int          `json:"score"`
}

// Merge records that two contacts became one.
type Merge struct {
	ID        string     `json:"id"`
	WinnerID  string     `json:"winner_id"`
	LoserID   string     `json:"loser_id"`
	LoserName string     `json:"loser_name"`
	ByUserID  string     `json:"by_user_id,omitempty" doc:"Absent: a certain match."`
	Reason    string     `json:"reason"`
	At        time.Time  `json:"at"`
	UndoneAt  *time.Time `json:"undone_at,omitempty"`
}

func mergeOf(m contact.Merge) Merge {
	return Merge{
		ID: id.Format(m.ID), WinnerID: id.Format(m.Winner), LoserID: id.Format(m.Loser), LoserName: m.LoserName, ByUserID: ref(m.User),
		Reason: m.Reason, At: stamp(m.At), UndoneAt: when(m.UndoneAt),
	}
}

// Tag marks contacts.
type Tag struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Color string `json:"color"`
}

func tagOf(t contact.Tag) Tag { return Tag{ID: id.Format(t.ID), Name: t.Name, Color: t.Color} }

// ContactField is a property that a workspace keeps of its contacts.
type ContactField struct {
	ID       string   `json:"id"`
	Key      string   `json:"key"`
	Label    string   `json:"label"`
	Type     string   `json:"type" enum:"text,number,date,bool,choice,url"`
	Options  []string `json:"options" nullable:"false"`
	Position int      `json:"position"`
}

func fieldOf(f contact.Field) ContactField {
	out := ContactField{ID: id.Format(f.ID), Key: f.Key, Label: f.Label, Type: string(f.Type), Options: f.Options, Position: f.Position}
	if out.Options == nil {
		out.Options = []string{}
	}
	return out
}
