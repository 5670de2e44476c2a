package inbox

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/fault"
)

// NewNote is an internal remark in a conversation.
type NewNote struct {
	ClientID string
	Text     string
	Mentions []access.UserID
	Files    []FileID
}

// AddNote puts a note on the timeline; those it mentions are notified.
func (s *Service) AddNote(ctx context.Context, a access.Actor, id ConversationID, n NewNote) (Item, error) {
	if err := a.Require(access.Reply); err != nil {
		return Item{}, err
	}
	n.Text = strings.TrimSpace(n.Text)
	switch {
	case strings.TrimSpace(visible(n.Text)) == "" && len(n.Files) == 0:
		return Item{}, ErrEmpty
	case utf8.RuneCountInString(n.Text) > maxNote:
		return Item{}, ErrTooLong.WithField("text").With("limit", maxNote)
	case len(n.ClientID) > maxClientID:
		return Item{}, fault.New(fault.Invalid, "message.bad_client_id").WithField("client_id")
	case len(n.Files) > maxFiles:
		return Item{}, fault.New(fault.Invalid, "message.too_many_files").WithField("file_ids").With("limit", maxFiles)
	}
	var i Item
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		c, err := s.see(ctx, a, id)
		if err != nil {
			return err
		}
		if n.ClientID != "" {
			known, err := s.d.Items.ItemByClient(ctx, c.Workspace, a.User, n.ClientID)
			if err == nil {
				i = known
				return s.withFiles(ctx, &i)
			}
			if !errors.Is(err, ErrNoItem) {
				return err
			}
		}
		i, err = s.note(ctx, a, &c, n)
		if err != nil {
			return err
		}
		return s.tellConversation(ctx, event.ConversationUpdated, c, a.User)
	})
	return i, err
}

func (s *core) note(ctx context.Context, a access.Actor, c *Conversation, n NewNote) (Item, error) {
	files, err := s.toSend(ctx, a, n.Files)
	if err != nil {
		return Item{}, err
	}
	slices.Sort(n.Mentions)
	n.Mentions = slices.Compact(n.Mentions)
	i := Item{
		ID: ItemID(s.d.NewID()), Workspace: c.Workspace, Conversation: c.ID, Contact: c.Contact, Kind: KindNote,
		Author: Author{Type: ByUser, ID: int64(a.User)}, Content: channel.Content{Text: n.Text}, Mentions: n.Mentions,
		ClientID: n.ClientID, At: s.now(), CreatedAt: s.now(), Files: files, HasFiles: len(files) > 0,
	}
	if err := s.addItem(ctx, c, i, nil, a.User); err != nil {
		return i, err
	}
	for k, f := range files {
		f.Item, f.Position = i.ID, k
		if err := s.d.Files.UpdateFile(ctx, f); err != nil {
			return i, err
		}
	}
	people, err := s.d.Inboxes.Candidates(ctx, c.Workspace, c.Inbox, 0)
	if err != nil {
		return i, err
	}
	for _, u := range n.Mentions {
		if !slices.ContainsFunc(people, func(p Candidate) bool { return p.User == u }) {
			return i, fault.New(fault.Invalid, "note.cannot_mention").WithField("mentions")
		}
		err := s.notify(ctx, Notification{
			Workspace: c.Workspace, User: u, Kind: NotifyMention, Conversation: c.ID, Item: i.ID, By: a.User, Text: clipText(n.Text, previewRunes),
		})
		if err != nil {
			return i, err
		}
	}
	return i, s.d.Marks.SetRead(ctx, c.Workspace, a.User, c.ID, i.ID)
}
