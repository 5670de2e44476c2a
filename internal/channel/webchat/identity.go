package webchat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/fault"
)

// identityRequest is how a site says who its logged-in user is; either a JWT
// (RFC 7519, HS256) with sub, exp and optionally name, phone and email, or a
// user id with its expiry (Unix seconds) and Hash, the lower-case hex
// HMAC-SHA256 of "<user_id>.<exp>". Both are keyed by the channel's
// identity_secret. What comes beside the hash is not signed.
type identityRequest struct {
	JWT    string `json:"jwt,omitempty"`
	UserID string `json:"user_id,omitempty"`
	Exp    int64  `json:"exp,omitempty"`
	Hash   string `json:"hash,omitempty"`
}

// identity is who the site says the visitor is.
type identity struct {
	userID  string
	profile visitor.Profile
}

// Bounds of a signed identity.
const (
	maxJWT    = 4096
	maxUserID = 128
	// clockSkew forgives a site's clock that is a little off.
	clockSkew = time.Minute
)

// verify proves an identity. Whatever is wrong with it is
// fault.Unauthenticated, without saying what, except for its lapse, which an
// honest site can mend.
func (q identityRequest) verify(secret string, now time.Time) (identity, error) {
	bad := fault.New(fault.Unauthenticated, "widget.identity_invalid")
	if secret == "" {
		return identity{}, fault.New(fault.Denied, "widget.identity_off")
	}
	var id identity
	if q.JWT != "" {
		var claims struct {
			Name  string `json:"name"`
			Phone string `json:"phone"`
			Email string `json:"email"`
			jwt.RegisteredClaims
		}
		if len(q.JWT) > maxJWT {
			return identity{}, bad
		}
		_, err := jwt.ParseWithClaims(q.JWT, &claims, func(*jwt.Token) (any, error) { return []byte(secret), nil },
			jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithLeeway(clockSkew),
			jwt.WithTimeFunc(func() time.Time { return now }))
		if err != nil {
			if errors.Is(err, jwt.ErrTokenExpired) {
				return identity{}, fault.New(fault.Unauthenticated, "widget.identity_expired")
			}
			return identity{}, bad.Because(err)
		}
		id.userID = claims.Subject
		if id.profile, err = cleanProfile(visitor.Profile{Name: claims.Name, Phone: claims.Phone, Email: claims.Email}); err != nil {
			return identity{}, err
		}
	} else {
		given, err := hex.DecodeString(q.Hash)
		if err != nil {
			return identity{}, bad
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(q.UserID + "." + strconv.FormatInt(q.Exp, 10)))
		if !hmac.Equal(given, mac.Sum(nil)) {
			return identity{}, bad
		}
		if now.After(time.Unix(q.Exp, 0).Add(clockSkew)) {
			return identity{}, fault.New(fault.Unauthenticated, "widget.identity_expired")
		}
		id.userID = q.UserID
	}
	if id.userID == "" || len(id.userID) > maxUserID || line(id.userID) != id.userID {
		return identity{}, bad
	}
	return id, nil
}
