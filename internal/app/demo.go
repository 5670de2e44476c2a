package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/okno-hq/okno/internal/demo"
)

// FillDemo fills an empty database with a believable company and prints its
// log-ins; one that has a workspace already is left as it is.
func (a *App) FillDemo(ctx context.Context, out io.Writer) error {
	made, err := demo.Fill(ctx, demo.Deps{
		Tx: a.DB, People: a.Stores.Access, Contacts: a.Stores.Contacts, Merger: a.Contacts, Setup: a.Stores.Inbox, Accounts: a.Stores.Accounts,
		History: a.Stores.Inbox, Marks: a.Stores.Inbox, Visitors: a.visitors, Library: a.Library, Hasher: a.hasher,
	})
	if errors.Is(err, demo.ErrNotEmpty) {
		_, err = fmt.Fprintln(out, "The database is not empty: it is served as it is.")
		return err
	}
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if _, err := fmt.Fprintf(out, "\nA demo workspace is ready. Log in with any of these:\n\n"); err != nil {
		return err
	}
	for _, l := range made.Logins {
		if _, err := fmt.Fprintf(out, "  %-11s %-24s %s\n", l.Role, l.Email, l.Password); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, "\nWrite to yourself as a customer: %s/demo/\n\n", a.Config.BaseURL)
	return err
}
