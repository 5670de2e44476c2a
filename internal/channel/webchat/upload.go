package webchat

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/filetype"
)

const (
	// uploadTime is how long a file may take to arrive.
	uploadTime = 15 * time.Minute
	// downloadTime is how long a file may take to leave.
	downloadTime = 15 * time.Minute
	maxPeaks     = 128
	// linkLife is how long a file's address works; addresses change once in
	// this time, so that browsers can cache what is behind them.
	linkLife   = 24 * time.Hour
	maxLength  = 6 * time.Hour
	maxUploads = 200 // length of a query field
)

// createUpload takes a file's bytes as the request's body; its name, kind
// ("voice", "document" or nothing), duration (seconds), peaks (base64) and the
// browser's own id are in the query. It answers with the file's reference; the
// same id again gives the same file.
func (p *Platform) createUpload(c *call) error {
	limit := c.settings.maxFile
	query := c.r.URL.Query()
	id := query.Get("client_id")
	hint := channel.AttachmentKind(query.Get("kind"))
	switch {
	case !c.settings.files, hint == channel.Voice && !c.settings.voice:
		return fault.New(fault.Denied, "widget.files_off")
	case !clientID(id):
		return fault.New(fault.Invalid, "widget.client_id_invalid").WithField("client_id")
	case c.r.ContentLength > limit:
		return fault.New(fault.TooLarge, "widget.file_too_large").With("limit", limit)
	case c.r.ContentLength == 0:
		return fault.New(fault.Invalid, "widget.file_empty")
	}
	if err := p.limits.uploads.take(string(c.visitor.ID), 1); err != nil {
		return err
	}
	size := c.r.ContentLength
	if size < 0 {
		size = limit
	}
	if err := p.limits.bytes.take(string(c.visitor.ID), int(size/byteUnit)+1); err != nil {
		return err
	}
	// A big file over a phone's network needs longer than other requests.
	if err := http.NewResponseController(c.w).SetReadDeadline(p.deps.Now().Add(uploadTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fault.Wrap(fault.Unavailable, "widget.upload_failed", err)
	}
	r := http.MaxBytesReader(c.w, c.r.Body, limit)
	head := make([]byte, sniffBytes)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return uploadFault(err, limit)
	}
	if n == 0 {
		return fault.New(fault.Invalid, "widget.file_empty")
	}
	f := describe(visitor.File{
		Channel: c.channel, Visitor: c.visitor.ID, Key: string(c.visitor.ID) + "." + id, Name: filetype.CleanName(query.Get("name")),
		Duration: seconds(query.Get("duration")), Peaks: peaks(query.Get("peaks")),
	}, head[:n], hint)
	if f.Kind != channel.Voice && f.Kind != channel.Audio && f.Kind != channel.Video {
		f.Duration, f.Peaks = 0, nil
	}
	stored, err := p.deps.Files.Put(c.r.Context(), f, io.MultiReader(bytes.NewReader(head[:n]), r))
	if err != nil {
		return uploadFault(err, limit)
	}
	out := refOf(stored)
	out.URL = p.fileURL(c.channel, stored.ID)
	return c.json(http.StatusCreated, out)
}

func uploadFault(err error, limit int64) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.New(fault.TooLarge, "widget.file_too_large").With("limit", limit)
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return fault.Wrap(fault.Unavailable, "widget.upload_failed", err)
}

// seconds reads a browser's word on a recording's length.
func seconds(s string) time.Duration {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v > 0 && v < maxLength.Seconds()) {
		return 0
	}
	return time.Duration(v * float64(time.Second))
}

func peaks(s string) []byte {
	if len(s) > maxUploads {
		return nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) == 0 || len(b) > maxPeaks {
		return nil
	}
	return b
}

// fileURL is an address that works without a token, for <img> and <audio>,
// and for a while.
func (p *Platform) fileURL(ch channel.ID, id string) string {
	until := p.deps.Now().Truncate(linkLife).Add(2 * linkLife).Unix()
	return fmt.Sprintf("/widget/%d/files/%s?e=%d&s=%s", ch, url.PathEscape(id), until, p.sign(fileText(ch, id, until)))
}

func fileText(ch channel.ID, id string, until int64) string {
	return fmt.Sprintf("file\n%d\n%s\n%d", ch, id, until)
}

// getFileLink gives a fresh address for a file of the visitor's chat.
func (p *Platform) getFileLink(c *call) error {
	f, err := p.deps.Files.Stat(c.r.Context(), c.channel, c.r.PathValue("file"))
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	if err != nil || f.Visitor != c.visitor.ID {
		return fault.New(fault.NotFound, "widget.file_unknown")
	}
	return c.json(http.StatusOK, map[string]string{"url": p.fileURL(c.channel, f.ID)})
}

// getFile serves a file whose address is signed. Whatever it holds, nothing
// in it runs.
func (p *Platform) getFile(c *call) error {
	query := c.r.URL.Query()
	id := c.r.PathValue("file")
	until, err := strconv.ParseInt(query.Get("e"), 10, 64)
	if err != nil || !sameText(query.Get("s"), p.sign(fileText(c.channel, id, until))) {
		return fault.New(fault.NotFound, "widget.file_unknown")
	}
	now := p.deps.Now()
	if now.Unix() > until {
		return fault.New(fault.Denied, "widget.link_expired")
	}
	f, r, err := p.deps.Files.Open(c.r.Context(), c.channel, id)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return fault.Wrap(fault.NotFound, "widget.file_unknown", err)
		}
		return err
	}
	defer func() { _ = r.Close() }() // it was only read
	h := c.w.Header()
	filetype.Type{MIME: f.MIME}.SetHeaders(h, filetype.Serving{Name: f.Name, Download: query.Get("download") != ""})
	h.Set("Cache-Control", "private, immutable, max-age="+strconv.FormatInt(max(until-now.Unix(), 0), 10))
	if err := http.NewResponseController(c.w).SetWriteDeadline(now.Add(downloadTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fault.Wrap(fault.Unavailable, "widget.download_failed", err)
	}
	http.ServeContent(c.w, c.r, "", time.Time{}, r)
	return nil
}
