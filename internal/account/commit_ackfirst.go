//go:build ackfirst

package account

import (
	"context"
	"log/slog"
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

// commit is the control of the fault test: it lets the platform be answered
// first and commits a moment later, as a server does that keeps its work in a
// queue in memory. A kill in between loses what was acknowledged.
func (s *Service) commit(ctx context.Context, acc Account, updates []channel.Raw) error {
	ctx = context.WithoutCancel(ctx)
	go func() {
		<-time.After(50 * time.Millisecond)
		if err := s.Keep(ctx, acc, updates); err != nil {
			s.d.Log.ErrorContext(ctx, "updates lost", slog.Any("error", err))
		}
	}()
	return nil
}
