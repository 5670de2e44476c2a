package whatsapp

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// subscription says where notifications go. The number's callback goes before
// the account's, and that before the app's.
type subscription struct {
	App, WABA, Number string
	Subscribed        bool
	state             WebhookState
}

func (h subscription) url() string {
	for _, u := range []string{h.Number, h.WABA, h.App} {
		if u != "" {
			return u
		}
	}
	return ""
}

// SetWebhook is the admin entering a callback in the app's dashboard: the
// platform verifies it before saving.
func (s *Server) SetWebhook(callback, verifyToken string) error {
	if err := s.verify(callback, verifyToken); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook.App, s.hook.Subscribed = callback, true
	return nil
}

// verify is the handshake: GET with a challenge that must come back.
func (s *Server) verify(callback, token string) error {
	u, err := url.Parse(callback)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return refuse(100, "override_callback_uri is not a URL")
	}
	raw := make([]byte, 8)
	_, _ = rand.Read(raw)
	challenge := hex.EncodeToString(raw)
	q := u.Query()
	q.Set("hub.mode", "subscribe")
	q.Set("hub.challenge", challenge)
	q.Set("hub.verify_token", token)
	u.RawQuery = q.Encode()
	req, err := http.NewRequestWithContext(s.Context(), http.MethodGet, u.String(), nil)
	if err != nil {
		return refuse(100, "override_callback_uri: %v", err)
	}
	resp, err := s.cfg.Client.Do(req)
	if err != nil {
		return refuse(2200, "(#2200) Callback verification failed with the following errors: %v", err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if resp.StatusCode != http.StatusOK || string(body) != challenge {
		return refuse(2200, "Callback verification failed with the following errors: HTTP Status Code = %d; the challenge was not returned", resp.StatusCode)
	}
	return nil
}

// Verify runs the handshake against an address without saving it.
func (s *Server) Verify(callback, token string) error { return s.verify(callback, token) }

// getSubscribed answers GET /{WABA-ID}/subscribed_apps.
func (s *Server) getSubscribed(w http.ResponseWriter, _ *http.Request) error {
	s.mu.Lock()
	hook := s.hook
	s.mu.Unlock()
	data := []any{}
	if hook.Subscribed {
		data = append(data, s.subscribedApp(hook))
	}
	s.writeJSON(w, http.StatusOK, "SubscribedAppsResponse", m{"data": data})
	return nil
}

func (s *Server) subscribedApp(hook subscription) m {
	app := m{"whatsapp_business_api_data": m{"id": s.cfg.AppID, "name": "Okno", "link": "https://www.facebook.com/games/?app_id=" + s.cfg.AppID}}
	if hook.WABA != "" {
		app["override_callback_uri"] = hook.WABA
	}
	return app
}

// postSubscribed answers POST /{WABA-ID}/subscribed_apps: it subscribes the
// app and sets or clears the account's own callback.
func (s *Server) postSubscribed(w http.ResponseWriter, r *http.Request) error {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<16))
	if err != nil {
		return refuse(100, "body: %v", err)
	}
	var in struct {
		Callback string `json:"override_callback_uri"`
		Token    string `json:"verify_token"`
	}
	if strings.TrimSpace(string(raw)) != "" {
		if err := s.contract.CheckJSON("SubscriptionRequest", raw); err != nil {
			s.Violate("subscribe: %v", err)
			return refuse(100, "%v", err)
		}
		if err := json.Unmarshal(raw, &in); err != nil {
			return refuse(100, "%v", err)
		}
	}
	if in.Callback != "" {
		if err := s.verify(in.Callback, in.Token); err != nil {
			return err
		}
	}
	s.mu.Lock()
	s.hook.Subscribed, s.hook.WABA = true, in.Callback
	s.mu.Unlock()
	s.writeJSON(w, http.StatusOK, "SubscriptionResponse", m{"success": true})
	return nil
}

// deleteSubscribed answers DELETE /{WABA-ID}/subscribed_apps.
func (s *Server) deleteSubscribed(w http.ResponseWriter, _ *http.Request) error {
	s.mu.Lock()
	s.hook.Subscribed, s.hook.WABA = false, ""
	s.mu.Unlock()
	s.writeJSON(w, http.StatusOK, "SubscriptionResponse", m{"success": true})
	return nil
}

// LapseSubscription ends the subscription behind the business's back.
func (s *Server) LapseSubscription() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook.Subscribed, s.hook.WABA, s.hook.Number = false, "", ""
}

// postNumber answers POST /{Phone-Number-ID}: of what it can change, the
// number's own callback.
func (s *Server) postNumber(w http.ResponseWriter, r *http.Request) error {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<16))
	if err != nil {
		return refuse(100, "body: %v", err)
	}
	if err := s.contract.CheckJSON("PhoneNumberStatusUpdateRequest", raw); err != nil {
		s.Violate("number: %v", err)
		return refuse(100, "%v", err)
	}
	var in struct {
		Hook *struct {
			Callback string `json:"override_callback_uri"`
			Token    string `json:"verify_token"`
		} `json:"webhook_configuration"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return refuse(100, "%v", err)
	}
	if in.Hook == nil {
		return refuse(100, "nothing to change")
	}
	if in.Hook.Callback != "" {
		if err := s.verify(in.Hook.Callback, in.Hook.Token); err != nil {
			return fmt.Errorf("webhook_configuration: %w", err)
		}
	}
	s.mu.Lock()
	s.hook.Number = in.Hook.Callback
	s.mu.Unlock()
	s.writeJSON(w, http.StatusOK, "SuccessResponse", m{"success": true})
	return nil
}
