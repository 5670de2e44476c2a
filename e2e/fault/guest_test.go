package fault_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// do asks the widget's API once.
func (g *guest) do(method, route string, in, out any) (int, error) {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return 0, err
		}
		body = bytes.NewReader(raw)
	}
	return g.send(method, route, "application/json", body, out)
}

func (g *guest) send(method, route, mime string, body io.Reader, out any) (int, error) {
	g.site.mu.Lock()
	base, token := g.site.base, g.token
	g.site.mu.Unlock()
	req, err := http.NewRequestWithContext(g.site.ctx, method, base+route, body)
	if err != nil {
		return 0, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Content-Type", mime)
	resp, err := g.site.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return 0, err
	case resp.StatusCode == http.StatusTooManyRequests:
		g.rest(time.Second)
		return resp.StatusCode, fmt.Errorf("too quick: %s", raw)
	case resp.StatusCode >= 500:
		g.site.mu.Lock()
		g.site.refused = resp.Status
		g.site.mu.Unlock()
		return resp.StatusCode, fmt.Errorf("%s", raw)
	case resp.StatusCode >= 400:
		return resp.StatusCode, fmt.Errorf("%w: %s %s: %s: %s", errAnswer, method, route, resp.Status, raw)
	case out == nil || len(raw) == 0:
		return resp.StatusCode, nil
	}
	return resp.StatusCode, json.Unmarshal(raw, out)
}

// rest waits a little; false says that the visitor is to go.
func (g *guest) rest(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-g.site.ctx.Done():
		return false
	}
}

// retry tries until it succeeds or is refused for good.
func (g *guest) retry(what string, try func() error) bool {
	for {
		err := try()
		if err == nil {
			return true
		}
		if errors.Is(err, errAnswer) {
			g.site.fault("visitor %d: %s: %v", g.who, what, err)
			return false
		}
		if !g.rest(50 * time.Millisecond) {
			return false
		}
	}
}

// open begins the visitor's session, once.
func (g *guest) open() bool {
	return g.retry("session", func() error {
		g.site.mu.Lock()
		known := g.token != ""
		g.site.mu.Unlock()
		if known {
			return nil
		}
		var s struct{ Token string }
		if _, err := g.do("POST", "/sessions", object{"site": "https://shop.example", "page": "https://shop.example/cart"}, &s); err != nil {
			return err
		}
		g.site.mu.Lock()
		g.token = s.Token
		g.site.mu.Unlock()
		return nil
	})
}

func (g *guest) message(u *utterance) object {
	out := object{"client_id": u.id, "text": u.text}
	if u.file != "" {
		out["files"] = []string{u.file}
	}
	return out
}

// speak sends what the visitor says, one thing after the other.
func (g *guest) speak() {
	if !g.open() {
		return
	}
	for {
		g.site.mu.Lock()
		var u *utterance
		if g.sent < len(g.said) {
			u = g.said[g.sent]
		}
		g.site.mu.Unlock()
		if u == nil {
			select {
			case <-g.work:
				continue
			case <-g.site.ctx.Done():
				return
			}
		}
		if !g.retry("message", func() error { return g.utter(u) }) {
			return
		}
	}
}

func (g *guest) utter(u *utterance) error {
	if u.picture != nil && u.file == "" {
		var f struct{ ID string }
		query := url.Values{"client_id": {"file-" + u.id}, "name": {"picture.png"}}
		if _, err := g.send("POST", "/uploads?"+query.Encode(), "image/png", bytes.NewReader(u.picture), &f); err != nil {
			return err
		}
		u.file = f.ID
	}
	g.site.mu.Lock()
	u.attempts++
	g.site.mu.Unlock()
	var e entry
	if _, err := g.do("POST", "/messages", g.message(u), &e); err != nil {
		return err
	}
	g.site.mu.Lock()
	defer g.site.mu.Unlock()
	u.acked, u.seq = true, e.Seq
	g.sent++
	return nil
}

// listen hears what is said to the visitor: half of the pages hold a socket,
// the others ask again and again.
func (g *guest) listen() {
	for {
		g.site.mu.Lock()
		ready := g.token != ""
		g.site.mu.Unlock()
		if ready {
			var err error
			if g.who%2 == 0 {
				err = g.socket()
			} else {
				err = g.poll()
			}
			if errors.Is(err, errAnswer) {
				g.site.fault("visitor %d: %v", g.who, err)
				return
			}
		}
		if !g.rest(100 * time.Millisecond) {
			return
		}
	}
}

// batch is news for the widget.
type batch struct {
	Type    string
	Entries []entry
	More    bool
}

func (g *guest) poll() error {
	for g.site.ctx.Err() == nil {
		g.site.mu.Lock()
		last := g.last
		g.site.mu.Unlock()
		var b batch
		if _, err := g.do("GET", fmt.Sprintf("/entries?after=%d&wait=10", last), nil, &b); err != nil {
			return err
		}
		g.hear(b.Entries)
	}
	return nil
}

func (g *guest) socket() error {
	g.site.mu.Lock()
	base, token, last := g.site.base, g.token, g.last
	g.site.mu.Unlock()
	dial, cancel := context.WithTimeout(g.site.ctx, 20*time.Second)
	defer cancel()
	conn, resp, err := websocket.Dial(dial, strings.Replace(base, "http", "ws", 1)+"/socket", nil)
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	if err != nil {
		return err
	}
	defer func() { _ = conn.CloseNow() }()
	hello, err := json.Marshal(object{"type": "hello", "token": token, "after": last})
	if err != nil {
		return err
	}
	if err := conn.Write(g.site.ctx, websocket.MessageText, hello); err != nil {
		return err
	}
	conn.SetReadLimit(1 << 20)
	for {
		// The server ticks every 20 seconds.
		ctx, cancel := context.WithTimeout(g.site.ctx, time.Minute)
		_, data, err := conn.Read(ctx)
		cancel()
		if err != nil {
			return err
		}
		var b batch
		if err := json.Unmarshal(data, &b); err != nil {
			return err
		}
		if b.Type == "batch" {
			g.hear(b.Entries)
		}
	}
}

// hear takes entries in and says that they were read.
func (g *guest) hear(list []entry) {
	read := ""
	for _, e := range list {
		hash := ""
		if e.Own && len(e.Files) > 0 {
			hash = g.fetch(e.Files[0].URL)
		}
		g.site.mu.Lock()
		if e.Seq <= g.last {
			g.site.wrong = append(g.site.wrong, fmt.Sprintf("visitor %d: entry %d after %d", g.who, e.Seq, g.last))
		}
		g.last = e.Seq
		g.seqs = append(g.seqs, e.Seq)
		g.take(e, hash)
		g.site.mu.Unlock()
		if e.Own && e.Kind == "message" {
			read = e.ID
		}
	}
	if read != "" {
		_, _ = g.do("POST", "/marks", object{"read": read}, nil) // said again with the next
	}
}

// take changes the page by one entry.
func (g *guest) take(e entry, hash string) {
	switch {
	case e.Own && e.Kind == "message":
		g.index[e.ID] = len(g.view)
		g.view = append(g.view, sight{id: e.ID, text: e.Text, gone: e.Deleted, file: hash})
	case e.Kind == "edit", e.Kind == "deletion":
		if n, ok := g.index[e.Ref]; ok && e.Kind == "edit" {
			g.view[n].text = e.Text
		} else if ok {
			g.view[n].gone = true
		}
	}
}

// fetch reads a file that was sent to the visitor.
func (g *guest) fetch(address string) (hash string) {
	g.site.mu.Lock()
	base, _, _ := strings.Cut(g.site.base, "/widget/")
	g.site.mu.Unlock()
	g.retry("file", func() error {
		req, err := http.NewRequestWithContext(g.site.ctx, http.MethodGet, base+address, nil)
		if err != nil {
			return err
		}
		resp, err := g.site.http.Do(req)
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		raw, err := io.ReadAll(resp.Body)
		if err == nil && resp.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s", resp.Status, raw)
			if resp.StatusCode < 500 && resp.StatusCode != http.StatusTooManyRequests {
				err = fmt.Errorf("%w: %w", errAnswer, err)
			}
		}
		hash = hashOf(raw)
		return err
	})
	return hash
}

// log reads everything from the beginning.
func (g *guest) log() ([]entry, error) {
	var out []entry
	for after := int64(0); ; {
		var b batch
		if !g.retry("log", func() error { _, err := g.do("GET", fmt.Sprintf("/entries?after=%d", after), nil, &b); return err }) {
			return nil, errors.New("the log cannot be read")
		}
		out = append(out, b.Entries...)
		if !b.More || len(b.Entries) == 0 {
			return out, nil
		}
		after = b.Entries[len(b.Entries)-1].Seq
	}
}

// check wants the page to have heard each entry of the log, once, and shown
// as it is now.
func (g *guest) check() error {
	log, err := g.log()
	if err != nil {
		return err
	}
	g.site.mu.Lock()
	defer g.site.mu.Unlock()
	var want []int64
	own := map[string]int{}
	for _, e := range log {
		want = append(want, e.Seq)
		if !e.Own && e.Kind == "message" {
			own[e.Text]++
		}
		if n, ok := g.index[e.ID]; ok && !e.Deleted && (g.view[n].text != e.Text || g.view[n].gone) {
			return fmt.Errorf("entry %d reads %q, the page shows %+v", e.Seq, e.Text, g.view[n])
		}
	}
	if fmt.Sprint(want) != fmt.Sprint(g.seqs) {
		return fmt.Errorf("the page heard %v of %v", g.seqs, want)
	}
	for _, u := range g.said {
		if u.acked && own[u.text] != 1 {
			return fmt.Errorf("%q is in the visitor's own log %d times", u.text, own[u.text])
		}
	}
	return nil
}
