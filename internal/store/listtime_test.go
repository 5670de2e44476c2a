package store_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store/postgres"
	"github.com/okno-hq/okno/internal/store/sqlite"
	"github.com/okno-hq/okno/internal/store/storetest"
)

// views are the filters whose time counts.
func (c *crowd) views() map[string]struct {
	s inbox.Seen
	f inbox.Filter
} {
	type view = struct {
		s inbox.Seen
		f inbox.Filter
	}
	all := inbox.Seen{Workspace: c.ws, User: c.users[0]}
	some, few := all, all
	some.Inboxes, few.Inboxes = c.boxes[:2], c.boxes[:1]
	few.User = c.users[4]
	active, anyOf, done := inbox.ActiveOnly, inbox.AnyStatus, inbox.StatusFilter(inbox.Resolved)
	return map[string]view{
		"all":              {all, inbox.Filter{Status: active}},
		"any":              {all, inbox.Filter{Status: anyOf}},
		"resolved":         {all, inbox.Filter{Status: done}},
		"agent's":          {some, inbox.Filter{Status: active}},
		"outsider's":       {few, inbox.Filter{Status: anyOf}},
		"snoozed":          {all, inbox.Filter{Status: inbox.StatusFilter(inbox.Snoozed)}},
		"mine":             {some, inbox.Filter{Scope: inbox.Mine, Status: active}},
		"mine, ever":       {some, inbox.Filter{Scope: inbox.Mine, Status: anyOf}},
		"unassigned":       {some, inbox.Filter{Scope: inbox.Unassigned, Status: active}},
		"inbox":            {all, inbox.Filter{Inbox: c.boxes[0], Status: anyOf}},
		"team":             {all, inbox.Filter{Team: c.teams[0], Status: anyOf}},
		"assignee":         {all, inbox.Filter{Assignee: c.users[3], Status: done}},
		"rare kind":        {all, inbox.Filter{Kind: channel.MAX, Status: anyOf}},
		"no such kind":     {all, inbox.Filter{Kind: channel.Email, Status: anyOf}},
		"kind":             {all, inbox.Filter{Kind: channel.WhatsApp, Status: active}},
		"common tag":       {all, inbox.Filter{Tag: c.tags[0], Status: anyOf}},
		"tag":              {all, inbox.Filter{Tag: c.tags[1], Status: active}},
		"rarer tag":        {all, inbox.Filter{Tag: c.tags[2], Status: anyOf}},
		"rare tag":         {all, inbox.Filter{Tag: c.tags[3], Status: anyOf}},
		"unread":           {all, inbox.Filter{Unread: true, Status: active}},
		"my unread":        {all, inbox.Filter{Scope: inbox.Mine, Unread: true, Status: active}},
		"waiting":          {all, inbox.Filter{Waiting: true, Status: active}},
		"waiting longest":  {some, inbox.Filter{Sort: inbox.ByWaiting, Status: active}},
		"mentions":         {all, inbox.Filter{Scope: inbox.Mentions, Status: anyOf}},
		"inbox, assignee":  {all, inbox.Filter{Inbox: c.boxes[1], Assignee: c.users[2], Status: anyOf}},
		"kind, mine":       {some, inbox.Filter{Scope: inbox.Mine, Kind: channel.Webchat, Status: anyOf}},
		"tag, inbox":       {all, inbox.Filter{Tag: c.tags[1], Inbox: c.boxes[2], Status: anyOf}},
		"team, unassigned": {all, inbox.Filter{Team: c.teams[1], Scope: inbox.Unassigned, Status: anyOf}},
	}
}

// TestListsOfMany measures every view among 100,000 conversations. It takes
// its time: set OKNO_LISTS to the number of conversations.
func TestListsOfMany(t *testing.T) {
	n := 0
	if s := os.Getenv("OKNO_LISTS"); s == "" {
		t.Skip("set OKNO_LISTS=100000 to measure lists")
	} else if _, err := fmt.Sscan(s, &n); err != nil {
		t.Fatal(err)
	}
	databases := map[string]func(t *testing.T){
		"sqlite": func(t *testing.T) {
			d := storetest.SQLite(t, sqlite.Config{})
			measure(t, gather(t, d, rand.New(rand.NewPCG(3, 4)), n, 3, 0.9))
		},
		"postgres": func(t *testing.T) {
			d := storetest.Postgres(t, postgres.Config{})
			c := gather(t, d, rand.New(rand.NewPCG(3, 4)), n, 3, 0.9)
			if _, err := d.Exec(t.Context(), `ANALYZE`); err != nil {
				t.Fatal(err)
			}
			measure(t, c)
		},
	}
	for name, run := range databases {
		t.Run(name, run)
	}
}

func measure(t *testing.T, c *crowd) {
	t.Helper()
	views := c.views()
	names := make([]string, 0, len(views))
	for name := range views {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		v := views[name]
		took := make([]time.Duration, 60)
		rows := 0
		for i := range took {
			start := time.Now()
			list, err := c.store.ListConversations(t.Context(), v.s, v.f, inbox.Page{Limit: 40})
			took[i] = time.Since(start)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			rows = len(list)
		}
		slices.Sort(took)
		t.Logf("%-17s %3d rows  p50 %7s  p99 %7s", name, rows, took[len(took)/2].Round(10*time.Microsecond), took[len(took)-2].Round(10*time.Microsecond))
	}
}
