package store_test

import (
	"slices"
	"testing"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/storetest"
)

func TestTeamsAndEmails(t *testing.T) {
	eachOffice(t, func(o *office) {
		ctx := o.Context()
		a, secret := o.hire("petr@example.com", o.role(access.Agent))
		sales, err := o.CreateTeam(ctx, o.admin, "Продажи", []access.UserID{a.User, a.User})
		if err != nil || len(sales.Users) != 1 {
			o.Fatalf("CreateTeam = %+v, %v", sales, err)
		}
		_, err = o.CreateTeam(ctx, o.admin, "\u200bПродажи\u202e", nil)
		o.wants("a team of the same name in disguise", err, access.ErrNameTaken)
		_, err = o.CreateTeam(ctx, o.admin, "Чужие", []access.UserID{12345})
		o.wants("a stranger in a team", err, access.ErrNoUser)
		if a, err = o.Authenticate(ctx, secret, ""); err != nil || !slices.Equal(a.Teams(), []access.TeamID{sales.ID}) {
			o.Errorf("teams: %v, %v", a.Teams(), err)
		}
		unknown := []access.TeamID{12345}
		_, err = o.UpdateUser(ctx, o.admin, a.User, access.UserPatch{Teams: &unknown})
		o.wants("an unknown team", err, access.ErrNoTeam)
		if err := o.DeleteTeam(ctx, o.admin, sales.ID); err != nil {
			o.Fatal(err)
		}
		if u, err := o.User(ctx, o.admin, a.User); err != nil || len(u.Teams) != 0 {
			o.Errorf("after the team is gone: %v, %v", u.Teams, err)
		}
		_, _, err = o.CreateUser(ctx, o.admin, access.NewUser{Email: "PETR@Example.com", Name: "x", Role: o.role(access.Agent)})
		o.wants("an address in other letters", err, access.ErrEmailTaken)
		for _, bad := range []string{"", "x", "a b@example.com", "Petr <petr@example.com>", "petr\u200b@example.com", "\u202epetr@example.com", "a@b@c"} {
			_, _, err := o.CreateUser(ctx, o.admin, access.NewUser{Email: bad, Name: "x", Role: o.role(access.Agent)})
			if fault.CodeOf(err) != "user.bad_email" {
				o.Errorf("address %q: %v", bad, err)
			}
		}
	})
}

// Another workspace's ids are unknown here.
func TestWorkspacesAreApart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB) {
		o := empty(t, d)
		ctx := t.Context()
		_, _, secret, err := o.Setup(ctx, setupRequest("anna@example.com"))
		if err != nil {
			t.Fatal(err)
		}
		if o.admin, err = o.Authenticate(ctx, secret, ""); err != nil {
			t.Fatal(err)
		}
		victim, _ := o.hire("petr@example.com", o.role(access.Agent))
		// An admin of everything, elsewhere.
		w := access.Workspace{ID: access.WorkspaceID(o.ids.Next()), Name: "Соседи", Locale: "ru", Timezone: "Europe/Moscow", Country: "RU"}
		if err := o.store.CreateWorkspace(ctx, w); err != nil {
			t.Fatal(err)
		}
		r := access.Role{ID: access.RoleID(o.ids.Next()), Key: access.Admin, Name: "admin"}
		if err := o.store.CreateRole(ctx, w.ID, r); err != nil {
			t.Fatal(err)
		}
		u := access.User{ID: access.UserID(o.ids.Next()), Workspace: w.ID, Email: "eve@example.com", Name: "Ева", Role: r.ID, RoleKey: access.Admin}
		if err := o.store.CreateUser(ctx, u); err != nil {
			t.Fatal(err)
		}
		eve := access.NewActor(u, access.Permissions())
		yes := true
		_, err = o.User(ctx, eve, victim.User)
		o.wants("read", err, access.ErrNoUser)
		_, err = o.UpdateUser(ctx, eve, victim.User, access.UserPatch{Disabled: &yes})
		o.wants("update", err, access.ErrNoUser)
		_, err = o.Invite(ctx, eve, victim.User)
		o.wants("invite", err, access.ErrNoUser)
		_, err = o.CreateTeam(ctx, eve, "x", []access.UserID{victim.User})
		o.wants("team", err, access.ErrNoUser)
		_, _, err = o.CreateUser(ctx, eve, access.NewUser{Email: "n@example.com", Name: "n", Role: o.role(access.Agent)})
		o.wants("a foreign role", err, access.ErrNoRole)
		if list, err := o.ListUsers(ctx, eve); err != nil || len(list) != 1 {
			t.Errorf("ListUsers = %d, %v", len(list), err)
		}
		if list, err := o.ListAudit(ctx, eve, access.AuditFilter{}); err != nil || len(list) != 0 {
			t.Errorf("ListAudit = %d, %v", len(list), err)
		}
	})
}

func TestAuditAndEvents(t *testing.T) {
	eachOffice(t, func(o *office) {
		ctx := o.Context()
		o.hire("petr@example.com", o.role(access.Agent))
		list, err := o.ListAudit(ctx, o.admin, access.AuditFilter{})
		if err != nil {
			o.Fatal(err)
		}
		var actions []string
		for _, e := range list {
			actions = append(actions, e.Action)
		}
		if want := []string{"session.opened", "user.created", "workspace.created"}; !slices.Equal(actions, want) {
			o.Errorf("audit: %v, want %v", actions, want)
		}
		one, err := o.ListAudit(ctx, o.admin, access.AuditFilter{Action: "user.created", User: o.admin.User, Limit: 1})
		if err != nil || len(one) != 1 || one[0].UserName != "Анна" || one[0].IP != "192.0.2.1" {
			o.Errorf("filtered: %+v, %v", one, err)
		}
		events, err := o.events.After(ctx, int64(o.admin.Workspace), 0, 10)
		if err != nil || len(events) != 1 || events[0].Type != event.UserUpdated {
			o.Errorf("events: %+v, %v", events, err)
		}
	})
}
