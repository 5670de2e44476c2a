package search

import (
	"fmt"
	"slices"
	"strings"

	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
)

// Texts are what an item or a contact is found by.
type Texts struct {
	// Words are texts of any kind, Names the names of files.
	Words, Names []string
}

// TextsOf are an item's texts: what it says, whatever way, and what was
// understood of its recordings.
func TextsOf(i inbox.Item) Texts {
	var t Texts
	if !i.DeletedAt.IsZero() {
		return t
	}
	c := i.Content
	t.say(c.Text)
	if c.Template != nil {
		t.say(c.Template.Body)
	}
	if c.Location != nil {
		t.say(c.Location.Title, c.Location.Address)
	}
	for _, card := range c.Contacts {
		t.say(card.Name)
		t.say(card.Phones...)
		t.say(card.Emails...)
	}
	for _, f := range i.Files {
		t.say(f.Transcript)
		if f.Name != "" {
			t.Names = append(t.Names, f.Name)
		}
	}
	return t
}

// TextsOfContact are a contact's texts.
func TextsOfContact(c contact.Contact, notes []contact.Note) Texts {
	var t Texts
	if c.MergedInto != 0 {
		return t
	}
	t.say(c.Name, c.Company)
	for _, i := range c.Identities {
		t.say(i.Display)
		// Other values are the platforms' own numbers.
		if (i.Kind == contact.Phone || i.Kind == contact.Email) && i.Value != i.Display {
			t.say(i.Value)
		}
	}
	keys := make([]string, 0, len(c.Fields))
	for k := range c.Fields {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		switch v := c.Fields[k].(type) {
		case nil, bool:
		case string:
			t.say(v)
		case float64:
			t.say(strings.TrimSuffix(fmt.Sprintf("%.2f", v), ".00"))
		default:
			t.say(fmt.Sprint(v))
		}
	}
	for _, n := range notes {
		t.say(n.Text)
	}
	return t
}

func (t *Texts) say(texts ...string) {
	for _, s := range texts {
		if s != "" {
			t.Words = append(t.Words, s)
		}
	}
}

func (t Texts) empty() bool { return len(t.Words) == 0 && len(t.Names) == 0 }

// kindOf is the kind of hit that an item's words make; false for items that
// are not searched.
func kindOf(i inbox.Item) (Kind, bool) {
	switch i.Kind {
	case inbox.KindNote:
		return Note, true
	case inbox.KindMessage, inbox.KindCall, inbox.KindVoicemail:
		return Message, true
	case inbox.KindEvent:
	}
	return "", false
}

// columns are the words of texts.
func (a *Analyzer) columns(t Texts) (words, names []string) {
	return a.column(t.Words, MostWords), a.column(t.Names, MostNames)
}

// Document makes an item's document, filed under an inbox; false means that
// it has none.
func (a *Analyzer) Document(i inbox.Item, in inbox.ID) (Document, bool) {
	kind, ok := kindOf(i)
	t := TextsOf(i)
	if !ok || t.empty() {
		return Document{}, false
	}
	d := Document{ID: int64(i.ID), Scope: []string{
		inWorkspace(i.Workspace), inInbox(in), withContact(i.Contact), asKind(kind), onDay(i.At), inMonth(i.At),
	}}
	if i.Channel != 0 {
		d.Scope = append(d.Scope, overChannel(i.Channel))
	}
	if len(t.Names) > 0 {
		d.Scope = append(d.Scope, asKind(File))
	}
	d.Words, d.Names = a.columns(t)
	return d, len(d.Words)+len(d.Names) > 0
}

// ContactDocument makes a contact's document; false means that it has none.
func (a *Analyzer) ContactDocument(c contact.Contact, notes []contact.Note) (Document, bool) {
	t := TextsOfContact(c, notes)
	if t.empty() {
		return Document{}, false
	}
	d := Document{ID: int64(c.ID), Scope: []string{
		inWorkspace(c.Workspace), withContact(c.ID), asKind(Contact), onDay(c.CreatedAt), inMonth(c.CreatedAt),
	}}
	d.Words, d.Names = a.columns(t)
	return d, len(d.Words) > 0
}
