// Package filetype says what a file really is, what it may be called, and how
// it may be served so that nothing in it runs.
//
// The bytes decide. A name or a type that the sender gave is a hint at most,
// and only where either answer is harmless.
package filetype

import (
	"bytes"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// HeadSize is how many bytes of a file's start Detect looks at.
const HeadSize = 4096

// Unknown is the type of what is not recognised.
const Unknown = "application/octet-stream"

// Type is what a file was found to be.
type Type struct {
	MIME string // without parameters, lower case: "image/png"
	Ext  string // the usual extension with its dot, or empty
}

// Hint is what the sender said of a file.
type Hint struct {
	MIME string
	Name string
	// Voice, Sticker and Animation say that the platform sent or was asked to
	// send the file as such.
	Voice     bool
	Sticker   bool
	Animation bool
}

// Detect finds a file's type by its first bytes (HeadSize or the whole file).
func Detect(head []byte, hint Hint) Type {
	if len(head) > HeadSize {
		head = head[:HeadSize]
	}
	m := mimetype.Detect(head)
	t := Type{MIME: bare(m.String()), Ext: m.Extension()}
	if same, ok := synonyms()[t.MIME]; ok {
		t = same
	}
	return t.soundOnly(head, bare(hint.MIME))
}

// bare cuts a media type's parameters off.
func bare(mime string) string {
	mime, _, _ = strings.Cut(mime, ";")
	return strings.ToLower(strings.TrimSpace(mime))
}

// synonyms maps the detector's types to those browsers and messengers use.
func synonyms() map[string]Type {
	return map[string]Type{
		"application/ogg":               {"audio/ogg", ".ogg"},
		"audio/ogg":                     {"audio/ogg", ".ogg"},
		"audio/x-m4a":                   {"audio/mp4", ".m4a"},
		"audio/mp4":                     {"audio/mp4", ".m4a"},
		"video/x-m4v":                   {"video/mp4", ".mp4"},
		"image/vnd.mozilla.apng":        {"image/apng", ".png"},
		"image/apng":                    {"image/apng", ".png"},
		"image/bmp":                     {"image/bmp", ".bmp"},
		"application/x-ole-storage":     {Unknown, ""},
		"application/x-subrip":          {"text/plain", ".srt"},
		"application/x-java-applet":     {Unknown, ".class"},
		"application/x-installshield":   {Unknown, ".cab"},
		"application/x-os2-inf":         {Unknown, ".inf"},
		"audio/x-unknown":               {Unknown, ".voc"},
		"application/x-shockwave-flash": {Unknown, ".swf"},
	}
}

// soundOnly tells sound from pictures in the containers that hold both. Where
// the head does not show it, the sender's word is taken: both are served alike.
func (t Type) soundOnly(head []byte, declared string) Type {
	sound := false
	switch t.MIME {
	case "video/webm", "video/matroska":
		sound = bytes.Contains(head, []byte("A_")) && !bytes.Contains(head, []byte("V_"))
	case "video/mp4", "video/quicktime":
		sound = bytes.Contains(head, []byte("soun")) && !bytes.Contains(head, []byte("vide")) && whole(head, "moov")
		sound = sound || (strings.HasPrefix(declared, "audio/") && !bytes.Contains(head, []byte("vide")))
	case "video/ogg":
		sound = strings.HasPrefix(declared, "audio/")
	}
	if !sound {
		return t
	}
	switch t.MIME {
	case "video/webm":
		return Type{"audio/webm", ".webm"}
	case "video/matroska":
		return Type{"audio/matroska", ".mka"}
	case "video/ogg":
		return Type{"audio/ogg", ".ogg"}
	default:
		return Type{"audio/mp4", ".m4a"}
	}
}

// whole reports whether the box of an MP4 file ends within head.
func whole(head []byte, kind string) bool {
	at := bytes.Index(head, []byte(kind))
	if at < 4 {
		return false
	}
	size := int(head[at-4])<<24 | int(head[at-3])<<16 | int(head[at-2])<<8 | int(head[at-1])
	return at-4+size <= len(head)
}

// Kind says how a file is shown and sent.
type Kind string

// The kinds of file, named as in messages.
const (
	Image     Kind = "image"
	Video     Kind = "video"
	Audio     Kind = "audio"
	Voice     Kind = "voice"
	Document  Kind = "document"
	Sticker   Kind = "sticker"
	Animation Kind = "animation"
)

// Kind decides how to show a file. Only what a browser can show by itself is
// an image, a video or audio; anything else is a document.
func (t Type) Kind(hint Hint) Kind {
	group, _, _ := strings.Cut(t.MIME, "/")
	switch {
	case hint.Sticker && (t.MIME == "image/webp" || t.MIME == "image/png" || t.MIME == "video/webm" || t.MIME == "application/gzip"):
		return Sticker // pictures, moving pictures, and Telegram's gzipped animations
	case !t.Inline():
		return Document
	case t.MIME == "image/gif" || t.MIME == "image/apng":
		return Animation
	case group == "image":
		return Image
	case group == "video" && hint.Animation:
		return Animation
	case group == "video":
		return Video
	case hint.Voice:
		return Voice
	default:
		return Audio
	}
}
