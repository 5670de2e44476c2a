package whatsapp

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// media is a file that the platform keeps.
type media struct {
	id, mime, name, sha string
	data                []byte
	inbound             bool // came from a customer: lives 7 days, ours 30
	at                  time.Time
}

// link is a download address of a file.
type link struct {
	media   string
	expires time.Time
}

// accepted lists the types that may be uploaded, with their limits in bytes:
// https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
func accepted() map[string]int {
	const mb = 1 << 20
	out := map[string]int{
		"audio/aac": 16 * mb, "audio/amr": 16 * mb, "audio/mpeg": 16 * mb, "audio/mp4": 16 * mb, "audio/ogg": 16 * mb, "audio/opus": 16 * mb,
		"image/jpeg": 5 * mb, "image/png": 5 * mb, "image/webp": 500 << 10, "video/mp4": 16 * mb, "video/3gpp": 16 * mb,
	}
	for _, doc := range []string{
		"text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation",
	} {
		out[doc] = 100 * mb
	}
	return out
}

// carries says which types a message of a kind may carry; a document takes
// all of them.
func carries(kind, mimeType string) bool {
	switch kind {
	case "image":
		return mimeType == "image/jpeg" || mimeType == "image/png"
	case "sticker":
		return mimeType == "image/webp"
	case "video", "audio":
		return strings.HasPrefix(mimeType, kind+"/")
	}
	return true
}

func (s *Server) addMedia(f *media) string {
	s.seq++
	f.id = strconv.Itoa(1003383421000000 + s.seq)
	f.at = s.Now()
	s.media[f.id] = f
	return f.id
}

// lives says whether a media id is still valid.
func (f *media) lives(now time.Time) bool {
	if f.inbound {
		return now.Sub(f.at) < 7*24*time.Hour
	}
	return now.Sub(f.at) < 30*24*time.Hour
}

// postMedia takes an upload: multipart with file, type and messaging_product.
func (s *Server) postMedia(w http.ResponseWriter, r *http.Request) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "multipart/form-data" {
		s.Violate("media: Content-Type %q", r.Header.Get("Content-Type"))
		return refuse(100, "multipart/form-data is required")
	}
	r.Body = http.MaxBytesReader(w, r.Body, 102<<20)
	if err := r.ParseMultipartForm(8 << 20); err != nil {
		s.Violate("media: %v", err)
		return refuse(100, "cannot read the upload: %v", err)
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	if r.FormValue("messaging_product") != "whatsapp" {
		s.Violate("media: messaging_product is %q", r.FormValue("messaging_product"))
		return refuse(100, "(#100) The parameter messaging_product is required.")
	}
	part, header, err := r.FormFile("file")
	if err != nil {
		s.Violate("media: no file part")
		return refuse(100, "(#100) The parameter file is required.")
	}
	defer func() { _ = part.Close() }()
	data, err := io.ReadAll(part)
	if err != nil {
		return refuse(100, "cannot read the upload: %v", err)
	}
	full := header.Header.Get("Content-Type")
	if t := r.FormValue("type"); t != "" {
		full = t
	}
	base, _, _ := mime.ParseMediaType(full)
	limit, ok := accepted()[base]
	if !ok {
		s.Violate("media: type %q", full)
		return refuse(100, "Param file must be a file with one of the following types: audio/aac, audio/mp4, audio/mpeg, audio/amr, audio/ogg, audio/opus, application/vnd.ms-powerpoint, application/msword, application/vnd.openxmlformats-officedocument.wordprocessingml.document, application/vnd.openxmlformats-officedocument.presentationml.presentation, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, application/pdf, text/plain, application/vnd.ms-excel, image/jpeg, image/png, image/webp, video/mp4, video/3gpp. Received file of type '%s'.", base)
	}
	if len(data) == 0 || len(data) > limit {
		s.Violate("media: %d bytes of %s, limit %d", len(data), base, limit)
		return refuse(131053, "file of %d bytes exceeds the limit of %d bytes or is empty", len(data), limit)
	}
	sum := sha256.Sum256(data)
	s.mu.Lock()
	id := s.addMedia(&media{mime: full, name: header.Filename, data: data, sha: hex.EncodeToString(sum[:])})
	s.mu.Unlock()
	s.writeJSON(w, http.StatusOK, "MediaUploaded", m{"id": id})
	return nil
}

// mediaFault finds out whether the file of a message can be delivered; the
// platform tells only afterwards, by a failed status.
func (s *Server) mediaFault(out outgoing) int {
	for kind, ref := range map[string]*struct {
		ID, Link, Caption, Filename string
		Voice                       bool
	}{"image": out.Image, "video": out.Video, "audio": out.Audio, "document": out.Document, "sticker": out.Sticker} {
		if ref == nil || ref.ID == "" {
			continue
		}
		f, ok := s.media[ref.ID]
		if !ok || !f.lives(s.Now()) {
			return 131053
		}
		base, _, _ := mime.ParseMediaType(f.mime)
		if !carries(kind, base) {
			s.Violate("messages: %s of type %s", kind, base)
			return 131053
		}
		if kind == "audio" && base == "audio/ogg" && !bytes.Contains(f.data[:min(64, len(f.data))], []byte("OpusHead")) {
			s.Violate("messages: audio/ogg without Opus")
			return 131053
		}
	}
	return 0
}

// File returns what was uploaded or sent under a media id.
func (s *Server) File(id string) (data []byte, mimeType, name string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.media[id]
	if !ok {
		return nil, "", "", false
	}
	return f.data, f.mime, f.name, true
}

// ExpireMedia makes a media id invalid, as after 7 or 30 days.
func (s *Server) ExpireMedia(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.media, id)
}

// getMedia answers GET /{Media-ID} with a download address.
func (s *Server) getMedia(w http.ResponseWriter, r *http.Request) error {
	token := make([]byte, 16)
	_, _ = rand.Read(token)
	s.mu.Lock()
	f, ok := s.media[r.PathValue("object")]
	if ok {
		ok = f.lives(s.Now())
	}
	if pnid := r.URL.Query().Get("phone_number_id"); pnid != "" && pnid != s.cfg.PhoneNumberID {
		ok = false
	}
	key := hex.EncodeToString(token)
	if ok {
		s.links[key] = link{media: f.id, expires: s.Now().Add(s.cfg.MediaTTL)}
	}
	s.mu.Unlock()
	if !ok {
		return missing()
	}
	base := s.URL()
	if base == "" {
		base = "http://" + r.Host
	}
	s.writeJSON(w, http.StatusOK, "MediaInfo", m{
		"messaging_product": "whatsapp", "id": f.id, "mime_type": f.mime, "sha256": f.sha,
		"file_size": strconv.Itoa(len(f.data)), "url": base + "/whatsapp_business/attachments/" + key,
	})
	return nil
}

func missing() *graphError {
	e := refuse(100, "")
	e.Title = "Unsupported get request. Object with this ID does not exist, cannot be loaded due to missing permissions, or does not support this operation"
	e.Type, e.Subcode = "GraphMethodException", 33
	return e
}

// deleteMedia answers DELETE /{Media-ID}.
func (s *Server) deleteMedia(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("object")
	s.mu.Lock()
	_, ok := s.media[id]
	delete(s.media, id)
	s.mu.Unlock()
	if !ok {
		return missing()
	}
	s.writeJSON(w, http.StatusOK, "MediaDeleted", m{"success": true})
	return nil
}

// serveDownload is the media host: the address lives for MediaTTL and needs
// the token as well.
func (s *Server) serveDownload(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.begin(w, r, "media_download"); !ok {
		return
	}
	if err := s.authorised(r); err != nil {
		s.writeError(w, err)
		return
	}
	s.mu.Lock()
	l, ok := s.links[r.PathValue("link")]
	var f *media
	if ok && s.Now().Before(l.expires) {
		f = s.media[l.media]
	}
	s.mu.Unlock()
	if f == nil {
		http.Error(w, "URL signature expired", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", f.mime)
	w.Header().Set("Content-Length", strconv.Itoa(len(f.data)))
	if f.name != "" {
		w.Header().Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": f.name}))
	}
	_, _ = w.Write(f.data)
}
