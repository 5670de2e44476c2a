package whatsapp

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
)

// maxChallenge bounds what the handshake echoes; the platform's are ten digits.
const maxChallenge = 256

// accountOrder is the lane of updates that belong to no chat.
const accountOrder = "account"

// Accept implements channel.Webhook: the verification handshake, and
// notifications, which are split so that each message and each status is one
// raw update in the platform's own format.
func (a *adapter) Accept(r channel.Request) ([]channel.Raw, channel.Reply, error) {
	if r.Method == http.MethodGet {
		reply, err := a.handshake(r)
		return nil, reply, err
	}
	if !a.signed(r) {
		return nil, channel.Reply{}, fault.New(fault.Unauthenticated, "channel.bad_signature")
	}
	return split(r.Body), channel.Reply{}, nil
}

// handshake answers the platform's proof that the address is ours:
// https://developers.facebook.com/docs/graph-api/webhooks/getting-started
func (a *adapter) handshake(r channel.Request) (channel.Reply, error) {
	get := func(name string) string {
		if v := r.Query[name]; len(v) > 0 {
			return v[0]
		}
		return ""
	}
	known := 0
	for _, token := range a.settings.verifyTokens {
		known |= subtle.ConstantTimeCompare([]byte(get("hub.verify_token")), []byte(token))
	}
	challenge := get("hub.challenge")
	if known != 1 || get("hub.mode") != "subscribe" || challenge == "" || len(challenge) > maxChallenge {
		return channel.Reply{}, fault.New(fault.Unauthenticated, "channel.bad_verify_token")
	}
	return channel.Reply{Status: http.StatusOK, ContentType: "text/plain", Body: []byte(challenge)}, nil
}

// signed checks X-Hub-Signature-256 over the exact bytes: JSON written anew
// has other escapes and another signature.
func (a *adapter) signed(r channel.Request) bool {
	header := r.Header["X-Hub-Signature-256"]
	if len(header) != 1 {
		return false
	}
	given, err := hex.DecodeString(strings.TrimPrefix(header[0], "sha256="))
	if err != nil || !strings.HasPrefix(header[0], "sha256=") {
		return false
	}
	mac := hmac.New(sha256.New, []byte(a.settings.appSecret))
	mac.Write(r.Body)
	return hmac.Equal(given, mac.Sum(nil))
}

// lists are the parts of a change that hold several independent things.
func lists() []string {
	return []string{"messages", "statuses", "message_echoes", "user_id_update", "calls", "errors", "groups"}
}

// split cuts a notification into self-contained ones with one thing each.
// What it cannot read is kept whole: Decode says what is wrong with it.
func split(body []byte) []channel.Raw {
	var in envelope
	if err := lenient(body, &in); err != nil || in.Object != objectName || len(in.Entry) == 0 {
		return []channel.Raw{{Key: fingerprint(body), Order: accountOrder, Body: body}}
	}
	var out []channel.Raw
	for _, e := range in.Entry {
		for _, c := range e.Changes {
			out = append(out, splitChange(e.ID, c)...)
		}
	}
	if len(out) == 0 {
		return []channel.Raw{{Key: fingerprint(body), Order: accountOrder, Body: body}}
	}
	return out
}

func splitChange(account string, c change) []channel.Raw {
	var parts map[string]json.RawMessage
	var out []channel.Raw
	if json.Unmarshal(c.Value, &parts) == nil {
		for _, list := range lists() {
			var items []json.RawMessage
			if raw, ok := parts[list]; !ok || json.Unmarshal(raw, &items) != nil {
				continue
			}
			for _, item := range items {
				out = append(out, single(account, c.Field, parts, list, item))
			}
		}
	}
	if len(out) == 0 { // a change about the account, or an unknown form
		body := wrap(account, c.Field, c.Value)
		out = append(out, channel.Raw{Key: fingerprint(body), Order: accountOrder, Body: body})
	}
	return out
}

// single wraps one item with what it needs to be understood alone.
func single(account, field string, parts map[string]json.RawMessage, list string, item json.RawMessage) channel.Raw {
	var ids ids
	_ = json.Unmarshal(item, &ids) // an item without ids is known by its fingerprint
	contacts := ids.pick(parts["contacts"])
	value := map[string]json.RawMessage{list: append(append(json.RawMessage("["), item...), ']')}
	for _, keep := range []string{"messaging_product", "metadata"} {
		if raw, ok := parts[keep]; ok {
			value[keep] = raw
		}
	}
	if contacts != nil {
		value["contacts"] = contacts
	}
	raw := channel.Raw{Order: accountOrder}
	if key := ids.chat(contacts); key != "" {
		raw.Order = key
	}
	packed, err := json.Marshal(value)
	if err != nil { // raw parts of valid JSON always marshal
		packed = item
	}
	raw.Body = wrap(account, field, packed)
	switch {
	case ids.ID != "" && (list == "messages" || list == "message_echoes"):
		raw.Key = "m:" + string(ids.ID)
	case ids.ID != "" && list == "statuses":
		raw.Key = "s:" + string(ids.ID) + ":" + string(ids.Status)
		if ids.GroupID != "" { // in a group each member has a status
			raw.Key += ":" + string(ids.RecipientUserID) + string(ids.RecipientID)
		}
	default:
		raw.Key = fingerprint(raw.Body)
	}
	return raw
}

func wrap(account, field string, value json.RawMessage) []byte {
	body, err := json.Marshal(envelope{Object: objectName, Entry: []entry{{ID: account, Changes: []change{{Field: field, Value: value}}}}})
	if err != nil {
		return value
	}
	return body
}

// fingerprint keys what has no id of its own; a redelivery has the same bytes.
func fingerprint(body []byte) string {
	sum := sha256.Sum256(body)
	return "h:" + hex.EncodeToString(sum[:16])
}
