package contact_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/fault"
)

func TestFormattingsOfANumberMeet(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		first := w.meet(contact.Person{Kind: "whatsapp", Value: "79123456789", Name: "Ирина", Phone: "79123456789"})
		for n, p := range []string{"8 (912) 345-67-89", "+7 912 345-67-89", "9123456789", "+79123456789"} {
			r := w.meet(contact.Person{Kind: "max", Value: string(rune('a' + n)), Name: "Ирина", Phone: p})
			w.same(p, []any{r.Contact.ID, r.Created}, []any{first.Contact.ID, false})
		}
		for _, text := range []string{"912 345", "8(912)3456789", "+7 (912) 345-67-89", "ирин"} {
			list, err := w.List(w.ctx, w.agent, text, 0, 0, 10)
			w.must(err)
			w.same("found by "+text, len(list), 1)
		}
		// What is no number proves nothing, and loses nobody.
		w.same("no number", w.meet(contact.Person{Kind: "max", Value: "z", Name: "Пётр", Phone: "скрыт"}).Created, true)
	})
}

func TestOwnCardJoins(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		wa := w.meet(contact.Person{Kind: "whatsapp", Value: "79123456789", Name: "Ирина", Phone: "79123456789"}).Contact
		tg := w.meet(contact.Person{Kind: "telegram", Value: "501", Display: "@irina", Name: "Irina K"}).Contact
		if wa.ID == tg.ID {
			t.Fatal("joined without a reason")
		}
		left, err := w.Vouch(w.ctx, w.ws, tg.ID, contact.Person{Phone: "+7 912 345-67-89"})
		w.must(err)
		w.same("the older one stays", left.ID, wa.ID)
		w.same("addresses", values(left), []string{"79123456789", "+79123456789", "501"})
		now, err := w.Current(w.ctx, w.ws, tg.ID)
		w.must(err)
		w.same("the other leads there", now.ID, wa.ID)
		w.same("audited", w.audit()[0], "contact.merged")
		merges, err := w.Merges(w.ctx, w.admin, wa.ID)
		w.must(err)
		w.same("by itself", []any{len(merges), merges[0].User, merges[0].Reason}, []any{1, 0, contact.SamePhone})
		// Taken apart by a person, it stays so whatever the platform says again.
		_, err = w.Undo(w.ctx, w.admin, merges[0].ID)
		w.must(err)
		_, err = w.Vouch(w.ctx, w.ws, tg.ID, contact.Person{Phone: "+7 912 345-67-89"})
		w.must(err)
		r := w.meet(contact.Person{Kind: "telegram", Value: "501", Name: "Irina K", Phone: "79123456789"})
		w.same("still apart", r.Contact.ID, tg.ID)
		w.same("audited", w.audit()[0], "contact.unmerged")
		_, err = w.Undo(w.ctx, w.admin, merges[0].ID)
		if !errors.Is(err, contact.ErrUndone) {
			t.Errorf("undone twice: %v", err)
		}
	})
}

func TestTypedAddressSuggests(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		typed := w.create(contact.NewContact{Name: "Ирина Котова", Identities: []contact.NewIdentity{
			{Kind: contact.Phone, Value: "8 912 345 67 89"}, {Kind: contact.Email, Value: "Irina@Example.com"},
		}})
		w.same("normalised", values(typed), []string{"+79123456789", "irina@example.com"})
		// Typed proves nothing: no join, a hint, and the proven owner gets it.
		r := w.meet(contact.Person{Kind: "whatsapp", Value: "79123456789", Name: "Ира", Phone: "79123456789"})
		if r.Contact.ID == typed.ID || !r.Created {
			t.Fatal("a typed number joined two contacts")
		}
		hints, err := w.Suggestions(w.ctx, w.admin, typed.ID)
		w.must(err)
		w.same("hints", []any{len(hints), hints[0].Reason, hints[0].Score}, []any{1, contact.SamePhone, 90})
		got, err := w.Get(w.ctx, w.agent, typed.ID)
		w.must(err)
		w.same("left with", values(got), []string{"irina@example.com"})
		w.must(w.Dismiss(w.ctx, w.admin, typed.ID, hints[0].ID))
		hints, err = w.Suggestions(w.ctx, w.admin, typed.ID)
		w.must(err)
		w.same("dismissed", len(hints), 0)
		// Typed where somebody has it: refused, with a hint.
		other := w.create(contact.NewContact{Name: "Другой Человек"})
		_, err = w.AddIdentity(w.ctx, w.agent, other.ID, contact.NewIdentity{Kind: contact.Email, Value: "irina@example.com"})
		if !errors.Is(err, contact.ErrIdentityTaken) {
			t.Fatalf("got %v", err)
		}
		hints, err = w.Suggestions(w.ctx, w.admin, other.ID)
		w.must(err)
		w.same("hint", []any{len(hints), hints[0].Reason}, []any{1, contact.SameEmail})
		for _, n := range []contact.NewIdentity{{Kind: contact.Phone, Value: "12"}, {Kind: contact.Email, Value: "нет"}, {Kind: "telegram", Value: "1"}} {
			if _, err := w.AddIdentity(w.ctx, w.agent, other.ID, n); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%+v: %v", n, err)
			}
		}
		// The same full name is a hint as well.
		w.meet(contact.Person{Kind: "max", Value: "9", Name: "ирина  КОТОВА"})
		hints, err = w.Suggestions(w.ctx, w.admin, typed.ID)
		w.must(err)
		w.same("same name", []any{len(hints), hints[1].Reason}, []any{2, contact.SimilarName})
	})
}

func TestWhatPeopleSayOfThemselves(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		known := w.meet(contact.Person{Kind: "whatsapp", Value: "79123456789", Name: "Ирина", Phone: "79123456789"}).Contact
		says := func(value, phone, email string) contact.ID {
			return w.meet(contact.Person{Kind: "webchat", Scope: "webchat:1", Value: value, Name: "Гость", SaysPhone: phone, SaysEmail: email}).Contact.ID
		}
		addresses := func(id contact.ID) []string {
			c, err := w.Get(w.ctx, w.agent, id)
			w.must(err)
			return values(c)
		}
		// A stranger's word: kept on his own contact, unverified.
		guest := says("v1", "8 900 111-22-33", "guest@example.com")
		w.same("kept", addresses(guest), []string{"v1", "+79001112233", "guest@example.com"})
		got, err := w.Get(w.ctx, w.agent, guest)
		w.must(err)
		w.same("unverified", []bool{got.Identities[1].Verified, got.Identities[2].Verified}, []bool{false, false})
		w.same("the same again", says("v1", "89001112233", "guest@example.com"), guest)
		// Somebody else's number: he keeps it, and the two are suggested.
		other := says("v2", "+7 912 345-67-89", "")
		if other == known.ID {
			t.Fatal("a word joined two contacts")
		}
		w.same("not taken", addresses(other), []string{"v2"})
		hints, err := w.Suggestions(w.ctx, w.admin, other)
		w.must(err)
		w.same("hint", []any{len(hints), hints[0].Reason}, []any{1, contact.SamePhone})
		// What is no number leaves nothing behind and stops nothing.
		w.same("nonsense", addresses(says("v3", "12", "нет")), []string{"v3"})
		// Whoever proves it later gets it.
		proven := w.meet(contact.Person{Kind: "whatsapp", Value: "79001112233", Name: "Пётр", Phone: "79001112233"}).Contact
		w.same("the proven owner's", addresses(guest), []string{"v1", "guest@example.com"})
		w.same("proven", slices.Contains(addresses(proven.ID), "+79001112233"), true)
	})
}

func TestNamesFollowThePlatformUntilSomebodyChooses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := contact.Person{Kind: "telegram", Value: "501", Name: "Irina"}
		c := w.meet(p).Contact
		p.Name = "Irina K"
		w.same("follows", w.meet(p).Contact.Name, "Irina K")
		name := "Ирина Котова"
		_, err := w.Update(w.ctx, w.agent, c.ID, contact.Patch{Name: &name})
		w.must(err)
		p.Name = "Kotik"
		w.same("chosen", w.meet(p).Contact.Name, name)
		empty, long := " \u202e ", strings.Repeat("я", 201)
		for _, n := range []*string{&empty, &long} {
			if _, err := w.Update(w.ctx, w.agent, c.ID, contact.Patch{Name: n}); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%q: %v", *n, err)
			}
		}
		w.same("without a name", w.meet(contact.Person{Kind: "telegram", Value: "7"}).Contact.Name, "")
	})
}

func TestFieldsTagsNotesConsents(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.create(contact.NewContact{Name: "Ирина"})
		f, err := w.SaveField(w.ctx, w.admin, contact.Field{Key: "size", Label: "Размер", Type: contact.Choice, Options: []string{"S", "M"}})
		w.must(err)
		_, err = w.SaveField(w.ctx, w.admin, contact.Field{Key: "size", Label: "Ещё", Type: contact.Text})
		if !errors.Is(err, contact.ErrFieldTaken) {
			t.Errorf("got %v", err)
		}
		_, err = w.Update(w.ctx, w.agent, c.ID, contact.Patch{Fields: map[string]any{"size": "M"}})
		w.must(err)
		for _, bad := range []map[string]any{{"size": "XXL"}, {"size": 5.0}, {"colour": "red"}} {
			if _, err := w.Update(w.ctx, w.agent, c.ID, contact.Patch{Fields: bad}); err == nil {
				t.Errorf("accepted %v", bad)
			}
		}
		got, err := w.Get(w.ctx, w.agent, c.ID)
		w.must(err)
		w.same("fields", got.Fields, map[string]any{"size": "M"})
		_, err = w.Update(w.ctx, w.agent, c.ID, contact.Patch{Fields: map[string]any{"size": nil}})
		w.must(err)
		w.must(w.DeleteField(w.ctx, w.admin, f.ID))

		vip, err := w.SaveTag(w.ctx, w.admin, contact.Tag{Name: "VIP", Color: "red"})
		w.must(err)
		_, err = w.SaveTag(w.ctx, w.admin, contact.Tag{Name: "vip"})
		if !errors.Is(err, contact.ErrTagTaken) {
			t.Errorf("got %v", err)
		}
		_, err = w.SetTags(w.ctx, w.agent, c.ID, []contact.TagID{vip.ID, vip.ID})
		w.must(err)
		_, err = w.SetTags(w.ctx, w.agent, c.ID, []contact.TagID{vip.ID, 12345})
		if !errors.Is(err, contact.ErrNoTag) {
			t.Errorf("got %v", err)
		}
		list, err := w.List(w.ctx, w.agent, "", vip.ID, 0, 10)
		w.must(err)
		w.same("tagged", []any{len(list), list[0].Tags}, []any{1, []contact.TagID{vip.ID}})
		w.must(w.DeleteTag(w.ctx, w.admin, vip.ID))
		got, err = w.Get(w.ctx, w.agent, c.ID)
		w.must(err)
		w.same("tag gone", len(got.Tags), 0)

		n, err := w.AddNote(w.ctx, w.agent, c.ID, "любит скидки")
		w.must(err)
		notes, err := w.Notes(w.ctx, w.agent, c.ID)
		w.must(err)
		w.same("notes", []any{len(notes), notes[0].Text}, []any{1, "любит скидки"})
		w.must(w.DeleteNote(w.ctx, w.agent, c.ID, n.ID))
		for range 2 {
			w.must(w.AddConsent(w.ctx, w.ws, c.ID, contact.Consent{Purpose: "chat", Source: "widget"}))
		}
		got, err = w.Get(w.ctx, w.agent, c.ID)
		w.must(err)
		w.same("consent once", len(got.Consents), 1)
		nobody := access.NewActor(access.User{Workspace: access.WorkspaceID(w.ws)}, nil)
		_, err = w.Create(w.ctx, nobody, contact.NewContact{Name: "x"})
		if !errors.Is(err, access.ErrDenied) {
			t.Errorf("got %v", err)
		}
		var ids []contact.ID
		for range 5 {
			ids = append(ids, w.create(contact.NewContact{Name: "Стр"}).ID)
		}
		slices.Reverse(ids)
		page, err := w.List(w.ctx, w.agent, "стр", 0, ids[1], 2)
		w.must(err)
		w.same("page", []any{page[0].ID, page[1].ID}, []any{ids[2], ids[3]})
	})
}

func TestABlockedPersonStaysBlocked(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		yes := true
		for _, winner := range []int{0, 1} {
			pair := []contact.Contact{w.create(contact.NewContact{Name: "Спамер"}), w.create(contact.NewContact{Name: "Он же"})}
			_, err := w.Update(w.ctx, w.agent, pair[0].ID, contact.Patch{Blocked: &yes})
			w.must(err)
			c, err := w.Merge(w.ctx, w.admin, pair[winner].ID, pair[1-winner].ID)
			w.must(err)
			w.same("merged", c.Blocked, true)
			merges, err := w.Merges(w.ctx, w.admin, c.ID)
			w.must(err)
			_, err = w.Undo(w.ctx, w.admin, merges[0].ID)
			w.must(err)
			for n := range pair {
				got, err := w.Get(w.ctx, w.agent, pair[n].ID)
				w.must(err)
				w.same("apart again", got.Blocked, n == 0)
			}
		}
	})
}
