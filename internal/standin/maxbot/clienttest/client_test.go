// Package clienttest_test proves the stand-in with a client that is not ours.
package clienttest_test

import (
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/standin/maxbot"
	"github.com/okno-hq/okno/internal/standin/standintest"
)

// TestVendorsClient runs client.mjs, which drives the stand-in with
// @maxhub/max-bot-api, the client that the platform publishes.
func TestVendorsClient(t *testing.T) {
	s, err := maxbot.New(maxbot.Config{
		Specs:       standintest.Specs(t, "max", maxbot.SpecFile),
		RetryDelays: []time.Duration{20 * time.Millisecond},
		NotReady:    100 * time.Millisecond,
		PerSecond:   -1,
	})
	standintest.Start(t, s, err)
	standintest.RunClient(t, s, "@maxhub/max-bot-api")
}
