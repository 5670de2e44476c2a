package inbox

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
)

// What a change job tells the platform.
const (
	changeEdit   = "edit"
	changeDelete = "delete"
	changeReact  = "react"
)

func changeJob(i Item, what string) Job {
	return Job{
		Kind: JobChange, Workspace: i.Workspace, Subject: int64(i.ID), Text: what,
		OrderKey: "chat:" + strconv.FormatInt(int64(i.Chat), 10),
	}
}

// capabilities of the channel that an item went through.
func (s *core) capabilities(ctx context.Context, i Item) (channel.Capabilities, error) {
	adapter, err := s.d.Accounts.Adapter(ctx, i.Channel)
	if err != nil {
		return channel.Capabilities{}, err
	}
	return adapter.Capabilities(), nil
}

// Edit changes what a message of ours or a note says.
func (s *Service) Edit(ctx context.Context, a access.Actor, id ItemID, next channel.Content) (Item, error) {
	var i Item
	if err := a.Require(access.Reply); err != nil {
		return i, err
	}
	text := strings.TrimSpace(next.Text)
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		var err error
		if i, _, err = s.seeItem(ctx, a, id); err != nil {
			return err
		}
		if err := s.mine(a, i); err != nil {
			return err
		}
		if text == "" && !i.HasFiles {
			return ErrEmpty
		}
		onPlatform := i.Kind == KindMessage && i.State != StateScheduled
		if onPlatform {
			if err := s.editable(ctx, i, next); err != nil {
				return err
			}
		}
		if err := s.keepEdition(ctx, i); err != nil {
			return err
		}
		i.Content.Text, i.Content.Marks, i.EditedAt = next.Text, next.Marks, s.now()
		if next.Buttons != nil {
			i.Content.Buttons = next.Buttons
		}
		if err := s.saveItem(ctx, i, a.User); err != nil || !onPlatform {
			return err
		}
		return s.d.Jobs.Enqueue(ctx, changeJob(i, changeEdit))
	})
	return i, err
}

// mine refuses items that the actor did not write.
func (s *core) mine(a access.Actor, i Item) error {
	switch {
	case !i.DeletedAt.IsZero():
		return ErrWrongState
	case i.Kind != KindMessage && i.Kind != KindNote, i.Kind == KindMessage && i.Direction != Out:
		return ErrNotYours
	case i.Author.Type != ByUser || i.Author.ID != int64(a.User):
		return ErrNotYours
	}
	return nil
}

func (s *core) editable(ctx context.Context, i Item, next channel.Content) error {
	can, err := s.capabilities(ctx, i)
	if err != nil {
		return err
	}
	switch {
	case !can.Edit || i.Content.Template != nil:
		return ErrUnsupported.WithField("content")
	case i.External == "":
		return ErrWrongState
	case can.EditWithin > 0 && s.now().Sub(i.At) > can.EditWithin:
		return ErrTooOld
	}
	limit := can.TextLimit(i.HasFiles, len(next.Buttons) > 0 || (next.Buttons == nil && len(i.Content.Buttons) > 0))
	if n := len(utf16.Encode([]rune(next.Text))); limit > 0 && n > limit {
		return ErrTooLong.WithField("content.text").With("limit", limit)
	}
	return fitsButtons(can.Buttons, next.Buttons)
}

// Delete takes a message of ours back, on the platform too where it can be,
// or removes a note.
func (s *Service) Delete(ctx context.Context, a access.Actor, id ItemID) (Item, error) {
	var i Item
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		var err error
		if i, _, err = s.seeItem(ctx, a, id); err != nil {
			return err
		}
		if err := s.mine(a, i); err != nil {
			if err != ErrNotYours || !a.Can(access.DeleteMessage) || i.Direction == In || i.Kind == KindEvent { //nolint:errorlint // a sentinel made above
				return err
			}
		}
		sent := i.Kind == KindMessage && i.External != ""
		if sent {
			can, err := s.capabilities(ctx, i)
			if err != nil {
				return err
			}
			if !can.Delete {
				return ErrUnsupported.WithField("delete")
			}
			if can.DeleteWithin > 0 && s.now().Sub(i.At) > can.DeleteWithin {
				return ErrTooOld
			}
		}
		if err := s.keepEdition(ctx, i); err != nil {
			return err
		}
		if i.State == StateQueued || i.State == StateScheduled {
			i.State = StateCancelled
		}
		i.Content, i.DeletedAt, i.DeletedBy = channel.Content{}, s.now(), ByUser
		if err := s.d.Audit.Record(ctx, a, "item.deleted", "item", int64(i.ID), "", nil); err != nil {
			return err
		}
		if err := s.saveItem(ctx, i, a.User); err != nil || !sent {
			return err
		}
		return s.d.Jobs.Enqueue(ctx, changeJob(i, changeDelete))
	})
	return i, err
}

// React puts the actor's emoji on an item, or takes it back when it is empty.
// On a customer's message the platform shows it; on a note colleagues see it.
func (s *Service) React(ctx context.Context, a access.Actor, id ItemID, emoji string) (Item, error) {
	var i Item
	if err := a.Require(access.Reply); err != nil {
		return i, err
	}
	if len(emoji) > 64 {
		return i, fault.New(fault.Invalid, "reaction.malformed").WithField("emoji")
	}
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		var err error
		if i, _, err = s.seeItem(ctx, a, id); err != nil {
			return err
		}
		if !i.DeletedAt.IsZero() || i.Kind == KindEvent {
			return ErrWrongState
		}
		outside := i.Kind == KindMessage && i.External != ""
		if i.Kind == KindMessage {
			can, err := s.capabilities(ctx, i)
			if err != nil {
				return err
			}
			if !can.React || !outside || (emoji != "" && len(can.Reactions) > 0 && !slices.Contains(can.Reactions, emoji)) {
				return ErrUnsupported.WithField("emoji")
			}
		}
		i.Reactions = slices.DeleteFunc(slices.Clone(i.Reactions), func(r Reaction) bool {
			// To the platform the business is one person with one reaction.
			return r.By == ByUser && (outside || r.User == a.User)
		})
		if emoji != "" {
			i.Reactions = append(i.Reactions, Reaction{Emoji: emoji, By: ByUser, User: a.User})
		}
		if err := s.saveItem(ctx, i, a.User); err != nil || !outside {
			return err
		}
		return s.d.Jobs.Enqueue(ctx, changeJob(i, changeReact))
	})
	return i, err
}

// Retry sends a failed message again, or an uncertain one that a person has
// decided to send again.
func (s *Service) Retry(ctx context.Context, a access.Actor, id ItemID) (Item, error) {
	return s.move(ctx, a, id, []ItemState{StateFailed, StateUncertain}, func(ctx context.Context, i *Item) error {
		i.State, i.Reason, i.Detail, i.RetryAt = StateQueued, "", "", time.Time{}
		i.External = ""
		return s.enqueueSend(ctx, *i)
	})
}

// Settle says what became of an uncertain message: a person has looked.
func (s *Service) Settle(ctx context.Context, a access.Actor, id ItemID, as ItemState) (Item, error) {
	if as != StateSent && as != StateFailed {
		return Item{}, fault.New(fault.Invalid, "item.bad_state").WithField("as")
	}
	return s.move(ctx, a, id, []ItemState{StateUncertain}, func(_ context.Context, i *Item) error {
		i.State = as
		if as == StateSent {
			i.Reason, i.Detail = "", ""
		}
		return nil
	})
}

// Cancel takes a scheduled message back before it goes.
func (s *Service) Cancel(ctx context.Context, a access.Actor, id ItemID) (Item, error) {
	return s.move(ctx, a, id, []ItemState{StateScheduled}, func(_ context.Context, i *Item) error {
		i.State = StateCancelled
		return nil
	})
}

func (s *Service) move(ctx context.Context, a access.Actor, id ItemID, from []ItemState, to func(context.Context, *Item) error) (Item, error) {
	var i Item
	if err := a.Require(access.Reply); err != nil {
		return i, err
	}
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		var err error
		if i, _, err = s.seeItem(ctx, a, id); err != nil {
			return err
		}
		if i.Direction != Out || !slices.Contains(from, i.State) || !i.DeletedAt.IsZero() {
			return ErrWrongState
		}
		if err := to(ctx, &i); err != nil {
			return err
		}
		return s.saveItem(ctx, i, a.User)
	})
	return i, err
}

// Editions lists what an item said before, the oldest first.
func (s *Service) Editions(ctx context.Context, a access.Actor, id ItemID) ([]Edition, error) {
	if err := a.Require(access.ViewEditions); err != nil {
		return nil, err
	}
	i, _, err := s.seeItem(ctx, a, id)
	if err != nil {
		return nil, err
	}
	return s.d.Editions.ListEditions(ctx, int64(a.Workspace), i.ID)
}

// Change tells the platform of an edit, deletion or reaction. It says how the
// item is now, so that the last of several changes wins.
func (d *Deliverer) Change(ctx context.Context, ws int64, id ItemID, what string) error {
	i, err := d.d.Items.Item(ctx, ws, id)
	if err != nil {
		return err
	}
	adapter, err := d.d.Accounts.Adapter(ctx, i.Channel)
	if err != nil {
		return d.changed(ctx, i, what, &channel.SendError{Outcome: channel.Failed, Reason: ReasonChannelOff, Cause: err})
	}
	t, err := d.target(ctx, i)
	if err != nil || t.ExternalID == "" {
		return err
	}
	switch what {
	case changeEdit:
		if e, ok := adapter.(channel.Editor); ok && i.DeletedAt.IsZero() {
			err = e.Edit(ctx, t, i.Content)
		}
	case changeDelete:
		if e, ok := adapter.(channel.Deleter); ok {
			err = e.Delete(ctx, t)
		}
	case changeReact:
		if e, ok := adapter.(channel.Reactor); ok {
			err = e.React(ctx, t, ownEmoji(i))
		}
	}
	if err == nil {
		return nil
	}
	return d.changed(ctx, i, what, err)
}

func ownEmoji(i Item) string {
	for _, r := range i.Reactions {
		if r.By == ByUser {
			return r.Emoji
		}
	}
	return ""
}

// changed deals with a change that the platform did not take: these may be
// repeated without harm, and in the end the agent is told.
func (d *Deliverer) changed(ctx context.Context, i Item, what string, cause error) error {
	se := sendError(cause)
	if se.Outcome != channel.Failed && d.now().Sub(maxTime(i.EditedAt, i.DeletedAt, i.CreatedAt)) < time.Hour {
		return &Later{After: se.RetryAfter, Cause: se}
	}
	return d.d.Tx.Write(ctx, func(ctx context.Context) error {
		c, err := d.d.Conversations.Conversation(ctx, i.Workspace, i.Conversation)
		if err != nil {
			return err
		}
		return d.happen(ctx, &c, 0, Happening{Type: "item.change_refused", Data: map[string]string{
			"what": what, "reason": string(se.Reason), "item_id": strconv.FormatInt(int64(i.ID), 10),
		}})
	})
}

func maxTime(list ...time.Time) time.Time {
	return slices.MaxFunc(list, time.Time.Compare)
}

// target names an item as its platform knows it.
func (s *core) target(ctx context.Context, i Item) (channel.Target, error) {
	chat, err := s.d.Chats.Chat(ctx, i.Workspace, i.Chat)
	if err != nil {
		return channel.Target{}, err
	}
	ids, err := s.d.Receipts.Externals(ctx, i.ID)
	if err != nil {
		return channel.Target{}, err
	}
	return channel.Target{
		Chat: chat.Key, Recipient: chat.Recipient, ExternalID: i.External, ExternalIDs: ids, Media: i.HasFiles, SentAt: i.At,
	}, nil
}
