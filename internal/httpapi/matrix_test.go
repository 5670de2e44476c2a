package httpapi_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http/httptest"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/okno-hq/okno/internal/httpapi"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store/storetest"
)

// operation is one operation of the API as it describes itself.
type operation struct {
	method, path, name string
	public             bool
}

// operations are all there are, by name.
func operations() map[string]operation {
	out := map[string]operation{}
	for p, item := range httpapi.Describe().Paths {
		for method, op := range map[string]*huma.Operation{
			"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete,
		} {
			if op != nil {
				out[op.OperationID] = operation{method, p, op.OperationID, len(op.Security) == 0}
			}
		}
	}
	return out
}

// columns are the people of the table: three built-in roles in team A, a role
// without any permission in team A, an agent of team B, and the admin of
// another workspace.
func columns() []string {
	return []string{"agent", "supervisor", "admin", "bare", "outsider", "stranger"}
}

// TestPermissionMatrix asks for every operation in everybody's name, always
// with ids of the first workspace's things. What must come is in the table; an
// operation that is not in it fails.
func TestPermissionMatrix(t *testing.T) {
	ops, table := operations(), expected()
	for name := range ops {
		if table[name] == "" {
			t.Errorf("%s is not in the table", name)
		}
	}
	for name := range table {
		if _, ok := ops[name]; !ok {
			t.Errorf("%s is in the table and nowhere else", name)
		}
	}
	for database, url := range map[string]string{"sqlite": "", "postgres": storetest.PostgresURL(t)} {
		t.Run(database, func(t *testing.T) {
			s := stageOn(t, url)
			s.setUp()
			s.matrix(ops, table)
		})
	}
}

// matrix asks for every operation in everybody's name.
func (s *stage) matrix(ops map[string]operation, table map[string]string) {
	t := s.t
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(ops)) {
		op := ops[name]
		if w := s.ask("nobody", op); !op.public && w.Code != 401 {
			t.Errorf("%s: nobody: %d, want 401", name, w.Code)
		}
		var got []string
		for _, who := range columns() {
			w := s.ask(who, op)
			got = append(got, strconv.Itoa(w.Code))
			s.leaks(name, who, w)
		}
		if line := strings.Join(got, " "); line != table[name] {
			t.Errorf("%q: %q, want %q", name, line, table[name])
		}
	}
}

// leaks looks for things of the first workspace in what a stranger gets, and
// for those of team A's inbox in what an outsider gets.
func (s *stage) leaks(name, who string, w *httptest.ResponseRecorder) {
	s.t.Helper()
	hidden := map[string][]string{
		"stranger": slices.Collect(maps.Keys(s.ids)),
		"outsider": {"conversation", "item", "file"},
	}[who]
	if strings.Contains(w.Body.String(), `"done":[]`) {
		return // says which ids it did not find
	}
	for _, kind := range hidden {
		if strings.Contains(w.Body.String(), `"id":"`+s.ids[kind]+`"`) {
			s.t.Errorf("%s shows %s the %s %s", name, who, kind, s.ids[kind])
		}
	}
}

// ask makes one request for an operation. What is changed is made for it, so
// that the next one finds everything as it was.
func (s *stage) ask(who string, op operation) *httptest.ResponseRecorder {
	s.t.Helper()
	target := s.target(op)
	switch op.name {
	case "uploadFile", "importUsers", "uploadVoice":
		mime, body := form("a.txt", "email,name\n")
		if op.name == "importUsers" {
			mime = "text/csv"
		}
		return s.as(who, op.method, "/api/v1"+target, mime, body)
	case "logOut", "changePassword":
		return s.throwaway(who, op, target)
	case "dismissSuggestion":
		about, suggestion := s.suggestion()
		return s.json(who, op.method, "/contacts/"+about+"/suggestions/"+suggestion+"/dismiss", nil)
	case "updateMe":
		if who != "nobody" {
			mime, body := face(s.t)
			var f fileInfo
			s.good(s.as(who, "POST", "/api/v1/files?purpose=avatar", mime, body), "picture", &f)
			return s.json(who, op.method, target, object{"avatar_file_id": f.ID})
		}
	}
	body, ok := bodies()[op.name]
	if !ok {
		return s.json(who, op.method, target, nil)
	}
	return s.as(who, op.method, "/api/v1"+target, "application/json", strings.NewReader(s.fillIn(body)))
}

// throwaway asks for what would end the session that the rest of the table
// needs: logging out happens in a session of its own.
func (s *stage) throwaway(who string, op operation, target string) *httptest.ResponseRecorder {
	s.t.Helper()
	if who == "nobody" || op.name == "changePassword" {
		return s.json(who, op.method, target, object{"current": "не тот пароль, а другой", "password": pass + "!"})
	}
	mail := map[string]string{"admin": "anna@example.com", "stranger": "stranger@example.org"}[who]
	if mail == "" {
		mail = who + "@example.com"
	}
	kept := s.people[who]
	defer func() { s.people[who] = kept }()
	s.people[who] = s.join("/auth/login", object{"email": mail, "password": pass})
	return s.json(who, op.method, target, nil)
}

// target fills an operation's path with ids.
func (s *stage) target(op operation) string {
	s.t.Helper()
	parts := strings.Split(op.path, "/")
	kind := singular(parts[1])
	for i, p := range parts {
		switch p {
		case "{id}":
			if parts[i-1] == "sessions" {
				kind = "session"
			}
			parts[i] = s.one(op, kind)
		case "{token}":
			parts[i] = s.invitation()
		case "{iid}":
			parts[i] = s.fresh("identity")
		case "{nid}":
			parts[i] = s.fresh("note")
		case "{sid}", "{did}", "{fid}":
			parts[i] = "1" // there is none: 404 to those who may
		}
	}
	return strings.Join(parts, "/")
}

// one is the id of a thing that an operation may do anything to.
func (s *stage) one(op operation, kind string) string {
	s.t.Helper()
	onIt := strings.HasSuffix(op.path, "{id}") || slices.Contains([]string{"merge", "undo", "unread", "read"}, path.Base(op.path))
	switch op.name { // these want a thing in a certain state
	case "cancelItem":
		return s.message(inbox.StateScheduled)
	case "retryItem":
		return s.message(inbox.StateFailed)
	case "settleItem":
		return s.message(inbox.StateUncertain)
	case "refetchFile":
		return s.unfetched()
	}
	if op.method == "GET" || !onIt {
		return s.ids[kind]
	}
	return s.fresh(kind)
}

func singular(plural string) string {
	switch {
	case plural == "inboxes":
		return "inbox"
	case strings.HasSuffix(plural, "ies"):
		return strings.TrimSuffix(plural, "ies") + "y"
	}
	return strings.TrimSuffix(plural, "s")
}

// invitation is the secret of a person's new invitation.
func (s *stage) invitation() string {
	s.t.Helper()
	var inv struct{ URL string }
	s.post("/users/"+s.fresh("user")+"/invite", nil, &inv)
	return path.Base(inv.URL)
}

// fillIn puts ids where a body names a kind in braces, a new word for {new}.
func (s *stage) fillIn(body string) string {
	for kind, v := range s.ids {
		body = strings.ReplaceAll(body, "{"+kind+"}", v)
	}
	s.made++
	body = strings.ReplaceAll(body, "{new}", fmt.Sprintf("n%d", s.made))
	if strings.Contains(body, "{p256dh}") {
		body = strings.ReplaceAll(body, "{p256dh}", deviceKey(s.t))
	}
	if strings.Contains(body, "{file2}") { // what is in a reply is everybody's
		body = strings.ReplaceAll(body, "{file2}", s.fresh("file"))
	}
	if strings.Contains(body, "{contact2}") {
		body = strings.ReplaceAll(body, "{contact2}", s.fresh("contact"))
	}
	return body
}

// deviceKey is a browser's public key for push messages.
func deviceKey(t *testing.T) string {
	t.Helper()
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(k.PublicKey().Bytes())
}
