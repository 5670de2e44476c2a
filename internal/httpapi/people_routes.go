package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/id"
)

type newUserRequest struct {
	Email    string   `json:"email"`
	Name     string   `json:"name"`
	RoleID   string   `json:"role_id"`
	TeamIDs  []string `json:"team_ids,omitempty"`
	Capacity int      `json:"capacity,omitempty"`
	Locale   string   `json:"locale,omitempty"`
}

type newUserAnswer struct {
	User   User    `json:"user"`
	Invite *Invite `json:"invite,omitempty"`
}

type userPatchRequest struct {
	Ident
	Body struct {
		Name     *string   `json:"name,omitempty"`
		RoleID   *string   `json:"role_id,omitempty"`
		TeamIDs  *[]string `json:"team_ids,omitempty"`
		Capacity *int      `json:"capacity,omitempty"`
		Disabled *bool     `json:"disabled,omitempty"`
	}
}

func (s *Server) peopleRoutes() {
	s.userRoutes()
	s.roleRoutes()
	s.teamRoutes()
	s.tokenRoutes()
	s.workspaceRoutes()
}

func (s *Server) userRoutes() {
	handle(s, route{method: "GET", path: "/users", name: "listUsers", tag: "People", summary: "The workspace's people"},
		func(ctx context.Context, a access.Actor, _ *none) (*body[list[User]], error) {
			users, err := s.d.Access.ListUsers(ctx, a)
			return listOf(all(users, userOf), ""), err
		})
	handle(s, route{method: "POST", path: "/users", name: "createUser", tag: "People", summary: "Invite a person", status: http.StatusCreated},
		func(ctx context.Context, a access.Actor, in *body[newUserRequest]) (*body[newUserAnswer], error) {
			n, err := in.Body.parse()
			if err != nil {
				return nil, err
			}
			u, inv, err := s.d.Access.CreateUser(ctx, a, n)
			return &body[newUserAnswer]{newUserAnswer{userOf(u), s.inviteOf(inv)}}, err
		})
	handle(s, route{method: "PATCH", path: "/users/{id}", name: "updateUser", tag: "People", summary: "Change a person"},
		func(ctx context.Context, a access.Actor, in *userPatchRequest) (*body[User], error) {
			user, err := id.Parse[access.UserID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			p := access.UserPatch{Name: in.Body.Name, Capacity: in.Body.Capacity, Disabled: in.Body.Disabled}
			if in.Body.RoleID != nil {
				role, err := id.Parse[access.RoleID]("role_id", *in.Body.RoleID)
				if err != nil {
					return nil, err
				}
				p.Role = &role
			}
			if in.Body.TeamIDs != nil {
				teams, err := parseIDs[access.TeamID]("team_ids", *in.Body.TeamIDs)
				if err != nil {
					return nil, err
				}
				p.Teams = &teams
			}
			u, err := s.d.Access.UpdateUser(ctx, a, user, p)
			return &body[User]{userOf(u)}, err
		})
	handle(s, route{method: "POST", path: "/users/{id}/invite", name: "inviteUser", tag: "People", summary: "A new link for a person, to join or to set a new password"},
		func(ctx context.Context, a access.Actor, in *Ident) (*body[Invite], error) {
			user, err := id.Parse[access.UserID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			inv, err := s.d.Access.Invite(ctx, a, user)
			if err != nil {
				return nil, err
			}
			return &body[Invite]{*s.inviteOf(inv)}, nil
		})
	handle(s, route{method: "POST", path: "/users/import", name: "importUsers", tag: "People", summary: "Invite people from a CSV file: name, email, role, teams (separated by semicolons)"}, s.importUsers)
}

func (r newUserRequest) parse() (access.NewUser, error) {
	n := access.NewUser{Email: r.Email, Name: r.Name, Capacity: r.Capacity, Locale: r.Locale}
	var err error
	if n.Role, err = id.Parse[access.RoleID]("role_id", r.RoleID); err != nil {
		return n, err
	}
	n.Teams, err = parseIDs[access.TeamID]("team_ids", r.TeamIDs)
	return n, err
}

type permissionInfo struct {
	Key   string `json:"key"`
	Group string `json:"group"`
}

type roleRequest struct {
	Name        *string   `json:"name,omitempty"`
	Permissions *[]string `json:"permissions,omitempty"`
}

func (r roleRequest) permissions() *[]access.Permission {
	if r.Permissions == nil {
		return nil
	}
	out := all(*r.Permissions, func(p string) access.Permission { return access.Permission(p) })
	return &out
}

type rolePatch struct {
	Ident
	Body roleRequest
}

func (s *Server) roleRoutes() {
	handle(s, route{method: "GET", path: "/permissions", name: "listPermissions", tag: "People", summary: "Everything a role may allow"},
		func(context.Context, access.Actor, *none) (*body[list[permissionInfo]], error) {
			return listOf(all(access.Permissions(), func(p access.Permission) permissionInfo {
				group, _, _ := strings.Cut(string(p), ".")
				return permissionInfo{string(p), group}
			}), ""), nil
		})
	handle(s, route{method: "GET", path: "/roles", name: "listRoles", tag: "People", summary: "The workspace's roles"},
		func(ctx context.Context, a access.Actor, _ *none) (*body[list[Role]], error) {
			roles, err := s.d.Access.ListRoles(ctx, a)
			return listOf(all(roles, roleOf), ""), err
		})
	handle(s, route{method: "POST", path: "/roles", name: "createRole", tag: "People", summary: "Add a role", status: http.StatusCreated},
		func(ctx context.Context, a access.Actor, in *body[roleRequest]) (*body[Role], error) {
			name := ""
			if in.Body.Name != nil {
				name = *in.Body.Name
			}
			var permissions []access.Permission
			if p := in.Body.permissions(); p != nil {
				permissions = *p
			}
			r, err := s.d.Access.CreateRole(ctx, a, name, permissions)
			return &body[Role]{roleOf(r)}, err
		})
	handle(s, route{method: "PATCH", path: "/roles/{id}", name: "updateRole", tag: "People", summary: "Change a role"},
		func(ctx context.Context, a access.Actor, in *rolePatch) (*body[Role], error) {
			role, err := id.Parse[access.RoleID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			r, err := s.d.Access.UpdateRole(ctx, a, role, in.Body.Name, in.Body.permissions())
			return &body[Role]{roleOf(r)}, err
		})
	handle(s, route{method: "DELETE", path: "/roles/{id}", name: "deleteRole", tag: "People", summary: "Remove a role that nobody has", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *Ident) (*none, error) {
			role, err := id.Parse[access.RoleID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.d.Access.DeleteRole(ctx, a, role)
		})
}

type teamRequest struct {
	Name    *string   `json:"name,omitempty"`
	UserIDs *[]string `json:"user_ids,omitempty"`
}

func (r teamRequest) users() (*[]access.UserID, error) {
	if r.UserIDs == nil {
		return nil, nil //nolint:nilnil // absent means unchanged
	}
	users, err := parseIDs[access.UserID]("user_ids", *r.UserIDs)
	return &users, err
}

type teamPatch struct {
	Ident
	Body teamRequest
}

func (s *Server) teamRoutes() {
	handle(s, route{method: "GET", path: "/teams", name: "listTeams", tag: "People", summary: "The workspace's teams"},
		func(ctx context.Context, a access.Actor, _ *none) (*body[list[Team]], error) {
			teams, err := s.d.Access.ListTeams(ctx, a)
			return listOf(all(teams, teamOf), ""), err
		})
	handle(s, route{method: "POST", path: "/teams", name: "createTeam", tag: "People", summary: "Add a team", status: http.StatusCreated},
		func(ctx context.Context, a access.Actor, in *body[teamRequest]) (*body[Team], error) {
			users, err := in.Body.users()
			if err != nil {
				return nil, err
			}
			if users == nil {
				users = &[]access.UserID{}
			}
			name := ""
			if in.Body.Name != nil {
				name = *in.Body.Name
			}
			t, err := s.d.Access.CreateTeam(ctx, a, name, *users)
			return &body[Team]{teamOf(t)}, err
		})
	handle(s, route{method: "PATCH", path: "/teams/{id}", name: "updateTeam", tag: "People", summary: "Change a team"},
		func(ctx context.Context, a access.Actor, in *teamPatch) (*body[Team], error) {
			team, err := id.Parse[access.TeamID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			users, err := in.Body.users()
			if err != nil {
				return nil, err
			}
			t, err := s.d.Access.UpdateTeam(ctx, a, team, in.Body.Name, users)
			return &body[Team]{teamOf(t)}, err
		})
	handle(s, route{method: "DELETE", path: "/teams/{id}", name: "deleteTeam", tag: "People", summary: "Remove a team", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *Ident) (*none, error) {
			team, err := id.Parse[access.TeamID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.d.Access.DeleteTeam(ctx, a, team)
		})
}

type tokenRequest struct {
	Name      string     `json:"name"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

func (s *Server) tokenRoutes() {
	handle(s, route{method: "GET", path: "/tokens", name: "listTokens", tag: "Integration", summary: "API tokens"},
		func(ctx context.Context, a access.Actor, _ *none) (*body[list[Token]], error) {
			tokens, err := s.d.Access.ListTokens(ctx, a)
			return listOf(all(tokens, tokenOf), ""), err
		})
	handle(s, route{method: "POST", path: "/tokens", name: "createToken", tag: "Integration", summary: "Make an API token; its secret is shown once", status: http.StatusCreated},
		func(ctx context.Context, a access.Actor, in *body[tokenRequest]) (*body[Token], error) {
			t, secret, err := s.d.Access.CreateToken(ctx, a, in.Body.Name, expiry(in.Body.ExpiresAt))
			out := tokenOf(t)
			out.Secret = secret
			return &body[Token]{out}, err
		})
	handle(s, route{method: "DELETE", path: "/tokens/{id}", name: "deleteToken", tag: "Integration", summary: "Make a token useless", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *Ident) (*none, error) {
			token, err := id.Parse[access.TokenID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.d.Access.DeleteToken(ctx, a, token)
		})
}

type workspacePatch struct {
	Name     *string `json:"name,omitempty"`
	Locale   *string `json:"locale,omitempty"`
	Timezone *string `json:"timezone,omitempty"`
	Country  *string `json:"country,omitempty"`
}

type auditQuery struct {
	Paging
	Action string `query:"action"`
	UserID string `query:"user_id"`
}

func (s *Server) workspaceRoutes() {
	handle(s, route{method: "GET", path: "/workspace", name: "getWorkspace", tag: "Workspace", summary: "The workspace"},
		func(ctx context.Context, a access.Actor, _ *none) (*body[Workspace], error) {
			w, err := s.d.Access.Workspace(ctx, a)
			return &body[Workspace]{s.workspaceOf(w)}, err
		})
	handle(s, route{method: "PATCH", path: "/workspace", name: "updateWorkspace", tag: "Workspace", summary: "Change the workspace"},
		func(ctx context.Context, a access.Actor, in *body[workspacePatch]) (*body[Workspace], error) {
			w, err := s.d.Access.UpdateWorkspace(ctx, a, access.WorkspacePatch(in.Body))
			return &body[Workspace]{s.workspaceOf(w)}, err
		})
	handle(s, route{method: "GET", path: "/audit", name: "listAudit", tag: "Workspace", summary: "Who did what, the newest first"},
		func(ctx context.Context, a access.Actor, in *auditQuery) (*body[list[AuditEntry]], error) {
			from, err := before[int64](in.Paging)
			if err != nil {
				return nil, err
			}
			user, err := optional[access.UserID]("user_id", in.UserID)
			if err != nil {
				return nil, err
			}
			entries, err := s.d.Access.ListAudit(ctx, a, access.AuditFilter{Action: in.Action, User: user, Before: from, Limit: in.Limit})
			return listOf(all(entries, auditOf), next(entries, in.Limit, func(e access.Entry) int64 { return e.ID })), err
		})
}
