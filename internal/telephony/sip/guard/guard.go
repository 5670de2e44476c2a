// Package guard decides who is listened to. Scanners and guessers hear
// nothing; sources that have proved themselves are not shut out by what others
// do in their name.
package guard

import (
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Offence is something a source did that honest peers do seldom.
type Offence int

// The offences, by weight.
const (
	Malformed Offence = iota // a message against the grammar
	Unasked                  // a method that strangers have no reason to send
	Guess                    // wrong credentials
	Scan                     // a scanner's signature
)

func (o Offence) weight() float64 {
	switch o {
	case Guess:
		return 1
	case Scan:
		return limit
	case Unasked:
		return 0.5
	default:
		return 0.2
	}
}

// String returns the name for the log and the list of bans.
func (o Offence) String() string {
	return [...]string{"malformed", "unasked", "guess", "scan"}[o]
}

const (
	limit = 10.0 // this much within the window bans
	// window is how long an offence counts.
	window = 10 * time.Minute
	// known is how long a source that proved itself is trusted.
	known = 24 * time.Hour
	// firstBan doubles with each that follows within a day, up to longestBan.
	firstBan   = 10 * time.Minute
	longestBan = 24 * time.Hour
	// rate and burst bound the messages a second of one stranger.
	rate, burst = 40.0, 120.0
	// maxSources bounds what is remembered; the oldest goes first.
	maxSources = 65536
)

// Ban is a source that is not listened to.
type Ban struct {
	Source netip.Prefix
	Until  time.Time
	Why    Offence
}

// Config is what a Guard needs.
type Config struct {
	Now func() time.Time
	// Trusted reports sources that are never banned, such as trunks and the
	// networks the administrator named. Nil trusts nobody.
	Trusted func(netip.Addr) bool
	// Banned is told each new ban.
	Banned func(Ban)
}

// Guard remembers sources.
type Guard struct {
	cfg Config

	mu       sync.Mutex
	sources  map[netip.Prefix]*source
	accounts map[account]*tally
	tidy     time.Time
}

type source struct {
	score  float64
	at     time.Time // of the score
	tokens float64
	seen   time.Time
	proved time.Time
	until  time.Time // banned
	bans   int
	why    Offence
}

type account struct {
	name string
	from netip.Prefix // zero: of all sources unknown to the account
}

type tally struct {
	failures int
	since    time.Time
	proved   time.Time
}

// New returns a guard that remembers nothing.
func New(cfg Config) *Guard {
	if cfg.Trusted == nil {
		cfg.Trusted = func(netip.Addr) bool { return false }
	}
	if cfg.Banned == nil {
		cfg.Banned = func(Ban) {}
	}
	return &Guard{cfg: cfg, sources: map[netip.Prefix]*source{}, accounts: map[account]*tally{}}
}

// prefix is what is counted as one source: an IPv4 address, an IPv6 /64.
func prefix(a netip.Addr) netip.Prefix {
	a = a.Unmap()
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// Admit reports whether a message of a source is looked at: it is not banned
// and does not send more than a phone could.
func (g *Guard) Admit(a netip.Addr) bool {
	if g.cfg.Trusted(a) {
		return true
	}
	now := g.cfg.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.source(prefix(a), now)
	if now.Before(s.until) {
		return false
	}
	s.tokens = min(burst, s.tokens+now.Sub(s.seen).Seconds()*rate)
	s.seen = now
	if s.tokens < 1 && !s.knownAt(now) {
		return false
	}
	s.tokens--
	s.tokens = max(s.tokens, 0)
	return true
}

func (s *source) knownAt(now time.Time) bool {
	return !s.proved.IsZero() && now.Sub(s.proved) < known
}

// Known reports whether a source is trusted or has lately proved who it is.
func (g *Guard) Known(a netip.Addr) bool {
	if g.cfg.Trusted(a) {
		return true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	s, ok := g.sources[prefix(a)]
	return ok && s.knownAt(g.cfg.Now())
}

func (g *Guard) source(p netip.Prefix, now time.Time) *source {
	if s, ok := g.sources[p]; ok {
		return s
	}
	g.clean(now)
	s := &source{tokens: burst, seen: now, at: now}
	g.sources[p] = s
	return s
}

// Offend notes an offence and reports whether the source may still be
// answered.
func (g *Guard) Offend(a netip.Addr, o Offence) bool {
	if g.cfg.Trusted(a) {
		return true
	}
	now := g.cfg.Now()
	p := prefix(a)
	g.mu.Lock()
	s := g.source(p, now)
	if s.knownAt(now) && o != Guess {
		// UDP's sender can be forged: a stranger must not be able to shut
		// out an office whose phones work.
		g.mu.Unlock()
		return true
	}
	s.score = max(0, s.score-limit*now.Sub(s.at).Seconds()/window.Seconds()) + o.weight()
	s.at = now
	threshold := limit
	if s.knownAt(now) {
		threshold *= 10 // one phone with an old password among many
	}
	if s.score < threshold {
		g.mu.Unlock()
		return true
	}
	length := min(firstBan<<min(s.bans, 8), longestBan)
	s.bans++
	s.score, s.until, s.why = 0, now.Add(length), o
	ban := Ban{Source: p, Until: s.until, Why: o}
	g.mu.Unlock()
	g.cfg.Banned(ban)
	return false
}

// Failures that an account takes before nobody is heard about it any more for
// a window: from one source, and from all that it does not know.
const (
	perSource  = 8
	perAccount = 30
)

// MayTry reports whether credentials of an account from a source are looked
// at at all. If not they are answered as wrong ones are.
func (g *Guard) MayTry(name string, a netip.Addr) bool {
	now := g.cfg.Now()
	p := prefix(a)
	g.mu.Lock()
	defer g.mu.Unlock()
	one := g.accounts[account{name, p}]
	if one != nil && now.Sub(one.since) < window && one.failures >= perSource {
		return false
	}
	if one != nil && !one.proved.IsZero() && now.Sub(one.proved) < known {
		return true // the owner's phone, whatever others try
	}
	all := g.accounts[account{name: name}]
	return all == nil || now.Sub(all.since) >= window || all.failures < perAccount
}

// Failed notes wrong credentials.
func (g *Guard) Failed(name string, a netip.Addr) {
	now := g.cfg.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.accounts) > maxSources {
		g.cleanAccounts(now)
	}
	for _, k := range []account{{name, prefix(a)}, {name: name}} {
		t := g.accounts[k]
		if t == nil {
			t = &tally{since: now}
			g.accounts[k] = t
		}
		if now.Sub(t.since) >= window {
			t.failures, t.since = 0, now
		}
		t.failures++
	}
}

// Proved notes right credentials.
func (g *Guard) Proved(name string, a netip.Addr) {
	now := g.cfg.Now()
	p := prefix(a)
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.source(p, now)
	s.proved, s.score = now, 0
	g.accounts[account{name, p}] = &tally{since: now, proved: now}
}

// Bans lists who is not listened to.
func (g *Guard) Bans() []Ban {
	now := g.cfg.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []Ban
	for p, s := range g.sources {
		if now.Before(s.until) {
			all = append(all, Ban{Source: p, Until: s.until, Why: s.why})
		}
	}
	return all
}

// Lift ends a ban and forgets what led to it.
func (g *Guard) Lift(p netip.Prefix) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.sources, p)
}

// clean forgets what no longer matters and, if that is not enough, anything:
// a quarter at once, so that a flood of forged senders costs little.
func (g *Guard) clean(now time.Time) {
	if len(g.sources) < maxSources && now.Before(g.tidy) {
		return
	}
	g.tidy = now.Add(time.Minute)
	for p, s := range g.sources {
		if now.After(s.until) && now.Sub(s.seen) > window && !s.knownAt(now) && (s.bans == 0 || now.Sub(s.until) > longestBan) {
			delete(g.sources, p)
		}
	}
	if len(g.sources) < maxSources {
		g.cleanAccounts(now)
		return
	}
	for p, s := range g.sources {
		if len(g.sources) < maxSources*3/4 {
			break
		}
		if !now.Before(s.until) && !s.knownAt(now) {
			delete(g.sources, p)
		}
	}
	for p := range g.sources {
		if len(g.sources) < maxSources*3/4 {
			break
		}
		delete(g.sources, p)
	}
	g.cleanAccounts(now)
}

func (g *Guard) cleanAccounts(now time.Time) {
	for k, t := range g.accounts {
		if now.Sub(t.since) >= window && (t.proved.IsZero() || now.Sub(t.proved) >= known) {
			delete(g.accounts, k)
		}
	}
	for k, t := range g.accounts {
		if len(g.accounts) <= maxSources*3/4 {
			break
		}
		if t.proved.IsZero() {
			delete(g.accounts, k)
		}
	}
}

// Scanner reports whether a message has the signature of a tool that looks
// for phone systems to abuse.
func Scanner(userAgent, fromUser string) bool {
	ua := strings.ToLower(userAgent)
	for _, sign := range []string{"friendly-scanner", "friendly-request", "sipvicious", "sip-scan", "sipsak", "sundayddr", "iwar", "sipcli", "pplsip", "vaxsipuseragent", "gulp", "smap", "sipptk", "eyebeam-scan"} {
		if strings.Contains(ua, sign) {
			return true
		}
	}
	return strings.Contains(strings.ToLower(fromUser), "sipvicious")
}
