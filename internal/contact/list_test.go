package contact_test

import (
	"testing"

	"github.com/okno-hq/okno/internal/contact"
)

// TestContactsAreFound looks for people as people look for them, on both
// databases alike.
func TestContactsAreFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.create(contact.NewContact{Name: "Алёна Ёлкина", Company: "ООО «Снежный Ёж»"})
		b := w.create(contact.NewContact{
			Name: "Boris Brown", Company: "ACME Ltd",
			Identities: []contact.NewIdentity{{Kind: contact.Email, Value: "Boris.Brown@Example.COM"}, {Kind: contact.Phone, Value: "8 (912) 345-67-89"}},
		})
		c := w.meet(contact.Person{Kind: "telegram", Value: "77", Name: "100%_Скидка", Display: "@Снежинка"}).Contact
		for text, want := range map[string][]contact.ID{
			"ёлкина":      {a.ID},
			"ЕЛКИНА":      {a.ID},
			"снежный":     {a.ID},
			"СНЕЖНЫЙ еж":  {a.ID},
			"снеж":        {c.ID, a.ID},
			"acme":        {b.ID},
			"ACME LTD":    {b.ID},
			"boris.brown": {b.ID},
			"@EXAMPLE":    {b.ID},
			"@СНЕЖИНКА":   {c.ID},
			"@снежинка":   {c.ID},
			"912 345":     {b.ID},
			"89123456789": {b.ID},
			"%_":          {c.ID},
			"нет такого":  {},
		} {
			list, err := w.List(w.ctx, w.agent, text, 0, 0, 10)
			w.must(err)
			got := []contact.ID{}
			for _, x := range list {
				got = append(got, x.ID)
			}
			if len(got) != len(want) {
				t.Errorf("%q finds %v, want %v", text, got, want)
				continue
			}
			w.same(text, got, want)
		}
		// What is renamed is found by the new name.
		company := "Зимний Лес"
		_, err := w.Update(w.ctx, w.agent, a.ID, contact.Patch{Company: &company})
		w.must(err)
		w.meet(contact.Person{Kind: "telegram", Value: "77", Display: "@Метель"})
		for text, n := range map[string]int{"зимний": 1, "снежный": 0, "@МЕТЕЛЬ": 1, "@снежинка": 0} {
			list, err := w.List(w.ctx, w.agent, text, 0, 0, 10)
			w.must(err)
			w.same(text, len(list), n)
		}
	})
}
