package channeltest

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

// limitCases: what is too much is refused before it is sent, and what just
// fits is sent.
func limitCases() map[string]func(*session) {
	out := map[string]func(*session){
		"the longest text": func(s *session) {
			s.meet(0)
			text := strings.Repeat("я", s.can.Text)
			if got := s.looks(0, s.send(s.outgoing(0, channel.Content{Text: text})).ExternalIDs[0]); got.Text != text {
				s.Errorf("the customer sees %d units, want %d", units(got.Text), s.can.Text)
			}
		},
		"a text too long": func(s *session) {
			s.meet(0)
			s.tooBig(s.outgoing(0, channel.Content{Text: strings.Repeat("я", s.can.Text+1)}))
		},
		"nothing at all": func(s *session) {
			s.meet(0)
			if se := s.fails(s.outgoing(0, channel.Content{})); se.Outcome != channel.Failed {
				s.Errorf("an empty message: %+v, want failed", se)
			}
		},
		"several files where only one may be": func(s *session) {
			if s.can.Album > 1 {
				s.Skip("albums are allowed")
			}
			limit, ok := s.can.Attachments[channel.Image]
			if !ok {
				s.Skip("no pictures")
			}
			s.meet(0)
			file := Sample(s, channel.Image, limit.MIME...)
			if se := s.fails(files(s.outgoing(0, channel.Content{}), file, file)); se.Outcome != channel.Failed || se.Reason != channel.ReasonUnsupported {
				s.Errorf("%+v, want failed, unsupported", se)
			}
		},
		"a file that cannot be read": func(s *session) {
			limit, ok := s.can.Attachments[channel.Document]
			if !ok {
				s.Skip("no documents")
			}
			s.meet(0)
			o := files(s.outgoing(0, channel.Content{}), Sample(s, channel.Document, limit.MIME...))
			o.Open = func(context.Context, int) (io.ReadSeekCloser, int64, error) {
				return nil, 0, errors.New("disk is gone")
			}
			if se := s.fails(o); se.Outcome == channel.Uncertain || len(s.all(0)) != 0 {
				s.Errorf("%+v and the customer sees %+v; want not sent", se, s.all(0))
			}
		},
	}
	for _, kind := range []channel.AttachmentKind{channel.Image, channel.Video, channel.Audio, channel.Voice, channel.Document} {
		out["too big: "+string(kind)] = func(s *session) {
			limit, ok := s.can.Attachments[kind]
			if !ok || limit.MaxBytes == 0 {
				s.Skip("no such limit")
			}
			s.meet(0)
			file := Sample(s, kind, limit.MIME...)
			o := files(s.outgoing(0, channel.Content{}), file)
			o.Content.Attachments[0].Size = limit.MaxBytes + 1
			o.Open = func(context.Context, int) (io.ReadSeekCloser, int64, error) {
				return nopCloser{unread{s}}, limit.MaxBytes + 1, nil
			}
			s.tooBig(o)
		}
	}
	return out
}

// unread is a file that must not be read: its size says enough.
type unread struct{ s *session }

func (u unread) Read([]byte) (int, error) {
	u.s.Error("a file known to be too big was read")
	return 0, io.ErrUnexpectedEOF
}

func (u unread) Seek(int64, int) (int64, error) { return 0, nil }

func (s *session) tooBig(o channel.Outgoing) {
	s.Helper()
	if se := s.fails(o); se.Outcome != channel.Failed || se.Reason != channel.ReasonTooBig {
		s.Errorf("%+v, want failed, too_big", se)
	}
	if all := s.all(0); len(all) != 0 {
		s.Errorf("the customer sees %d messages", len(all))
	}
}

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
