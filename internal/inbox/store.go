package inbox

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
)

// Transactor runs work in one transaction, which travels in the context.
type Transactor interface {
	Write(ctx context.Context, fn func(ctx context.Context) error) error
	Read(ctx context.Context, fn func(ctx context.Context) error) error
	// Join makes fn a part of the transaction of ctx, with which it fails, or
	// is a Write where there is none.
	Join(ctx context.Context, fn func(ctx context.Context) error) error
	// AfterCommit runs fn once the transaction in ctx is durably committed.
	AfterCommit(ctx context.Context, fn func())
}

// Inboxes stores inboxes, archived ones too. A lookup that finds nothing is
// ErrNoInbox.
type Inboxes interface {
	CreateInbox(ctx context.Context, ws int64, i Inbox) error
	UpdateInbox(ctx context.Context, ws int64, i Inbox) error
	// DeleteInbox removes an inbox, or archives one that something was said in.
	// It is ErrInboxInUse while a channel brings its messages there.
	DeleteInbox(ctx context.Context, ws int64, id ID, at time.Time) (archived bool, err error)
	Inbox(ctx context.Context, ws int64, id ID) (Inbox, error)
	ListInboxes(ctx context.Context, ws int64) ([]Inbox, error)
	// Candidates are the people who may work in an inbox, enabled ones only.
	Candidates(ctx context.Context, ws int64, i ID, c contact.ID) ([]Candidate, error)
	// MarkAssigned notes when somebody was handed a conversation.
	MarkAssigned(ctx context.Context, u access.UserID, at time.Time) error
	// HasTeam says whether a team is the workspace's.
	HasTeam(ctx context.Context, ws int64, t access.TeamID) (bool, error)
}

// Conversations stores conversations. A lookup that finds nothing is
// ErrNoConversation. Inside a write transaction, reading one locks it.
type Conversations interface {
	CreateConversation(ctx context.Context, c Conversation) error
	UpdateConversation(ctx context.Context, c Conversation) error
	Conversation(ctx context.Context, ws int64, id ConversationID) (Conversation, error)
	// Unresolved is the one unresolved conversation of a contact in an inbox.
	Unresolved(ctx context.Context, ws int64, i ID, c contact.ID) (Conversation, error)
	// LastResolved is the one resolved last.
	LastResolved(ctx context.Context, ws int64, i ID, c contact.ID) (Conversation, error)
	// DueConversations are snoozed ones whose time has come.
	DueConversations(ctx context.Context, now time.Time, limit int) ([]Conversation, error)
}

// Lists reads conversations as people look at them.
type Lists interface {
	ListConversations(ctx context.Context, s Seen, f Filter, p Page) ([]Conversation, error)
	// ConversationsSeen reads some by id with the viewer's marks, in no order.
	ConversationsSeen(ctx context.Context, s Seen, ids []ConversationID) ([]Conversation, error)
	ConversationsOf(ctx context.Context, s Seen, c contact.ID) ([]Conversation, error)
	CountConversations(ctx context.Context, s Seen, f Filter, most int) (int, error)
	// CountOf counts the conversations of each contact; those without any are
	// left out.
	CountOf(ctx context.Context, s Seen, who []contact.ID) (map[contact.ID]int, error)
	FirstUnread(ctx context.Context, s Seen, c ConversationID) (ItemID, error)
	// Elsewhere are contacts whose conversations in other inboxes than his the
	// viewer takes care of, some 200 of the newest.
	Elsewhere(ctx context.Context, s Seen) ([]contact.ID, error)
}

// Chats stores chats. A lookup that finds nothing is ErrNoChat.
type Chats interface {
	CreateChat(ctx context.Context, c Chat) error
	UpdateChat(ctx context.Context, c Chat) error
	// HeardFrom notes when a chat's customer last wrote, and nothing else.
	HeardFrom(ctx context.Context, id ChatID, at time.Time) error
	Chat(ctx context.Context, ws int64, id ChatID) (Chat, error)
	ChatByKey(ctx context.Context, ch channel.ID, key string) (Chat, error)
	ChatsOf(ctx context.Context, ws int64, c contact.ID) ([]Chat, error)
}

// Items stores items. A lookup that finds nothing is ErrNoItem; creating one
// whose external or client id is known is ErrDuplicate.
type Items interface {
	CreateItem(ctx context.Context, i Item, externals []string) error
	UpdateItem(ctx context.Context, i Item) error
	Item(ctx context.Context, ws int64, id ItemID) (Item, error)
	ItemByExternal(ctx context.Context, ws int64, chat ChatID, external string) (Item, error)
	ItemByClient(ctx context.Context, ws int64, author access.UserID, clientID string) (Item, error)
	ListItems(ctx context.Context, q ItemQuery) ([]Item, error)
	Items(ctx context.Context, ws int64, ids []ItemID) ([]Item, error)
	DueItems(ctx context.Context, now time.Time, limit int) ([]Item, error)
}

// ItemQuery selects items of a conversation, or of all of a contact's
// conversations that the viewer may see.
type ItemQuery struct {
	Workspace    int64
	Conversation ConversationID
	Contact      contact.ID
	// Inboxes (nil: all) and User, whose own conversations count whatever the
	// inbox, narrow a contact's items to what the viewer may see.
	Inboxes []ID
	User    access.UserID
	// Before and After are places, exclusive; at most one is set.
	Before, After ItemID
	Limit         int
}

// Receipts stores what platforms say of outgoing messages.
type Receipts interface {
	AddExternals(ctx context.Context, ws int64, ch channel.ID, chat ChatID, item ItemID, externals []string) error
	Externals(ctx context.Context, item ItemID) ([]string, error)
	// OutgoingUpTo are the outgoing items of a chat up to one, in a state
	// below read.
	OutgoingUpTo(ctx context.Context, ws int64, chat ChatID, upTo ItemID) ([]Item, error)
	// UnsettledIn are outgoing items of a chat whose receipt is not known:
	// sending or uncertain.
	UnsettledIn(ctx context.Context, ws int64, chat ChatID) ([]Item, error)
	// KeepStatus holds a status back that came before its message's receipt,
	// TakeStatuses returns and forgets those of a message.
	KeepStatus(ctx context.Context, ws int64, ch channel.ID, s channel.Status, at time.Time) error
	TakeStatuses(ctx context.Context, ch channel.ID, externals []string) ([]channel.Status, error)
}

// Editions stores what items said before.
type Editions interface {
	AddEdition(ctx context.Context, ws int64, item ItemID, id int64, e Edition) error
	ListEditions(ctx context.Context, ws int64, item ItemID) ([]Edition, error)
}

// Attempts stores the tries to deliver items.
type Attempts interface {
	StartAttempt(ctx context.Context, ws int64, a Attempt) error
	FinishAttempt(ctx context.Context, a Attempt) error
	ListAttempts(ctx context.Context, ws int64, item ItemID) ([]Attempt, error)
}

// Files stores what is known of files. A lookup that finds nothing is ErrNoFile.
type Files interface {
	CreateFile(ctx context.Context, f File) error
	UpdateFile(ctx context.Context, f File) error
	File(ctx context.Context, ws int64, id FileID) (File, error)
	FilesByID(ctx context.Context, ws int64, ids []FileID) ([]File, error)
	FilesOf(ctx context.Context, items []ItemID) ([]File, error)
	FilesOfContact(ctx context.Context, s Seen, c contact.ID, before FileID, limit int) ([]File, []Item, error)
}

// Uploads looks after files that belong to no item.
type Uploads interface {
	// UnusedUploads are people's uploads of before a moment that no item,
	// draft, canned reply or person has, the oldest first; only one of them
	// when only is not 0.
	UnusedUploads(ctx context.Context, before time.Time, only FileID, limit int) ([]File, error)
	// SharedBytes reports whether another file has the same bytes.
	SharedBytes(ctx context.Context, f File) (bool, error)
	DeleteFile(ctx context.Context, ws int64, id FileID) error
}

// Marks stores what is one person's alone: read marks, drafts.
type Marks interface {
	// SetRead moves a mark forward, never back: another page may be ahead.
	SetRead(ctx context.Context, ws int64, u access.UserID, c ConversationID, item ItemID) error
	// SetUnread puts a mark where it is wanted.
	SetUnread(ctx context.Context, ws int64, u access.UserID, c ConversationID, item ItemID) error
	Draft(ctx context.Context, u access.UserID, c ConversationID) (Draft, error)
	SetDraft(ctx context.Context, ws int64, u access.UserID, c ConversationID, d Draft) error
	DeleteDraft(ctx context.Context, u access.UserID, c ConversationID) error
}

// Notifications stores notifications.
type Notifications interface {
	CreateNotification(ctx context.Context, n Notification) error
	ListNotifications(ctx context.Context, u access.UserID, before NotificationID, limit int) ([]Notification, error)
	// ReadNotifications marks some (nil: all) as read, and those of a
	// conversation when it is not 0.
	ReadNotifications(ctx context.Context, u access.UserID, ids []NotificationID, c ConversationID, at time.Time) (int64, error)
	// UnreadNotification reports whether the person has an unread one alike.
	UnreadNotification(ctx context.Context, u access.UserID, k NotificationKind, text string) (bool, error)
}

// Shelf stores canned replies and views.
type Shelf interface {
	CreateCanned(ctx context.Context, ws int64, c Canned) error
	UpdateCanned(ctx context.Context, ws int64, c Canned) error
	DeleteCanned(ctx context.Context, ws int64, id CannedID) (int64, error)
	ListCanned(ctx context.Context, ws int64) ([]Canned, error)
	CreateView(ctx context.Context, ws int64, v View) error
	UpdateView(ctx context.Context, ws int64, v View) error
	DeleteView(ctx context.Context, ws int64, id ViewID) (int64, error)
	ListViews(ctx context.Context, ws int64, u access.UserID) ([]View, error)
}

// Mover moves a contact's conversations, chats and items to another.
type Mover interface {
	Move(ctx context.Context, ws int64, from, to contact.ID) (json.RawMessage, error)
	MoveBack(ctx context.Context, ws int64, from, to contact.ID, moved json.RawMessage) error
}

// InboundState is how far a raw update has been worked off.
type InboundState int

// The states of a raw update.
const (
	InboundPending     InboundState = 0
	InboundDone        InboundState = 1
	InboundFailed      InboundState = 2
	InboundUnsupported InboundState = 3 // shown, but something in it could not be
)

// Inbound is one raw update as it was committed before the platform got its
// answer.
type Inbound struct {
	ID        int64
	Workspace int64
	Channel   channel.ID
	Raw       channel.Raw
	State     InboundState
	Error     string
}

// Intake stores raw updates.
type Intake interface {
	// PendingInbound returns the oldest unfinished updates.
	PendingInbound(ctx context.Context, limit int) ([]Inbound, error)
	// FinishInbound marks updates as worked off.
	FinishInbound(ctx context.Context, ids []int64, s InboundState, cause string, at time.Time) error
}

// Account is a connected account as conversations need it.
type Account struct {
	ID        channel.ID
	Workspace int64
	Inbox     ID
	Kind      channel.Kind
	Name      string
	// Scope is what the platform's user ids are relative to.
	Scope   string
	Enabled bool
}

// Accounts gives the accounts and their open adapters.
type Accounts interface {
	// Account is a NotFound fault for unknown and deleted accounts.
	Account(ctx context.Context, id channel.ID) (Account, error)
	ListAccounts(ctx context.Context, ws int64) ([]Account, error)
	// Adapter is an Unavailable fault while the account is disabled.
	Adapter(ctx context.Context, id channel.ID) (channel.Adapter, error)
}

// Contacts is what conversations need of contacts.
type Contacts interface {
	Resolve(ctx context.Context, ws int64, p contact.Person) (contact.Resolved, error)
	Vouch(ctx context.Context, ws int64, id contact.ID, p contact.Person) (contact.Contact, error)
	Current(ctx context.Context, ws int64, id contact.ID) (contact.Contact, error)
	SetPicture(ctx context.Context, ws int64, id contact.ID, file int64, ref string) error
	AddConsent(ctx context.Context, ws int64, id contact.ID, c contact.Consent) error
}

// Job is work to be done after the transaction, surely and in order.
type Job struct {
	Kind      JobKind
	Workspace int64
	// OrderKey keeps jobs with the same key in order; empty: no order.
	OrderKey string
	// Subject is the id of what the job is about.
	Subject int64
	// Text carries what else it needs.
	Text  string
	RunAt time.Time
}

// JobKind names a kind of job.
type JobKind string

// The kinds of job.
const (
	JobSend      JobKind = "send"      // deliver an item
	JobReconcile JobKind = "reconcile" // find out what became of an uncertain item
	JobChange    JobKind = "change"    // tell the platform of an edit, deletion or reaction
	JobMedia     JobKind = "media"     // fetch a file
	JobPicture   JobKind = "picture"   // fetch a contact's picture
	JobPress     JobKind = "press"     // answer the press of a button
	JobPush      JobKind = "push"      // notify somebody's devices
	JobMark      JobKind = "mark"      // tell the platform that we read or type
	JobDiscard   JobKind = "discard"   // remove an upload that nothing refers to
)

// Jobs keeps jobs inside the caller's transaction.
type Jobs interface {
	Enqueue(ctx context.Context, j Job) error
}

// Kept is a file's bytes once they are stored, and what was found in them.
type Kept struct {
	BlobKey, ThumbKey string
	Name, MIME        string
	Kind              channel.AttachmentKind
	Size              int64
	SHA256            []byte
	Width, Height     int
	Duration          time.Duration
	Peaks             []byte
}

// Keeping describes bytes to keep.
type Keeping struct {
	Workspace  int64
	Name, MIME string
	// Kind is what the platform or person says it is; empty: find out.
	Kind channel.AttachmentKind
	// Voice asks for a voice message: converted to Ogg/Opus where needed.
	Voice bool
	// Most is how many bytes are taken; more is a TooLarge fault.
	Most int64
}

// Library keeps the bytes of files.
type Library interface {
	Keep(ctx context.Context, k Keeping, r io.Reader) (Kept, error)
	Open(ctx context.Context, blobKey string) (io.ReadSeekCloser, int64, error)
	Discard(ctx context.Context, blobKey string) error
}

// Live tells those who are looking of what is not worth keeping.
type Live interface {
	CustomerTyping(ws int64, i ID, c ConversationID, text string)
	AgentActivity(ws int64, i ID, c ConversationID, u access.UserID, activity string)
	ReadElsewhere(ws int64, u access.UserID, c ConversationID, item ItemID)
}

// Auditor writes the audit log inside the caller's transaction.
type Auditor interface {
	Record(ctx context.Context, a access.Actor, action, targetType string, targetID int64, targetName string, detail map[string]any) error
}
