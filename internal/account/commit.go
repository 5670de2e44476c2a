//go:build !ackfirst

package account

import (
	"context"

	"github.com/okno-hq/okno/internal/channel"
)

// commit makes updates durable before their platform is answered.
func (s *Service) commit(ctx context.Context, acc Account, updates []channel.Raw) error {
	return s.Keep(ctx, acc, updates)
}
