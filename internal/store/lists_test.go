package store_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/storetest"
)

// crowd is a workspace full of random conversations, also as plain slices.
type crowd struct {
	ws            int64
	users         []access.UserID
	boxes         []inbox.ID
	teams         []access.TeamID
	tags          []contact.TagID
	conversations []inbox.Conversation
	tagged        map[contact.ID][]contact.TagID
	items         map[inbox.ConversationID][]inbox.Item
	reads         map[[2]int64]inbox.ItemID
	mentions      map[[2]int64]bool
	store         *store.Inbox
	next          int64
	begin         time.Time
}

func (c *crowd) id() int64 { c.next++; return c.next }

// insert writes rows with many values a statement.
func insert(ctx context.Context, d *db.DB, table, columns string, rows [][]any) error {
	for part := range slices.Chunk(rows, 500) {
		var values []any
		for _, r := range part {
			values = append(values, r...)
		}
		if _, err := d.Exec(ctx, `INSERT INTO `+table+` (`+columns+`) VALUES `+d.Dialect().Values(len(part), len(part[0]), 1), values...); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}

// gather fills a database with n conversations of about as many contacts.
func gather(tb testing.TB, d *db.DB, r *rand.Rand, n, itemsEach int, resolved float64) *crowd {
	tb.Helper()
	c := &crowd{
		next: 1000, begin: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), store: store.NewInbox(d), tagged: map[contact.ID][]contact.TagID{},
		items: map[inbox.ConversationID][]inbox.Item{}, reads: map[[2]int64]inbox.ItemID{}, mentions: map[[2]int64]bool{},
	}
	ctx := tb.Context()
	check := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	c.ws = c.id()
	people := store.NewAccess(d)
	check(people.CreateWorkspace(ctx, access.Workspace{ID: access.WorkspaceID(c.ws), Country: "RU"}))
	role := access.RoleID(c.id())
	check(people.CreateRole(ctx, access.WorkspaceID(c.ws), access.Role{ID: role, Key: access.Agent}))
	for i := range 5 {
		u := access.User{ID: access.UserID(c.id()), Workspace: access.WorkspaceID(c.ws), Email: fmt.Sprint("u", i, "@example.com"), Role: role}
		check(people.CreateUser(ctx, u))
		c.users = append(c.users, u.ID)
	}
	for i := range 3 {
		c.teams = append(c.teams, access.TeamID(c.id()))
		check(people.CreateTeam(ctx, access.WorkspaceID(c.ws), access.Team{ID: c.teams[i], Name: fmt.Sprint("t", i)}))
	}
	for i := range 4 {
		c.boxes = append(c.boxes, inbox.ID(c.id()))
		check(c.store.CreateInbox(ctx, c.ws, inbox.Inbox{ID: c.boxes[i], Name: fmt.Sprint("b", i)}))
	}
	for i := range 4 {
		c.tags = append(c.tags, contact.TagID(c.id()))
		check(store.NewContacts(d).CreateTag(ctx, c.ws, contact.Tag{ID: c.tags[i], Name: fmt.Sprint("g", i)}))
	}
	c.fill(tb, d, r, n, itemsEach, resolved)
	return c
}

func (c *crowd) fill(tb testing.TB, d *db.DB, r *rand.Rand, n, itemsEach int, resolved float64) {
	tb.Helper()
	var contacts, tags, items, reads, mentions [][]any
	kinds := [][]channel.Kind{{channel.Telegram}, {channel.WhatsApp}, {channel.Telegram, channel.WhatsApp}, {channel.Webchat}, {channel.MAX}}
	for range n {
		who := contact.ID(c.id())
		contacts = append(contacts, []any{int64(who), c.ws, "", "", 0, "", "", "", 0, "", "{}", false, 0, 0, 0, 0})
		// Each tag is ten times rarer than the one before it.
		for i, t := range c.tags {
			if r.Float64() < []float64{0.5, 0.05, 0.005, 0.0005}[i] {
				c.tagged[who] = append(c.tagged[who], t)
				tags = append(tags, []any{c.ws, int64(who), int64(t)})
			}
		}
		v := inbox.Conversation{
			ID: inbox.ConversationID(c.id()), Workspace: c.ws, Inbox: c.boxes[min(r.IntN(10), 3)], Contact: who, Status: inbox.Resolved,
			LastAt: c.begin.Add(time.Duration(r.IntN(n*60)) * time.Second), Kinds: kinds[min(r.IntN(200)/40, r.IntN(5))],
		}
		if r.Float64() > resolved {
			v.Status = []inbox.Status{inbox.Open, inbox.Open, inbox.Pending, inbox.Snoozed}[r.IntN(4)]
		}
		if r.IntN(3) > 0 {
			v.Assignee = c.users[r.IntN(4)]
		}
		if r.IntN(4) == 0 {
			v.Team = c.teams[r.IntN(3)]
		}
		for k := range itemsEach {
			i := inbox.Item{ID: inbox.ItemID(c.id()), Direction: inbox.In}
			if r.IntN(2) == 0 {
				i.Direction = inbox.Out
				v.LastReply = i.ID
			} else {
				v.LastInbound = i.ID
			}
			v.LastItem = i.ID
			c.items[v.ID] = append(c.items[v.ID], i)
			items = append(items, []any{
				int64(i.ID), c.ws, int64(v.ID), int64(who), 0, 0, "message", string(i.Direction), "contact", 0, "{}", false, "", 0, "", "", "", "", "", "",
				"", "", "", db.Micros(v.LastAt), db.Micros(v.LastAt), 0, 0, 0, 0, "", int64(i.ID),
			})
			if k == itemsEach/2 && r.IntN(2) == 0 {
				u := c.users[r.IntN(2)]
				c.reads[[2]int64{int64(u), int64(v.ID)}] = i.ID
				reads = append(reads, []any{c.ws, int64(u), int64(v.ID), int64(i.ID)})
			}
		}
		if v.LastInbound > v.LastReply && v.Status != inbox.Resolved {
			v.WaitingSince = v.LastAt.Add(-time.Duration(r.IntN(100000)) * time.Second)
		}
		if r.Float64() < 0.002+10/float64(n) {
			u := c.users[0]
			c.mentions[[2]int64{int64(u), int64(v.ID)}] = true
			mentions = append(mentions, []any{c.id(), c.ws, int64(u), "mention", int64(v.ID), 0, 0, "", 1, 0})
		}
		c.conversations = append(c.conversations, v)
	}
	err := d.Write(tb.Context(), func(ctx context.Context) error {
		err := insert(ctx, d, `contacts`, `id, workspace_id, name, name_norm, named_by, company, locale, source, avatar_file_id, avatar_ref, fields,
			blocked, merged_into, created_at, updated_at, last_seen_at`, contacts)
		if err != nil {
			return err
		}
		for _, v := range c.conversations {
			if err := c.store.CreateConversation(ctx, v); err != nil {
				return err
			}
		}
		for _, x := range []struct {
			table, columns string
			rows           [][]any
		}{
			{`contact_tags`, `workspace_id, contact_id, tag_id`, tags},
			{`items`, `id, workspace_id, conversation_id, contact_id, channel_id, chat_id, kind, direction, author_type, author_id, content, has_files,
				external_id, reply_to, reply_external, reply_text, album, state, reason, detail, client_id, event, reactions, at, created_at, scheduled_at,
				retry_at, edited_at, deleted_at, deleted_by, place`, items},
			{`reads`, `workspace_id, user_id, conversation_id, item_id`, reads},
			{`notifications`, `id, workspace_id, user_id, kind, conversation_id, item_id, by_user_id, text, at, read_at`, mentions},
		} {
			if err := insert(ctx, d, x.table, x.columns, x.rows); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// unread counts what a viewer has not seen, the obvious way.
func (c *crowd) unread(u access.UserID, v inbox.Conversation) (n int) {
	if v.Status == inbox.Resolved {
		return 0
	}
	read := c.reads[[2]int64{int64(u), int64(v.ID)}]
	for _, i := range c.items[v.ID] {
		if i.Direction == inbox.In && i.ID > v.LastReply && i.ID > read {
			n++
		}
	}
	return n
}

// want computes a list the obvious way.
func (c *crowd) want(s inbox.Seen, f inbox.Filter) []inbox.Conversation {
	var out []inbox.Conversation
	for _, v := range c.conversations {
		ok := s.Workspace == c.ws && (s.Inboxes == nil || slices.Contains(s.Inboxes, v.Inbox) || v.Assignee == s.User)
		switch f.Scope {
		case inbox.Mine:
			ok = ok && v.Assignee == s.User
		case inbox.Unassigned:
			ok = ok && v.Assignee == 0
		case inbox.Mentions:
			ok = ok && c.mentions[[2]int64{int64(s.User), int64(v.ID)}]
		case inbox.Everybody:
		}
		switch f.Status {
		case inbox.ActiveOnly:
			ok = ok && v.Status.Active()
		case inbox.AnyStatus:
		default:
			ok = ok && v.Status == inbox.Status(f.Status)
		}
		ok = ok && (f.Inbox == 0 || v.Inbox == f.Inbox) && (f.Team == 0 || v.Team == f.Team) && (f.Assignee == 0 || v.Assignee == f.Assignee)
		ok = ok && (f.Kind == "" || slices.Contains(v.Kinds, f.Kind)) && (f.Tag == 0 || slices.Contains(c.tagged[v.Contact], f.Tag))
		ok = ok && (!f.Unread || c.unread(s.User, v) > 0) && ((!f.Waiting && f.Sort != inbox.ByWaiting) || !v.WaitingSince.IsZero())
		if ok {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b inbox.Conversation) int {
		if f.Sort == inbox.ByWaiting {
			return cmp.Or(a.WaitingSince.Compare(b.WaitingSince), cmp.Compare(a.ID, b.ID))
		}
		return cmp.Or(b.LastAt.Compare(a.LastAt), cmp.Compare(b.ID, a.ID))
	})
	return out
}

func pickOne[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// filter makes a random filter and viewer.
func (c *crowd) filter(r *rand.Rand) (inbox.Seen, inbox.Filter) {
	s := inbox.Seen{Workspace: c.ws, User: pickOne(r, c.users...)}
	switch r.IntN(8) {
	case 0:
		s.Inboxes = []inbox.ID{}
	case 1, 2:
		s.Inboxes = c.boxes[:1+r.IntN(3)]
	case 3:
		s.Inboxes = slices.Clone(c.boxes)
		for range 30 { // too many to be merged
			s.Inboxes = append(s.Inboxes, inbox.ID(c.id()))
		}
	}
	f := inbox.Filter{
		Scope:  pickOne(r, inbox.Everybody, inbox.Everybody, inbox.Mine, inbox.Unassigned, inbox.Mentions),
		Status: pickOne(r, inbox.ActiveOnly, inbox.AnyStatus, inbox.StatusFilter(inbox.Open), inbox.StatusFilter(inbox.Pending), inbox.StatusFilter(inbox.Snoozed), inbox.StatusFilter(inbox.Resolved)),
		Sort:   pickOne(r, inbox.ByRecent, inbox.ByRecent, inbox.ByWaiting),
	}
	for _, set := range []func(){
		func() { f.Inbox = pickOne(r, c.boxes...) }, func() { f.Team = pickOne(r, c.teams...) }, func() { f.Assignee = pickOne(r, c.users...) },
		func() {
			f.Kind = pickOne(r, channel.Telegram, channel.WhatsApp, channel.MAX, channel.Email, channel.Webchat)
		},
		func() { f.Tag = pickOne(r, c.tags...) }, func() { f.Unread = true }, func() { f.Waiting = true },
	} {
		if r.IntN(5) == 0 {
			set()
		}
	}
	return s, f
}

func TestListsAsComputedTheObviousWay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, d *db.DB) {
		r := rand.New(rand.NewPCG(1, 2))
		c := gather(t, d, r, 600, 4, 0.5)
		for n := range 400 {
			s, f := c.filter(r)
			want := c.want(s, f)
			got := pages(t, c.store, s, f, pickOne(r, 7, 50, 1000))
			if len(got) != len(want) {
				t.Fatalf("%d: %+v %+v: %d rows, want %d", n, s, f, len(got), len(want))
			}
			for i, v := range got {
				if v.ID != want[i].ID {
					t.Fatalf("%d: %+v %+v: row %d is %d, want %d", n, s, f, i, v.ID, want[i].ID)
				}
				if u := c.unread(s.User, want[i]); v.Unread != u {
					t.Fatalf("unread of %d: %d, want %d", v.ID, v.Unread, u)
				}
				if m := c.mentions[[2]int64{int64(s.User), int64(v.ID)}]; v.Mentioned != m {
					t.Fatalf("mentioned in %d: %v, want %v", v.ID, v.Mentioned, m)
				}
			}
			count, err := c.store.CountConversations(t.Context(), s, f, 100)
			if err != nil || count != min(len(want), 100) {
				t.Fatalf("%+v %+v: counted %d, %v, want %d", s, f, count, err, min(len(want), 100))
			}
		}
	})
}

// pages reads a whole list page by page.
func pages(t *testing.T, s *store.Inbox, v inbox.Seen, f inbox.Filter, size int) []inbox.Conversation {
	t.Helper()
	var out []inbox.Conversation
	p := inbox.Page{Limit: size}
	for {
		list, err := s.ListConversations(t.Context(), v, f, p)
		if err != nil {
			t.Fatalf("%+v %+v: %v", v, f, err)
		}
		out = append(out, list...)
		if len(list) < size {
			return out
		}
		last := list[len(list)-1]
		p.AfterTime, p.AfterID = last.LastAt, last.ID
		if f.Sort == inbox.ByWaiting {
			p.AfterTime = last.WaitingSince
		}
	}
}
