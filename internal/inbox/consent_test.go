package inbox_test

import (
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/event"
)

// TestConsentIsOnTheContact: what a visitor agreed to is in the contact's
// ledger, once, whatever he writes later.
func TestConsentIsOnTheContact(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		p, at := irina(), time.Date(2026, 11, 24, 11, 59, 0, 0, time.UTC)
		w.comes(w.tg, said(p, "m0", "Ещё не согласна"))
		p.Consent = &channel.Consent{Text: "Согласна на обработку", Page: "https://shop.example/cart", At: at}
		w.comes(w.tg, said(p, "m1", "Здравствуйте"))
		told := w.told(event.ContactUpdated)
		w.comes(w.tg, said(p, "m2", "Есть кто?"))
		w.same("told once", w.told(event.ContactUpdated), told)
		who, err := w.contacts.Get(w.ctx, w.anna, w.only().Contact)
		w.must(err)
		w.same("lines", len(who.Consents), 1)
		c := who.Consents[0]
		w.same("consent", []any{c.Purpose, c.Source, c.Channel, c.Page, c.Text, c.GivenAt, len(c.Version())},
			[]any{"personal_data", "telegram", int64(w.tg), "https://shop.example/cart", "Согласна на обработку", at, 12})
	})
}
