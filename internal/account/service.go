package account

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/inbox"
)

// Deps is what the service needs.
type Deps struct {
	Tx       Transactor
	Accounts Accounts
	Updates  Updates
	Inboxes  Inboxes
	Registry *Registry
	Audit    Auditor
	Alarm    Alarm
	Events   event.Log
	// Wake is told, after the commit, that there are new raw updates.
	Wake  func()
	NewID func() int64
	Now   func() time.Time
	Log   *slog.Logger
}

// Service is everything admins do about connected accounts, and what their
// platforms hand over.
type Service struct{ d Deps }

// NewService returns the service.
func NewService(d Deps) *Service {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Wake == nil {
		d.Wake = func() {}
	}
	return &Service{d: d}
}

func (s *Service) now() time.Time { return s.d.Now().UTC() }

// maxSetting bounds one setting's value: a certificate bundle is the longest.
const maxSetting = 256 << 10

// Draft describes an account to connect, or changes to one.
type Draft struct {
	Kind    channel.Kind
	Name    *string
	Inbox   *inbox.ID
	Enabled *bool
	// Settings holds values by field name; absent ones stay as they are, an
	// empty one goes back to the default.
	Settings map[string]string
}

// List returns the accounts of the actor's workspace.
func (s *Service) List(ctx context.Context, a access.Actor) ([]Account, error) {
	return s.d.Registry.List(ctx, int64(a.Workspace))
}

// Get returns one account of the actor's workspace.
func (s *Service) Get(ctx context.Context, a access.Actor, id channel.ID) (Account, error) {
	acc, err := s.d.Registry.Get(ctx, id)
	if err == nil && acc.Workspace != int64(a.Workspace) {
		return Account{}, ErrNotFound
	}
	return acc, err
}

// Capabilities returns what an account can do; the zero value while it is off.
func (s *Service) Capabilities(ctx context.Context, id channel.ID) channel.Capabilities {
	adapter, err := s.d.Registry.Adapter(ctx, id)
	if err != nil {
		return channel.Capabilities{}
	}
	return adapter.Capabilities()
}

// HookURL is the address that receives an account's updates.
func (s *Service) HookURL(a Account) string { return s.d.Registry.hookURL(a) }

// Kinds lists the kinds that can be connected.
func (s *Service) Kinds() []channel.Factory { return s.d.Registry.Kinds() }

// Connect adds an account, checks it and registers our address with its
// platform. An account that does not work yet is kept all the same, with a
// health that says why.
func (s *Service) Connect(ctx context.Context, a access.Actor, d Draft) (Account, error) {
	if err := a.Require(access.ManageChannel); err != nil {
		return Account{}, err
	}
	acc := Account{
		ID: channel.ID(s.d.NewID()), Workspace: int64(a.Workspace), Kind: d.Kind, Enabled: true, Hook: newHook(),
		Settings: map[string]string{}, Secrets: map[string]string{}, CreatedAt: s.now(),
		Health: Health{State: channel.Unknown, Since: s.now()},
	}
	factory, ok := s.d.Registry.factories[d.Kind]
	if !ok {
		return acc, ErrKind.WithField("kind")
	}
	if d.Name == nil || d.Inbox == nil {
		return acc, ErrRequired.WithField("name")
	}
	if err := s.apply(&acc, factory, d); err != nil {
		return acc, err
	}
	err := s.save(ctx, a, acc, "channel.connected", event.ChannelCreated, s.d.Accounts.CreateAccount)
	if err != nil {
		return acc, err
	}
	return s.Check(ctx, a, acc.ID)
}

// newHook is a secret of the characters that every platform takes.
func newHook() string {
	b := make([]byte, 24)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	return base64.RawURLEncoding.EncodeToString(b)
}

// apply puts a draft's values into an account and checks them.
func (s *Service) apply(acc *Account, factory channel.Factory, d Draft) error {
	var err error
	if d.Name != nil {
		if acc.Name, err = access.CheckName("name", *d.Name); err != nil {
			return err
		}
	}
	if d.Inbox != nil {
		acc.Inbox = *d.Inbox
	}
	if d.Enabled != nil {
		acc.Enabled = *d.Enabled
	}
	fields := factory.Form().Fields
	acc.Settings, acc.Secrets = maps.Clone(acc.Settings), maps.Clone(acc.Secrets)
	for name, v := range d.Settings {
		i := slices.IndexFunc(fields, func(f channel.Field) bool { return f.Name == name })
		if i < 0 || len(v) > maxSetting {
			return ErrSetting.WithField("settings." + name)
		}
		into := acc.Settings
		if fields[i].Secret {
			into = acc.Secrets
		}
		if v = strings.TrimSpace(v); v == "" {
			delete(into, name)
			continue
		}
		if fields[i].Type == channel.FieldChoice && !slices.Contains(fields[i].Options, v) {
			return ErrSetting.WithField("settings." + name)
		}
		into[name] = v
	}
	for _, f := range fields {
		if f.Required && acc.Settings[f.Name] == "" && acc.Secrets[f.Name] == "" {
			return ErrRequired.WithField("settings." + f.Name)
		}
	}
	// A malformed setting shows now, not at the first message.
	trial, err := factory.Open(s.d.Registry.connection(*acc))
	if err != nil {
		return err
	}
	trial.Close()
	return nil
}

// save writes an account and, once it is committed, opens it anew.
func (s *Service) save(ctx context.Context, a access.Actor, acc Account, action string, t event.Type, write func(context.Context, Account) error) error {
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		box, err := s.d.Inboxes.Inbox(ctx, acc.Workspace, acc.Inbox)
		if err != nil {
			return err
		}
		if !box.ArchivedAt.IsZero() {
			return inbox.ErrInboxArchived.WithField("inbox_id")
		}
		if err := write(ctx, acc); err != nil {
			return err
		}
		if err := s.d.Audit.Record(ctx, a, action, "channel", int64(acc.ID), acc.Name, map[string]any{"kind": string(acc.Kind)}); err != nil {
			return err
		}
		return s.tell(ctx, acc, t, a.User)
	})
	if err != nil {
		return err
	}
	return s.d.Registry.Reload(ctx, acc.ID)
}

func (s *Service) tell(ctx context.Context, acc Account, t event.Type, by access.UserID) error {
	return s.d.Events.Append(ctx, event.Event{
		Workspace: acc.Workspace, Type: t, At: s.now(), Channel: int64(acc.ID), Inbox: int64(acc.Inbox), Actor: int64(by),
	})
}

// Update changes an account.
func (s *Service) Update(ctx context.Context, a access.Actor, id channel.ID, d Draft) (Account, error) {
	if err := a.Require(access.ManageChannel); err != nil {
		return Account{}, err
	}
	acc, err := s.Get(ctx, a, id)
	if err != nil {
		return acc, err
	}
	if _, ok := s.d.Registry.factories[acc.Kind]; !ok {
		return acc, ErrKind
	}
	before := acc
	if err := s.apply(&acc, s.d.Registry.factories[acc.Kind], d); err != nil {
		return acc, err
	}
	if before.Enabled && !acc.Enabled {
		s.unsubscribe(ctx, id)
		acc.Health = Health{State: channel.Disabled, Since: s.now()}
	}
	if err := s.save(ctx, a, acc, "channel.updated", event.ChannelUpdated, s.d.Accounts.UpdateAccount); err != nil {
		return acc, err
	}
	if !acc.Enabled {
		return s.Get(ctx, a, id)
	}
	return s.Check(ctx, a, id)
}

// Delete disconnects an account. What was said through it stays.
func (s *Service) Delete(ctx context.Context, a access.Actor, id channel.ID) error {
	if err := a.Require(access.ManageChannel); err != nil {
		return err
	}
	acc, err := s.Get(ctx, a, id)
	if err != nil {
		return err
	}
	s.unsubscribe(ctx, id)
	err = s.d.Tx.Write(ctx, func(ctx context.Context) error {
		if err := s.d.Accounts.DeleteAccount(ctx, acc.Workspace, id, s.now()); err != nil {
			return err
		}
		if err := s.d.Audit.Record(ctx, a, "channel.deleted", "channel", int64(id), acc.Name, nil); err != nil {
			return err
		}
		return s.tell(ctx, acc, event.ChannelDeleted, a.User)
	})
	if err != nil {
		return err
	}
	return s.d.Registry.Reload(ctx, id)
}

// unsubscribe takes our address back from a platform, if it can be reached.
func (s *Service) unsubscribe(ctx context.Context, id channel.ID) {
	adapter, err := s.d.Registry.Adapter(ctx, id)
	if err != nil {
		return
	}
	if sub, ok := adapter.(channel.Subscriber); ok {
		ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
		defer cancel()
		if err := sub.Unsubscribe(ctx); err != nil {
			s.d.Log.WarnContext(ctx, "address not taken back", slog.Int64("channel_id", int64(id)), slog.Any("error", err))
		}
	}
}

// Templates lists the templates of an account.
func (s *Service) Templates(ctx context.Context, a access.Actor, id channel.ID) ([]channel.TemplateInfo, error) {
	adapter, err := s.adapter(ctx, a, id)
	if err != nil {
		return nil, err
	}
	l, ok := adapter.(channel.TemplateLister)
	if !ok {
		return nil, ErrNoTempl
	}
	list, err := l.Templates(ctx)
	if se, ok := errors.AsType[*channel.SendError](err); ok {
		return nil, inbox.ErrNotSendable.With("reason", string(se.Reason)).Because(err)
	}
	return list, err
}

// Link makes a deep link into the chat with an account.
func (s *Service) Link(ctx context.Context, a access.Actor, id channel.ID, payload string) (string, error) {
	adapter, err := s.adapter(ctx, a, id)
	if err != nil {
		return "", err
	}
	if l, ok := adapter.(channel.Linker); ok {
		if link := l.DeepLink(payload); link != "" {
			return link, nil
		}
	}
	return "", ErrNoLink
}

func (s *Service) adapter(ctx context.Context, a access.Actor, id channel.ID) (channel.Adapter, error) {
	if _, err := s.Get(ctx, a, id); err != nil {
		return nil, err
	}
	return s.d.Registry.Adapter(ctx, id)
}

// Failures lists the updates of an account that could not be shown as they
// should.
func (s *Service) Failures(ctx context.Context, a access.Actor, id channel.ID, before int64, limit int) ([]inbox.Inbound, error) {
	if err := a.Require(access.ManageChannel); err != nil {
		return nil, err
	}
	if _, err := s.Get(ctx, a, id); err != nil {
		return nil, err
	}
	return s.d.Updates.FailedInbound(ctx, int64(a.Workspace), id, before, limit)
}

// Replay works a failed update off once more.
func (s *Service) Replay(ctx context.Context, a access.Actor, id channel.ID, update int64) error {
	if err := a.Require(access.ManageChannel); err != nil {
		return err
	}
	n, err := s.d.Updates.ReplayInbound(ctx, int64(a.Workspace), id, update)
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNoUpdate
	}
	s.d.Wake()
	return nil
}
