package maxbot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// SpecFile is the specification's name within Config.Specs: the vendor's
// OpenAPI description, repaired so that it loads.
const SpecFile = "openapi.patched.json"

type m = map[string]any

// contract holds the compiled schemas that requests, answers and updates are
// checked against; a nil contract checks nothing.
type contract struct {
	schemas openapi3.Schemas
}

// loadContract reads the specification, makes its bases with a discriminator
// into real choices, applies the amendments and compiles the schemas.
func loadContract(folder string) (*contract, error) {
	raw, err := os.ReadFile(filepath.Join(folder, SpecFile))
	if err != nil {
		return nil, fmt.Errorf("max stand-in: read the specification: %w", err)
	}
	var doc struct {
		Components struct {
			Schemas map[string]m `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("max stand-in: parse the specification: %w", err)
	}
	schemas := doc.Components.Schemas
	if err := choose(schemas); err != nil {
		return nil, err
	}
	if err := amend(schemas); err != nil {
		return nil, err
	}
	small, err := json.Marshal(m{
		"openapi": "3.0.3", "info": m{"title": "MAX Bot API", "version": "0.0.32"},
		"paths": m{}, "components": m{"schemas": schemas},
	})
	if err != nil {
		return nil, fmt.Errorf("max stand-in: write the amended specification: %w", err)
	}
	loader := openapi3.NewLoader()
	loader.Context = context.Background()
	t, err := loader.LoadFromData(small)
	if err != nil {
		return nil, fmt.Errorf("max stand-in: compile the specification: %w", err)
	}
	return &contract{schemas: t.Components.Schemas}, nil
}

// choose rewrites each base schema that only names a discriminator, so that a
// value is checked against the kind it says it is: the base moves to
// NameBase, and Name becomes one of the kinds, with their tag fixed.
func choose(schemas map[string]m) error {
	bases := map[string]m{}
	for name, s := range schemas {
		if _, ok := s["discriminator"]; ok {
			bases[name] = s
		}
	}
	for name, base := range bases {
		disc, _ := base["discriminator"].(m)
		property, _ := disc["propertyName"].(string)
		mapping, _ := disc["mapping"].(m)
		if property == "" || len(mapping) == 0 {
			return fmt.Errorf("max stand-in: schema %s has no usable discriminator", name)
		}
		moved := m{}
		for k, v := range base {
			if k != "discriminator" {
				moved[k] = v
			}
		}
		schemas[name+"Base"] = moved
		var kinds []any
		for _, tag := range slices.Sorted(keys(mapping)) {
			ref, _ := mapping[tag].(string)
			child := schemas[strings.TrimPrefix(ref, "#/components/schemas/")]
			if child == nil {
				return fmt.Errorf("max stand-in: schema %s maps %s to nothing", name, tag)
			}
			retarget(child, name)
			child["properties"] = m{property: m{"type": "string", "enum": []any{tag}}}
			child["required"] = []any{property}
			kinds = append(kinds, m{"$ref": ref})
		}
		schemas[name] = m{"oneOf": kinds, "discriminator": m{"propertyName": property, "mapping": mapping}}
	}
	return nil
}

func keys(in m) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range in {
			if !yield(k) {
				return
			}
		}
	}
}

// retarget points a kind's allOf from the choice back to its base.
func retarget(child m, name string) {
	all, _ := child["allOf"].([]any)
	for _, part := range all {
		if p, ok := part.(m); ok && p["$ref"] == "#/components/schemas/"+name {
			p["$ref"] = "#/components/schemas/" + name + "Base"
		}
	}
}

// check validates a value against a schema by name. Null counts as absent, as
// the platform treats it.
func (c *contract) check(name string, value any) error {
	if c == nil || name == "" {
		return nil
	}
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return c.checkBytes(name, body)
}

// checkBytes validates JSON text against a schema by name.
func (c *contract) checkBytes(name string, body []byte) error {
	if c == nil {
		return nil
	}
	ref, ok := c.schemas[name]
	if !ok {
		return fmt.Errorf("no schema %s", name)
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return fmt.Errorf("%s: not JSON: %w", name, err)
	}
	if err := ref.Value.VisitJSON(withoutNulls(v), openapi3.MultiErrors()); err != nil {
		return fmt.Errorf("%s: %s", name, explain(err))
	}
	return nil
}

func withoutNulls(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(m, len(v))
		for k, x := range v {
			if x != nil {
				out[k] = withoutNulls(x)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = withoutNulls(x)
		}
		return out
	}
	return v
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

// CheckUpdate validates a raw update, to compare the schemas with recordings.
func (s *Server) CheckUpdate(raw []byte) error { return s.contract.checkBytes("Update", raw) }
