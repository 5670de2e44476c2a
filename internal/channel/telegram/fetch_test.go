package telegram_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/channeltest"
	standin "github.com/okno-hq/okno/internal/standin/telegram"
)

// received is the first attachment that comes in.
func received(t testing.TB, p *platform, a channel.Adapter, f standin.File) channel.Attachment {
	t.Helper()
	if _, err := p.SendMedia(standin.Post{From: 501}, f); err != nil {
		t.Fatal(err)
	}
	cursor := ""
	for {
		for _, u := range pull(t, a, &cursor, 1) {
			if u.Message != nil && len(u.Message.Content.Attachments) == 1 {
				return u.Message.Content.Attachments[0]
			}
		}
	}
}

func fetch(t testing.TB, a channel.Adapter, ref string) ([]byte, channel.Media, error) {
	t.Helper()
	media, err := a.(channel.MediaFetcher).Fetch(t.Context(), ref)
	if err != nil {
		return nil, media, err
	}
	body, err := io.ReadAll(media.Body)
	if cerr := media.Body.Close(); cerr != nil {
		t.Errorf("close: %v", cerr)
	}
	return body, media, err
}

func TestFetch(t *testing.T) {
	p, a := met(t, nil)
	pdf := channeltest.Sample(t, channel.Document)
	at := received(t, p, a, standin.File{Kind: "document", Name: pdf.Name, MIME: pdf.MIME, Data: pdf.Data})
	for range 2 { // a path is asked for anew each time
		body, media, err := fetch(t, a, at.Ref)
		if err != nil || !bytes.Equal(body, pdf.Data) || media.Size != int64(len(pdf.Data)) || media.MIME != "" {
			t.Errorf("%d bytes, %+v, error %v", len(body), media, err)
		}
		p.Advance(2 * time.Hour)
	}
	p.Fail(standin.Fault{Method: "file", Code: 404, Description: "Not Found"})
	_, _, err := fetch(t, a, at.Ref)
	if se := asSendError(t, err); se.Outcome != channel.Retry {
		t.Errorf("a path that is not served: %+v, want retry", se)
	}
	p.Fail(standin.Fault{Method: "getFile", Code: 500, Description: "Internal Server Error"})
	_, _, err = fetch(t, a, at.Ref)
	if se := asSendError(t, err); se.Outcome != channel.Retry || se.Reason != channel.ReasonPlatformDown {
		t.Errorf("an outage: %+v, want retry", se)
	}
}

func TestFetchTooBig(t *testing.T) {
	p, a := met(t, nil)
	at := received(t, p, a, standin.File{Kind: "document", Name: "a.iso", MIME: "application/x-iso9660-image", Size: 20<<20 + 1})
	if at.Unfetchable != channel.ReasonTooBig {
		t.Errorf("not said in advance: %+v", at)
	}
	_, _, err := fetch(t, a, at.Ref)
	if se := asSendError(t, err); se.Outcome != channel.Failed || se.Reason != channel.ReasonTooBig {
		t.Errorf("%+v, want failed, too_big", se)
	}
}

// TestLocalServer: a Bot API server of one's own has no such limits, and
// names files by their place on its disk, served by another program.
func TestLocalServer(t *testing.T) {
	content := []byte("большой файл")
	mux := http.NewServeMux()
	mux.HandleFunc("POST /bot"+token+"/getFile", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ok":true,"result":{"file_id":"x","file_unique_id":"y","file_size":1073741824,"file_path":"/var/lib/bot-api/`+token+`/documents/файл 5.iso"}}`)
	})
	mux.HandleFunc("GET /files/bot"+token+"/documents/{name}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("name") == "файл 5.iso" {
			_, _ = w.Write(content)
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	a := open(t, map[string]string{"api_url": server.URL, "file_url": server.URL + "/files/", "local_server": "true"})
	body, _, err := fetch(t, a, "BQACAgIAAxkBAAI")
	if err != nil || !bytes.Equal(body, content) {
		t.Errorf("%q, error %v", body, err)
	}
	if limit := a.Capabilities().Attachments[channel.Document].MaxBytes; limit != 2000<<20 {
		t.Errorf("limit %d", limit)
	}
	u := decode(t, a, message(`"document":{"file_id":"BQACAgIAAxkBAAI","file_size":1073741824}`))
	if u.Message.Content.Attachments[0].Unfetchable != "" {
		t.Errorf("%+v", u.Message.Content.Attachments)
	}
}

// TestFetchClimbs: a path from the platform stays below file_url.
func TestFetchClimbs(t *testing.T) {
	asked := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/getFile") {
			_, _ = io.WriteString(w, `{"ok":true,"result":{"file_path":"../../secret"}}`)
			return
		}
		asked <- r.URL.Path
	}))
	defer server.Close()
	a := open(t, map[string]string{"api_url": server.URL})
	_, _, err := fetch(t, a, "BQACAgIAAxkBAAI")
	if se := asSendError(t, err); se.Outcome != channel.Failed {
		t.Errorf("%+v", se)
	}
	select {
	case path := <-asked:
		t.Errorf("asked for %s", path)
	default:
	}
}

func TestFetchWithoutFileServer(t *testing.T) {
	p, a := met(t, map[string]string{"file_url": "http://127.0.0.1:1/file"})
	at := received(t, p, a, standin.File{Kind: "voice", Data: channeltest.Speech()})
	_, _, err := fetch(t, a, at.Ref)
	if se := asSendError(t, err); se.Outcome != channel.Retry || se.Reason != channel.ReasonUnreachable {
		t.Errorf("%+v", se)
	}
}

func TestProfile(t *testing.T) {
	p, a := met(t, nil)
	profiler := a.(channel.Profiler)
	got, err := profiler.Profile(t.Context(), "501", channel.Person{ID: "501", Name: "старое"})
	if err != nil || got.Name != "Ирина П" || got.Username != "irina0" || got.AvatarRef != "" {
		t.Errorf("without a picture: %+v, error %v", got, err)
	}
	var refs []string
	for range 2 {
		picture := append(channeltest.Sample(t, channel.Image).Data, byte(len(refs)))
		p.AddCustomer(standin.Customer{ID: 501, FirstName: "Ирина", Photo: picture})
		got, err := profiler.Profile(t.Context(), "501", channel.Person{})
		if err != nil || got.AvatarRef == "" {
			t.Fatalf("%+v, error %v", got, err)
		}
		refs = append(refs, got.AvatarRef)
		if body, _, err := fetch(t, a, got.AvatarRef); err != nil || !bytes.Equal(body, picture) {
			t.Errorf("picture of %d bytes, error %v", len(body), err)
		}
	}
	if refs[0] == refs[1] {
		t.Error("another picture has the same reference")
	}
	if got, err := profiler.Profile(t.Context(), "9999", channel.Person{ID: "9999", Name: "Кто-то"}); err != nil || got.Name != "Кто-то" {
		t.Errorf("somebody unknown: %+v, error %v", got, err)
	}
	p.Fail(standin.Fault{Method: "getChat", Code: 502, Description: "Bad Gateway"})
	_, err = profiler.Profile(t.Context(), "501", channel.Person{ID: "501"})
	if se := asSendError(t, err); se.Outcome != channel.Retry {
		t.Errorf("an outage: %+v", se)
	}
	_, _, err = fetch(t, a, "avatar:502:AgADnone")
	if se := asSendError(t, err); se.Reason != channel.ReasonExpired {
		t.Errorf("a picture that is gone: %+v", se)
	}
}

// TestFilesAreClosed: whatever becomes of a message, its files are closed.
func TestFilesAreClosed(t *testing.T) {
	p, a := met(t, nil)
	o := attach(text("501", ""), channeltest.Sample(t, channel.Document))
	opened, closed := 0, 0
	inner := o.Open
	o.Open = func(ctx context.Context, i int) (io.ReadSeekCloser, int64, error) {
		r, size, err := inner(ctx, i)
		opened++
		return counted{r, &closed}, size, err
	}
	mustSend(t, a, o)
	if opened == 0 || opened != closed {
		t.Errorf("opened %d times, closed %d", opened, closed)
	}
	p.Fail(standin.Fault{Method: "sendDocument", Code: 400, Description: "Bad Request: x"})
	if _, err := a.Send(t.Context(), o); err == nil {
		t.Error("no error")
	}
	o.Content.Attachments[0].Kind, o.Content.Attachments[0].MIME, o.Open = channel.Sticker, "image/webp", huge(&opened, &closed)
	if _, err := a.Send(t.Context(), o); asSendError(t, err).Reason != channel.ReasonTooBig {
		t.Errorf("too big: %v", err)
	}
	if opened != closed {
		t.Errorf("opened %d times, closed %d", opened, closed)
	}
}

type counted struct {
	io.ReadSeekCloser
	closed *int
}

func (c counted) Close() error {
	*c.closed++
	return c.ReadSeekCloser.Close()
}

func huge(opened, closed *int) func(context.Context, int) (io.ReadSeekCloser, int64, error) {
	return func(context.Context, int) (io.ReadSeekCloser, int64, error) {
		*opened++
		return counted{memory{bytes.NewReader(nil)}, closed}, 1 << 30, nil
	}
}
