package access

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/fault"
)

// CreateToken makes an API token that acts as the actor (or, from the command
// line, as another user). The secret is returned once and never again.
func (s *Service) CreateToken(ctx context.Context, a Actor, name string, expires time.Time) (Token, string, error) {
	if err := a.Require(ManageToken); err != nil {
		return Token{}, "", err
	}
	name, err := CheckName("name", name)
	if err != nil {
		return Token{}, "", err
	}
	if utf8.RuneCountInString(name) > maxTokenName {
		return Token{}, "", fault.New(fault.Invalid, "name.too_long").WithField("name").With("limit", maxTokenName)
	}
	if !expires.IsZero() && expires.Before(s.now()) {
		return Token{}, "", fault.New(fault.Invalid, "token.expired_already").WithField("expires_at")
	}
	secret, hash := newSecret(tokenPrefix)
	t := Token{
		ID: TokenID(s.d.NewID()), Workspace: a.Workspace, User: a.User, Name: name,
		Prefix: secret[:len(tokenPrefix)+4], CreatedAt: s.now(), ExpiresAt: expires,
	}
	err = s.d.Tx.Write(ctx, func(ctx context.Context) error {
		if err := s.d.Tokens.CreateToken(ctx, t, hash); err != nil {
			return err
		}
		return s.record(ctx, a, "token.created", "token", int64(t.ID), t.Name, nil)
	})
	return t, secret, err
}

// ListTokens returns the workspace's API tokens, without their secrets.
func (s *Service) ListTokens(ctx context.Context, a Actor) ([]Token, error) {
	if err := a.Require(ManageToken); err != nil {
		return nil, err
	}
	return s.d.Tokens.ListTokens(ctx, a.Workspace)
}

// DeleteToken makes a token useless.
func (s *Service) DeleteToken(ctx context.Context, a Actor, id TokenID) error {
	if err := a.Require(ManageToken); err != nil {
		return err
	}
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		n, err := s.d.Tokens.DeleteToken(ctx, a.Workspace, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNoToken
		}
		return s.record(ctx, a, "token.deleted", "token", int64(id), "", nil)
	})
}
