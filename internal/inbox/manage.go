package inbox

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/fault"
)

// Patch changes who works on a conversation and where it stands; nil leaves a
// field as it is. Note is handed over with it.
type Patch struct {
	Status       *Status
	SnoozedUntil *time.Time
	Assignee     *access.UserID
	Team         *access.TeamID
	Inbox        *ID
	Note         string
	// Mentions of the note; the new assignee is told anyway.
	Mentions []access.UserID
}

// Update changes a conversation.
func (s *Service) Update(ctx context.Context, a access.Actor, id ConversationID, p Patch) (Conversation, error) {
	var c Conversation
	if err := a.Require(access.Reply); err != nil {
		return c, err
	}
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		var err error
		if c, err = s.see(ctx, a, id); err != nil {
			return err
		}
		if strings.TrimSpace(p.Note) != "" {
			if _, err := s.note(ctx, a, &c, NewNote{Text: strings.TrimSpace(p.Note), Mentions: p.Mentions}); err != nil {
				return err
			}
		}
		for _, step := range []func(context.Context, access.Actor, *Conversation, Patch) error{
			s.moveInbox, s.setTeam, s.setAssignee, s.moveStatus,
		} {
			if err := step(ctx, a, &c, p); err != nil {
				return err
			}
		}
		if err := s.d.Conversations.UpdateConversation(ctx, c); err != nil {
			return err
		}
		return s.tellConversation(ctx, event.ConversationUpdated, c, a.User)
	})
	return c, err
}

func (s *Service) moveInbox(ctx context.Context, a access.Actor, c *Conversation, p Patch) error {
	if p.Inbox == nil || *p.Inbox == c.Inbox {
		return nil
	}
	if err := a.Require(access.Assign); err != nil {
		return err
	}
	box, err := s.d.Inboxes.Inbox(ctx, c.Workspace, *p.Inbox)
	if err != nil {
		return err
	}
	if !box.ArchivedAt.IsZero() {
		return ErrInboxArchived.WithField("inbox_id")
	}
	if c.Status != Resolved {
		there := *c
		there.Inbox = box.ID
		if err := s.alone(ctx, there); err != nil {
			return err
		}
	}
	c.Inbox = box.ID
	return s.happen(ctx, c, a.User, Happening{Type: "conversation.inbox_changed", Data: map[string]string{
		"inbox_id": strconv.FormatInt(int64(box.ID), 10), "inbox": box.Name,
	}})
}

func (s *Service) setTeam(ctx context.Context, a access.Actor, c *Conversation, p Patch) error {
	if p.Team == nil || *p.Team == c.Team {
		return nil
	}
	if err := a.Require(access.Assign); err != nil {
		return err
	}
	if *p.Team != 0 {
		known, err := s.d.Inboxes.HasTeam(ctx, c.Workspace, *p.Team)
		if err != nil {
			return err
		}
		if !known {
			return access.ErrNoTeam.WithField("team_id")
		}
	}
	c.Team = *p.Team
	return s.happen(ctx, c, a.User, Happening{Type: "conversation.team_changed", Data: map[string]string{
		"team_id": strconv.FormatInt(int64(c.Team), 10),
	}})
}

func (s *Service) setAssignee(ctx context.Context, a access.Actor, c *Conversation, p Patch) error {
	if p.Assignee == nil || *p.Assignee == c.Assignee {
		return nil
	}
	to := *p.Assignee
	if to != a.User { // taking a conversation oneself needs no permission
		if err := a.Require(access.Assign); err != nil {
			return err
		}
	}
	if to == 0 {
		c.Assignee = 0
		return s.happen(ctx, c, a.User, Happening{Type: "conversation.unassigned"})
	}
	people, err := s.d.Inboxes.Candidates(ctx, c.Workspace, c.Inbox, 0)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(people, func(p Candidate) bool { return p.User == to }) && to != a.User {
		return fault.New(fault.Invalid, "conversation.cannot_assign").WithField("assignee_id")
	}
	c.Assignee = to
	if err := s.d.Inboxes.MarkAssigned(ctx, to, s.now()); err != nil {
		return err
	}
	if err := s.happen(ctx, c, a.User, Happening{Type: "conversation.assigned", User: to}); err != nil {
		return err
	}
	text := c.Preview.Text
	if n := strings.TrimSpace(p.Note); n != "" {
		text = clipText(n, previewRunes)
	}
	return s.notify(ctx, Notification{
		Workspace: c.Workspace, User: to, Kind: NotifyAssigned, Conversation: c.ID, By: a.User, Text: text,
	})
}

// alone refuses to make a conversation unresolved where the contact has
// another unresolved one in the inbox.
func (s *core) alone(ctx context.Context, c Conversation) error {
	other, err := s.d.Conversations.Unresolved(ctx, c.Workspace, c.Inbox, c.Contact)
	switch {
	case err == nil && other.ID != c.ID:
		return ErrAnotherThere.With("conversation_id", strconv.FormatInt(int64(other.ID), 10))
	case err != nil && !errors.Is(err, ErrNoConversation):
		return err
	}
	return nil
}

// moveStatus moves a conversation between its statuses.
func (s *Service) moveStatus(ctx context.Context, a access.Actor, c *Conversation, p Patch) error {
	if p.Status == nil {
		return nil
	}
	next := *p.Status
	if !next.Known() {
		return fault.New(fault.Invalid, "conversation.bad_status").WithField("status")
	}
	until := time.Time{}
	if next == Snoozed && p.SnoozedUntil != nil {
		until = p.SnoozedUntil.UTC()
		if until.Before(s.now()) || until.After(s.now().Add(maxAhead)) {
			return fault.New(fault.Invalid, "conversation.bad_time").WithField("snoozed_until")
		}
	}
	if next == c.Status && until.Equal(c.SnoozedUntil) {
		return nil
	}
	if c.Status == Resolved {
		if err := s.alone(ctx, *c); err != nil {
			return err
		}
	}
	was := c.Status
	c.Status, c.SnoozedUntil = next, until
	switch next {
	case Resolved:
		c.ResolvedAt, c.WaitingSince = s.now(), time.Time{}
		return s.happen(ctx, c, a.User, Happening{Type: "conversation.resolved"})
	case Snoozed:
		data := map[string]string{}
		if !until.IsZero() {
			data["until"] = until.Format(time.RFC3339)
		}
		return s.happen(ctx, c, a.User, Happening{Type: "conversation.snoozed", Data: data})
	case Open, Pending:
		c.ResolvedAt = time.Time{}
		switch was {
		case Resolved:
			return s.happen(ctx, c, a.User, Happening{Type: "conversation.reopened"})
		case Snoozed:
			return s.happen(ctx, c, a.User, Happening{Type: "conversation.woken"})
		case Open, Pending:
		}
	}
	return nil
}

// Clock wakes what was put off: snoozed conversations and scheduled messages.
type Clock struct{ core }

// NewClock returns a clock. Run it once.
func NewClock(d Deps) *Clock { return &Clock{newCore(d)} }

// dueBatch bounds how much falls due in one transaction.
const dueBatch = 100

// Run looks every second for what falls due, until ctx ends.
func (k *Clock) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if err := k.Step(ctx); err != nil && ctx.Err() == nil {
			k.d.Log.ErrorContext(ctx, "what falls due was not looked at", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Step wakes what is due now.
func (k *Clock) Step(ctx context.Context) error {
	snoozed, err := k.d.Conversations.DueConversations(ctx, k.now(), dueBatch)
	if err != nil {
		return err
	}
	items, err := k.d.Items.DueItems(ctx, k.now(), dueBatch)
	if err != nil {
		return err
	}
	for _, c := range snoozed {
		if err := k.d.Tx.Write(ctx, func(ctx context.Context) error { return k.wakeUp(ctx, c) }); err != nil {
			return err
		}
	}
	for _, i := range items {
		if err := k.d.Tx.Write(ctx, func(ctx context.Context) error { return k.release(ctx, i) }); err != nil {
			return err
		}
	}
	return nil
}

func (k *Clock) wakeUp(ctx context.Context, c Conversation) error {
	c, err := k.d.Conversations.Conversation(ctx, c.Workspace, c.ID)
	if err != nil || c.Status != Snoozed || c.SnoozedUntil.IsZero() || c.SnoozedUntil.After(k.now()) {
		return err
	}
	c.Status, c.SnoozedUntil = Open, time.Time{}
	if err := k.happen(ctx, &c, 0, Happening{Type: "conversation.woken"}); err != nil {
		return err
	}
	if err := k.notify(ctx, Notification{
		Workspace: c.Workspace, User: c.Assignee, Kind: NotifyAssigned, Conversation: c.ID, Text: c.Preview.Text,
	}); err != nil {
		return err
	}
	return k.tellConversation(ctx, event.ConversationUpdated, c, 0)
}

// release sends a scheduled message whose time has come. It takes its place
// on the timeline now.
func (k *Clock) release(ctx context.Context, i Item) error {
	i, err := k.d.Items.Item(ctx, i.Workspace, i.ID)
	if err != nil || i.State != StateScheduled {
		return err
	}
	c, err := k.d.Conversations.Conversation(ctx, i.Workspace, i.Conversation)
	if err != nil {
		return err
	}
	i.State, i.At = StateQueued, k.now()
	if err := k.withFiles(ctx, &i); err != nil {
		return err
	}
	i.Place = ItemID(k.d.NewID())
	if err := k.d.Items.UpdateItem(ctx, i); err != nil {
		return err
	}
	c.answered(i)
	c.LastItem = max(c.LastItem, i.ID)
	c.Preview, c.LastAt = PreviewOf(i), k.now()
	if err := k.d.Conversations.UpdateConversation(ctx, c); err != nil {
		return err
	}
	if err := k.enqueueSend(ctx, i); err != nil {
		return err
	}
	if err := k.tellItem(ctx, event.ItemUpdated, c, i, 0); err != nil {
		return err
	}
	return k.tellConversation(ctx, event.ConversationUpdated, c, 0)
}
