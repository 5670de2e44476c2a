package httpapi

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/filetype"
	"github.com/okno-hq/okno/internal/inbox"
)

// uploadTime bounds how long an upload may take; a phone on a bad line needs
// a while.
const uploadTime = 30 * time.Minute

// serveUpload takes the first file of a form, streaming it to where it stays.
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request) {
	a, _ := actorFrom(r.Context())
	s.unhurried(w)
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload+1<<20)
	form, err := r.MultipartReader()
	if err != nil {
		s.write(w, r, fault.Wrap(fault.Invalid, "request.not_a_form", err))
		return
	}
	part, err := firstFile(form)
	if err != nil {
		s.write(w, r, badForm(err))
		return
	}
	f, err := s.d.Inbox.Upload(r.Context(), a, inbox.NewFile{
		Name: part.FileName(), MIME: part.Header.Get("Content-Type"), Purpose: inbox.Purpose(r.URL.Query().Get("purpose")),
	}, part)
	s.uploaded(w, r, f, err)
}

func firstFile(form *multipart.Reader) (*multipart.Part, error) {
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, fault.New(fault.Invalid, "file.missing").WithField("file")
		}
		if err != nil {
			return nil, err
		}
		if part.FormName() == "file" {
			return part, nil
		}
	}
}

func badForm(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return err
	}
	return fault.Wrap(fault.Invalid, "request.not_a_form", err)
}

// serveVoice takes a recording and makes a voice message of it.
func (s *Server) serveVoice(w http.ResponseWriter, r *http.Request) {
	a, _ := actorFrom(r.Context())
	s.unhurried(w)
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "audio/") {
		s.write(w, r, fault.Wrap(fault.Invalid, "request.media_type", err))
		return
	}
	f, err := s.d.Inbox.Upload(r.Context(), a, inbox.NewFile{MIME: kind, Voice: true}, http.MaxBytesReader(w, r.Body, 64<<20))
	s.uploaded(w, r, f, err)
}

// unhurried gives an upload more time than the server gives other requests.
func (s *Server) unhurried(w http.ResponseWriter) {
	c := http.NewResponseController(w)
	until := s.d.Now().Add(uploadTime)
	if err := errors.Join(c.SetReadDeadline(until), c.SetWriteDeadline(until)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		s.d.Log.Debug("upload keeps the usual time", slog.Any("error", err))
	}
}

func (s *Server) uploaded(w http.ResponseWriter, r *http.Request, f inbox.File, err error) {
	if err != nil {
		s.write(w, r, badUpload(err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(fileOf(f)) // the client may be gone
}

// badUpload tells a client's broken body from our own trouble.
func badUpload(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.Wrap(fault.Invalid, "request.broken_off", err)
	}
	return err
}

// thumbMIME is what a small picture is: the library makes JPEG, or PNG where
// there is transparency.
func thumbMIME(_ string, data io.ReadSeeker) string {
	head := make([]byte, 16)
	n, err := io.ReadFull(data, head)
	if _, serr := data.Seek(0, io.SeekStart); serr != nil || (err != nil && !errors.Is(err, io.ErrUnexpectedEOF)) {
		return filetype.Unknown
	}
	return filetype.Detect(head[:n], filetype.Hint{}).MIME
}

// describeFiles tells the API's description of the routes that carry bytes.
func (s *Server) describeFiles() {
	fileSchema := s.api.OpenAPI().Components.Schemas.Schema(typeOf[File](), true, "File")
	answer := func(status, text string, content map[string]*huma.MediaType) map[string]*huma.Response {
		return map[string]*huma.Response{status: {Description: text, Content: content}}
	}
	one := map[string]*huma.MediaType{"application/json": {Schema: fileSchema}}
	bytes := map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}
	security := []map[string][]string{{"token": {}}, {"session": {}}}
	add := func(op *huma.Operation) {
		op.Tags, op.Security = []string{"Files"}, security
		s.api.OpenAPI().AddOperation(op)
	}
	add(&huma.Operation{
		OperationID: "uploadFile", Method: "POST", Path: "/files", Summary: "Upload a file. It is kept for a day unless something uses it",
		Parameters: []*huma.Param{{
			Name: "purpose", In: "query", Description: "What for, and so who may: a message (the permission to reply), a canned reply (to manage them), or one's own picture (everybody, images only).",
			Schema: &huma.Schema{Type: "string", Enum: []any{"message", "canned", "avatar"}, Default: "message"},
		}},
		Responses: answer("201", "Created", one),
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
			Type: "object", Required: []string{"file"}, Properties: map[string]*huma.Schema{"file": {Type: "string", Format: "binary"}},
		}}}},
	})
	voice := &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	add(&huma.Operation{
		OperationID: "uploadVoice", Method: "POST", Path: "/files/voice", Summary: "Upload a recording as a voice message", Responses: answer("201", "Created", one),
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"audio/webm": voice, "audio/ogg": voice, "audio/mp4": voice}},
	})
	path := []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}}
	add(&huma.Operation{OperationID: "getFileContent", Method: "GET", Path: "/files/{id}/content", Summary: "A file's bytes, ranges included", Parameters: path, Responses: answer("200", "OK", bytes)})
	add(&huma.Operation{OperationID: "getFileThumb", Method: "GET", Path: "/files/{id}/thumb", Summary: "A picture's small version", Parameters: path, Responses: answer("200", "OK", bytes)})
}
