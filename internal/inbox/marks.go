package inbox

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
)

// Read notes that the actor has seen a conversation up to an item, and tells
// the platform where it shows such things.
func (s *Service) Read(ctx context.Context, a access.Actor, id ConversationID, item ItemID) error {
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		c, err := s.see(ctx, a, id)
		if err != nil {
			return err
		}
		item = min(item, c.LastItem)
		if err := s.d.Marks.SetRead(ctx, c.Workspace, a.User, id, item); err != nil {
			return err
		}
		if _, err := s.d.Notifications.ReadNotifications(ctx, a.User, nil, id, s.now()); err != nil {
			return err
		}
		s.d.Tx.AfterCommit(ctx, func() { s.d.Live.ReadElsewhere(c.Workspace, a.User, id, item) })
		// Only the one who takes care of it reads for the customer to see.
		if (c.Assignee != 0 && c.Assignee != a.User) || item < c.LastInbound || c.LastInbound == 0 {
			return nil
		}
		last, err := s.d.Items.Item(ctx, c.Workspace, c.LastInbound)
		if err != nil || last.External == "" {
			return err
		}
		return s.d.Jobs.Enqueue(ctx, Job{Kind: JobMark, Workspace: c.Workspace, Subject: int64(last.ID), Text: markRead})
	})
}

// Unread puts a conversation back among the actor's unread ones.
func (s *Service) Unread(ctx context.Context, a access.Actor, id ConversationID) error {
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		c, err := s.see(ctx, a, id)
		if err != nil {
			return err
		}
		if err := s.d.Marks.SetUnread(ctx, c.Workspace, a.User, id, max(c.LastInbound-1, 0)); err != nil {
			return err
		}
		s.d.Tx.AfterCommit(ctx, func() { s.d.Live.ReadElsewhere(c.Workspace, a.User, id, c.LastInbound-1) })
		return nil
	})
}

const markRead = "read"

// Activity says what the actor is doing in a conversation: colleagues see it,
// and the customer where his platform shows it.
func (s *Service) Activity(ctx context.Context, a access.Actor, id ConversationID, ch channel.ID, activity string) error {
	if !slices.Contains([]string{"viewing", "left", "typing", "recording", "note"}, activity) {
		return fault.New(fault.Invalid, "activity.unknown").WithField("activity")
	}
	c, err := s.see(ctx, a, id)
	if err != nil {
		return err
	}
	shown := activity
	if activity == "note" || activity == "recording" {
		shown = "typing"
	}
	s.d.Live.AgentActivity(c.Workspace, c.Inbox, id, a.User, shown)
	if (activity != "typing" && activity != "recording") || c.LastInbound == 0 || !a.Can(access.Reply) {
		return nil
	}
	if ch == 0 {
		ch = c.Channel
	}
	last, err := s.d.Items.Item(ctx, c.Workspace, c.LastInbound)
	if err != nil || last.Channel != ch {
		return err
	}
	return s.d.Jobs.Enqueue(ctx, Job{Kind: JobMark, Workspace: c.Workspace, Subject: int64(last.ID), Text: activity})
}

// Mark tells a platform that we read, or that somebody types. It is told
// once: late, it would be a lie.
func (d *Deliverer) Mark(ctx context.Context, ws int64, id ItemID, what string) error {
	i, err := d.d.Items.Item(ctx, ws, id)
	if err != nil {
		return err
	}
	adapter, err := d.d.Accounts.Adapter(ctx, i.Channel)
	if err != nil {
		return nil //nolint:nilerr // a channel that is off shows nothing
	}
	t, err := d.target(ctx, i)
	if err != nil {
		return err
	}
	if what == markRead {
		if m, ok := adapter.(channel.ReadMarker); ok {
			err = m.MarkRead(ctx, t)
		}
	} else if m, ok := adapter.(channel.Typer); ok {
		err = m.ShowActivity(ctx, t, channel.Activity(what))
	}
	if err != nil {
		d.d.Log.DebugContext(ctx, "mark not shown", slog.Int64("channel_id", int64(i.Channel)), slog.String("reason", string(sendError(err).Reason)))
	}
	return nil
}

// AnswerPress tells a platform that the press of a button arrived.
func (d *Deliverer) AnswerPress(ctx context.Context, ch channel.ID, answer string) error {
	adapter, err := d.d.Accounts.Adapter(ctx, ch)
	if err != nil {
		return err
	}
	p, ok := adapter.(channel.PressAnswerer)
	if !ok {
		return nil
	}
	if err := p.AnswerPress(ctx, answer, ""); err != nil {
		if se := sendError(err); se.Outcome != channel.Failed {
			return &Later{After: se.RetryAfter, Cause: se}
		}
	}
	return nil
}

// maxDraft bounds what is kept of a draft.
const maxDraft = 100000

// GetDraft returns what the actor has begun to write, the zero Draft if
// nothing.
func (s *Service) GetDraft(ctx context.Context, a access.Actor, id ConversationID) (Draft, error) {
	if _, err := s.see(ctx, a, id); err != nil {
		return Draft{}, err
	}
	return s.d.Marks.Draft(ctx, a.User, id)
}

// SetDraft keeps what the actor has begun to write; an empty one is forgotten.
func (s *Service) SetDraft(ctx context.Context, a access.Actor, id ConversationID, d Draft) error {
	if utf8.RuneCountInString(d.Text) > maxDraft || len(d.Files) > maxFiles {
		return ErrTooLong.WithField("text").With("limit", maxDraft)
	}
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		c, err := s.see(ctx, a, id)
		if err != nil {
			return err
		}
		if strings.TrimSpace(d.Text) == "" && len(d.Files) == 0 {
			return s.d.Marks.DeleteDraft(ctx, a.User, id)
		}
		// What was sent or removed meanwhile is not part of it any more.
		d.Files = slices.DeleteFunc(slices.Clone(d.Files), func(id FileID) bool {
			f, ferr := s.FileFor(ctx, a, id)
			if ferr != nil && fault.KindOf(ferr) != fault.NotFound {
				err = ferr
			}
			return ferr != nil || f.State != FileReady
		})
		if err != nil {
			return err
		}
		d.UpdatedAt = s.now()
		return s.d.Marks.SetDraft(ctx, c.Workspace, a.User, id, d)
	})
}
