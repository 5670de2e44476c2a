package sip

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/dialog"
	"github.com/okno-hq/okno/internal/telephony/sip/digest"
	"github.com/okno-hq/okno/internal/telephony/sip/guard"
	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/registrar"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
)

// receive takes bytes off the wire: nothing acts on what the grammar refuses.
func (a *Agent) receive(f *transport.Flow, data []byte) {
	m, err := message.Parse(data)
	source := f.Remote().Addr()
	if m != nil && m.IsRequest() && guard.Scanner(m.Get("User-Agent"), m.From().URI.User) {
		a.guard.Offend(source, guard.Scan)
		return
	}
	var fault *message.Fault
	switch {
	case errors.As(err, &fault):
		if a.guard.Offend(source, guard.Malformed) && m.IsRequest() && m.Method != message.Ack {
			_ = f.Send(refusal(m, fault).Bytes())
		}
	case err != nil:
		a.guard.Offend(source, guard.Malformed)
	default:
		a.trans.Receive(f, m)
	}
}

// refusal answers a message that could not be read, without a transaction
// (RFC 3261 section 8.2.7), by the fields it has.
func refusal(m *message.Message, fault *message.Fault) *message.Message {
	return message.NewResponse(m, fault.Status, fault.Reason, transaction.NewTag())
}

// request takes each new request.
func (a *Agent) request(s *transaction.Server) {
	req := s.Request()
	if req.To().Tag() != "" {
		a.within(s)
		return
	}
	source := s.Flow().Remote().Addr()
	t := a.trunkOf(req, s.Flow())
	switch req.Method {
	case message.Invite, message.Register, message.Subscribe:
	case message.Options:
		if t == nil && !a.guard.Known(source) {
			a.guard.Offend(source, guard.Unasked)
			return // strangers are not told that there is anybody
		}
		a.options(s)
		return
	default:
		a.unasked(s, t != nil)
		return
	}
	if t != nil && req.Method == message.Invite {
		a.fromTrunk(s, t)
		return
	}
	if t != nil && req.Method == message.Subscribe {
		s.Reply(489)
		return
	}
	a.authenticated(s)
}

// unasked answers methods that nobody need send out of a call.
func (a *Agent) unasked(s *transaction.Server, trunk bool) {
	source := s.Flow().Remote().Addr()
	if !trunk && !a.guard.Known(source) {
		a.guard.Offend(source, guard.Unasked)
		return
	}
	switch s.Request().Method {
	case message.Notify:
		s.Reply(489)
	case message.Prack, message.Update, message.Info, message.Bye:
		s.Reply(481)
	case message.Text, message.Publish, message.Refer:
		res := s.Response(405)
		res.Add("Allow", allow)
		s.Respond(res)
	default:
		s.Reply(501)
	}
}

const allow = "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, SUBSCRIBE, NOTIFY, PRACK, UPDATE, INFO, REFER"

func (a *Agent) options(s *transaction.Server) {
	if missing := dialog.Unsupported(s.Request()); len(missing) > 0 {
		res := s.Response(420)
		for _, m := range missing {
			res.Add("Unsupported", m)
		}
		s.Respond(res)
		return
	}
	status := 200
	if a.isDraining() {
		status = 503
	}
	res := s.Response(status)
	res.Add("Allow", allow)
	res.Add("Accept", "application/sdp")
	res.Add("Allow-Events", "dialog")
	res.Add("Supported", "100rel, replaces, timer, norefersub, outbound")
	s.Respond(res)
}

// within takes a request inside a dialog. Its tags are proof enough: nobody
// but the peer was told them.
func (a *Agent) within(s *transaction.Server) {
	req := s.Request()
	if req.Method == message.Subscribe && a.board.Has(req) {
		a.authenticated(s)
		return
	}
	if a.dialogs.Request(s) {
		return
	}
	source := s.Flow().Remote().Addr()
	if !a.guard.Known(source) {
		a.guard.Offend(source, guard.Unasked)
		return
	}
	s.Reply(481)
}

// authenticated goes on with a request once its sender has proved which
// extension it is. The directory may take its time.
func (a *Agent) authenticated(s *transaction.Server) {
	req := s.Request()
	if req.Method == message.Register && !req.To().URI.IsSIP() {
		s.Reply(400)
		return
	}
	claim, ok := a.verifier.Read(req)
	source := s.Flow().Remote().Addr()
	switch {
	case !ok:
		a.challenge(s, false)
		return
	case !a.guard.MayTry(claim.User, source):
		if a.guard.Offend(source, guard.Guess) {
			a.challenge(s, false)
		}
		return
	}
	select {
	case a.work <- struct{}{}:
	default:
		s.Reply(503)
		return
	}
	a.wg.Go(func() {
		defer func() { <-a.work }()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		a.check(ctx, s, claim)
	})
}

func (a *Agent) check(ctx context.Context, s *transaction.Server, claim digest.Claim) {
	source := s.Flow().Remote().Addr()
	secret, known, err := a.cfg.Directory.Secret(ctx, claim.User)
	if err != nil {
		a.cfg.Log.Error("sip directory", slog.Any("error", err))
		s.Reply(500)
		return
	}
	kept := &secret
	if !known {
		kept = nil
	}
	switch a.verifier.Check(claim, kept, source) {
	case digest.Good:
		a.guard.Proved(claim.User, source)
		a.proved(ctx, s, claim.User)
	case digest.Stale:
		a.challenge(s, true)
	default:
		a.guard.Failed(claim.User, source)
		a.cfg.Log.Warn("sip wrong credentials", slog.String("source", source.String()), slog.String("method", s.Request().Method))
		if a.guard.Offend(source, guard.Guess) {
			a.challenge(s, false)
		}
	}
}

func (a *Agent) challenge(s *transaction.Server, stale bool) {
	res := s.Response(401)
	for _, c := range a.verifier.Challenges(s.Flow().Remote().Addr(), stale) {
		res.Add("WWW-Authenticate", c)
	}
	s.Respond(res)
}

// proved works on the request of a known extension.
func (a *Agent) proved(ctx context.Context, s *transaction.Server, user string) {
	req := s.Request()
	switch req.Method {
	case message.Register:
		if missing := dialog.Unsupported(req); len(missing) > 0 {
			res := s.Response(420)
			for _, m := range missing {
				res.Add("Unsupported", m)
			}
			s.Respond(res)
			return
		}
		if req.To().URI.Name() != user {
			s.Reply(403)
			return
		}
		a.registrar.Register(s, user)
	case message.Subscribe:
		a.board.Subscribe(ctx, s, user)
	default:
		a.fromExtension(s, user)
	}
}

// refind returns how to reach a device again after its flow was lost.
func (a *Agent) refind(b registrar.Binding) func() *transport.Flow {
	return func() *transport.Flow {
		if found, ok := a.registrar.Find(b); ok {
			return found.Flow
		}
		return nil
	}
}
