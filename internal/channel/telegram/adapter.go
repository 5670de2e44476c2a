package telegram

import (
	"encoding/base64"
	"log/slog"
	"regexp"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

// Limits of the Bot API.
const (
	maxText       = 4096
	maxCaption    = 1024
	maxAlbum      = 10
	maxButtons    = 100
	maxButtonText = 64
	maxCallback   = 64 // bytes
	maxQuote      = 1024
	maxDeletions  = 100
	deleteWithin  = 48 * time.Hour
)

// adapter is one connected bot, whichever way its updates come.
type adapter struct {
	settings settings
	client   *egress.Client
	log      *slog.Logger
	// username is what the platform last told; it only saves a question.
	username atomic.Pointer[string]
}

// webhook is a bot that the platform calls.
type webhook struct{ *adapter }

// poller is a bot that asks the platform.
type poller struct{ *adapter }

var (
	_ channel.Adapter       = (*adapter)(nil)
	_ channel.Editor        = (*adapter)(nil)
	_ channel.Deleter       = (*adapter)(nil)
	_ channel.Reactor       = (*adapter)(nil)
	_ channel.Typer         = (*adapter)(nil)
	_ channel.ReadMarker    = (*adapter)(nil)
	_ channel.PressAnswerer = (*adapter)(nil)
	_ channel.MediaFetcher  = (*adapter)(nil)
	_ channel.Profiler      = (*adapter)(nil)
	_ channel.Linker        = (*adapter)(nil)
	_ channel.Webhook       = (*webhook)(nil)
	_ channel.Subscriber    = (*webhook)(nil)
	_ channel.Poller        = (*poller)(nil)
)

// Capabilities implements channel.Adapter.
func (a *adapter) Capabilities() channel.Capabilities {
	return channel.Capabilities{
		Text: maxText, Caption: maxCaption,
		Marks: []channel.MarkType{
			channel.Bold, channel.Italic, channel.Underline, channel.Strike, channel.Code, channel.Pre, channel.Quote, channel.Link,
			channel.Spoiler,
		},
		Attachments: a.fileLimits(),
		Album:       maxAlbum,
		AlbumKinds:  []channel.AttachmentKind{channel.Image, channel.Video, channel.Audio, channel.Document},
		Location:    true, Contact: true, Reply: true,
		Edit:   true,
		Delete: true, DeleteWithin: deleteWithin,
		React: true, Reactions: reactions(),
		Typing: true, MarkRead: true, // the latter in business chats only
		Buttons: channel.ButtonLimit{Max: maxButtons, Text: maxButtonText, Payload: maxCallback, Kinds: []channel.ButtonKind{
			channel.ButtonCallback, channel.ButtonURL, channel.ButtonPhone, channel.ButtonLocation,
		}},
	}
}

// Close implements channel.Adapter.
func (a *adapter) Close() { a.client.Close() }

// Limits on files, in bytes: https://core.telegram.org/bots/api#sending-files
// and, of our own server, https://core.telegram.org/bots/api#using-a-local-bot-api-server
const (
	mb            = 1 << 20
	maxPhoto      = 10 * mb
	maxUpload     = 50 * mb
	maxDownload   = 20 * mb
	maxLocal      = 2000 * mb
	maxSticker    = 512 << 10
	anyDownload   = 4 << 30
	maxSquareSide = 10000 // width and height of a photo together
)

func (a *adapter) maxUpload() int64 {
	if a.settings.local {
		return maxLocal
	}
	return maxUpload
}

func (a *adapter) maxDownload() int64 {
	if a.settings.local {
		return anyDownload
	}
	return maxDownload
}

// voiceTypes are what the platform shows as a voice message.
func voiceTypes() []string {
	return []string{"audio/ogg", "audio/mpeg", "audio/mp4", "audio/x-m4a"}
}

// fileLimits says which files can be sent as what.
func (a *adapter) fileLimits() map[channel.AttachmentKind]channel.FileLimit {
	most := a.maxUpload()
	return map[channel.AttachmentKind]channel.FileLimit{
		channel.Image:     {MaxBytes: maxPhoto, MIME: []string{"image/jpeg", "image/png", "image/webp"}},
		channel.Video:     {MaxBytes: most, MIME: []string{"video/mp4"}},
		channel.Audio:     {MaxBytes: most, MIME: []string{"audio/mpeg", "audio/mp4", "audio/x-m4a"}},
		channel.Voice:     {MaxBytes: most, MIME: voiceTypes()},
		channel.Document:  {MaxBytes: most},
		channel.Sticker:   {MaxBytes: maxSticker, MIME: []string{"image/webp", "video/webm", "application/x-tgsticker"}},
		channel.Animation: {MaxBytes: most, MIME: []string{"image/gif", "video/mp4"}},
	}
}

// reactions are the emoji that ReactionTypeEmoji lists.
func reactions() []string {
	return strings.Fields(`👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨
		😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡`)
}

var startPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// encodedStart marks a payload that had to be encoded to fit a link.
const encodedStart = "b64_"

// DeepLink implements channel.Linker:
// https://core.telegram.org/bots/features#deep-linking. A payload outside of
// the platform's alphabet is encoded, and decoded again when it comes back;
// the link is empty when the bot's name is not known yet or the payload is
// too long.
func (a *adapter) DeepLink(payload string) string {
	name := a.username.Load()
	if name == nil {
		return ""
	}
	link := "https://t.me/" + *name
	if payload == "" {
		return link
	}
	if !startPattern.MatchString(payload) || strings.HasPrefix(payload, encodedStart) {
		payload = encodedStart + base64.RawURLEncoding.EncodeToString([]byte(payload))
	}
	if !startPattern.MatchString(payload) {
		return ""
	}
	return link + "?start=" + payload
}

// startPayload undoes the encoding of DeepLink.
func startPayload(text string) string {
	encoded, ok := strings.CutPrefix(text, encodedStart)
	if !ok {
		return text
	}
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || !utf8.Valid(raw) {
		return text
	}
	return string(raw)
}
