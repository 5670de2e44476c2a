package demo

import (
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
)

// world is everything that is written to the database.
type world struct {
	company
	customers []*customer
	threads   []*thread
	// merges are pairs that became one person: winner, loser.
	merges [][2]contact.ID
	hints  []contact.Suggestion
	// avatars are the pictures of the people, in their order.
	avatars []asset
}

// customer is a contact with the ways to reach him.
type customer struct {
	who
	contact.Contact
	notes []contact.Note
	// chats by the place of their channel.
	chats map[int]*inbox.Chat
	// ways are the places of his channels, the usual one first.
	ways []int
	// free is when his last conversation had ended.
	free time.Time
	// paired says that he is, or has, somebody's other face.
	paired bool
	// told counts messages, for the platforms' ids.
	told int
}

// thread is a conversation with all that was said in it.
type thread struct {
	inbox.Conversation
	entries []entry
	reads   []read
	drafts  []draft
	news    []news
	// shown is the place of the entry that lists show.
	shown int
}

// entry is an item with what is stored beside it.
type entry struct {
	inbox.Item
	externals []string
	editions  []inbox.Edition
	editionID []int64
	attempt   inbox.Attempt
	assets    []asset
}

// asset is a file to be made and kept.
type asset struct {
	// Assets of one key have the same bytes, which are kept once.
	key        string
	id         inbox.FileID
	kind       channel.AttachmentKind
	name, mime string
	voice      bool
	emoji      string
	transcript string
	make       func() ([]byte, error)
	// A file that is not here has a state, and no bytes.
	state  inbox.FileState
	reason channel.Reason
	size   int64

	kept inbox.Kept
}

type read struct {
	user access.UserID
	item inbox.ItemID
}

type draft struct {
	user access.UserID
	inbox.Draft
}

type news struct {
	inbox.Notification
	seen time.Time
}
