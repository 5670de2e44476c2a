package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/httpapi"
)

// NewUser is a person added from the command line.
type NewUser struct{ Email, Name, Password, Role, Workspace, Locale string }

// CreateUser adds a person from the command line: whoever may run commands on
// the server may do everything. The first one makes the workspace.
func (a *App) CreateUser(ctx context.Context, n NewUser) error {
	needed, err := a.Access.NeedsSetup(ctx)
	if err != nil {
		return err
	}
	if needed {
		if n.Role != string(access.Admin) {
			return errors.New("the first person must be an admin")
		}
		return a.firstUser(ctx, n)
	}
	w, err := a.Access.FirstWorkspace(ctx)
	if err != nil {
		return err
	}
	root := a.root(w.ID)
	roles, err := a.Access.ListRoles(ctx, root)
	if err != nil {
		return err
	}
	for _, r := range roles {
		if string(r.Key) == n.Role {
			_, _, err := a.Access.CreateUser(ctx, root, access.NewUser{
				Email: n.Email, Name: n.Name, Password: n.Password, Locale: n.Locale, Role: r.ID,
			})
			return err
		}
	}
	return fmt.Errorf("no role %q", n.Role)
}

func (a *App) firstUser(ctx context.Context, n NewUser) error {
	_, _, _, err := a.Access.Setup(ctx, access.SetupRequest{
		WorkspaceName: n.Workspace, Name: n.Name, Email: n.Email, Password: n.Password, Locale: n.Locale, WithoutSession: true,
		RoleNames: httpapi.RoleNames(n.Locale), Also: httpapi.FirstInbox(a.Inbox),
	})
	return err
}

// root is the command line as an actor.
func (a *App) root(ws access.WorkspaceID) access.Actor {
	return access.NewActor(access.User{Workspace: ws, Name: "command line"}, access.Permissions())
}

// CreateToken makes an API token for a person and returns its secret.
func (a *App) CreateToken(ctx context.Context, email, name string, life time.Duration) (string, error) {
	u, err := a.Access.FindUser(ctx, email)
	if err != nil {
		return "", err
	}
	actor := access.NewActor(u, access.Permissions())
	var expires time.Time
	if life > 0 {
		expires = time.Now().Add(life)
	}
	_, secret, err := a.Access.CreateToken(ctx, actor, name, expires)
	return secret, err
}

// OpenAPI describes the API without a database.
func OpenAPI() *huma.OpenAPI { return httpapi.Describe() }
