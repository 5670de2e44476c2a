package openapi_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/okno-hq/okno/internal/standin/openapi"
)

type m = map[string]any

// person is a schema with a list and a nested object.
func person() m {
	return m{"Person": m{
		"type": "object", "required": []any{"name"},
		"properties": m{"name": m{"type": "string"}, "kind": m{"type": "string", "enum": []any{"a"}}},
		"allOf":      []any{m{"properties": m{"age": m{"type": "integer"}}}},
	}}
}

func TestCheck(t *testing.T) {
	schemas := person()
	if err := openapi.Amend(schemas, []openapi.Amendment{
		{At: "/Person/properties/kind", Add: map[string][]any{"enum": {"b"}}},
		{At: "/Person/allOf/0/properties/age", Set: m{"minimum": 18}},
		{At: "/Person", Drop: []string{"required"}},
	}); err != nil {
		t.Fatal(err)
	}
	s, err := openapi.Compile(schemas)
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]string{
		`{"kind":"b","age":18}`: "",
		`{"age":17}`:            "/age",
		`{"kind":"c"}`:          "/kind",
		`{"name":1}`:            "/name",
		`{`:                     "not JSON",
	} {
		err := s.CheckJSON("Person", []byte(body))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", body, err, want)
		}
	}
	if s.Check("Nobody", m{}) == nil {
		t.Error("a schema that is not there was found")
	}
	if err := (*openapi.Schemas)(nil).CheckJSON("Person", []byte("{")); err != nil {
		t.Errorf("nothing to check against finds nothing wrong: %v", err)
	}
}

// An amendment without its place is to be seen by a person.
func TestAmendmentsFindTheirPlace(t *testing.T) {
	for _, at := range []string{"/Nobody", "/Person/allOf/7", "/Person/properties/name/type"} {
		err := openapi.Amend(person(), []openapi.Amendment{{At: at, Set: m{"x": 1}, Cause: "the cause"}})
		if err == nil || !strings.Contains(err.Error(), "the cause") {
			t.Errorf("%s: %v", at, err)
		}
	}
}

func TestMemoLoadsOnce(t *testing.T) {
	var memo openapi.Memo
	loads := 0
	load := func(folder string) (*openapi.Schemas, error) {
		loads++
		if folder == "broken" {
			return nil, errors.New("broken")
		}
		return openapi.Compile(person())
	}
	for range 2 {
		if s, err := memo.Load("good", load); err != nil || s.Check("Person", m{"name": "Анна"}) != nil {
			t.Errorf("good: %v", err)
		}
		if _, err := memo.Load("broken", load); err == nil {
			t.Error("a failure was kept as a success")
		}
	}
	if loads != 3 {
		t.Errorf("%d loads, want 3", loads)
	}
}
