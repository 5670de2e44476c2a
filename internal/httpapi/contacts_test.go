package httpapi_test

import "testing"

// TestContactListCountsConversations: each row says how many conversations
// there are that the asker may see.
func TestContactListCountsConversations(t *testing.T) {
	s := newStage(t)
	for who, want := range map[string]int{"admin": 1, "agent": 1, "outsider": 0} {
		var list struct {
			Items []struct {
				ID            string
				Conversations int
			}
		}
		s.good(s.json(who, "GET", "/contacts", nil), who, &list)
		found := false
		for _, c := range list.Items {
			if c.ID != s.ids["contact"] {
				continue
			}
			found = true
			if c.Conversations != want {
				t.Errorf("%s counts %d, want %d", who, c.Conversations, want)
			}
		}
		if !found {
			t.Errorf("%s does not see the contact", who)
		}
	}
}
