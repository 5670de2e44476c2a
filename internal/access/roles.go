package access

import (
	"context"
	"slices"

	"github.com/okno-hq/okno/internal/event"
)

func (s *Service) role(ctx context.Context, ws WorkspaceID, id RoleID) (Role, error) {
	roles, err := s.d.Roles.ListRoles(ctx, ws)
	if err != nil {
		return Role{}, err
	}
	for _, r := range roles {
		if r.ID == id {
			if r.Key == Admin {
				r.Permissions = Permissions() // also those that came with an update
			}
			return r, nil
		}
	}
	return Role{}, ErrNoRole
}

// grantable returns a role if the actor may give it or act on people who
// have it: only one that allows nothing the actor himself may not.
func (s *Service) grantable(ctx context.Context, a Actor, id RoleID) (Role, error) {
	r, err := s.role(ctx, a.Workspace, id)
	if err != nil {
		return r, err
	}
	for _, p := range r.Permissions {
		if err := a.Require(p); err != nil {
			return r, err
		}
	}
	return r, nil
}

// ListRoles returns the workspace's roles, the built-in ones first.
func (s *Service) ListRoles(ctx context.Context, a Actor) ([]Role, error) {
	roles, err := s.d.Roles.ListRoles(ctx, a.Workspace)
	for i := range roles {
		if roles[i].Key == Admin {
			roles[i].Permissions = Permissions()
		}
	}
	return roles, err
}

// CreateRole adds a custom role.
func (s *Service) CreateRole(ctx context.Context, a Actor, name string, permissions []Permission) (Role, error) {
	r := Role{ID: RoleID(s.d.NewID())}
	err := s.writeRole(ctx, a, &r, &name, &permissions, "role.created", s.d.Roles.CreateRole)
	return r, err
}

// UpdateRole changes a role's name or permissions; the admin's permissions
// are all there are and stay so.
func (s *Service) UpdateRole(ctx context.Context, a Actor, id RoleID, name *string, permissions *[]Permission) (Role, error) {
	var r Role
	if err := a.Require(ManageRole); err != nil {
		return r, err
	}
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		var err error
		if r, err = s.grantable(ctx, a, id); err != nil {
			return err
		}
		if r.Key == Admin && permissions != nil {
			return ErrBuiltInRole
		}
		return s.writeRole(ctx, a, &r, name, permissions, "role.updated", s.d.Roles.UpdateRole)
	})
	return r, err
}

func (s *Service) writeRole(ctx context.Context, a Actor, r *Role, name *string, permissions *[]Permission, action string, write func(context.Context, WorkspaceID, Role) error) error {
	if err := a.Require(ManageRole); err != nil {
		return err
	}
	var err error
	if name != nil {
		if r.Name, err = CheckName("name", *name); err != nil {
			return err
		}
	}
	if permissions != nil {
		if r.Permissions, err = checkPermissions(*permissions); err != nil {
			return err
		}
		for _, p := range r.Permissions {
			if err := a.Require(p); err != nil {
				return err
			}
		}
	}
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		if err := write(ctx, a.Workspace, *r); err != nil {
			return err
		}
		if err := s.record(ctx, a, action, "role", int64(r.ID), r.Name, map[string]any{"permissions": r.Permissions}); err != nil {
			return err
		}
		return s.tell(ctx, a, event.UserUpdated, 0, int64(r.ID))
	})
}

// DeleteRole removes a custom role that nobody has.
func (s *Service) DeleteRole(ctx context.Context, a Actor, id RoleID) error {
	if err := a.Require(ManageRole); err != nil {
		return err
	}
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		r, err := s.grantable(ctx, a, id)
		if err != nil {
			return err
		}
		if r.Key != "" {
			return ErrBuiltInRole
		}
		if r.Users > 0 {
			return ErrRoleInUse.With("users", r.Users)
		}
		if err := s.d.Roles.DeleteRole(ctx, a.Workspace, id); err != nil {
			return err
		}
		if err := s.record(ctx, a, "role.deleted", "role", int64(id), r.Name, nil); err != nil {
			return err
		}
		return s.tell(ctx, a, event.UserUpdated, 0, int64(id))
	})
}

// ListTeams returns the workspace's teams with their members.
func (s *Service) ListTeams(ctx context.Context, a Actor) ([]Team, error) {
	return s.d.Roles.ListTeams(ctx, a.Workspace)
}

// CreateTeam adds a team.
func (s *Service) CreateTeam(ctx context.Context, a Actor, name string, users []UserID) (Team, error) {
	t := Team{ID: TeamID(s.d.NewID()), Users: users}
	err := s.writeTeam(ctx, a, &t, &name, "team.created", s.d.Roles.CreateTeam)
	return t, err
}

// UpdateTeam changes a team's name or members; nil leaves them as they are.
func (s *Service) UpdateTeam(ctx context.Context, a Actor, id TeamID, name *string, users *[]UserID) (Team, error) {
	var t Team
	if err := a.Require(ManageTeam); err != nil {
		return t, err
	}
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		var err error
		if t, err = s.team(ctx, a.Workspace, id); err != nil {
			return err
		}
		if users != nil {
			t.Users = *users
		}
		return s.writeTeam(ctx, a, &t, name, "team.updated", s.d.Roles.UpdateTeam)
	})
	return t, err
}

func (s *Service) team(ctx context.Context, ws WorkspaceID, id TeamID) (Team, error) {
	teams, err := s.d.Roles.ListTeams(ctx, ws)
	if err != nil {
		return Team{}, err
	}
	if i := slices.IndexFunc(teams, func(t Team) bool { return t.ID == id }); i >= 0 {
		return teams[i], nil
	}
	return Team{}, ErrNoTeam
}

func (s *Service) writeTeam(ctx context.Context, a Actor, t *Team, name *string, action string, write func(context.Context, WorkspaceID, Team) error) error {
	if err := a.Require(ManageTeam); err != nil {
		return err
	}
	if name != nil {
		var err error
		if t.Name, err = CheckName("name", *name); err != nil {
			return err
		}
	}
	slices.Sort(t.Users)
	t.Users = slices.Compact(t.Users)
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		for _, u := range t.Users {
			if _, err := s.d.Users.User(ctx, a.Workspace, u); err != nil {
				return err
			}
		}
		if err := write(ctx, a.Workspace, *t); err != nil {
			return err
		}
		if err := s.record(ctx, a, action, "team", int64(t.ID), t.Name, nil); err != nil {
			return err
		}
		return s.tell(ctx, a, event.TeamUpdated, 0, int64(t.ID))
	})
}

// DeleteTeam removes a team; its inboxes and conversations lose it.
func (s *Service) DeleteTeam(ctx context.Context, a Actor, id TeamID) error {
	if err := a.Require(ManageTeam); err != nil {
		return err
	}
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		t, err := s.team(ctx, a.Workspace, id)
		if err != nil {
			return err
		}
		if err := s.d.Roles.DeleteTeam(ctx, a.Workspace, id); err != nil {
			return err
		}
		if err := s.record(ctx, a, "team.deleted", "team", int64(id), t.Name, nil); err != nil {
			return err
		}
		return s.tell(ctx, a, event.TeamUpdated, 0, int64(id))
	})
}
