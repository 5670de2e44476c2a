// Package whatsapp stands in for Meta's WhatsApp Cloud API: it answers the
// Graph calls that our adapter makes, checks each of them and everything it
// sends itself against Meta's published specification, and lets tests and
// scripts play the customers.
//
// It keeps a ledger of what customers wrote and what reached them, so that a
// test can compare it with what Okno remembers after a crash.
package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Config sets a stand-in up. Only Specs is required; the rest has values fit
// for tests.
type Config struct {
	// Specs is the folder that holds SpecFile.
	Specs string
	// Unvalidated runs without a specification: only the rules written in
	// this package are checked.
	Unvalidated bool
	// Addr is where Start listens, "127.0.0.1:0" by default.
	Addr string
	Logf func(string, ...any)

	// Token is the system user's access token, AppSecret signs webhooks.
	Token, AppSecret string
	AppID            string
	// WABA is the id of the business account, PhoneNumberID of its number.
	WABA, PhoneNumberID         string
	DisplayNumber, VerifiedName string
	// WebhookURL is the callback set in the app's dashboard; a subscription
	// through the API may override it.
	WebhookURL string

	// MediaTTL is how long a download address lives: 5 minutes as on the platform.
	MediaTTL time.Duration
	// RetryDelays are the pauses between deliveries of a webhook that was not
	// answered with 2xx; the last one repeats.
	RetryDelays []time.Duration
	// ManualStatuses switches off the sent and delivered statuses that
	// otherwise follow each accepted message.
	ManualStatuses bool
	// AsyncWindow accepts a free-form message after the 24 hour window and
	// reports 131047 as a failed status, as the platform mostly does, instead
	// of refusing it at once.
	AsyncWindow bool
	// PerSecond limits messages of the number (the platform: 80), PairBurst
	// those to one customer (the platform: 45 at once, then one in six
	// seconds). Zero means no limit.
	PerSecond, PairBurst int
	// LedgerPath, if set, gets each ledger entry appended as a line of JSON.
	LedgerPath string
	// Client delivers the webhooks.
	Client *http.Client
}

func (c Config) withDefaults() Config {
	def := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	def(&c.Addr, "127.0.0.1:0")
	def(&c.Token, "EAAtest-system-user-token")
	def(&c.AppSecret, "app-secret-for-tests")
	def(&c.AppID, "1234567890123456")
	def(&c.WABA, "102290129340398")
	def(&c.PhoneNumberID, "106540352242922")
	def(&c.DisplayNumber, "+7 900 111-22-33")
	def(&c.VerifiedName, "Okno Test")
	if c.Logf == nil {
		c.Logf = func(string, ...any) {}
	}
	if c.MediaTTL == 0 {
		c.MediaTTL = 5 * time.Minute
	}
	if len(c.RetryDelays) == 0 {
		c.RetryDelays = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, time.Minute}
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 30 * time.Second}
	}
	return c
}

// Server is a running stand-in.
type Server struct {
	cfg      Config
	contract *contract

	ctx    context.Context //nolint:containedctx // ends the deliveries, which outlive each request
	cancel context.CancelFunc
	wg     sync.WaitGroup
	http   *http.Server
	url    string

	mu         sync.Mutex
	token      string // "" after RevokeToken
	skew       time.Duration
	seq        int
	customers  []*customer
	messages   map[string]*Message
	media      map[string]*media
	links      map[string]link
	templates  []*Template
	hook       subscription
	lanes      map[string]*lane
	held       []change
	holding    bool
	sent       []delivery // everything ever handed to the webhook, for redelivery
	faults     []*Fault
	calls      map[string]int
	violations []string
	ledger     []*Entry
	ledgerFile *ledgerFile
	rate       bucket
}

// New loads and compiles the specification and prepares a server that is not
// listening yet.
func New(cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	s := &Server{
		cfg: cfg, token: cfg.Token,
		messages: map[string]*Message{}, media: map[string]*media{}, links: map[string]link{},
		lanes: map[string]*lane{}, calls: map[string]int{},
		hook: subscription{App: cfg.WebhookURL, Subscribed: cfg.WebhookURL != ""},
	}
	var err error
	if !cfg.Unvalidated {
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
	s.templates = exampleTemplates()
	return s, nil
}

// Start listens and serves until Close.
func (s *Server) Start() error {
	var lc net.ListenConfig
	ln, err := lc.Listen(s.ctx, "tcp", s.cfg.Addr)
	if err != nil {
		return fmt.Errorf("whatsapp stand-in: listen: %w", err)
	}
	s.url = "http://" + ln.Addr().String()
	s.http = &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second}
	s.wg.Go(func() {
		if err := s.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			s.cfg.Logf("whatsapp stand-in: serve: %v", err)
		}
	})
	return nil
}

// URL is the base address: what an adapter gets as api_url.
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

// Handler serves the Graph API, the media host and /_control/.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /_control/{action}", s.serveControl)
	mux.HandleFunc("GET /_control/{action}", s.serveControl)
	mux.HandleFunc("GET /whatsapp_business/attachments/{link}", s.serveDownload)
	mux.HandleFunc("/{version}/{object}", s.serveGraph)
	mux.HandleFunc("/{version}/{object}/{edge}", s.serveGraph)
	return mux
}

// Now is the stand-in's clock.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

func (s *Server) now() time.Time { return time.Now().Add(s.skew) }

// Advance moves the stand-in's clock, to close a 24 hour window or let a
// media address expire.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skew += d
}

// RevokeToken makes every further call fail with error 190.
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

// Config returns the settings in force, defaults filled in.
func (s *Server) Config() Config { return s.cfg }

// Violations lists everything that broke the specification or a limit of the
// platform, whoever did it. A good test ends with none.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.violations...)
}

// Calls says how often a method was called; see Fault.Method for the names.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

func (s *Server) violate(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	s.cfg.Logf("whatsapp stand-in: violation: %s", text)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.violations = append(s.violations, text)
}

// digits strips a phone number to what WhatsApp calls a wa_id.
func digits(phone string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
}
