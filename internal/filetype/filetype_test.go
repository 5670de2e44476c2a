package filetype_test

import (
	"bytes"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/filetype"
)

func voiceFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "voice", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const (
	png  = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
	jpeg = "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
	gif  = "GIF89a\x01\x00\x01\x00\x00\x00\x00,"
	webp = "RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00"
	pdf  = "%PDF-1.7\n1 0 obj\n<</OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>\nendobj\n"
	svg  = `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>`
	html = "<!doctype html><script>alert(1)</script>"
	mp4  = "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom\x00\x00\x00\x10moovhdlrvide"
)

func TestDetect(t *testing.T) {
	cases := map[string]struct {
		data   string
		hint   filetype.Hint
		mime   string
		kind   filetype.Kind
		inline bool
	}{
		"png":                          {png, filetype.Hint{}, "image/png", filetype.Image, true},
		"png called html":              {png, filetype.Hint{MIME: "text/html", Name: "x.html"}, "image/png", filetype.Image, true},
		"jpeg":                         {jpeg, filetype.Hint{}, "image/jpeg", filetype.Image, true},
		"gif":                          {gif, filetype.Hint{}, "image/gif", filetype.Animation, true},
		"webp":                         {webp, filetype.Hint{}, "image/webp", filetype.Image, true},
		"sticker":                      {webp, filetype.Hint{Sticker: true}, "image/webp", filetype.Sticker, true},
		"gzipped sticker":              {"\x1f\x8b\x08\x00\x00\x00\x00\x00", filetype.Hint{Sticker: true}, "application/gzip", filetype.Sticker, false},
		"video":                        {mp4, filetype.Hint{}, "video/mp4", filetype.Video, true},
		"video called sound":           {mp4, filetype.Hint{MIME: "audio/mp4"}, "video/mp4", filetype.Video, true},
		"silent video":                 {mp4, filetype.Hint{Animation: true}, "video/mp4", filetype.Animation, true},
		"recording of Chromium":        {string(voiceFile(t, "chromium.webm")), filetype.Hint{Voice: true}, "audio/webm", filetype.Voice, true},
		"recording of Firefox":         {string(voiceFile(t, "firefox.webm")), filetype.Hint{}, "audio/webm", filetype.Audio, true},
		"Ogg recording":                {string(voiceFile(t, "firefox.ogg")), filetype.Hint{Voice: true}, "audio/ogg", filetype.Voice, true},
		"MP4 recording":                {string(voiceFile(t, "chromium-opus.mp4")), filetype.Hint{Voice: true}, "audio/mp4", filetype.Voice, true},
		"m4a":                          {string(voiceFile(t, "safari.m4a")), filetype.Hint{}, "audio/mp4", filetype.Audio, true},
		"mp3":                          {string(voiceFile(t, "tone.mp3")), filetype.Hint{}, "audio/mpeg", filetype.Audio, true},
		"picture called voice":         {png, filetype.Hint{Voice: true}, "image/png", filetype.Image, true},
		"pdf with script":              {pdf, filetype.Hint{MIME: "image/png"}, "application/pdf", filetype.Document, false},
		"svg with script":              {svg, filetype.Hint{MIME: "image/svg+xml"}, "image/svg+xml", filetype.Document, false},
		"svg after an xml declaration": {`<?xml version="1.0"?>` + svg, filetype.Hint{}, "image/svg+xml", filetype.Document, false},
		"svg called png":               {svg, filetype.Hint{MIME: "image/png", Name: "x.png"}, "image/svg+xml", filetype.Document, false},
		"html":                         {html, filetype.Hint{MIME: "image/png", Sticker: true}, "text/html", filetype.Document, false},
		"html after blanks":            {"\n\t  " + html, filetype.Hint{}, "text/html", filetype.Document, false},
		"xhtml":                        {`<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script/></html>`, filetype.Hint{}, "application/xhtml+xml", filetype.Document, false},
		"script":                       {"#!/usr/bin/env node\nalert(1)", filetype.Hint{}, "text/javascript", filetype.Document, false},
		"program":                      {"MZ\x90\x00\x03\x00\x00\x00", filetype.Hint{Name: "photo.jpg"}, "application/vnd.microsoft.portable-executable", filetype.Document, false},
		"flash":                        {"CWS\x0a\x00\x00\x00\x00", filetype.Hint{}, filetype.Unknown, filetype.Document, false},
		"nothing":                      {"", filetype.Hint{MIME: "image/png"}, "text/plain", filetype.Document, false},
		"noise":                        {"\x00\x01\x02\x03\xfe\xfd", filetype.Hint{MIME: "video/mp4"}, filetype.Unknown, filetype.Document, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := filetype.Detect([]byte(c.data), c.hint)
			if got.MIME != c.mime || got.Kind(c.hint) != c.kind || got.Inline() != c.inline {
				t.Fatalf("%+v, %s, inline %v; want %s, %s, %v", got, got.Kind(c.hint), got.Inline(), c.mime, c.kind, c.inline)
			}
		})
	}
}

// TestPolyglots holds files that are valid in two formats. The first format
// may be shown; the second must have no way to run.
func TestPolyglots(t *testing.T) {
	for name, data := range map[string]string{
		"GIF and JavaScript": "GIF89a/*\x00\x00\x00\x00,*/=1;alert(document.domain)//",
		"GIF and HTML":       gif + "<html><script>alert(1)</script>",
		"PNG and HTML":       png + "<!doctype html><script>alert(1)</script>",
		"JPEG and HTML":      jpeg + "<!--" + html,
		"PDF and HTML":       "%PDF-1.4\n" + html,
		"HTML and PDF":       html + "\n%PDF-1.4\n",
		"MP3 and HTML":       "\xff\xfb\x90\x00" + html,
		"ID3 and HTML":       "ID3\x03\x00\x00\x00\x00\x00\x00" + html,
		"ZIP and HTML":       "PK\x03\x04" + html,
		"BMP and HTML":       "BM<script>alert(1)</script>",
		"WAV and script":     "RIFF=1/*WAVEfmt */;alert(1)",
		"SVG in a comment":   "<!-- GIF89a -->" + svg,
		"UTF-16 HTML":        "\xff\xfe<\x00s\x00c\x00r\x00i\x00p\x00t\x00>\x00",
		"UTF-7 HTML":         "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
		"MHTML":              "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + html,
	} {
		t.Run(name, func(t *testing.T) {
			got := filetype.Detect([]byte(data), filetype.Hint{MIME: "text/html", Name: "x.html"})
			checkHeaders(t, got, filetype.Serving{Name: "x.html"})
			checkHeaders(t, got, filetype.Serving{Name: "x.html", Download: true, CrossSite: true})
		})
	}
}

// checkHeaders holds what must be true of every response with a file.
func checkHeaders(t *testing.T, typ filetype.Type, s filetype.Serving) {
	t.Helper()
	h := http.Header{}
	typ.SetHeaders(h, s)
	mediaType, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		t.Fatalf("Content-Type: %v", err)
	}
	disposition, params, err := mime.ParseMediaType(h.Get("Content-Disposition"))
	if err != nil {
		t.Fatalf("Content-Disposition %q: %v", h.Get("Content-Disposition"), err)
	}
	passive := strings.HasPrefix(mediaType, "image/") && mediaType != "image/svg+xml" ||
		strings.HasPrefix(mediaType, "audio/") || strings.HasPrefix(mediaType, "video/")
	if !passive && (mediaType != filetype.Unknown || disposition != "attachment") {
		t.Errorf("%s is served as %s, %s", typ.MIME, mediaType, disposition)
	}
	if s.Download && disposition != "attachment" {
		t.Errorf("a download is served %s", disposition)
	}
	if params["filename"] != filetype.CleanName(s.Name) {
		t.Errorf("name %q became %q", s.Name, params["filename"])
	}
	csp := h.Get("Content-Security-Policy")
	if h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(csp, "sandbox; default-src 'none'") || strings.Contains(csp, "allow-") {
		t.Errorf("headers %v", h)
	}
	if want := map[bool]string{false: "same-origin", true: "cross-origin"}[s.CrossSite]; h.Get("Cross-Origin-Resource-Policy") != want {
		t.Errorf("CORP %q, want %q", h.Get("Cross-Origin-Resource-Policy"), want)
	}
}

func TestContentDisposition(t *testing.T) {
	for name, want := range map[string]string{
		"report.pdf":         `attachment; filename="report.pdf"`,
		"Счёт № 5.pdf":       `attachment; filename="____ _ 5.pdf"; filename*=UTF-8''%D0%A1%D1%87%D1%91%D1%82%20%E2%84%96%205.pdf`,
		"a\"b;c\r\nX: y.txt": `attachment; filename="a_b;c X_ y.txt"`,
		"100%41.txt":         `attachment; filename="100_41.txt"; filename*=UTF-8''100%2541.txt`,
		"it's (1).txt":       `attachment; filename="it's (1).txt"`,
		"":                   `attachment; filename="file"`,
		"../../etc/passwd":   `attachment; filename="passwd"`,
		"фото 😀.jpg":         `attachment; filename="file.jpg"; filename*=UTF-8''%D1%84%D0%BE%D1%82%D0%BE%20%F0%9F%98%80.jpg`,
	} {
		got := filetype.ContentDisposition("attachment", name)
		if got != want {
			t.Errorf("%q:\n got %s\nwant %s", name, got, want)
		}
	}
}

func TestCleanName(t *testing.T) {
	for name, want := range map[string]string{
		"report.pdf": "report.pdf",
		"Договор № 7 (подписан).docx":        "Договор № 7 (подписан).docx",
		`C:\Users\me\photo.jpg`:              "photo.jpg",
		"../../../etc/passwd":                "passwd",
		"..":                                 "file",
		"":                                   "file",
		"   ":                                "file",
		"/":                                  "file",
		".htaccess":                          "htaccess",
		"photo\u202Egpj.exe":                 "photogpj.exe",
		"zero\u200Bwidth\uFEFF.txt":          "zerowidth.txt",
		"line\r\nbreak.txt":                  "line break.txt",
		"tab\there.txt":                      "tab here.txt",
		"photo.jpg                     .exe": "photo.jpg .exe",
		"photo.jpg\u00A0\u3000\u2800.exe":    "photo.jpg .exe",
		"nul":                                "_nul",
		"CON.txt":                            "_CON.txt",
		"com1.tar.gz":                        "_com1.tar.gz",
		"LPT³":                               "_LPT³",
		"console.log":                        "console.log",
		"common.txt":                         "common.txt",
		"a<b>c:d|e?f*g.txt":                  "a_b_c_d_e_f_g.txt",
		"trailing. . .":                      "trailing",
		"bad\xff\xfeutf8.txt":                "bad_utf8.txt",
		"\x00":                               "file",
		"___":                                "file",
		"и\u0306.txt":                        "й.txt",
	} {
		if got := filetype.CleanName(name); got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
	long := filetype.CleanName(strings.Repeat("ж", 500) + ".docx")
	if len(long) > filetype.MaxName || !strings.HasSuffix(long, "ж.docx") || !utf8.ValidString(long) {
		t.Errorf("a long name became %q", long)
	}
	if n := filetype.CleanName(strings.Repeat("x", 300)); len(n) != filetype.MaxName {
		t.Errorf("a long name without an extension has %d bytes", len(n))
	}
}

func FuzzCleanName(f *testing.F) {
	for _, s := range []string{"a.txt", "..\\x", "CON", "\u202E", strings.Repeat("й", 300) + ".x", "a.\u0301b", "NUL .txt", "/."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := filetype.CleanName(name)
		if got == "" || len(got) > filetype.MaxName || !utf8.ValidString(got) {
			t.Fatalf("%q became %q", name, got)
		}
		if strings.ContainsAny(got, "/\\\x00\r\n<>:\"|?*") || strings.HasSuffix(got, ".") || strings.HasSuffix(got, " ") || strings.HasPrefix(got, ".") {
			t.Fatalf("%q became %q", name, got)
		}
		for _, r := range got {
			if unicode.In(r, unicode.C) {
				t.Fatalf("%q became %q with %U", name, got, r)
			}
		}
		if again := filetype.CleanName(got); again != got {
			t.Fatalf("%q became %q and then %q", name, got, again)
		}
	})
}

func FuzzServing(f *testing.F) {
	for _, s := range []string{png, jpeg, gif, webp, pdf, svg, html, mp4, "\xff\xfb\x90\x00" + html} {
		f.Add([]byte(s), "text/html", "имя\r\n.html")
	}
	f.Fuzz(func(t *testing.T, data []byte, declared, name string) {
		hint := filetype.Hint{MIME: declared, Name: name, Voice: len(data)%2 == 0, Sticker: len(data)%3 == 0}
		typ := filetype.Detect(data, hint)
		if k := typ.Kind(hint); k == "" {
			t.Fatal("a file without a kind")
		}
		checkHeaders(t, typ, filetype.Serving{Name: name})
		if !bytes.Equal([]byte(typ.MIME), bytes.ToLower([]byte(typ.MIME))) {
			t.Fatalf("type %q", typ.MIME)
		}
	})
}
