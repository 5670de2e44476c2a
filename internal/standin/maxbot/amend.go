package maxbot

import "github.com/okno-hq/okno/internal/standin/openapi"

// amendments are where the platform differs from its specification.
func amendments() []openapi.Amendment {
	return []openapi.Amendment{
		{At: "/Message", Set: m{"required": []any{"recipient", "timestamp"}}, Cause: "the body is null where a message only forwards another"},
		{At: "/VideoAttachment/allOf/1/properties/thumbnail", Drop: []string{"type"}, Cause: "a thumbnail is an object, not a string"},
		{At: "/NewMessageBody", Set: m{"type": "object"}, Cause: "a body is an object"},
		{At: "/SubscriptionRequestBody", Set: m{"type": "object"}, Cause: "a body is an object"},
		{At: "/ActionRequestBody", Set: m{"type": "object"}, Cause: "a body is an object"},
		{At: "/CallbackAnswer", Set: m{"type": "object"}, Cause: "a body is an object"},
		{At: "/NewMessageBody/properties/attachments", Set: m{"maxItems": 13}, Cause: "at most twelve files and a keyboard"},
		{At: "/UploadedInfo", Set: m{"required": []any{"token"}}, Cause: "a file is named by its token"},
		{At: "/ChatAdminPermission", Drop: []string{"enum"}, Cause: "the platform knows more permissions than the list"},
	}
}
