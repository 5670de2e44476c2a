package demo_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/blob/disk"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/demo"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/library"
	"github.com/okno-hq/okno/internal/phone"
	"github.com/okno-hq/okno/internal/picture"
	"github.com/okno-hq/okno/internal/secretbox"
	"github.com/okno-hq/okno/internal/store"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/visitors"
	"github.com/okno-hq/okno/internal/voice"
)

// present is a Tuesday's noon in Moscow.
func present() time.Time { return time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC) }

type hasher struct{}

func (hasher) Hash(_ context.Context, password string) (string, error) {
	return "hash of " + password, nil
}

type phones struct{}

func (phones) Normalise(raw, country string) (string, error) { return phone.Normalise(raw, country) }
func (phones) Display(e164 string) string                    { return phone.Display(e164) }
func (phones) Digits(raw string) string                      { return phone.Digits(raw) }

type sealer struct{ box *secretbox.Box }

func place(table string, row int64) secretbox.Place {
	return secretbox.Place{Table: table, Row: id.Format(row)}
}

func (s sealer) Seal(plain []byte, table string, row int64) ([]byte, error) {
	return s.box.Seal(plain, place(table, row))
}

func (s sealer) Open(sealed []byte, table string, row int64) ([]byte, error) {
	return s.box.Open(sealed, place(table, row))
}

// auditor is the audit log of contacts, which demo data need not have.
type auditor struct{}

func (auditor) Record(context.Context, access.Actor, string, string, int64, string, map[string]any) error {
	return nil
}

// work is the inbox's part in a merge.
type work struct{ inbox.Mover }

func (w work) MoveWork(ctx context.Context, ws int64, from, to contact.ID) (json.RawMessage, error) {
	return w.Move(ctx, ws, from, to)
}

func (w work) MoveWorkBack(ctx context.Context, ws int64, from, to contact.ID, moved json.RawMessage) error {
	return w.MoveBack(ctx, ws, from, to, moved)
}

// shelf is a library that looks into no file.
type shelf struct{}

func (shelf) Keep(_ context.Context, k inbox.Keeping, r io.Reader) (inbox.Kept, error) {
	sum := sha256.New()
	size, err := io.Copy(sum, r)
	hash := sum.Sum(nil)
	return inbox.Kept{Kind: k.Kind, Name: k.Name, MIME: k.MIME, Size: size, SHA256: hash, BlobKey: hex.EncodeToString(hash)}, err
}

func (shelf) Discard(context.Context, string) error { return nil }

// filled is a database with a company in it.
type filled struct {
	*testing.T
	db       *db.DB
	deps     demo.Deps
	result   demo.Result
	inbox    *store.Inbox
	contacts *store.Contacts
	accounts *store.Accounts
	library  *library.Library
	ws       int64
}

func deps(t *testing.T, d *db.DB) (demo.Deps, *filled) {
	t.Helper()
	blobs, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blobs.Close() })
	f := &filled{
		T: t, db: d, inbox: store.NewInbox(d), contacts: store.NewContacts(d),
		accounts: store.NewAccounts(d, sealer{secretbox.NewKeyring(secretbox.NewKey()).Box("channels")}),
		library:  library.New(library.Config{Blobs: blobs, Pictures: picture.New(picture.Config{}), Voice: voice.New(voice.Config{})}),
	}
	ids := id.NewSource(1, present)
	people := store.NewAccess(d)
	merger := contact.NewService(contact.Deps{
		Tx: d, Contacts: f.contacts, Identities: f.contacts, Notes: f.contacts, Consents: f.contacts, Merges: f.contacts, Vocabulary: f.contacts,
		Work: work{f.inbox}, Phones: phones{}, Countries: people, Audit: auditor{}, Events: store.NewEvents(d, nil), NewID: ids.Next, Now: present,
	})
	return demo.Deps{
		Tx: d, People: people, Contacts: f.contacts, Merger: merger, Setup: f.inbox, Accounts: f.accounts, History: f.inbox, Marks: f.inbox,
		Visitors: visitors.New(d, func(context.Context, channel.ID, []channel.Raw) error { return nil }),
		Library:  f.library, Hasher: hasher{}, Seed: 1, Now: present(),
	}, f
}

func fill(t *testing.T, d *db.DB) *filled {
	t.Helper()
	dp, f := deps(t, d)
	var err error
	f.deps = dp
	begin := time.Now()
	if f.result, err = demo.Fill(t.Context(), dp); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d contacts, %d conversations, %d items, %d files in %s",
		f.result.Contacts, f.result.Conversations, f.result.Items, f.result.Files, time.Since(begin).Round(time.Millisecond))
	f.ws = int64(f.result.Workspace)
	return f
}

// numbers asks for one column of numbers.
func (f *filled) numbers(query string, args ...any) []int64 {
	f.Helper()
	list, err := db.All(f.Context(), f.db, db.Value[int64], query, args...)
	if err != nil {
		f.Fatal(err)
	}
	return list
}

func (f *filled) words(query string, args ...any) []string {
	f.Helper()
	list, err := db.All(f.Context(), f.db, db.Value[string], query, args...)
	if err != nil {
		f.Fatal(err)
	}
	return list
}

// none fails for every id that a query of violations returns.
func (f *filled) none(what, query string, args ...any) {
	f.Helper()
	if bad := f.numbers(query, args...); len(bad) > 0 {
		f.Errorf("%s: %d, the first %d", what, len(bad), bad[0])
	}
}
