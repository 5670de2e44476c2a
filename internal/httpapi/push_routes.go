package httpapi

import (
	"context"
	"net/http"

	"github.com/okno-hq/okno/internal/access"
)

type pushKey struct {
	Key string `json:"key"`
}

type pushRequest struct {
	Endpoint string `json:"endpoint" maxLength:"2000"`
	Keys     struct {
		P256dh string `json:"p256dh"`
		Auth   string `json:"auth"`
	} `json:"keys"`
}

type pushGone struct {
	Endpoint string `json:"endpoint"`
}

func (s *Server) pushRoutes() {
	if s.d.Push == nil {
		return
	}
	handle(s, route{method: "GET", path: "/push/key", name: "getPushKey", tag: "Session", summary: "The key that browsers subscribe to push with"},
		func(ctx context.Context, _ access.Actor, _ *none) (*body[pushKey], error) {
			key, err := s.d.Push.PublicKey(ctx)
			return &body[pushKey]{pushKey{key}}, err
		})
	handle(s, route{method: "POST", path: "/push/subscriptions", name: "subscribePush", tag: "Session", summary: "Notify this device", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *body[pushRequest]) (*none, error) {
			return nil, s.d.Push.Subscribe(ctx, a, in.Body.Endpoint, in.Body.Keys.P256dh, in.Body.Keys.Auth)
		})
	handle(s, route{method: "DELETE", path: "/push/subscriptions", name: "unsubscribePush", tag: "Session", summary: "Notify this device no more", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *body[pushGone]) (*none, error) {
			return nil, s.d.Push.Unsubscribe(ctx, a, in.Body.Endpoint)
		})
}
