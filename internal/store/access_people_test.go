package store_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/fault"
)

func TestInviteIsUsedOnce(t *testing.T) {
	eachOffice(t, func(o *office) {
		ctx := o.Context()
		u, inv, err := o.CreateUser(ctx, o.admin, access.NewUser{Email: "new@example.com", Name: "Новый", Role: o.role(access.Agent)})
		if err != nil {
			o.Fatal(err)
		}
		got, w, err := o.Invited(ctx, inv.Secret)
		if err != nil || got.ID != u.ID || w.Name != "Рога и копыта" {
			o.Fatalf("Invited = %+v, %+v, %v", got, w, err)
		}
		_, _, err = o.AcceptInvite(ctx, inv.Secret, "Новый", "1234567", access.Client{})
		o.wants("a weak password", err, access.ErrWeakPassword)
		o.race()
		const racers = 3
		errs := make(chan error, racers)
		for range racers {
			go func() {
				_, _, err := o.AcceptInvite(ctx, inv.Secret, "Новый", goodPassword, access.Client{IP: "192.0.2.8"})
				errs <- err
			}()
		}
		won := 0
		for range racers {
			switch err := <-errs; {
			case err == nil:
				won++
			case !errors.Is(err, access.ErrInvite):
				o.Errorf("AcceptInvite: %v", err)
			}
		}
		list, err := o.store.ListSessions(ctx, u.ID)
		if err != nil || won != 1 || len(list) != 1 {
			o.Errorf("%d accepted, %d sessions, %v", won, len(list), err)
		}
	})
}

func TestInviteEnds(t *testing.T) {
	eachOffice(t, func(o *office) {
		ctx := o.Context()
		a, _ := o.hire("petr@example.com", o.role(access.Agent))
		first, err := o.Invite(ctx, o.admin, a.User)
		if err != nil {
			o.Fatal(err)
		}
		second, err := o.Invite(ctx, o.admin, a.User)
		if err != nil {
			o.Fatal(err)
		}
		_, _, err = o.Invited(ctx, first.Secret)
		o.wants("a link that was replaced", err, access.ErrInvite)
		_, _, err = o.Invited(ctx, "oki_guess")
		o.wants("a guessed link", err, access.ErrInvite)
		o.pass(7*24*time.Hour + time.Second)
		_, _, err = o.AcceptInvite(ctx, second.Secret, "Пётр", goodPassword, access.Client{})
		o.wants("a link of last week", err, access.ErrInvite)

		third, err := o.Invite(ctx, o.admin, a.User)
		if err != nil {
			o.Fatal(err)
		}
		o.disable(a.User, true)
		_, _, err = o.AcceptInvite(ctx, third.Secret, "Пётр", goodPassword, access.Client{})
		o.wants("the link of a disabled person", err, access.ErrInvite)
	})
}

// A reset must not bring back what the person was before.
func TestAcceptKeepsLaterChanges(t *testing.T) {
	eachOffice(t, func(o *office) {
		ctx := o.Context()
		a, old := o.hire("petr@example.com", o.role(access.Supervisor))
		inv, err := o.Invite(ctx, o.admin, a.User)
		if err != nil {
			o.Fatal(err)
		}
		// Demoted while the new password is being hashed.
		agent := o.role(access.Agent)
		slow := o.service(&hookedHasher{Hasher: o.hasher, before: func() {
			if _, err := o.UpdateUser(ctx, o.admin, a.User, access.UserPatch{Role: &agent}); err != nil {
				o.Error(err)
			}
		}})
		u, secret, err := slow.AcceptInvite(ctx, inv.Secret, "Пётр", "новая лошадь", access.Client{})
		if err != nil || u.RoleKey != access.Agent {
			o.Fatalf("AcceptInvite = %+v, %v", u, err)
		}
		now, err := o.Authenticate(ctx, secret, "")
		if err != nil || now.Can(access.ViewAll) {
			o.Errorf("after the reset: %v, %v", now.Permissions(), err)
		}
		_, err = o.Authenticate(ctx, old, "")
		o.wants("a session from before the reset", err, access.ErrUnauthenticated)
	})
}

func (o *office) disable(u access.UserID, yes bool) {
	o.Helper()
	if _, err := o.UpdateUser(o.Context(), o.admin, u, access.UserPatch{Disabled: &yes}); err != nil {
		o.Fatal(err)
	}
}

// Somebody who may manage people, but not everything, cannot become more
// than he is, neither himself nor through others.
func TestNoEscalation(t *testing.T) {
	eachOffice(t, func(o *office) {
		ctx := o.Context()
		role := o.custom("Кадры", access.ManageUser, access.ManageRole, access.Reply, access.Assign, access.EditContact)
		hr, _ := o.hire("hr@example.com", role)
		agent, _ := o.hire("agent@example.com", o.role(access.Agent))
		boss, _ := o.hire("boss@example.com", o.role(access.Supervisor))
		adminRole, supervisorRole, agentRole := o.role(access.Admin), o.role(access.Supervisor), o.role(access.Agent)
		yes, name := true, "Взлом"
		everything := access.Permissions()

		denied := func(what string, err error) {
			o.Helper()
			o.wants(what, err, access.ErrDenied)
		}
		_, _, err := o.CreateUser(ctx, hr, access.NewUser{Email: "x@example.com", Name: "x", Role: adminRole})
		denied("create an admin", err)
		_, _, err = o.CreateUser(ctx, hr, access.NewUser{Email: "x@example.com", Name: "x", Role: adminRole, Password: goodPassword})
		denied("create an admin with a password", err)
		_, _, err = o.CreateUser(ctx, hr, access.NewUser{Email: "x@example.com", Name: "x", Role: supervisorRole})
		denied("create a supervisor", err)
		_, err = o.Invite(ctx, hr, o.admin.User)
		denied("reset an admin's password", err)
		_, err = o.Invite(ctx, hr, boss.User)
		denied("reset a supervisor's password", err)
		for _, target := range []access.UserID{hr.User, agent.User} {
			_, err = o.UpdateUser(ctx, hr, target, access.UserPatch{Role: &adminRole})
			denied("promote", err)
		}
		_, err = o.UpdateUser(ctx, hr, o.admin.User, access.UserPatch{Disabled: &yes})
		denied("disable an admin", err)
		_, err = o.UpdateUser(ctx, hr, o.admin.User, access.UserPatch{Role: &agentRole})
		denied("demote an admin", err)
		_, err = o.UpdateUser(ctx, hr, boss.User, access.UserPatch{Name: &name})
		denied("rename a supervisor", err)
		_, err = o.CreateRole(ctx, hr, name, everything)
		denied("create a role of everything", err)
		_, err = o.UpdateRole(ctx, hr, role, nil, &everything)
		denied("widen one's own role", err)
		_, err = o.UpdateRole(ctx, hr, supervisorRole, &name, nil)
		denied("rename a role above one's own", err)
		more := append(slices.Clone(access.Agent.Default()), access.ViewAudit)
		_, err = o.UpdateRole(ctx, hr, agentRole, nil, &more)
		denied("widen another role", err)
		spare := o.custom("Запас", access.ManageWebhook)
		denied("delete a role above one's own", o.DeleteRole(ctx, hr, spare))

		// What he may grant, he may.
		if _, _, err := o.CreateUser(ctx, hr, access.NewUser{Email: "y@example.com", Name: "y", Role: agentRole}); err != nil {
			o.Errorf("create an agent: %v", err)
		}
		if _, err := o.UpdateUser(ctx, hr, agent.User, access.UserPatch{Disabled: &yes}); err != nil {
			o.Errorf("disable an agent: %v", err)
		}
		o.isolated(agent)
	})
}

// isolated checks that an agent may do nothing of an admin's.
func (o *office) isolated(agent access.Actor) {
	o.Helper()
	ctx := o.Context()
	name := "x"
	_, _, created := o.CreateUser(ctx, agent, access.NewUser{Email: "z@example.com", Name: "z", Role: o.role(access.Agent)})
	_, invited := o.Invite(ctx, agent, agent.User)
	_, updated := o.UpdateUser(ctx, agent, agent.User, access.UserPatch{Name: &name})
	_, role := o.CreateRole(ctx, agent, "x", nil)
	_, changed := o.UpdateRole(ctx, agent, 12345, &name, nil)
	_, team := o.CreateTeam(ctx, agent, "x", nil)
	_, teamed := o.UpdateTeam(ctx, agent, 12345, &name, nil)
	_, workspace := o.UpdateWorkspace(ctx, agent, access.WorkspacePatch{Name: &name})
	_, audit := o.ListAudit(ctx, agent, access.AuditFilter{})
	for what, err := range map[string]error{
		"create a user": created, "invite": invited, "update a user": updated, "create a role": role, "update a role": changed,
		"delete a role": o.DeleteRole(ctx, agent, o.role(access.Admin)), "create a team": team, "update a team": teamed,
		"delete a team": o.DeleteTeam(ctx, agent, 12345), "update the workspace": workspace, "read the audit log": audit,
		"delete a token": o.DeleteToken(ctx, agent, 1),
	} {
		o.wants(what, err, access.ErrDenied)
	}
}

func TestLastAdminStays(t *testing.T) {
	eachOffice(t, func(o *office) {
		ctx := o.Context()
		agentRole, adminRole, yes := o.role(access.Agent), o.role(access.Admin), true
		_, err := o.UpdateUser(ctx, o.admin, o.admin.User, access.UserPatch{Role: &agentRole})
		o.wants("the last admin steps down", err, access.ErrLastAdmin)
		_, err = o.UpdateUser(ctx, o.admin, o.admin.User, access.UserPatch{Disabled: &yes})
		o.wants("disabling oneself", err, access.ErrSelf)
		none := []access.Permission{}
		_, err = o.UpdateRole(ctx, o.admin, adminRole, nil, &none)
		o.wants("an admin's role without permissions", err, access.ErrBuiltInRole)
		o.wants("deleting the admin's role", o.DeleteRole(ctx, o.admin, adminRole), access.ErrBuiltInRole)
		// One who has never logged in is no admin to rely on.
		invited, _, err := o.CreateUser(ctx, o.admin, access.NewUser{Email: "later@example.com", Name: "Later", Role: adminRole})
		if err != nil {
			o.Fatal(err)
		}
		_, err = o.UpdateUser(ctx, o.admin, o.admin.User, access.UserPatch{Role: &agentRole})
		o.wants("leaving it to an invitation", err, access.ErrLastAdmin)
		o.disable(invited.ID, true)

		// Two admins who demote each other at once: one of them stays.
		o.race()
		for round := range 2 {
			second, _ := o.hire(string(rune('a'+round))+"@example.com", adminRole)
			var wg sync.WaitGroup
			errs := make([]error, 2)
			pair := []access.Actor{o.admin, second}
			for i := range pair {
				wg.Go(func() {
					_, errs[i] = o.UpdateUser(ctx, pair[i], pair[1-i].User, access.UserPatch{Role: &agentRole})
				})
			}
			wg.Wait()
			if (errs[0] == nil) == (errs[1] == nil) {
				o.Fatalf("round %d: %v, %v", round, errs[0], errs[1])
			}
			if errs[1] != nil {
				continue
			}
			// The second won: everything as it was before.
			if _, err := o.UpdateUser(ctx, second, o.admin.User, access.UserPatch{Role: &adminRole}); err != nil {
				o.Fatal(err)
			}
			o.setRole(second.User, agentRole)
		}
	})
}

func (o *office) setRole(u access.UserID, r access.RoleID) {
	o.Helper()
	if _, err := o.UpdateUser(o.Context(), o.admin, u, access.UserPatch{Role: &r}); err != nil {
		o.Fatal(err)
	}
}

func TestDisabledIsCutOff(t *testing.T) {
	eachOffice(t, func(o *office) {
		ctx := o.Context()
		a, session := o.hire("robot@example.com", o.custom("Robots", access.ManageToken))
		_, token, err := o.CreateToken(ctx, a, "CRM", time.Time{})
		if err != nil {
			o.Fatal(err)
		}
		o.disable(a.User, true)
		for _, secret := range []string{session, token} {
			_, err := o.Authenticate(ctx, secret, "")
			o.wants("a disabled person", err, access.ErrUnauthenticated)
		}
		_, err = o.ActorFor(ctx, a.Workspace, a.User)
		o.wants("work in his name", err, access.ErrUnauthenticated)
		if !slices.Contains(o.ended, a.User) {
			o.Error("nobody was told to close his sockets")
		}
		o.disable(a.User, false)
		_, err = o.Authenticate(ctx, session, "")
		o.wants("his old session", err, access.ErrUnauthenticated)
		if _, err := o.Authenticate(ctx, token, ""); err != nil {
			o.Errorf("his token, enabled again: %v", err)
		}
	})
}

// A role's change reaches sessions that are open.
func TestRoleChangeIsImmediate(t *testing.T) {
	eachOffice(t, func(o *office) {
		ctx := o.Context()
		role := o.custom("Старшие", access.Reply, access.ViewAll)
		_, secret := o.hire("petr@example.com", role)
		fewer := []access.Permission{access.Reply}
		if _, err := o.UpdateRole(ctx, o.admin, role, nil, &fewer); err != nil {
			o.Fatal(err)
		}
		a, err := o.Authenticate(ctx, secret, "")
		if err != nil || a.Can(access.ViewAll) || !a.Can(access.Reply) {
			o.Errorf("permissions: %v, %v", a.Permissions(), err)
		}
		o.wants("deleting a role in use", o.DeleteRole(ctx, o.admin, role), access.ErrRoleInUse)
		unknown := []access.Permission{"root"}
		if _, err := o.UpdateRole(ctx, o.admin, role, nil, &unknown); fault.CodeOf(err) != "role.unknown_permission" {
			o.Errorf("an unknown permission: %v", err)
		}
	})
}

// Changes of one person at the same time do not undo each other.
func TestConcurrentChanges(t *testing.T) {
	eachOffice(t, func(o *office) {
		ctx := o.Context()
		for round := range 6 {
			a, _ := o.hire(string(rune('a'+round))+"@example.com", o.role(access.Agent))
			var wg sync.WaitGroup
			wg.Go(func() {
				for range 10 {
					p := access.Away
					if _, err := o.UpdateProfile(ctx, a, access.ProfilePatch{Presence: &p}); err != nil {
						o.Error(err)
					}
				}
			})
			wg.Go(func() { o.disable(a.User, true) })
			wg.Wait()
			u, err := o.User(ctx, o.admin, a.User)
			if err != nil || !u.Disabled || u.Presence != access.Away {
				o.Fatalf("after both: disabled %v, %s, %v", u.Disabled, u.Presence, err)
			}
		}
	})
}
