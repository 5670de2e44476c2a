package webchat_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/channeltest"
	"github.com/okno-hq/okno/internal/channel/webchat"
)

func TestSameMessageOnce(t *testing.T) {
	w := newWorld(t, widgetAccount())
	v := w.visit()
	var wg sync.WaitGroup
	ids := make([]string, 20)
	created := make([]bool, 20)
	for i := range ids {
		wg.Go(func() {
			got := v.json("POST", "/widget/7/messages", v.token, map[string]any{"client_id": "once-and-only", "text": "раз"})
			var e entry
			got.into(t, &e)
			ids[i], created[i] = e.ID, got.status == 201
		})
	}
	wg.Wait()
	n := 0
	for i := range ids {
		if ids[i] != ids[0] {
			t.Errorf("ids %v", ids)
		}
		if created[i] {
			n++
		}
	}
	if n != 1 || len(v.after(0).Entries) != 1 || len(w.memory.raws(0)) != 1 {
		t.Errorf("created %d times, %d entries, %d updates", n, len(v.after(0).Entries), len(w.memory.raws(0)))
	}
}

func TestNothingIsAcceptedWithoutStorage(t *testing.T) {
	w := newWorld(t, widgetAccount())
	v := w.visit()
	w.memory.set(func(m *memory) { m.broken = true })
	got := v.json("POST", "/widget/7/messages", v.token, map[string]any{"client_id": "message-1", "text": "раз"})
	if got.status != 503 || got.code() != "storage.unavailable" || strings.Contains(string(got.body), "disk") {
		t.Errorf("answer %d %s", got.status, got.body)
	}
	w.memory.set(func(m *memory) { m.broken = false })
	v.say(map[string]any{"client_id": "message-1", "text": "раз"})
	if n := len(w.memory.raws(0)); n != 1 {
		t.Errorf("%d updates", n)
	}
}

func TestBadInput(t *testing.T) {
	w := newWorld(t, widgetAccount())
	v := w.visit()
	const path = "/widget/7/messages"
	for _, c := range []struct {
		name, body string
		status     int
		code       string
	}{
		{"nothing", "", 422, "widget.json_invalid"},
		{"no JSON", "{", 422, "widget.json_invalid"},
		{"two values", `{"client_id":"12345678","text":"a"}{}`, 422, "widget.json_invalid"},
		{"an array", "[]", 422, "widget.wrong_type"},
		{"wrong type", `{"client_id":1}`, 422, "widget.wrong_type"},
		{"wrong type inside", `{"client_id":"12345678","press":{"id":"a","row":"x"}}`, 422, "widget.wrong_type"},
		{"files no list", `{"client_id":"12345678","files":"x"}`, 422, "widget.wrong_type"},
		{"no client id", `{"text":"a"}`, 422, "widget.client_id_invalid"},
		{"odd client id", `{"client_id":"../../../etc","text":"a"}`, 422, "widget.client_id_invalid"},
		{"empty text", `{"client_id":"12345678","text":" \n "}`, 422, "widget.message_empty"},
		{"invisible text", `{"client_id":"12345678","text":"\u200b\u200e\u2060\u3164"}`, 422, "widget.message_empty"},
		{"too long", `{"client_id":"12345678","text":"` + strings.Repeat("я", 10_001) + `"}`, 413, "widget.text_too_long"},
		{"far too long", `{"client_id":"12345678","text":"` + strings.Repeat("x", 100_000) + `"}`, 413, "widget.text_too_long"},
		{"body too large", `{"client_id":"12345678","text":"` + strings.Repeat("x", 300_000) + `"}`, 413, "widget.body_too_large"},
		{"deep", strings.Repeat("[", 100_000), 422, "widget.json_invalid"},
		{"unknown file", `{"client_id":"12345678","files":["nope"]}`, 422, "widget.file_unknown"},
		{"too many files", `{"client_id":"12345678","files":["1","2","3","4","5","6","7","8","9","10","11"]}`, 422, "widget.too_many_files"},
		{"unknown button", `{"client_id":"12345678","press":{"id":"x","row":0,"col":0}}`, 422, "widget.button_unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := w.do("POST", path, v.token, strings.NewReader(c.body))
			if got.status != c.status || got.code() != c.code || got.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("answer %d %.300s, want %d %s", got.status, got.body, c.status, c.code)
			}
		})
	}
	if got := w.do("POST", path, v.token, strings.NewReader(`{}`), "Content-Type", "text/plain"); got.code() != "widget.content_type" {
		t.Errorf("plain text: %d %s", got.status, got.body)
	}
	if n := len(w.memory.raws(0)); n != 0 {
		t.Errorf("%d updates came of bad input", n)
	}
	e := v.text("тут\u202eспрятано\u0000 \u0007и\r\nещё 👩‍💻")
	if e.Text != "тутспрятано и\nещё 👩‍💻" {
		t.Errorf("text %q", e.Text)
	}
	for _, query := range []string{"after=x", "after=-1", "before=99999999999999999999", "wait=soon"} {
		w.must(w.do("GET", "/widget/7/entries?"+query, v.token, nil), 422)
	}
}

// endless is a body that never ends; it counts what was taken from it.
type endless struct{ read atomic.Int64 }

func (e *endless) Read(b []byte) (int, error) {
	if e.read.Load() > 1<<30 {
		return 0, io.EOF
	}
	e.read.Add(int64(len(b)))
	return len(b), nil
}

func TestGigabyteBodies(t *testing.T) {
	w := newWorld(t, widgetAccount("max_file_mb", "1"))
	v := w.visit()
	for _, path := range []string{"/messages", "/sessions", "/uploads?client_id=12345678"} {
		for _, length := range []int64{1 << 30, -1} { // told, and chunked
			body := &endless{}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+"/widget/7"+path, body)
			if err != nil {
				t.Fatal(err)
			}
			r.ContentLength = length
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "Bearer "+v.token)
			res, err := http.DefaultClient.Do(r)
			if err == nil {
				res.Body.Close()
				if res.StatusCode != http.StatusRequestEntityTooLarge && res.StatusCode != http.StatusUnprocessableEntity {
					t.Errorf("%s: status %d", path, res.StatusCode)
				}
			}
			if n := body.read.Load(); n > 64<<20 {
				t.Errorf("%s: %d MB were read", path, n>>20)
			}
		}
	}
}

func TestFiles(t *testing.T) {
	w := newWorld(t, widgetAccount("max_file_mb", "1"))
	v, other := w.visit(), w.visit()
	svg := `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	html := "<html><script>alert(1)</script>"
	png := channeltest.Sample(t, channel.Image, "image/png").Data
	for _, c := range []struct {
		name, hint, data string
		kind, served     string
	}{
		{"a.png", "", string(png), "image", "image/png"},
		{"a.html", "", string(png), "image", "image/png"},
		{"a.png", "", html, "document", "application/octet-stream"},
		{"a.svg", "", svg, "document", "application/octet-stream"},
		{"polyglot.png", "", "GIF89a/*" + strings.Repeat("x", 100) + "*/=1;alert(1)", "animation", "image/gif"},
		{"voice.webm", "voice", "\x1a\x45\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1f\x42\x86\x81\x01\x42\x82\x84webm\x86\x86A_OPUS", "voice", "audio/webm"},
		{"voice.webm", "voice", html, "document", "application/octet-stream"},
		{"x.pdf", "", "%PDF-1.4\n", "document", "application/octet-stream"},
	} {
		t.Run(c.name+" "+c.hint, func(t *testing.T) {
			var f file
			v.must(v.upload(url.Values{"name": {c.name}, "kind": {c.hint}}, []byte(c.data)), 201).into(t, &f)
			if f.Kind != c.kind || f.Size != int64(len(c.data)) {
				t.Errorf("file %+v, want %s", f, c.kind)
			}
			got := w.must(w.do("GET", f.URL, "", nil), 200)
			if string(got.body) != c.data || got.header.Get("Content-Type") != c.served || got.header.Get("X-Content-Type-Options") != "nosniff" ||
				!strings.Contains(got.header.Get("Content-Security-Policy"), "sandbox") {
				t.Errorf("served as %v", got.header)
			}
			if inline := strings.HasPrefix(got.header.Get("Content-Disposition"), "inline"); inline != (c.served != "application/octet-stream") {
				t.Errorf("disposition %s", got.header.Get("Content-Disposition"))
			}
			for _, wrong := range []string{strings.Replace(f.URL, "s=", "s=0", 1), strings.Replace(f.URL, "e=", "e=1", 1), strings.Split(f.URL, "?")[0], strings.Replace(f.URL, f.ID, "file9999", 1)} {
				w.must(w.do("GET", wrong, "", nil), 404)
			}
			w.must(w.do("GET", "/widget/7/files/"+f.ID+"/link", other.token, nil), 404)
			w.must(w.do("GET", "/widget/7/files/"+f.ID+"/link", v.token, nil), 200)
			if got := other.json("POST", "/widget/7/messages", other.token, map[string]any{"client_id": "12345678", "files": []string{f.ID}}); got.code() != "widget.file_unknown" {
				t.Errorf("another visitor's file was taken: %d %s", got.status, got.body)
			}
		})
	}
	var first, second file
	v.must(v.upload(url.Values{"name": {"../../etc/pass\u202ewd"}, "client_id": {"same-upload"}}, png), 201).into(t, &first)
	v.must(v.upload(url.Values{"name": {"again"}, "client_id": {"same-upload"}}, png), 201).into(t, &second)
	if first.ID != second.ID || first.Name != "passwd" {
		t.Errorf("the same upload twice: %+v and %+v", first, second)
	}
	if first.Width != 4 || first.Height != 3 {
		t.Errorf("dimensions of %+v", first)
	}
	if got := v.upload(url.Values{}, nil); got.code() != "widget.file_empty" {
		t.Errorf("an empty file: %d %s", got.status, got.body)
	}
	if got := v.upload(url.Values{}, make([]byte, 1<<20+1)); got.code() != "widget.file_too_large" {
		t.Errorf("a file too large: %d %s", got.status, got.body)
	}
	off := newWorld(t, widgetAccount("files", "false"))
	if got := off.visit().upload(url.Values{}, png); got.code() != "widget.files_off" {
		t.Errorf("files are off: %d %s", got.status, got.body)
	}
}

func TestLinksExpire(t *testing.T) {
	now := time.Now()
	w := newWorld(t, widgetAccount(), func(d *webchat.Deps) { d.Now = func() time.Time { return now } })
	v := w.visit()
	var f file
	v.must(v.upload(url.Values{}, []byte("text")), 201).into(t, &f)
	now = now.Add(49 * time.Hour)
	if got := w.do("GET", f.URL, "", nil); got.code() != "widget.link_expired" {
		t.Errorf("an old address: %d %s", got.status, got.body)
	}
}

func TestRateLimits(t *testing.T) {
	now := time.Now()
	limits := webchat.DefaultLimits()
	limits.Messages = webchat.Rate{Every: time.Second, Burst: 3}
	limits.Sessions = webchat.Rate{Every: time.Second, Burst: 2}
	w := newWorld(t, widgetAccount(), func(d *webchat.Deps) { d.Limits, d.Now = limits, func() time.Time { return now } })
	v, other := w.visit(), w.visit()
	got := w.json("POST", "/widget/7/sessions", "", map[string]any{"site": "https://shop.example"})
	if got.status != 429 || got.header.Get("Retry-After") != "1" {
		t.Errorf("a third session: %d %v", got.status, got.header)
	}
	for i := range 3 {
		v.text(fmt.Sprint(i))
	}
	got = v.json("POST", "/widget/7/messages", v.token, map[string]any{"client_id": "message-late", "text": "4"})
	if got.status != 429 || got.code() != "widget.rate_limited" || got.header.Get("Retry-After") != "1" {
		t.Errorf("a fourth message: %d %s %v", got.status, got.body, got.header)
	}
	other.text("другой посетитель не ждёт")
	now = now.Add(time.Second)
	v.say(map[string]any{"client_id": "message-late", "text": "4"})
}

func TestEditsAndDeletionsHideTheOldText(t *testing.T) {
	w := newWorld(t, widgetAccount())
	v := w.visit()
	v.text("вопрос")
	sent := v.send(channel.Outgoing{ItemID: "1", Content: channel.Content{Text: "цена 100"}})
	target := channel.Target{Chat: v.id, ExternalID: sent.ExternalIDs[0]}
	for _, text := range []string{"цена 200", "цена 200", "цена 100", "цена 200"} {
		if err := w.adapter.(channel.Editor).Edit(t.Context(), target, channel.Content{Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	got := v.after(0).Entries
	if len(got) != 5 || got[1].Text != "цена 200" || got[4].Ref != target.ExternalID || got[4].Text != "цена 200" {
		t.Errorf("entries %+v", got)
	}
	if err := w.adapter.(channel.Deleter).Delete(t.Context(), target); err != nil {
		t.Fatal(err)
	}
	if err := w.adapter.(channel.Deleter).Delete(t.Context(), target); err != nil {
		t.Errorf("deleting again: %v", err)
	}
	got = v.after(0).Entries
	if len(got) != 6 || !got[1].Deleted || got[1].Text != "" {
		t.Errorf("entries %+v", got)
	}
	if se, ok := errors.AsType[*channel.SendError](w.adapter.(channel.Editor).Edit(t.Context(), target, channel.Content{Text: "снова"})); !ok || se.Outcome != channel.Failed {
		t.Errorf("editing what was deleted: %v", se)
	}
}

func TestSendIsOnce(t *testing.T) {
	w := newWorld(t, widgetAccount(), func(d *webchat.Deps) {
		d.Author = func(_ context.Context, item string) (string, error) { return "Анна " + item, nil }
	})
	v := w.visit()
	o := channel.Outgoing{ItemID: "5", Content: channel.Content{Text: "раз"}}
	first, second := v.send(o), v.send(o)
	got := v.after(0).Entries
	if len(got) != 1 || first.ExternalIDs[0] != second.ExternalIDs[0] || !first.At.Equal(second.At) || got[0].Author != "Анна 5" {
		t.Errorf("sent %+v and %+v, entries %+v", first, second, got)
	}
	o.Chat = v.id
	if sent, found, err := w.adapter.(channel.Reconciler).Reconcile(t.Context(), o, time.Now()); err != nil || !found || sent.ExternalIDs[0] != first.ExternalIDs[0] {
		t.Errorf("reconcile: %+v %v %v", sent, found, err)
	}
	o.ItemID = "6"
	for range 2 {
		if sent, found, err := w.adapter.(channel.Reconciler).Reconcile(t.Context(), o, time.Now()); err != nil || !found || len(sent.ExternalIDs) != 1 {
			t.Errorf("reconcile what was not sent: %+v %v %v", sent, found, err)
		}
	}
	if got := v.after(0).Entries; len(got) != 2 {
		t.Errorf("after two looks there is %+v, want the unsent message once", got)
	}
	o.Chat = "nobody"
	if _, found, err := w.adapter.(channel.Reconciler).Reconcile(t.Context(), o, time.Now()); err != nil || found {
		t.Errorf("reconcile with nobody: %v %v", found, err)
	}
	if _, err := w.adapter.Send(t.Context(), o); err == nil {
		t.Error("sent to nobody")
	}
}

func TestPressOnlyWhatIsThere(t *testing.T) {
	w := newWorld(t, widgetAccount())
	v := w.visit()
	id := v.send(channel.Outgoing{ItemID: "1", Content: channel.Content{Text: "?", Buttons: [][]channel.Button{
		{{Kind: channel.ButtonCallback, Text: "Да", Payload: "yes"}, {Kind: channel.ButtonURL, Text: "Сайт", URL: "https://shop.example"}},
	}}}).ExternalIDs[0]
	for _, at := range [][2]int{{0, 1}, {0, 2}, {1, 0}, {-1, 0}, {0, -1}} {
		got := v.json("POST", "/widget/7/messages", v.token, map[string]any{"client_id": "press-wrong", "press": map[string]any{"id": id, "row": at[0], "col": at[1]}})
		if got.code() != "widget.button_unknown" {
			t.Errorf("button %v: %d %s", at, got.status, got.body)
		}
	}
	e := v.say(map[string]any{"press": map[string]any{"id": id, "row": 0, "col": 0}})
	u := w.updates()
	if e.Kind != "press" || e.Text != "Да" || len(u) != 1 || u[0].Press == nil || u[0].Press.Button.Payload != "yes" {
		t.Errorf("entry %+v, updates %+v", e, u)
	}
}
