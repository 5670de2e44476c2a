package shop_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/okno-hq/okno/internal/demo/shop"
)

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

func TestPage(t *testing.T) {
	h, err := shop.New(shop.Config{Channel: 4611686018427387904})
	if err != nil {
		t.Fatal(err)
	}
	h = http.StripPrefix(shop.Prefix, h)
	for _, path := range []string{"/demo/"} {
		page := get(t, h, path)
		body := page.Body.String()
		if page.Code != http.StatusOK || !strings.Contains(body, `<script src="/widget.js" data-channel="4611686018427387904" async></script>`) {
			t.Errorf("%s: status %d, %s", path, page.Code, body[max(0, len(body)-200):])
		}
		if csp := page.Header().Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("policy %q", csp)
		}
		if strings.Contains(body, "style=") || strings.Contains(body, "onclick") || strings.Contains(body, "<style") {
			t.Error("inline style or script, which the policy refuses")
		}
		for _, m := range regexp.MustCompile(`(?:src|href)="(/demo/static/[^"]+)"`).FindAllStringSubmatch(body, -1) {
			if file := get(t, h, m[1]); file.Code != http.StatusOK {
				t.Errorf("%s: status %d", m[1], file.Code)
			}
		}
	}
	for _, path := range []string{"/demo/nothing", "/demo/static/nothing", "/demo/static/../page.html", "/"} {
		if got := get(t, h, path); got.Code == http.StatusOK {
			t.Errorf("%s: status %d", path, got.Code)
		}
	}
}
