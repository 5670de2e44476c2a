package httpapi_test

import (
	"strings"
	"testing"
)

// TestArchivedInboxTakesNoChannel: nothing new begins in an inbox that was put
// away, until it is taken into use again.
func TestArchivedInboxTakesNoChannel(t *testing.T) {
	s := newStage(t)
	box, other := s.make("/inboxes", object{"name": "Прежний"}), s.make("/inboxes", object{"name": "Новый"})
	ch := s.make("/channels", object{"kind": "webchat", "name": "Сайт", "inbox_id": box, "settings": object{}})
	if w := s.json("admin", "DELETE", "/inboxes/"+box, nil); w.Code != 409 || !strings.Contains(w.Body.String(), "inbox.in_use") {
		t.Errorf("with a channel: %d %s", w.Code, w.Body)
	}
	s.good(s.json("admin", "DELETE", "/channels/"+ch, nil), "channel", nil)
	s.good(s.json("admin", "DELETE", "/inboxes/"+box, nil), "inbox", nil)
	listed := func(query string) bool {
		t.Helper()
		w := s.json("admin", "GET", "/inboxes"+query, nil)
		s.good(w, "/inboxes", nil)
		return strings.Contains(w.Body.String(), `"id":"`+box+`"`)
	}
	if listed("") || !listed("?archived=true") {
		t.Error("the archived inbox is among those in use, or not among all")
	}
	second := s.make("/channels", object{"kind": "webchat", "name": "Сайт 2", "inbox_id": other, "settings": object{}})
	into := object{"kind": "webchat", "name": "Сайт 3", "inbox_id": box, "settings": object{}}
	for what, code := range map[string]int{
		"made there":  s.json("admin", "POST", "/channels", into).Code,
		"moved there": s.json("admin", "PATCH", "/channels/"+second, object{"inbox_id": box}).Code,
	} {
		if code != 409 {
			t.Errorf("a channel %s: %d", what, code)
		}
	}
	s.good(s.json("admin", "POST", "/inboxes/"+box+"/restore", nil), "restore", nil)
	s.make("/channels", into)
}
