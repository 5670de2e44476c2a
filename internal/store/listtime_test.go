package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store/db"
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

// TestListsOfMany measures every view among 100,000 conversations of ten
// messages each while 500 messages a second are written (OKNO_LISTS_WRITES).
// It takes its time: set OKNO_LISTS to the number of conversations.
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
			measure(t, d, gather(t, d, rand.New(rand.NewPCG(3, 4)), n, 10, 0.9))
		},
		"postgres": func(t *testing.T) {
			d := storetest.Postgres(t, postgres.Config{})
			c := gather(t, d, rand.New(rand.NewPCG(3, 4)), n, 10, 0.9)
			if _, err := d.Exec(t.Context(), `ANALYZE`); err != nil {
				t.Fatal(err)
			}
			measure(t, d, c)
		},
	}
	for name, run := range databases {
		t.Run(name, run)
	}
}

func measure(t *testing.T, d *db.DB, c *crowd) {
	t.Helper()
	views := c.views()
	names := make([]string, 0, len(views))
	for name := range views {
		names = append(names, name)
	}
	slices.Sort(names)
	defer c.busy(t, d)()
	for _, name := range names {
		v := views[name]
		took := make([]time.Duration, 200)
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
		at := func(n int) time.Duration { return took[n].Round(10 * time.Microsecond) }
		t.Logf("%-17s %3d rows  least %7s  p50 %7s  p99 %7s", name, rows, at(0), at(len(took)/2), at(len(took)*99/100))
	}
}

// busy writes messages into random active conversations, until the function
// it returns is called.
func (c *crowd) busy(t *testing.T, d *db.DB) (stop func()) {
	t.Helper()
	rate := 500
	if s := os.Getenv("OKNO_LISTS_WRITES"); s != "" {
		if _, err := fmt.Sscan(s, &rate); err != nil {
			t.Fatal(err)
		}
	}
	if rate <= 0 {
		return func() {}
	}
	list, err := c.store.ListConversations(t.Context(), inbox.Seen{Workspace: c.ws, User: c.users[0]}, inbox.Filter{Status: inbox.ActiveOnly}, inbox.Page{Limit: 2000})
	if err != nil {
		t.Fatal(err)
	}
	quit := make(chan struct{})
	var writer sync.WaitGroup
	written, start := 0, time.Now()
	writer.Go(func() {
		tick := time.NewTicker(time.Second / time.Duration(rate))
		defer tick.Stop()
		for ; ; written++ {
			select {
			case <-quit:
				return
			case <-tick.C:
			}
			v := &list[written%len(list)]
			i := inbox.Item{
				ID: inbox.ItemID(c.id()), Workspace: c.ws, Conversation: v.ID, Contact: v.Contact, Kind: inbox.KindMessage,
				Direction: inbox.In, Content: channel.Content{Text: "ещё"}, CreatedAt: time.Now(), At: time.Now(),
			}
			v.LastItem, v.LastInbound, v.LastAt, v.Preview = i.ID, i.ID, i.CreatedAt, inbox.PreviewOf(i)
			err := d.Write(t.Context(), func(ctx context.Context) error {
				return errors.Join(c.store.CreateItem(ctx, i, nil), c.store.UpdateConversation(ctx, *v))
			})
			if err != nil {
				t.Errorf("write: %v", err)
				return
			}
		}
	})
	return func() {
		close(quit)
		writer.Wait()
		t.Logf("meanwhile %.0f messages a second were written", float64(written)/time.Since(start).Seconds())
	}
}
