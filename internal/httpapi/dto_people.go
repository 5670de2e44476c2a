package httpapi

import (
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/id"
)

// User is an employee.
type User struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Email      string     `json:"email"`
	RoleID     string     `json:"role_id"`
	RoleName   string     `json:"role_name"`
	RoleKey    string     `json:"role_key,omitempty" enum:"agent,supervisor,admin"`
	AvatarURL  string     `json:"avatar_url,omitempty"`
	Presence   string     `json:"presence" enum:"online,away,offline"`
	TeamIDs    []string   `json:"team_ids" nullable:"false"`
	Disabled   bool       `json:"disabled"`
	Locale     string     `json:"locale" enum:"ru,en"`
	Capacity   int        `json:"capacity" doc:"Open conversations handed out at most; 0: the inbox's limit."`
	LastSeenAt *time.Time `json:"last_seen_at,omitempty"`
	Invited    bool       `json:"invited,omitempty" doc:"The invitation has not been accepted yet."`
}

func userOf(u access.User) User {
	return User{
		ID: id.Format(u.ID), Name: u.Name, Email: u.Email, RoleID: id.Format(u.Role), RoleName: u.RoleName, RoleKey: string(u.RoleKey),
		AvatarURL: fileURL(u.AvatarFile, true), Presence: string(u.Presence), TeamIDs: formatIDs(u.Teams), Disabled: u.Disabled,
		Locale: u.Locale, Capacity: u.Capacity, LastSeenAt: when(u.LastSeenAt), Invited: u.PasswordHash == "",
	}
}

// Workspace is a company.
type Workspace struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Locale   string `json:"locale" enum:"ru,en"`
	Timezone string `json:"timezone" example:"Europe/Moscow"`
	Country  string `json:"country" example:"RU"`
	BaseURL  string `json:"base_url"`
	Demo     bool   `json:"demo"`
}

func (s *Server) workspaceOf(w access.Workspace) Workspace {
	return Workspace{
		ID: id.Format(w.ID), Name: w.Name, Locale: w.Locale, Timezone: w.Timezone, Country: w.Country, BaseURL: s.d.BaseURL, Demo: w.Demo,
	}
}

// Settings are a person's own choices.
type Settings struct {
	SendBy  string `json:"send_by" enum:"enter,ctrl_enter"`
	Theme   string `json:"theme" enum:"system,light,dark"`
	Sound   bool   `json:"sound"`
	Desktop bool   `json:"desktop"`
	Push    bool   `json:"push"`
}

// Me is the person who asks.
type Me struct {
	User        User      `json:"user"`
	Workspace   Workspace `json:"workspace"`
	Permissions []string  `json:"permissions" nullable:"false"`
	Settings    Settings  `json:"settings"`
	VapidKey    string    `json:"vapid_key,omitempty"`
	Version     string    `json:"version"`
	EventID     string    `json:"event_id" doc:"The newest event: follow the events from here."`
}

// Role is a set of permissions.
type Role struct {
	ID          string   `json:"id"`
	Key         string   `json:"key,omitempty" enum:"agent,supervisor,admin"`
	Name        string   `json:"name"`
	Permissions []string `json:"permissions" nullable:"false"`
	Users       int      `json:"users"`
}

func roleOf(r access.Role) Role {
	return Role{
		ID: id.Format(r.ID), Key: string(r.Key), Name: r.Name, Users: r.Users,
		Permissions: all(r.Permissions, func(p access.Permission) string { return string(p) }),
	}
}

// Team is a group of people.
type Team struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	UserIDs []string `json:"user_ids" nullable:"false"`
}

func teamOf(t access.Team) Team {
	return Team{ID: id.Format(t.ID), Name: t.Name, UserIDs: formatIDs(t.Users)}
}

// Invite is a link that sets a person's password. It is shown once.
type Invite struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (s *Server) inviteOf(i access.Invitation) *Invite {
	if i.Secret == "" {
		return nil
	}
	return &Invite{URL: s.d.BaseURL + "/invite/" + i.Secret, ExpiresAt: stamp(i.ExpiresAt)}
}

// Session is a browser that is logged in.
type Session struct {
	ID         string    `json:"id"`
	Current    bool      `json:"current"`
	IP         string    `json:"ip"`
	UserAgent  string    `json:"user_agent"`
	CreatedAt  time.Time `json:"created_at"`
	LastSeenAt time.Time `json:"last_seen_at"`
}

// Token lets a script act as a person.
type Token struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Prefix     string     `json:"prefix"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty"`
	ExpiresAt  *time.Time `json:"expires_at,omitempty"`
	Secret     string     `json:"secret,omitempty" doc:"Only in the answer to its creation."`
}

func tokenOf(t access.Token) Token {
	return Token{
		ID: id.Format(t.ID), Name: t.Name, Prefix: t.Prefix, CreatedAt: stamp(t.CreatedAt), LastUsedAt: when(t.LastUsedAt), ExpiresAt: when(t.ExpiresAt),
	}
}

// AuditEntry says who did what.
type AuditEntry struct {
	ID         string         `json:"id"`
	At         time.Time      `json:"at"`
	UserID     string         `json:"user_id,omitempty"`
	UserName   string         `json:"user_name"`
	Action     string         `json:"action"`
	TargetType string         `json:"target_type,omitempty"`
	TargetID   string         `json:"target_id,omitempty"`
	TargetName string         `json:"target_name,omitempty"`
	IP         string         `json:"ip,omitempty"`
	Detail     map[string]any `json:"detail"`
}

func auditOf(e access.Entry) AuditEntry {
	detail := public(e.Detail)
	if detail == nil {
		detail = map[string]any{}
	}
	return AuditEntry{
		ID: id.Format(e.ID), At: stamp(e.At), UserID: ref(e.User), UserName: e.UserName, Action: e.Action, TargetType: e.TargetType,
		TargetID: ref(e.TargetID), TargetName: e.TargetName, IP: e.IP, Detail: detail,
	}
}
