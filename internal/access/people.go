package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/fault"
)

// NewUser describes a person to invite.
type NewUser struct {
	Email, Name, Locale string
	Role                RoleID
	Teams               []TeamID
	Capacity            int
	// Password sets one at once instead of an invitation (command line, demo).
	Password string
}

// Invitation is a link's secret part and when it ends.
type Invitation struct {
	Secret    string
	ExpiresAt time.Time
}

// CreateUser adds a person and returns the invitation, which is shown once.
func (s *Service) CreateUser(ctx context.Context, a Actor, n NewUser) (User, Invitation, error) {
	if err := a.Require(ManageUser); err != nil {
		return User{}, Invitation{}, err
	}
	u, err := s.newUser(ctx, a.Workspace, n)
	if err != nil {
		return User{}, Invitation{}, err
	}
	var inv Invitation
	err = s.d.Tx.Write(ctx, func(ctx context.Context) error {
		role, err := s.grantable(ctx, a, u.Role)
		if err != nil {
			return err
		}
		u.RoleKey, u.RoleName = role.Key, role.Name
		if err := s.d.Users.CreateUser(ctx, u); err != nil {
			return err
		}
		if err := s.setTeams(ctx, a.Workspace, u.ID, n.Teams); err != nil {
			return err
		}
		if n.Password == "" {
			if inv, err = s.invite(ctx, u); err != nil {
				return err
			}
		}
		if err := s.record(ctx, a, "user.created", "user", int64(u.ID), u.Name, map[string]any{"role": role.Name}); err != nil {
			return err
		}
		return s.tell(ctx, a, event.UserUpdated, u.ID, 0)
	})
	return u, inv, err
}

func (s *Service) newUser(ctx context.Context, ws WorkspaceID, n NewUser) (User, error) {
	u := User{
		ID: UserID(s.d.NewID()), Workspace: ws, Role: n.Role, Presence: Offline, Capacity: n.Capacity,
		Settings: DefaultSettings(), Teams: n.Teams, CreatedAt: s.now(),
	}
	var err error
	if u.Email, err = checkEmail(n.Email); err != nil {
		return u, err
	}
	if u.Name, err = CheckName("name", n.Name); err != nil {
		return u, err
	}
	if u.Locale, err = checkLocale(n.Locale); err != nil {
		return u, err
	}
	if err := checkCapacity(n.Capacity); err != nil {
		return u, err
	}
	if n.Password != "" {
		if err := checkPassword(n.Password, n.Email); err != nil {
			return u, err
		}
		u.PasswordHash, err = s.d.Hasher.Hash(ctx, n.Password)
	}
	return u, err
}

func checkCapacity(n int) error {
	if n < 0 || n > maxCapacity {
		return fault.New(fault.Invalid, "user.bad_capacity").WithField("capacity").With("limit", maxCapacity)
	}
	return nil
}

func (s *Service) setTeams(ctx context.Context, ws WorkspaceID, u UserID, teams []TeamID) error {
	known, err := s.d.Roles.ListTeams(ctx, ws)
	if err != nil {
		return err
	}
	for _, id := range teams {
		if !slices.ContainsFunc(known, func(t Team) bool { return t.ID == id }) {
			return ErrNoTeam.WithField("team_ids")
		}
	}
	return s.d.Users.SetTeams(ctx, ws, u, teams)
}

func (s *Service) invite(ctx context.Context, u User) (Invitation, error) {
	if err := s.d.Invites.DeleteInvites(ctx, u.ID); err != nil {
		return Invitation{}, err
	}
	secret, hash := newSecret(invitePrefix)
	now := s.now()
	inv := Invitation{Secret: secret, ExpiresAt: now.Add(inviteLife)}
	return inv, s.d.Invites.CreateInvite(ctx, u.Workspace, u.ID, hash, now, inv.ExpiresAt)
}

// Invite makes a new link for a person, to join or to set a new password.
func (s *Service) Invite(ctx context.Context, a Actor, id UserID) (Invitation, error) {
	var inv Invitation
	if err := a.Require(ManageUser); err != nil {
		return inv, err
	}
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		u, err := s.d.Users.User(ctx, a.Workspace, id)
		if err != nil {
			return err
		}
		// Whoever holds the link becomes that person: do not let it raise one
		// above oneself.
		if _, err := s.grantable(ctx, a, u.Role); err != nil {
			return err
		}
		if inv, err = s.invite(ctx, u); err != nil {
			return err
		}
		return s.record(ctx, a, "user.invited", "user", int64(u.ID), u.Name, nil)
	})
	return inv, err
}

// Invited tells who an invitation is for.
func (s *Service) Invited(ctx context.Context, secret string) (User, Workspace, error) {
	ws, id, expires, err := s.d.Invites.InviteByHash(ctx, hashSecret(secret))
	if err != nil {
		return User{}, Workspace{}, err
	}
	if s.now().After(expires) {
		return User{}, Workspace{}, ErrInvite
	}
	u, err := s.d.Users.User(ctx, ws, id)
	if err != nil {
		return User{}, Workspace{}, err
	}
	if u.Disabled {
		return User{}, Workspace{}, ErrInvite
	}
	w, err := s.d.Workspaces.Workspace(ctx, ws)
	return u, w, err
}

// AcceptInvite sets the name and password of the invited person, ends every
// session he had, and opens one.
func (s *Service) AcceptInvite(ctx context.Context, secret, name, password string, c Client) (User, string, error) {
	filled, _, err := s.Invited(ctx, secret)
	if err != nil {
		return User{}, "", err
	}
	if err := s.fillUser(ctx, &filled, name, filled.Email, password); err != nil {
		return User{}, "", err
	}
	var (
		u       User
		session string
	)
	err = s.d.Tx.Write(ctx, func(ctx context.Context) error {
		// The person first, so that two who hold the link take turns; the
		// role and all else may have changed while we were hashing.
		if _, err := s.d.Users.User(ctx, filled.Workspace, filled.ID); err != nil {
			return err
		}
		var err error
		if u, _, err = s.Invited(ctx, secret); err != nil {
			return err // used meanwhile
		}
		u.Name, u.PasswordHash = filled.Name, filled.PasswordHash
		if err := s.d.Invites.DeleteInvites(ctx, u.ID); err != nil {
			return err
		}
		if err := s.d.Users.UpdateUser(ctx, u); err != nil {
			return err
		}
		if _, err := s.d.Sessions.DeleteSessions(ctx, u.ID, 0); err != nil {
			return err
		}
		if err := s.d.Throttle.ClearThrottled(ctx, emailKey(u.Email).key); err != nil {
			return err
		}
		if session, err = s.openSession(ctx, u, c); err != nil {
			return err
		}
		a := Actor{Workspace: u.Workspace, User: u.ID, Name: u.Name, IP: c.IP}
		if err := s.record(ctx, a, "user.joined", "user", int64(u.ID), u.Name, nil); err != nil {
			return err
		}
		return s.tell(ctx, a, event.UserUpdated, u.ID, 0)
	})
	if err == nil {
		s.d.OnSessionEnd(u.ID)
	}
	return u, session, err
}

// ListUsers returns the workspace's people by name.
func (s *Service) ListUsers(ctx context.Context, a Actor) ([]User, error) {
	return s.d.Users.ListUsers(ctx, a.Workspace)
}

// User returns one of the workspace's people.
func (s *Service) User(ctx context.Context, a Actor, id UserID) (User, error) {
	return s.d.Users.User(ctx, a.Workspace, id)
}

// UserPatch changes a person; nil leaves a field as it is.
type UserPatch struct {
	Name     *string
	Role     *RoleID
	Teams    *[]TeamID
	Capacity *int
	Disabled *bool
}

// UpdateUser changes a person of the workspace.
func (s *Service) UpdateUser(ctx context.Context, a Actor, id UserID, p UserPatch) (User, error) {
	var u User
	if err := a.Require(ManageUser); err != nil {
		return u, err
	}
	ended := false
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		// Two admins who demote each other take turns.
		if err := s.d.Workspaces.Lock(ctx, fmt.Sprintf("admins:%d", a.Workspace)); err != nil {
			return err
		}
		var err error
		if u, err = s.d.Users.User(ctx, a.Workspace, id); err != nil {
			return err
		}
		// Somebody more powerful than oneself is not for oneself to change.
		if _, err := s.grantable(ctx, a, u.Role); err != nil {
			return err
		}
		if err := s.applyPatch(ctx, a, &u, p); err != nil {
			return err
		}
		if err := s.d.Users.UpdateUser(ctx, u); err != nil {
			return err
		}
		if p.Disabled != nil && *p.Disabled {
			ended = true
			if _, err := s.d.Sessions.DeleteSessions(ctx, u.ID, 0); err != nil {
				return err
			}
			if err := s.d.Invites.DeleteInvites(ctx, u.ID); err != nil {
				return err
			}
		}
		if err := s.keepsAnAdmin(ctx, a.Workspace); err != nil {
			return err
		}
		if err := s.record(ctx, a, "user.updated", "user", int64(u.ID), u.Name, patchDetail(p)); err != nil {
			return err
		}
		return s.tell(ctx, a, event.UserUpdated, u.ID, 0)
	})
	if err == nil && ended {
		s.d.OnSessionEnd(id)
	}
	return u, err
}

func patchDetail(p UserPatch) map[string]any {
	d := map[string]any{}
	if p.Role != nil {
		d["role_id"] = int64(*p.Role)
	}
	if p.Disabled != nil {
		d["disabled"] = *p.Disabled
	}
	if p.Capacity != nil {
		d["capacity"] = *p.Capacity
	}
	return d
}

func (s *Service) applyPatch(ctx context.Context, a Actor, u *User, p UserPatch) error {
	var err error
	if p.Name != nil {
		if u.Name, err = CheckName("name", *p.Name); err != nil {
			return err
		}
	}
	if p.Role != nil {
		role, err := s.grantable(ctx, a, *p.Role)
		if err != nil {
			return err
		}
		u.Role, u.RoleKey, u.RoleName = role.ID, role.Key, role.Name
	}
	if p.Capacity != nil {
		if err := checkCapacity(*p.Capacity); err != nil {
			return err
		}
		u.Capacity = *p.Capacity
	}
	if p.Disabled != nil {
		if *p.Disabled && u.ID == a.User {
			return ErrSelf
		}
		u.Disabled = *p.Disabled
	}
	if p.Teams != nil {
		if err := s.setTeams(ctx, a.Workspace, u.ID, *p.Teams); err != nil {
			return err
		}
		u.Teams = *p.Teams
	}
	return nil
}

// keepsAnAdmin refuses a change that would leave nobody to undo it.
func (s *Service) keepsAnAdmin(ctx context.Context, ws WorkspaceID) error {
	users, err := s.d.Users.ListUsers(ctx, ws)
	if err != nil {
		return err
	}
	for _, u := range users {
		if u.RoleKey == Admin && !u.Disabled && u.PasswordHash != "" {
			return nil
		}
	}
	return ErrLastAdmin
}

// FindUser returns a person by address, for the command line.
func (s *Service) FindUser(ctx context.Context, email string) (User, error) {
	return s.d.Users.UserByEmail(ctx, NormaliseEmail(email))
}

// FirstWorkspace returns the oldest workspace, for the command line.
func (s *Service) FirstWorkspace(ctx context.Context) (Workspace, error) {
	list, err := s.d.Workspaces.ListWorkspaces(ctx)
	if err != nil {
		return Workspace{}, err
	}
	if len(list) == 0 {
		return Workspace{}, errors.New("access: no workspace yet: start the server and open it in a browser, or use --workspace")
	}
	return list[0], nil
}
