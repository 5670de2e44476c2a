package whatsapp

import (
	"maps"

	"github.com/okno-hq/okno/internal/standin/openapi"
)

// BSUIDPattern is the form of a business-scoped user id: country, optionally
// ENT for a parent id, and up to 128 letters and digits.
const BSUIDPattern = `^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`

type m = map[string]any

func text() m              { return m{"type": "string"} }
func enum(values ...any) m { return m{"type": "string", "enum": values} }
func bsuid() m             { return m{"type": "string", "pattern": BSUIDPattern} }

// amended applies every amendment: lenient ones let reality pass, strict ones
// add what the platform enforces but the schema does not say.
func amended(schemas map[string]any) error {
	for _, list := range [][]openapi.Amendment{lenient(), scopedIDs(), strict()} {
		if err := openapi.Amend(schemas, list); err != nil {
			return err
		}
	}
	maps.Copy(schemas, added())
	return nil
}

// lenient lists what the platform does although the schema forbids it.
func lenient() []openapi.Amendment {
	return []openapi.Amendment{
		{At: "/ContextObject", Drop: []string{"required"}, Cause: "a plain reply has no referred_product, a forwarded message neither from nor id"},
		{At: "/ContextObject/properties", Set: m{"forwarded": m{"type": "boolean"}, "frequently_forwarded": m{"type": "boolean"}}, Cause: "forwarded messages are marked"},
		{At: "/LocationMessage_1/allOf/1/properties/location", Set: m{"required": []any{"latitude", "longitude"}}, Cause: "a dropped pin has neither name nor address"},
		{At: "/InteractiveListReplyContent/properties/list_reply", Set: m{"required": []any{"id", "title"}}, Cause: "a row without a description is echoed without one"},
		{At: "/ReferralObject", Drop: []string{"required"}, Cause: "a referral from a post has no ctwa_clid"},
		{At: "/UnsupportedMessage/allOf/1/properties", Set: m{"unsupported": m{"type": "object", "properties": m{"type": text()}}}, Cause: "newer notifications name the unsupported type (edit, poll, pin)"},
		{At: "/Statuses/properties/status", Add: map[string][]any{"enum": {"played"}}, Cause: "voice messages report being played since March 2026"},
		{At: "/Statuses/properties", Set: m{"biz_opaque_callback_data": text()}, Cause: "opaque data of the send is echoed"},
		{At: "/Change/properties/field", Add: map[string][]any{"enum": {"user_id_update", "phone_number_quality_update", "account_alerts", "security"}}, Cause: "fields newer than the schema"},
		{At: "/Change/properties/value", Add: map[string][]any{"anyOf": {m{"$ref": "#/components/schemas/UserIDUpdateValue"}, m{"$ref": "#/components/schemas/TemplateStatusValue"}, m{"$ref": "#/components/schemas/EchoValue"}, m{"$ref": "#/components/schemas/CallsValue"}, m{"$ref": "#/components/schemas/ErrorsValue"}}}, Cause: "the schema knows the values of messages and groups only"},
		{At: "/BaseMessageProperties", Set: m{"required": []any{"messaging_product"}}, Cause: "recipient may stand instead of to; that one of them is there is checked by hand"},
		{At: "/TemplateComponent/properties/sub_type", Add: map[string][]any{"enum": {"copy_code", "flow"}}, Cause: "template buttons newer than the schema"},
		{At: "/ButtonComponent/allOf/1/properties/sub_type", Add: map[string][]any{"enum": {"copy_code", "flow"}}, Cause: "template buttons newer than the schema"},
		{At: "/ButtonParameterObject/properties/type", Add: map[string][]any{"enum": {"coupon_code", "action"}}, Cause: "parameters of those buttons"},
		{At: "/InteractiveObject/properties/type", Add: map[string][]any{"enum": {"cta_url", "location_request_message", "request_contact_info"}}, Cause: "interactive types newer than the schema"},
		{At: "/ActionObject", Add: map[string][]any{"oneOf": {
			m{"required": []any{"name", "parameters"}, "properties": m{"name": enum("cta_url"), "parameters": m{
				"type": "object", "required": []any{"display_text", "url"},
				"properties": m{"display_text": m{"type": "string", "minLength": 1, "maxLength": 20}, "url": m{"type": "string", "minLength": 1, "maxLength": 2000}},
			}}},
			m{"required": []any{"name"}, "properties": m{"name": enum("send_location", "request_contact_info")}},
		}}, Cause: "their actions"},
		{At: "/MessageTemplate/properties/status", Add: map[string][]any{"enum": {"PAUSED", "IN_APPEAL", "PENDING_DELETION"}}, Cause: "states the schema leaves out"},
	}
}

// scopedIDs lists what usernames and business-scoped user ids changed in 2026:
// https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
func scopedIDs() []openapi.Amendment {
	return []openapi.Amendment{
		{At: "/BaseMessageProperties/properties", Set: m{"recipient": bsuid(), "biz_opaque_callback_data": m{"type": "string", "maxLength": 512}}, Cause: "sending to a scoped id"},
		{At: "/BaseMessageProperties_1", Set: m{"required": []any{"id", "timestamp"}}, Cause: "from is left out for people with a username"},
		{At: "/BaseMessageProperties_1/properties", Set: m{"from_user_id": bsuid(), "from_parent_user_id": bsuid(), "group_id": text(), "origin": text()}, Cause: "scoped ids of the sender"},
		{At: "/ContactProfile/properties", Set: m{"user_id": bsuid(), "parent_user_id": bsuid()}, Cause: "scoped ids of the contact"},
		{At: "/ContactProfile/properties/profile", Set: m{"properties": m{"name": text(), "username": text()}}, Drop: []string{"required"}, Cause: "usernames"},
		{At: "/SystemMessage/allOf/1/properties/system/properties", Set: m{"type": enum("user_changed_number", "user_changed_user_id"), "user_id": bsuid()}, Cause: "a changed scoped id"},
		{At: "/Statuses", Set: m{"required": []any{"id", "status", "timestamp"}}, Cause: "recipient_id is left out for people with a username"},
		{At: "/Statuses/properties", Set: m{"recipient_user_id": bsuid()}, Cause: "scoped id of the recipient"},
		{At: "/StatusMessageValue/properties", Set: m{"contacts": m{"type": "array", "items": m{"$ref": "#/components/schemas/ContactProfile"}}}, Cause: "statuses other than failed carry the contact"},
		{At: "/MessageResponsePayload/properties/contacts/items/properties", Set: m{"user_id": bsuid()}, Cause: "the answer names the scoped id written to"},
		{At: "/ContactObject_1/properties", Set: m{"vcard": text()}, Cause: "a shared own number comes with a vCard"},
		{At: "/ContactObject_1/properties/name", Drop: []string{"required"}, Cause: "and without a name"},
	}
}

// strict lists what the platform enforces and the schema leaves open.
func strict() []openapi.Amendment {
	return []openapi.Amendment{
		{At: "/BaseMessageProperties/properties", Set: m{"messaging_product": enum("whatsapp"), "to": m{"type": "string", "minLength": 1}}, Cause: "the only product"},
		{At: "/TextMessage/allOf/1/properties/text", Set: m{"required": []any{"body"}}, Cause: "a text has a body"},
		{At: "/TextMessage/allOf/1/properties/text/properties/body", Set: m{"minLength": 1, "maxLength": 4096}, Cause: "limit of the text message reference"},
		{At: "/MediaObject/oneOf/0/properties", Set: m{"caption": m{"type": "string", "maxLength": 1024}, "filename": m{"type": "string", "maxLength": 240}, "voice": m{"type": "boolean"}}, Cause: "limits of the media message references"},
		{At: "/MediaObject/oneOf/1/properties", Set: m{"caption": m{"type": "string", "maxLength": 1024}, "filename": m{"type": "string", "maxLength": 240}, "voice": m{"type": "boolean"}}, Cause: "limits of the media message references"},
		{At: "/ReactionMessage/allOf/1/properties/reaction", Set: m{"required": []any{"message_id", "emoji"}}, Cause: "an empty emoji takes the reaction back"},
		{At: "/LocationMessage/allOf/1/properties/location", Set: m{"required": []any{"latitude", "longitude"}}, Cause: "a location is somewhere"},
		{At: "/ContactObject", Set: m{"required": []any{"name"}}, Cause: "a card has a name"},
		{At: "/NameObject", Set: m{"required": []any{"formatted_name"}}, Cause: "a card has a formatted name"},
		{At: "/MarkMessageRequestPayload/properties", Set: m{"status": enum("read"), "messaging_product": enum("whatsapp"), "typing_indicator": m{"type": "object", "required": []any{"type"}, "properties": m{"type": enum("text")}}}, Cause: "read receipts and typing"},
		{At: "/InteractiveMessageReply/allOf/1/properties/interactive", Set: m{"oneOf": []any{m{"$ref": "#/components/schemas/InteractiveListReplyContent"}, m{"$ref": "#/components/schemas/InteractiveButtonReplyContent"}}}, Drop: []string{"discriminator"}, Cause: "the reply is there"},
		{At: "/MessageResponsePayload", Set: m{"required": []any{"messaging_product", "contacts", "messages"}}, Cause: "an answer names the message"},
	}
}

// added are schemas for values that the specification does not describe,
// after the webhook references.
func added() map[string]any {
	meta := m{"$ref": "#/components/schemas/Metadata"}
	return map[string]any{
		"UserIDUpdateValue": m{"type": "object", "required": []any{"messaging_product", "user_id_update"}, "properties": m{
			"metadata": meta,
			"user_id_update": m{"type": "array", "items": m{"type": "object", "required": []any{"user_id", "timestamp"}, "properties": m{
				"wa_id": text(), "detail": text(), "timestamp": text(),
				"user_id": m{"type": "object", "required": []any{"previous", "current"}, "properties": m{"previous": bsuid(), "current": bsuid()}},
			}}},
		}},
		"TemplateStatusValue": m{"type": "object", "required": []any{"event", "message_template_id", "message_template_name", "message_template_language"}, "properties": m{
			"event": text(), "message_template_name": text(), "message_template_language": text(), "reason": m{"type": "string", "nullable": true},
		}},
		"EchoValue": m{"type": "object", "required": []any{"messaging_product", "metadata", "message_echoes"}, "properties": m{
			"metadata": meta,
			"message_echoes": m{"type": "array", "items": m{"type": "object", "required": []any{"from", "id", "timestamp", "type"}, "properties": m{
				"from": text(), "to": text(), "to_user_id": bsuid(), "id": text(), "timestamp": text(), "type": text(),
			}}},
		}},
		"CallsValue": m{"type": "object", "required": []any{"messaging_product", "metadata", "calls"}, "properties": m{
			"metadata": meta,
			"calls":    m{"type": "array", "items": m{"type": "object", "required": []any{"id", "event", "timestamp"}, "properties": m{"id": text(), "event": text(), "timestamp": text()}}},
		}},
		"ErrorsValue": m{"type": "object", "required": []any{"messaging_product", "metadata", "errors"}, "properties": m{
			"metadata": meta,
			"errors":   m{"type": "array", "items": m{"$ref": "#/components/schemas/ErrorObject_2"}},
		}},
	}
}
