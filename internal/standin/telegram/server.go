// Package telegram stands in for the Telegram Bot API: it answers the methods
// that our adapter calls, checks each request and every update it sends
// against the published specification, and lets tests and scripts play the
// customers, the owner of a business account and the members of groups.
//
// It keeps a ledger of what customers wrote and what reached them, so that a
// test can compare it with what Okno remembers after a crash.
package telegram

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Config sets a stand-in up. Only Specs is required; the rest has values fit
// for tests.
type Config struct {
	// Specs is the folder that holds SpecFile. Without it New fails, unless
	// Unchecked says that nothing is to be checked: for trying the product out.
	Specs     string
	Unchecked bool
	// Addr is where Start listens, "127.0.0.1:0" by default.
	Addr string
	Logf func(string, ...any)

	// Token is the bot's, "<bot id>:<secret>".
	Token, BotName, BotUsername string

	// RetryDelays are the pauses between deliveries of an update that was not
	// answered with 2xx; the last one repeats.
	RetryDelays []time.Duration
	// FileTTL is how long a file_path lives after getFile: an hour.
	FileTTL time.Duration
	// MaxUpload, MaxPhoto and MaxDownload are in bytes: 50, 10 and 20 MB.
	MaxUpload, MaxPhoto, MaxDownload int64
	// PerSecond limits the bot's messages (the platform: about 30), ChatBurst
	// those to one chat (then one a second), GroupPerMinute those to one group
	// (the platform: 20). Zero means no limit.
	PerSecond, ChatBurst, GroupPerMinute int
	// LedgerPath, if set, gets each ledger entry appended as a line of JSON.
	LedgerPath string
	// Client delivers the webhooks.
	Client *http.Client
}

func (c Config) withDefaults() Config {
	text := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	number := func(p *int64, v int64) {
		if *p == 0 {
			*p = v
		}
	}
	text(&c.Addr, "127.0.0.1:0")
	text(&c.Token, "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0")
	text(&c.BotName, "Okno Test")
	text(&c.BotUsername, "okno_test_bot")
	number(&c.MaxUpload, 50<<20)
	number(&c.MaxPhoto, 10<<20)
	number(&c.MaxDownload, 20<<20)
	if c.Logf == nil {
		c.Logf = func(string, ...any) {}
	}
	if c.FileTTL == 0 {
		c.FileTTL = time.Hour
	}
	if len(c.RetryDelays) == 0 {
		c.RetryDelays = []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 30 * time.Second, time.Minute}
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 60 * time.Second}
	}
	return c
}

// m is a JSON object.
type m = map[string]any

// Server is a running stand-in. Its exported methods lock mu; the others want
// it locked unless they say otherwise.
type Server struct {
	cfg      Config
	contract *contract
	botID    int64

	ctx    context.Context //nolint:containedctx // ends the deliveries, which outlive each request
	cancel context.CancelFunc
	wg     sync.WaitGroup
	http   *http.Server
	url    string

	mu          sync.Mutex
	token       string // "" after RevokeToken
	skew        time.Duration
	seq         int64
	customers   map[int64]*customer
	groups      map[int64]*group
	connections map[string]*connection
	boxes       map[string]*box
	orders      map[string]int // messages per chat key
	files       map[string]*file
	paths       map[string]*file
	presses     map[string]*press
	queue       queue
	faults      []*Fault
	calls       map[string]int
	violations  []string
	ledger      []*Entry
	ledgerFile  *ledgerFile
	rate        bucket
	buckets     map[string]*bucket
	bannedUntil time.Time
}

// New loads the specification and prepares a server that is not listening yet.
func New(cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	id, _, ok := strings.Cut(cfg.Token, ":")
	botID, err := strconv.ParseInt(id, 10, 64)
	if err != nil || !ok {
		return nil, fmt.Errorf("telegram stand-in: the token must be <bot id>:<secret>")
	}
	s := &Server{
		cfg: cfg, botID: botID, token: cfg.Token, seq: 900000,
		customers: map[int64]*customer{}, groups: map[int64]*group{}, connections: map[string]*connection{},
		boxes: map[string]*box{}, orders: map[string]int{}, files: map[string]*file{}, paths: map[string]*file{},
		presses: map[string]*press{}, calls: map[string]int{}, buckets: map[string]*bucket{},
		queue: newQueue(),
	}
	if !cfg.Unchecked {
		if s.contract, err = loadContract(cfg.Specs); err != nil {
			return nil, err
		}
	}
	if cfg.LedgerPath != "" {
		if s.ledgerFile, err = openLedger(cfg.LedgerPath); err != nil {
			return nil, err
		}
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// Start listens and serves until Close.
func (s *Server) Start() error {
	var lc net.ListenConfig
	ln, err := lc.Listen(s.ctx, "tcp", s.cfg.Addr)
	if err != nil {
		return fmt.Errorf("telegram stand-in: listen: %w", err)
	}
	s.url = "http://" + ln.Addr().String()
	s.http = &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second}
	s.wg.Go(func() {
		if err := s.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			s.cfg.Logf("telegram stand-in: serve: %v", err)
		}
	})
	return nil
}

// URL is the base address: what an adapter gets as api_url. Files are below
// it at /file, as at the platform.
func (s *Server) URL() string { return s.url }

// Close stops listening and delivering and waits for both to end.
func (s *Server) Close() {
	s.cancel()
	if s.http != nil {
		_ = s.http.Close()
	}
	s.wg.Wait()
	if s.ledgerFile != nil {
		s.ledgerFile.close()
	}
}

// Handler serves the Bot API, its files and /_control/.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /_control/{action}", s.serveControl)
	mux.HandleFunc("GET /_control/{action}", s.serveControl)
	mux.HandleFunc("GET /file/{bot}/{path...}", s.serveFile)
	mux.HandleFunc("/{bot}/{method}", s.serveMethod)
	return mux
}

// Config returns the settings in force, defaults filled in.
func (s *Server) Config() Config { return s.cfg }

// BotID is the bot's user id.
func (s *Server) BotID() int64 { return s.botID }

// Now is the stand-in's clock.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

func (s *Server) now() time.Time { return time.Now().Add(s.skew) }

// Advance moves the stand-in's clock, to make messages too old to delete, a
// business chat too old to answer, or a file_path stale.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skew += d
}

// RevokeToken makes every further call fail with 401.
func (s *Server) RevokeToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = ""
}

// RestoreToken makes Config.Token valid again.
func (s *Server) RestoreToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = s.cfg.Token
}

// Violations lists everything that broke the specification or a rule of the
// platform, whoever did it. A good test ends with none.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.violations...)
}

// Calls says how often a method was called.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[strings.ToLower(method)]
}

func (s *Server) violate(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	s.cfg.Logf("telegram stand-in: violation: %s", text)
	s.violations = append(s.violations, text)
}

// bucket is a token bucket.
type bucket struct {
	tokens float64
	at     time.Time
}

// take takes one token, or says how long until there is one.
func (b *bucket) take(now time.Time, perSecond float64, size int) time.Duration {
	if b.at.IsZero() {
		b.tokens = float64(size)
	} else {
		b.tokens = min(float64(size), b.tokens+now.Sub(b.at).Seconds()*perSecond)
	}
	b.at = now
	if b.tokens < 1 {
		return time.Duration((1 - b.tokens) / perSecond * float64(time.Second))
	}
	b.tokens--
	return 0
}
