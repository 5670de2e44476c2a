package maxbot

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

// maxFile is the largest file that the platform carries.
const maxFile = 4 << 30

// Reference prefixes: an address, or a video's token with the address that
// came along.
const (
	urlPrefix   = "url:"
	videoPrefix = "video:"
)

func urlRef(address string) string { return urlPrefix + address }

func videoRef(token, address string) string {
	return videoPrefix + url.PathEscape(token) + " " + address
}

func decodeAttachment(raw []byte, out *attachment) bool { return json.Unmarshal(raw, out) == nil }

// Fetch implements channel.MediaFetcher. How long the addresses live is not
// documented, so files are to be fetched at once.
func (a *adapter) Fetch(ctx context.Context, ref string) (channel.Media, error) {
	if address, ok := strings.CutPrefix(ref, urlPrefix); ok {
		return a.download(ctx, address)
	}
	rest, ok := strings.CutPrefix(ref, videoPrefix)
	token, address, _ := strings.Cut(rest, " ")
	if !ok || token == "" {
		return channel.Media{}, refused(channel.ReasonMedia, "not a file of MAX")
	}
	best, err := a.video(ctx, token)
	if err != nil && address == "" {
		return channel.Media{}, err
	}
	if best != "" {
		address = best
	}
	return a.download(ctx, address)
}

// video asks for the best address of a video.
func (a *adapter) video(ctx context.Context, token string) (string, error) {
	var out struct {
		URLs optional[map[string]text] `json:"urls"`
	}
	if err := a.call(ctx, http.MethodGet, "/videos/"+token, nil, nil, &out, "video"); err != nil {
		return "", expired(a.repeatable(err))
	}
	urls := out.URLs.or()
	for _, size := range []string{"mp4_1080", "mp4_720", "mp4_480", "mp4_360", "mp4_240", "mp4_144"} {
		if urls[size] != "" {
			return string(urls[size]), nil
		}
	}
	return "", refused(channel.ReasonMedia, "the video has no file")
}

// expired gives a refusal its meaning for a file.
func expired(err error) error {
	if se, ok := err.(*channel.SendError); ok && se.Outcome == channel.Failed && se.Reason == channel.ReasonRejected { //nolint:errorlint // made by repeatable
		se.Reason = channel.ReasonExpired
	}
	return err
}

// download gets a file. The token stays with the API: media hosts do not want
// it.
func (a *adapter) download(ctx context.Context, address string) (channel.Media, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "https" && (u.Scheme != "http" || !a.settings.customAPI)) {
		return channel.Media{}, refused(channel.ReasonMedia, "not an address of a file")
	}
	res, err := a.clientFor(address).Download(ctx, address, nil, maxFile, egress.Operation("download"), egress.Unlimited())
	if err != nil {
		e, ok := egress.AsError(err)
		switch {
		case !ok:
			return channel.Media{}, a.repeatable(err)
		case e.Class == egress.TooLarge:
			return channel.Media{}, &channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonTooBig, Detail: "the file is above the platform's own limit", Cause: err}
		case e.Class == egress.Rejected || e.Class == egress.Unauthorized:
			return channel.Media{}, &channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonExpired, Detail: "the file's address lives no longer", Cause: err}
		}
		return channel.Media{}, a.repeatable(err)
	}
	out := channel.Media{Body: res, Size: res.Size}
	if kind, _, err := mime.ParseMediaType(res.ContentType); err == nil {
		out.MIME = kind
	}
	if _, params, err := mime.ParseMediaType(res.Header.Get("Content-Disposition")); err == nil {
		out.Name = params["filename"]
	}
	return out, nil
}

// Profile implements channel.Profiler: the chat knows the person's picture.
func (a *adapter) Profile(ctx context.Context, chat string, p channel.Person) (channel.Profile, error) {
	if chat == "" || strings.HasPrefix(chat, personPrefix) {
		return channel.Profile{}, refused(channel.ReasonUnsupported, "the chat's id is not known yet")
	}
	var out chatInfo
	if err := a.call(ctx, http.MethodGet, "/chats/"+url.PathEscape(chat), nil, nil, &out, "chat"); err != nil {
		return channel.Profile{}, a.repeatable(err)
	}
	who := out.Dialog.v.person("")
	if who.ID == "" || (p.ID != "" && who.ID != p.ID) {
		return channel.Profile{}, refused(channel.ReasonUnsupported, "the chat does not tell about the person")
	}
	return channel.Profile{Name: who.Name, Username: who.Username, AvatarRef: who.AvatarRef}, nil
}
