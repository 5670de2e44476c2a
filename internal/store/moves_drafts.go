package store

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store/db"
)

// draft is what became of somebody's draft when its conversation was absorbed.
type draft struct {
	User int64 `json:"user"`
	// Body and At are the draft as it was.
	Body json.RawMessage `json:"body"`
	At   int64           `json:"at"`
	// Was and WasAt are what he had begun to write in the other one; empty if
	// nothing.
	Was   json.RawMessage `json:"was,omitempty"`
	WasAt int64           `json:"was_at,omitempty"`
	// Now is the time of the draft that came of it: another one later means
	// that he wrote on, or sent it.
	Now int64 `json:"now"`
}

// draftsIn reads everybody's draft in a conversation.
func (s *Inbox) draftsIn(ctx context.Context, conversation int64) ([]draft, error) {
	return db.All(ctx, s.db, func(r db.Scanner) (d draft, err error) {
		var body string
		err = r.Scan(&d.User, &body, &d.At)
		d.Body = json.RawMessage(body)
		return d, err
	}, `SELECT user_id, body, updated_at FROM drafts WHERE conversation_id = $1 ORDER BY user_id`, conversation)
}

// putDraft writes a draft as it is, an empty one away.
func (s *Inbox) putDraft(ctx context.Context, ws, user, conversation int64, body json.RawMessage, at int64) error {
	if len(body) == 0 {
		_, err := s.db.Exec(ctx, `DELETE FROM drafts WHERE user_id = $1 AND conversation_id = $2`, user, conversation)
		return err
	}
	_, err := s.db.Exec(ctx, `INSERT INTO drafts (workspace_id, user_id, conversation_id, body, updated_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (user_id, conversation_id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at`,
		ws, user, conversation, string(body), at)
	return err
}

// joinDrafts moves the drafts of an absorbed conversation to the one that is
// left. Who had begun to write in both finds both there.
func (s *Inbox) joinDrafts(ctx context.Context, ws int64, p *joined) error {
	moving, err := s.draftsIn(ctx, p.From)
	if err != nil || len(moving) == 0 {
		return err
	}
	there, err := s.draftsIn(ctx, p.To)
	if err != nil {
		return err
	}
	for _, d := range moving {
		body := d.Body
		d.Now = d.At
		if i := slices.IndexFunc(there, func(x draft) bool { return x.User == d.User }); i >= 0 {
			d.Was, d.WasAt = there[i].Body, there[i].At
			d.Now = max(d.At, d.WasAt) + 1
			if body, err = bothDrafts(d.Was, d.Body); err != nil {
				return err
			}
		}
		if err := s.putDraft(ctx, ws, d.User, p.To, body, d.Now); err != nil {
			return err
		}
		if err := s.putDraft(ctx, ws, d.User, p.From, nil, 0); err != nil {
			return err
		}
		p.Drafts = append(p.Drafts, d)
	}
	return nil
}

// bothDrafts makes one draft of two. If one was a note, so are both together:
// what was meant for colleagues must not reach the customer.
func bothDrafts(first, second json.RawMessage) (json.RawMessage, error) {
	var a, b inbox.Draft
	if err := value(string(first), &a); err != nil {
		return nil, err
	}
	if err := value(string(second), &b); err != nil {
		return nil, err
	}
	a.Text = strings.TrimSpace(a.Text + "\n\n" + b.Text)
	a.Note = a.Note || b.Note
	if a.ReplyTo == 0 {
		a.ReplyTo = b.ReplyTo
	}
	for _, f := range b.Files {
		if !slices.Contains(a.Files, f) {
			a.Files = append(a.Files, f)
		}
	}
	return json.Marshal(a)
}

// partDrafts gives drafts back that nobody touched since.
func (s *Inbox) partDrafts(ctx context.Context, ws int64, j joined) error {
	if len(j.Drafts) == 0 {
		return nil
	}
	there, err := s.draftsIn(ctx, j.To)
	if err != nil {
		return err
	}
	for _, d := range j.Drafts {
		if !slices.ContainsFunc(there, func(x draft) bool { return x.User == d.User && x.At == d.Now }) {
			continue
		}
		if err := s.putDraft(ctx, ws, d.User, j.To, d.Was, d.WasAt); err != nil {
			return err
		}
		if err := s.putDraft(ctx, ws, d.User, j.From, d.Body, d.At); err != nil {
			return err
		}
	}
	return nil
}
