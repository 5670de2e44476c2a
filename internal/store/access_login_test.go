package store_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/password"
)

func TestLogin(t *testing.T) {
	eachOffice(t, func(o *office) {
		u, secret, err := o.Login(o.Context(), "  ANNA@example.com ", goodPassword, access.Client{IP: "192.0.2.9", UserAgent: strings.Repeat("я", 500)})
		if err != nil || u.ID != o.admin.User {
			o.Fatalf("Login = %+v, %v", u, err)
		}
		a, err := o.Authenticate(o.Context(), secret, "192.0.2.9")
		if err != nil || !a.Can(access.ManageUser) || a.Session == 0 {
			o.Fatalf("Authenticate = %+v, %v", a, err)
		}
		list, err := o.ListSessions(o.Context(), a)
		if err != nil || len(list) != 2 {
			o.Fatalf("sessions: %v, %v", list, err)
		}
		for _, wrong := range []string{"", "oks_", secret + "x", secret[:len(secret)-1], "okt_" + secret[4:], "oki_" + secret[4:], strings.ToUpper(secret)} {
			_, err := o.Authenticate(o.Context(), wrong, "192.0.2.9")
			o.wants("Authenticate by "+wrong, err, access.ErrUnauthenticated)
		}
		if err := o.Logout(o.Context(), a); err != nil {
			o.Fatal(err)
		}
		_, err = o.Authenticate(o.Context(), secret, "192.0.2.9")
		o.wants("after the log-out", err, access.ErrUnauthenticated)
	})
}

// Whoever asks learns nothing of who works here: one answer, the same work.
func TestNoUserEnumeration(t *testing.T) {
	eachOffice(t, func(o *office) {
		disabled, _ := o.hire("gone@example.com", o.role(access.Agent))
		yes := true
		if _, err := o.UpdateUser(o.Context(), o.admin, disabled.User, access.UserPatch{Disabled: &yes}); err != nil {
			o.Fatal(err)
		}
		_, _, err := o.CreateUser(o.Context(), o.admin, access.NewUser{Email: "invited@example.com", Name: "Invited", Role: o.role(access.Agent)})
		if err != nil {
			o.Fatal(err)
		}
		answers := map[string]bool{}
		for i, c := range []struct{ email, password string }{
			{"anna@example.com", "wrong password"},
			{"nobody@example.com", "wrong password"},
			{"gone@example.com", goodPassword},
			{"invited@example.com", goodPassword},
			{"invited@example.com", ""},
			{"invited@example.com", "xxxxxxxx"},
			{"anna@example.com", strings.Repeat("x", 5000)},
			{strings.Repeat("x", 100_000), "wrong password"},
		} {
			before := o.hasher.verified.Load()
			_, secret, err := o.Login(o.Context(), c.email, c.password, access.Client{IP: fmt.Sprint("192.0.2.", 100+i)})
			if !errors.Is(err, access.ErrLogin) || secret != "" {
				o.Errorf("Login(%.30q) = %v", c.email, err)
				continue
			}
			if n := o.hasher.verified.Load() - before; n != 1 {
				o.Errorf("Login(%.30q) checks %d hashes", c.email, n)
			}
			answers[err.Error()] = true
		}
		if len(answers) != 1 {
			o.Errorf("answers differ: %v", answers)
		}
	})
}

// 200 parallel guesses are 200 attempts, of which few are looked at.
func TestThrottleCannotBeRaced(t *testing.T) {
	eachOffice(t, func(o *office) {
		before := o.hasher.verified.Load()
		var throttled, looked atomic.Int64
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				// From many addresses: the person's own counter must hold.
				_, _, err := o.Login(o.Context(), "anna@example.com", fmt.Sprint("guess number ", i), access.Client{IP: fmt.Sprint("198.51.100.", i)})
				switch {
				case errors.Is(err, access.ErrThrottled):
					throttled.Add(1)
				case errors.Is(err, access.ErrLogin):
					looked.Add(1)
				default:
					o.Errorf("guess: %v", err)
				}
			})
		}
		wg.Wait()
		if looked.Load() != 5 || throttled.Load() != 195 {
			o.Errorf("%d guesses looked at, %d refused, want 5 and 195", looked.Load(), throttled.Load())
		}
		if n := o.hasher.verified.Load() - before; n != looked.Load() {
			o.Errorf("%d hashes computed", n)
		}
		_, _, err := o.Login(o.Context(), "anna@example.com", goodPassword, access.Client{IP: "192.0.2.1"})
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || !errors.Is(err, access.ErrThrottled) || f.RetryAfter <= 0 || f.RetryAfter > 2*time.Second {
			o.Errorf("while blocked: %v", err)
		}
		o.pass(3 * time.Second)
		if _, _, err := o.Login(o.Context(), "anna@example.com", goodPassword, access.Client{IP: "192.0.2.1"}); err != nil {
			o.Errorf("after the block: %v", err)
		}
	})
}

func TestThrottleByAddress(t *testing.T) {
	eachOffice(t, func(o *office) {
		guess := func(i int, ip string) error {
			_, _, err := o.Login(o.Context(), fmt.Sprintf("user%d@example.com", i), "guess", access.Client{IP: ip})
			return err
		}
		for i := range 30 {
			// One network of IPv6 is one holder.
			o.wants("guess", guess(i, fmt.Sprintf("2001:db8:1:2::%x", i+1)), access.ErrLogin)
		}
		o.wants("the 31st guess", guess(31, "2001:db8:1:2:ffff::1"), access.ErrThrottled)
		o.wants("another network", guess(32, "2001:db8:1:3::1"), access.ErrLogin)
		// A good account of one's own does not lift the block of others.
		for i := range 40 {
			o.pass(16 * time.Minute)
			if _, _, err := o.Login(o.Context(), "anna@example.com", goodPassword, access.Client{IP: "2001:db8:1:2::a"}); err != nil {
				o.Fatalf("own log-in %d: %v", i, err)
			}
			o.pass(16 * time.Minute)
			o.wants("guess after one's own log-in", guess(100+i, "2001:db8:1:2::b"), access.ErrLogin)
			o.wants("a second guess", guess(200+i, "2001:db8:1:2::b"), access.ErrThrottled)
		}
		o.pass(48 * time.Hour)
		if _, err := o.ExpireSessions(o.Context()); err != nil {
			o.Fatal(err)
		}
		var left int
		if err := o.db.QueryRow(o.Context(), `SELECT count(*) FROM login_throttles`).Scan(&left); err != nil || left != 0 {
			o.Errorf("%d counters left after two days, %v", left, err)
		}
	})
}

func TestSessionLife(t *testing.T) {
	eachOffice(t, func(o *office) {
		_, used := o.hire("used@example.com", o.role(access.Agent))
		idle, forgotten := o.hire("idle@example.com", o.role(access.Agent))
		for range 4 {
			o.pass(10 * 24 * time.Hour)
			if _, err := o.Authenticate(o.Context(), used, "192.0.2.7"); err != nil {
				o.Fatalf("a session in use: %v", err)
			}
		}
		_, err := o.Authenticate(o.Context(), forgotten, "192.0.2.7")
		o.wants("a session not used for 40 days", err, access.ErrUnauthenticated)
		if n, err := o.ExpireSessions(o.Context()); err != nil || n != 2 { // the admin's too
			o.Errorf("ExpireSessions = %d, %v", n, err)
		}
		if list, err := o.ListSessions(o.Context(), idle); err != nil || len(list) != 0 {
			o.Errorf("expired sessions are listed: %v, %v", list, err)
		}
	})
}

func TestEndSession(t *testing.T) {
	eachOffice(t, func(o *office) {
		mine, first := o.hire("petr@example.com", o.role(access.Agent))
		other, second := o.login("petr@example.com")
		o.wants("somebody else's session", o.EndSession(o.Context(), o.admin, mine.Session), access.ErrNoSession)
		if err := o.EndSession(o.Context(), other, mine.Session); err != nil {
			o.Fatal(err)
		}
		_, err := o.Authenticate(o.Context(), first, "")
		o.wants("the ended session", err, access.ErrUnauthenticated)
		if _, err := o.Authenticate(o.Context(), second, ""); err != nil {
			o.Errorf("the other session: %v", err)
		}
		if len(o.ended) != 1 || o.ended[0] != mine.User {
			o.Errorf("told of ended sessions: %v", o.ended)
		}
	})
}

func TestChangePassword(t *testing.T) {
	eachOffice(t, func(o *office) {
		ctx := o.Context()
		a, mine := o.hire("petr@example.com", o.role(access.Agent))
		_, other := o.login("petr@example.com")
		reset, err := o.Invite(ctx, o.admin, a.User)
		if err != nil {
			o.Fatal(err)
		}
		const next = "другая лошадь"
		o.wants("a wrong current password", o.ChangePassword(ctx, a, "wrong", next), access.ErrLogin)
		o.wants("an endless current password", o.ChangePassword(ctx, a, strings.Repeat("x", 5000), next), access.ErrLogin)
		o.wants("a weak password", o.ChangePassword(ctx, a, goodPassword, "1234567"), access.ErrWeakPassword)
		o.wants("one's address as a password", o.ChangePassword(ctx, a, goodPassword, "PETR@example.com"), access.ErrWeakPassword)
		if err := o.ChangePassword(ctx, a, goodPassword, next); err != nil {
			o.Fatal(err)
		}
		if _, err := o.Authenticate(ctx, mine, ""); err != nil {
			o.Errorf("one's own session: %v", err)
		}
		_, err = o.Authenticate(ctx, other, "")
		o.wants("the other session", err, access.ErrUnauthenticated)
		_, _, err = o.Invited(ctx, reset.Secret)
		o.wants("an old link", err, access.ErrInvite)
		_, _, err = o.Login(ctx, "petr@example.com", goodPassword, access.Client{IP: "192.0.2.3"})
		o.wants("the old password", err, access.ErrLogin)
		if _, _, err := o.Login(ctx, "petr@example.com", next, access.Client{IP: "192.0.2.3"}); err != nil {
			o.Errorf("the new password: %v", err)
		}
		for range 5 {
			_ = o.ChangePassword(ctx, a, "guess", next)
		}
		o.wants("guessing the current password", o.ChangePassword(ctx, a, next, "третья лошадь"), access.ErrThrottled)
	})
}

func TestStaleHashIsRenewed(t *testing.T) {
	eachOffice(t, func(o *office) {
		hash := func() string {
			u, err := o.store.UserByEmail(o.Context(), "anna@example.com")
			if err != nil {
				o.Fatal(err)
			}
			return u.PasswordHash
		}
		old := hash()
		o.Service = o.service(password.New(password.Config{Memory: 128, Time: 1}))
		o.login("anna@example.com")
		fresh := hash()
		if fresh == old || !strings.Contains(fresh, "m=128") {
			o.Errorf("hash after the log-in: %s", fresh)
		}
		o.login("anna@example.com")
		if hash() != fresh {
			o.Error("a fresh hash was renewed")
		}
	})
}

func TestTokens(t *testing.T) {
	eachOffice(t, func(o *office) {
		ctx := o.Context()
		manager, _ := o.hire("robot@example.com", o.custom("Robots", access.ManageToken, access.Reply))
		agent, _ := o.hire("petr@example.com", o.role(access.Agent))
		_, _, err := o.CreateToken(ctx, agent, "mine", time.Time{})
		o.wants("an agent's token", err, access.ErrDenied)
		_, _, err = o.CreateToken(ctx, manager, "old", o.now().Add(-time.Hour))
		if fault.CodeOf(err) != "token.expired_already" {
			o.Errorf("a token of the past: %v", err)
		}
		tok, secret, err := o.CreateToken(ctx, manager, "CRM", o.now().Add(time.Hour))
		if err != nil {
			o.Fatal(err)
		}
		if !strings.HasPrefix(secret, "okt_") || !strings.HasPrefix(secret, tok.Prefix) || len(tok.Prefix) > 8 {
			o.Errorf("prefix %q", tok.Prefix)
		}
		a, err := o.Authenticate(ctx, secret, "203.0.113.5")
		if err != nil || a.User != manager.User || a.Token != tok.ID || a.Session != 0 || a.Can(access.ManageUser) || !a.Can(access.Reply) {
			o.Fatalf("Authenticate = %+v, %v", a, err)
		}
		list, err := o.ListTokens(ctx, o.admin)
		if err != nil || len(list) != 1 || list[0].LastUsedAt.IsZero() {
			o.Errorf("ListTokens = %+v, %v", list, err)
		}
		_, err = o.ListTokens(ctx, agent)
		o.wants("an agent's list", err, access.ErrDenied)
		o.pass(2 * time.Hour)
		_, err = o.Authenticate(ctx, secret, "")
		o.wants("an expired token", err, access.ErrUnauthenticated)

		_, forever, err := o.CreateToken(ctx, manager, "for ever", time.Time{})
		if err != nil {
			o.Fatal(err)
		}
		o.pass(5 * 365 * 24 * time.Hour)
		if a, err = o.Authenticate(ctx, forever, ""); err != nil {
			o.Fatalf("a token without end: %v", err)
		}
		if err := o.DeleteToken(ctx, o.admin, a.Token); err != nil {
			o.Fatal(err)
		}
		_, err = o.Authenticate(ctx, forever, "")
		o.wants("a deleted token", err, access.ErrUnauthenticated)
		o.wants("deleting it again", o.DeleteToken(ctx, o.admin, a.Token), access.ErrNoToken)
	})
}
