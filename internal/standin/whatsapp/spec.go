package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// SpecFile is the specification's name within Config.Specs: Meta's OpenAPI
// description of the Cloud API, repaired so that its own examples validate.
const SpecFile = "business-messaging-api_v23.0.patched.json"

// contract holds the compiled schemas that requests, answers and webhooks are
// checked against; a nil contract checks nothing.
type contract struct {
	schemas openapi3.Schemas
}

// inline names the schemas that the specification writes inside its paths, so
// that they can be used by name like the others.
func inline() map[string]string {
	return map[string]string{
		"MediaInfo":     "/paths/~1{Version}~1{Media-ID}/get/responses/200/content/application~1json/schema",
		"MediaDeleted":  "/paths/~1{Version}~1{Media-ID}/delete/responses/200/content/application~1json/schema",
		"MediaUploaded": "/paths/~1{Version}~1{Phone-Number-ID}~1media/post/responses/200/content/application~1json/schema",
		"TemplateList":  "/paths/~1{Version}~1{WABA-ID}~1message_templates/get/responses/200/content/application~1json/schema",
		"TemplateNew":   "/paths/~1{Version}~1{WABA-ID}~1message_templates/post/requestBody/content/application~1json/schema",
		"TemplateMade":  "/paths/~1{Version}~1{WABA-ID}~1message_templates/post/responses/200/content/application~1json/schema",
	}
}

// loadContract reads the specification, applies the amendments and compiles
// the schemas. Only the schemas are kept: the paths contradict each other
// (/{Version}/{Flow-ID} against /{Version}/{Business-ID}), so requests are
// routed by hand.
func loadContract(folder string) (*contract, error) {
	raw, err := os.ReadFile(filepath.Join(folder, SpecFile))
	if err != nil {
		return nil, fmt.Errorf("whatsapp stand-in: read the specification: %w", err)
	}
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("whatsapp stand-in: parse the specification: %w", err)
	}
	schemas, err := object(doc, "/components/schemas")
	if err != nil {
		return nil, err
	}
	for name, pointer := range inline() {
		if schemas[name], err = object(doc, pointer); err != nil {
			return nil, err
		}
	}
	if err := amend(schemas); err != nil {
		return nil, err
	}
	small, err := json.Marshal(map[string]any{
		"openapi":    "3.0.3",
		"info":       map[string]any{"title": "WhatsApp Cloud API", "version": "23.0"},
		"paths":      map[string]any{},
		"components": map[string]any{"schemas": reachable(schemas)},
	})
	if err != nil {
		return nil, fmt.Errorf("whatsapp stand-in: write the amended specification: %w", err)
	}
	loader := openapi3.NewLoader()
	loader.Context = context.Background()
	t, err := loader.LoadFromData(small)
	if err != nil {
		return nil, fmt.Errorf("whatsapp stand-in: compile the specification: %w", err)
	}
	return &contract{schemas: t.Components.Schemas}, nil
}

// reachable keeps the schemas that are used and what they refer to: compiling
// the other three hundred would take most of the time.
func reachable(schemas map[string]any) map[string]any {
	kept := map[string]any{}
	var walk func(any)
	keep := func(name string) {
		if schema, ok := schemas[name]; ok && kept[name] == nil {
			kept[name] = schema
			walk(schema)
		}
	}
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, x := range v {
				walk(x)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		case string: // $ref and discriminator mappings
			if name, ok := strings.CutPrefix(v, "#/components/schemas/"); ok {
				keep(name)
			}
		}
	}
	for _, name := range []string{
		"WebhookPayload", "Message", "MarkMessageRequestPayload", "MarkMessageResponsePayload", "MessageResponsePayload", "GraphAPIError",
		"PhoneNumberInfo", "PhoneNumberStatusUpdateRequest", "SubscribedAppsResponse", "SubscriptionRequest", "SubscriptionResponse", "SuccessResponse",
		"HeaderComponent", "BodyComponent", "ButtonComponent", "TextParameter", "CurrencyParameter", "DateTimeParameter", "ImageParameter",
		"VideoParameter", "DocumentParameter", "ButtonPayloadParameter", "ButtonTextParameter",
	} {
		keep(name)
	}
	for name := range inline() {
		keep(name)
	}
	return kept
}

// object follows a JSON pointer (RFC 6901) to an object.
func object(doc map[string]any, pointer string) (map[string]any, error) {
	var at any = doc
	for _, part := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch v := at.(type) {
		case map[string]any:
			at = v[part]
		case []any:
			var i int
			if _, err := fmt.Sscanf(part, "%d", &i); err != nil || i < 0 || i >= len(v) {
				return nil, fmt.Errorf("whatsapp stand-in: the specification has no %s", pointer)
			}
			at = v[i]
		}
	}
	m, ok := at.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("whatsapp stand-in: the specification has no %s", pointer)
	}
	return m, nil
}

// check validates a decoded JSON value against a schema by name.
func (c *contract) check(name string, value any) error {
	if c == nil {
		return nil
	}
	ref, ok := c.schemas[name]
	if !ok {
		return fmt.Errorf("no schema %s", name)
	}
	err := ref.Value.VisitJSON(value, openapi3.MultiErrors())
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %s", name, explain(err))
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
	return c.check(name, v)
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
