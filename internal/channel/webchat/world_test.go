package webchat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/coder/websocket"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/channel/webchat"
)

const patience = 5 * time.Second

// world is a running platform with one widget.
type world struct {
	*testing.T
	memory   *memory
	platform *webchat.Platform
	server   *httptest.Server
	adapter  channel.Adapter
	typing   chan channel.Update
}

func widgetAccount(settings ...string) channel.Account {
	a := channel.Account{
		ID: 7, Kind: channel.Webchat, Name: "Кофейня", Settings: map[string]string{"sites": "https://shop.example\nhttps://*.shop.example"},
		Secrets: map[string]string{},
	}
	for i := 0; i+1 < len(settings); i += 2 {
		if settings[i] == "identity_secret" {
			a.Secrets[settings[i]] = settings[i+1]
			continue
		}
		a.Settings[settings[i]] = settings[i+1]
	}
	return a
}

func builtAssets() fstest.MapFS {
	return fstest.MapFS{
		"widget.js": {Data: []byte("/* script */")}, "frame.js": {Data: []byte("/* frame */")}, "frame.css": {Data: []byte("body{}")},
		"placeholder.js": {Data: []byte("/* placeholder */")},
	}
}

func newWorld(t *testing.T, a channel.Account, tune ...func(*webchat.Deps)) *world {
	t.Helper()
	w := &world{T: t, memory: newMemory(a), typing: make(chan channel.Update, 100)}
	d := deps(w.memory)
	d.Transient = func(_ context.Context, _ channel.ID, u channel.Update) {
		select {
		case w.typing <- u:
		default:
		}
	}
	for _, f := range tune {
		f(&d)
	}
	var err error
	if w.platform, err = webchat.New(d); err != nil {
		t.Fatalf("new platform: %v", err)
	}
	w.server = httptest.NewServer(w.platform.Handler())
	t.Cleanup(func() { w.platform.Close(); w.server.Close() })
	if w.adapter, err = w.platform.Factory().Open(a); err != nil {
		t.Fatalf("open the account: %v", err)
	}
	return w
}

func deps(m *memory) webchat.Deps {
	return webchat.Deps{
		Channels: m, Log: m, Visitors: m, Intake: m, Files: m, Assets: builtAssets(), Key: bytes.Repeat([]byte("k"), 32),
	}
}

// answer is a reply of the platform.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("answer %d %s: %v", a.status, a.body, err)
	}
}

// code is the problem's code.
func (a answer) code() string {
	var p struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(a.body, &p) // no problem, no code
	return p.Code
}

func (w *world) do(method, path, token string, body io.Reader, header ...string) answer {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), method, w.server.URL+path, body)
	if err != nil {
		w.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		w.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{res.StatusCode, res.Header, data}
}

func (w *world) json(method, path, token string, v any) answer {
	w.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		w.Fatal(err)
	}
	return w.do(method, path, token, bytes.NewReader(data))
}

// must insists on a status.
func (w *world) must(a answer, status int) answer {
	w.Helper()
	if a.status != status {
		w.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// guest is a browser with a session.
type guest struct {
	*world
	token string
	id    string
	n     int
}

type sessionAnswer struct {
	Token, Visitor, User string
	AgentRead            int64 `json:"agent_read"`
	Read, Delivered      int64
	Consent              bool
	Profile              visitor.Profile
}

func (w *world) visit(extra ...any) *guest {
	w.Helper()
	body := map[string]any{"site": "https://shop.example", "page": "https://shop.example/a?b=1#c", "locale": "ru"}
	for i := 0; i+1 < len(extra); i += 2 {
		body[extra[i].(string)] = extra[i+1]
	}
	var s sessionAnswer
	w.must(w.json("POST", "/widget/7/sessions", "", body), 201).into(w.T, &s)
	return &guest{world: w, token: s.Token, id: s.Visitor}
}

type file struct {
	ID, Kind, Name, MIME, URL string
	Size                      int64
	Duration                  float64
	Width, Height             int
	Peaks                     []int
}

type entry struct {
	Seq                   int64
	ID, Kind, Ref, Author string
	Own, Deleted          bool
	Text, Emoji           string
	Marks                 []channel.Mark
	Files                 []file
	Location              *channel.Location
	Contacts              []channel.Card
	Buttons               [][]channel.Button
	Quote                 *struct{ ID, Text, Kind string }
}

type batch struct {
	Type      string
	Entries   []entry
	More      bool
	AgentRead int64 `json:"agent_read"`
	Activity  string
}

// say posts a message and insists that it is accepted.
func (v *guest) say(fields map[string]any) entry {
	v.Helper()
	v.n++
	if _, ok := fields["client_id"]; !ok {
		fields["client_id"] = fmt.Sprintf("message-%04d", v.n)
	}
	var e entry
	v.must(v.json("POST", "/widget/7/messages", v.token, fields), 201).into(v.T, &e)
	return e
}

func (v *guest) text(s string) entry { v.Helper(); return v.say(map[string]any{"text": s}) }

func (v *guest) upload(query url.Values, data []byte) answer {
	v.Helper()
	v.n++
	if !query.Has("client_id") {
		query.Set("client_id", fmt.Sprintf("upload-%04d", v.n))
	}
	return v.do("POST", "/widget/7/uploads?"+query.Encode(), v.token, bytes.NewReader(data), "Content-Type", "application/octet-stream")
}

func (v *guest) after(seq int64) batch {
	v.Helper()
	var b batch
	v.must(v.do("GET", fmt.Sprintf("/widget/7/entries?after=%d", seq), v.token, nil), 200).into(v.T, &b)
	return b
}

func (v *guest) send(o channel.Outgoing) channel.Sent {
	v.Helper()
	o.Chat = v.id
	sent, err := v.adapter.Send(v.Context(), o)
	if err != nil {
		v.Fatalf("send: %v", err)
	}
	return sent
}

// updates decodes what was ingested.
func (w *world) updates() []channel.Update {
	w.Helper()
	var out []channel.Update
	for _, r := range w.memory.raws(0) {
		u, err := w.adapter.Decode(r)
		if err != nil {
			w.Fatalf("decode %s: %v", r.Body, err)
		}
		out = append(out, u...)
	}
	return out
}

// socket is a live connection.
type socket struct {
	*guest
	conn *websocket.Conn
}

func (v *guest) dial(after int64) *socket {
	v.Helper()
	conn, _, err := websocket.Dial(v.Context(), strings.Replace(v.server.URL, "http", "ws", 1)+"/widget/7/socket", nil)
	if err != nil {
		v.Fatalf("dial: %v", err)
	}
	v.Cleanup(func() { _ = conn.CloseNow() })
	s := &socket{v, conn}
	s.write(map[string]any{"type": "hello", "token": v.token, "after": after})
	return s
}

func (s *socket) write(v any) {
	s.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		s.Fatal(err)
	}
	if err := s.conn.Write(s.Context(), websocket.MessageText, data); err != nil {
		s.Fatalf("write: %v", err)
	}
}

func (s *socket) next() (batch, error) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	_, data, err := s.conn.Read(ctx)
	if err != nil {
		return batch{}, err
	}
	var b batch
	return b, json.Unmarshal(data, &b)
}

// await reads until a frame fits.
func (s *socket) await(what string, fits func(batch) bool) batch {
	s.Helper()
	for {
		b, err := s.next()
		if err != nil {
			s.Fatalf("waiting for %s: %v", what, err)
		}
		if fits(b) {
			return b
		}
	}
}

// eventually waits for a condition.
func (w *world) eventually(what string, ok func() bool) {
	w.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			w.Fatalf("%s did not happen within %s", what, patience)
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-w.Context().Done():
			w.Fatal(w.Context().Err())
		}
	}
}

// pause lets others do something.
func (w *world) pause(ctx context.Context) {
	select {
	case <-time.After(2 * time.Millisecond):
	case <-ctx.Done():
	}
}
