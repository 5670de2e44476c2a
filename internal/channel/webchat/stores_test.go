package webchat_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor/visitortest"
)

// TestMemory: what the other tests stand on keeps the promises of the ports.
func TestMemory(t *testing.T) {
	visitortest.Run(t, func(t *testing.T) visitortest.Stores {
		m, err := openMemory(filepath.Join(t.TempDir(), "state.json"))
		if err != nil {
			t.Fatal(err)
		}
		return visitortest.Stores{
			Log: m, Intake: m, Visitors: m, Files: m, Channels: [2]channel.ID{7, 8},
			Ingested: func(_ context.Context, ch channel.ID) ([]string, error) {
				var keys []string
				m.mu.Lock()
				defer m.mu.Unlock()
				for _, r := range m.state.Raws {
					if r.Channel == ch {
						keys = append(keys, r.Raw.Key)
					}
				}
				return keys, nil
			},
		}
	})
}
