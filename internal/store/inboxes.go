package store

import (
	"context"
	"errors"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store/db"
)

const inboxColumns = `b.id, b.name, b.color, b.hours, b.routing, b.reopen_hours, b.greeting, b.away_message, b.created_at, b.archived_at`

func inboxRow(r db.Scanner, more ...any) (i inbox.Inbox, err error) {
	var (
		hours, routing            string
		reopen, created, archived int64
	)
	err = r.Scan(append([]any{&i.ID, &i.Name, &i.Color, &hours, &routing, &reopen, &i.Greeting, &i.Away, &created, &archived}, more...)...)
	if err != nil {
		return i, err
	}
	i.ReopenWithin, i.CreatedAt, i.ArchivedAt = time.Duration(reopen)*time.Hour, db.Time(created), db.Time(archived)
	return i, errors.Join(value(hours, &i.Hours), value(routing, &i.Routing))
}

// CreateInbox implements inbox.Inboxes.
func (s *Inbox) CreateInbox(ctx context.Context, ws int64, i inbox.Inbox) error {
	hours, err := text(i.Hours)
	if err != nil {
		return err
	}
	routing, err := text(i.Routing)
	if err != nil {
		return err
	}
	if _, err := s.db.Exec(ctx, `INSERT INTO inboxes (id, workspace_id, name, color, hours, routing, reopen_hours, greeting, away_message, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		int64(i.ID), ws, i.Name, i.Color, hours, routing, int64(i.ReopenWithin/time.Hour), i.Greeting, i.Away, db.Micros(i.CreatedAt)); err != nil {
		return err
	}
	return s.setInboxTeams(ctx, ws, i)
}

// UpdateInbox implements inbox.Inboxes.
func (s *Inbox) UpdateInbox(ctx context.Context, ws int64, i inbox.Inbox) error {
	hours, err := text(i.Hours)
	if err != nil {
		return err
	}
	routing, err := text(i.Routing)
	if err != nil {
		return err
	}
	n, err := s.db.Exec(ctx, `UPDATE inboxes SET name = $3, color = $4, hours = $5, routing = $6, reopen_hours = $7, greeting = $8, away_message = $9, archived_at = $10
		WHERE id = $1 AND workspace_id = $2`,
		int64(i.ID), ws, i.Name, i.Color, hours, routing, int64(i.ReopenWithin/time.Hour), i.Greeting, i.Away, db.Micros(i.ArchivedAt))
	if err := some(n, err, inbox.ErrNoInbox); err != nil {
		return err
	}
	return s.setInboxTeams(ctx, ws, i)
}

func (s *Inbox) setInboxTeams(ctx context.Context, ws int64, i inbox.Inbox) error {
	if _, err := s.db.Exec(ctx, `DELETE FROM inbox_teams WHERE inbox_id = $1`, int64(i.ID)); err != nil {
		return err
	}
	for _, t := range i.Teams {
		n, err := s.db.Exec(ctx, `INSERT INTO inbox_teams (workspace_id, inbox_id, team_id)
			SELECT $1, $2, id FROM teams WHERE id = $3 AND workspace_id = $1`, ws, int64(i.ID), int64(t))
		if err := some(n, err, access.ErrNoTeam.WithField("team_ids")); err != nil {
			return err
		}
	}
	return nil
}

// DeleteInbox implements inbox.Inboxes.
func (s *Inbox) DeleteInbox(ctx context.Context, ws int64, id inbox.ID, at time.Time) (archived bool, err error) {
	var live, gone, talks int
	err = s.db.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM channels h WHERE h.inbox_id = b.id AND h.deleted_at = 0),
			(SELECT COUNT(*) FROM channels h WHERE h.inbox_id = b.id AND h.deleted_at <> 0),
			CASE WHEN EXISTS (SELECT 1 FROM conversations c WHERE c.inbox_id = b.id) THEN 1 ELSE 0 END
		FROM inboxes b WHERE b.id = $1 AND b.workspace_id = $2`, int64(id), ws).Scan(&live, &gone, &talks)
	switch {
	case err != nil:
		return false, orElse(err, inbox.ErrNoInbox)
	case live > 0:
		return false, inbox.ErrInboxInUse.With("channels", live)
	case gone > 0 || talks > 0:
		_, err = s.db.Exec(ctx, `UPDATE inboxes SET archived_at = $3 WHERE id = $1 AND workspace_id = $2 AND archived_at = 0`, int64(id), ws, db.Micros(at))
		return true, err
	}
	n, err := s.db.Exec(ctx, `DELETE FROM inboxes WHERE id = $1 AND workspace_id = $2`, int64(id), ws)
	return false, some(n, orInUse(err, inbox.ErrInboxInUse), inbox.ErrNoInbox)
}

// Inbox implements inbox.Inboxes.
func (s *Inbox) Inbox(ctx context.Context, ws int64, id inbox.ID) (inbox.Inbox, error) {
	i, err := db.One(ctx, s.db, func(r db.Scanner) (inbox.Inbox, error) { return inboxRow(r) },
		`SELECT `+inboxColumns+` FROM inboxes b WHERE b.id = $1 AND b.workspace_id = $2`, int64(id), ws)
	if err != nil {
		return i, orElse(err, inbox.ErrNoInbox)
	}
	i.Teams, err = db.All(ctx, s.db, db.Value[access.TeamID], `SELECT team_id FROM inbox_teams WHERE inbox_id = $1 ORDER BY team_id`, int64(id))
	return i, err
}

// ListInboxes implements inbox.Inboxes.
func (s *Inbox) ListInboxes(ctx context.Context, ws int64) ([]inbox.Inbox, error) {
	list, err := db.All(ctx, s.db, func(r db.Scanner) (inbox.Inbox, error) { return inboxRow(r) },
		`SELECT `+inboxColumns+` FROM inboxes b WHERE b.workspace_id = $1 ORDER BY b.name, b.id`, ws)
	if err != nil {
		return nil, err
	}
	type pair struct {
		inbox inbox.ID
		team  access.TeamID
	}
	pairs, err := db.All(ctx, s.db, func(r db.Scanner) (p pair, err error) {
		err = r.Scan(&p.inbox, &p.team)
		return p, err
	}, `SELECT inbox_id, team_id FROM inbox_teams WHERE workspace_id = $1 ORDER BY team_id`, ws)
	for i := range list {
		for _, p := range pairs {
			if p.inbox == list[i].ID {
				list[i].Teams = append(list[i].Teams, p.team)
			}
		}
	}
	return list, err
}

// Workload counts the channels and open conversations of each inbox.
func (s *Inbox) Workload(ctx context.Context, ws int64) (map[inbox.ID][2]int, error) {
	out := map[inbox.ID][2]int{}
	type count struct {
		id             inbox.ID
		channels, open int
	}
	list, err := db.All(ctx, s.db, func(r db.Scanner) (c count, err error) {
		err = r.Scan(&c.id, &c.channels, &c.open)
		return c, err
	}, `SELECT b.id, (SELECT COUNT(*) FROM channels h WHERE h.inbox_id = b.id AND h.deleted_at = 0),
			(SELECT COUNT(*) FROM conversations c WHERE c.inbox_id = b.id AND c.status IN ('open', 'pending'))
		FROM inboxes b WHERE b.workspace_id = $1`, ws)
	for _, c := range list {
		out[c.id] = [2]int{c.channels, c.open}
	}
	return out, err
}

// Candidates implements inbox.Inboxes. Who sees every inbox by role is one
// only where he is in the inbox's teams or the inbox has none.
func (s *Inbox) Candidates(ctx context.Context, ws int64, i inbox.ID, who contact.ID) ([]inbox.Candidate, error) {
	return db.All(ctx, s.db, func(r db.Scanner) (c inbox.Candidate, err error) {
		var (
			assigned int64
			knows    int
		)
		err = r.Scan(&c.User, &c.Presence, &c.Capacity, &assigned, &c.Open, &knows)
		c.LastAssigned, c.Knows = db.Time(assigned), knows != 0
		return c, err
	}, `SELECT u.id, u.presence, u.capacity, u.last_assigned_at,
			(SELECT COUNT(*) FROM conversations c WHERE c.workspace_id = $1 AND c.assignee_id = u.id AND c.status IN ('open', 'pending')),
			CASE WHEN u.id = (SELECT c.assignee_id FROM conversations c WHERE c.contact_id = $3 AND c.assignee_id > 0 ORDER BY c.id DESC LIMIT 1)
				THEN 1 ELSE 0 END
		FROM users u WHERE u.workspace_id = $1 AND u.disabled = $4 AND u.password_hash <> ''
			AND (NOT EXISTS (SELECT 1 FROM inbox_teams t WHERE t.inbox_id = $2)
				OR EXISTS (SELECT 1 FROM inbox_teams t JOIN team_members m ON m.team_id = t.team_id WHERE t.inbox_id = $2 AND m.user_id = u.id)
				OR (CAST($3 AS BIGINT) = 0 AND EXISTS (SELECT 1 FROM roles o WHERE o.id = u.role_id AND ' ' || o.permissions || ' ' LIKE '% conversation.view_all %')))
		ORDER BY u.id`, ws, int64(i), int64(who), false)
}

// HasTeam implements inbox.Inboxes.
func (s *Inbox) HasTeam(ctx context.Context, ws int64, t access.TeamID) (bool, error) {
	n, err := db.One(ctx, s.db, db.Value[int64], `SELECT count(*) FROM teams WHERE workspace_id = $1 AND id = $2`, ws, int64(t))
	return n > 0, err
}

// MarkAssigned implements inbox.Inboxes.
func (s *Inbox) MarkAssigned(ctx context.Context, u access.UserID, at time.Time) error {
	_, err := s.db.Exec(ctx, `UPDATE users SET last_assigned_at = $2 WHERE id = $1`, int64(u), db.Micros(at))
	return err
}
