package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// TestForeignReferences: things of another workspace cannot be named in what
// one does to things of one's own.
func TestForeignReferences(t *testing.T) {
	s := newStage(t)
	own := s.strangersOwn()
	for _, c := range []struct{ name, method, target, body string }{
		{"assign to their person", "PATCH", "/conversations/{own conversation}", `{"assignee_id":"{user}"}`},
		{"give to their team", "PATCH", "/conversations/{own conversation}", `{"team_id":"{team}"}`},
		{"move to their inbox", "PATCH", "/conversations/{own conversation}", `{"inbox_id":"{inbox}"}`},
		{"begin with their contact", "POST", "/conversations", `{"contact_id":"{contact}","inbox_id":"{own inbox}"}`},
		{"begin in their inbox", "POST", "/conversations", `{"contact_id":"{own contact}","inbox_id":"{inbox}"}`},
		{"note with their file", "POST", "/conversations/{own conversation}/notes", `{"text":"x","file_ids":["{file}"]}`},
		{"note to their person", "POST", "/conversations/{own conversation}/notes", `{"text":"x","mentions":["{user}"]}`},
		{"message on their channel", "POST", "/conversations/{own conversation}/messages", `{"channel_id":"{channel}","content":{"text":"x"}}`},
		{"message with their file", "POST", "/conversations/{own conversation}/messages", `{"content":{"text":"x"},"file_ids":["{file}"]}`},
		{"merge with their contact", "POST", "/contacts/{own contact}/merge", `{"contact_id":"{contact}"}`},
		{"their tag", "PUT", "/contacts/{own contact}/tags", `{"tag_ids":["{tag}"]}`},
		{"take their identity off", "DELETE", "/contacts/{own contact}/identities/{identity}", ``},
		{"remove their note", "DELETE", "/contacts/{own contact}/notes/{note}", ``},
		{"hire into their role", "POST", "/users", `{"email":"q@example.org","name":"q","role_id":"{role}"}`},
		{"hire into their team", "POST", "/users", `{"email":"q@example.org","name":"q","role_id":"{own role}","team_ids":["{team}"]}`},
		{"team with their person", "POST", "/teams", `{"name":"q","user_ids":["{user}"]}`},
		{"inbox for their team", "POST", "/inboxes", `{"name":"q","team_ids":["{team}"]}`},
		{"channel in their inbox", "POST", "/channels", `{"kind":"webchat","name":"q","inbox_id":"{inbox}","settings":{}}`},
		{"reply for their inbox", "POST", "/canned-replies", `{"shortcut":"q","title":"q","text":"q","inbox_id":"{inbox}","file_ids":[]}`},
		{"reply with their file", "POST", "/canned-replies", `{"shortcut":"q","title":"q","text":"q","file_ids":["{file}"]}`},
		{"their file as picture", "PATCH", "/me", `{"avatar_file_id":"{file}"}`},
		{"their delivery", "POST", "/webhooks/{own webhook}/deliveries/{item}/replay", ``},
		{"their failure", "POST", "/channels/{own channel}/failures/{item}/replay", ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			fill := func(text string) string {
				for kind, v := range own {
					text = strings.ReplaceAll(text, "{own "+kind+"}", v)
				}
				return s.fillIn(text)
			}
			w := s.as("stranger", c.method, "/api/v1"+fill(c.target), "application/json", strings.NewReader(fill(c.body)))
			if !slices.Contains([]int{400, 404, 409}, w.Code) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

// strangersOwn are the second workspace's things.
func (s *stage) strangersOwn() map[string]string {
	s.t.Helper()
	own := map[string]string{}
	add := func(kind, target string, in object) {
		s.t.Helper()
		var out struct{ ID string }
		s.good(s.json("stranger", "POST", target, in), target, &out)
		own[kind] = out.ID
	}
	add("inbox", "/inboxes", object{"name": "Свой"})
	add("contact", "/contacts", object{"name": "Свой"})
	add("role", "/roles", object{"name": "Своя", "permissions": []string{}})
	add("conversation", "/conversations", object{"contact_id": own["contact"], "inbox_id": own["inbox"]})
	add("channel", "/channels", object{"kind": "webchat", "name": "Свой", "inbox_id": own["inbox"], "settings": object{}})
	add("webhook", "/webhooks", object{"url": "https://example.com/own", "events": []string{}})
	return own
}

// TestEventsAreKnownToThoseWhoMay reads the event log in everybody's name.
func TestEventsAreKnownToThoseWhoMay(t *testing.T) {
	s := newStage(t)
	for who, want := range map[string]struct{ inside, any bool }{
		"agent": {true, true}, "supervisor": {true, true}, "admin": {true, true}, "bare": {true, true},
		"outsider": {false, true}, "stranger": {false, false},
	} {
		w := s.json(who, "GET", "/events?after=0", nil)
		var page struct{ Items []json.RawMessage }
		s.good(w, who, &page)
		if got := strings.Contains(w.Body.String(), s.ids["conversation"]); got != want.inside {
			t.Errorf("%s is told of the conversation: %t", who, got)
		}
		if got := strings.Contains(w.Body.String(), `"contact_id":"`+s.ids["contact"]); got != want.any {
			t.Errorf("%s is told of the contact: %t", who, got)
		}
	}
	for _, target := range []string{"/events", "/socket"} {
		if w := s.json("nobody", "GET", target, nil); w.Code != http.StatusUnauthorized {
			t.Errorf("%s to nobody: %d", target, w.Code)
		}
	}
}

// TestSocketSeats opens sockets and asks what they listen to. A page cannot
// choose: asking for more is refused.
func TestSocketSeats(t *testing.T) {
	s := newStage(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.app.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	server := httptest.NewServer(s.h)
	t.Cleanup(server.Close)
	var me struct{ Workspace struct{ ID string } }
	s.get("/me", &me)
	box, all, here := "inbox:"+s.ids["inbox"], "inboxes:"+me.Workspace.ID, "ws:"+me.Workspace.ID
	for who, want := range map[string]map[string]bool{
		"agent": {box: true, here: true}, "bare": {box: true, here: true}, "outsider": {here: true},
		"supervisor": {all: true, here: true}, "admin": {all: true, here: true}, "stranger": {},
	} {
		got := s.seats(server.URL, who)
		for _, c := range []string{box, all, here} {
			if slices.Contains(got, c) != want[c] {
				t.Errorf("%s listens to %v; %s: want %t", who, got, c, want[c])
			}
		}
	}
}

// seats connects as centrifuge's clients do and returns what the server
// subscribed the socket to, after it has asked in vain for team A's inbox.
func (s *stage) seats(base, who string) []string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	header := http.Header{"Cookie": {"okno_session=" + s.people[who]}}
	c, resp, err := websocket.Dial(ctx, strings.Replace(base, "http", "ws", 1)+"/api/v1/socket", &websocket.DialOptions{HTTPHeader: header})
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	if err != nil {
		s.t.Fatalf("%s: %v", who, err)
	}
	defer func() { _ = c.CloseNow() }()
	ask := func(id int, command string) []byte {
		s.t.Helper()
		if err := c.Write(ctx, websocket.MessageText, []byte(command)); err != nil {
			s.t.Fatal(err)
		}
		for {
			_, raw, err := c.Read(ctx)
			if err != nil {
				s.t.Fatalf("%s: %v", who, err)
			}
			for line := range bytes.Lines(raw) {
				var reply struct{ ID int }
				if json.Unmarshal(line, &reply) == nil && reply.ID == id {
					return line
				}
			}
		}
	}
	var connected struct {
		Connect struct{ Subs map[string]any }
	}
	if err := json.Unmarshal(ask(1, `{"id":1,"connect":{}}`), &connected); err != nil {
		s.t.Fatal(err)
	}
	for n, channel := range []string{"inbox:" + s.ids["inbox"], "user:" + s.ids["agent"]} {
		if _, subscribed := connected.Connect.Subs[channel]; subscribed {
			continue
		}
		if reply := ask(2+n, `{"id":`+string(rune('2'+n))+`,"subscribe":{"channel":"`+channel+`"}}`); !bytes.Contains(reply, []byte(`"error"`)) {
			s.t.Errorf("%s could subscribe to %s: %s", who, channel, reply)
		}
	}
	var out []string
	for name := range connected.Connect.Subs {
		out = append(out, name)
	}
	return out
}

// TestSocketOrigin: another site's page cannot open a socket with a person's
// cookie.
func TestSocketOrigin(t *testing.T) {
	s := newStage(t)
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/api/v1/socket", nil)
	r.Header.Set("Origin", "https://evil.example")
	r.AddCookie(&http.Cookie{Name: "okno_session", Value: s.people["admin"]})
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestHooks: a webhook's address alone opens nothing.
func TestHooks(t *testing.T) {
	s := newStage(t)
	telegram := s.make("/channels", object{
		"kind": "telegram", "name": "Бот", "inbox_id": s.ids["inbox"],
		"settings": object{"token": "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0", "api_url": "http://127.0.0.1:1", "mode": "webhook"},
	})
	update := `{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":5,"type":"private"},"from":{"id":5,"is_bot":false,"first_name":"X"},"text":"x"}}`
	for _, c := range []struct {
		target string
		want   []int
	}{
		{"/hooks/telegram/" + telegram, []int{401, 403}},
		{"/hooks/telegram/" + s.ids["channel"], []int{404}},
		{"/hooks/whatsapp/" + telegram, []int{404}},
		{"/hooks/telegram/1", []int{404}},
		{"/hooks/telegram/x", []int{404}},
		{"/hooks/telegram/-1", []int{404}},
		{"/hooks/telegram/99999999999999999999", []int{404}},
		{"/hooks/webchat/" + s.ids["channel"], []int{404}},
	} {
		w := s.as("admin", "POST", c.target, "application/json", strings.NewReader(update))
		if !slices.Contains(c.want, w.Code) {
			t.Errorf("%s: %d %s, want %v", c.target, w.Code, w.Body, c.want)
		}
	}
	var list struct{ Items []json.RawMessage }
	s.get("/conversations?channel_kind=telegram&status=any", &list)
	if len(list.Items) != 0 {
		t.Error("an unproven update was shown")
	}
}

// TestFilesOfOthers: what has not been sent yet is the uploader's alone.
func TestFilesOfOthers(t *testing.T) {
	s := newStage(t)
	draft := s.upload("agent") // not sent yet: nobody's but his
	for who, want := range map[string]int{"agent": 200, "admin": 404, "supervisor": 404, "outsider": 404, "stranger": 404, "nobody": 401} {
		for _, method := range []string{"GET", "HEAD"} {
			if w := s.as(who, method, "/api/v1/files/"+draft+"/content", "", nil); w.Code != want {
				t.Errorf("%s %s: %d, want %d", method, who, w.Code, want)
			}
		}
	}
}
