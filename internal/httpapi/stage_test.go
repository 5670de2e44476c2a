package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/app"
	"github.com/okno-hq/okno/internal/config"
	"github.com/okno-hq/okno/internal/password"
)

// stage is the whole server on a database with two workspaces. The things
// under test are the first one's, in an inbox of team A.
type stage struct {
	t      *testing.T
	app    *app.App
	h      http.Handler
	people map[string]string // session secrets by who it is
	ids    map[string]string // what is there, by kind
	made   int
}

const pass = "тёплый чай на рассвете"

type object = map[string]any

func newStage(t *testing.T) *stage {
	t.Helper()
	s := blankStage(t)
	s.setUp()
	return s
}

// blankStage is a server that nobody has set up yet.
func blankStage(t *testing.T) *stage { return stageOn(t, "") }

// stageOn is such a server on a database of PostgreSQL, or on SQLite.
func stageOn(t *testing.T, url string) *stage {
	t.Helper()
	cfg := config.Config{DataDir: t.TempDir(), DatabaseURL: url, HTTPAddr: "127.0.0.1:0", BaseURL: "http://okno.test", LogLevel: "error", EventDays: 1, InboundDays: 1}
	a, err := app.New(t.Context(), cfg, slog.New(slog.DiscardHandler), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return &stage{t: t, app: a, h: a.Handler(), people: map[string]string{}, ids: map[string]string{}}
}

// setUp fills the first workspace, then makes the second one.
func (s *stage) setUp() {
	s.people["admin"] = s.join("/setup", object{"workspace_name": "Первая", "name": "Анна", "email": "anna@example.com", "password": pass, "locale": "ru"})
	var roles struct{ Items []struct{ ID, Key string } }
	s.get("/roles", &roles)
	role := map[string]string{"bare": s.make("/roles", object{"name": "Без прав", "permissions": []string{}})}
	for _, r := range roles.Items {
		role[r.Key] = r.ID
	}
	s.ids["role"] = role["bare"]
	s.ids["team"] = s.make("/teams", object{"name": "Команда А", "user_ids": []string{}})
	teamB := s.make("/teams", object{"name": "Команда Б", "user_ids": []string{}})
	for name, in := range map[string][2]string{
		"agent": {role["agent"], s.ids["team"]}, "supervisor": {role["supervisor"], s.ids["team"]},
		"bare": {role["bare"], s.ids["team"]}, "outsider": {role["agent"], teamB},
	} {
		var invited struct {
			User   struct{ ID string }
			Invite struct{ URL string }
		}
		s.post("/users", object{"email": name + "@example.com", "name": name, "role_id": in[0], "team_ids": []string{in[1]}}, &invited)
		s.ids[name] = invited.User.ID
		s.people[name] = s.join("/auth/invites/"+path.Base(invited.Invite.URL), object{"name": name, "password": pass})
	}
	s.ids["user"] = s.ids["agent"]
	s.ids["inbox"] = s.make("/inboxes", object{"name": "Вход А", "team_ids": []string{s.ids["team"]}})
	s.ids["contact"] = s.fresh("contact")
	s.ids["conversation"] = s.make("/conversations", object{"contact_id": s.ids["contact"], "inbox_id": s.ids["inbox"]})
	for _, kind := range []string{
		"channel", "item", "file", "merge", "tag", "contact-field", "canned-reply", "view", "token", "webhook", "session", "identity", "note",
	} {
		s.ids[kind] = s.fresh(kind)
	}
	s.chat()
	s.people["stranger"] = s.elsewhere()
}

// elsewhere makes the second workspace, as an importer of workspaces would,
// and returns its admin's session.
func (s *stage) elsewhere() string {
	s.t.Helper()
	st := s.app.Stores.Access
	second := access.NewService(access.Deps{
		Tx: s.app.DB, Users: st, Workspaces: empty{st}, Roles: st, Sessions: st, Tokens: st, Invites: st, Throttle: st, Audit: st,
		Events: s.app.Stores.Events, Hasher: password.New(password.Config{}), NewID: s.app.NewID, OnSessionEnd: func(access.UserID) {},
	})
	_, _, secret, err := second.Setup(context.Background(), access.SetupRequest{
		WorkspaceName: "Вторая", Name: "Чужой", Email: "stranger@example.org", Password: pass, Locale: "ru",
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return secret
}

// empty hides the workspaces that are there.
type empty struct{ access.Workspaces }

func (empty) ListWorkspaces(context.Context) ([]access.Workspace, error) { return nil, nil }

// fresh makes one more thing of a kind in the first workspace.
func (s *stage) fresh(kind string) string {
	s.t.Helper()
	s.made++
	name := fmt.Sprintf("%s %d", kind, s.made)
	word := fmt.Sprintf("w%d", s.made)
	switch kind {
	case "user":
		var u struct{ User struct{ ID string } }
		s.post("/users", object{"email": word + "@example.com", "name": name, "role_id": s.ids["role"]}, &u)
		return u.User.ID
	case "role":
		return s.make("/roles", object{"name": name, "permissions": []string{}})
	case "team":
		return s.make("/teams", object{"name": name, "user_ids": []string{}})
	case "inbox":
		return s.make("/inboxes", object{"name": name, "team_ids": []string{s.ids["team"]}})
	case "channel":
		return s.make("/channels", object{"kind": "webchat", "name": name, "inbox_id": s.ids["inbox"], "settings": object{}})
	case "contact":
		return s.make("/contacts", object{"name": name})
	case "conversation":
		return s.make("/conversations", object{"contact_id": s.fresh("contact"), "inbox_id": s.ids["inbox"]})
	case "item":
		return s.make("/conversations/"+s.ids["conversation"]+"/notes", object{"text": name})
	case "file":
		f := s.upload("admin")
		s.make("/conversations/"+s.ids["conversation"]+"/notes", object{"text": name, "file_ids": []string{f}})
		return f
	case "merge":
		winner := s.fresh("contact")
		s.post("/contacts/"+winner+"/merge", object{"contact_id": s.fresh("contact")}, nil)
		var list struct{ Items []struct{ ID string } }
		s.get("/contacts/"+winner+"/merges", &list)
		return list.Items[0].ID
	case "tag":
		return s.make("/tags", object{"name": name, "color": "#3366ff"})
	case "contact-field":
		return s.make("/contact-fields", object{"key": word, "label": name, "type": "text", "options": []string{}, "position": 1})
	case "canned-reply":
		return s.make("/canned-replies", object{"shortcut": word, "title": name, "text": "Здравствуйте", "file_ids": []string{}})
	case "view":
		return s.make("/views", object{"name": name, "shared": false, "filter": object{}, "position": 1})
	case "token":
		return s.make("/tokens", object{"name": name})
	case "webhook":
		return s.make("/webhooks", object{"url": "https://example.com/" + word, "events": []string{}})
	case "session":
		s.join("/auth/login", object{"email": "anna@example.com", "password": pass})
		var list struct {
			Items []struct {
				ID      string
				Current bool
			}
		}
		s.get("/me/sessions", &list)
		for _, x := range list.Items {
			if !x.Current {
				return x.ID
			}
		}
		s.t.Fatal("no other session")
	case "identity":
		var c struct {
			Identities []struct{ ID string }
		}
		s.post("/contacts/"+s.ids["contact"]+"/identities", object{"kind": "email", "value": word + "@example.com"}, nil)
		s.get("/contacts/"+s.ids["contact"], &c)
		return c.Identities[len(c.Identities)-1].ID
	case "note":
		return s.make("/contacts/"+s.ids["contact"]+"/notes", object{"text": name})
	}
	s.t.Fatalf("nothing makes a %s", kind)
	return ""
}

// as makes a request in somebody's name; "nobody" has none.
func (s *stage) as(who, method, target, mime string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(s.t.Context(), method, target, body)
	r.RemoteAddr = "203.0.113.7:4000"
	if mime != "" {
		r.Header.Set("Content-Type", mime)
	}
	if secret := s.people[who]; secret != "" {
		r.AddCookie(&http.Cookie{Name: "okno_session", Value: secret})
	}
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, r)
	return w
}

func (s *stage) json(who, method, target string, in any) *httptest.ResponseRecorder {
	s.t.Helper()
	if in == nil {
		return s.as(who, method, "/api/v1"+target, "", nil)
	}
	raw, err := json.Marshal(in)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.as(who, method, "/api/v1"+target, "application/json", bytes.NewReader(raw))
}

func (s *stage) good(w *httptest.ResponseRecorder, what string, out any) {
	s.t.Helper()
	if w.Code >= 300 {
		s.t.Fatalf("%s: %d %s", what, w.Code, w.Body)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
		s.t.Fatalf("%s: %v", what, err)
	}
}

func (s *stage) get(target string, out any) {
	s.t.Helper()
	s.good(s.json("admin", "GET", target, nil), target, out)
}

func (s *stage) post(target string, in, out any) {
	s.t.Helper()
	s.good(s.json("admin", "POST", target, in), target, out)
}

// make posts something and returns its id.
func (s *stage) make(target string, in any) string {
	s.t.Helper()
	var out struct{ ID string }
	s.post(target, in, &out)
	if out.ID == "" {
		s.t.Fatalf("%s: no id", target)
	}
	return out.ID
}

// join posts what logs somebody in and returns the session's secret.
func (s *stage) join(target string, in any) string {
	s.t.Helper()
	w := s.json("nobody", "POST", target, in)
	s.good(w, target, nil)
	for _, c := range w.Result().Cookies() {
		if c.Name == "okno_session" {
			return c.Value
		}
	}
	s.t.Fatalf("%s: no session", target)
	return ""
}

func form(name, text string) (mime string, body *bytes.Buffer) {
	body = &bytes.Buffer{}
	mw := multipart.NewWriter(body)
	part, _ := mw.CreateFormFile("file", name) // a buffer takes everything
	_, _ = io.Copy(part, strings.NewReader(text))
	_ = mw.Close()
	return mw.FormDataContentType(), body
}

func (s *stage) upload(who string) string {
	s.t.Helper()
	mime, body := form("смета.txt", "всего 100 рублей")
	var f struct{ ID string }
	s.good(s.as(who, "POST", "/api/v1/files", mime, body), "/files", &f)
	return f.ID
}
