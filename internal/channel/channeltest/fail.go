package channeltest

import (
	"context"
	"fmt"
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

// failCases: each failure is told apart, and nothing is claimed that is not
// known.
func failCases() map[string]func(*session) {
	return map[string]func(*session){
		"blocked by the customer": func(s *session) {
			s.meet(0)
			s.do(Action{Verb: Block})
			sent, err := s.adapter.Send(s.Context(), s.outgoing(0, channel.Content{Text: "слышно?"}))
			var reason channel.Reason
			if err != nil {
				se := s.sendError(err)
				if se.Outcome != channel.Failed {
					s.Errorf("%+v, want failed", se)
				}
				reason = se.Reason
			} else { // some platforms tell only afterwards
				reason = s.awaitState(sent.ExternalIDs[0], channel.StateFailed).Status.Reason
			}
			if reason != channel.ReasonBlocked && reason != channel.ReasonRecipient && reason != channel.ReasonChatGone {
				s.Errorf("reason %s", reason)
			}
		},
		"token revoked": func(s *session) {
			s.meet(0)
			s.stopPoll()
			s.breaks(Fault{Kind: Revoked})
			if se := s.fails(s.hello()); se.Outcome != channel.Failed || se.Reason != channel.ReasonTokenRevoked || !se.WholeAccount {
				s.Errorf("%+v, want failed, token_revoked, the whole account", se)
			}
			if h := s.adapter.Check(s.Context()); h.State != channel.Failing || h.Reason != channel.ReasonTokenRevoked {
				s.Errorf("health %+v, want failing, token_revoked", h)
			}
		},
		"rate limit": func(s *session) {
			s.meet(0)
			s.stopPoll()
			s.breaks(Fault{Kind: Busy, RetryAfter: 7 * time.Second})
			if se := s.fails(s.hello()); se.Outcome != channel.Retry || se.Reason != channel.ReasonRateLimited || se.RetryAfter < 7*time.Second {
				s.Errorf("%+v, want retry, rate_limited after 7 s", se)
			}
			if len(s.all(0)) != 0 {
				s.Error("the customer sees it all the same")
			}
		},
		"outage in the platform's own words": func(s *session) {
			s.meet(0)
			s.stopPoll()
			s.breaks(Fault{Kind: Outage})
			if se := s.fails(s.hello()); se.Outcome == channel.Failed || se.Reason != channel.ReasonPlatformDown {
				s.Errorf("%+v, want platform_down and another try or uncertainty", se)
			}
		},
	}
}

// networkCases: what a broken network leaves unknown stays unknown.
func networkCases() map[string]func(*session) {
	return map[string]func(*session){
		"gateway error": func(s *session) {
			if se := s.failsOn(gateway); se.Outcome == channel.Failed || se.Reason != channel.ReasonPlatformDown {
				s.Errorf("%+v, want platform_down and not failed", se)
			}
		},
		"no answer":                func(s *session) { s.uncertain(silent) },
		"connection cut":           func(s *session) { s.uncertain(cut) },
		"done, but answer lost":    func(s *session) { s.uncertain(lost) },
		"done, but answer garbled": func(s *session) { s.uncertain(nonsense) },
		"nobody listens": func(s *session) {
			s.needsWire()
			s.meet(0)
			adapter := s.connect(with(s.account, "api_url", "http://127.0.0.1:1"))
			_, err := adapter.Send(s.Context(), s.hello())
			if se := s.sendError(err); se.Outcome != channel.Retry || se.Reason != channel.ReasonUnreachable {
				s.Errorf("%+v, want retry, unreachable", se)
			}
			if h := adapter.Check(s.Context()); h.State != channel.Failing || h.Reason != channel.ReasonUnreachable {
				s.Errorf("health %+v, want failing, unreachable", h)
			}
		},
		"given up before it began": func(s *session) {
			s.meet(0)
			ctx, cancel := context.WithCancel(s.Context())
			cancel()
			_, err := s.adapter.Send(ctx, s.hello())
			if se := s.sendError(err); se.Outcome != channel.Retry {
				s.Errorf("%+v, want retry", se)
			}
			if len(s.all(0)) != 0 {
				s.Error("the customer sees it all the same")
			}
		},
	}
}

// recoveryCases: after an outage nothing is stuck and nothing lost.
func recoveryCases() map[string]func(*session) {
	return map[string]func(*session){
		"works again after an outage": func(s *session) {
			s.failsOn(gateway)
			s.wire.fails(none)
			if s.pollOnce != nil {
				s.poll()
			}
			s.message(s.do(Action{Verb: Write, Text: "вы тут?"}))
			id := s.send(s.outgoing(0, channel.Content{Text: "снова тут"})).ExternalIDs[0]
			if got := s.looks(0, id); got.Text != "снова тут" {
				s.Errorf("the customer sees %q", got.Text)
			}
		},
		"polling through an outage": func(s *session) {
			s.needsWire()
			if s.pollOnce == nil {
				s.Skip("the platform calls us")
			}
			s.meet(0)
			s.stopPoll()
			for _, f := range []failure{gateway, cut, nonsense} {
				s.wire.fails(f)
				ctx, cancel := context.WithTimeout(s.Context(), patience)
				raws, next, err := s.pollOnce(ctx, s.cursor)
				cancel()
				if err == nil || len(raws) > 0 || (next != "" && next != s.cursor) {
					s.Errorf("failure %d: %d updates, cursor %q, error %v; want an error and the cursor kept", f, len(raws), next, err)
				}
			}
			s.wire.fails(none)
			id := s.do(Action{Verb: Write, Text: "пока не было связи"})
			s.poll()
			s.message(id)
		},
		"an uncertain send is looked up": func(s *session) {
			r, ok := s.adapter.(channel.Reconciler)
			if !ok {
				s.Skip("the platform lets nobody look")
			}
			s.needsWire()
			since := time.Now()
			for f, want := range map[failure]bool{cut: false, lost: true} {
				s.meet(0)
				s.stopPoll()
				before := len(s.all(0))
				o := s.outgoing(0, channel.Content{Text: fmt.Sprintf("дошло ли %d?", f)})
				s.wire.fails(f)
				if se := s.fails(o); se.Outcome != channel.Uncertain {
					s.Fatalf("%+v, want uncertain", se)
				}
				s.wire.fails(none)
				sent, found, err := r.Reconcile(s.Context(), o, since)
				if err != nil || found != want {
					s.Errorf("found %v, error %v; the customer sees %+v", found, err, s.all(0)[before:])
				}
				if found && s.looks(0, sent.ExternalIDs[0]).Text != o.Content.Text {
					s.Errorf("found another message: %v", sent.ExternalIDs)
				}
				if s.pollOnce != nil {
					s.poll()
				}
			}
		},
	}
}

// fileFailCases: files that cannot be had, and what else Check tells.
func fileFailCases() map[string]func(*session) {
	return map[string]func(*session){
		"upload without an answer": func(s *session) {
			limit, ok := s.can.Attachments[channel.Document]
			if !ok {
				s.Skip("no documents")
			}
			s.needsWire()
			s.meet(0)
			s.stopPoll()
			s.wire.fails(silent)
			ctx, cancel := context.WithTimeout(s.Context(), 300*time.Millisecond)
			defer cancel()
			_, err := s.adapter.Send(ctx, files(s.outgoing(0, channel.Content{}), Sample(s, channel.Document, limit.MIME...)))
			if se := s.sendError(err); se.Outcome == channel.Failed {
				s.Errorf("%+v, want another try or uncertainty", se)
			}
		},
		"subscription lapsed": func(s *session) {
			s.meet(0)
			s.breaks(Fault{Kind: Lapsed})
			if h := s.adapter.Check(s.Context()); h.State == channel.Working || h.Reason != channel.ReasonWebhookMissing {
				s.Errorf("health %+v, want webhook_missing", h)
			}
		},
		"file expired": func(s *session) {
			u := s.message(s.do(Action{Verb: SendFiles, Files: []File{Sample(s, channel.Image)}}))
			s.breaks(Fault{Kind: Expired})
			_, err := s.adapter.(channel.MediaFetcher).Fetch(s.Context(), u.Message.Content.Attachments[0].Ref)
			if se := s.sendError(err); se.Outcome != channel.Failed || se.Reason != channel.ReasonExpired {
				s.Errorf("%+v, want failed, expired", se)
			}
		},
		"fetch during an outage": func(s *session) {
			s.needsWire()
			u := s.message(s.do(Action{Verb: SendFiles, Files: []File{Sample(s, channel.Image)}}))
			s.stopPoll()
			s.wire.fails(gateway)
			before := s.wire.count()
			media, err := s.adapter.(channel.MediaFetcher).Fetch(s.Context(), u.Message.Content.Attachments[0].Ref)
			if err == nil {
				_ = media.Body.Close()
				if s.wire.count() == before {
					s.Skip("files are fetched from elsewhere")
				}
			}
			if se := s.sendError(err); se.Outcome != channel.Retry {
				s.Errorf("%+v, want retry", se)
			}
		},
		"a reference from elsewhere": func(s *session) {
			fetcher, ok := s.adapter.(channel.MediaFetcher)
			if !ok {
				s.Skip("no files")
			}
			for _, ref := range []string{"", "x", "../../etc/passwd", "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "a?b=c#d", "\x00\n"} {
				media, err := fetcher.Fetch(s.Context(), ref)
				if err == nil {
					_ = media.Body.Close()
				}
				s.sendError(err)
			}
		},
	}
}

func (s *session) hello() channel.Outgoing {
	return s.outgoing(0, channel.Content{Text: "здравствуйте"})
}

func (s *session) needsWire() {
	s.Helper()
	if s.wire == nil {
		s.Skip("the account has no api_url: there is no network in between")
	}
}

// failsOn sends while the network fails, with little patience.
func (s *session) failsOn(f failure) *channel.SendError {
	s.Helper()
	s.needsWire()
	s.meet(0)
	s.stopPoll()
	s.wire.fails(f)
	ctx, cancel := context.WithTimeout(s.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := s.adapter.Send(ctx, s.hello())
	return s.sendError(err)
}

func (s *session) uncertain(f failure) {
	s.Helper()
	if se := s.failsOn(f); se.Outcome != channel.Uncertain {
		s.Errorf("%+v, want uncertain: the customer sees %d messages", se, len(s.all(0)))
	}
}
