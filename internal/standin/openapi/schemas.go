// Package openapi checks JSON against the schemas of a published OpenAPI
// description, amended where the description and the platform differ.
package openapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Schemas are compiled schemas by name; nil ones find nothing wrong.
type Schemas struct{ byName openapi3.Schemas }

// Read reads a description from a file.
func Read(path string, into any) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the specification: %w", err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("parse the specification: %w", err)
	}
	return nil
}

// Compile makes schemas ready for use. What they refer to must be among them.
func Compile(schemas map[string]any) (*Schemas, error) {
	doc, err := json.Marshal(map[string]any{
		"openapi":    "3.0.3",
		"info":       map[string]any{"title": "schemas", "version": "1"},
		"paths":      map[string]any{},
		"components": map[string]any{"schemas": schemas},
	})
	if err != nil {
		return nil, fmt.Errorf("write the amended specification: %w", err)
	}
	loader := openapi3.NewLoader()
	loader.Context = context.Background()
	t, err := loader.LoadFromData(doc)
	if err != nil {
		return nil, fmt.Errorf("compile the specification: %w", err)
	}
	return &Schemas{byName: t.Components.Schemas}, nil
}

// Check validates a value as json.Unmarshal gives it.
func (s *Schemas) Check(name string, value any) error {
	if s == nil {
		return nil
	}
	ref, ok := s.byName[name]
	if !ok {
		return fmt.Errorf("no schema %s", name)
	}
	if err := ref.Value.VisitJSON(value, openapi3.MultiErrors()); err != nil {
		return fmt.Errorf("%s: %s", name, explain(err))
	}
	return nil
}

// CheckJSON validates JSON text.
func (s *Schemas) CheckJSON(name string, body []byte) error {
	if s == nil {
		return nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return fmt.Errorf("%s: not JSON: %w", name, err)
	}
	return s.Check(name, v)
}

// explain shortens a validation error to where and why.
func explain(err error) string {
	if many, ok := errors.AsType[openapi3.MultiError](err); ok {
		var parts []string
		for _, e := range many {
			parts = append(parts, explain(e))
		}
		return strings.Join(parts, "; ")
	}
	if one, ok := errors.AsType[*openapi3.SchemaError](err); ok {
		where := "/" + strings.Join(one.JSONPointer(), "/")
		if one.Origin != nil && one.Origin.Error() != one.Error() {
			return where + ": " + one.Reason + " (" + explain(one.Origin) + ")"
		}
		return where + ": " + one.Reason
	}
	return err.Error()
}
