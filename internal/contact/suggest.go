package contact

import (
	"context"
	"strings"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/event"
)

// suggest looks for contacts who may be the same person as a new one: those
// with the same full name. Equal addresses are found when they are added.
func (s *Service) suggest(ctx context.Context, ws int64, c Contact) error {
	norm := NormaliseName(c.Name)
	if !strings.Contains(norm, " ") {
		return nil // first names alone say nothing
	}
	same, err := s.d.Contacts.ListContacts(ctx, ws, Query{NameNorm: norm, Limit: 5})
	if err != nil {
		return err
	}
	for _, other := range same {
		if other.ID == c.ID {
			continue
		}
		if err := s.suggestPair(ctx, ws, c.ID, other.ID, SimilarName, other.Name, 50); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) suggestPair(ctx context.Context, ws int64, a, b ID, reason Reason, detail string, score int) error {
	if a > b {
		a, b = b, a
	}
	return s.d.Merges.Suggest(ctx, ws, Suggestion{
		ID: SuggestionID(s.d.NewID()), A: a, B: b, Reason: reason, Detail: detail, Score: score,
	})
}

// Suggestions lists contacts who may be the same person as one, the likeliest
// first.
func (s *Service) Suggestions(ctx context.Context, a access.Actor, id ID) ([]Suggestion, error) {
	return s.d.Merges.ListSuggestions(ctx, int64(a.Workspace), id)
}

// Dismiss says that two contacts are two people; the pair is not suggested
// again.
func (s *Service) Dismiss(ctx context.Context, a access.Actor, id ID, suggestion SuggestionID) error {
	if err := a.Require(access.MergeContact); err != nil {
		return err
	}
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		n, err := s.d.Merges.Dismiss(ctx, int64(a.Workspace), id, suggestion, s.now())
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNoSuggestion
		}
		return s.tell(ctx, int64(a.Workspace), event.ContactUpdated, id, a.User)
	})
}
