package whatsapp

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

// mediaID is the form of the platform's ids of files.
var mediaID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,128}$`)

// codeInvalid is the Graph API's code for a wrong parameter; with
// subcodeGone: no such object.
const codeInvalid = 100

// Fetch implements channel.MediaFetcher. A file is fetched by its id, which
// lives for seven days; the address it has at the moment lives for five
// minutes and is therefore never kept.
func (a *adapter) Fetch(ctx context.Context, ref string) (channel.Media, error) {
	if !mediaID.MatchString(ref) {
		return channel.Media{}, refused(channel.ReasonMedia, "not a file of WhatsApp")
	}
	media, gone, err := a.fetch(ctx, ref)
	if gone { // the address may have expired in between
		media, gone, err = a.fetch(ctx, ref)
	}
	if gone {
		return channel.Media{}, &channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonExpired, Detail: "the file is gone", Cause: err}
	}
	return media, err
}

// fetch tries once; gone says that the address it was given leads nowhere.
func (a *adapter) fetch(ctx context.Context, ref string) (_ channel.Media, gone bool, _ error) {
	var info struct {
		URL  string `json:"url"`
		MIME string `json:"mime_type"`
		Size text   `json:"file_size"`
	}
	err := a.graph(ctx, http.MethodGet, ref, url.Values{"phone_number_id": {a.settings.numberID}}, nil, &info, "media_info")
	if err != nil {
		return channel.Media{}, false, expired(err)
	}
	if info.URL == "" {
		return channel.Media{}, false, &channel.SendError{Outcome: channel.Retry, Reason: channel.ReasonPlatformDown, Detail: "the file has no address"}
	}
	if a.settings.https && !strings.HasPrefix(info.URL, "https://") {
		return channel.Media{}, false, refused(channel.ReasonMedia, "the file's address is not secure")
	}
	if size, err := strconv.ParseInt(string(info.Size), 10, 64); err == nil && size > maxDocument {
		return channel.Media{}, false, refused(channel.ReasonTooBig, "the file is above the platform's own limit")
	}
	res, err := a.client.Download(ctx, info.URL, a.bearer(), maxDocument, egress.Operation("media_download"), egress.Unlimited())
	if err != nil {
		if e, ok := egress.AsError(err); ok {
			switch {
			case e.Status == http.StatusNotFound || e.Status == http.StatusGone:
				return channel.Media{}, true, err
			case e.Class == egress.TooLarge:
				return channel.Media{}, false, refused(channel.ReasonTooBig, "the file is above the platform's own limit")
			}
		}
		return channel.Media{}, false, a.repeatable(err)
	}
	return channel.Media{Body: res, Size: res.Size, MIME: info.MIME}, false, nil
}

// expired gives the platform's "no such object" its meaning for a file.
func expired(err error) error {
	se, ok := errors.AsType[*channel.SendError](err)
	if !ok {
		return err
	}
	var envelope graphError
	if e, ok := egress.AsError(err); ok && e.Decode(&envelope) == nil && envelope.Error != nil &&
		envelope.Error.Code == codeInvalid && envelope.Error.Subcode == subcodeGone {
		se.Outcome, se.Reason, se.WholeAccount = channel.Failed, channel.ReasonExpired, false
	}
	return se
}
