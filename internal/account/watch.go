package account

import (
	"context"
	"log/slog"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/event"
)

// How closely accounts are watched.
const (
	checkEvery   = 5 * time.Minute
	recheckEvery = time.Minute // while something is wrong
	checkTimeout = 20 * time.Second
	// alarmAfter bad checks in a row people are told: a single one may be a
	// hiccup of the net.
	alarmAfter = 3
)

// Check asks an account's platform how it is now, mends what it can, and
// returns the account with what was found.
func (s *Service) Check(ctx context.Context, a access.Actor, id channel.ID) (Account, error) {
	if err := a.Require(access.ManageChannel); err != nil {
		return Account{}, err
	}
	acc, err := s.Get(ctx, a, id)
	if err != nil {
		return acc, err
	}
	if err := s.check(ctx, acc, true); err != nil {
		return acc, err
	}
	return s.Get(ctx, a, id)
}

// check finds out an account's health and keeps it. Our address is registered
// with the platform if it is missing there.
func (s *Service) check(ctx context.Context, acc Account, byHand bool) error {
	found := s.examine(ctx, acc)
	h := Health{
		State: found.State, Reason: found.Reason, Detail: clip(found.Detail, 300), CheckedAt: s.now(), Since: acc.Health.Since,
		Account: found.Account, Pending: found.Pending, Facts: found.Facts, Told: acc.Health.Told,
	}
	if h.Account == "" {
		h.Account = acc.Health.Account
	}
	if h.State != acc.Health.State || h.Reason != acc.Health.Reason {
		h.Since = s.now()
	}
	if h.State == channel.Failing {
		h.Failures = acc.Health.Failures + 1
	} else {
		h.Told = false
	}
	alarm := h.Failures >= alarmAfter && !h.Told && !byHand
	h.Told = h.Told || alarm
	changed := h.State != acc.Health.State || h.Reason != acc.Health.Reason || h.Account != acc.Health.Account || byHand
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		if err := s.d.Accounts.SetHealth(ctx, acc.ID, h); err != nil {
			return err
		}
		if changed {
			if err := s.tell(ctx, acc, event.ChannelUpdated, 0); err != nil {
				return err
			}
		}
		if alarm && s.d.Alarm != nil {
			acc.Health = h
			return s.d.Alarm.ChannelFailing(ctx, acc)
		}
		return nil
	})
	if err == nil {
		s.d.Registry.setHealth(acc.ID, h)
	}
	return err
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// examine asks the platform, and registers our address where it lapsed.
func (s *Service) examine(ctx context.Context, acc Account) channel.Health {
	if !acc.Enabled {
		return channel.Health{State: channel.Disabled}
	}
	adapter, err := s.d.Registry.Adapter(ctx, acc.ID)
	if err != nil {
		return channel.Health{State: channel.Failing, Reason: channel.ReasonMisconfigured}
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	found := adapter.Check(ctx)
	sub, ok := adapter.(channel.Subscriber)
	if !ok || found.Reason != channel.ReasonWebhookMissing {
		return found
	}
	if s.d.Registry.hookURL(acc) == "" {
		return found
	}
	if err := sub.Subscribe(ctx); err != nil {
		s.d.Log.WarnContext(ctx, "address not registered", slog.Int64("channel_id", int64(acc.ID)), slog.Any("error", err))
		return found
	}
	s.d.Log.InfoContext(ctx, "address registered", slog.Int64("channel_id", int64(acc.ID)))
	return adapter.Check(ctx)
}

// Watch checks all accounts from time to time until ctx ends.
func (s *Service) Watch(ctx context.Context) error {
	tick := time.NewTicker(recheckEvery / 4)
	defer tick.Stop()
	for {
		list, err := s.d.Registry.List(ctx, 0)
		if err != nil && ctx.Err() == nil {
			s.d.Log.ErrorContext(ctx, "accounts not read", slog.Any("error", err))
		}
		for _, acc := range list {
			if ctx.Err() != nil {
				return nil
			}
			if !s.due(acc) {
				continue
			}
			if err := s.check(ctx, acc, false); err != nil && ctx.Err() == nil {
				s.d.Log.ErrorContext(ctx, "health not kept", slog.Int64("channel_id", int64(acc.ID)), slog.Any("error", err))
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (s *Service) due(acc Account) bool {
	if !acc.Enabled {
		return false
	}
	every := checkEvery
	if acc.Health.State != channel.Working {
		every = recheckEvery
	}
	return s.now().Sub(acc.Health.CheckedAt) >= every
}
