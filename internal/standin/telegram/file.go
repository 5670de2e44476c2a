package telegram

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"image"
	_ "image/gif"  // sizes of pictures
	_ "image/jpeg" // sizes of pictures
	_ "image/png"  // sizes of pictures
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/standin/platform"
)

// File is a file that a customer sends.
type File struct {
	// Kind is photo, video, video_note, audio, voice, document, animation or
	// sticker.
	Kind string `json:"kind"`
	Name string `json:"name,omitempty"`
	MIME string `json:"mime,omitempty"`
	Data []byte `json:"data,omitempty"`
	// Size pretends a size without the bytes.
	Size int64 `json:"size,omitempty"`
	// Duration is in seconds.
	Duration int    `json:"duration,omitempty"`
	Emoji    string `json:"emoji,omitempty"` // of a sticker
	Title    string `json:"title,omitempty"` // of an audio
	// Animated and Moving (video) are kinds of sticker.
	Animated bool `json:"animated,omitempty"`
	Moving   bool `json:"moving,omitempty"`
}

// file is a stored file.
type file struct {
	File
	id, unique, path string
	until            time.Time // of the path
	gone             bool
}

func (f *file) size() int64 {
	if f.Size > 0 {
		return f.Size
	}
	return int64(len(f.Data))
}

// keep stores a file under a new id.
func (s *Server) keep(folder string, f File) *file {
	n := len(s.files) + 1
	token := func(prefix string, words ...uint64) string {
		raw := []byte(prefix)
		for _, w := range words {
			raw = binary.BigEndian.AppendUint64(raw, w)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	ext := path.Ext(f.Name)
	if ext == "" {
		ext = ".bin"
	}
	made := &file{
		File: f, id: token("\x03\x02\x00file", uint64(n), uint64(s.botID)), unique: token("\x02", uint64(n)), //nolint:gosec // ids are positive
		path: fmt.Sprintf("%s/file_%d%s", folder, n, ext),
	}
	s.files[made.id] = made
	s.paths[made.path] = made
	return made
}

// FileData returns the bytes of a file by its id.
func (s *Server) FileData(id string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.files[id]
	if !ok {
		return nil, false
	}
	return f.Data, true
}

// ExpireFiles makes every file impossible to fetch for good.
func (s *Server) ExpireFiles() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.files {
		f.gone = true
	}
}

// getFile prepares a download.
func (s *Server) getFile(id string) (any, *apiError) {
	f, ok := s.files[id]
	switch {
	case !ok:
		return nil, badRequest("invalid file_id")
	case f.gone:
		return nil, badRequest("wrong file_id or the file is temporarily unavailable")
	case f.size() > s.cfg.MaxDownload:
		return nil, badRequest("file is too big")
	}
	f.until = s.Now().Add(s.cfg.FileTTL)
	return m{"file_id": f.id, "file_unique_id": f.unique, "file_size": f.size(), "file_path": f.path}, nil
}

// serveFile is the download of a file, without the lock.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	dropped, ok := s.begin(w, r, "file")
	if !ok {
		return
	}
	token, _ := strings.CutPrefix(r.PathValue("bot"), "bot")
	s.mu.Lock()
	f, ok := s.paths[r.PathValue("path")]
	fresh := ok && !f.gone && f.until.After(s.Now())
	s.mu.Unlock()
	switch {
	case !s.Authorized(token):
		writeError(w, refuse(http.StatusUnauthorized, "Unauthorized"))
		return
	case !fresh:
		writeError(w, refuse(http.StatusNotFound, "Not Found"))
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	body := f.Data
	if len(body) == 0 {
		body = make([]byte, f.size())
	}
	_, _ = w.Write(body)
	if dropped {
		platform.HangUp(w)
	}
}

// describe renders a stored file as the message field of its kind.
func (s *Server) describe(f *file) any {
	out := m{"file_id": f.id, "file_unique_id": f.unique, "file_size": f.size()}
	set(out, "mime_type", f.MIME)
	set(out, "file_name", f.Name)
	w, h := dimensions(f.Data)
	switch f.Kind {
	case "photo":
		small := s.keep("photos", File{Kind: "photo", Name: "thumb.jpg", MIME: f.MIME, Data: f.Data, Size: min(f.size(), 1200)})
		return []any{
			m{"file_id": small.id, "file_unique_id": small.unique, "file_size": small.size(), "width": min(w, 90), "height": min(h, 90)},
			m{"file_id": f.id, "file_unique_id": f.unique, "file_size": f.size(), "width": w, "height": h},
		}
	case "video", "animation":
		out["width"], out["height"], out["duration"] = 640, 360, f.Duration
	case "video_note":
		return m{"file_id": f.id, "file_unique_id": f.unique, "file_size": f.size(), "length": 240, "duration": f.Duration}
	case "audio":
		out["duration"] = f.Duration
		set(out, "title", f.Title)
	case "voice":
		delete(out, "file_name")
		out["duration"] = f.Duration
	case "sticker":
		out = m{
			"file_id": f.id, "file_unique_id": f.unique, "file_size": f.size(), "type": "regular", "width": 512, "height": 512,
			"is_animated": f.Animated, "is_video": f.Moving,
		}
		set(out, "emoji", f.Emoji)
	}
	return out
}

func dimensions(data []byte) (int, int) {
	cfg, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return 320, 240
	}
	return cfg.Width, cfg.Height
}

// folder is where the platform keeps a kind of file.
func folder(kind string) string {
	switch kind {
	case "photo", "video", "voice", "document", "sticker", "animation":
		return kind + "s"
	case "audio":
		return "music"
	case "video_note":
		return "video_notes"
	}
	return "documents"
}

// withDefaults gives a customer's file the name and type its kind has.
func (f File) withDefaults() File {
	name, kind := "", ""
	switch f.Kind {
	case "photo":
		name, kind = "photo.jpg", "image/jpeg"
	case "video", "animation", "video_note":
		name, kind = "video.mp4", "video/mp4"
	case "voice":
		name, kind = "voice.oga", "audio/ogg"
	case "audio":
		name, kind = "audio.mp3", "audio/mpeg"
	case "sticker":
		name, kind = "sticker.webp", "image/webp"
	}
	if f.Name == "" {
		f.Name = name
	}
	if f.MIME == "" {
		f.MIME = kind
	}
	if f.Duration == 0 && strings.Contains("video animation video_note voice audio", f.Kind) {
		f.Duration = 3
	}
	return f
}
