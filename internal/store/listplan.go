package store

import (
	"context"
	"slices"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store/db"
)

// listPlan is how a list of conversations is read. Whatever the filter, one
// index hands over the rows in the list's order, so that a page costs the
// same among a hundred conversations and a hundred thousand. Where the order
// holds only within a part (one status, one inbox), the first rows of each
// part are merged.
//
// The columns of other indexes are written +c.column: that keeps planners
// without statistics from choosing an index that looks narrower and is not.
type listPlan struct {
	query
	viewer int64
	user   string // the viewer's placeholder once there is one
	// from is the FROM clause, with what the conditions need.
	from string
	// parts are conditions that together make up the list without overlap.
	parts []string
	// sort orders a part, by its column.
	sort       string
	descending bool
}

// rareTag is up to how many contacts a tag's list starts from the contacts.
const rareTag = 1000

// mostParts bounds how many parts are merged.
const mostParts = 40

// plan chooses the index for a viewer's filter.
func (s *Inbox) plan(ctx context.Context, v inbox.Seen, f inbox.Filter) (*listPlan, error) {
	p := &listPlan{viewer: int64(v.User), from: ` FROM conversations c`, sort: `c.last_at`, descending: true}
	if f.Sort == inbox.ByWaiting {
		p.sort, p.descending, f.Waiting = `c.waiting_since`, false, true
	}
	if f.Unread {
		p.from += ` LEFT JOIN reads r ON r.user_id = ` + p.me() + ` AND r.conversation_id = c.id`
		p.and(unread)
	}
	ws := p.arg(v.Workspace)
	switch {
	case f.Scope == inbox.Mentions:
		// The mentions somebody has not seen are few.
		p.and(`c.id IN (SELECT n.conversation_id FROM notifications n WHERE n.user_id = ` + p.me() + ` AND n.kind = 'mention' AND n.read_at = 0)`)
		p.and(`+c.workspace_id = ` + ws)
		p.sort = strings.Replace(p.sort, `c.`, `+c.`, 1)
		p.status(f.Status)
	case f.Waiting || f.Unread:
		// So are those who wait. An index of its own has only them.
		p.and(`c.workspace_id = ` + ws)
		p.status(f.Status)
	case f.Tag != 0:
		rare, err := s.rare(ctx, f.Tag)
		if err != nil {
			return nil, err
		}
		if rare {
			p.from = ` FROM contact_tags t CROSS JOIN conversations c`
			p.and(`t.tag_id = ` + p.arg(int64(f.Tag)))
			p.and(`t.workspace_id = ` + ws)
			p.and(`c.contact_id = t.contact_id`)
			p.status(f.Status)
			p.sort, f.Tag = `+c.last_at`, 0
			break
		}
		p.ordered(v, f, ws, nil)
	default:
		var kinds []string
		if f.Kind != "" {
			var err error
			if kinds, err = s.kinds(ctx, v.Workspace, f.Kind); err != nil {
				return nil, err
			}
			if len(kinds) == 0 {
				kinds = []string{string(f.Kind)} // which nobody has
			}
		}
		p.ordered(v, f, ws, kinds)
	}
	p.rest(v, f)
	return p, nil
}

// me is the viewer's id as a parameter. PostgreSQL refuses parameters that
// are not used.
func (p *listPlan) me() string {
	if p.user == "" {
		p.user = p.arg(p.viewer)
	}
	return p.user
}

// statuses are those that a filter lets through.
func statuses(f inbox.StatusFilter) []string {
	switch f {
	case inbox.ActiveOnly:
		return []string{string(inbox.Open), string(inbox.Pending)}
	case inbox.AnyStatus, "":
		return []string{string(inbox.Open), string(inbox.Pending), string(inbox.Snoozed), string(inbox.Resolved)}
	}
	return []string{string(f)}
}

// status is the condition where the index does not tell statuses apart.
func (p *listPlan) status(f inbox.StatusFilter) {
	list := statuses(f)
	if len(list) == 4 {
		return
	}
	in := make([]string, len(list))
	for i, s := range list {
		in[i] = p.arg(s)
	}
	p.and(`c.status || '' IN (` + strings.Join(in, ", ") + `)`)
}

// cross divides parts further, by the values of a column.
func (p *listPlan) cross(parts []string, values []string, column string) []string {
	out := make([]string, 0, len(parts)*len(values))
	for _, part := range parts {
		for _, v := range values {
			out = append(out, part+` AND `+column+` = `+p.arg(v))
		}
	}
	return out
}

// ordered uses the index that holds what the filter asks for most narrowly.
func (p *listPlan) ordered(v inbox.Seen, f inbox.Filter, ws string, kinds []string) {
	workspace := `c.workspace_id = ` + ws
	switch mine := f.Scope == inbox.Mine; {
	case mine:
		p.parts = []string{workspace + ` AND c.assignee_id = ` + p.me()}
	case f.Assignee != 0:
		p.parts = []string{workspace + ` AND c.assignee_id = ` + p.arg(int64(f.Assignee))}
	case f.Inbox != 0 && f.Kind == "":
		p.parts = []string{`+` + workspace + ` AND c.inbox_id = ` + p.arg(int64(f.Inbox))}
	case f.Team != 0:
		p.parts = []string{`+` + workspace + ` AND c.team_id > 0 AND c.team_id = ` + p.arg(int64(f.Team))}
	case f.Kind != "":
		p.parts = p.cross([]string{workspace}, kinds, `c.channel_kinds`)
	case f.Scope == inbox.Unassigned:
		p.parts = []string{workspace + ` AND c.assignee_id = 0`}
	case v.Inboxes != nil && (len(v.Inboxes)+1)*len(statuses(f.Status)) <= mostParts:
		in := []string{"0"}
		for _, i := range v.Inboxes {
			id := p.arg(int64(i))
			in = append(in, id)
			p.parts = append(p.parts, `+`+workspace+` AND c.inbox_id = `+id)
		}
		// What is his own he sees wherever it is.
		p.parts = append(p.parts, workspace+` AND c.assignee_id = `+p.me()+` AND +c.inbox_id NOT IN (`+strings.Join(in, ", ")+`)`)
	default:
		p.parts = []string{workspace}
	}
	p.parts = p.cross(p.parts, statuses(f.Status), `c.status`)
}

// visible is the condition that the viewer may see a conversation.
func visible(q *query, v inbox.Seen, user string) string {
	in := []string{"0"}
	for _, i := range v.Inboxes {
		in = append(in, q.arg(int64(i)))
	}
	return `(+c.inbox_id IN (` + strings.Join(in, ", ") + `) OR +c.assignee_id = ` + user + `)`
}

// rest adds what is left of a filter as plain conditions. Conditions that the
// parts have already cost next to nothing.
func (p *listPlan) rest(v inbox.Seen, f inbox.Filter) {
	if v.Inboxes != nil && f.Scope != inbox.Mine {
		p.and(visible(&p.query, v, p.me()))
	}
	switch f.Scope {
	case inbox.Mine:
		p.and(`+c.assignee_id = ` + p.me())
	case inbox.Unassigned:
		p.and(`+c.assignee_id = 0`)
	case inbox.Everybody, inbox.Mentions:
	}
	for _, n := range []struct {
		column string
		id     int64
	}{{`c.inbox_id`, int64(f.Inbox)}, {`c.team_id`, int64(f.Team)}, {`c.assignee_id`, int64(f.Assignee)}} {
		if n.id != 0 {
			p.and(`+` + n.column + ` = ` + p.arg(n.id))
		}
	}
	if f.Kind != "" {
		p.and(`(' ' || c.channel_kinds || ' ') LIKE ` + p.arg("% "+escapeLike(string(f.Kind))+" %") + ` ESCAPE '\'`)
	}
	if f.Tag != 0 {
		p.and(`EXISTS (SELECT 1 FROM contact_tags t WHERE t.tag_id = ` + p.arg(int64(f.Tag)) + ` AND t.contact_id = c.contact_id)`)
	}
	switch {
	case f.Sort == inbox.ByWaiting:
		p.and(`c.waiting_since > 0`)
	case f.Waiting:
		// In the words of the index by last_at, and not of the one by
		// waiting_since, whose rows would have to be sorted.
		p.and(`c.waiting_since <> 0`)
	}
}

// rare reports whether few contacts have a tag.
func (s *Inbox) rare(ctx context.Context, t contact.TagID) (bool, error) {
	n, err := db.One(ctx, s.db, db.Value[int], `SELECT COUNT(*) FROM (SELECT 1 FROM contact_tags WHERE tag_id = $1 LIMIT $2) n`, int64(t), rareTag+1)
	return n <= rareTag, err
}

// kinds are the combinations of channels with one kind among them that
// conversations of the workspace have. The index is skipped through: there
// are few.
func (s *Inbox) kinds(ctx context.Context, ws int64, k channel.Kind) ([]string, error) {
	all, err := db.All(ctx, s.db, db.Value[string], `WITH RECURSIVE k (v) AS (
			SELECT MIN(channel_kinds) FROM conversations WHERE workspace_id = $1
			UNION ALL
			SELECT (SELECT MIN(c.channel_kinds) FROM conversations c WHERE c.workspace_id = $1 AND c.channel_kinds > k.v) FROM k WHERE k.v IS NOT NULL)
		SELECT v FROM k WHERE v IS NOT NULL LIMIT 200`, ws)
	return slices.DeleteFunc(all, func(v string) bool { return !slices.Contains(strings.Fields(v), string(k)) }), err
}

// page is the query for a page's ids.
func (p *listPlan) page(at inbox.Page) (text string, args []any) {
	before, direction := `>`, ` ASC`
	if p.descending {
		before, direction = `<`, ` DESC`
	}
	order := func(column, id string) string { return ` ORDER BY ` + column + direction + `, ` + id + direction }
	if at.AfterID != 0 {
		p.and(`(` + p.sort + `, c.id) ` + before + ` (` + p.arg(db.Micros(at.AfterTime)) + `, ` + p.arg(int64(at.AfterID)) + `)`)
	}
	limit := ` LIMIT ` + p.arg(at.Limit)
	select1 := `SELECT c.id, ` + p.sort + ` AS sort` + p.from + ` WHERE `
	if len(p.parts) == 0 {
		return `SELECT id FROM (` + select1 + p.conditions("") + order(p.sort, `c.id`) + limit + `) p` + order(`sort`, `id`), p.args
	}
	parts := make([]string, len(p.parts))
	for i, part := range p.parts {
		parts[i] = `SELECT id, sort FROM (` + select1 + p.conditions(part) + order(p.sort, `c.id`) + limit + `) p`
	}
	return `SELECT id FROM (` + strings.Join(parts, ` UNION ALL `) + `) p` + order(`sort`, `id`) + limit, p.args
}

// count is the query for how many there are, most at most.
func (p *listPlan) count(most int) (text string, args []any) {
	limit := ` LIMIT ` + p.arg(most)
	parts := []string{`SELECT 1` + p.from + ` WHERE ` + p.conditions("")}
	if len(p.parts) > 0 {
		parts = parts[:0]
		for _, part := range p.parts {
			parts = append(parts, `SELECT 1`+p.from+` WHERE `+p.conditions(part))
		}
	}
	return `SELECT COUNT(*) FROM (SELECT 1 FROM (` + strings.Join(parts, ` UNION ALL `) + `) a` + limit + `) n`, p.args
}

func (p *listPlan) conditions(part string) string {
	list := p.where
	if part != "" {
		list = append([]string{part}, list...)
	}
	return strings.Join(list, ` AND `)
}
