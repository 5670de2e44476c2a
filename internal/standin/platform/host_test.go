package platform_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/standin/platform"
)

// trouble is a platform's fault that has nothing of its own.
type trouble platform.Mishap

func (f trouble) Mishap() platform.Mishap { return platform.Mishap(f) }

type standin struct {
	*platform.Host
	platform.Faults[trouble]
}

// start runs a stand-in whose only method is /hello.
func start(t *testing.T, actions map[string]platform.Action) *standin {
	t.Helper()
	s := &standin{Host: platform.NewHost(platform.Settings{Name: "test", Addr: "127.0.0.1:0", Token: "right"})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, r *http.Request) {
		s.Count("Hello")
		if f := s.TakeFault("hello", nil); f != nil && !s.Play(w, r, f.Mishap()) {
			return
		}
		platform.WriteJSON(w, http.StatusOK, "hello")
	})
	s.Control(mux, map[string]platform.Action{
		"calls": platform.Tells(func(c struct{ Name string }) any { return s.Calls(c.Name) }),
	}, actions)
	if err := s.Listen(mux); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func ask(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	out, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(out)
}

func TestFaults(t *testing.T) {
	s := start(t, nil)
	hello := func() int { status, _ := ask(t, http.MethodGet, s.URL()+"/hello", ""); return status }
	s.Fail(trouble{Method: "HELLO", DropBefore: true})
	s.Fail(trouble{Method: "other", DropBefore: true})
	s.Fail(trouble{Times: 2, DropBefore: true, Delay: time.Millisecond})
	for i, want := range []int{0, 0, 0, http.StatusOK} {
		if got := hello(); got != want {
			t.Errorf("call %d: status %d, want %d", i+1, got, want)
		}
	}
	s.Fail(trouble{Times: -1, DropBefore: true})
	for range 3 {
		if hello() != 0 {
			t.Error("a fault without end ended")
		}
	}
	s.ClearFaults()
	if hello() != http.StatusOK {
		t.Error("a cleared fault hit")
	}
	if n := s.Calls("hello"); n < 7 {
		t.Errorf("%d calls counted", n)
	}
	s.Fail(trouble{Method: "hello"})
	if s.TakeFault("hello", func(trouble) bool { return false }) != nil {
		t.Error("a fault that does not suit was taken")
	}
}

func TestCloseEndsWhatHangs(t *testing.T) {
	s := start(t, nil)
	s.Fail(trouble{Hang: true})
	done := make(chan int, 1)
	go func() {
		status, _ := ask(t, http.MethodGet, s.URL()+"/hello", "")
		done <- status
	}()
	for s.Calls("hello") == 0 {
		select {
		case <-t.Context().Done():
			t.Fatal("the call did not come")
		case <-time.After(time.Millisecond):
		}
	}
	s.Close()
	if status := <-done; status != 0 {
		t.Errorf("a hanging call was answered %d", status)
	}
}

func TestTokenAndClock(t *testing.T) {
	s := start(t, nil)
	if !s.Authorized("right") || s.Authorized("wrong") || s.Authorized("") {
		t.Error("only the right token is to be taken")
	}
	s.RevokeToken()
	if s.Authorized("right") || s.Authorized("") {
		t.Error("a revoked token was taken")
	}
	s.RestoreToken()
	if !s.Authorized("right") {
		t.Error("a restored token was not taken")
	}
	s.Advance(time.Hour)
	if ahead := time.Until(s.Now()); ahead < 59*time.Minute || ahead > time.Hour {
		t.Errorf("the clock is ahead by %v", ahead)
	}
}

func TestControl(t *testing.T) {
	var said string
	s := start(t, map[string]platform.Action{
		"say":  platform.Sends(func(c struct{ Text string }) (int, error) { said = c.Text; return 7, nil }),
		"drop": platform.Tries(func(struct{}) error { return platform.ErrNobodyListens }),
		"fail": platform.Tries(func(struct{}) error { return errors.New("no such customer") }),
	})
	s.Violate("rule %d", 1)
	tests := []struct {
		method, action, body string
		status               int
		want                 string
	}{
		{http.MethodPost, "say", `{"text":"да"}`, http.StatusOK, `{"id":7}`},
		{http.MethodPost, "say", `{"text":1}`, http.StatusBadRequest, "cannot unmarshal"},
		{http.MethodGet, "say", "", http.StatusNotFound, "no action say"},
		{http.MethodPost, "drop", "", http.StatusOK, `{"ok":true}`},
		{http.MethodPost, "fail", " ", http.StatusUnprocessableEntity, "no such customer"},
		{http.MethodPost, "nonsense", "", http.StatusNotFound, "no action nonsense"},
		{http.MethodGet, "violations", "", http.StatusOK, `["rule 1"]`},
		{http.MethodPost, "violations", "", http.StatusOK, `["rule 1"]`},
		{http.MethodGet, "calls?name=hello", "", http.StatusOK, "0"},
		{http.MethodPost, "advance", `{"seconds":60}`, http.StatusOK, `{"ok":true}`},
		{http.MethodPost, "revoke_token", "", http.StatusOK, `{"ok":true}`},
	}
	for _, tt := range tests {
		status, out := ask(t, tt.method, s.URL()+"/_control/"+tt.action, tt.body)
		if status != tt.status || !strings.Contains(out, tt.want) {
			t.Errorf("%s %s %s: %d %s, want %d %s", tt.method, tt.action, tt.body, status, out, tt.status, tt.want)
		}
	}
	if said != "да" || s.Authorized("right") {
		t.Errorf("said %q", said)
	}
}

func TestLedger(t *testing.T) {
	type entry struct {
		Seq  int
		Done bool
	}
	path := filepath.Join(t.TempDir(), "ledger")
	l, err := platform.OpenLedger[entry](path)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		l.Add(&entry{Seq: l.Next()})
	}
	second := l.Latest(func(e *entry) bool { return e.Seq < 3 })
	second.Done = true
	l.Save(second)
	l.Close()
	if done := l.Copy(func(e *entry) bool { return e.Done }); len(done) != 1 || done[0].Seq != 2 {
		t.Errorf("done: %+v", done)
	}
	if l.Latest(func(e *entry) bool { return e.Seq == 4 }) != nil || len(l.Entries()) != 3 || len(l.Copy(nil)) != 3 {
		t.Error("there are three entries")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	kept := map[int]bool{}
	for line := range strings.Lines(string(raw)) {
		var e entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		kept[e.Seq] = e.Done
	}
	if len(kept) != 3 || kept[1] || !kept[2] {
		t.Errorf("kept %v", kept)
	}
	if _, err := platform.OpenLedger[entry](t.TempDir()); err == nil {
		t.Error("a folder is no ledger")
	}
}
