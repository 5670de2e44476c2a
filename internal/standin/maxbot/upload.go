package maxbot

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/standin/platform"
)

// File is a file of a message.
type File struct {
	// Kind is image, video, audio, file or, from customers, sticker.
	Kind string `json:"kind"`
	Name string `json:"name,omitempty"`
	MIME string `json:"mime,omitempty"`
	Data []byte `json:"data,omitempty"`
	// Seconds, Width and Height describe videos and sounds.
	Seconds       int    `json:"seconds,omitempty"`
	Width         int    `json:"width,omitempty"`
	Height        int    `json:"height,omitempty"`
	Transcription string `json:"transcription,omitempty"`
}

// file is a File at the platform.
type file struct {
	File
	id      int64
	token   string
	used    bool // its upload address took a file
	ready   time.Time
	expired bool
}

// maxSizes are the limits of the uploads page.
func maxSizes() map[string]int64 {
	return map[string]int64{"image": 50 << 20, "video": 250 << 20, "audio": 256 << 20, "file": 4 << 30}
}

// newFile makes room for a file; the caller holds the lock.
func (s *Server) newFile(kind string) *file {
	s.seq++
	f := &file{File: File{Kind: kind}, id: s.seq, token: fmt.Sprintf("tok_%s_%08d", kind, s.seq)}
	s.files[f.token] = f
	s.files[f.key()] = f
	return f
}

func (f *file) key() string { return fmt.Sprintf("%s-%08d", f.Kind, f.id) }

func (s *Server) mediaURL(f *file) string { return s.base() + "/_media/" + f.key() }

// postUploads is the first of the three steps.
func (s *Server) postUploads(r *http.Request) (any, error) {
	kind := r.URL.Query().Get("type")
	if _, ok := maxSizes()[kind]; !ok {
		s.Violate("POST /uploads: type %q", kind)
		return nil, refuse(http.StatusBadRequest, "", "type: unknown value %q", kind)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.newFile(kind)
	out := m{"url": s.base() + "/_upload/" + f.key()}
	if kind == "video" || kind == "audio" {
		out["token"] = f.token
	}
	return out, nil
}

// serveUpload is the second: another host on the platform, which wants no
// token.
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request) {
	dropped, ok := s.begin(w, r, "upload")
	if !ok {
		return
	}
	s.mu.Lock()
	f := s.files[r.PathValue("key")]
	s.mu.Unlock()
	if f == nil {
		s.writeError(w, refuse(http.StatusNotFound, "not.found", "No such upload"))
		return
	}
	done, err := s.receive(r, f)
	if dropped {
		platform.HangUp(w)
		return
	}
	switch e, ok := errors.AsType[*apiError](err); {
	case ok:
		s.writeError(w, e)
	case err != nil:
		s.writeError(w, refuse(http.StatusBadRequest, "", "%v", err))
	case !done: // a piece of a resumable upload
		_, _ = io.WriteString(w, r.Header.Get("Content-Range"))
	case f.Kind == "image":
		body := m{"photos": m{strconv.FormatInt(f.id, 10): m{"token": f.token}}}
		if err := s.contract.check("PhotoTokens", body); err != nil {
			s.Violate("upload: %v", err)
		}
		s.writeJSON(w, http.StatusOK, body)
	case f.Kind == "file":
		s.writeJSON(w, http.StatusOK, m{"fileId": f.id, "token": f.token})
	default:
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8" standalone="no"?>`+"\n<retval>1</retval>")
	}
}

// receive takes the bytes, whole as a form or in pieces; done says that all
// of them are there.
func (s *Server) receive(r *http.Request, f *file) (done bool, err error) {
	if r.ContentLength < 0 {
		s.Violate("upload: no Content-Length")
	}
	name, data, whole, err := "", []byte(nil), true, error(nil)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		name, data, err = form(r)
	} else {
		name, whole, data, err = piece(r)
	}
	if err != nil {
		s.Violate("upload: %v", err)
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.used {
		return false, refuse(http.StatusBadRequest, "upload.used", "Only one file per url")
	}
	f.Data = append(f.Data, data...)
	if int64(len(f.Data)) > maxSizes()[f.Kind] {
		return false, refuse(http.StatusRequestEntityTooLarge, "upload.too.large", "File is too large")
	}
	f.Name = name
	if !whole {
		return false, nil
	}
	if len(f.Data) == 0 {
		return false, refuse(http.StatusBadRequest, "upload.empty", "File is empty")
	}
	f.MIME = mime.TypeByExtension(filepath.Ext(name))
	if f.MIME == "" {
		f.MIME = http.DetectContentType(f.Data)
	}
	f.used = true
	f.ready = time.Now().Add(s.cfg.NotReady)
	return true, nil
}

func form(r *http.Request) (string, []byte, error) {
	if err := r.ParseMultipartForm(64 << 20); err != nil {
		return "", nil, err
	}
	in, head, err := r.FormFile("data")
	if err != nil {
		return "", nil, fmt.Errorf("the form has no file named data: %w", err)
	}
	data, err := io.ReadAll(in)
	return head.Filename, data, errors.Join(err, in.Close())
}

// piece reads one range of a resumable upload.
func piece(r *http.Request) (name string, last bool, data []byte, err error) {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Disposition"))
	if err != nil {
		return "", false, nil, fmt.Errorf("no Content-Disposition: %w", err)
	}
	var from, to, size int64
	if _, err := fmt.Sscanf(r.Header.Get("Content-Range"), "bytes %d-%d/%d", &from, &to, &size); err != nil {
		return "", false, nil, fmt.Errorf("no Content-Range: %w", err)
	}
	data, err = io.ReadAll(r.Body)
	return params["filename"], to+1 == size, data, err
}

// serveDownload is the media host.
func (s *Server) serveDownload(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.begin(w, r, "download"); !ok {
		return
	}
	key := r.PathValue("key")
	s.mu.Lock()
	f := s.files[key]
	s.mu.Unlock()
	if r.Header.Get("Authorization") != "" {
		s.Violate("download: the token was sent to the media host")
	}
	switch {
	case strings.Contains(key, "avatar"):
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write([]byte("\x89PNG\r\n\x1a\navatar"))
	case f == nil:
		http.NotFound(w, r)
	case f.expired:
		w.WriteHeader(http.StatusGone)
	default:
		w.Header().Set("Content-Type", f.MIME)
		w.Header().Set("Content-Length", strconv.Itoa(len(f.Data)))
		_, _ = w.Write(f.Data)
	}
}

// ExpireMedia makes every file uploaded or sent so far undownloadable.
func (s *Server) ExpireMedia() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.files {
		f.expired = true
	}
}

// getVideo names the addresses of a video.
func (s *Server) getVideo(r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[r.PathValue("token")]
	if f == nil || f.Kind != "video" || f.token != r.PathValue("token") {
		return nil, refuse(http.StatusNotFound, "not.found", "Video not found")
	}
	return m{
		"token": f.token, "urls": m{"mp4_360": s.mediaURL(f) + "?q=360", "mp4_720": s.mediaURL(f) + "?q=720"},
		"width": f.Width, "height": f.Height, "duration": f.Seconds,
	}, nil
}

// FileOf returns the file of an attachment as the API shows it.
func (s *Server) FileOf(attachment map[string]any) (File, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	payload, _ := attachment["payload"].(m)
	token, _ := payload["token"].(string)
	f := s.files[token]
	if f == nil {
		return File{}, false
	}
	return f.File, true
}
