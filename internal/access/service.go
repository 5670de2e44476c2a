package access

import (
	"context"
	"time"

	"github.com/okno-hq/okno/internal/event"
)

// Deps is what the service needs.
type Deps struct {
	Tx         Transactor
	Users      Users
	Workspaces Workspaces
	Roles      Roles
	Sessions   Sessions
	Tokens     Tokens
	Invites    Invites
	Throttle   Throttle
	Audit      Audit
	Events     event.Log
	Hasher     Hasher
	NewID      func() int64
	Now        func() time.Time
	// OnSessionEnd is told, after the commit, of users whose sessions ended,
	// so that their sockets are closed. It may be nil.
	OnSessionEnd func(UserID)
}

// Service is everything people may do about people.
type Service struct{ d Deps }

// NewService returns the service.
func NewService(d Deps) *Service {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.OnSessionEnd == nil {
		d.OnSessionEnd = func(UserID) {}
	}
	return &Service{d: d}
}

func (s *Service) now() time.Time { return s.d.Now().UTC() }

// record writes an audit line for an actor.
func (s *Service) record(ctx context.Context, a Actor, action, targetType string, targetID int64, targetName string, detail map[string]any) error {
	return s.d.Audit.Record(ctx, Entry{
		ID: s.d.NewID(), Workspace: a.Workspace, At: s.now(), User: a.User, UserName: a.Name, IP: a.IP,
		Action: action, TargetType: targetType, TargetID: targetID, TargetName: targetName, Detail: detail,
	})
}

// tell appends an event about the workspace's people.
func (s *Service) tell(ctx context.Context, a Actor, t event.Type, user UserID, subject int64) error {
	return s.d.Events.Append(ctx, event.Event{
		Workspace: int64(a.Workspace), Type: t, At: s.now(), User: int64(user), Subject: subject, Actor: int64(a.User),
	})
}

// SetupRequest makes the first workspace and its first admin.
type SetupRequest struct {
	WorkspaceName             string
	Name, Email, Password     string
	Locale, Timezone, Country string
	Demo                      bool
	RoleNames                 map[RoleKey]string
	Client                    Client
	WithoutSession            bool
	// Also is what else a new workspace begins with, as the admin's doing. It
	// runs in the same transaction: a workspace is there with it or not at all.
	// It may be nil.
	Also func(ctx context.Context, a Actor, w Workspace) error
}

// Client says where a request comes from.
type Client struct{ IP, UserAgent string }

// NeedsSetup reports whether there is no workspace yet.
func (s *Service) NeedsSetup(ctx context.Context) (bool, error) {
	ws, err := s.d.Workspaces.ListWorkspaces(ctx)
	return len(ws) == 0, err
}

func (s *Service) mustNeedSetup(ctx context.Context) error {
	needed, err := s.NeedsSetup(ctx)
	if err == nil && !needed {
		return ErrSetUp
	}
	return err
}

// Setup makes the first workspace, its roles and its admin, once: afterwards
// it is ErrSetUp. It returns the admin's session secret unless none is wanted.
func (s *Service) Setup(ctx context.Context, r SetupRequest) (Workspace, User, string, error) {
	var (
		w      Workspace
		u      User
		secret string
	)
	// First of all, for everybody may ask and hashing is dear.
	if err := s.mustNeedSetup(ctx); err != nil {
		return w, u, "", err
	}
	locale, err := checkLocale(r.Locale)
	if err != nil {
		return w, u, "", err
	}
	w = Workspace{ID: WorkspaceID(s.d.NewID()), Demo: r.Demo, Locale: locale, CreatedAt: s.now()}
	if w.Name, err = CheckName("workspace_name", r.WorkspaceName); err != nil {
		return w, u, "", err
	}
	if w.Timezone, err = checkTimezone(r.Timezone); err != nil {
		return w, u, "", err
	}
	if w.Country, err = checkCountry(r.Country); err != nil {
		return w, u, "", err
	}
	u = User{
		ID: UserID(s.d.NewID()), Workspace: w.ID, Locale: locale, Presence: Online,
		Settings: DefaultSettings(), CreatedAt: s.now(), RoleKey: Admin,
	}
	if err := s.fillUser(ctx, &u, r.Name, r.Email, r.Password); err != nil {
		return w, u, "", err
	}
	err = s.d.Tx.Write(ctx, func(ctx context.Context) error {
		if err := s.d.Workspaces.Lock(ctx, "setup"); err != nil {
			return err
		}
		if err := s.mustNeedSetup(ctx); err != nil {
			return err
		}
		if err := s.d.Users.CreateWorkspace(ctx, w); err != nil {
			return err
		}
		for _, key := range RoleKeys() {
			role := Role{ID: RoleID(s.d.NewID()), Key: key, Name: roleName(r.RoleNames, key), Permissions: key.Default()}
			if err := s.d.Roles.CreateRole(ctx, w.ID, role); err != nil {
				return err
			}
			if key == Admin {
				u.Role, u.RoleName = role.ID, role.Name
			}
		}
		if err := s.d.Users.CreateUser(ctx, u); err != nil {
			return err
		}
		a := NewActor(u, Permissions())
		a.IP = r.Client.IP
		if err := s.record(ctx, a, "workspace.created", "workspace", int64(w.ID), w.Name, nil); err != nil {
			return err
		}
		if r.Also != nil {
			if err := r.Also(ctx, a, w); err != nil {
				return err
			}
		}
		if r.WithoutSession {
			return nil
		}
		var err error
		secret, err = s.openSession(ctx, u, r.Client)
		return err
	})
	return w, u, secret, err
}

func roleName(names map[RoleKey]string, key RoleKey) string {
	if n := names[key]; n != "" {
		return n
	}
	return string(key)
}

// fillUser checks and sets what a person gives of himself.
func (s *Service) fillUser(ctx context.Context, u *User, name, email, password string) error {
	var err error
	if u.Name, err = CheckName("name", name); err != nil {
		return err
	}
	if u.Email, err = checkEmail(email); err != nil {
		return err
	}
	if err := checkPassword(password, email); err != nil {
		return err
	}
	u.PasswordHash, err = s.d.Hasher.Hash(ctx, password)
	return err
}

// Workspaces lists every workspace of the installation, for its services.
func (s *Service) Workspaces(ctx context.Context) ([]Workspace, error) {
	return s.d.Workspaces.ListWorkspaces(ctx)
}

// Workspace returns the actor's workspace.
func (s *Service) Workspace(ctx context.Context, a Actor) (Workspace, error) {
	return s.d.Workspaces.Workspace(ctx, a.Workspace)
}

// WorkspacePatch changes a workspace; nil leaves a field as it is.
type WorkspacePatch struct{ Name, Locale, Timezone, Country *string }

// UpdateWorkspace changes the actor's workspace.
func (s *Service) UpdateWorkspace(ctx context.Context, a Actor, p WorkspacePatch) (Workspace, error) {
	var w Workspace
	if err := a.Require(ManageWorkspace); err != nil {
		return w, err
	}
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		var err error
		if w, err = s.d.Workspaces.Workspace(ctx, a.Workspace); err != nil {
			return err
		}
		for _, f := range []struct {
			value *string
			into  *string
			check func(string) (string, error)
		}{
			{p.Name, &w.Name, func(v string) (string, error) { return CheckName("name", v) }},
			{p.Locale, &w.Locale, checkLocale},
			{p.Timezone, &w.Timezone, checkTimezone},
			{p.Country, &w.Country, checkCountry},
		} {
			if f.value == nil {
				continue
			}
			if *f.into, err = f.check(*f.value); err != nil {
				return err
			}
		}
		if err := s.d.Workspaces.UpdateWorkspace(ctx, w); err != nil {
			return err
		}
		if err := s.record(ctx, a, "workspace.updated", "workspace", int64(w.ID), w.Name, nil); err != nil {
			return err
		}
		return s.tell(ctx, a, event.WorkspaceUpdated, 0, int64(w.ID))
	})
	return w, err
}

// Record writes a line of the audit log for other packages, inside their
// transaction.
func (s *Service) Record(ctx context.Context, a Actor, action, targetType string, targetID int64, targetName string, detail map[string]any) error {
	return s.record(ctx, a, action, targetType, targetID, targetName, detail)
}

// ListAudit reads the audit log, newest first.
func (s *Service) ListAudit(ctx context.Context, a Actor, f AuditFilter) ([]Entry, error) {
	if err := a.Require(ViewAudit); err != nil {
		return nil, err
	}
	if f.Limit <= 0 || f.Limit > maxAuditPage {
		f.Limit = maxAuditPage
	}
	return s.d.Audit.ListAudit(ctx, a.Workspace, f)
}
