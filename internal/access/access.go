// Package access knows who works in a workspace and what each may do:
// users, roles, teams, sessions, API tokens and invitations.
package access

import (
	"slices"
	"time"
)

// Identifiers of what this package holds.
type (
	WorkspaceID int64
	UserID      int64
	RoleID      int64
	TeamID      int64
	SessionID   int64
	TokenID     int64
)

// Workspace is one company.
type Workspace struct {
	ID   WorkspaceID
	Name string
	// Locale is "ru" or "en", the language of automatic texts.
	Locale string
	// Timezone is an IANA name, Country an ISO 3166 code that national phone
	// numbers are read in.
	Timezone, Country string
	Demo              bool
	CreatedAt         time.Time
}

// Presence is what a person lets the others know.
type Presence string

// The presences a person chooses from. OnCall and WrapUp follow from calls.
const (
	Online  Presence = "online"
	Away    Presence = "away"
	Offline Presence = "offline"
)

// User is an employee.
type User struct {
	ID        UserID
	Workspace WorkspaceID
	Email     string
	Name      string
	Role      RoleID
	// RoleKey and RoleName are the role's, for display.
	RoleKey  RoleKey
	RoleName string
	// PasswordHash is empty until the invitation is accepted.
	PasswordHash string
	Locale       string
	AvatarFile   int64
	Presence     Presence
	// Capacity is how many open conversations are handed to the person by
	// routing; 0 means the inbox's own limit.
	Capacity   int
	Settings   Settings
	Disabled   bool
	Teams      []TeamID
	CreatedAt  time.Time
	LastSeenAt time.Time
}

// Settings are a person's own choices for the workspace's pages.
type Settings struct {
	SendBy  string `json:"send_by"` // enter, ctrl_enter
	Theme   string `json:"theme"`   // system, light, dark
	Sound   bool   `json:"sound"`
	Desktop bool   `json:"desktop"`
	Push    bool   `json:"push"`
}

// DefaultSettings are a new person's.
func DefaultSettings() Settings {
	return Settings{SendBy: "enter", Theme: "system", Sound: true, Desktop: false, Push: false}
}

// Role is a set of permissions with a name.
type Role struct {
	ID          RoleID
	Key         RoleKey
	Name        string
	Permissions []Permission
	Users       int
}

// Team is a group of users that inboxes belong to.
type Team struct {
	ID    TeamID
	Name  string
	Users []UserID
}

// Session is a browser that is logged in.
type Session struct {
	ID                               SessionID
	Workspace                        WorkspaceID
	User                             UserID
	IP, UserAgent                    string
	CreatedAt, LastSeenAt, ExpiresAt time.Time
}

// Token lets a script act as a user.
type Token struct {
	ID                               TokenID
	Workspace                        WorkspaceID
	User                             UserID
	Name, Prefix                     string
	CreatedAt, LastUsedAt, ExpiresAt time.Time
}

// Actor is who asks: a user through a session or a token. The zero Actor is
// nobody and may do nothing.
type Actor struct {
	Workspace WorkspaceID
	User      UserID
	Name      string
	Locale    string
	RoleKey   RoleKey
	Session   SessionID // 0 when a token or the command line asks
	Token     TokenID
	IP        string

	permissions []Permission
	teams       []TeamID
}

// NewActor returns an actor with a role's permissions.
func NewActor(u User, permissions []Permission) Actor {
	return Actor{
		Workspace: u.Workspace, User: u.ID, Name: u.Name, Locale: u.Locale, RoleKey: u.RoleKey,
		permissions: permissions, teams: u.Teams,
	}
}

// Can reports whether the actor's role allows p.
func (a Actor) Can(p Permission) bool { return slices.Contains(a.permissions, p) }

// Permissions returns what the actor's role allows.
func (a Actor) Permissions() []Permission { return slices.Clone(a.permissions) }

// Teams returns the teams the actor belongs to.
func (a Actor) Teams() []TeamID { return slices.Clone(a.teams) }

// Require is nil if the actor may p, and a fault.Denied otherwise.
func (a Actor) Require(p Permission) error {
	if a.Can(p) {
		return nil
	}
	return ErrDenied.With("permission", string(p))
}
