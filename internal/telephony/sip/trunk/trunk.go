// Package trunk keeps the lines to operators: registers with them, checks that
// they answer, knows which of their hosts is in use, and says in words what is
// wrong.
package trunk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/digest"
	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
)

// Settings describe one trunk.
type Settings struct {
	ID   string
	Name string
	// Hosts are the operator's servers in order: "sip.example.com" (DNS SRV,
	// else A), "sip.example.com:5080", "192.0.2.1".
	Hosts     []string
	Transport string // transport.UDP, TCP or TLS; "" means UDP
	// Domain is the host part of our address there; "" means the first host.
	Domain string
	// User is the user part of our address; AuthUser the name in credentials,
	// "" means User.
	User, AuthUser, Password string
	// Realm, if set, is the only one whose challenges are answered.
	Realm string
	// Register keeps a registration; without it the operator knows our address.
	Register bool
	// Expires is how long a registration is asked for; zero: 10 minutes.
	Expires time.Duration
	// Check is how often OPTIONS asks whether the operator is there; zero: 30
	// seconds, negative: never.
	Check time.Duration
	// Sources are further networks the operator calls from.
	Sources []netip.Prefix
	// MaxCalls at once and MaxRate calls a second; zero: no limit.
	MaxCalls int
	MaxRate  float64
}

func (s Settings) kind() string {
	if s.Transport == "" {
		return transport.UDP
	}
	return s.Transport
}

// Home is the host part of our address at the operator.
func (s Settings) Home() string {
	if s.Domain != "" {
		return s.Domain
	}
	if len(s.Hosts) == 0 {
		return ""
	}
	host, _ := splitHost(s.Hosts[0])
	return host
}

func (s Settings) authUser() string {
	if s.AuthUser != "" {
		return s.AuthUser
	}
	return s.User
}

// State is what a trunk is good for.
type State string

// The states.
const (
	Starting    State = "starting"
	Up          State = "up"          // registered, or answering
	Unreachable State = "unreachable" // no server of the operator answers
	Refused     State = "refused"     // it answers and does not want us
	Stopped     State = "stopped"
)

// Problem is something that went wrong, in words for people.
type Problem struct {
	At   time.Time
	Text string
}

// Status is a trunk as seen now.
type Status struct {
	ID         string
	State      State
	Since      time.Time
	Server     string // the host in use, with its address
	Registered time.Time
	Expires    time.Time
	Delay      time.Duration // of the last check
	Calls      int
	Problems   []Problem // the newest last
}

const maxProblems = 10

// Config is what a Trunk needs.
type Config struct {
	Transport    *transport.Layer
	Transactions *transaction.Layer
	Resolver     Resolver
	// Contact is how the operator reaches us down a flow.
	Contact func(f *transport.Flow) message.URI
	SentBy  func(f *transport.Flow) string
	Product string
	// Changed is told each change of state.
	Changed func(Status)
	Now     func() time.Time
	Log     *slog.Logger
	// Reply is how long a server may take to answer a check or registration
	// before the next is tried; zero: 3 seconds.
	Reply time.Duration
}

// Trunk is one line.
type Trunk struct {
	cfg    Config
	set    Settings
	auth   *digest.Client
	token  string // user part of our Contact: calls by this trunk are known by it
	callID string

	mu      sync.Mutex
	status  Status
	targets []target
	looked  time.Time
	calls   int
	tokens  float64
	filled  time.Time
	seq     uint32
	flow    *transport.Flow
	renewAt time.Time // of the registration
}

// New returns a trunk that does nothing until Run.
func New(cfg Config, set Settings) *Trunk {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Changed == nil {
		cfg.Changed = func(Status) {}
	}
	if cfg.Reply <= 0 {
		cfg.Reply = 3 * time.Second
	}
	if cfg.SentBy == nil {
		cfg.SentBy = func(*transport.Flow) string { return "" }
	}
	t := &Trunk{cfg: cfg, set: set, token: "t" + transaction.NewTag(), callID: transaction.NewTag() + transaction.NewTag()}
	if set.Password != "" {
		t.auth = digest.NewClient(set.authUser(), set.Password, set.Realm)
	}
	now := cfg.Now()
	t.status = Status{ID: set.ID, State: Starting, Since: now}
	t.tokens, t.filled = max(set.MaxRate, 1), now
	return t
}

// Settings returns what the trunk was made of.
func (t *Trunk) Settings() Settings { return t.set }

// Auth answers the operator's challenges; nil if there is no password.
func (t *Trunk) Auth() *digest.Client { return t.auth }

// Token is the user part of the Contact the trunk registers.
func (t *Trunk) Token() string { return t.token }

// Status returns how the trunk is.
func (t *Trunk) Status() Status {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.status
	s.Calls = t.calls
	s.Problems = append([]Problem(nil), s.Problems...)
	return s
}

func (t *Trunk) become(state State, change func(*Status)) {
	t.mu.Lock()
	moved := t.status.State != state
	if moved {
		t.status.State, t.status.Since = state, t.cfg.Now()
	}
	if change != nil {
		change(&t.status)
	}
	s := t.status
	s.Calls = t.calls
	t.mu.Unlock()
	if moved {
		t.cfg.Log.Info("trunk", slog.String("trunk", t.set.ID), slog.String("state", string(state)))
	}
	t.cfg.Changed(s)
}

// problem notes what went wrong.
func (t *Trunk) problem(state State, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	t.cfg.Log.Warn("trunk", slog.String("trunk", t.set.ID), slog.String("problem", text))
	t.become(state, func(s *Status) {
		s.Problems = append(s.Problems, Problem{At: t.cfg.Now(), Text: text})
		if len(s.Problems) > maxProblems {
			s.Problems = s.Problems[len(s.Problems)-maxProblems:]
		}
	})
}

// Note adds a problem met by a call.
func (t *Trunk) Note(text string) {
	t.mu.Lock()
	state := t.status.State
	t.mu.Unlock()
	t.problem(state, "%s", text)
}

// Why a call cannot go by a trunk.
var (
	ErrBusy = errors.New("trunk: as many calls as allowed") //nolint:gochecknoglobals // a sentinel
	ErrRate = errors.New("trunk: too many calls a second")  //nolint:gochecknoglobals // a sentinel
)

// Acquire takes a place for a call; release gives it back and may be called
// more than once.
func (t *Trunk) Acquire() (release func(), err error) {
	now := t.cfg.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.set.MaxCalls > 0 && t.calls >= t.set.MaxCalls {
		return nil, ErrBusy
	}
	if rate := t.set.MaxRate; rate > 0 {
		t.tokens = min(max(rate, 1), t.tokens+now.Sub(t.filled).Seconds()*rate)
		t.filled = now
		if t.tokens < 1 {
			return nil, ErrRate
		}
		t.tokens--
	}
	t.calls++
	var once sync.Once
	return func() {
		once.Do(func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.calls--
		})
	}, nil
}

// From reports whether a request comes from this operator: from one of its
// hosts or networks; where several trunks share them, the one it is sent to.
func (t *Trunk) From(req *message.Message, source netip.Addr) bool {
	source = source.Unmap()
	if req != nil && t.set.Register && strings.HasPrefix(req.URI.User, "t") && len(req.URI.User) == len(t.token) && req.URI.User != t.token {
		return false
	}
	for _, p := range t.set.Sources {
		if p.Contains(source) {
			return true
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, x := range t.targets {
		if x.addr.Addr() == source {
			return true
		}
	}
	return false
}

// Ways returns how to reach the operator for a call, the server in use first.
func (t *Trunk) Ways(ctx context.Context) ([]*transport.Flow, error) {
	t.mu.Lock()
	current := t.flow
	t.mu.Unlock()
	var flows []*transport.Flow
	if current != nil && current.Alive() {
		flows = append(flows, current)
	}
	targets, err := t.lookup(ctx)
	for _, x := range targets {
		if len(flows) >= 3 || len(flows) > 0 && flows[0].Remote() == x.addr {
			continue
		}
		if len(flows) > 0 && t.set.kind() != transport.UDP {
			break // connections to spare hosts are made when needed
		}
		f, ferr := t.cfg.Transport.Flow(ctx, t.set.kind(), x.addr, x.name)
		if ferr != nil {
			err = ferr
			continue
		}
		flows = append(flows, f)
	}
	if len(flows) > 0 {
		return flows, nil
	}
	if err == nil {
		err = errors.New("trunk: no server")
	}
	return nil, err
}
