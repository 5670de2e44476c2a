package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// start runs the command until the test ends and returns what it printed, and
// the page's address.
func start(t *testing.T, args ...string) (printed []string, page string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, append(args, "--addr", "127.0.0.1:0", "--page", "127.0.0.1:0", "--specs", t.TempDir()), w)
		_ = w.Close()
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the command ended with %v", err)
		}
	})
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		printed = append(printed, lines.Text())
		if _, address, ok := strings.Cut(lines.Text(), "Be the customer at "); ok {
			go func() { _, _ = io.Copy(io.Discard, r) }()
			return printed, address
		}
	}
	t.Fatalf("no address in %q", printed)
	return nil, ""
}

func ask(t *testing.T, method, url, body string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(b)
}

func TestPlatforms(t *testing.T) {
	for name, c := range map[string]struct{ enter, say, list string }{
		"telegram": {"token", `{"from":501,"text":"привет"}`, "messages?key=501"},
		"whatsapp": {"app_secret", `{"from":"79005550101","text":"привет"}`, "messages?customer=79005550101"},
		"max":      {"token", `{"from":501,"text":"привет"}`, "messages?user=501"},
	} {
		t.Run(name, func(t *testing.T) {
			printed, page := start(t, name)
			all := strings.Join(printed, "\n")
			for _, want := range []string{"api_url", "http://127.0.0.1:", c.enter} {
				if !strings.Contains(all, want) {
					t.Errorf("%q is not among what is to be entered:\n%s", want, all)
				}
			}
			status, head, html := ask(t, http.MethodGet, page, "")
			if status != http.StatusOK || !strings.Contains(html, "/play.js") || strings.Contains(html, "<script>") || strings.Contains(html, "style=") {
				t.Errorf("the page: %d\n%s", status, html)
			}
			if p := head.Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") || strings.Contains(p, "unsafe") {
				t.Errorf("policy %q", p)
			}
			if _, _, is := ask(t, http.MethodGet, page+"platform", ""); is != name {
				t.Errorf("the page plays %q", is)
			}
			if status, _, out := ask(t, http.MethodPost, page+"_control/send_text", c.say); status != http.StatusOK {
				t.Fatalf("a word: %d %s", status, out)
			}
			_, _, out := ask(t, http.MethodGet, page+"_control/"+c.list, "")
			var said []struct {
				Text string `json:"text"`
			}
			if err := json.Unmarshal([]byte(out), &said); err != nil || len(said) != 1 || said[0].Text != "привет" {
				t.Errorf("said %s: %v", out, err)
			}
		})
	}
}

func TestUnknownPlatform(t *testing.T) {
	for _, args := range [][]string{nil, {"icq"}, {"telegram", "--nonsense"}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%q runs", args)
		}
	}
}
