package openapi

import (
	"fmt"
	"maps"
	"strings"
)

// Amendment changes one place where the specification and the platform
// differ; the platform wins.
type Amendment struct {
	At    string // JSON pointer (RFC 6901) within the schemas
	Set   map[string]any
	Drop  []string
	Add   map[string][]any // appended to lists
	Cause string
}

// Amend applies amendments and fails when the specification no longer has a
// place, so that a new version of it is looked at by a person.
func Amend(schemas map[string]any, amendments []Amendment) error {
	for _, a := range amendments {
		target, err := Object(schemas, a.At)
		if err != nil {
			return fmt.Errorf("%w (amendment: %s)", err, a.Cause)
		}
		for _, key := range a.Drop {
			delete(target, key)
		}
		maps.Copy(target, a.Set)
		for key, values := range a.Add {
			old, _ := target[key].([]any)
			target[key] = append(append([]any{}, old...), values...)
		}
	}
	return nil
}

// Object follows a JSON pointer (RFC 6901) to an object.
func Object(doc map[string]any, pointer string) (map[string]any, error) {
	var at any = doc
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch v := at.(type) {
		case map[string]any:
			at = v[part]
		case []any:
			var i int
			if _, err := fmt.Sscanf(part, "%d", &i); err != nil || i < 0 || i >= len(v) {
				return nil, fmt.Errorf("the specification has no %s", pointer)
			}
			at = v[i]
		}
	}
	m, ok := at.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the specification has no %s", pointer)
	}
	return m, nil
}
