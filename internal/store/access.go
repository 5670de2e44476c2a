package store

import (
	"context"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/store/db"
)

// Access keeps workspaces, people and what proves them.
type Access struct{ db *db.DB }

// NewAccess returns the store.
func NewAccess(d *db.DB) *Access { return &Access{d} }

// CreateWorkspace implements access.Users.
func (s *Access) CreateWorkspace(ctx context.Context, w access.Workspace) error {
	_, err := s.db.Exec(ctx, `INSERT INTO workspaces (id, name, locale, timezone, country, demo, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		int64(w.ID), w.Name, w.Locale, w.Timezone, w.Country, w.Demo, db.Micros(w.CreatedAt))
	return err
}

const workspaceColumns = `id, name, locale, timezone, country, demo, created_at`

func scanWorkspace(r db.Scanner) (w access.Workspace, err error) {
	var created int64
	err = r.Scan(&w.ID, &w.Name, &w.Locale, &w.Timezone, &w.Country, &w.Demo, &created)
	w.CreatedAt = db.Time(created)
	return w, err
}

// Workspace implements access.Workspaces.
func (s *Access) Workspace(ctx context.Context, ws access.WorkspaceID) (access.Workspace, error) {
	return db.One(ctx, s.db, scanWorkspace, `SELECT `+workspaceColumns+` FROM workspaces WHERE id = $1`, int64(ws))
}

// Lock implements access.Workspaces.
func (s *Access) Lock(ctx context.Context, name string) error { return s.db.Lock(ctx, "access:"+name) }

// ListWorkspaces implements access.Workspaces.
func (s *Access) ListWorkspaces(ctx context.Context) ([]access.Workspace, error) {
	return db.All(ctx, s.db, scanWorkspace, `SELECT `+workspaceColumns+` FROM workspaces ORDER BY id`)
}

// UpdateWorkspace implements access.Workspaces.
func (s *Access) UpdateWorkspace(ctx context.Context, w access.Workspace) error {
	_, err := s.db.Exec(ctx, `UPDATE workspaces SET name = $2, locale = $3, timezone = $4, country = $5 WHERE id = $1`,
		int64(w.ID), w.Name, w.Locale, w.Timezone, w.Country)
	return err
}

// Country implements contact.Countries.
func (s *Access) Country(ctx context.Context, ws int64) (string, error) {
	return db.One(ctx, s.db, db.Value[string], `SELECT country FROM workspaces WHERE id = $1`, ws)
}

const userColumns = `u.id, u.workspace_id, u.email, u.name, u.role_id, r.key, r.name, u.password_hash, u.locale,
	u.avatar_file_id, u.presence, u.capacity, u.settings, u.disabled, u.created_at, u.last_seen_at`

func scanUser(r db.Scanner) (u access.User, err error) {
	var (
		created, seen int64
		settings      string
	)
	err = r.Scan(&u.ID, &u.Workspace, &u.Email, &u.Name, &u.Role, &u.RoleKey, &u.RoleName, &u.PasswordHash, &u.Locale,
		&u.AvatarFile, &u.Presence, &u.Capacity, &settings, &u.Disabled, &created, &seen)
	if err != nil {
		return u, err
	}
	u.CreatedAt, u.LastSeenAt = db.Time(created), db.Time(seen)
	u.Settings = access.DefaultSettings()
	return u, value(settings, &u.Settings)
}

// CreateUser implements access.Users.
func (s *Access) CreateUser(ctx context.Context, u access.User) error {
	settings, err := text(u.Settings)
	if err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, `INSERT INTO users (id, workspace_id, email, email_norm, name, role_id, password_hash, locale,
			avatar_file_id, presence, capacity, settings, disabled, created_at, last_seen_at, last_assigned_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0)`,
		int64(u.ID), int64(u.Workspace), u.Email, access.NormaliseEmail(u.Email), u.Name, int64(u.Role), u.PasswordHash, u.Locale,
		u.AvatarFile, string(u.Presence), u.Capacity, settings, u.Disabled, db.Micros(u.CreatedAt), db.Micros(u.LastSeenAt))
	return orTaken(err, access.ErrEmailTaken.WithField("email"), "users", "email_norm")
}

// UpdateUser implements access.Users.
func (s *Access) UpdateUser(ctx context.Context, u access.User) error {
	settings, err := text(u.Settings)
	if err != nil {
		return err
	}
	n, err := s.db.Exec(ctx, `UPDATE users SET name = $3, role_id = $4, password_hash = $5, locale = $6, avatar_file_id = $7,
			presence = $8, capacity = $9, settings = $10, disabled = $11
		WHERE id = $1 AND workspace_id = $2`,
		int64(u.ID), int64(u.Workspace), u.Name, int64(u.Role), u.PasswordHash, u.Locale, u.AvatarFile,
		string(u.Presence), u.Capacity, settings, u.Disabled)
	return some(n, err, access.ErrNoUser)
}

const userFrom = ` FROM users u JOIN roles r ON r.id = u.role_id`

// User implements access.Users.
func (s *Access) User(ctx context.Context, ws access.WorkspaceID, id access.UserID) (access.User, error) {
	q := `SELECT ` + userColumns + userFrom + ` WHERE u.id = $1 AND u.workspace_id = $2`
	if s.db.InWrite(ctx) && s.db.Dialect() == db.Postgres {
		// UpdateUser writes the whole row back. The weaker lock lets others
		// refer to the person meanwhile.
		q += ` FOR NO KEY UPDATE OF u`
	}
	u, err := db.One(ctx, s.db, scanUser, q, int64(id), int64(ws))
	if err != nil {
		return u, orElse(err, access.ErrNoUser)
	}
	u.Teams, err = s.teamsOf(ctx, id)
	return u, err
}

// UserByEmail implements access.Users.
func (s *Access) UserByEmail(ctx context.Context, norm string) (access.User, error) {
	u, err := db.One(ctx, s.db, scanUser, `SELECT `+userColumns+userFrom+` WHERE u.email_norm = $1`, norm)
	if err != nil {
		return u, orElse(err, access.ErrNoUser)
	}
	u.Teams, err = s.teamsOf(ctx, u.ID)
	return u, err
}

func (s *Access) teamsOf(ctx context.Context, id access.UserID) ([]access.TeamID, error) {
	return db.All(ctx, s.db, db.Value[access.TeamID], `SELECT team_id FROM team_members WHERE user_id = $1 ORDER BY team_id`, int64(id))
}

// ListUsers implements access.Users.
func (s *Access) ListUsers(ctx context.Context, ws access.WorkspaceID) ([]access.User, error) {
	list, err := db.All(ctx, s.db, scanUser, `SELECT `+userColumns+userFrom+` WHERE u.workspace_id = $1 ORDER BY u.name, u.id`, int64(ws))
	if err != nil {
		return nil, err
	}
	members, err := s.members(ctx, ws)
	for i := range list {
		for _, m := range members {
			if m.user == list[i].ID {
				list[i].Teams = append(list[i].Teams, m.team)
			}
		}
	}
	return list, err
}

type member struct {
	team access.TeamID
	user access.UserID
}

func (s *Access) members(ctx context.Context, ws access.WorkspaceID) ([]member, error) {
	return db.All(ctx, s.db, func(r db.Scanner) (m member, err error) {
		err = r.Scan(&m.team, &m.user)
		return m, err
	}, `SELECT team_id, user_id FROM team_members WHERE workspace_id = $1 ORDER BY team_id, user_id`, int64(ws))
}

// SetTeams implements access.Users.
func (s *Access) SetTeams(ctx context.Context, ws access.WorkspaceID, u access.UserID, teams []access.TeamID) error {
	return s.db.Write(ctx, func(ctx context.Context) error {
		if _, err := s.db.Exec(ctx, `DELETE FROM team_members WHERE user_id = $1`, int64(u)); err != nil {
			return err
		}
		for _, t := range teams {
			if err := s.addMember(ctx, ws, t, u); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Access) addMember(ctx context.Context, ws access.WorkspaceID, t access.TeamID, u access.UserID) error {
	_, err := s.db.Exec(ctx, `INSERT INTO team_members (workspace_id, team_id, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
		int64(ws), int64(t), int64(u))
	return err
}

// Seen implements access.Users.
func (s *Access) Seen(ctx context.Context, u access.UserID, at time.Time) error {
	_, err := s.db.Exec(ctx, `UPDATE users SET last_seen_at = $2 WHERE id = $1`, int64(u), db.Micros(at))
	return err
}

// CreateRole implements access.Roles.
func (s *Access) CreateRole(ctx context.Context, ws access.WorkspaceID, r access.Role) error {
	_, err := s.db.Exec(ctx, `INSERT INTO roles (id, workspace_id, key, name, permissions) VALUES ($1, $2, $3, $4, $5)`,
		int64(r.ID), int64(ws), string(r.Key), r.Name, join(r.Permissions))
	return err
}

func join(list []access.Permission) string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = string(p)
	}
	return strings.Join(out, " ")
}

// UpdateRole implements access.Roles.
func (s *Access) UpdateRole(ctx context.Context, ws access.WorkspaceID, r access.Role) error {
	n, err := s.db.Exec(ctx, `UPDATE roles SET name = $3, permissions = $4 WHERE id = $1 AND workspace_id = $2`,
		int64(r.ID), int64(ws), r.Name, join(r.Permissions))
	return some(n, err, access.ErrNoRole)
}

// DeleteRole implements access.Roles.
func (s *Access) DeleteRole(ctx context.Context, ws access.WorkspaceID, id access.RoleID) error {
	n, err := s.db.Exec(ctx, `DELETE FROM roles WHERE id = $1 AND workspace_id = $2`, int64(id), int64(ws))
	return some(n, orInUse(err, access.ErrRoleInUse), access.ErrNoRole)
}

// ListRoles implements access.Roles.
func (s *Access) ListRoles(ctx context.Context, ws access.WorkspaceID) ([]access.Role, error) {
	return db.All(ctx, s.db, func(row db.Scanner) (r access.Role, err error) {
		var permissions string
		err = row.Scan(&r.ID, &r.Key, &r.Name, &permissions, &r.Users)
		for p := range strings.FieldsSeq(permissions) {
			r.Permissions = append(r.Permissions, access.Permission(p))
		}
		return r, err
	}, `SELECT r.id, r.key, r.name, r.permissions, (SELECT COUNT(*) FROM users u WHERE u.role_id = r.id)
		FROM roles r WHERE r.workspace_id = $1 ORDER BY CASE WHEN r.key = '' THEN 1 ELSE 0 END, r.id`, int64(ws))
}

// CreateTeam implements access.Roles.
func (s *Access) CreateTeam(ctx context.Context, ws access.WorkspaceID, t access.Team) error {
	_, err := s.db.Exec(ctx, `INSERT INTO teams (id, workspace_id, name) VALUES ($1, $2, $3)`, int64(t.ID), int64(ws), t.Name)
	if err != nil {
		return orTaken(err, access.ErrNameTaken.WithField("name"), "teams", "workspace_id", "name")
	}
	return s.setMembers(ctx, ws, t)
}

func (s *Access) setMembers(ctx context.Context, ws access.WorkspaceID, t access.Team) error {
	if _, err := s.db.Exec(ctx, `DELETE FROM team_members WHERE team_id = $1`, int64(t.ID)); err != nil {
		return err
	}
	for _, u := range t.Users {
		if err := s.addMember(ctx, ws, t.ID, u); err != nil {
			return err
		}
	}
	return nil
}

// UpdateTeam implements access.Roles.
func (s *Access) UpdateTeam(ctx context.Context, ws access.WorkspaceID, t access.Team) error {
	n, err := s.db.Exec(ctx, `UPDATE teams SET name = $3 WHERE id = $1 AND workspace_id = $2`, int64(t.ID), int64(ws), t.Name)
	if err := some(n, orTaken(err, access.ErrNameTaken.WithField("name"), "teams", "workspace_id", "name"), access.ErrNoTeam); err != nil {
		return err
	}
	return s.setMembers(ctx, ws, t)
}

// DeleteTeam implements access.Roles.
func (s *Access) DeleteTeam(ctx context.Context, ws access.WorkspaceID, id access.TeamID) error {
	if _, err := s.db.Exec(ctx, `UPDATE conversations SET team_id = 0 WHERE workspace_id = $1 AND team_id = $2`, int64(ws), int64(id)); err != nil {
		return err
	}
	n, err := s.db.Exec(ctx, `DELETE FROM teams WHERE id = $1 AND workspace_id = $2`, int64(id), int64(ws))
	return some(n, err, access.ErrNoTeam)
}

// ListTeams implements access.Roles.
func (s *Access) ListTeams(ctx context.Context, ws access.WorkspaceID) ([]access.Team, error) {
	list, err := db.All(ctx, s.db, func(r db.Scanner) (t access.Team, err error) {
		err = r.Scan(&t.ID, &t.Name)
		return t, err
	}, `SELECT id, name FROM teams WHERE workspace_id = $1 ORDER BY name`, int64(ws))
	if err != nil {
		return nil, err
	}
	members, err := s.members(ctx, ws)
	for i := range list {
		for _, m := range members {
			if m.team == list[i].ID {
				list[i].Users = append(list[i].Users, m.user)
			}
		}
	}
	return list, err
}
