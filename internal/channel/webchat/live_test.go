package webchat_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/channel/webchat"
)

func TestSocketResumes(t *testing.T) {
	w := newWorld(t, widgetAccount())
	v := w.visit()
	s := v.dial(0)
	s.await("the first news", func(b batch) bool { return b.Type == "batch" && !b.More })
	var seen []string
	last := int64(0)
	take := func(b batch) bool {
		for _, e := range b.Entries {
			if e.Seq <= last {
				t.Errorf("entry %d after %d", e.Seq, last)
			}
			last = e.Seq
			seen = append(seen, e.Text)
		}
		return len(b.Entries) > 0
	}
	v.send(channel.Outgoing{ItemID: "a", Content: channel.Content{Text: "живое"}})
	s.await("the live message", take)
	_ = s.conn.CloseNow()
	const missed = 130 // more than a page
	for i := range missed {
		v.send(channel.Outgoing{ItemID: fmt.Sprint("b", i), Content: channel.Content{Text: fmt.Sprint(i)}})
	}
	s = v.dial(last)
	for len(seen) < missed+1 {
		s.await("what was missed", take)
	}
	for i := range missed {
		if seen[i+1] != fmt.Sprint(i) {
			t.Fatalf("order %v", seen)
		}
	}
}

func TestSocketRefuses(t *testing.T) {
	w := newWorld(t, widgetAccount())
	v := w.visit()
	for _, c := range []struct {
		name string
		send string
		code websocket.StatusCode
	}{
		{"a wrong token", `{"type":"hello","token":"okv_x"}`, 4401},
		{"no hello", `{"type":"typing"}`, websocket.StatusPolicyViolation},
		{"garbage", `{`, websocket.StatusPolicyViolation},
		{"a wrong type", `{"type":"hello","after":"x"}`, websocket.StatusPolicyViolation},
		{"a negative place", `{"type":"hello","after":-1,"token":"` + v.token + `"}`, websocket.StatusPolicyViolation},
		{"too much", strings.Repeat("x", 20<<10), websocket.StatusMessageTooBig},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, _, err := websocket.Dial(t.Context(), w.server.URL+"/widget/7/socket", nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.CloseNow() }()
			if err := conn.Write(t.Context(), websocket.MessageText, []byte(c.send)); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if _, _, err = conn.Read(ctx); websocket.CloseStatus(err) != c.code {
				t.Errorf("closed with %v, want %d", err, c.code)
			}
		})
	}
	t.Run("garbage later", func(t *testing.T) {
		s := v.dial(0)
		s.await("news", func(b batch) bool { return b.Type == "batch" })
		if err := s.conn.Write(t.Context(), websocket.MessageText, []byte("[")); err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := s.next(); err != nil {
				if websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
					t.Errorf("closed with %v", err)
				}
				return
			}
		}
	})
	t.Run("another site", func(t *testing.T) {
		_, res, err := websocket.Dial(t.Context(), w.server.URL+"/widget/7/socket", &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"https://evil.example"}}})
		if err == nil || res.StatusCode != http.StatusForbidden {
			t.Errorf("error %v", err)
		}
	})
	t.Run("too many", func(t *testing.T) {
		many := newWorld(t, widgetAccount(), func(d *webchat.Deps) { d.Limits = webchat.DefaultLimits(); d.Limits.Live = 2 })
		v := many.visit()
		for range 2 {
			s := v.dial(0)
			s.await("news", func(b batch) bool { return b.Type == "batch" })
		}
		if _, err := v.dial(0).next(); websocket.CloseStatus(err) != 4429 {
			t.Errorf("closed with %v", err)
		}
	})
}

func TestTypingBothWays(t *testing.T) {
	w := newWorld(t, widgetAccount())
	v := w.visit()
	s := v.dial(0)
	s.await("news", func(b batch) bool { return b.Type == "batch" })
	s.write(map[string]any{"type": "typing"})
	select {
	case u := <-w.typing:
		if u.Typing == nil || u.Chat.Key != v.id || u.Sender.ID != v.id {
			t.Errorf("update %+v", u)
		}
	case <-time.After(patience):
		t.Fatal("the workspace was not told")
	}
	if err := w.adapter.(channel.Typer).ShowActivity(t.Context(), channel.Target{Chat: v.id}, channel.RecordingVoice); err != nil {
		t.Fatal(err)
	}
	s.await("the agent's activity", func(b batch) bool { return b.Type == "activity" && b.Activity == "recording" })
}

func TestMarksBothWays(t *testing.T) {
	w := newWorld(t, widgetAccount())
	v := w.visit()
	asked := v.text("вопрос")
	s := v.dial(0)
	s.await("news", func(b batch) bool { return b.Type == "batch" })
	if err := w.adapter.(channel.ReadMarker).MarkRead(t.Context(), channel.Target{Chat: v.id, ExternalID: asked.ID}); err != nil {
		t.Fatal(err)
	}
	s.await("that an agent read it", func(b batch) bool { return b.AgentRead == asked.Seq })
	first := v.send(channel.Outgoing{ItemID: "1", Content: channel.Content{Text: "раз"}}).ExternalIDs[0]
	second := v.send(channel.Outgoing{ItemID: "2", Content: channel.Content{Text: "два"}}).ExternalIDs[0]
	for _, m := range []map[string]any{
		{"type": "marks", "delivered": second},
		{"type": "marks", "read": first},
		{"type": "marks", "read": first, "delivered": first},
		{"type": "marks", "read": asked.ID},
		{"type": "marks", "read": "nope"},
		{"type": "marks", "read": second},
		{"type": "unheard of"},
	} {
		s.write(m)
	}
	var states []string
	w.eventually("the states", func() bool {
		states = nil
		for _, u := range w.updates() {
			if u.Status != nil {
				states = append(states, string(u.Status.State)+" "+u.Status.ExternalID)
			}
		}
		return len(states) >= 3
	})
	want := []string{"delivered " + second, "read " + first, "read " + second}
	if fmt.Sprint(states) != fmt.Sprint(want) {
		t.Errorf("states %v, want %v", states, want)
	}
	if got := v.json("POST", "/widget/7/marks", v.token, map[string]any{"read": asked.ID}); got.status != 422 {
		t.Errorf("reading one's own message: %d", got.status)
	}
}

func TestLongPoll(t *testing.T) {
	w := newWorld(t, widgetAccount())
	v := w.visit()
	answers := make(chan answer, 1)
	poll := func(after int64) {
		go func() { answers <- v.do("GET", fmt.Sprintf("/widget/7/entries?after=%d&wait=20", after), v.token, nil) }()
	}
	poll(0)
	// Whether the message comes before or after the poll began, it is heard.
	v.send(channel.Outgoing{ItemID: "1", Content: channel.Content{Text: "раз"}})
	var b batch
	select {
	case a := <-answers:
		a.into(t, &b)
	case <-time.After(patience):
		t.Fatal("the poll was not woken")
	}
	if len(b.Entries) != 1 || b.Entries[0].Text != "раз" {
		t.Errorf("batch %+v", b)
	}
	poll(b.Entries[0].Seq)
	w.platform.Close() // must not wait for the poll's 20 s
	select {
	case <-answers:
	case <-time.After(patience):
		t.Fatal("closing waits for polls")
	}
	if got := v.do("GET", "/widget/7/entries?after=1&wait=20", v.token, nil); got.status != 503 {
		t.Errorf("a poll while closing: %d", got.status)
	}
}

func TestClosingEndsSockets(t *testing.T) {
	w := newWorld(t, widgetAccount())
	s := w.visit().dial(0)
	s.await("news", func(b batch) bool { return b.Type == "batch" })
	closed := make(chan struct{})
	go func() { w.platform.Close(); close(closed) }()
	if _, err := s.next(); websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("closed with %v", err)
	}
	select {
	case <-closed:
	case <-time.After(patience):
		t.Fatal("Close does not return")
	}
}

func TestHistoryPages(t *testing.T) {
	w := newWorld(t, widgetAccount())
	v := w.visit()
	for i := range 120 {
		v.send(channel.Outgoing{ItemID: fmt.Sprint(i), Content: channel.Content{Text: fmt.Sprint(i)}})
	}
	var got []entry
	before := int64(0)
	for {
		var b batch
		v.must(v.do("GET", fmt.Sprintf("/widget/7/entries?before=%d", before), v.token, nil), 200).into(t, &b)
		got = append(append([]entry{}, b.Entries...), got...)
		if !b.More {
			break
		}
		before = b.Entries[0].Seq
	}
	for i, e := range got {
		if e.Text != fmt.Sprint(i) {
			t.Fatalf("entry %d is %q", i, e.Text)
		}
	}
	if len(got) != 120 {
		t.Errorf("%d entries", len(got))
	}
}

func TestOtherNodesHear(t *testing.T) {
	var sent []webchat.Signal
	w := newWorld(t, widgetAccount(), func(d *webchat.Deps) { d.Broadcast = func(s webchat.Signal) { sent = append(sent, s) } })
	v := w.visit()
	v.send(channel.Outgoing{ItemID: "1", Content: channel.Content{Text: "раз"}})
	if len(sent) != 1 || sent[0].Visitor != visitor.ID(v.id) {
		t.Fatalf("signals %+v", sent)
	}
	s := v.dial(1)
	s.await("news", func(b batch) bool { return b.Type == "batch" })
	// Another node appended and told us.
	if _, _, err := w.memory.Append(t.Context(), visitor.Entry{Channel: 7, Visitor: visitor.ID(v.id), Key: "x", Kind: visitor.Message, Own: true, Body: []byte(`{"text":"с другого узла"}`)}); err != nil {
		t.Fatal(err)
	}
	w.platform.Deliver(sent[0])
	s.await("the other node's message", func(b batch) bool { return len(b.Entries) == 1 && b.Entries[0].Text == "с другого узла" })
}
