package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/inbox"
)

// loggedIn is an answer that sets the session.
type loggedIn struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      Me
}

// sessionCookieAge is how long a browser keeps the session's cookie.
const sessionCookieAge = 30 * 24 * 3600

func (s *Server) logIn(ctx context.Context, u access.User, secret string) (*loggedIn, error) {
	a, err := s.d.Access.Authenticate(ctx, secret, clientFrom(ctx).IP)
	if err != nil {
		return nil, err
	}
	me, err := s.me(ctx, a)
	if err != nil {
		return nil, err
	}
	_ = u
	return &loggedIn{SetCookie: *s.cookie(secret, sessionCookieAge), Body: me}, nil
}

func (s *Server) me(ctx context.Context, a access.Actor) (Me, error) {
	u, err := s.d.Access.User(ctx, a, a.User)
	if err != nil {
		return Me{}, err
	}
	w, err := s.d.Access.Workspace(ctx, a)
	if err != nil {
		return Me{}, err
	}
	last, err := s.d.Events.Last(ctx, int64(a.Workspace))
	if err != nil {
		return Me{}, err
	}
	me := Me{
		User: userOf(u), Workspace: s.workspaceOf(w), Settings: Settings(u.Settings), Version: s.d.Version, EventID: id.Format(last),
		Permissions: all(a.Permissions(), func(p access.Permission) string { return string(p) }),
	}
	if s.d.Push != nil {
		if me.VapidKey, err = s.d.Push.PublicKey(ctx); err != nil {
			return Me{}, err
		}
	}
	return me, nil
}

type setupState struct {
	Needed bool `json:"needed"`
}

type setupRequest struct {
	WorkspaceName string `json:"workspace_name"`
	Name          string `json:"name"`
	Email         string `json:"email"`
	Password      string `json:"password"`
	Locale        string `json:"locale,omitempty"`
	Timezone      string `json:"timezone,omitempty"`
	Country       string `json:"country,omitempty"`
}

type loginRequest struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

type inviteState struct {
	Email         string `json:"email"`
	Name          string `json:"name"`
	WorkspaceName string `json:"workspace_name"`
}

type secretPath struct {
	Token string `path:"token"`
}

type acceptRequest struct {
	Token string `path:"token"`
	Body  struct {
		Name     string `json:"name"`
		Password string `json:"password"`
	}
}

// sessionRoutes are about getting in and about oneself.
func (s *Server) sessionRoutes() {
	open(s, route{method: "GET", path: "/setup", name: "getSetup", tag: "Session", summary: "Whether the first-run wizard is to be shown"},
		func(ctx context.Context, _ *none) (*body[setupState], error) {
			needed, err := s.d.Access.NeedsSetup(ctx)
			return &body[setupState]{setupState{needed}}, err
		})
	open(s, route{method: "POST", path: "/setup", name: "setUp", tag: "Session", summary: "Make the workspace and its first admin, once"},
		func(ctx context.Context, in *body[setupRequest]) (*loggedIn, error) {
			r := in.Body
			_, u, secret, err := s.d.Access.Setup(ctx, access.SetupRequest{
				WorkspaceName: r.WorkspaceName, Name: r.Name, Email: r.Email, Password: r.Password,
				Locale: r.Locale, Timezone: r.Timezone, Country: r.Country, Client: clientFrom(ctx), RoleNames: RoleNames(r.Locale),
				Also: FirstInbox(s.d.Inbox),
			})
			if err != nil {
				return nil, err
			}
			return s.logIn(ctx, u, secret)
		})
	open(s, route{method: "POST", path: "/auth/login", name: "logIn", tag: "Session", summary: "Log in"},
		func(ctx context.Context, in *body[loginRequest]) (*loggedIn, error) {
			u, secret, err := s.d.Access.Login(ctx, in.Body.Email, in.Body.Password, clientFrom(ctx))
			if err != nil {
				return nil, err
			}
			return s.logIn(ctx, u, secret)
		})
	open(s, route{method: "GET", path: "/auth/invites/{token}", name: "getInvite", tag: "Session", summary: "Who an invitation is for"},
		func(ctx context.Context, in *secretPath) (*body[inviteState], error) {
			u, w, err := s.d.Access.Invited(ctx, in.Token)
			return &body[inviteState]{inviteState{Email: u.Email, Name: u.Name, WorkspaceName: w.Name}}, err
		})
	open(s, route{method: "POST", path: "/auth/invites/{token}", name: "acceptInvite", tag: "Session", summary: "Accept an invitation, or set a new password"},
		func(ctx context.Context, in *acceptRequest) (*loggedIn, error) {
			u, secret, err := s.d.Access.AcceptInvite(ctx, in.Token, in.Body.Name, in.Body.Password, clientFrom(ctx))
			if err != nil {
				return nil, err
			}
			return s.logIn(ctx, u, secret)
		})
	s.selfRoutes()
}

// RoleNames are the built-in roles' names in the workspace's language.
func RoleNames(locale string) map[access.RoleKey]string {
	if locale == "en" {
		return map[access.RoleKey]string{access.Agent: "Agent", access.Supervisor: "Supervisor", access.Admin: "Admin"}
	}
	return map[access.RoleKey]string{access.Agent: "Оператор", access.Supervisor: "Руководитель", access.Admin: "Администратор"}
}

// FirstInboxName is what a new workspace's inbox is called.
func FirstInboxName(locale string) string {
	if locale == "en" {
		return "Support"
	}
	return "Поддержка"
}

// FirstInbox gives a new workspace an inbox, so that a channel can be
// connected at once.
func FirstInbox(s *inbox.Service) func(context.Context, access.Actor, access.Workspace) error {
	return func(ctx context.Context, a access.Actor, w access.Workspace) error {
		box := inbox.DefaultInbox(w.Timezone)
		box.Name = FirstInboxName(w.Locale)
		_, err := s.SaveInbox(ctx, a, box)
		return err
	}
}

type profileRequest struct {
	Name         *string `json:"name,omitempty"`
	Locale       *string `json:"locale,omitempty"`
	AvatarFileID *string `json:"avatar_file_id,omitempty" doc:"A picture uploaded before; empty removes it."`
}

type settingsRequest struct {
	SendBy  *string `json:"send_by,omitempty"`
	Theme   *string `json:"theme,omitempty"`
	Sound   *bool   `json:"sound,omitempty"`
	Desktop *bool   `json:"desktop,omitempty"`
	Push    *bool   `json:"push,omitempty"`
}

type presenceRequest struct {
	Presence string `json:"presence"`
}

type passwordRequest struct {
	Current  string `json:"current"`
	Password string `json:"password"`
}

func (s *Server) selfRoutes() {
	handle(s, route{method: "POST", path: "/auth/logout", name: "logOut", tag: "Session", summary: "Log out", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, _ *none) (*struct {
			SetCookie http.Cookie `header:"Set-Cookie"`
		}, error,
		) {
			out := &struct {
				SetCookie http.Cookie `header:"Set-Cookie"`
			}{*s.cookie("", -1)}
			return out, s.d.Access.Logout(ctx, a)
		})
	handle(s, route{method: "GET", path: "/me", name: "getMe", tag: "Session", summary: "The person who asks"},
		func(ctx context.Context, a access.Actor, _ *none) (*body[Me], error) {
			me, err := s.me(ctx, a)
			return &body[Me]{me}, err
		})
	handle(s, route{method: "PATCH", path: "/me", name: "updateMe", tag: "Session", summary: "Change one's own profile"},
		func(ctx context.Context, a access.Actor, in *body[profileRequest]) (*body[Me], error) {
			p := access.ProfilePatch{Name: in.Body.Name, Locale: in.Body.Locale}
			if v := in.Body.AvatarFileID; v != nil {
				file, err := optional[int64]("avatar_file_id", *v)
				if err != nil {
					return nil, err
				}
				if file != 0 {
					if err := s.d.Inbox.UploadPicture(ctx, a, inbox.FileID(file)); err != nil {
						return nil, err
					}
				}
				p.AvatarFile = &file
			}
			if _, err := s.d.Access.UpdateProfile(ctx, a, p); err != nil {
				return nil, err
			}
			me, err := s.me(ctx, a)
			return &body[Me]{me}, err
		})
	handle(s, route{method: "PATCH", path: "/me/settings", name: "updateSettings", tag: "Session", summary: "Change one's own settings"},
		func(ctx context.Context, a access.Actor, in *body[settingsRequest]) (*body[Settings], error) {
			u, err := s.d.Access.User(ctx, a, a.User)
			if err != nil {
				return nil, err
			}
			next := in.Body.apply(u.Settings)
			u, err = s.d.Access.UpdateProfile(ctx, a, access.ProfilePatch{Settings: &next})
			return &body[Settings]{Settings(u.Settings)}, err
		})
	handle(s, route{method: "PUT", path: "/me/presence", name: "setPresence", tag: "Session", summary: "Say whether one is there"},
		func(ctx context.Context, a access.Actor, in *body[presenceRequest]) (*body[User], error) {
			p := access.Presence(in.Body.Presence)
			u, err := s.d.Access.UpdateProfile(ctx, a, access.ProfilePatch{Presence: &p})
			return &body[User]{userOf(u)}, err
		})
	handle(s, route{method: "POST", path: "/me/password", name: "changePassword", tag: "Session", summary: "Change one's own password; all other sessions end", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *body[passwordRequest]) (*none, error) {
			return nil, s.d.Access.ChangePassword(ctx, a, in.Body.Current, in.Body.Password)
		})
	handle(s, route{method: "GET", path: "/me/sessions", name: "listSessions", tag: "Session", summary: "One's own sessions"},
		func(ctx context.Context, a access.Actor, _ *none) (*body[list[Session]], error) {
			sessions, err := s.d.Access.ListSessions(ctx, a)
			return listOf(all(sessions, func(se access.Session) Session {
				return Session{
					ID: id.Format(se.ID), Current: se.ID == a.Session, IP: se.IP, UserAgent: se.UserAgent,
					CreatedAt: stamp(se.CreatedAt), LastSeenAt: stamp(se.LastSeenAt),
				}
			}), ""), err
		})
	handle(s, route{method: "DELETE", path: "/me/sessions/{id}", name: "endSession", tag: "Session", summary: "End one of one's own sessions", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *Ident) (*none, error) {
			session, err := id.Parse[access.SessionID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.d.Access.EndSession(ctx, a, session)
		})
}

func (r settingsRequest) apply(to access.Settings) access.Settings {
	for _, f := range []struct {
		from *string
		into *string
	}{{r.SendBy, &to.SendBy}, {r.Theme, &to.Theme}} {
		if f.from != nil {
			*f.into = *f.from
		}
	}
	for _, f := range []struct {
		from *bool
		into *bool
	}{{r.Sound, &to.Sound}, {r.Desktop, &to.Desktop}, {r.Push, &to.Push}} {
		if f.from != nil {
			*f.into = *f.from
		}
	}
	return to
}

// expiry reads a moment in the future that may be absent.
func expiry(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
