package telegram

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/okno-hq/okno/internal/standin/platform"
)

// request is one call of a method.
type request struct {
	method string
	params map[string]any    // as the contract checks them
	files  map[string]upload // parts of a multipart body by field name
}

// integer and boolean also read what a form sends.
type integer int64

func (n *integer) UnmarshalJSON(raw []byte) error {
	v, err := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
	if err != nil {
		return fmt.Errorf("not an integer: %s", raw)
	}
	*n = integer(v)
	return nil
}

type boolean bool

func (b *boolean) UnmarshalJSON(raw []byte) error {
	*b = strings.Trim(string(raw), `"`) == "true"
	return nil
}

// args are the parameters that the stand-in acts upon.
type args struct {
	Business     string          `json:"business_connection_id"`
	ChatID       json.RawMessage `json:"chat_id"`
	Thread       integer         `json:"message_thread_id"`
	DirectTopic  integer         `json:"direct_messages_topic_id"`
	Text         string          `json:"text"`
	ParseMode    string          `json:"parse_mode"`
	Entities     []Entity        `json:"entities"`
	Caption      string          `json:"caption"`
	CaptionMarks []Entity        `json:"caption_entities"`
	Reply        *struct {
		MessageID    integer `json:"message_id"`
		AllowWithout boolean `json:"allow_sending_without_reply"`
		Quote        string  `json:"quote"`
	} `json:"reply_parameters"`
	Markup      json.RawMessage `json:"reply_markup"`
	MessageID   integer         `json:"message_id"`
	MessageIDs  []integer       `json:"message_ids"`
	Media       []mediaItem     `json:"media"`
	Latitude    json.Number     `json:"latitude"`
	Longitude   json.Number     `json:"longitude"`
	LivePeriod  integer         `json:"live_period"`
	Title       string          `json:"title"`
	Address     string          `json:"address"`
	Phone       string          `json:"phone_number"`
	FirstName   string          `json:"first_name"`
	LastName    string          `json:"last_name"`
	VCard       string          `json:"vcard"`
	Action      string          `json:"action"`
	Reaction    []reactionType  `json:"reaction"`
	QueryID     string          `json:"callback_query_id"`
	FileID      string          `json:"file_id"`
	UserID      integer         `json:"user_id"`
	URL         string          `json:"url"`
	Secret      string          `json:"secret_token"`
	Connections integer         `json:"max_connections"`
	DropPending boolean         `json:"drop_pending_updates"`

	AllowedUpdates []string `json:"allowed_updates"`
	Offset         integer  `json:"offset"`
	Limit          integer  `json:"limit"`
	Timeout        integer  `json:"timeout"`
	Duration       integer  `json:"duration"`
}

type mediaItem struct {
	Type     string   `json:"type"`
	Media    string   `json:"media"`
	Caption  string   `json:"caption"`
	Entities []Entity `json:"caption_entities"`
	Duration integer  `json:"duration"`
}

type reactionType struct {
	Type  string `json:"type"`
	Emoji string `json:"emoji"`
}

// serveMethod answers /bot<token>/<method>, without the lock.
func (s *Server) serveMethod(w http.ResponseWriter, r *http.Request) {
	token, ok := strings.CutPrefix(r.PathValue("bot"), "bot")
	name := r.PathValue("method")
	authorized := ok && s.Authorized(token)
	dropped, ok := s.begin(w, r, name)
	if !ok {
		return
	}
	req, err := s.read(w, r, name)
	if !authorized {
		writeError(w, refuse(http.StatusUnauthorized, "Unauthorized"))
		return
	}
	var result json.RawMessage
	var e *apiError
	if err == nil {
		result, e = s.run(r, req)
	} else if errors.Is(err, errBroken) {
		return // the caller gave up; nobody reads an answer
	} else if !errors.As(err, &e) {
		s.Violate("%s: %v", name, err)
		e = badRequest("%v", err)
	}
	if dropped {
		platform.HangUp(w)
		return
	}
	if e != nil {
		writeError(w, e)
		return
	}
	platform.WriteJSON(w, http.StatusOK, m{"ok": true, "result": result})
}

// run checks a call and carries it out, and checks the answer.
func (s *Server) run(r *http.Request, req *request) (json.RawMessage, *apiError) {
	var a args
	err := s.contract.call(req.method, req.params)
	if err == nil {
		err = json.Unmarshal(mustJSON(withoutUploads(req.params)), &a)
	}
	s.mu.Lock()
	if err != nil {
		defer s.mu.Unlock()
		s.Violate("%v", err)
		return nil, badRequest("%v", err)
	}
	if wait := s.bannedUntil.Sub(s.Now()); wait > 0 {
		defer s.mu.Unlock()
		return nil, tooMany(wait)
	}
	if req.method == "getUpdates" {
		s.mu.Unlock()
		out, e := s.getUpdates(r, &a)
		return mustJSON(out), e
	}
	defer s.mu.Unlock()
	do, ok := s.methods()[req.method]
	if !ok {
		s.Violate("%s: the stand-in does not have this method", req.method)
		return nil, refuse(http.StatusNotFound, "Not Found: method not found")
	}
	out, e := do(req, &a)
	if e != nil {
		return nil, e
	}
	raw := mustJSON(out) // while nobody changes the message
	if err := s.contract.result(req.method, raw); err != nil {
		s.Violate("answer: %v", err)
	}
	return raw, nil
}

func withoutUploads(params map[string]any) map[string]any {
	out := make(map[string]any, len(params))
	for k, v := range params {
		if _, file := v.(upload); !file {
			out[k] = v
		}
	}
	return out
}

// read takes the parameters from the query and the body, which is JSON, a
// form or multipart.
func (s *Server) read(w http.ResponseWriter, r *http.Request, name string) (*request, error) {
	req := &request{method: name, params: map[string]any{}, files: map[string]upload{}}
	for k, v := range r.URL.Query() {
		req.params[k] = s.typed(name, k, v[0])
	}
	kind, options, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && r.Header.Get("Content-Type") != "" {
		return req, fmt.Errorf("content type: %w", err)
	}
	body := http.MaxBytesReader(w, r.Body, s.cfg.MaxUpload+1<<20)
	switch kind {
	case "application/json":
		raw, err := io.ReadAll(body)
		if err != nil {
			return req, tooBig(err)
		}
		v, err := decode(raw)
		if err != nil {
			return req, err
		}
		object, ok := v.(map[string]any)
		if !ok {
			return req, errors.New("the body is not a JSON object")
		}
		maps.Copy(req.params, object)
	case "application/x-www-form-urlencoded":
		r.Body = body
		if err := r.ParseForm(); err != nil {
			return req, tooBig(err)
		}
		for k, v := range r.PostForm {
			req.params[k] = s.typed(name, k, v[0])
		}
	case "multipart/form-data":
		return req, s.multipart(req, multipart.NewReader(body, options["boundary"]))
	default:
		if n, _ := io.Copy(io.Discard, body); n > 0 {
			return req, fmt.Errorf("unsupported content type %q", kind)
		}
	}
	return req, nil
}

// errBroken says that the request did not arrive as a whole.
var errBroken = errors.New("request broke off")

func tooBig(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return refuse(http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	}
	return fmt.Errorf("%w: %w", errBroken, err)
}

var loose = regexp.MustCompile(`(?i)(?:^|[;\s])(name|filename)="?([^";]*)"?`)

// disposition names a part. Clients write file names in letters that the
// standard demands to be quoted; the platform takes them.
func disposition(part *multipart.Part) (name, fileName string) {
	if name, fileName = part.FormName(), part.FileName(); name != "" {
		return name, fileName
	}
	for _, found := range loose.FindAllStringSubmatch(part.Header.Get("Content-Disposition"), -1) {
		if strings.EqualFold(found[1], "name") {
			name = found[2]
		} else {
			fileName = found[2]
		}
	}
	return name, fileName
}

func (s *Server) multipart(req *request, parts *multipart.Reader) error {
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return tooBig(err)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return tooBig(err)
		}
		name, fileName := disposition(part)
		if fileName == "" {
			req.params[name] = s.typed(req.method, name, string(data))
			continue
		}
		req.files[name] = upload{Name: fileName, MIME: part.Header.Get("Content-Type"), Data: data}
	}
	for name, f := range req.files {
		// A part is a parameter of its own or attached to one by name.
		if s.contract == nil || s.contract.typeOf(req.method, name) != nil {
			req.params[name] = f
		}
	}
	for name, v := range req.params {
		if ref, ok := v.(string); ok && slices.Contains(s.contract.typeOf(req.method, name), "InputFile") {
			if f, ok := req.files[strings.TrimPrefix(ref, "attach://")]; ok && strings.HasPrefix(ref, "attach://") {
				req.params[name] = f
			}
		}
	}
	return nil
}

// typed reads a parameter that came as text by the type it should have.
func (s *Server) typed(name, param, text string) any {
	types := s.contract.typeOf(name, param)
	if s.contract == nil {
		switch param {
		case "reply_markup", "reply_parameters", "entities", "caption_entities", "media", "allowed_updates", "message_ids", "reaction", "latitude", "longitude":
			types = []string{"JSON"}
		default:
			types = []string{"String"}
		}
	}
	for _, t := range types {
		if t == "String" || t == "InputFile" {
			if slices.Contains(types, "Integer") { // chat_id
				if _, err := strconv.ParseInt(text, 10, 64); err == nil {
					return json.Number(text)
				}
			}
			return text
		}
	}
	if v, err := decode([]byte(text)); err == nil {
		return v
	}
	return text
}
