package webchat_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/channel/webchat"
)

const secret = "a secret of the channel"

func TestOrigins(t *testing.T) {
	w := newWorld(t, widgetAccount())
	for _, c := range []struct {
		origin string
		status int
	}{
		{"https://shop.example", 200},
		{"https://SHOP.example", 200},
		{"https://www.shop.example", 200},
		{"https://a.b.shop.example", 200},
		{w.server.URL, 200},
		{"http://shop.example", 403},
		{"https://shop.example:8443", 403},
		{"https://evilshop.example", 403},
		{"https://shop.example.evil", 403},
		{"https://*.shop.example", 403},
		{"null", 403},
		{"https://", 403},
		{"shop.example", 403},
	} {
		t.Run(c.origin, func(t *testing.T) {
			got := w.must(w.do("GET", "/widget/7/config", "", nil, "Origin", c.origin), c.status)
			allow := got.header.Get("Access-Control-Allow-Origin")
			if (allow == c.origin) != (c.status == 200) || (c.status != 200 && allow != "") {
				t.Errorf("Access-Control-Allow-Origin %q", allow)
			}
			if c.origin == w.server.URL {
				return
			}
			w.must(w.json("POST", "/widget/7/sessions", "", map[string]any{"site": c.origin}), map[int]int{200: 201, 403: 403}[c.status])
		})
	}
	// The frame itself talks from our own origin only.
	v := w.visit()
	got := w.do("GET", "/widget/7/session", v.token, nil, "Origin", "https://shop.example")
	if got.status != 403 || got.code() != "widget.origin_not_allowed" {
		t.Errorf("another site's request: %d %s", got.status, got.body)
	}
	w.must(w.do("GET", "/widget/7/session", v.token, nil, "Sec-Fetch-Site", "cross-site"), 403)
	w.must(w.do("GET", "/widget/7/session", v.token, nil, "Origin", w.server.URL), 200)
}

func TestFrame(t *testing.T) {
	w := newWorld(t, widgetAccount("title_ru", "Кофейня <b>«Утро»</b>"), func(d *webchat.Deps) { d.BaseURL = "https://okno.example/sub" })
	got := w.must(w.do("GET", "/widget/7/frame", "", nil), 200)
	csp := got.header.Get("Content-Security-Policy")
	for _, want := range []string{
		"default-src 'none'", "script-src 'self';", "style-src 'self';",
		"frame-ancestors 'self' https://shop.example https://*.shop.example https://okno.example",
	} {
		if !strings.Contains(csp+";", want) {
			t.Errorf("policy %q lacks %q", csp, want)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	if page := string(got.body); strings.Contains(page, "<b>") || strings.Contains(page, "style=") || strings.Count(page, "<script") != 1 {
		t.Errorf("page %s", page)
	}
	js := string(got.body)
	js = js[strings.Index(js, `src="`)+5:]
	js = js[:strings.Index(js, `"`)]
	file := w.must(w.do("GET", js, "", nil), 200)
	if cache := file.header.Get("Cache-Control"); !strings.Contains(cache, "immutable") || !strings.Contains(file.header.Get("Content-Type"), "javascript") {
		t.Errorf("%s: %v", js, file.header)
	}
	w.must(w.do("GET", js, "", nil, "If-None-Match", file.header.Get("Etag")), 304)
	w.must(w.do("GET", "/widget/7/assets/..%2fwidget.go", "", nil), 404)
	script := w.must(w.do("GET", "/widget.js", "", nil), 200)
	if script.header.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		t.Errorf("the script cannot be used on another site: %v", script.header)
	}
}

func TestSession(t *testing.T) {
	w := newWorld(t, widgetAccount())
	v := w.visit("referrer", "https://search.example/?q=кофе", "locale", "en")
	stored, err := w.memory.Get(t.Context(), 7, visitor.ID(v.id))
	if err != nil {
		t.Fatal(err)
	}
	if stored.Page != "https://shop.example/a?b=1" || stored.Site != "https://shop.example" || stored.Locale != "en" || !strings.HasPrefix(stored.Referrer, "https://search.example/") {
		t.Errorf("visitor %+v", stored)
	}
	for key := range w.memory.state.Tokens {
		if strings.Contains(key, v.token) || !strings.Contains(key, hex.EncodeToString(visitor.HashToken(v.token))) {
			t.Errorf("the token is not stored as its hash: %s", key)
		}
	}
	if len(w.memory.raws(0)) != 0 {
		t.Error("a session alone tells the workspace something")
	}
	for name, token := range map[string]string{
		"none": "", "garbage": "x", "another": "okv_" + strings.Repeat("A", 52), "cut": v.token[:len(v.token)-1], "long": "okv_" + strings.Repeat("A", 5000),
	} {
		for _, path := range []string{"/session", "/entries", "/files/file0001/link"} {
			if got := w.do("GET", "/widget/7"+path, token, nil); got.status != 401 {
				t.Errorf("%s token on %s: %d %s", name, path, got.status, got.body)
			}
		}
	}
	w.must(v.do("DELETE", "/widget/7/session", v.token, nil), 204)
	w.must(v.do("GET", "/widget/7/session", v.token, nil), 401)
}

func TestVisitorsDoNotMeet(t *testing.T) {
	w := newWorld(t, widgetAccount())
	w.memory.set(func(m *memory) { other := widgetAccount(); other.ID = 8; m.state.Accounts[8] = other })
	a, b := w.visit(), w.visit()
	said := a.text("секрет")
	if got := b.after(0); len(got.Entries) != 0 {
		t.Errorf("another visitor sees %+v", got.Entries)
	}
	w.must(w.do("GET", "/widget/8/session", a.token, nil), 401)
	w.must(w.do("GET", "/widget/9/session", a.token, nil), 404)
	for _, path := range []string{"/widget/0/config", "/widget/x/config", "/widget/99999999999999999999/config", "/widget/", "/widget/7/nothing"} {
		w.must(w.do("GET", path, "", nil), 404)
	}
	// A quote of another visitor's message says nothing.
	if e := b.say(map[string]any{"text": "ответ", "reply_to": said.ID}); e.Quote != nil {
		t.Errorf("quotes another visitor: %+v", e.Quote)
	}
}

func signedJWT(t *testing.T, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
	t.Helper()
	s, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func hashed(user string, exp int64, key string) map[string]any {
	mac := hmac.New(sha256.New, []byte(key))
	fmt.Fprintf(mac, "%s.%d", user, exp)
	return map[string]any{"user_id": user, "exp": exp, "hash": hex.EncodeToString(mac.Sum(nil))}
}

func TestIdentity(t *testing.T) {
	w := newWorld(t, widgetAccount("identity_secret", secret))
	soon, past := time.Now().Add(time.Hour).Unix(), time.Now().Add(-time.Hour).Unix()
	claims := func(sub string, exp int64) jwt.MapClaims {
		return jwt.MapClaims{"sub": sub, "exp": exp, "name": "Анна", "email": "anna@shop.example", "phone": "+79001112233"}
	}
	none := signedJWT(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims("1", soon))
	for _, c := range []struct {
		name string
		id   map[string]any
		code string
	}{
		{"jwt", map[string]any{"jwt": signedJWT(t, jwt.SigningMethodHS256, []byte(secret), claims("42", soon))}, ""},
		{"hash", hashed("43", soon, secret), ""},
		{"jwt of another secret", map[string]any{"jwt": signedJWT(t, jwt.SigningMethodHS256, []byte("other"), claims("42", soon))}, "widget.identity_invalid"},
		{"jwt of another algorithm", map[string]any{"jwt": signedJWT(t, jwt.SigningMethodHS512, []byte(secret), claims("42", soon))}, "widget.identity_invalid"},
		{"jwt without a signature", map[string]any{"jwt": none}, "widget.identity_invalid"},
		{"jwt that lapsed", map[string]any{"jwt": signedJWT(t, jwt.SigningMethodHS256, []byte(secret), claims("42", past))}, "widget.identity_expired"},
		{"jwt for ever", map[string]any{"jwt": signedJWT(t, jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"sub": "42"})}, "widget.identity_invalid"},
		{"jwt without a user", map[string]any{"jwt": signedJWT(t, jwt.SigningMethodHS256, []byte(secret), claims("", soon))}, "widget.identity_invalid"},
		{"garbage", map[string]any{"jwt": "a.b.c"}, "widget.identity_invalid"},
		{"hash of another secret", hashed("43", soon, "other"), "widget.identity_invalid"},
		{"hash that lapsed", hashed("43", past, secret), "widget.identity_expired"},
		{"hash of another user", map[string]any{"user_id": "44", "exp": soon, "hash": hashed("43", soon, secret)["hash"]}, "widget.identity_invalid"},
		{"hash moved between user and time", map[string]any{"user_id": "43.1", "exp": soon, "hash": hashed("43", soon, secret)["hash"]}, "widget.identity_invalid"},
		{"nothing", map[string]any{}, "widget.identity_invalid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := w.json("POST", "/widget/7/sessions", "", map[string]any{"site": "https://shop.example", "identity": c.id})
			if got.code() != c.code {
				t.Fatalf("answer %d %s, want code %q", got.status, got.body, c.code)
			}
		})
	}
	off := newWorld(t, widgetAccount())
	if got := off.json("POST", "/widget/7/sessions", "", map[string]any{"site": "https://shop.example", "identity": hashed("1", soon, "")}); got.code() != "widget.identity_off" {
		t.Errorf("without a secret: %d %s", got.status, got.body)
	}
}

func TestUserHasOneHistory(t *testing.T) {
	w := newWorld(t, widgetAccount("identity_secret", secret))
	exp := time.Now().Add(time.Hour).Unix()
	phone := w.visit("identity", hashed("42", exp, secret))
	phone.text("с телефона")
	laptop := w.visit("identity", hashed("42", exp, secret))
	if laptop.id != phone.id || laptop.token == phone.token || len(laptop.after(0).Entries) != 1 {
		t.Fatalf("the same user on another device: %s %s", laptop.id, phone.id)
	}
	if u := w.updates(); len(u) != 1 || u[0].Sender.ID != "user:42" || u[0].Sender.Scope != "webchat:7" {
		t.Errorf("updates %+v", u)
	}

	// Someone writes first and logs in then.
	late := w.visit()
	late.text("ещё не вошёл")
	var s sessionAnswer
	w.must(late.json("PATCH", "/widget/7/session", late.token, map[string]any{"identity": hashed("50", exp, secret)}), 200).into(t, &s)
	if s.User != "50" || s.Visitor != late.id {
		t.Errorf("session %+v", s)
	}
	u := w.updates()
	last := u[len(u)-1]
	if last.PersonChanged == nil || last.PersonChanged.Old.ID != late.id || last.Sender.ID != "user:50" {
		t.Errorf("the workspace heard %+v", last)
	}

	// And someone who has a history as that user already.
	again := w.visit()
	again.text("без входа")
	w.must(again.json("PATCH", "/widget/7/session", again.token, map[string]any{"identity": hashed("42", exp, secret)}), 201).into(t, &s)
	if s.Visitor != phone.id || s.Token == "" {
		t.Errorf("session %+v, want visitor %s", s, phone.id)
	}
	u = w.updates()
	if last := u[len(u)-1]; last.PersonChanged == nil || last.PersonChanged.Old.ID != again.id || last.Sender.ID != "user:42" {
		t.Errorf("the workspace heard %+v", last)
	}
	if got := phone.json("PATCH", "/widget/7/session", phone.token, map[string]any{"identity": hashed("50", exp, secret)}); got.status != 409 {
		t.Errorf("a session changed hands: %d %s", got.status, got.body)
	}
}

func TestConsentAndProfile(t *testing.T) {
	w := newWorld(t, widgetAccount("consent", "true", "consent_ru", "Согласен", "consent_url", "https://shop.example/policy", "ask_phone", "required", "ask_name", "optional"))
	v := w.visit()
	post := func(fields map[string]any) answer {
		fields["client_id"] = "message-x"
		return v.json("POST", "/widget/7/messages", v.token, fields)
	}
	if got := post(map[string]any{"text": "Здравствуйте"}); got.code() != "widget.consent_required" {
		t.Fatalf("without consent: %d %s", got.status, got.body)
	}
	w.must(v.json("PATCH", "/widget/7/session", v.token, map[string]any{"consent": true}), 200)
	if got := post(map[string]any{"text": "Здравствуйте"}); got.code() != "widget.profile_required" {
		t.Fatalf("without a phone: %d %s", got.status, got.body)
	}
	for _, bad := range []map[string]any{
		{"phone": "позвоните"},
		{"phone": "123"},
		{"phone": strings.Repeat("1", 30)},
		{"email": "x"},
		{"email": "a@b"},
		{"email": "Имя <a@b.ru>"},
		{"name": strings.Repeat("я", 200)},
		{},
		{"name": "\u200b\u200d"},
	} {
		if got := post(map[string]any{"profile": bad}); got.status != 422 {
			t.Errorf("profile %v: %d %s", bad, got.status, got.body)
		}
	}
	v.say(map[string]any{"profile": map[string]string{"name": "Анна\u202e", "phone": "8 (900) 111-22-33"}})
	v.text("Здравствуйте")
	u := w.updates()
	card := u[0].Message.Content.Contacts
	if len(u) != 2 || len(card) != 1 || card[0].Name != "Анна" || card[0].Phones[0] != "8 (900) 111-22-33" || card[0].Own {
		t.Fatalf("updates %+v", u)
	}
	if c := u[1].Sender.Consent; c == nil || c.Text != "Согласен https://shop.example/policy" || c.At.IsZero() {
		t.Errorf("the workspace is told of the consent: %+v", c)
	}
	if s := u[1].Sender; s.Name != "Анна" || s.Phone != "" {
		t.Errorf("sender %+v: a typed number proves nobody", s)
	}
	stored, err := w.memory.Get(t.Context(), 7, visitor.ID(v.id))
	if err != nil || stored.ConsentAt.IsZero() || stored.ConsentText != "Согласен https://shop.example/policy" {
		t.Errorf("consent of %+v, error %v", stored, err)
	}
}
