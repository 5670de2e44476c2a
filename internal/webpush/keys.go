package webpush

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// factKeys is where the installation keeps the pair, sealed.
const factKeys = "webpush.vapid"

// keys are the installation's VAPID pair, in base64url. Devices subscribe for
// one pair: another would make all subscriptions useless.
type keys struct {
	Private string `json:"private"`
	Public  string `json:"public"`
}

// load returns the pair, and makes it on first use. Of several processes that
// do so at once one wins.
func (p *Pusher) load(ctx context.Context) (keys, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.keys != nil {
		return *p.keys, nil
	}
	sealed, err := p.cfg.Installation.Fact(ctx, factKeys)
	if err != nil {
		return keys{}, err
	}
	if sealed == nil {
		if sealed, err = p.make(ctx); err != nil {
			return keys{}, err
		}
	}
	plain, err := p.cfg.Sealer.Open(sealed, factKeys)
	if err != nil {
		return keys{}, err
	}
	var k keys
	if err := json.Unmarshal(plain, &k); err != nil {
		return keys{}, fmt.Errorf("webpush: the key pair is malformed")
	}
	p.keys = &k
	return k, nil
}

func (p *Pusher) make(ctx context.Context) ([]byte, error) {
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("webpush: key pair: %w", err)
	}
	plain, err := json.Marshal(keys{
		Private: base64.RawURLEncoding.EncodeToString(private.Bytes()),
		Public:  base64.RawURLEncoding.EncodeToString(private.PublicKey().Bytes()),
	})
	if err != nil {
		return nil, fmt.Errorf("webpush: key pair: %w", err)
	}
	sealed, err := p.cfg.Sealer.Seal(plain, factKeys)
	if err != nil {
		return nil, err
	}
	return p.cfg.Installation.KeepFact(ctx, factKeys, sealed)
}
