package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/account"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/storetest"
)

// unsealed is a Sealer that seals nothing.
type unsealed struct{}

func (unsealed) Seal(b []byte, _ string, _ int64) ([]byte, error) { return b, nil }
func (unsealed) Open(b []byte, _ string, _ int64) ([]byte, error) { return b, nil }

func TestRawUpdates(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, d *db.DB) {
		c := gather(t, d, rand.New(rand.NewPCG(7, 8)), 1, 1, 0)
		must, ctx := fatal(t), t.Context()
		ch := channel.ID(c.id())
		must(store.NewAccounts(d, unsealed{}).CreateAccount(ctx, account.Account{ID: ch, Workspace: c.ws, Inbox: c.boxes[0], Kind: channel.MAX}))
		var raws []channel.Raw
		for n := range 5 {
			raws = append(raws, channel.Raw{Key: fmt.Sprint("k", n), Order: "o", Body: []byte{0, 255, byte(n)}, ReceivedAt: c.begin})
		}
		n, err := c.store.AppendInbound(ctx, c.ws, ch, raws[:3], c.id)
		must(err)
		m, err := c.store.AppendInbound(ctx, c.ws, ch, raws, c.id)
		must(err)
		if n != 3 || m != 2 {
			t.Fatalf("new: %d, %d", n, m)
		}
		list, err := c.store.PendingInbound(ctx, 4)
		must(err)
		if len(list) != 4 || list[0].Raw.Key != "k0" || list[3].Raw.Body[2] != 3 || !list[0].Raw.ReceivedAt.Equal(c.begin) {
			t.Fatalf("pending: %+v", list)
		}
		at := c.begin.Add(time.Hour)
		must(c.store.FinishInbound(ctx, []int64{list[0].ID}, inbox.InboundDone, "", at))
		must(c.store.FinishInbound(ctx, []int64{list[1].ID}, inbox.InboundFailed, "why", at))
		must(c.store.FinishInbound(ctx, []int64{list[2].ID}, inbox.InboundUnsupported, "", at))
		failed, err := c.store.FailedInbound(ctx, c.ws, ch, 0, 1)
		must(err)
		older, err := c.store.FailedInbound(ctx, c.ws, ch, failed[0].ID, 10)
		must(err)
		if len(failed) != 1 || len(older) != 1 || older[0].Error != "why" || failed[0].State != inbox.InboundUnsupported {
			t.Fatalf("failed: %+v, %+v", failed, older)
		}
		if n, err := c.store.ReplayInbound(ctx, c.ws+1, ch, older[0].ID); err != nil || n != 0 {
			t.Errorf("another workspace replayed: %d, %v", n, err)
		}
		if n, err := c.store.ForgetInbound(ctx, at, 10); err != nil || n != 0 {
			t.Errorf("forgot too early: %d, %v", n, err)
		}
		if n, err := c.store.ForgetInbound(ctx, at.Add(time.Second), 10); err != nil || n != 1 {
			t.Errorf("forgot: %d, %v", n, err)
		}
		must(c.store.KeepStatus(ctx, c.ws, ch, channel.Status{ExternalID: "x", State: channel.StateRead}, c.begin))
		if n, err := c.store.ForgetStatuses(ctx, at, 10); err != nil || n != 1 {
			t.Errorf("forgot statuses: %d, %v", n, err)
		}
	})
}

func fatal(t *testing.T) func(error) {
	t.Helper()
	return func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestFilesNotificationsWorkload(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, d *db.DB) {
		c := gather(t, d, rand.New(rand.NewPCG(9, 10)), 40, 1, 0.5)
		must, ctx := fatal(t), t.Context()
		f := inbox.File{
			ID: inbox.FileID(c.id()), Workspace: c.ws, Kind: channel.Voice, Name: "г.ogg", Duration: 1500 * time.Millisecond, Peaks: []byte{1, 2},
			SHA256: []byte{0}, State: inbox.FileReady, CreatedAt: c.begin,
		}
		must(c.store.CreateFile(ctx, f))
		got, err := c.store.FilesByID(ctx, c.ws, []inbox.FileID{f.ID, 5})
		must(err)
		if len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(f) {
			t.Errorf("file: %+v, want %+v", got, f)
		}
		if _, err := c.store.File(ctx, c.ws+1, f.ID); !errors.Is(err, inbox.ErrNoFile) {
			t.Errorf("another workspace's file: %v", err)
		}
		load, err := c.store.Workload(ctx, c.ws)
		must(err)
		open := 0
		for _, v := range c.conversations {
			if v.Inbox == c.boxes[3] && v.Status.Active() {
				open++
			}
		}
		if load[c.boxes[3]] != [2]int{0, open} {
			t.Errorf("workload: %v, want %d", load[c.boxes[3]], open)
		}
		v := c.conversations[0]
		other := v
		other.ID, other.Status = inbox.ConversationID(c.id()), inbox.Open
		must(c.store.UpdateConversation(ctx, func() inbox.Conversation { v.Status = inbox.Open; return v }()))
		if err := c.store.CreateConversation(ctx, other); !errors.Is(err, inbox.ErrAnotherThere) {
			t.Errorf("a second unresolved conversation: %v", err)
		}
		u := c.users[3]
		for n := range 3 {
			must(c.store.CreateNotification(ctx, inbox.Notification{ID: inbox.NotificationID(c.id()), Workspace: c.ws, User: u, Kind: inbox.NotifyAssigned, Text: fmt.Sprint(n), At: c.begin}))
		}
		list, err := c.store.ListNotifications(ctx, u, 0, 2)
		must(err)
		rest, err := c.store.ListNotifications(ctx, u, list[1].ID, 2)
		must(err)
		if len(list) != 2 || len(rest) != 1 || rest[0].Text != "0" {
			t.Errorf("notifications: %+v, %+v", list, rest)
		}
		if n, err := c.store.ReadNotifications(ctx, u, []inbox.NotificationID{list[0].ID}, 0, c.begin); err != nil || n != 1 {
			t.Errorf("read: %d, %v", n, err)
		}
		one, err := c.store.Notification(ctx, list[0].ID)
		must(err)
		if one.ReadAt.IsZero() {
			t.Error("not marked as read")
		}
	})
}

func TestEventLog(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, d *db.DB) {
		must, ctx := fatal(t), t.Context()
		told := 0
		log := store.NewEvents(d, func(int64) { told++ })
		for n := range 5 {
			must(log.Append(ctx, event.Event{Workspace: 1, Type: event.ItemCreated, At: time.UnixMicro(int64(n + 1)), Item: int64(n)}))
		}
		must(log.Append(ctx, event.Event{Workspace: 2, Type: event.TagUpdated}))
		undone := errors.New("undone")
		if err := d.Write(ctx, func(ctx context.Context) error {
			must(log.Append(ctx, event.Event{Workspace: 1, Type: event.ItemCreated}))
			return undone
		}); !errors.Is(err, undone) || told != 6 {
			t.Fatalf("%v, told %d", err, told)
		}
		list, err := log.After(ctx, 1, 2, 2)
		must(err)
		last, err := log.Last(ctx, 1)
		must(err)
		if len(list) != 2 || list[0].ID != 3 || list[1].Item != 3 || last != 5 {
			t.Errorf("after 2: %+v, last %d", list, last)
		}
		if n, err := log.Forget(ctx, 3, 10); err != nil || n != 3 { // two of them and the other workspace's
			t.Errorf("forgot %d, %v", n, err)
		}
		first, err := log.First(ctx, 1)
		must(err)
		must(log.SetCursor(ctx, 1, "hooks", 4))
		must(log.SetCursor(ctx, 1, "hooks", 5))
		at, err := log.Cursor(ctx, 1, "hooks")
		must(err)
		none, err := log.Cursor(ctx, 1, "others")
		must(err)
		if first != 3 || at != 5 || none != 0 {
			t.Errorf("first %d, cursor %d, %d", first, at, none)
		}
	})
}
