package httpapi_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// refused wants a problem that tells the client of its own mistake.
func refused(t *testing.T, what string, w *httptest.ResponseRecorder) {
	t.Helper()
	var p struct {
		Status int
		Code   string
	}
	switch {
	case w.Code < 400 || w.Code > 499:
		t.Errorf("%s: %d %.300s", what, w.Code, w.Body)
	case w.Header().Get("Content-Type") != "application/problem+json":
		t.Errorf("%s: %d is %s", what, w.Code, w.Header().Get("Content-Type"))
	case json.Unmarshal(w.Body.Bytes(), &p) != nil || p.Status != w.Code || p.Code == "":
		t.Errorf("%s: %.300s", what, w.Body)
	}
}

// noTrouble wants anything but an error of ours.
func noTrouble(t *testing.T, what string, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code >= 500 {
		t.Errorf("%s: %d %.300s", what, w.Code, w.Body)
	}
	if w.Code >= 400 {
		refused(t, what, w)
	}
}

// writes are the operations with a JSON body.
func writes() map[string]operation {
	out, known := map[string]operation{}, bodies()
	for name, op := range operations() {
		if _, ok := known[name]; ok {
			out[name] = op
		}
	}
	return out
}

// TestMalformedBodies sends what is no request at all to every operation that
// takes one.
func TestMalformedBodies(t *testing.T) {
	s := newStage(t)
	for name, op := range writes() {
		target := "/api/v1" + s.target(op)
		for what, body := range map[string]string{
			"nothing": "", "cut off": `{"name":"x`, "a list": `[1,2]`, "a number": `7`, "null": `null`, "two values": `{}{}`,
			"not JSON": `name=x&y=1`, "not UTF-8": "{\"name\":\"\xff\xfe\",\"text\":\"\xff\"}", "deep": strings.Repeat("[", 100_000),
			"deep objects": strings.Repeat(`{"name":`, 20_000) + "1" + strings.Repeat("}", 20_000), "NUL": "\x00",
		} {
			w := s.as("admin", op.method, target, "application/json", strings.NewReader(body))
			noTrouble(t, name+" with "+what, w)
			if slices.Contains([]string{"cut off", "a list", "a number", "not JSON", "deep", "NUL"}, what) {
				refused(t, name+" with "+what, w)
			}
		}
		refused(t, name+" as a form", s.as("admin", op.method, target, "application/x-www-form-urlencoded", strings.NewReader("name=x")))
		refused(t, name+" as XML", s.as("admin", op.method, target, "text/xml", strings.NewReader("<x/>")))
	}
}

// TestStrangeValues puts strange values into every field of every body.
func TestStrangeValues(t *testing.T) {
	s := newStage(t)
	list := make([]any, 10_000)
	for i := range list {
		list[i] = "1"
	}
	values := map[string]any{
		"number": 1e300, "negative": -1, "fraction": 0.5, "true": true, "null": nil, "object": object{"a": object{"b": 1}}, "huge list": list,
		"empty": "", "blanks": "   ", "long": strings.Repeat("я", 100_000), "NUL": "a\x00b", "zero width": "\u200b\u200d\ufeff",
		"right to left": "\u202egnp.exe", "controls": "a\x01\x1b[31m\r\nSet-Cookie: x=1", "surrogate": "\ufffd", "combining": "e" + strings.Repeat("\u0301", 2000),
		"id": "99999999999999999999", "negative id": "-5", "id with a sign": "+5", "SQL": "1' OR '1'='1", "template": "{{.}} ${x} %s %n",
	}
	for name, op := range writes() {
		var sample map[string]any
		if err := json.Unmarshal([]byte(s.fillIn(bodies()[name])), &sample); err != nil {
			t.Fatal(name, err)
		}
		sample["no_such_field"] = "x"
		for field := range sample {
			for what, v := range values {
				changed := map[string]any{}
				for k, old := range sample {
					if k != "no_such_field" {
						changed[k] = old
					}
				}
				changed[field] = v
				if name == "createWebhook" || name == "updateWebhook" || name == "subscribePush" {
					delete(changed, "enabled")
				}
				w := s.json("admin", op.method, s.target(op), changed)
				noTrouble(t, name+" with "+field+" "+what, w)
				if !utf8.Valid(w.Body.Bytes()) {
					t.Errorf("%s with %s %s: the answer is not UTF-8", name, field, what)
				}
				if name == "logIn" && w.Code == 429 {
					break // enough tries for today
				}
			}
		}
	}
}

// TestStrangeAddresses puts strange ids and pages into every address.
func TestStrangeAddresses(t *testing.T) {
	s := newStage(t)
	for name, op := range operations() {
		if strings.Contains(op.path, "{id}") {
			for _, id := range []string{"x", "0", "-1", "+5", "99999999999999999999", "1e5", "%00", "%D1%8F", "%E2%80%AE1", "0x1f", "1%2F2", strings.Repeat("9", 5000)} {
				target := strings.NewReplacer("{id}", id, "{iid}", "1", "{nid}", "1", "{sid}", "1", "{did}", "1", "{fid}", "1").Replace(op.path)
				refused(t, name+" of "+id[:min(len(id), 30)], s.as("admin", op.method, "/api/v1"+target, "application/json", strings.NewReader(s.fillIn(bodies()[name]))))
			}
		}
		if op.method != "GET" {
			continue
		}
		target := s.target(op)
		for _, q := range []string{"limit=-1", "limit=0", "limit=100000000", "limit=x", "limit=1e3"} {
			noTrouble(t, name+"?"+q, s.json("admin", "GET", target+"?"+q, nil))
		}
		for _, v := range []string{"x", "-1", "99999999999999999999", "%00", "zzz.zzz", ".", "1.", strings.Repeat("a", 5000), "%D1%8F"} {
			for _, key := range []string{"cursor", "before", "after", "around", "q", "kind", "inbox_id", "contact_id", "from", "to", "user_id", "tag_id", "status", "sort", "payload"} {
				noTrouble(t, name+"?"+key+"="+v[:min(len(v), 30)], s.json("admin", "GET", target+"?"+key+"="+v, nil))
			}
		}
	}
}

// zeros is a body of a given length that counts what is read of it.
type zeros struct{ left, read int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.left)
	clear(p[:n])
	z.left -= n
	z.read += n
	return int(n), nil
}

// TestHugeBodies: a gigabyte is refused early and is never held in memory.
func TestHugeBodies(t *testing.T) {
	const gigabyte, limit = 1 << 30, 40 << 20
	s := newStage(t)
	for _, who := range []string{"admin", "nobody"} {
		for name, target := range map[string]string{
			"JSON": "/api/v1/contacts", "log-in": "/api/v1/auth/login", "set-up": "/api/v1/setup", "CSV": "/api/v1/users/import", "hook": "/hooks/webchat/" + s.ids["channel"],
			"voice": "/api/v1/files/voice",
		} {
			mime := map[string]string{"CSV": "text/csv", "voice": "audio/ogg"}[name]
			if mime == "" {
				mime = "application/json"
			}
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			body := &zeros{left: gigabyte}
			begun := time.Now()
			w := s.as(who, "POST", target, mime, body)
			runtime.ReadMemStats(&after)
			refused(t, name+" by "+who, w)
			if body.read > 2*limit {
				t.Errorf("%s by %s: %d MB were read (%s)", name, who, body.read>>20, time.Since(begun))
			}
			if grown := int64(after.HeapInuse) - int64(before.HeapInuse); grown > 4*limit { //nolint:gosec // below 2⁶³
				t.Errorf("%s by %s: memory grew by %d MB", name, who, grown>>20)
			}
		}
	}
}

// broken is a body whose connection is lost.
type broken struct{ io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// TestBrokenUploads: forms without a file, cut off, or of a wrong kind.
func TestBrokenUploads(t *testing.T) {
	s := newStage(t)
	mime, body := form("смета.txt", strings.Repeat("x", 10_000))
	half := body.String()[:5000]
	_, empty := form("", "")
	for what, send := range map[string]func() *httptest.ResponseRecorder{
		"no form": func() *httptest.ResponseRecorder {
			return s.as("admin", "POST", "/api/v1/files", "application/json", strings.NewReader("{}"))
		},
		"no boundary": func() *httptest.ResponseRecorder {
			return s.as("admin", "POST", "/api/v1/files", "multipart/form-data", strings.NewReader(half))
		},
		"cut off": func() *httptest.ResponseRecorder {
			return s.as("admin", "POST", "/api/v1/files", mime, strings.NewReader(half))
		},
		"lost": func() *httptest.ResponseRecorder {
			return s.as("admin", "POST", "/api/v1/files", mime, broken{strings.NewReader(half)})
		},
		"no sound": func() *httptest.ResponseRecorder {
			return s.as("admin", "POST", "/api/v1/files/voice", "audio/ogg", strings.NewReader("OggS, not really"))
		},
		"no recording": func() *httptest.ResponseRecorder {
			return s.as("admin", "POST", "/api/v1/files/voice", "text/html", strings.NewReader("<script>"))
		},
	} {
		refused(t, what, send())
	}
	noTrouble(t, "no name", s.as("admin", "POST", "/api/v1/files", mime, empty))
	for _, name := range []string{"../../etc/passwd", "a\x00b.txt", "\u202egnp.exe", strings.Repeat("я", 4000) + ".txt", ".", "con"} {
		mime, body := form(name, "x")
		noTrouble(t, "named "+name[:min(len(name), 20)], s.as("admin", "POST", "/api/v1/files", mime, body))
	}
}
