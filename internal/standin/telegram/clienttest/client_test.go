// Package clienttest_test proves the stand-in with a client that is not ours.
package clienttest_test

import (
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/standin/standintest"
	"github.com/okno-hq/okno/internal/standin/telegram"
)

// TestIndependentClient runs client.mjs, which drives the stand-in with
// grammY, a client written by others against Telegram.
func TestIndependentClient(t *testing.T) {
	s, err := telegram.New(telegram.Config{
		Specs:       standintest.Specs(t, "telegram", telegram.SpecFile),
		RetryDelays: []time.Duration{20 * time.Millisecond},
	})
	standintest.Start(t, s, err)
	standintest.RunClient(t, s, "grammy")
}
