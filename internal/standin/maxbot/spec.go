package maxbot

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/okno-hq/okno/internal/standin/openapi"
)

// SpecFile is the specification's name within Config.Specs: the vendor's
// OpenAPI description, repaired so that it loads.
const SpecFile = "openapi.patched.json"

type m = map[string]any

// contract holds the compiled schemas that requests, answers and updates are
// checked against; a nil contract checks nothing.
type contract struct{ schemas *openapi.Schemas }

// loadContract reads the specification, makes its bases with a discriminator
// into real choices, applies the amendments and compiles the schemas.
func loadContract(folder string) (*contract, error) {
	compiled, err := contracts.Load(folder, compile)
	return &contract{schemas: compiled}, err
}

// contracts are those loaded already.
var contracts openapi.Memo

func compile(folder string) (*openapi.Schemas, error) {
	var doc m
	if err := openapi.Read(filepath.Join(folder, SpecFile), &doc); err != nil {
		return nil, err
	}
	schemas, err := openapi.Object(doc, "/components/schemas")
	if err != nil {
		return nil, err
	}
	if err := choose(schemas); err != nil {
		return nil, err
	}
	if err := openapi.Amend(schemas, amendments()); err != nil {
		return nil, err
	}
	return openapi.Compile(schemas)
}

// choose rewrites each base schema that only names a discriminator, so that a
// value is checked against the kind it says it is: the base moves to
// NameBase, and Name becomes one of the kinds, with their tag fixed.
func choose(schemas m) error {
	bases := map[string]m{}
	for name, s := range schemas {
		if s, ok := s.(m); ok && s["discriminator"] != nil {
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
		for _, tag := range slices.Sorted(maps.Keys(mapping)) {
			ref, _ := mapping[tag].(string)
			child, _ := schemas[strings.TrimPrefix(ref, "#/components/schemas/")].(m)
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
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return fmt.Errorf("%s: not JSON: %w", name, err)
	}
	return c.schemas.Check(name, withoutNulls(v))
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

// CheckUpdate validates a raw update, to compare the schemas with recordings.
func (s *Server) CheckUpdate(raw []byte) error { return s.contract.checkBytes("Update", raw) }
