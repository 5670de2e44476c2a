package channeltest

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

// reportCases: what becomes of our messages is told.
func reportCases() map[string]func(*session) {
	return map[string]func(*session){
		"delivered": func(s *session) {
			if !s.can.Delivered {
				s.Skip("the platform does not report delivery")
			}
			s.meet(0)
			s.awaitState(s.send(s.outgoing(0, channel.Content{Text: "дошло?"})).ExternalIDs[0], channel.StateDelivered)
		},
		"read": func(s *session) {
			if !s.can.Read {
				s.Skip("the platform does not report reading")
			}
			s.meet(0)
			id := s.send(s.outgoing(0, channel.Content{Text: "прочитано?"})).ExternalIDs[0]
			s.do(Action{Verb: Read})
			s.awaitState(id, channel.StateRead)
		},
		"accepted, then failed": func(s *session) {
			s.meet(0)
			s.breaks(Fault{Kind: FailLater})
			id := s.send(s.outgoing(0, channel.Content{Text: "не дойдёт"})).ExternalIDs[0]
			u := s.awaitState(id, channel.StateFailed)
			if u.Status.Reason == "" {
				s.Errorf("failed without a reason: %+v", u.Status)
			}
			// Another try is another message.
			again := s.send(s.outgoing(0, channel.Content{Text: "дойдёт"})).ExternalIDs[0]
			if again == id {
				s.Errorf("the second message has the first one's id %s", id)
			}
		},
	}
}

func (s *session) awaitState(id string, state channel.DeliveryState) channel.Update {
	s.Helper()
	u := s.await(string(state), func(u channel.Update) bool {
		return u.Status != nil && u.Status.State == state && (u.Status.ExternalID == id || u.Status.UpTo)
	})
	if u.Chat.Key != s.chat[0] {
		s.Errorf("the state is about chat %q, want %q", u.Chat.Key, s.chat[0])
	}
	return u
}

// breaks makes the platform fail and skips the case where it cannot.
func (s *session) breaks(f Fault) {
	s.Helper()
	err := s.p.Break(f)
	if errors.Is(err, ErrLacks) {
		s.Skipf("the platform lacks: %s", f.Kind)
	}
	if err != nil {
		s.Fatalf("%s: %v", f.Kind, err)
	}
}

// actCases: what can be done to messages that exist.
func actCases() map[string]func(*session) {
	return map[string]func(*session){
		"edit": func(s *session) {
			editor, ok := s.adapter.(channel.Editor)
			if !ok {
				s.Skip("no edits")
			}
			s.meet(0)
			t, id := s.target(channel.Content{Text: "с ашибкой"})
			if err := editor.Edit(s.Context(), t, channel.Content{Text: "без ошибки & <i>"}); err != nil {
				s.Fatalf("edit: %v", err)
			}
			if got := s.looks(0, id); got.Text != "без ошибки & <i>" || len(s.all(0)) != 1 {
				s.Errorf("the customer sees %+v", s.all(0))
			}
			t.ExternalID = "999999999"
			if se := s.sendError(editor.Edit(s.Context(), t, channel.Content{Text: "x"})); se.Outcome != channel.Failed {
				s.Errorf("editing what is not there: %+v, want failed", se)
			}
		},
		"delete": func(s *session) {
			deleter, ok := s.adapter.(channel.Deleter)
			if !ok {
				s.Skip("no deletions")
			}
			s.meet(0)
			t, id := s.target(channel.Content{Text: "лишнее"})
			if err := deleter.Delete(s.Context(), t); err != nil {
				s.Fatalf("delete: %v", err)
			}
			if slices.ContainsFunc(s.all(0), func(m Seen) bool { return m.ID == id }) {
				s.Error("the customer still sees it")
			}
		},
		"react": func(s *session) {
			reactor, ok := s.adapter.(channel.Reactor)
			if !ok {
				s.Skip("no reactions")
			}
			s.meet(0)
			emoji := "👍"
			if len(s.can.Reactions) > 0 {
				emoji = s.can.Reactions[0]
			}
			for _, e := range []string{emoji, ""} {
				if err := reactor.React(s.Context(), s.theirs(), e); err != nil {
					s.Fatalf("react with %q: %v", e, err)
				}
				if o, ok := s.p.(Observer); ok && o.SawReaction(0, s.last[0]) != e {
					s.Errorf("the customer sees %q, want %q", o.SawReaction(0, s.last[0]), e)
				}
			}
		},
	}
}

// presenceCases: what is shown without a message, and who people are.
func presenceCases() map[string]func(*session) {
	return map[string]func(*session){
		"show typing": func(s *session) {
			typer, ok := s.adapter.(channel.Typer)
			if !ok {
				s.Skip("no typing")
			}
			s.meet(0)
			for _, a := range []channel.Activity{channel.TypingText, channel.RecordingVoice, channel.SendingFile} {
				if err := typer.ShowActivity(s.Context(), s.theirs(), a); err != nil {
					s.Errorf("%s: %v", a, err)
				}
			}
			if o, ok := s.p.(Observer); ok && !o.SawTyping(0) {
				s.Error("the customer was not shown it")
			}
			if len(s.all(0)) != 0 {
				s.Error("typing made a message")
			}
		},
		"look a person up": func(s *session) {
			profiler, ok := s.adapter.(channel.Profiler)
			if !ok {
				s.Skip("nobody can be looked up")
			}
			s.meet(0)
			profile, err := profiler.Profile(s.Context(), s.chat[0], s.person[0])
			if err != nil || profile.Name == "" {
				s.Errorf("profile %+v, error %v", profile, err)
			}
			if profile.AvatarRef == "" {
				return
			}
			media, err := s.adapter.(channel.MediaFetcher).Fetch(s.Context(), profile.AvatarRef)
			if err != nil {
				s.Fatalf("fetch the picture: %v", err)
			}
			if err := media.Body.Close(); err != nil {
				s.Errorf("close: %v", err)
			}
		},
		"deep link": func(s *session) {
			linker, ok := s.adapter.(channel.Linker)
			if !ok {
				s.Skip("no deep links")
			}
			for _, payload := range []string{"", "from_site-1"} {
				link := linker.DeepLink(payload)
				u, err := url.Parse(link)
				if err != nil || u.Scheme != "https" || u.Host == "" || !strings.Contains(link, payload) {
					s.Errorf("link %q with %q: %v", link, payload, err)
				}
			}
		},
		"mark as read": func(s *session) {
			marker, ok := s.adapter.(channel.ReadMarker)
			if !ok {
				s.Skip("no read marks")
			}
			s.meet(0)
			if err := marker.MarkRead(s.Context(), s.theirs()); err != nil {
				s.Fatalf("mark read: %v", err)
			}
			if o, ok := s.p.(Observer); ok && !o.SawRead(0, s.last[0]) {
				s.Error("the customer was not shown it")
			}
		},
	}
}

// target sends a message and points at it.
func (s *session) target(c channel.Content) (channel.Target, string) {
	s.Helper()
	sent := s.send(s.outgoing(0, c))
	return channel.Target{
		Chat: s.chat[0], Recipient: s.person[0].ID, ExternalID: sent.ExternalIDs[0], ExternalIDs: sent.ExternalIDs, SentAt: time.Now(),
	}, sent.ExternalIDs[0]
}

// theirs points at the customer's message.
func (s *session) theirs() channel.Target {
	return channel.Target{Chat: s.chat[0], Recipient: s.person[0].ID, ExternalID: s.last[0], SentAt: time.Now()}
}
