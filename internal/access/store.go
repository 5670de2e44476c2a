package access

import (
	"context"
	"time"
)

// Transactor runs work in one transaction; the transaction travels in the
// context that fn gets.
type Transactor interface {
	Write(ctx context.Context, fn func(ctx context.Context) error) error
	Read(ctx context.Context, fn func(ctx context.Context) error) error
}

// Users stores workspaces and their people. A lookup that finds nothing is
// ErrNoUser; an address that is taken is ErrEmailTaken.
type Users interface {
	CreateWorkspace(ctx context.Context, w Workspace) error
	CreateUser(ctx context.Context, u User) error
	UpdateUser(ctx context.Context, u User) error
	// User reads a person; inside a write nobody else changes him until its end.
	User(ctx context.Context, ws WorkspaceID, u UserID) (User, error)
	UserByEmail(ctx context.Context, emailNorm string) (User, error)
	ListUsers(ctx context.Context, ws WorkspaceID) ([]User, error)
	SetTeams(ctx context.Context, ws WorkspaceID, u UserID, teams []TeamID) error
	Seen(ctx context.Context, u UserID, at time.Time) error
}

// Workspaces reads and changes workspaces.
type Workspaces interface {
	Workspace(ctx context.Context, ws WorkspaceID) (Workspace, error)
	UpdateWorkspace(ctx context.Context, w Workspace) error
	ListWorkspaces(ctx context.Context) ([]Workspace, error)
	// Lock makes transactions that lock the same name wait for one another
	// until they end.
	Lock(ctx context.Context, name string) error
}

// Roles stores roles and teams. Lookups that find nothing are ErrNoRole and
// ErrNoTeam.
type Roles interface {
	CreateRole(ctx context.Context, ws WorkspaceID, r Role) error
	UpdateRole(ctx context.Context, ws WorkspaceID, r Role) error
	DeleteRole(ctx context.Context, ws WorkspaceID, r RoleID) error
	ListRoles(ctx context.Context, ws WorkspaceID) ([]Role, error)
	CreateTeam(ctx context.Context, ws WorkspaceID, t Team) error
	UpdateTeam(ctx context.Context, ws WorkspaceID, t Team) error
	DeleteTeam(ctx context.Context, ws WorkspaceID, t TeamID) error
	ListTeams(ctx context.Context, ws WorkspaceID) ([]Team, error)
}

// Sessions stores sessions by the hash of their secret.
type Sessions interface {
	CreateSession(ctx context.Context, s Session, hash []byte) error
	SessionByHash(ctx context.Context, hash []byte) (Session, error)
	TouchSession(ctx context.Context, s SessionID, at time.Time) error
	ListSessions(ctx context.Context, u UserID) ([]Session, error)
	// DeleteSessions ends one session of the user, or all but one when keep is
	// not 0, or all. It returns how many ended.
	DeleteSession(ctx context.Context, u UserID, s SessionID) (int64, error)
	DeleteSessions(ctx context.Context, u UserID, keep SessionID) (int64, error)
	ExpireSessions(ctx context.Context, now time.Time) (int64, error)
}

// Tokens stores API tokens and invitations by the hash of their secret.
type Tokens interface {
	CreateToken(ctx context.Context, t Token, hash []byte) error
	TokenByHash(ctx context.Context, hash []byte) (Token, error)
	TouchToken(ctx context.Context, t TokenID, at time.Time) error
	ListTokens(ctx context.Context, ws WorkspaceID) ([]Token, error)
	DeleteToken(ctx context.Context, ws WorkspaceID, t TokenID) (int64, error)
}

// Invites stores invitations by the hash of their secret. A user has at most
// one: a new one replaces the old.
type Invites interface {
	CreateInvite(ctx context.Context, ws WorkspaceID, u UserID, hash []byte, now, expires time.Time) error
	InviteByHash(ctx context.Context, hash []byte) (ws WorkspaceID, u UserID, expires time.Time, err error)
	DeleteInvites(ctx context.Context, u UserID) error
}

// Throttle counts log-in failures by key.
type Throttle interface {
	// Throttled returns the failures counted so far and until when the key is
	// blocked.
	Throttled(ctx context.Context, key string) (failures int, blockedUntil, updated time.Time, err error)
	SetThrottled(ctx context.Context, key string, failures int, blockedUntil, updated time.Time) error
	ClearThrottled(ctx context.Context, key string) error
	// ForgetThrottled drops keys that have not changed since.
	ForgetThrottled(ctx context.Context, since time.Time) (int64, error)
}

// Entry is one line of the audit log.
type Entry struct {
	ID         int64
	Workspace  WorkspaceID
	At         time.Time
	User       UserID
	UserName   string
	Action     string
	TargetType string
	TargetID   int64
	TargetName string
	IP         string
	// Detail says what changed, without secrets.
	Detail map[string]any
}

// Audit keeps who did what. Record runs in the caller's transaction, so that
// nothing is done without its line.
type Audit interface {
	Record(ctx context.Context, e Entry) error
	ListAudit(ctx context.Context, ws WorkspaceID, f AuditFilter) ([]Entry, error)
}

// AuditFilter narrows the audit log.
type AuditFilter struct {
	Action string
	User   UserID
	Before int64 // entries with a smaller id; 0: the newest
	Limit  int
}

// Hasher hashes passwords, slowly.
type Hasher interface {
	Hash(ctx context.Context, password string) (string, error)
	// Verify reports whether the password is the hashed one, and whether the
	// hash should be made anew with today's parameters.
	Verify(ctx context.Context, hash, password string) (ok, stale bool, err error)
}
