package httpapi_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/okno-hq/okno/internal/httpapi"
)

// TestEveryBodyIsTried: an operation that takes a body has one here, so that
// the tests of bad input know it.
func TestEveryBodyIsTried(t *testing.T) {
	known := bodies()
	for p, item := range httpapi.Describe().Paths {
		for _, op := range []*huma.Operation{item.Post, item.Put, item.Patch} {
			if op == nil || op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
				continue
			}
			if _, ok := known[op.OperationID]; !ok && op.OperationID != "changePassword" {
				t.Errorf("%s (%s) has no body in the tests", op.OperationID, p)
			}
		}
	}
}

// deepBodies are bodies with all that may be within them.
func deepBodies() map[string]string {
	return map[string]string{
		"sendMessage": `{"client_id":"{new}","content":{"text":"привет","marks":[{"type":"bold","offset":0,"length":2,"url":""}],
			"location":{"lat":1.5,"lng":2.5,"title":"x"},"contacts":[{"name":"x","phones":["1"]}],"buttons":[[{"kind":"callback","text":"x","payload":"y"}]]},
			"file_ids":["1"],"reply_to":"{item}","send_at":"2026-11-25T00:00:00Z"}`,
		"editItem":            `{"content":{"text":"x","marks":[{"type":"bold","offset":0,"length":1}],"buttons":[[{"kind":"callback","text":"x"}]]}}`,
		"updateInbox":         `{"hours":{"timezone":"Europe/Moscow","always":false,"week":[{"day":1,"from":"09:00","to":"18:00"}],"holidays":[{"date":"2027-01-01","name":"x"}]},"routing":{"mode":"manual","capacity":1,"only_online":true}}`,
		"createView":          `{"name":"{new}","filter":{"scope":"all","status":"open","inbox_id":"{inbox}","team_id":"1","assignee_id":"1","tag_id":"1","unread":true,"sort":"recent"}}`,
		"updateConversations": `{"ids":["{conversation}"],"patch":{"status":"snoozed","snoozed_until":"2030-01-01T00:00:00Z","assignee_id":"1","team_id":"1","inbox_id":"{inbox}","note":"x","mentions":["1"]}}`,
		"createContact":       `{"name":"x","fields":{"a":1},"identities":[{"kind":"email","value":"{new}@example.com"}]}`,
		"subscribePush":       `{"endpoint":"https://push.example.com/{new}","keys":{"p256dh":"{p256dh}","auth":"AAAAAAAAAAAAAAAAAAAAAA"}}`,
	}
}

// leaves calls try with a copy of the value for every place in it, the place's
// content replaced.
func leaves(v any, with any, path string, try func(path string, changed any)) {
	switch x := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(x)) {
			replaced := maps.Clone(x)
			replaced[k] = with
			try(path+"."+k, replaced)
			leaves(x[k], with, path+"."+k, func(p string, inner any) {
				outer := maps.Clone(x)
				outer[k] = inner
				try(p, outer)
			})
		}
	case []any:
		for n := range x {
			replaced := slices.Clone(x)
			replaced[n] = with
			try(path+"[]", replaced)
			leaves(x[n], with, path+"[]", func(p string, inner any) {
				outer := slices.Clone(x)
				outer[n] = inner
				try(p, outer)
			})
		}
	}
}

// TestStrangeValuesWithin puts strange values into every place of bodies that
// have something within them.
func TestStrangeValuesWithin(t *testing.T) {
	s := newStage(t)
	ops := operations()
	for name, body := range deepBodies() {
		op := ops[name]
		for what, v := range map[string]any{
			"number": -1e300, "true": true, "null": nil, "object": object{"a": 1}, "list": []any{[]any{}, "1", nil}, "empty": "",
			"long": strings.Repeat("я", 100_000), "NUL": "a\x00b", "right to left": "\u202egnp.exe\u200b", "id": "99999999999999999999",
			"huge number": json.Number("1e999"),
		} {
			var sample any
			if err := json.Unmarshal([]byte(s.fillIn(body)), &sample); err != nil {
				t.Fatal(name, err)
			}
			leaves(sample, v, name, func(path string, changed any) {
				noTrouble(t, path+" "+what, s.json("admin", op.method, s.target(op), changed))
			})
		}
	}
}
