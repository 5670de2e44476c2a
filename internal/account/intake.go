package account

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
)

// Accept takes a webhook request: the platform proves itself, what it hands
// over is committed, and only then is there a reply for it.
func (s *Service) Accept(ctx context.Context, kind channel.Kind, id channel.ID, r channel.Request) (channel.Reply, error) {
	acc, err := s.d.Registry.Get(ctx, id)
	if err != nil {
		return channel.Reply{}, err
	}
	if acc.Kind != kind {
		return channel.Reply{}, ErrNotFound
	}
	adapter, err := s.d.Registry.Adapter(ctx, id)
	if err != nil {
		return channel.Reply{}, err
	}
	hook, ok := adapter.(channel.Webhook)
	if !ok {
		return channel.Reply{}, ErrNotFound
	}
	updates, reply, err := hook.Accept(r)
	if err != nil {
		return channel.Reply{}, err
	}
	return reply, s.commit(ctx, acc, updates)
}

// inboundGrain is how exactly the time of the last update is kept: a write
// for each would double the work.
const inboundGrain = 30 * time.Second

// Keep commits raw updates of an account. When it returns nil they are on
// disk and will be worked off; those known already change nothing.
func (s *Service) Keep(ctx context.Context, acc Account, updates []channel.Raw) error {
	if len(updates) == 0 {
		return nil
	}
	now := s.now()
	for i := range updates {
		if updates[i].ReceivedAt.IsZero() {
			updates[i].ReceivedAt = now
		}
	}
	mark := now.Sub(acc.LastInboundAt) > inboundGrain
	err := s.d.Tx.Join(ctx, func(ctx context.Context) error {
		if _, err := s.d.Updates.AppendInbound(ctx, acc.Workspace, acc.ID, updates, s.d.NewID); err != nil {
			return err
		}
		if mark {
			if err := s.d.Updates.MarkInbound(ctx, acc.ID, now); err != nil {
				return err
			}
		}
		s.d.Tx.AfterCommit(ctx, s.d.Wake)
		return nil
	})
	if err == nil && mark {
		acc.LastInboundAt = now
		s.d.Registry.setInbound(acc.ID, acc)
	}
	return err
}

// Polls fetches the updates of all accounts that poll, until ctx ends. It
// starts and stops polls as accounts change.
func (s *Service) Polls(ctx context.Context) error {
	type poll struct {
		adapter channel.Adapter
		cancel  context.CancelFunc
		done    chan struct{}
	}
	running := map[channel.ID]poll{}
	stop := func(id channel.ID) {
		p := running[id]
		p.cancel()
		<-p.done
		delete(running, id)
	}
	defer func() {
		for id := range running {
			stop(id)
		}
	}()
	for {
		changed := s.d.Registry.Changed()
		list, err := s.d.Registry.List(ctx, 0)
		if err != nil && ctx.Err() == nil {
			s.d.Log.ErrorContext(ctx, "accounts not read", slog.Any("error", err))
		}
		want := map[channel.ID]bool{}
		for _, acc := range list {
			adapter, err := s.d.Registry.Adapter(ctx, acc.ID)
			if err != nil {
				continue
			}
			poller, ok := adapter.(channel.Poller)
			if !ok {
				continue
			}
			want[acc.ID] = true
			if p, ok := running[acc.ID]; ok {
				if p.adapter == adapter {
					continue
				}
				stop(acc.ID)
			}
			pctx, cancel := context.WithCancel(ctx)
			done := make(chan struct{})
			running[acc.ID] = poll{adapter, cancel, done}
			go func() {
				defer close(done)
				s.poll(pctx, acc, poller)
			}()
		}
		for id := range running {
			if !want[id] {
				stop(id)
			}
		}
		retry := time.NewTimer(time.Minute) // the database may have been away
		select {
		case <-ctx.Done():
			retry.Stop()
			return nil
		case <-changed:
		case <-retry.C:
		}
		retry.Stop()
	}
}

// Pauses between polls that failed.
const (
	firstPause   = time.Second
	longestPause = time.Minute
)

// poll fetches one account's updates until ctx ends. The cursor is committed
// with them, so that none is fetched twice or never.
func (s *Service) poll(ctx context.Context, acc Account, p channel.Poller) {
	pause := firstPause
	for ctx.Err() == nil {
		err := s.pollOnce(ctx, acc, p)
		if err == nil {
			pause = firstPause
			continue
		}
		if ctx.Err() != nil {
			return
		}
		wait := pause
		if se, ok := errors.AsType[*channel.SendError](err); ok && se.RetryAfter > 0 {
			wait = se.RetryAfter
		}
		if f, ok := errors.AsType[*fault.Error](err); ok && f.RetryAfter > 0 {
			wait = f.RetryAfter
		}
		s.d.Log.WarnContext(ctx, "poll failed", slog.Int64("channel_id", int64(acc.ID)), slog.Duration("wait", wait), slog.Any("error", err))
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		pause = min(pause*2, longestPause)
	}
}

func (s *Service) pollOnce(ctx context.Context, acc Account, p channel.Poller) error {
	cursor, err := s.d.Accounts.Cursor(ctx, acc.ID)
	if err != nil {
		return err
	}
	updates, next, err := p.Poll(ctx, cursor)
	if err != nil {
		return err
	}
	if len(updates) == 0 && next == cursor {
		return nil
	}
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		if err := s.Keep(ctx, acc, updates); err != nil {
			return err
		}
		return s.d.Accounts.SetCursor(ctx, acc.ID, next)
	})
}
