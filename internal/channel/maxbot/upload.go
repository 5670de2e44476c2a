package maxbot

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

// uploadType is the platform's name for how a file is sent. A picture, video
// or sound of a type that it does not show goes as a document, if it is alone:
// documents do not share a message.
func uploadType(c channel.Content, i int) string {
	at := c.Attachments[i]
	if len(c.Attachments) == 1 && !allowed(fileLimits()[at.Kind].MIME, at.MIME) {
		return "file"
	}
	switch at.Kind {
	case channel.Image:
		return "image"
	case channel.Video:
		return "video"
	case channel.Audio, channel.Voice:
		return "audio"
	case channel.Document, channel.Sticker, channel.Animation:
	}
	return "file"
}

// attachFile uploads a file, unless the platform has it already, and names it.
func (a *adapter) attachFile(ctx context.Context, o channel.Outgoing, i int) (object, error) {
	at := o.Content.Attachments[i]
	kind := uploadType(o.Content, i)
	limit := fileLimits()[at.Kind]
	if kind == "file" {
		limit = fileLimits()[channel.Document]
	}
	if at.Size > limit.MaxBytes {
		return nil, refused(channel.ReasonTooBig, fmt.Sprintf("%s: at most %d MB", kind, limit.MaxBytes>>20))
	}
	if !allowed(limit.MIME, at.MIME) {
		return nil, refused(channel.ReasonUnsupported, "MAX takes such files as documents only, one at a time")
	}
	token, known := a.tokens.get(at.FileID, kind)
	if !known {
		var err error
		if token, err = a.upload(ctx, o, i, kind, limit.MaxBytes); err != nil {
			return nil, err
		}
		a.tokens.put(at.FileID, kind, token)
	}
	return object{"type": kind, "payload": object{"token": token}}, nil
}

// allowed matches a type against "audio/*" style patterns; an unknown type is
// left to the platform.
func allowed(patterns []string, mime string) bool {
	if len(patterns) == 0 || mime == "" {
		return true
	}
	for _, p := range patterns {
		if ok, err := path.Match(p, mime); err == nil && ok {
			return true
		}
	}
	return false
}

// upload takes the first two of the three steps: ask where, and bring it
// there. None of them creates a message: all may be repeated.
func (a *adapter) upload(ctx context.Context, o channel.Outgoing, i int, kind string, limit int64) (string, error) {
	if o.Open == nil {
		return "", refused(channel.ReasonMedia, "the file is missing")
	}
	file, size, err := o.Open(ctx, i)
	if err != nil {
		return "", &channel.SendError{Outcome: channel.Retry, Reason: channel.ReasonMedia, Detail: "the file cannot be read", Cause: err}
	}
	defer func() { _ = file.Close() }()
	switch {
	case size > limit:
		return "", refused(channel.ReasonTooBig, fmt.Sprintf("%s: at most %d MB", kind, limit>>20))
	case size == 0:
		return "", refused(channel.ReasonMedia, "the file is empty")
	}
	var where struct {
		URL   text `json:"url"`
		Token text `json:"token"`
	}
	if err := a.call(ctx, http.MethodPost, "/uploads", url.Values{"type": {kind}}, nil, &where, "uploads"); err != nil {
		return "", a.repeatable(err)
	}
	if where.URL == "" {
		return "", &channel.SendError{Outcome: channel.Retry, Reason: channel.ReasonPlatformDown, Detail: "no address for the upload"}
	}
	at := o.Content.Attachments[i]
	form := egress.File{Field: "data", Name: fileName(at, i), ContentType: at.MIME, Size: size, Open: func() (io.ReadCloser, error) {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return nil, fmt.Errorf("rewind: %w", err)
		}
		return io.NopCloser(file), nil
	}}
	var answer []byte
	err = a.clientFor(string(where.URL)).Multipart(ctx, string(where.URL), nil, nil, []egress.File{form}, &answer,
		egress.Operation("upload"), egress.Unlimited())
	if err != nil {
		return "", a.uploadFailure(err)
	}
	return uploadedToken(kind, string(where.Token), answer)
}

// uploadFailure explains what the upload host said, which speaks its own
// language.
func (a *adapter) uploadFailure(err error) error {
	e, ok := egress.AsError(err)
	if !ok || (e.Class != egress.Rejected && e.Class != egress.Unauthorized) {
		return a.repeatable(err)
	}
	out := &channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonMedia, Detail: "the file was refused", Cause: err}
	if e.Status == http.StatusRequestEntityTooLarge {
		out.Reason = channel.ReasonTooBig
	}
	return out
}

// uploadedToken finds the token of an uploaded file: pictures and documents
// get it with the upload, in JSON; videos and sounds got it before, and the
// upload is answered with XML (<retval>1</retval>).
func uploadedToken(kind, before string, answer []byte) (string, error) {
	var got struct {
		Token  text `json:"token"`
		Photos map[string]struct {
			Token text `json:"token"`
		} `json:"photos"`
	}
	asJSON := json.Unmarshal(answer, &got) == nil
	switch kind {
	case "image":
		for _, p := range got.Photos {
			if p.Token != "" {
				return string(p.Token), nil
			}
		}
	case "video", "audio":
		refusedXML := bytes.Contains(answer, []byte("<retval>")) && !bytes.Contains(answer, []byte("<retval>1</retval>"))
		if before != "" && !refusedXML {
			return before, nil
		}
	}
	if asJSON && got.Token != "" {
		return string(got.Token), nil
	}
	return "", &channel.SendError{Outcome: channel.Retry, Reason: channel.ReasonMedia, Detail: "the upload was not answered with a token"}
}

func fileName(at channel.Attachment, i int) string {
	if at.Name != "" {
		return at.Name
	}
	return fmt.Sprintf("%s-%d", at.Kind, i+1)
}

// Bounds of what is remembered about uploads. How long the platform keeps a
// file that no message uses is not documented.
const (
	maxTokens = 256
	tokenLife = 30 * time.Minute
)

// tokens remembers what was uploaded: a token may be used in any number of
// messages, and a message that is tried again need not bring its file again.
type tokens struct {
	mu  sync.Mutex
	all map[string]remembered
}

type remembered struct {
	token string
	at    time.Time
}

func newTokens() *tokens { return &tokens{all: map[string]remembered{}} }

func (t *tokens) get(fileID, kind string) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r, ok := t.all[kind+":"+fileID]
	if !ok || fileID == "" || time.Since(r.at) > tokenLife {
		return "", false
	}
	return r.token, true
}

func (t *tokens) put(fileID, kind, token string) {
	if fileID == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, r := range t.all {
		if len(t.all) < maxTokens {
			break
		}
		if time.Since(r.at) > tokenLife || len(t.all) >= maxTokens {
			delete(t.all, key)
		}
	}
	t.all[kind+":"+fileID] = remembered{token: token, at: time.Now()}
}

// forget drops a token that the platform does not take any more.
func (t *tokens) forget(fileID, kind string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, kind+":"+fileID)
}
