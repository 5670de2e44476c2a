package webchat

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

func TestActivityBetweenTwoPolls(t *testing.T) {
	typing := Signal{Channel: 1, Visitor: "v", Activity: channel.TypingText}
	heard := func(h *hub) channel.Activity {
		l, stop := h.listen(1, "v")
		defer stop()
		select {
		case a := <-l.activity:
			return a
		default:
			return ""
		}
	}
	for name, c := range map[string]struct {
		then func(*hub)
		want channel.Activity
	}{
		"heard by the next":     {func(*hub) {}, channel.TypingText},
		"heard once":            {func(h *hub) { heard(h) }, ""},
		"over with the message": {func(h *hub) { h.publish(Signal{Channel: 1, Visitor: "v"}) }, ""},
		"too late":              {func(*hub) { time.Sleep(missedFor) }, ""}, //nolint:forbidigo // the bubble's clock
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHub()
				h.publish(typing)
				c.then(h)
				if got := heard(h); got != c.want {
					t.Errorf("heard %q, want %q", got, c.want)
				}
			})
		})
	}
}
