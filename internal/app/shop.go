package app

import (
	"context"
	"net/http"
	"sync"

	"github.com/okno-hq/okno/internal/account"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/demo/shop"
)

// demo serves the sample shop of a demo workspace with its widget. Elsewhere
// there is no such page.
func (a *App) demo() http.Handler {
	s := &shopWindow{app: a}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, err := s.handler(r.Context())
		if err != nil || h == nil {
			http.NotFound(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// shopWindow makes the shop's handler anew when the widget is another one.
type shopWindow struct {
	app *App

	mu     sync.Mutex
	widget channel.ID
	made   http.Handler
}

func (s *shopWindow) handler(ctx context.Context) (http.Handler, error) {
	acc, ok, err := s.app.demoWidget(ctx)
	if err != nil || !ok {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made == nil || s.widget != acc.ID {
		if s.made, err = shop.New(shop.Config{Channel: int64(acc.ID)}); err != nil {
			return nil, err
		}
		s.widget = acc.ID
	}
	return s.made, nil
}

// demoWidget is the first website chat of a demo workspace.
func (a *App) demoWidget(ctx context.Context) (account.Account, bool, error) {
	workspaces, err := a.Stores.Access.ListWorkspaces(ctx)
	if err != nil {
		return account.Account{}, false, err
	}
	for _, w := range workspaces {
		if !w.Demo {
			continue
		}
		list, err := a.registry.List(ctx, int64(w.ID))
		if err != nil {
			return account.Account{}, false, err
		}
		for _, acc := range list {
			if acc.Kind == channel.Webchat && acc.Enabled {
				return acc, true, nil
			}
		}
	}
	return account.Account{}, false, nil
}
