package whatsapp

import (
	"slices"

	"github.com/okno-hq/okno/internal/channel"
)

// Limits of uploads:
// https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
const (
	mb          = 1 << 20
	maxImage    = 5 * mb
	maxVideo    = 16 * mb
	maxAudio    = 16 * mb
	maxDocument = 100 * mb
	maxSticker  = 500 << 10
)

// oggOpus is the type of a true voice message.
const oggOpus = "audio/ogg"

// fileLimits says which files can be sent as what.
func fileLimits() map[channel.AttachmentKind]channel.FileLimit {
	image := []string{"image/jpeg", "image/png"}
	video := []string{"video/mp4", "video/3gpp"}
	audio := []string{"audio/mpeg", "audio/mp4", "audio/aac", "audio/amr", oggOpus}
	document := []string{
		"application/pdf", "text/plain", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation",
	}
	document = append(append(append(document, image...), video...), audio...)
	return map[channel.AttachmentKind]channel.FileLimit{
		channel.Image:    {MaxBytes: maxImage, MIME: image},
		channel.Video:    {MaxBytes: maxVideo, MIME: video},
		channel.Audio:    {MaxBytes: maxAudio, MIME: audio},
		channel.Voice:    {MaxBytes: maxAudio, MIME: []string{oggOpus}},
		channel.Document: {MaxBytes: maxDocument, MIME: document},
		channel.Sticker:  {MaxBytes: maxSticker, MIME: []string{"image/webp"}},
	}
}

// limitOf is the platform's limit for an upload of a type, whatever it is sent
// as: a picture sent as a document is still a picture.
func limitOf(kind channel.AttachmentKind, mime string) int64 {
	limit := fileLimits()[kind].MaxBytes
	for _, k := range []channel.AttachmentKind{channel.Image, channel.Video, channel.Audio} {
		l := fileLimits()[k]
		if l.MaxBytes < limit && contains(l.MIME, mime) {
			limit = l.MaxBytes
		}
	}
	return limit
}

func contains(list []string, s string) bool {
	return slices.Contains(list, s)
}
