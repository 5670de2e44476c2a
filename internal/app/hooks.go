package app

import (
	"context"

	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/job"
)

// hooks are what is told to the outside: webhooks and push.
type hooks struct{ app *App }

func (a *App) wireHooks() { a.hooks = &hooks{a} }

func (h *hooks) wake() {}

func (h *hooks) services() map[string]func(context.Context) error { return nil }

func (h *hooks) kinds() []job.Kind { return nil }

func (h *hooks) tidy(context.Context) error { return nil }

func (h *hooks) push(context.Context, int64, inbox.NotificationID) error { return nil }
