// Package registrar knows where an extension's devices are (RFC 3261 section
// 10, RFC 5626): each binding is a contact and the flow it was registered on,
// down which the device is called.
package registrar

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
)

// Limits of registrations.
const (
	MinExpires  = 60 * time.Second
	MaxExpires  = time.Hour
	natExpires  = 5 * time.Minute // through NAT over UDP, where silence closes the way
	maxBindings = 10
	keepAlive   = 25 * time.Second
)

// Binding is one device of an extension.
type Binding struct {
	User      string
	Contact   message.URI
	Flow      *transport.Flow
	Instance  string // +sip.instance, which survives restarts of the device
	RegID     string
	UserAgent string
	Q         float64
	Since     time.Time
	Expires   time.Time

	callID string
	seq    uint32
	nat    bool
}

// Config is what a Registrar needs.
type Config struct {
	Now func() time.Time
	// Changed is told an extension's bindings after each change, without
	// locks held. It must not wait.
	Changed func(user string, bindings []Binding)
}

// Registrar holds the bindings, in memory: devices register again by
// themselves.
type Registrar struct {
	cfg Config

	mu    sync.Mutex
	users map[string][]Binding
}

// New returns an empty registrar.
func New(cfg Config) *Registrar {
	if cfg.Changed == nil {
		cfg.Changed = func(string, []Binding) {}
	}
	return &Registrar{cfg: cfg, users: map[string][]Binding{}}
}

// Bindings returns an extension's devices, the preferred first.
func (r *Registrar) Bindings(user string) []Binding {
	now := r.cfg.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	return live(r.users[user], now)
}

func live(all []Binding, now time.Time) []Binding {
	var out []Binding
	for _, b := range all {
		if b.Expires.After(now) && b.Flow.Alive() {
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(a, b Binding) int { return cmp.Compare(b.Q, a.Q) })
	return out
}

// Find returns the binding of a device again, as when its connection was lost.
func (r *Registrar) Find(b Binding) (Binding, bool) {
	for _, c := range r.Bindings(b.User) {
		if same(c, b) {
			return c, true
		}
	}
	return Binding{}, false
}

// Of returns the extension's binding a flow belongs to.
func (r *Registrar) Of(user string, f *transport.Flow) (Binding, bool) {
	for _, c := range r.Bindings(user) {
		if c.Flow.Same(f) {
			return c, true
		}
	}
	return Binding{}, false
}

// same reports whether two bindings are one device's: by instance and reg-id
// (RFC 5626 section 6), else by contact.
func same(a, b Binding) bool {
	if a.Instance != "" && a.Instance == b.Instance && a.RegID == b.RegID {
		return true
	}
	return a.Contact.User == b.Contact.User && a.Contact.HostPort() == b.Contact.HostPort()
}

// Register works on a REGISTER of an extension whose sender has proved to be
// it, and answers it.
func (r *Registrar) Register(s *transaction.Server, user string) {
	req := s.Request()
	now := r.cfg.Now()
	r.mu.Lock()
	all := live(r.users[user], now)
	next, status := r.change(s, user, all, now)
	if status == 200 {
		if len(next) == 0 {
			delete(r.users, user)
		} else {
			r.users[user] = next
		}
	}
	r.mu.Unlock()
	res := s.Response(status)
	switch status {
	case 423:
		res.Add("Min-Expires", strconv.Itoa(int(MinExpires/time.Second)))
	case 200:
		r.fill(res, req, next, now)
	}
	s.Respond(res)
	if status == 200 && req.Has("Contact") {
		r.cfg.Changed(user, slices.Clone(next))
	}
}

func (r *Registrar) fill(res, req *message.Message, all []Binding, now time.Time) {
	outbound := false
	for _, b := range all {
		a := message.Address{URI: b.Contact}
		if b.Instance != "" {
			a.Params = a.Params.With("+sip.instance", message.Quote(b.Instance))
		}
		if b.RegID != "" {
			a.Params = a.Params.With("reg-id", b.RegID)
			outbound = true
		}
		left := int((b.Expires.Sub(now) + time.Second/2) / time.Second)
		a.Params = a.Params.With("expires", strconv.Itoa(max(left, 1)))
		res.Add("Contact", a.String())
	}
	if outbound && req.Lists("Supported", "outbound") {
		res.Add("Require", "outbound")
		res.Add("Flow-Timer", "120")
	}
}

// change works out the new list (RFC 3261 section 10.3). Either all contacts
// are taken or none.
func (r *Registrar) change(s *transaction.Server, user string, all []Binding, now time.Time) ([]Binding, int) {
	req := s.Request()
	seq, _ := req.CSeq()
	contacts := req.All("Contact")
	if len(contacts) == 1 && contacts[0] == "*" {
		if n, ok := req.Number("Expires"); !ok || n != 0 {
			return nil, 400
		}
		for _, b := range all {
			if b.callID == req.CallID() && seq <= b.seq {
				return nil, 500
			}
		}
		return nil, 200
	}
	next := slices.Clone(all)
	for _, a := range req.Addresses("Contact") {
		b := r.binding(s, user, a, now)
		asked := wanted(req, a)
		if asked > 0 && asked < MinExpires {
			return nil, 423
		}
		limit := MaxExpires
		if b.nat {
			limit = natExpires
		}
		b.Expires = now.Add(min(asked, limit))
		i := slices.IndexFunc(next, func(c Binding) bool { return same(c, b) })
		if i >= 0 {
			if next[i].callID == b.callID && seq <= next[i].seq {
				return nil, 500 // overtaken by a later one
			}
			b.Since = next[i].Since
			next = slices.Delete(next, i, i+1)
		}
		if asked == 0 {
			continue
		}
		if !a.URI.IsSIP() {
			return nil, 400
		}
		if len(next) >= maxBindings { // the oldest makes room: a device that lost its memory
			next = slices.Delete(next, 0, 1)
		}
		next = append(next, b)
	}
	return next, 200
}

func wanted(req *message.Message, a message.Address) time.Duration {
	if v, ok := a.Params.Get("expires"); ok {
		n, _ := strconv.ParseUint(v, 10, 32) // checked when read
		return time.Duration(n) * time.Second
	}
	if n, ok := req.Number("Expires"); ok {
		return time.Duration(n) * time.Second
	}
	return MaxExpires
}

func (r *Registrar) binding(s *transaction.Server, user string, a message.Address, now time.Time) Binding {
	req, f := s.Request(), s.Flow()
	seq, _ := req.CSeq()
	b := Binding{
		User: user, Contact: a.URI, Flow: f, UserAgent: printable(req.Get("User-Agent")), Q: 1, Since: now, callID: req.CallID(), seq: seq,
	}
	b.Contact.Headers = "" // nobody may put fields into our requests
	if v, ok := a.Params.Get("+sip.instance"); ok {
		b.Instance = v
		b.RegID, _ = a.Params.Get("reg-id")
	}
	if v, ok := a.Params.Get("q"); ok {
		if q, err := strconv.ParseFloat(v, 64); err == nil {
			b.Q = q
		}
	}
	b.nat = !f.Reliable() && strings.Trim(a.URI.Host, "[]") != f.Remote().Addr().String()
	return b
}

// printable bounds what a device says of itself.
func printable(s string) string {
	s = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return -1
		}
		return c
	}, s)
	if len(s) > 120 {
		s = s[:120]
	}
	return strings.ToValidUTF8(s, "")
}

// Unregister forgets an extension's devices, as when it is deleted or its
// password changes.
func (r *Registrar) Unregister(user string) {
	r.mu.Lock()
	_, had := r.users[user]
	delete(r.users, user)
	r.mu.Unlock()
	if had {
		r.cfg.Changed(user, nil)
	}
}

// Run forgets devices whose time is over or whose connection is lost, and
// keeps the way open to those behind NAT, until the context ends.
func (r *Registrar) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last := r.cfg.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			now := r.cfg.Now()
			ping := now.Sub(last) >= keepAlive
			if ping {
				last = now
			}
			r.sweep(now, ping)
		}
	}
}

func (r *Registrar) sweep(now time.Time, ping bool) {
	changed := map[string][]Binding{}
	r.mu.Lock()
	for user, all := range r.users {
		kept := live(all, now)
		if len(kept) != len(all) {
			changed[user] = kept
			if len(kept) == 0 {
				delete(r.users, user)
			} else {
				r.users[user] = kept
			}
		}
		for _, b := range kept {
			if ping && !b.Flow.Reliable() {
				_ = b.Flow.Send([]byte("\r\n\r\n")) // RFC 5626's keep-alive, read by nobody on UDP but the NAT
			}
		}
	}
	r.mu.Unlock()
	for user, all := range changed {
		r.cfg.Changed(user, slices.Clone(all))
	}
}
