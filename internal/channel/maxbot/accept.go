package maxbot

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net/http"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
)

// accountOrder is the lane of updates that belong to no chat.
const accountOrder = "account"

// Accept implements channel.Webhook. The secret of the subscription comes
// with every request; the body is not signed.
func (a *adapter) Accept(r channel.Request) ([]channel.Raw, channel.Reply, error) {
	given := r.Header["X-Max-Bot-Api-Secret"]
	if r.Method != http.MethodPost || a.settings.secret == "" || len(given) != 1 ||
		subtle.ConstantTimeCompare([]byte(given[0]), []byte(a.settings.secret)) != 1 {
		return nil, channel.Reply{}, fault.New(fault.Unauthenticated, "channel.bad_signature")
	}
	return split(r.Body), channel.Reply{}, nil
}

// split cuts what came into single updates. The platform sends one per
// request; a list, as a poll is answered, is understood too. What cannot be
// read is kept whole: Decode says what is wrong with it.
func split(body []byte) []channel.Raw {
	var list struct {
		Updates []json.RawMessage `json:"updates"`
	}
	if err := json.Unmarshal(body, &list); err != nil || len(list.Updates) == 0 {
		return []channel.Raw{single(body)}
	}
	out := make([]channel.Raw, 0, len(list.Updates))
	for _, raw := range list.Updates {
		out = append(out, single(raw))
	}
	return out
}

// single names an update. Only messages have an id; of anything else the
// bytes tell a delivery from its repetition.
func single(body []byte) channel.Raw {
	raw := channel.Raw{Key: fingerprint(body), Order: accountOrder, Body: body}
	u, err := decodeUpdate(body)
	if err != nil {
		return raw
	}
	if key := u.key(); key != "" {
		raw.Order = key
	}
	if u.Type == "message_created" && u.Message.v != nil {
		if mid := u.Message.v.Content.or().MID; mid != "" {
			raw.Key = "m:" + string(mid)
		}
	}
	return raw
}

func fingerprint(body []byte) string {
	sum := sha256.Sum256(body)
	return "h:" + hex.EncodeToString(sum[:16])
}
