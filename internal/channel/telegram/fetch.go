package telegram

import (
	"context"
	"errors"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

// Attachment references are file ids. References of profile pictures name
// whose picture it is and, so that they change with it, its unique id:
// "avatar:<user or group>:<file_unique_id>".
var (
	fileRef   = regexp.MustCompile(`^[A-Za-z0-9_=-]{10,512}$`)
	avatarRef = regexp.MustCompile(`^avatar:(-?\d{1,19}):[A-Za-z0-9_=-]{1,128}$`)
)

// avatarSide is the size of picture that is enough for the workspace, pixels.
const avatarSide = 300

// Fetch implements channel.MediaFetcher: getFile, then the download from
// file_url.
func (a *adapter) Fetch(ctx context.Context, ref string) (channel.Media, error) {
	if found := avatarRef.FindStringSubmatch(ref); found != nil {
		id, err := strconv.ParseInt(found[1], 10, 64)
		if err != nil {
			return channel.Media{}, refused(channel.ReasonExpired, "not a reference of this platform")
		}
		picture, err := a.picture(ctx, id)
		if err != nil {
			return channel.Media{}, err
		}
		if picture.FileID == "" {
			return channel.Media{}, refused(channel.ReasonExpired, "there is no picture any more")
		}
		ref = picture.FileID
	}
	if !fileRef.MatchString(ref) {
		return channel.Media{}, refused(channel.ReasonExpired, "not a reference of this platform")
	}
	var file struct {
		Path string `json:"file_path"`
		Size int64  `json:"file_size"`
	}
	if err := a.repeat(ctx, "getFile", map[string]any{"file_id": ref}, &file); err != nil {
		return channel.Media{}, err
	}
	if file.Size > a.maxDownload() {
		return channel.Media{}, refused(channel.ReasonTooBig, "the file is bigger than the platform hands over")
	}
	if file.Path == "" {
		return channel.Media{}, refused(channel.ReasonExpired, "the platform names no path")
	}
	return a.download(ctx, file.Path)
}

func (a *adapter) download(ctx context.Context, filePath string) (channel.Media, error) {
	// A local server names the place on its disk, where files lie in a folder
	// named like the token.
	if _, below, ok := strings.Cut(filePath, "/"+a.settings.token+"/"); ok {
		filePath = below
	}
	segments := strings.Split(strings.TrimLeft(filePath, "/"), "/")
	for i, s := range segments {
		if s == "." || s == ".." {
			return channel.Media{}, refused(channel.ReasonMedia, "a path that climbs")
		}
		segments[i] = url.PathEscape(s)
	}
	address := a.settings.fileURL + "/bot" + a.settings.token + "/" + strings.Join(segments, "/")
	res, err := a.client.Download(ctx, address, nil, a.maxDownload(), egress.Operation("file"), egress.Unlimited())
	if err != nil {
		return channel.Media{}, a.fetchError(err)
	}
	media := channel.Media{Body: res, Size: res.Size, Name: path.Base(filePath), MIME: res.ContentType}
	if strings.HasPrefix(media.MIME, "application/octet-stream") { // says nothing
		media.MIME = ""
	}
	return media, nil
}

// fetchError explains a failed download. A path that is not served right
// after getFile named it will be asked for again.
func (a *adapter) fetchError(err error) error {
	e, ok := egress.AsError(err)
	if ok && e.Class == egress.TooLarge {
		return refused(channel.ReasonTooBig, "the file is bigger than announced")
	}
	if ok && e.Status == 404 {
		return &channel.SendError{Outcome: channel.Retry, Reason: channel.ReasonExpired, Detail: "the platform does not serve the file", Cause: err}
	}
	return repeatable(a.outcome(err, answer{}, nil))
}

// photo is one size of a picture.
type photo struct {
	FileID   string `json:"file_id"`
	UniqueID string `json:"file_unique_id"`
	Width    int    `json:"width"`
}

// picture is the present picture of a user or group, zero if there is none.
func (a *adapter) picture(ctx context.Context, id int64) (photo, error) {
	if id < 0 {
		info, err := a.chatInfo(ctx, id)
		return photo{FileID: info.Photo.BigID, UniqueID: info.Photo.BigUnique}, err
	}
	var list struct {
		Photos [][]photo `json:"photos"`
	}
	if err := a.repeat(ctx, "getUserProfilePhotos", map[string]any{"user_id": id, "limit": 1}, &list); err != nil {
		return photo{}, err
	}
	var best photo
	for _, sizes := range list.Photos {
		for _, p := range sizes {
			if best.FileID == "" || best.Width < avatarSide && p.Width > best.Width {
				best = p
			}
		}
	}
	return best, nil
}

// chatInfo is what getChat tells of a chat.
type chatInfo struct {
	chat
	Photo struct {
		BigID     string `json:"big_file_id"`
		BigUnique string `json:"big_file_unique_id"`
	} `json:"photo"`
}

func (a *adapter) chatInfo(ctx context.Context, id int64) (chatInfo, error) {
	var info chatInfo
	err := a.repeat(ctx, "getChat", map[string]any{"chat_id": id}, &info)
	return info, err
}

// Profile implements channel.Profiler. A person who hides his picture or whom
// the bot does not know has none; only failures that may pass are errors.
func (a *adapter) Profile(ctx context.Context, key string, p channel.Person) (channel.Profile, error) {
	id, err := strconv.ParseInt(p.ID, 10, 64)
	if err != nil {
		ref, err := parseChat(key)
		if err != nil {
			return channel.Profile{}, refused(channel.ReasonMisconfigured, err.Error())
		}
		id = ref.id
	}
	out := channel.Profile{Name: p.Name, Username: p.Username}
	info, err := a.chatInfo(ctx, id)
	switch {
	case err == nil:
		out.Name, out.Username = info.name(), info.Username
	case !gone(err):
		return out, err
	}
	picture, err := a.picture(ctx, id)
	switch {
	case err == nil && picture.FileID != "":
		out.AvatarRef = "avatar:" + decimal(id) + ":" + picture.UniqueID
	case err != nil && !gone(err):
		return out, err
	}
	return out, nil
}

// gone says that the platform definitely does not tell.
func gone(err error) bool {
	se, ok := errors.AsType[*channel.SendError](err)
	return ok && se.Outcome == channel.Failed && !se.WholeAccount
}
