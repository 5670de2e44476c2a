package inbox_test

import (
	"errors"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/inbox"
)

// TestDayOfOutage lives through a platform's day off by a clock of its own: a
// message is tried ever more rarely, but at least four times an hour, goes
// when the platform is back within the day, and is given up after it.
func TestDayOfOutage(t *testing.T) {
	const minute = time.Minute
	for _, c := range []struct {
		name   string
		away   time.Duration
		state  inbox.ItemState
		fewest int
		most   int
	}{
		{"minutes", 5 * minute, inbox.StateSent, 5, 10},
		{"almost a day", 23 * time.Hour, inbox.StateSent, 90, 110},
		{"two days", 48 * time.Hour, inbox.StateFailed, 90, 110},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				conversation := w.talk()
				begun := w.clock.Now()
				w.telegram.answer = func(int, channel.Outgoing) (channel.Sent, error) {
					if w.clock.Now().Sub(begun) < c.away {
						return channel.Sent{}, &channel.SendError{Outcome: channel.Retry, Reason: channel.ReasonUnreachable}
					}
					return channel.Sent{ExternalIDs: []string{"out-1"}}, nil
				}
				i := w.send(conversation.ID, text("привет"))
				pause := time.Duration(0)
				for {
					err := w.deliver.Send(w.ctx, w.ws, i.ID)
					if err == nil {
						break
					}
					var later *inbox.Later
					if !errors.As(err, &later) {
						t.Fatal(err)
					}
					if later.After < pause || later.After > 15*minute {
						t.Fatalf("a pause of %s after one of %s", later.After, pause)
					}
					pause = later.After
					w.clock.pass(pause)
				}
				tries, err := w.store.ListAttempts(w.ctx, w.ws, i.ID)
				w.must(err)
				if n := len(tries); n < c.fewest || n > c.most {
					t.Errorf("%d tries", n)
				}
				w.same("state", w.item(i.ID).State, c.state)
			})
		})
	}
}
