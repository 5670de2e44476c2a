package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/inbox"
)

// filling writes a world to the database.
type filling struct {
	Deps
	*world
	ws int64
}

// assets calls fn for each file of the world.
func (f *filling) assets(fn func(*asset) error) error {
	for i := range f.avatars {
		if err := fn(&f.avatars[i]); err != nil {
			return err
		}
	}
	for _, t := range f.threads {
		for i := range t.entries {
			for k := range t.entries[i].assets {
				if err := fn(&t.entries[i].assets[k]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// hands is how many files are made and stored at a time: mostly they wait for
// the disk.
const hands = 8

// keep makes and stores the bytes of all files, before the transaction: it
// takes its time. Files of one key are kept once.
func (f *filling) keep(ctx context.Context) error {
	first := map[string]*asset{}
	var work, alike []*asset
	_ = f.assets(func(a *asset) error {
		switch {
		case a.make == nil: // one that never arrived
			a.kept = inbox.Kept{Name: a.name, MIME: a.mime, Kind: a.kind, Size: a.size}
		case a.key != "" && first[a.key] != nil:
			alike = append(alike, a)
		default:
			first[a.key] = a
			work = append(work, a)
		}
		return nil
	})
	errs := make([]error, len(work))
	var next atomic.Int64
	var all sync.WaitGroup
	for range hands {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(work)); i = next.Add(1) - 1 {
				errs[i] = f.keepOne(ctx, work[i])
			}
		})
	}
	all.Wait()
	for _, a := range alike {
		a.kept, a.state = first[a.key].kept, inbox.FileReady
		a.kept.Name = a.name
	}
	return errors.Join(errs...)
}

func (f *filling) keepOne(ctx context.Context, a *asset) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	data, err := a.make()
	if err != nil {
		return fmt.Errorf("demo: make %s: %w", a.name, err)
	}
	a.state = inbox.FileReady
	a.kept, err = f.Library.Keep(ctx, inbox.Keeping{
		Workspace: f.ws, Name: a.name, MIME: a.mime, Kind: a.kind, Voice: a.voice, Most: 1 << 20,
	}, bytes.NewReader(data))
	return err
}

// discard removes what keep stored.
func (f *filling) discard(ctx context.Context) {
	_ = f.assets(func(a *asset) error {
		for _, key := range []string{a.kept.BlobKey, a.kept.ThumbKey} {
			if key != "" {
				_ = f.Library.Discard(ctx, key) // it only takes room
			}
		}
		return nil
	})
}

func (a *asset) file(f *filling, item inbox.ItemID, position int, at time.Time) inbox.File {
	return inbox.File{
		ID: a.id, Workspace: f.ws, Item: item, Position: position, Kind: a.kept.Kind, Name: a.kept.Name, MIME: a.kept.MIME, Size: a.kept.Size,
		Duration: a.kept.Duration, Width: a.kept.Width, Height: a.kept.Height, Peaks: a.kept.Peaks, Emoji: a.emoji, Transcript: a.transcript,
		SHA256: a.kept.SHA256, BlobKey: a.kept.BlobKey, ThumbKey: a.kept.ThumbKey, State: a.state, Reason: a.reason, CreatedAt: at,
	}
}

// write stores everything in the caller's transaction.
func (f *filling) write(ctx context.Context, hash string) error {
	if err := f.People.Lock(ctx, "setup"); err != nil {
		return err
	}
	if err := empty(ctx, f.Deps); err != nil { // somebody was quicker
		return err
	}
	for _, part := range []func(context.Context) error{
		func(ctx context.Context) error { return f.writePeople(ctx, hash) },
		f.writeSetup, f.writeCustomers, f.writeThreads, f.writeMerges,
	} {
		if err := part(ctx); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
	}
	return nil
}

func (f *filling) writePeople(ctx context.Context, hash string) error {
	ws := f.workspace.ID
	if err := f.People.CreateWorkspace(ctx, f.workspace); err != nil {
		return err
	}
	for _, r := range f.roles {
		if err := f.People.CreateRole(ctx, ws, r); err != nil {
			return err
		}
	}
	for _, t := range f.teams {
		if err := f.People.CreateTeam(ctx, ws, t); err != nil {
			return err
		}
	}
	for i, p := range f.people {
		u := p.User
		u.PasswordHash, u.AvatarFile = hash, int64(f.avatars[i].id)
		if err := f.People.CreateUser(ctx, u); err != nil {
			return err
		}
		if err := f.People.SetTeams(ctx, ws, u.ID, u.Teams); err != nil {
			return err
		}
		picture := f.avatars[i].file(f, 0, inbox.PositionPicture, u.CreatedAt)
		picture.User = u.ID
		if err := f.History.CreateFile(ctx, picture); err != nil {
			return err
		}
	}
	return nil
}

func (f *filling) writeSetup(ctx context.Context) error {
	var errs []error
	for _, i := range f.inboxes {
		errs = append(errs, f.Setup.CreateInbox(ctx, f.ws, i))
	}
	for _, a := range f.accounts {
		errs = append(errs, f.Accounts.CreateAccount(ctx, a))
	}
	for _, t := range f.tags {
		errs = append(errs, f.Contacts.CreateTag(ctx, f.ws, t))
	}
	for _, x := range f.fields {
		errs = append(errs, f.Contacts.CreateField(ctx, f.ws, x))
	}
	for _, c := range f.canned {
		errs = append(errs, f.Setup.CreateCanned(ctx, f.ws, c))
	}
	for _, v := range f.views {
		errs = append(errs, f.Setup.CreateView(ctx, f.ws, v))
	}
	return errors.Join(errs...)
}

func (f *filling) writeCustomers(ctx context.Context) error {
	for _, c := range f.customers {
		if err := f.Contacts.CreateContact(ctx, c.Contact); err != nil {
			return err
		}
		for _, i := range c.Identities {
			if err := f.Contacts.CreateIdentity(ctx, f.ws, i); err != nil {
				return err
			}
		}
		if len(c.Tags) > 0 {
			if err := f.Contacts.SetTags(ctx, f.ws, c.Contact.ID, c.Tags); err != nil {
				return err
			}
		}
		for i, consent := range c.Consents {
			// Nobody else has the contact's own id among consents.
			if err := f.Contacts.AddConsent(ctx, f.ws, c.Contact.ID, int64(c.Contact.ID)+int64(i), consent); err != nil {
				return err
			}
		}
		for _, n := range c.notes {
			if err := f.Contacts.CreateNote(ctx, f.ws, n); err != nil {
				return err
			}
		}
		if err := f.writeChats(ctx, c); err != nil {
			return err
		}
	}
	for _, h := range f.hints {
		if err := f.Contacts.Suggest(ctx, f.ws, h); err != nil {
			return err
		}
	}
	return nil
}

func (f *filling) writeChats(ctx context.Context, c *customer) error {
	for way := range f.accounts {
		chat, ok := c.chats[way]
		if !ok {
			continue
		}
		if err := f.History.CreateChat(ctx, *chat); err != nil {
			return err
		}
		if way != byWebchat {
			continue
		}
		if err := f.Visitors.Create(ctx, visitor.Visitor{
			ID: visitor.ID(chat.Key), Channel: chat.Channel, Profile: visitor.Profile{Name: c.Name}, Locale: c.Locale,
			Site: "https://utro.example", Page: "https://utro.example/", CreatedAt: chat.CreatedAt, SeenAt: c.LastSeenAt,
		}, lostToken()); err != nil {
			return err
		}
	}
	return nil
}

// lostToken is the hash of a token that nobody has.
func lostToken() []byte {
	b := make([]byte, sha256.Size)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	return b
}

func (f *filling) writeThreads(ctx context.Context) error {
	for _, t := range f.threads {
		for i := range t.entries {
			e := &t.entries[i]
			for k := range e.assets {
				e.Files = append(e.Files, e.assets[k].file(f, e.ID, k, e.CreatedAt))
			}
		}
		t.Preview = inbox.Preview{}
		if len(t.entries) > t.shown && t.entries[t.shown].Kind != inbox.KindEvent {
			t.Preview = inbox.PreviewOf(t.entries[t.shown].Item)
		}
		if err := f.History.CreateConversation(ctx, t.Conversation); err != nil {
			return err
		}
		for i := range t.entries {
			if err := f.writeEntry(ctx, &t.entries[i]); err != nil {
				return err
			}
		}
		if err := f.writeMarks(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func (f *filling) writeEntry(ctx context.Context, e *entry) error {
	if err := f.History.CreateItem(ctx, e.Item, e.externals); err != nil {
		return err
	}
	for _, file := range e.Files {
		if e.Direction == inbox.In {
			file.Channel = e.Channel
		} else if e.Author.Type == inbox.ByUser {
			file.User = access.UserID(e.Author.ID)
		}
		if err := f.History.CreateFile(ctx, file); err != nil {
			return err
		}
	}
	for i, x := range e.editions {
		if err := f.History.AddEdition(ctx, f.ws, e.ID, e.editionID[i], x); err != nil {
			return err
		}
	}
	if e.attempt.ID == 0 {
		return nil
	}
	e.attempt.Item = e.ID
	if err := f.History.StartAttempt(ctx, f.ws, e.attempt); err != nil {
		return err
	}
	return f.History.FinishAttempt(ctx, e.attempt)
}

func (f *filling) writeMarks(ctx context.Context, t *thread) error {
	for _, r := range t.reads {
		if err := f.Marks.SetRead(ctx, f.ws, r.user, t.ID, r.item); err != nil {
			return err
		}
	}
	for _, d := range t.drafts {
		if err := f.Marks.SetDraft(ctx, f.ws, d.user, t.ID, d.Draft); err != nil {
			return err
		}
	}
	for _, n := range t.news {
		if err := f.Marks.CreateNotification(ctx, n.Notification); err != nil {
			return err
		}
		if n.seen.IsZero() {
			continue
		}
		if _, err := f.Marks.ReadNotifications(ctx, n.User, []inbox.NotificationID{n.ID}, 0, n.seen); err != nil {
			return err
		}
	}
	return nil
}

// writeMerges joins those who turned out to be one person.
func (f *filling) writeMerges(ctx context.Context) error {
	admin := access.NewActor(f.people[anna].User, access.Permissions())
	for _, pair := range f.merges {
		if _, err := f.Merger.Merge(ctx, admin, pair[0], pair[1]); err != nil {
			return err
		}
	}
	return nil
}
