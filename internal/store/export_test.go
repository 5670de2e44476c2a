package store

import (
	"context"

	"github.com/okno-hq/okno/internal/inbox"
)

// ListQuery is the query behind ListConversations, for tests of its plan.
func (s *Inbox) ListQuery(ctx context.Context, v inbox.Seen, f inbox.Filter, p inbox.Page) (string, []any, error) {
	plan, err := s.plan(ctx, v, f)
	if err != nil {
		return "", nil, err
	}
	text, args := plan.page(p)
	return text, args, nil
}
