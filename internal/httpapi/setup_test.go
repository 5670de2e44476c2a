package httpapi_test

import (
	"net/http"
	"testing"
)

// TestSetupIsOneStep: a first run that breaks off before the first inbox is
// there leaves nothing behind, and can be done again.
func TestSetupIsOneStep(t *testing.T) {
	s := blankStage(t)
	ctx := t.Context()
	first := object{"workspace_name": "Первая", "name": "Анна", "email": "anna@example.com", "password": pass, "locale": "ru"}
	if _, err := s.app.DB.Exec(ctx, `CREATE TRIGGER no_inbox BEFORE INSERT ON inboxes BEGIN SELECT RAISE(ABORT, 'power is gone'); END`); err != nil {
		t.Fatal(err)
	}
	if w := s.json("nobody", "POST", "/setup", first); w.Code < http.StatusInternalServerError {
		t.Fatalf("the inbox could not be made, and yet: %d %s", w.Code, w.Body)
	}
	var state struct{ Needed bool }
	s.good(s.json("nobody", "GET", "/setup", nil), "/setup", &state)
	if !state.Needed {
		t.Fatal("half a workspace is left")
	}
	if _, err := s.app.DB.Exec(ctx, `DROP TRIGGER no_inbox`); err != nil {
		t.Fatal(err)
	}
	s.people["admin"] = s.join("/setup", first)
	var boxes struct{ Items []struct{ Name string } }
	s.get("/inboxes", &boxes)
	if len(boxes.Items) != 1 || boxes.Items[0].Name != "Поддержка" {
		t.Errorf("inboxes: %+v", boxes.Items)
	}
}
