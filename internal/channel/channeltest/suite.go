package channeltest

import (
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

// Run runs the contract suite. It calls open for a fresh platform per case.
func Run(t *testing.T, platform func(*testing.T) Platform) {
	t.Helper()
	for _, group := range []struct {
		name  string
		cases []map[string]func(*session)
	}{
		{"declares", list(declareCases(), accountCases())},
		{"receives", list(receiveCases(), receiveKindCases(), receiveChangeCases(), unknownCases())},
		{"delivery", list(deliveryCases())},
		{"sends", list(sendCases(), sendKindCases())},
		{"reports", list(reportCases())},
		{"acts", list(actCases(), presenceCases())},
		{"limits", list(limitCases(), fileLimitCases(), buttonLimitCases())},
		{"fails", list(failCases(), networkCases(), recoveryCases(), fileFailCases())},
		{"strangers", list(strangerCases())},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, cases := range group.cases {
				for name, run := range cases {
					t.Run(name, func(t *testing.T) { run(open(t, platform)) })
				}
			}
		})
	}
}

func list(cases ...map[string]func(*session)) []map[string]func(*session) { return cases }

// declareCases check what the adapter says about itself.
func declareCases() map[string]func(*session) {
	return map[string]func(*session){
		"capabilities match the methods": func(s *session) {
			implements := func(name string, says, has bool) {
				if says != has {
					s.Errorf("capability %s is %v, but the method's presence is %v", name, says, has)
				}
			}
			_, ok := s.adapter.(channel.Editor)
			implements("Edit", s.can.Edit, ok)
			_, ok = s.adapter.(channel.Deleter)
			implements("Delete", s.can.Delete, ok)
			_, ok = s.adapter.(channel.Reactor)
			implements("React", s.can.React, ok)
			_, ok = s.adapter.(channel.Typer)
			implements("Typing", s.can.Typing, ok)
			_, ok = s.adapter.(channel.ReadMarker)
			implements("MarkRead", s.can.MarkRead, ok)
			_, ok = s.adapter.(channel.TemplateLister)
			implements("Template", s.can.Template, ok)
			if len(s.can.Attachments) > 0 && s.can.Caption == 0 && s.can.Album > 1 {
				s.Error("albums without captions: say so with Caption")
			}
			if s.can.Text == 0 {
				s.Error("every platform limits the length of a text: set Text")
			}
			if n := len(s.can.Buttons.Kinds); (n == 0) != (s.can.Buttons.Max == 0) {
				s.Errorf("%d kinds of button, but at most %d buttons", n, s.can.Buttons.Max)
			}
		},
		"form names each setting once": func(s *session) {
			seen := map[string]bool{}
			for _, f := range s.p.Factory().Form().Fields {
				if f.Name == "" || seen[f.Name] {
					s.Errorf("field %q is empty or there twice", f.Name)
				}
				seen[f.Name] = true
				if f.Type == channel.FieldChoice && len(f.Options) == 0 {
					s.Errorf("choice %q has no options", f.Name)
				}
			}
			for name := range s.account.Settings {
				if !seen[name] {
					s.Errorf("setting %q is not in the form", name)
				}
			}
			for name := range s.account.Secrets {
				if !seen[name] {
					s.Errorf("secret %q is not in the form", name)
				}
			}
		},
	}
}

// accountCases: settings are checked, and the account says whether it works.
func accountCases() map[string]func(*session) {
	return map[string]func(*session){
		"opening without required fields is refused": func(s *session) {
			for _, f := range s.p.Factory().Form().Fields {
				if !f.Required {
					continue
				}
				a := with(s.account, f.Name, "")
				secrets := map[string]string{}
				for k, v := range s.account.Secrets {
					if k != f.Name {
						secrets[k] = v
					}
				}
				a.Secrets = secrets
				if adapter, err := s.p.Factory().Open(a); err == nil {
					adapter.Close()
					s.Errorf("opened without %s", f.Name)
				}
			}
		},
		"a working account is working": func(s *session) {
			if h := s.adapter.Check(s.Context()); h.State != channel.Working || h.Account == "" {
				s.Errorf("health %+v, want working and the account's name", h)
			}
		},
		"subscribing again changes nothing": func(s *session) {
			sub, ok := s.adapter.(channel.Subscriber)
			if !ok || s.p.Hook() == nil {
				s.Skip("nothing to subscribe")
			}
			if err := sub.Subscribe(s.Context()); err != nil {
				s.Fatalf("again: %v", err)
			}
			s.meet(0)
			if err := sub.Unsubscribe(s.Context()); err != nil {
				s.Fatalf("unsubscribe: %v", err)
			}
			if h := s.adapter.Check(s.Context()); h.State == channel.Working {
				s.Errorf("health %+v although nothing is delivered to us", h)
			}
			if err := sub.Subscribe(s.Context()); err != nil {
				s.Fatalf("subscribe anew: %v", err)
			}
			s.meet(0)
		},
	}
}

// near says whether two coordinates are the same to a metre.
func near(a, b float64) bool { return a-b < 1e-5 && b-a < 1e-5 }

// recent says whether a time of the platform is plausible.
func recent(t time.Time) bool { return t.IsZero() || time.Since(t).Abs() < time.Hour }
