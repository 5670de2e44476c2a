package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/id"
)

const (
	secretPrefix = "whsec_"
	secretBytes  = 32
	// rotation is how long messages are signed with the former secret too.
	rotation = 24 * time.Hour
)

// secrets sign messages. They are stored sealed.
type secrets struct {
	Current string `json:"current"`
	// Former is the secret before the last rotation, good until a time in
	// Unix seconds.
	Former string `json:"former,omitempty"`
	Until  int64  `json:"until,omitempty"`
}

func newSecret() string {
	b := make([]byte, secretBytes)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	return secretPrefix + base64.StdEncoding.EncodeToString(b)
}

func (s secrets) rotated(now time.Time) secrets {
	return secrets{Current: newSecret(), Former: s.Current, Until: now.Add(rotation).Unix()}
}

func (s *Service) seal(w *Webhook, v secrets) error {
	plain, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("webhook: secrets: %w", err)
	}
	w.Sealed, err = s.d.Sealer.Seal(plain, id.Format(w.ID))
	return err
}

func (s *Service) open(w Webhook) (secrets, error) {
	var v secrets
	plain, err := s.d.Sealer.Open(w.Sealed, id.Format(w.ID))
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal(plain, &v); err != nil {
		return v, fmt.Errorf("webhook: secrets of %d are malformed", w.ID)
	}
	return v, nil
}

// Headers of Standard Webhooks.
const (
	headerID        = "Webhook-Id"
	headerTimestamp = "Webhook-Timestamp"
	headerSignature = "Webhook-Signature"
)

// sign sets the headers that let the receiver check where a message is from.
func (s secrets) sign(h http.Header, message string, now time.Time, body []byte) error {
	stamp := strconv.FormatInt(now.Unix(), 10)
	all := []string{s.Current}
	if s.Former != "" && now.Unix() < s.Until {
		all = append(all, s.Former)
	}
	signatures := make([]string, len(all))
	for i, secret := range all {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
		if err != nil {
			return fmt.Errorf("webhook: a secret is malformed")
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(message + "." + stamp + "."))
		mac.Write(body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	h.Set(headerID, message)
	h.Set(headerTimestamp, stamp)
	h.Set(headerSignature, strings.Join(signatures, " "))
	return nil
}
