package httpapi

import (
	"context"
	"encoding/json"
	"reflect"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/event"
)

// Push keeps the devices that people want to be notified on.
type Push interface {
	PublicKey(ctx context.Context) (string, error)
	Subscribe(ctx context.Context, a access.Actor, endpoint, p256dh, auth string) error
	Unsubscribe(ctx context.Context, a access.Actor, endpoint string) error
}

// RenderEvent is an event as the API tells it, for outgoing webhooks.
func (s *Server) RenderEvent(ctx context.Context, e event.Event) ([]byte, error) {
	dtos, err := s.hydrate(ctx, e.Workspace, []event.Event{e})
	if err != nil {
		return nil, err
	}
	return json.Marshal(dtos[0])
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }
