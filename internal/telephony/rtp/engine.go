package rtp

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Config is what an engine needs.
type Config struct {
	// Bind is the local address of the sockets; without it every IPv4 address.
	// "::" takes IPv4 as well.
	Bind netip.Addr
	// PortLow and PortHigh bound the ports of calls, each of which takes two.
	PortLow, PortHigh int
	// Drain is how long a freed port rests; 20 s if 0.
	Drain time.Duration
	// Pollers is how many goroutines read sockets; one for every four processors
	// if 0. One serves more than a thousand calls, and fewer wake up less often.
	Pollers int
	// Now tells the time; time.Now if nil.
	Now func() time.Time
	Log *slog.Logger
}

// Engine owns the sockets of all legs and the goroutines that serve them.
type Engine struct {
	cfg     Config
	ports   *Ports
	pollers []*poller

	mu      sync.Mutex
	streams [slots]map[*Stream]struct{}
	opened  int
}

// slots spread the once-a-second work of many streams over the second.
const slots = 20

// New makes an engine; nothing is received before Run.
func New(cfg Config) (*Engine, error) {
	if !cfg.Bind.IsValid() {
		cfg.Bind = netip.IPv4Unspecified()
	}
	if cfg.Drain == 0 {
		cfg.Drain = 20 * time.Second
	}
	if cfg.Pollers <= 0 {
		cfg.Pollers = (runtime.GOMAXPROCS(0) + 3) / 4
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	ports, err := NewPorts(cfg.PortLow, cfg.PortHigh, cfg.Drain, cfg.Now)
	if err != nil {
		return nil, err
	}
	e := &Engine{cfg: cfg, ports: ports}
	for i := range e.streams {
		e.streams[i] = map[*Stream]struct{}{}
	}
	for range cfg.Pollers {
		p, err := newPoller()
		if err != nil {
			return nil, errors.Join(err, e.closePollers())
		}
		e.pollers = append(e.pollers, p)
	}
	return e, nil
}

func (e *Engine) closePollers() (err error) {
	for _, p := range e.pollers {
		err = errors.Join(err, p.close())
	}
	return err
}

// Run serves the streams until the context ends. Streams should be closed
// before; their ports are of no use afterwards.
func (e *Engine) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, p := range e.pollers {
		g.Go(p.run)
	}
	g.Go(func() error {
		defer func() {
			if err := e.closePollers(); err != nil {
				e.cfg.Log.Warn("media sockets did not close", slog.Any("error", err))
			}
		}()
		tick := time.NewTicker(time.Second / slots)
		defer tick.Stop()
		for slot := 0; ; slot = (slot + 1) % slots {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
				e.tick(slot)
			}
		}
	})
	return g.Wait()
}

// tick does the once-a-second work of one slot's streams.
func (e *Engine) tick(slot int) {
	e.mu.Lock()
	due := make([]*Stream, 0, len(e.streams[slot]))
	for s := range e.streams[slot] {
		due = append(due, s)
	}
	e.mu.Unlock()
	for _, s := range due {
		s.second(e.cfg.Now())
	}
}

// Ports tells how many more legs there are ports for.
func (e *Engine) Ports() int { return e.ports.Available() }

// openTries is how many pairs may turn out to be another program's.
const openTries = 64

// Open makes a stream on a pair of UDP ports. It neither listens to anybody
// nor sends before it is configured.
func (e *Engine) Open(cfg StreamConfig) (*Stream, error) {
	var last error
	for range openTries {
		port, err := e.ports.Take()
		if err != nil {
			return nil, errors.Join(err, last)
		}
		s := newStream(e, cfg)
		if last = s.listen(e.poller(), port); last == nil {
			e.add(s)
			return s, nil
		}
		e.ports.Free(port)
	}
	return nil, fmt.Errorf("rtp: no pair of ports is free: %w", last)
}

// Attach makes a stream on a transport that somebody else reads: its owner
// calls Deliver and DeliverControl.
func (e *Engine) Attach(cfg StreamConfig, t Transport) *Stream {
	s := newStream(e, cfg)
	s.transport = t
	e.add(s)
	return s
}

func (e *Engine) poller() *poller {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.opened++
	return e.pollers[e.opened%len(e.pollers)]
}

func (e *Engine) add(s *Stream) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := range e.streams {
		if len(e.streams[i]) < len(e.streams[s.slot]) {
			s.slot = i
		}
	}
	e.streams[s.slot][s] = struct{}{}
}

func (e *Engine) remove(s *Stream) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.streams[s.slot], s)
}

// newName makes a random name for RTCP that tells nothing of us (RFC 7022).
func newName() string { return rand.Text() }
