package inbox

import (
	"context"
	"errors"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
)

// ownCard learns the telephone number that a customer shared of himself.
func (r *Receiver) ownCard(ctx context.Context, acc Account, chat Chat, m *channel.Message) (met bool, err error) {
	for _, card := range m.Content.Contacts {
		if !card.Own || len(card.Phones) == 0 || chat.Group || m.Own || m.Echo {
			continue
		}
		if _, err := r.d.Contacts.Vouch(ctx, acc.Workspace, chat.Contact, contact.Person{Phone: card.Phones[0]}); err != nil {
			return false, err
		}
		met = true
	}
	return met, nil
}

// echo recognises the platform's copy of what Okno sent. Where the receipt
// was lost, the copy is the receipt.
func (r *Receiver) echo(ctx context.Context, acc Account, chat Chat, m *channel.Message) (done bool, err error) {
	if _, err := r.d.Items.ItemByExternal(ctx, acc.Workspace, chat.ID, m.ExternalID); err == nil {
		return true, nil
	} else if !errors.Is(err, ErrNoItem) {
		return false, err
	}
	open, err := r.d.Receipts.UnsettledIn(ctx, acc.Workspace, chat.ID)
	if err != nil {
		return false, err
	}
	for _, i := range open {
		if i.Content.Text != m.Content.Text {
			continue
		}
		if err := r.d.Receipts.AddExternals(ctx, acc.Workspace, acc.ID, chat.ID, i.ID, []string{m.ExternalID}); err != nil {
			return false, err
		}
		i.External, i.State, i.Reason, i.Detail = m.ExternalID, StateSent, "", ""
		return true, r.saveItem(ctx, i, 0)
	}
	return false, nil
}
