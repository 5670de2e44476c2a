package store_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/password"
	"github.com/okno-hq/okno/internal/store"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/storetest"
)

const goodPassword = "лошадь верна"

// office is a workspace with its people on a fresh database.
type office struct {
	*testing.T
	*access.Service
	db     *db.DB
	store  *store.Access
	events *store.Events
	hasher *countingHasher
	ids    *id.Source
	clock  atomic.Int64
	admin  access.Actor
	secret string // the admin's session

	meeting chan struct{} // set: transactions meet, see slowStore

	mu    sync.Mutex
	ended []access.UserID
}

// countingHasher counts the work that log-ins cause.
type countingHasher struct {
	access.Hasher
	hashed, verified atomic.Int64
}

func (h *countingHasher) Hash(ctx context.Context, p string) (string, error) {
	h.hashed.Add(1)
	return h.Hasher.Hash(ctx, p)
}

func (h *countingHasher) Verify(ctx context.Context, hash, p string) (ok, stale bool, err error) {
	h.verified.Add(1)
	return h.Hasher.Verify(ctx, hash, p)
}

func (o *office) now() time.Time { return time.UnixMicro(o.clock.Load()).UTC() }

func (o *office) pass(d time.Duration) { o.clock.Add(d.Microseconds()) }

// slowStore lets two transactions that have read the same thing meet before
// they go on, unless one of them waits for the other: then nobody comes.
type slowStore struct {
	*store.Access
	db      *db.DB
	meeting chan struct{}
}

func (s *slowStore) meet(ctx context.Context) {
	if s.meeting == nil || !s.db.InWrite(ctx) {
		return
	}
	timer := time.NewTimer(400 * time.Millisecond)
	defer timer.Stop()
	select {
	case s.meeting <- struct{}{}:
	case <-s.meeting:
	case <-timer.C:
	}
}

func (s *slowStore) ListWorkspaces(ctx context.Context) ([]access.Workspace, error) {
	list, err := s.Access.ListWorkspaces(ctx)
	s.meet(ctx)
	return list, err
}

func (s *slowStore) ListUsers(ctx context.Context, ws access.WorkspaceID) ([]access.User, error) {
	list, err := s.Access.ListUsers(ctx, ws)
	s.meet(ctx)
	return list, err
}

func (s *slowStore) InviteByHash(ctx context.Context, hash []byte) (access.WorkspaceID, access.UserID, time.Time, error) {
	ws, u, expires, err := s.Access.InviteByHash(ctx, hash)
	s.meet(ctx)
	return ws, u, expires, err
}

func (o *office) service(h access.Hasher) *access.Service {
	slow := &slowStore{Access: o.store, db: o.db, meeting: o.meeting}
	return access.NewService(access.Deps{
		Tx: o.db, Users: slow, Workspaces: slow, Roles: o.store, Sessions: o.store, Tokens: o.store, Invites: slow,
		Throttle: o.store, Audit: o.store, Events: o.events, Hasher: h, NewID: o.ids.Next, Now: o.now,
		OnSessionEnd: func(u access.UserID) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.ended = append(o.ended, u)
		},
	})
}

// empty is an installation before its setup.
func empty(t *testing.T, d *db.DB) *office {
	t.Helper()
	o := &office{T: t, db: d, store: store.NewAccess(d), events: store.NewEvents(d, nil), ids: id.NewSource(1, nil)}
	o.clock.Store(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC).UnixMicro())
	o.hasher = &countingHasher{Hasher: password.New(password.Config{Memory: 64, Time: 1})}
	o.Service = o.service(o.hasher)
	return o
}

// race makes transactions of the service meet from now on.
func (o *office) race() {
	o.meeting = make(chan struct{})
	o.Service = o.service(o.hasher)
}

func setupRequest(email string) access.SetupRequest {
	return access.SetupRequest{
		WorkspaceName: "Рога и копыта", Name: "Анна", Email: email, Password: goodPassword, Client: access.Client{IP: "192.0.2.1", UserAgent: "test"},
	}
}

// eachOffice runs a test on an office of each database.
func eachOffice(t *testing.T, test func(o *office)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, d *db.DB) {
		o := empty(t, d)
		_, u, secret, err := o.Setup(t.Context(), setupRequest("anna@example.com"))
		if err != nil {
			t.Fatal(err)
		}
		o.secret = secret
		if o.admin, err = o.Authenticate(t.Context(), secret, "192.0.2.1"); err != nil || o.admin.User != u.ID {
			t.Fatalf("the admin's session: %+v, %v", o.admin, err)
		}
		test(o)
	})
}

func (o *office) role(key access.RoleKey) access.RoleID {
	o.Helper()
	roles, err := o.ListRoles(o.Context(), o.admin)
	if err != nil {
		o.Fatal(err)
	}
	for _, r := range roles {
		if r.Key == key {
			return r.ID
		}
	}
	o.Fatalf("no role %s", key)
	return 0
}

// hire makes a person with a password, and returns him logged in.
func (o *office) hire(email string, role access.RoleID) (access.Actor, string) {
	o.Helper()
	_, _, err := o.CreateUser(o.Context(), o.admin, access.NewUser{Email: email, Name: email, Role: role, Password: goodPassword})
	if err != nil {
		o.Fatal(err)
	}
	return o.login(email)
}

func (o *office) login(email string) (access.Actor, string) {
	o.Helper()
	_, secret, err := o.Login(o.Context(), email, goodPassword, access.Client{IP: "192.0.2.7"})
	if err != nil {
		o.Fatal(err)
	}
	a, err := o.Authenticate(o.Context(), secret, "192.0.2.7")
	if err != nil {
		o.Fatal(err)
	}
	return a, secret
}

// custom makes a role of some permissions.
func (o *office) custom(name string, ps ...access.Permission) access.RoleID {
	o.Helper()
	r, err := o.CreateRole(o.Context(), o.admin, name, ps)
	if err != nil {
		o.Fatal(err)
	}
	return r.ID
}

func (o *office) wants(what string, err error, want *fault.Error) {
	o.Helper()
	if want == nil && err != nil || want != nil && !errors.Is(err, want) {
		o.Errorf("%s: %v, want %v", what, err, want)
	}
}

func TestSetupOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB) {
		o := empty(t, d)
		if needed, err := o.NeedsSetup(t.Context()); err != nil || !needed {
			t.Fatalf("NeedsSetup = %v, %v", needed, err)
		}
		o.race()
		const racers = 3
		errs := make(chan error, racers)
		for i := range racers {
			go func() {
				_, _, _, err := o.Setup(t.Context(), setupRequest(string(rune('a'+i))+"@example.com"))
				errs <- err
			}()
		}
		won := 0
		for range racers {
			switch err := <-errs; {
			case err == nil:
				won++
			case !errors.Is(err, access.ErrSetUp):
				t.Errorf("Setup: %v", err)
			}
		}
		ws, err := o.store.ListWorkspaces(t.Context())
		if err != nil || won != 1 || len(ws) != 1 {
			t.Errorf("%d of %d won, %d workspaces, %v", won, racers, len(ws), err)
		}
		hashed := o.hasher.hashed.Load()
		_, _, _, err = o.Setup(t.Context(), setupRequest("late@example.com"))
		o.wants("a late Setup", err, access.ErrSetUp)
		if o.hasher.hashed.Load() != hashed {
			t.Error("Setup hashes for strangers although it is done")
		}
	})
}

func TestSetupRefusesBadInput(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB) {
		o := empty(t, d)
		for code, change := range map[string]func(*access.SetupRequest){
			"name.empty":             func(r *access.SetupRequest) { r.WorkspaceName = "\u200b" },
			"user.bad_email":         func(r *access.SetupRequest) { r.Email = "anna\u200b@example.com" },
			"user.weak_password":     func(r *access.SetupRequest) { r.Password = "короче" },
			"user.password_too_long": func(r *access.SetupRequest) { r.Password = string(make([]byte, 2000)) },
			"locale.unknown":         func(r *access.SetupRequest) { r.Locale = "xx" },
			"timezone.unknown":       func(r *access.SetupRequest) { r.Timezone = "../../etc/passwd" },
			"country.unknown":        func(r *access.SetupRequest) { r.Country = "ru" },
		} {
			r := setupRequest("anna@example.com")
			change(&r)
			if _, _, _, err := o.Setup(t.Context(), r); fault.CodeOf(err) != code || fault.KindOf(err) != fault.Invalid {
				t.Errorf("Setup = %v, want %s", err, code)
			}
		}
		if needed, err := o.NeedsSetup(t.Context()); err != nil || !needed {
			t.Errorf("a refused Setup left something behind: %v, %v", needed, err)
		}
	})
}

// hookedHasher does something of its own before it hashes.
type hookedHasher struct {
	access.Hasher
	before func()
}

func (h *hookedHasher) Hash(ctx context.Context, p string) (string, error) {
	h.before()
	return h.Hasher.Hash(ctx, p)
}
