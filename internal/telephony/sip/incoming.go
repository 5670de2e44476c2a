package sip

import (
	"net/netip"
	"strings"

	"github.com/okno-hq/okno/internal/telephony/sip/dialog"
	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
)

// Incoming is a call that somebody known begins. Start its leg, then ring,
// answer or refuse.
type Incoming struct {
	Leg *dialog.Leg
	// User is the extension that calls, or Trunk the line it comes by.
	User, Trunk string
	// Called is what was dialled: the user part of the request, or by a
	// trunk that names its registration there, of To.
	Called string
	// Caller is the number or extension that calls and Name what it calls
	// itself. Anonymous: the caller does not want to be shown.
	Caller, Name string
	Anonymous    bool
	// Diverted is the number that the call was first for (RFC 5806, RFC 7044).
	Diverted string
	// Hops is how often the call may still be passed on.
	Hops int
	// Replaces is the leg that this call is to take the place of, in an
	// attended transfer or a pick-up (RFC 3891).
	Replaces *dialog.Leg
	// Auto reports that the peer asks for an answer without ringing.
	Auto bool
}

func (a *Agent) trunkOf(req *message.Message, f *transport.Flow) *line {
	a.mu.Lock()
	defer a.mu.Unlock()
	var found *line
	for _, t := range a.trunks {
		if t.From(req, f.Remote().Addr()) {
			if req.URI.User == t.Token() {
				return t
			}
			// Of several by the same address the one it names wins, else the
			// first by name, so that it is always the same.
			if found == nil || t.Settings().ID < found.Settings().ID {
				found = t
			}
		}
	}
	return found
}

func (a *Agent) fromTrunk(s *transaction.Server, t *line) {
	if a.isDraining() {
		s.Reply(503)
		return
	}
	release, err := t.Acquire()
	if err != nil {
		t.Note(err.Error())
		s.Reply(503)
		return
	}
	in, ok := a.incoming(s, dialog.Peer{Follow: true, Auth: t.Auth()})
	if !ok {
		release()
		return
	}
	in.Leg.OnEnd(release)
	in.Trunk = t.Settings().ID
	req := s.Request()
	in.Called = req.URI.Name()
	if in.Called == t.Token() || in.Called == "" {
		in.Called = req.To().URI.Name()
	}
	a.cfg.Incoming(in)
}

func (a *Agent) fromExtension(s *transaction.Server, user string) {
	if a.isDraining() {
		s.Reply(503)
		return
	}
	peer := dialog.Peer{}
	if b, ok := a.registrar.Of(user, s.Flow()); ok {
		peer.Refind = a.refind(b)
	}
	in, ok := a.incoming(s, peer)
	if !ok {
		return
	}
	in.User, in.Caller = user, user
	in.Called = s.Request().URI.Name()
	a.cfg.Incoming(in)
}

// incoming makes the leg of a call and reads what it says of itself.
func (a *Agent) incoming(s *transaction.Server, peer dialog.Peer) (*Incoming, bool) {
	req := s.Request()
	var replaced *dialog.Leg
	if v := req.Get("Replaces"); v != "" {
		r, ok := message.ParseReplaces(v)
		if !ok || len(req.All("Replaces")) > 1 {
			s.Reply(400)
			return nil, false
		}
		if replaced, ok = a.dialogs.Replaced(r); !ok {
			s.Reply(481)
			return nil, false
		}
	}
	leg := a.dialogs.Take(s, peer)
	if leg == nil {
		return nil, false
	}
	in := &Incoming{Leg: leg, Replaces: replaced, Hops: 70}
	if n, ok := req.Number("Max-Forwards"); ok {
		in.Hops = int(n)
	}
	in.readCaller(req)
	for _, field := range []string{"Diversion", "History-Info"} {
		if d, err := message.ParseAddress(first(req.List(field))); err == nil && in.Diverted == "" {
			in.Diverted = d.URI.Name()
		}
	}
	in.Auto = strings.Contains(strings.ToLower(req.Get("Call-Info")), "answer-after=0") || strings.Contains(strings.ToLower(req.Get("Alert-Info")), "auto-answer")
	return in, true
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// readCaller takes the number from what the network asserts (RFC 3325) and
// else from From.
func (in *Incoming) readCaller(req *message.Message) {
	from := req.From()
	in.Caller, in.Name = number(from.URI), from.Display
	for _, v := range req.List("P-Asserted-Identity") {
		if pai, err := message.ParseAddress(v); err == nil {
			in.Caller = number(pai.URI)
			if pai.Display != "" {
				in.Name = pai.Display
			}
			break
		}
	}
	for p := range strings.SplitSeq(req.Get("Privacy"), ";") {
		if p = strings.TrimSpace(p); p == "id" || p == "user" || p == "header" {
			in.Anonymous = true
		}
	}
	if strings.EqualFold(in.Caller, "anonymous") || strings.HasSuffix(from.URI.Host, "anonymous.invalid") && !req.Has("P-Asserted-Identity") {
		in.Anonymous = true
		if strings.EqualFold(in.Caller, "anonymous") {
			in.Caller = ""
		}
	}
	if !printableName(in.Name) {
		in.Name = ""
	}
}

func number(u message.URI) string {
	if u.Scheme == "tel" {
		n, _, _ := strings.Cut(u.Opaque, ";")
		return n
	}
	return u.Name()
}

func printableName(s string) bool {
	for _, c := range s {
		if c < ' ' || c == 0x7f || c == '\uFFFD' {
			return false
		}
	}
	return len(s) <= 256
}

// Source is the address a call came from.
func (in *Incoming) Source() netip.AddrPort { return in.Leg.Flow().Remote() }
