package webchat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/coder/websocket"

	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/fault"
)

const (
	// helloWithin is how long a fresh socket may stay anonymous.
	helloWithin = 10 * time.Second
	// tickEvery is how often a silent socket is written to: browsers cannot
	// see that a connection is dead.
	tickEvery   = 20 * time.Second
	writeWithin = 10 * time.Second
	maxFrame    = 16 << 10
)

// closing codes of our own, as RFC 6455 section 7.4.2 sets aside.
const (
	statusSessionGone websocket.StatusCode = 4401
	statusTooMany     websocket.StatusCode = 4429
)

// frame is what the widget says over a socket.
type frame struct {
	Type  string `json:"type"`            // "hello", "typing", "marks"
	Token string `json:"token,omitempty"` // hello
	After int64  `json:"after,omitempty"` // hello: the last seq known
	marksRequest
}

// serveSocket is the live connection. The first frame says who it is, so that
// no token stands in an address; then the widget hears what it missed and
// what happens.
func (p *Platform) serveSocket(c *call) error {
	if err := p.limits.sockets.take(p.deps.ClientIP(c.r), 1); err != nil {
		return err
	}
	if err := p.sameOrigin(c.r); err != nil {
		return err
	}
	if !p.enter() {
		return fault.New(fault.Unavailable, "widget.closing")
	}
	defer p.leave()
	var patterns []string
	if p.base.host != "" {
		patterns = append(patterns, p.base.host)
	}
	conn, err := websocket.Accept(c.w, c.r, &websocket.AcceptOptions{OriginPatterns: patterns})
	if err != nil {
		return nil //nolint:nilerr // Accept has answered
	}
	conn.SetReadLimit(maxFrame)
	s := &socket{platform: p, call: c, conn: conn}
	// A context that ends would tear the connection in the middle of a frame:
	// run is told to end, and says goodbye.
	s.run(context.WithoutCancel(c.r.Context()))
	return nil
}

// socket is one live connection. Its reader and writer end together.
type socket struct {
	platform *Platform
	call     *call
	conn     *websocket.Conn
	visitor  visitor.Visitor
	token    string
	seq      int64
}

// run owns the connection and closes it.
func (s *socket) run(ctx context.Context) {
	err := s.hello(ctx)
	if err != nil {
		s.close(ctx, err)
		return
	}
	l, stop, err := s.platform.listen(s.call.channel, s.visitor.ID)
	if err != nil {
		s.close(ctx, err)
		return
	}
	defer stop()
	var readErr error
	done := make(chan struct{})
	go func() { // ends when the connection is closed, below
		defer close(done)
		readErr = s.read(ctx, s.visitor)
	}()
	if err = s.write(ctx, l, done); err == nil {
		select {
		case <-done:
			err = readErr
		default:
		}
	}
	s.close(ctx, err)
	<-done
}

// close ends the connection and tells the widget why.
func (s *socket) close(ctx context.Context, err error) {
	code, reason := websocket.StatusNormalClosure, ""
	switch {
	case s.platform.ctx.Err() != nil:
		code, reason = websocket.StatusGoingAway, "widget.closing"
	case err == nil || errors.Is(err, errGone):
	default:
		reason = asProblem(err).Code
		switch fault.KindOf(err) { //nolint:exhaustive // the others are ours
		case fault.Unauthenticated:
			code = statusSessionGone
		case fault.RateLimited:
			code = statusTooMany
		case fault.Invalid:
			code = websocket.StatusPolicyViolation
		default:
			code = websocket.StatusInternalError
			s.platform.deps.Logger.WarnContext(ctx, "widget socket ends",
				slog.Int64("channel_id", int64(s.call.channel)), slog.String("code", reason), slog.Any("error", err))
		}
	}
	_ = s.conn.Close(code, reason) // it may be gone already
}

// errGone is the usual end of a connection.
var errGone = errors.New("the widget is gone") //nolint:gochecknoglobals // a sentinel

func (s *socket) hello(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, helloWithin)
	defer cancel()
	defer context.AfterFunc(s.platform.ctx, cancel)() //nolint:contextcheck // whichever ends first: the request or the platform
	f, err := s.next(ctx)
	if err != nil {
		return err
	}
	if f.Type != "hello" || f.After < 0 {
		return fault.New(fault.Invalid, "widget.hello_expected")
	}
	if s.visitor, err = s.platform.authenticate(ctx, s.call.channel, f.Token); err != nil {
		return err
	}
	s.token, s.seq = f.Token, f.After
	return nil
}

// next reads a frame.
func (s *socket) next(ctx context.Context) (frame, error) {
	kind, data, err := s.conn.Read(ctx)
	if err != nil {
		return frame{}, fmt.Errorf("%w: %w", errGone, err)
	}
	var f frame
	if kind != websocket.MessageText {
		return f, fault.New(fault.Invalid, "widget.frame_invalid")
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return f, fault.Wrap(fault.Invalid, "widget.frame_invalid", err)
	}
	return f, nil
}

// read carries out what the widget says until it goes.
func (s *socket) read(ctx context.Context, v visitor.Visitor) error {
	for {
		f, err := s.next(ctx)
		if err != nil {
			return err
		}
		if s.platform.limits.signals.take(string(v.ID), 1) != nil {
			continue // typing and marks are worth nothing late
		}
		switch f.Type {
		case "typing":
			s.platform.typing(ctx, v)
		case "marks":
			if err := s.platform.mark(ctx, &v, f.marksRequest); err != nil && fault.KindOf(err) != fault.Invalid {
				// The widget says it again when it connects the next time.
				s.platform.deps.Logger.WarnContext(ctx, "widget marks",
					slog.Int64("channel_id", int64(s.call.channel)), slog.Any("error", err))
			}
		default: // a newer widget's
		}
	}
}

// write tells the widget what it does not know yet, as long as it listens.
func (s *socket) write(ctx context.Context, l *listener, done <-chan struct{}) error {
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	if err := s.news(ctx); err != nil {
		return err
	}
	for {
		select {
		case <-done:
			return nil
		case <-s.platform.ctx.Done():
			return nil
		case <-l.wake:
			if err := s.news(ctx); err != nil {
				return err
			}
		case a := <-l.activity:
			if err := s.send(ctx, map[string]any{"type": "activity", "activity": a}); err != nil {
				return err
			}
		case <-tick.C:
			if _, err := s.platform.authenticate(ctx, s.call.channel, s.token); err != nil {
				return err // logged out elsewhere
			}
			if err := s.send(ctx, map[string]any{"type": "tick"}); err != nil {
				return err
			}
		}
	}
}

func (s *socket) news(ctx context.Context) error {
	for {
		b, err := s.platform.news(ctx, s.call.channel, s.visitor.ID, s.seq)
		if err != nil {
			return err
		}
		if err := s.send(ctx, b); err != nil {
			return err
		}
		if n := len(b.Entries); n > 0 {
			s.seq = b.Entries[n-1].Seq
		}
		if !b.More {
			return nil
		}
	}
}

func (s *socket) send(ctx context.Context, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fault.Wrap(fault.Internal, "widget.unwritable", err)
	}
	ctx, cancel := context.WithTimeout(ctx, writeWithin)
	defer cancel()
	if err := s.conn.Write(ctx, websocket.MessageText, data); err != nil {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	return nil
}
