package whatsapp

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/okno-hq/okno/internal/standin/platform"
)

// graphError is a refusal in the platform's words.
type graphError struct {
	Status  int
	Code    int
	Title   string
	Details string
	// Type is OAuthException unless said otherwise.
	Type       string
	Subcode    int
	RetryAfter time.Duration
	Body       string // sent instead of the envelope, for faults
}

// Error implements error.
func (e *graphError) Error() string { return fmt.Sprintf("(#%d) %s: %s", e.Code, e.Title, e.Details) }

// codes are the error codes of the Cloud API with their HTTP status and title:
// https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
func codes() map[int]graphError {
	list := []graphError{
		{Status: 401, Code: 0, Title: "AuthException"},
		{Status: 500, Code: 1, Title: "API Unknown"},
		{Status: 503, Code: 2, Title: "API Service"},
		{Status: 400, Code: 4, Title: "API Too Many Calls"},
		{Status: 403, Code: 10, Title: "Permission Denied"},
		{Status: 400, Code: 33, Title: "Parameter value is not valid"},
		{Status: 400, Code: 100, Title: "Invalid parameter"},
		{Status: 401, Code: 190, Title: "Access token has expired"},
		{Status: 403, Code: 200, Title: "API Permission"},
		{Status: 403, Code: 368, Title: "Temporarily blocked for policies violations"},
		{Status: 400, Code: 2200, Title: "Callback verification failed"},
		{Status: 400, Code: 80007, Title: "Rate limit issues"},
		{Status: 400, Code: 130429, Title: "Rate limit hit"},
		{Status: 400, Code: 130472, Title: "User's number is part of an experiment"},
		{Status: 403, Code: 130497, Title: "Business account is restricted from messaging users in this country"},
		{Status: 500, Code: 131000, Title: "Something went wrong"},
		{Status: 403, Code: 131005, Title: "Access denied"},
		{Status: 400, Code: 131008, Title: "Required parameter is missing"},
		{Status: 400, Code: 131009, Title: "Parameter value is not valid"},
		{Status: 503, Code: 131016, Title: "Service unavailable"},
		{Status: 400, Code: 131021, Title: "Recipient cannot be sender"},
		{Status: 400, Code: 131026, Title: "Message undeliverable"},
		{Status: 400, Code: 131030, Title: "Recipient phone number not in allowed list"},
		{Status: 403, Code: 131031, Title: "Account has been locked"},
		{Status: 400, Code: 131037, Title: "WhatsApp provided number needs display name approval before message can be sent"},
		{Status: 400, Code: 131042, Title: "Business eligibility payment issue"},
		{Status: 400, Code: 131045, Title: "Incorrect certificate"},
		{Status: 400, Code: 131047, Title: "Re-engagement message"},
		{Status: 400, Code: 131048, Title: "Spam rate limit hit"},
		{Status: 400, Code: 131049, Title: "Meta chose not to deliver"},
		{Status: 400, Code: 131050, Title: "User has stopped receipt of marketing messages"},
		{Status: 400, Code: 131051, Title: "Unsupported message type"},
		{Status: 400, Code: 131052, Title: "Media download error"},
		{Status: 400, Code: 131053, Title: "Media upload error"},
		{Status: 400, Code: 131056, Title: "(Business Account, Consumer Account) pair rate limit hit"},
		{Status: 500, Code: 131057, Title: "Account in maintenance mode"},
		{Status: 400, Code: 131060, Title: "This message is unavailable"},
		{Status: 400, Code: 131062, Title: "Business-scoped user ID recipients are not supported for this message"},
		{Status: 400, Code: 132000, Title: "Template Param Count Mismatch"},
		{Status: 404, Code: 132001, Title: "Template does not exist"},
		{Status: 400, Code: 132005, Title: "Template Hydrated Text Too Long"},
		{Status: 400, Code: 132007, Title: "Template Format Character Policy Violated"},
		{Status: 400, Code: 132012, Title: "Template Parameter Format Mismatch"},
		{Status: 400, Code: 132015, Title: "Template is Paused"},
		{Status: 400, Code: 132016, Title: "Template is Disabled"},
		{Status: 400, Code: 133010, Title: "Phone number Not Registered"},
	}
	out := make(map[int]graphError, len(list))
	for _, e := range list {
		out[e.Code] = e
	}
	return out
}

// refuse makes the error of a code; details say what was wrong this time.
func refuse(code int, format string, args ...any) *graphError {
	e, ok := codes()[code]
	if !ok {
		e = graphError{Status: http.StatusBadRequest, Code: code, Title: "Error " + strconv.Itoa(code)}
	}
	e.Details = fmt.Sprintf(format, args...)
	return &e
}

// body is the answer's JSON.
func (e *graphError) body() m {
	kind := e.Type
	if kind == "" {
		kind = "OAuthException"
	}
	inner := m{
		"message": fmt.Sprintf("(#%d) %s", e.Code, e.Title), "type": kind, "code": e.Code,
		"fbtrace_id": "AXsgnV2Cm3ZMGF3dF_cfYIn",
	}
	if e.Subcode != 0 {
		inner["error_subcode"] = e.Subcode
	}
	if e.Details != "" {
		inner["error_data"] = m{"messaging_product": "whatsapp", "details": e.Details}
	}
	return m{"error": inner}
}

// webhookError is how the same error looks within a notification.
func webhookError(code int, details string) m {
	e := refuse(code, "%s", details)
	return m{
		"code": e.Code, "title": e.Title, "message": e.Title,
		"error_data": m{"details": details},
		"href":       "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
	}
}

func (s *Server) writeError(w http.ResponseWriter, e *graphError) {
	platform.RetryAfter(w, e.RetryAfter)
	if e.Body != "" {
		platform.WritePage(w, e.Status, e.Body)
		return
	}
	if e.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `OAuth "Facebook Platform" "invalid_token" "`+e.Title+`"`)
	}
	s.writeJSON(w, e.Status, "GraphAPIError", e.body())
}

// writeJSON checks an answer against its schema and sends it.
func (s *Server) writeJSON(w http.ResponseWriter, status int, schema string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		s.Violate("answer %s: %v", schema, err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if schema != "" {
		if err := s.contract.CheckJSON(schema, body); err != nil {
			s.Violate("answer: %v", err)
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
