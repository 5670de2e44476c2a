package whatsapp

import "fmt"

// amendment changes one schema where the specification and the platform
// differ; the platform wins. Lenient ones let reality pass, strict ones add
// what the platform enforces but the schema does not say.
type amendment struct {
	at    string // JSON pointer within the schemas
	set   map[string]any
	drop  []string
	add   map[string][]any // appended to lists
	cause string
}

// BSUIDPattern is the form of a business-scoped user id: country, optionally
// ENT for a parent id, and up to 128 letters and digits.
const BSUIDPattern = `^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`

type m = map[string]any

func text() m              { return m{"type": "string"} }
func enum(values ...any) m { return m{"type": "string", "enum": values} }
func bsuid() m             { return m{"type": "string", "pattern": BSUIDPattern} }

// amend applies every amendment and fails when the specification no longer
// has the place, so that a new version of it is looked at by a person.
func amend(schemas map[string]any) error {
	for _, list := range [][]amendment{lenient(), scopedIDs(), strict()} {
		for _, a := range list {
			target, err := object(schemas, a.at)
			if err != nil {
				return fmt.Errorf("%w (amendment: %s)", err, a.cause)
			}
			for _, key := range a.drop {
				delete(target, key)
			}
			for key, value := range a.set {
				target[key] = value
			}
			for key, values := range a.add {
				old, _ := target[key].([]any)
				target[key] = append(append([]any{}, old...), values...)
			}
		}
	}
	for name, schema := range added() {
		schemas[name] = schema
	}
	return nil
}

// lenient lists what the platform does although the schema forbids it.
func lenient() []amendment {
	return []amendment{
		{at: "/ContextObject", drop: []string{"required"}, cause: "a plain reply has no referred_product, a forwarded message neither from nor id"},
		{at: "/ContextObject/properties", set: m{"forwarded": m{"type": "boolean"}, "frequently_forwarded": m{"type": "boolean"}}, cause: "forwarded messages are marked"},
		{at: "/LocationMessage_1/allOf/1/properties/location", set: m{"required": []any{"latitude", "longitude"}}, cause: "a dropped pin has neither name nor address"},
		{at: "/InteractiveListReplyContent/properties/list_reply", set: m{"required": []any{"id", "title"}}, cause: "a row without a description is echoed without one"},
		{at: "/ReferralObject", drop: []string{"required"}, cause: "a referral from a post has no ctwa_clid"},
		{at: "/UnsupportedMessage/allOf/1/properties", set: m{"unsupported": m{"type": "object", "properties": m{"type": text()}}}, cause: "newer notifications name the unsupported type (edit, poll, pin)"},
		{at: "/Statuses/properties/status", add: map[string][]any{"enum": {"played"}}, cause: "voice messages report being played since March 2026"},
		{at: "/Statuses/properties", set: m{"biz_opaque_callback_data": text()}, cause: "opaque data of the send is echoed"},
		{at: "/Change/properties/field", add: map[string][]any{"enum": {"user_id_update", "phone_number_quality_update", "account_alerts", "security"}}, cause: "fields newer than the schema"},
		{at: "/Change/properties/value", add: map[string][]any{"anyOf": {m{"$ref": "#/components/schemas/UserIDUpdateValue"}, m{"$ref": "#/components/schemas/TemplateStatusValue"}, m{"$ref": "#/components/schemas/EchoValue"}, m{"$ref": "#/components/schemas/CallsValue"}, m{"$ref": "#/components/schemas/ErrorsValue"}}}, cause: "the schema knows the values of messages and groups only"},
		{at: "/BaseMessageProperties", set: m{"required": []any{"messaging_product"}}, cause: "recipient may stand instead of to; that one of them is there is checked by hand"},
		{at: "/TemplateComponent/properties/sub_type", add: map[string][]any{"enum": {"copy_code", "flow"}}, cause: "template buttons newer than the schema"},
		{at: "/ButtonComponent/allOf/1/properties/sub_type", add: map[string][]any{"enum": {"copy_code", "flow"}}, cause: "template buttons newer than the schema"},
		{at: "/ButtonParameterObject/properties/type", add: map[string][]any{"enum": {"coupon_code", "action"}}, cause: "parameters of those buttons"},
		{at: "/InteractiveObject/properties/type", add: map[string][]any{"enum": {"cta_url", "location_request_message", "request_contact_info"}}, cause: "interactive types newer than the schema"},
		{at: "/ActionObject", add: map[string][]any{"oneOf": {
			m{"required": []any{"name", "parameters"}, "properties": m{"name": enum("cta_url"), "parameters": m{
				"type": "object", "required": []any{"display_text", "url"},
				"properties": m{"display_text": m{"type": "string", "minLength": 1, "maxLength": 20}, "url": m{"type": "string", "minLength": 1, "maxLength": 2000}},
			}}},
			m{"required": []any{"name"}, "properties": m{"name": enum("send_location", "request_contact_info")}},
		}}, cause: "their actions"},
		{at: "/MessageTemplate/properties/status", add: map[string][]any{"enum": {"PAUSED", "IN_APPEAL", "PENDING_DELETION"}}, cause: "states the schema leaves out"},
	}
}

// scopedIDs lists what usernames and business-scoped user ids changed in 2026:
// https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
func scopedIDs() []amendment {
	return []amendment{
		{at: "/BaseMessageProperties/properties", set: m{"recipient": bsuid(), "biz_opaque_callback_data": m{"type": "string", "maxLength": 512}}, cause: "sending to a scoped id"},
		{at: "/BaseMessageProperties_1", set: m{"required": []any{"id", "timestamp"}}, cause: "from is left out for people with a username"},
		{at: "/BaseMessageProperties_1/properties", set: m{"from_user_id": bsuid(), "from_parent_user_id": bsuid(), "group_id": text(), "origin": text()}, cause: "scoped ids of the sender"},
		{at: "/ContactProfile/properties", set: m{"user_id": bsuid(), "parent_user_id": bsuid()}, cause: "scoped ids of the contact"},
		{at: "/ContactProfile/properties/profile", set: m{"properties": m{"name": text(), "username": text()}}, drop: []string{"required"}, cause: "usernames"},
		{at: "/SystemMessage/allOf/1/properties/system/properties", set: m{"type": enum("user_changed_number", "user_changed_user_id"), "user_id": bsuid()}, cause: "a changed scoped id"},
		{at: "/Statuses", set: m{"required": []any{"id", "status", "timestamp"}}, cause: "recipient_id is left out for people with a username"},
		{at: "/Statuses/properties", set: m{"recipient_user_id": bsuid()}, cause: "scoped id of the recipient"},
		{at: "/StatusMessageValue/properties", set: m{"contacts": m{"type": "array", "items": m{"$ref": "#/components/schemas/ContactProfile"}}}, cause: "statuses other than failed carry the contact"},
		{at: "/MessageResponsePayload/properties/contacts/items/properties", set: m{"user_id": bsuid()}, cause: "the answer names the scoped id written to"},
		{at: "/ContactObject_1/properties", set: m{"vcard": text()}, cause: "a shared own number comes with a vCard"},
		{at: "/ContactObject_1/properties/name", drop: []string{"required"}, cause: "and without a name"},
	}
}

// strict lists what the platform enforces and the schema leaves open.
func strict() []amendment {
	return []amendment{
		{at: "/BaseMessageProperties/properties", set: m{"messaging_product": enum("whatsapp"), "to": m{"type": "string", "minLength": 1}}, cause: "the only product"},
		{at: "/TextMessage/allOf/1/properties/text", set: m{"required": []any{"body"}}, cause: "a text has a body"},
		{at: "/TextMessage/allOf/1/properties/text/properties/body", set: m{"minLength": 1, "maxLength": 4096}, cause: "limit of the text message reference"},
		{at: "/MediaObject/oneOf/0/properties", set: m{"caption": m{"type": "string", "maxLength": 1024}, "filename": m{"type": "string", "maxLength": 240}, "voice": m{"type": "boolean"}}, cause: "limits of the media message references"},
		{at: "/MediaObject/oneOf/1/properties", set: m{"caption": m{"type": "string", "maxLength": 1024}, "filename": m{"type": "string", "maxLength": 240}, "voice": m{"type": "boolean"}}, cause: "limits of the media message references"},
		{at: "/ReactionMessage/allOf/1/properties/reaction", set: m{"required": []any{"message_id", "emoji"}}, cause: "an empty emoji takes the reaction back"},
		{at: "/LocationMessage/allOf/1/properties/location", set: m{"required": []any{"latitude", "longitude"}}, cause: "a location is somewhere"},
		{at: "/ContactObject", set: m{"required": []any{"name"}}, cause: "a card has a name"},
		{at: "/NameObject", set: m{"required": []any{"formatted_name"}}, cause: "a card has a formatted name"},
		{at: "/MarkMessageRequestPayload/properties", set: m{"status": enum("read"), "messaging_product": enum("whatsapp"), "typing_indicator": m{"type": "object", "required": []any{"type"}, "properties": m{"type": enum("text")}}}, cause: "read receipts and typing"},
		{at: "/InteractiveMessageReply/allOf/1/properties/interactive", set: m{"oneOf": []any{m{"$ref": "#/components/schemas/InteractiveListReplyContent"}, m{"$ref": "#/components/schemas/InteractiveButtonReplyContent"}}}, drop: []string{"discriminator"}, cause: "the reply is there"},
		{at: "/MessageResponsePayload", set: m{"required": []any{"messaging_product", "contacts", "messages"}}, cause: "an answer names the message"},
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
