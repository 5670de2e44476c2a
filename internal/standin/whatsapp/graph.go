package whatsapp

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/standin/platform"
)

// versionPattern is the form of a Graph version in a path.
func validVersion(v string) bool {
	return regexp.MustCompile(`^v\d{2}\.\d$`).MatchString(v)
}

// route names the method of a request; the names are those of Fault.Method.
func (s *Server) route(r *http.Request) (string, func(http.ResponseWriter, *http.Request) error) {
	object, edge := r.PathValue("object"), r.PathValue("edge")
	type handler = func(http.ResponseWriter, *http.Request) error
	routes := map[string]struct {
		name string
		do   handler
	}{
		"POST number messages":          {"messages", s.postMessage},
		"POST number media":             {"media_upload", s.postMedia},
		"GET number ":                   {"number", s.getNumber},
		"POST number ":                  {"number_update", s.postNumber},
		"GET waba message_templates":    {"templates", s.getTemplates},
		"POST waba message_templates":   {"template_create", s.postTemplate},
		"DELETE waba message_templates": {"template_delete", s.deleteTemplate},
		"GET waba subscribed_apps":      {"subscribed_apps", s.getSubscribed},
		"POST waba subscribed_apps":     {"subscribe", s.postSubscribed},
		"DELETE waba subscribed_apps":   {"unsubscribe", s.deleteSubscribed},
		"GET waba phone_numbers":        {"numbers", s.getNumbers},
		"GET debug_token ":              {"debug_token", s.getDebugToken},
		"GET media ":                    {"media_info", s.getMedia},
		"DELETE media ":                 {"media_delete", s.deleteMedia},
	}
	kind := "media"
	switch object {
	case s.cfg.PhoneNumberID:
		kind = "number"
	case s.cfg.WABA:
		kind = "waba"
	case "debug_token":
		kind = object
	}
	found, ok := routes[r.Method+" "+kind+" "+edge]
	if !ok {
		return "unknown", nil
	}
	return found.name, found.do
}

// serveGraph answers the Graph API.
func (s *Server) serveGraph(w http.ResponseWriter, r *http.Request) {
	name, do := s.route(r)
	dropped, ok := s.begin(w, r, name)
	if !ok {
		return
	}
	if err := s.admit(r); err != nil {
		s.writeError(w, err)
		return
	}
	if do == nil {
		s.Violate("%s %s: no such object or edge", r.Method, r.URL.Path)
		e := refuse(100, "Unsupported %s request. Object does not exist, cannot be loaded due to missing permissions, or does not support this operation", strings.ToLower(r.Method))
		e.Type, e.Subcode = "GraphMethodException", 33
		s.writeError(w, e)
		return
	}
	out := w
	if dropped {
		out = discard{http.Header{}}
	}
	err := do(out, r)
	if dropped {
		platform.HangUp(w)
		return
	}
	if ge, ok := errors.AsType[*graphError](err); ok {
		s.writeError(out, ge)
	} else if err != nil {
		s.Violate("%s %s: %v", r.Method, r.URL.Path, err)
		s.writeError(out, refuse(131000, "%v", err))
	}
}

// admit checks what holds for every call: version, agent, token.
func (s *Server) admit(r *http.Request) *graphError {
	if v := r.PathValue("version"); !validVersion(v) {
		s.Violate("%s %s: bad version", r.Method, r.URL.Path)
		return refuse(100, "Invalid version format. Use format like 'v23.0'")
	}
	if r.UserAgent() == "" {
		s.Violate("%s %s: no User-Agent", r.Method, r.URL.Path)
	}
	if r.URL.Query().Has("access_token") {
		s.Violate("%s %s: token in the address", r.Method, r.URL.Path)
	}
	return s.authorised(r)
}

// authorised checks the bearer token; a wrong one is a state of the account,
// not a violation.
func (s *Server) authorised(r *http.Request) *graphError {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		s.Violate("%s %s: no bearer token", r.Method, r.URL.Path)
		return &graphError{Status: http.StatusUnauthorized, Code: 104, Title: "An access token is required to request this resource."}
	}
	if !s.Authorized(given) {
		e := refuse(190, "")
		e.Title, e.Subcode = "Invalid OAuth access token - Cannot parse access token", 463
		return e
	}
	return nil
}

// getNumber answers GET /{Phone-Number-ID}.
func (s *Server) getNumber(w http.ResponseWriter, r *http.Request) error {
	s.mu.Lock()
	hook := m{"application": s.hook.App}
	if s.hook.WABA != "" {
		hook["whatsapp_business_account"] = s.hook.WABA
	}
	if s.hook.Number != "" {
		hook["phone_number"] = s.hook.Number
	}
	s.mu.Unlock()
	all := m{
		"id": s.cfg.PhoneNumberID, "display_phone_number": s.cfg.DisplayNumber, "verified_name": s.cfg.VerifiedName,
		"quality_rating": "GREEN", "code_verification_status": "VERIFIED", "name_status": "APPROVED", "status": "CONNECTED",
		"messaging_limit_tier": "TIER_1K", "throughput": m{"level": "STANDARD"}, "webhook_configuration": hook,
	}
	s.writeJSON(w, http.StatusOK, "PhoneNumberInfo", pick(all, r.URL.Query()))
	return nil
}

// pick keeps the fields asked for; without any the platform's default set.
func pick(all m, query url.Values) m {
	fields := query.Get("fields")
	if fields == "" {
		fields = "display_phone_number,verified_name,quality_rating,code_verification_status"
	}
	out := m{"id": all["id"]}
	for f := range strings.SplitSeq(fields, ",") {
		if v, ok := all[strings.TrimSpace(f)]; ok {
			out[strings.TrimSpace(f)] = v
		}
	}
	return out
}

// getNumbers answers GET /{WABA-ID}/phone_numbers.
func (s *Server) getNumbers(w http.ResponseWriter, _ *http.Request) error {
	s.writeJSON(w, http.StatusOK, "", m{"data": []m{{
		"id": s.cfg.PhoneNumberID, "display_phone_number": s.cfg.DisplayNumber, "verified_name": s.cfg.VerifiedName,
		"quality_rating": "GREEN", "status": "CONNECTED", "code_verification_status": "VERIFIED",
	}}})
	return nil
}

// getDebugToken answers GET /debug_token: who a token belongs to, what it may
// do and how long it lives.
func (s *Server) getDebugToken(w http.ResponseWriter, r *http.Request) error {
	valid, now := s.Authorized(r.URL.Query().Get("input_token")), s.Now()
	data := m{"app_id": s.cfg.AppID, "type": "SYSTEM_USER", "application": "Okno", "is_valid": valid}
	if valid {
		data["scopes"] = []string{"whatsapp_business_management", "whatsapp_business_messaging", "public_profile"}
		data["issued_at"] = now.Add(-24 * time.Hour).Unix()
		data["expires_at"] = 0
		data["data_access_expires_at"] = 0
		data["user_id"] = "122100000000000001"
	} else {
		data["error"] = m{"code": 190, "message": "Error validating access token"}
	}
	s.writeJSON(w, http.StatusOK, "", m{"data": data})
	return nil
}

// discard swallows the answer to a request whose connection will be dropped.
type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}
