// Package clienttest_test proves the stand-in with a client that is not ours.
package clienttest_test

import (
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/standin/standintest"
	"github.com/okno-hq/okno/internal/standin/whatsapp"
)

// TestIndependentClient runs client.mjs, which drives the stand-in with
// @kapso/whatsapp-cloud-api, a client written by others against Meta.
func TestIndependentClient(t *testing.T) {
	s, err := whatsapp.New(whatsapp.Config{
		Specs:       standintest.Specs(t, "whatsapp", whatsapp.SpecFile),
		RetryDelays: []time.Duration{20 * time.Millisecond},
	})
	standintest.Start(t, s, err)
	standintest.RunClient(t, s, "@kapso/whatsapp-cloud-api")
}
