// Package demo fills an empty installation with a believable small company:
// «Утро», which sells coffee machines and beans in Moscow, with its people,
// customers and three months of conversations. A seed and a present make
// always the same company.
//
// Its messenger accounts do not exist and are switched off; only the chat on
// its website is real, so that a newcomer can write to himself.
package demo

import (
	"context"
	"io"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/account"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/inbox"
)

// DefaultPassword is everybody's where Deps name none.
const DefaultPassword = "utro-demo-2026" //nolint:gosec // told to everybody who starts a demo

// ErrNotEmpty refuses a database that holds a workspace.
var ErrNotEmpty = fault.New(fault.Conflict, "demo.not_empty")

// Transactor runs work in one transaction, which travels in the context.
type Transactor interface {
	Write(ctx context.Context, fn func(ctx context.Context) error) error
}

// People stores the firm and its people.
type People interface {
	ListWorkspaces(ctx context.Context) ([]access.Workspace, error)
	Lock(ctx context.Context, name string) error
	CreateWorkspace(ctx context.Context, w access.Workspace) error
	CreateRole(ctx context.Context, ws access.WorkspaceID, r access.Role) error
	CreateTeam(ctx context.Context, ws access.WorkspaceID, t access.Team) error
	CreateUser(ctx context.Context, u access.User) error
	SetTeams(ctx context.Context, ws access.WorkspaceID, u access.UserID, teams []access.TeamID) error
}

// Contacts stores customers.
type Contacts interface {
	CreateContact(ctx context.Context, c contact.Contact) error
	CreateIdentity(ctx context.Context, ws int64, i contact.Identity) error
	SetTags(ctx context.Context, ws int64, id contact.ID, tags []contact.TagID) error
	AddConsent(ctx context.Context, ws int64, id contact.ID, newID int64, c contact.Consent) error
	CreateNote(ctx context.Context, ws int64, n contact.Note) error
	Suggest(ctx context.Context, ws int64, s contact.Suggestion) error
	CreateTag(ctx context.Context, ws int64, t contact.Tag) error
	CreateField(ctx context.Context, ws int64, f contact.Field) error
}

// Merger makes two contacts one, as people do it.
type Merger interface {
	Merge(ctx context.Context, a access.Actor, winner, loser contact.ID) (contact.Contact, error)
}

// Setup stores what admins set up.
type Setup interface {
	CreateInbox(ctx context.Context, ws int64, i inbox.Inbox) error
	CreateCanned(ctx context.Context, ws int64, c inbox.Canned) error
	CreateView(ctx context.Context, ws int64, v inbox.View) error
}

// Accounts stores connected accounts.
type Accounts interface {
	CreateAccount(ctx context.Context, a account.Account) error
}

// History stores what was said.
type History interface {
	CreateConversation(ctx context.Context, c inbox.Conversation) error
	CreateChat(ctx context.Context, c inbox.Chat) error
	CreateItem(ctx context.Context, i inbox.Item, externals []string) error
	AddEdition(ctx context.Context, ws int64, item inbox.ItemID, id int64, e inbox.Edition) error
	CreateFile(ctx context.Context, f inbox.File) error
	StartAttempt(ctx context.Context, ws int64, a inbox.Attempt) error
	FinishAttempt(ctx context.Context, a inbox.Attempt) error
}

// Marks stores what is one person's alone.
type Marks interface {
	SetRead(ctx context.Context, ws int64, u access.UserID, c inbox.ConversationID, item inbox.ItemID) error
	SetDraft(ctx context.Context, ws int64, u access.UserID, c inbox.ConversationID, d inbox.Draft) error
	CreateNotification(ctx context.Context, n inbox.Notification) error
	ReadNotifications(ctx context.Context, u access.UserID, ids []inbox.NotificationID, c inbox.ConversationID, at time.Time) (int64, error)
}

// Visitors keeps who writes in the website chat, so that answering the
// invented ones works as with real ones.
type Visitors interface {
	Create(ctx context.Context, v visitor.Visitor, tokenHash []byte) error
}

// Library keeps the bytes of files.
type Library interface {
	Keep(ctx context.Context, k inbox.Keeping, r io.Reader) (inbox.Kept, error)
	Discard(ctx context.Context, blobKey string) error
}

// Hasher hashes passwords, slowly.
type Hasher interface {
	Hash(ctx context.Context, password string) (string, error)
}

// Deps is what filling needs.
type Deps struct {
	Tx       Transactor
	People   People
	Contacts Contacts
	Merger   Merger
	Setup    Setup
	Accounts Accounts
	History  History
	Marks    Marks
	Visitors Visitors
	Library  Library
	Hasher   Hasher
	// Seed makes another company; Now is its present, the clock's if zero.
	Seed uint64
	Now  time.Time
	// Password is everybody's; empty: DefaultPassword.
	Password string
}

// Login is one person's way in.
type Login struct {
	Name, Email, Password string
	Role                  access.RoleKey
}

// Result is what was made.
type Result struct {
	Workspace access.WorkspaceID
	Logins    []Login
	// Webchat is the website's channel, for the sample shop.
	Webchat                               channel.ID
	Contacts, Conversations, Items, Files int
}

// Fill makes the company. It is all there afterwards or, with an error,
// nothing of it is. The search index is to be made anew by whoever has one.
func Fill(ctx context.Context, d Deps) (Result, error) {
	if d.Now.IsZero() {
		d.Now = time.Now()
	}
	if d.Password == "" {
		d.Password = DefaultPassword
	}
	if err := empty(ctx, d); err != nil {
		return Result{}, err
	}
	w, err := invent(d.Seed, d.Now.UTC().Truncate(time.Millisecond))
	if err != nil {
		return Result{}, err
	}
	hash, err := d.Hasher.Hash(ctx, d.Password)
	if err != nil {
		return Result{}, err
	}
	f := &filling{Deps: d, world: w, ws: int64(w.workspace.ID)}
	if err = f.keep(ctx); err == nil {
		err = d.Tx.Write(ctx, func(ctx context.Context) error { return f.write(ctx, hash) })
	}
	if err != nil {
		f.discard(context.WithoutCancel(ctx))
		return Result{}, err
	}
	return f.result(), nil
}

func empty(ctx context.Context, d Deps) error {
	list, err := d.People.ListWorkspaces(ctx)
	if err == nil && len(list) > 0 {
		return ErrNotEmpty
	}
	return err
}

func (f *filling) result() Result {
	r := Result{
		Workspace: f.workspace.ID, Webchat: f.accounts[byWebchat].ID, Contacts: len(f.customers), Conversations: len(f.threads), Files: len(f.avatars),
	}
	for _, p := range f.people {
		r.Logins = append(r.Logins, Login{Name: p.Name, Email: p.Email, Password: f.Password, Role: p.RoleKey})
	}
	for _, t := range f.threads {
		r.Items += len(t.entries)
		for _, e := range t.entries {
			r.Files += len(e.assets)
		}
	}
	return r
}
