package whatsapp

import (
	"path/filepath"
	"strings"

	"github.com/okno-hq/okno/internal/standin/openapi"
)

// SpecFile is the specification's name within Config.Specs: Meta's OpenAPI
// description of the Cloud API, repaired so that its own examples validate.
const SpecFile = "business-messaging-api_v23.0.patched.json"

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
func loadContract(folder string) (*openapi.Schemas, error) { return contracts.Load(folder, compile) }

// contracts are those loaded already.
var contracts openapi.Memo

func compile(folder string) (*openapi.Schemas, error) {
	var doc map[string]any
	if err := openapi.Read(filepath.Join(folder, SpecFile), &doc); err != nil {
		return nil, err
	}
	schemas, err := openapi.Object(doc, "/components/schemas")
	if err != nil {
		return nil, err
	}
	for name, pointer := range inline() {
		if schemas[name], err = openapi.Object(doc, pointer); err != nil {
			return nil, err
		}
	}
	if err := amended(schemas); err != nil {
		return nil, err
	}
	return openapi.Compile(reachable(schemas))
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
