package access

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Life of what proves a person.
const (
	sessionLife = 30 * 24 * time.Hour // without use
	inviteLife  = 7 * 24 * time.Hour
	touchEvery  = time.Minute // last_seen_at is kept to the minute
)

// Login checks an address and a password and opens a session. The answer is
// the same, and as slow, for unknown addresses and wrong passwords.
func (s *Service) Login(ctx context.Context, email, password string, c Client) (User, string, error) {
	norm := NormaliseEmail(email)
	keys := []throttleKey{emailKey(email), ipKey(c.IP)}
	if err := s.countAttempt(ctx, keys); err != nil {
		return User{}, "", err
	}
	u, err := s.d.Users.UserByEmail(ctx, norm)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return User{}, "", err
	}
	hash := u.PasswordHash
	if hash == "" || u.Disabled || len(password) > maxPassword {
		hash = "" // the hasher works as long as for a real one
		password = strings.Repeat("x", minPassword)
	}
	ok, stale, err := s.d.Hasher.Verify(ctx, hash, password)
	if err != nil {
		return User{}, "", err
	}
	if !ok {
		return User{}, "", ErrLogin
	}
	var fresh string
	if stale {
		if fresh, err = s.d.Hasher.Hash(ctx, password); err != nil {
			return User{}, "", err
		}
	}
	var secret string
	err = s.d.Tx.Write(ctx, func(ctx context.Context) error {
		current, err := s.d.Users.User(ctx, u.Workspace, u.ID)
		if err != nil {
			return err
		}
		if current.Disabled || current.PasswordHash != u.PasswordHash {
			return ErrLogin // changed while we were hashing
		}
		if fresh != "" {
			current.PasswordHash = fresh
			if err := s.d.Users.UpdateUser(ctx, current); err != nil {
				return err
			}
		}
		if err := s.forgiveAttempt(ctx, keys); err != nil {
			return err
		}
		u = current
		if secret, err = s.openSession(ctx, u, c); err != nil {
			return err
		}
		a := Actor{Workspace: u.Workspace, User: u.ID, Name: u.Name, IP: c.IP}
		return s.record(ctx, a, "session.opened", "user", int64(u.ID), u.Name, map[string]any{"user_agent": clip(c.UserAgent, 200)})
	})
	return u, secret, err
}

func (s *Service) openSession(ctx context.Context, u User, c Client) (string, error) {
	secret, hash := newSecret(sessionPrefix)
	now := s.now()
	session := Session{
		ID: SessionID(s.d.NewID()), Workspace: u.Workspace, User: u.ID, IP: c.IP, UserAgent: clip(c.UserAgent, 300),
		CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(sessionLife),
	}
	if err := s.d.Sessions.CreateSession(ctx, session, hash); err != nil {
		return "", err
	}
	return secret, nil
}

// Authenticate turns a session's or token's secret into the actor, or is
// ErrUnauthenticated.
func (s *Service) Authenticate(ctx context.Context, secret, ip string) (Actor, error) {
	var a Actor
	touch := func(context.Context) error { return nil }
	err := s.d.Tx.Read(ctx, func(ctx context.Context) error {
		var (
			ws      WorkspaceID
			user    UserID
			session SessionID
			token   TokenID
		)
		now := s.now()
		switch {
		case strings.HasPrefix(secret, sessionPrefix):
			se, err := s.d.Sessions.SessionByHash(ctx, hashSecret(secret))
			if err != nil {
				return orUnauthenticated(err, ErrNoSession)
			}
			if now.After(se.ExpiresAt) {
				return ErrUnauthenticated
			}
			ws, user, session = se.Workspace, se.User, se.ID
			if now.Sub(se.LastSeenAt) > touchEvery {
				touch = func(ctx context.Context) error {
					if err := s.d.Users.Seen(ctx, user, now); err != nil {
						return err
					}
					return s.d.Sessions.TouchSession(ctx, session, now)
				}
			}
		case strings.HasPrefix(secret, tokenPrefix):
			t, err := s.d.Tokens.TokenByHash(ctx, hashSecret(secret))
			if err != nil {
				return orUnauthenticated(err, ErrNoToken)
			}
			if !t.ExpiresAt.IsZero() && now.After(t.ExpiresAt) {
				return ErrUnauthenticated
			}
			ws, user, token = t.Workspace, t.User, t.ID
			if now.Sub(t.LastUsedAt) > touchEvery {
				touch = func(ctx context.Context) error { return s.d.Tokens.TouchToken(ctx, token, now) }
			}
		default:
			return ErrUnauthenticated
		}
		var err error
		if a, err = s.actor(ctx, ws, user); err != nil {
			return err
		}
		a.Session, a.Token, a.IP = session, token, ip
		return nil
	})
	if err != nil {
		return Actor{}, err
	}
	return a, touch(ctx)
}

func orUnauthenticated(err, missing error) error {
	if errors.Is(err, missing) {
		return ErrUnauthenticated
	}
	return err
}

// actor reads a user with what the role allows.
func (s *Service) actor(ctx context.Context, ws WorkspaceID, user UserID) (Actor, error) {
	u, err := s.d.Users.User(ctx, ws, user)
	if err != nil {
		return Actor{}, orUnauthenticated(err, ErrNoUser)
	}
	if u.Disabled {
		return Actor{}, ErrUnauthenticated
	}
	role, err := s.role(ctx, ws, u.Role)
	if err != nil {
		return Actor{}, err
	}
	return NewActor(u, role.Permissions), nil
}

// ActorFor returns a user as the actor of work done in his name later, such
// as a scheduled message.
func (s *Service) ActorFor(ctx context.Context, ws WorkspaceID, user UserID) (Actor, error) {
	return s.actor(ctx, ws, user)
}

// Logout ends the actor's session.
func (s *Service) Logout(ctx context.Context, a Actor) error {
	if a.Session == 0 {
		return nil
	}
	_, err := s.d.Sessions.DeleteSession(ctx, a.User, a.Session)
	if err == nil {
		s.d.OnSessionEnd(a.User)
	}
	return err
}

// ListSessions returns the actor's own sessions, the latest used first.
func (s *Service) ListSessions(ctx context.Context, a Actor) ([]Session, error) {
	return s.d.Sessions.ListSessions(ctx, a.User)
}

// EndSession ends one of the actor's own sessions.
func (s *Service) EndSession(ctx context.Context, a Actor, id SessionID) error {
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		n, err := s.d.Sessions.DeleteSession(ctx, a.User, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNoSession
		}
		return s.record(ctx, a, "session.ended", "user", int64(a.User), a.Name, nil)
	})
	if err == nil {
		s.d.OnSessionEnd(a.User)
	}
	return err
}

// ChangePassword sets the actor's own password and ends all his other
// sessions.
func (s *Service) ChangePassword(ctx context.Context, a Actor, current, next string) error {
	keys := []throttleKey{{"password:" + strconv.FormatInt(int64(a.User), 10), freeByEmail}}
	if err := s.countAttempt(ctx, keys); err != nil {
		return err
	}
	u, err := s.d.Users.User(ctx, a.Workspace, a.User)
	if err != nil {
		return err
	}
	if err := checkPassword(next, u.Email); err != nil {
		return err
	}
	checked := u.PasswordHash
	if len(current) > maxPassword {
		checked, current = "", "" // nobody's
	}
	ok, _, err := s.d.Hasher.Verify(ctx, checked, current)
	if err != nil {
		return err
	}
	if !ok {
		return ErrLogin.WithField("current")
	}
	hash, err := s.d.Hasher.Hash(ctx, next)
	if err != nil {
		return err
	}
	err = s.d.Tx.Write(ctx, func(ctx context.Context) error {
		fresh, err := s.d.Users.User(ctx, a.Workspace, a.User)
		if err != nil {
			return err
		}
		if fresh.Disabled || fresh.PasswordHash != u.PasswordHash {
			return ErrLogin.WithField("current") // changed while we were hashing
		}
		fresh.PasswordHash = hash
		if err := s.d.Users.UpdateUser(ctx, fresh); err != nil {
			return err
		}
		if _, err := s.d.Sessions.DeleteSessions(ctx, a.User, a.Session); err != nil {
			return err
		}
		// A link to set a new password that somebody still holds, too.
		if err := s.d.Invites.DeleteInvites(ctx, a.User); err != nil {
			return err
		}
		if err := s.forgiveAttempt(ctx, keys); err != nil {
			return err
		}
		return s.record(ctx, a, "user.password_changed", "user", int64(u.ID), u.Name, nil)
	})
	if err == nil {
		s.d.OnSessionEnd(a.User)
	}
	return err
}

// ExpireSessions forgets sessions that have not been used for long, and
// log-in failures of long ago. It returns how many sessions ended.
func (s *Service) ExpireSessions(ctx context.Context) (int64, error) {
	now := s.now()
	n, err := s.d.Sessions.ExpireSessions(ctx, now)
	if err != nil {
		return n, err
	}
	_, err = s.d.Throttle.ForgetThrottled(ctx, now.Add(-forgetAfter))
	return n, err
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
