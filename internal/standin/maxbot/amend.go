package maxbot

import "fmt"

// amendment changes one schema where the specification and the platform
// differ; the platform wins.
type amendment struct {
	schema string
	path   []string // of keys and list positions within the schema
	set    m
	drop   []string
	cause  string
}

func amendments() []amendment {
	return []amendment{
		{schema: "Message", set: m{"required": []any{"recipient", "timestamp"}}, cause: "the body is null where a message only forwards another"},
		{schema: "VideoAttachment", path: []string{"allOf", "1", "properties", "thumbnail"}, drop: []string{"type"}, cause: "a thumbnail is an object, not a string"},
		{schema: "NewMessageBody", set: m{"type": "object"}, cause: "a body is an object"},
		{schema: "SubscriptionRequestBody", set: m{"type": "object"}, cause: "a body is an object"},
		{schema: "ActionRequestBody", set: m{"type": "object"}, cause: "a body is an object"},
		{schema: "CallbackAnswer", set: m{"type": "object"}, cause: "a body is an object"},
		{schema: "NewMessageBody", path: []string{"properties", "attachments"}, set: m{"maxItems": 13}, cause: "at most twelve files and a keyboard"},
		{schema: "UploadedInfo", set: m{"required": []any{"token"}}, cause: "a file is named by its token"},
		{schema: "ChatAdminPermission", drop: []string{"enum"}, cause: "the platform knows more permissions than the list"},
	}
}

// amend applies the amendments and fails when the specification no longer has
// the place, so that a new version of it is looked at by a person.
func amend(schemas map[string]m) error {
	for _, a := range amendments() {
		target, err := walk(schemas[a.schema], a.path)
		if err != nil {
			return fmt.Errorf("max stand-in: %s: %w (amendment: %s)", a.schema, err, a.cause)
		}
		for _, key := range a.drop {
			delete(target, key)
		}
		for key, value := range a.set {
			target[key] = value
		}
	}
	return nil
}

func walk(at any, path []string) (m, error) {
	for _, part := range path {
		switch v := at.(type) {
		case m:
			at = v[part]
		case []any:
			var i int
			if _, err := fmt.Sscanf(part, "%d", &i); err != nil || i < 0 || i >= len(v) {
				return nil, fmt.Errorf("no element %s", part)
			}
			at = v[i]
		default:
			return nil, fmt.Errorf("nothing at %s", part)
		}
	}
	out, ok := at.(m)
	if !ok || out == nil {
		return nil, fmt.Errorf("no such place")
	}
	return out, nil
}
