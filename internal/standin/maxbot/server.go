// Package maxbot stands in for the MAX Bot API (https://dev.max.ru/docs-api):
// it answers the calls that our adapter makes, checks each of them and
// everything it sends itself against the vendor's specification, and lets
// tests and scripts play the customers.
//
// It keeps a ledger of what customers wrote and what reached them, so that a
// test can compare it with what Okno remembers after a crash.
package maxbot

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

// Config sets a stand-in up. Specs is required unless Unvalidated is set; the
// rest has values fit for tests.
type Config struct {
	// Specs is the folder that holds SpecFile.
	Specs string
	// Unvalidated runs without a specification: only the rules written in
	// this package are checked.
	Unvalidated bool
	// Addr is where Start listens, "127.0.0.1:0" by default.
	Addr string
	Logf func(string, ...any)

	// Token is the bot's access token.
	Token string
	BotID int64
	// BotName and Username are the bot's.
	BotName, Username string

	// RetryDelays are the pauses between deliveries of an update that was not
	// answered with 200; after the last one the update is given up. The
	// platform waits 60 s, 150 s, 375 s … ten times.
	RetryDelays []time.Duration
	// UnsubscribeAfter is how long a webhook may fail before the bot is
	// unsubscribed: 8 hours as on the platform.
	UnsubscribeAfter time.Duration
	// NotReady is how long an uploaded file answers attachment.not.ready.
	NotReady time.Duration
	// PerSecond limits calls (30 on the platform), PollsPerSecond long polls
	// (2 on the platform). Negative means no limit.
	PerSecond, PollsPerSecond int
	// DialogCallbacksWithoutChat leaves recipient.chat_id out of callbacks
	// from private dialogs, as the platform does at times.
	DialogCallbacksWithoutChat bool
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
	def(&c.Token, "f9LHodD0cOtest-bot-token")
	def(&c.BotName, "Окно")
	def(&c.Username, "okno_test_bot")
	if c.BotID == 0 {
		c.BotID = 229229229
	}
	if c.Logf == nil {
		c.Logf = func(string, ...any) {}
	}
	if len(c.RetryDelays) == 0 {
		pause := 100 * time.Millisecond
		for range 10 {
			c.RetryDelays = append(c.RetryDelays, pause)
			pause = pause * 5 / 2
		}
	}
	if c.UnsubscribeAfter == 0 {
		c.UnsubscribeAfter = 8 * time.Hour
	}
	if c.PerSecond == 0 {
		c.PerSecond = 30
	}
	if c.PollsPerSecond == 0 {
		c.PollsPerSecond = 2
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
	public     string // see SetPublicURL
	token      string // "" after RevokeToken
	skew       time.Duration
	seq        int64
	customers  map[int64]*customer
	chats      map[int64]*chat
	messages   map[string]*Message
	files      map[string]*file // by token, and by upload and download key
	callbacks  map[string]*press
	actions    []Action
	hooks      []*subscription
	sent       []*update // everything ever handed out, for redelivery
	polled     *pollQueue
	faults     []*Fault
	calls      map[string]int
	violations []string
	ledger     []*Entry
	ledgerFile *ledgerFile
	rate       bucket
	pollRate   bucket
}

// New loads and compiles the specification and prepares a server that is not
// listening yet.
func New(cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	s := &Server{
		cfg: cfg, token: cfg.Token,
		customers: map[int64]*customer{}, chats: map[int64]*chat{}, messages: map[string]*Message{},
		files: map[string]*file{}, callbacks: map[string]*press{}, calls: map[string]int{},
		polled: newPollQueue(),
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
	return s, nil
}

// Start listens and serves until Close.
func (s *Server) Start() error {
	var lc net.ListenConfig
	ln, err := lc.Listen(s.ctx, "tcp", s.cfg.Addr)
	if err != nil {
		return fmt.Errorf("max stand-in: listen: %w", err)
	}
	s.url = "http://" + ln.Addr().String()
	s.http = &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second}
	s.wg.Go(func() {
		if err := s.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			s.cfg.Logf("max stand-in: serve: %v", err)
		}
	})
	return nil
}

// URL is the base address: what an adapter gets as api_url.
func (s *Server) URL() string { return s.url }

// SetPublicURL changes the address that answers name for uploads and files,
// for a stand-in behind a proxy.
func (s *Server) SetPublicURL(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.public = strings.TrimRight(address, "/")
}

// base is the address that answers name.
func (s *Server) base() string {
	if s.public != "" {
		return s.public
	}
	return s.url
}

// Close stops listening and delivering and waits for both to end.
func (s *Server) Close() {
	s.cancel()
	if s.http != nil {
		_ = s.http.Close()
	}
	s.wg.Wait()
	s.ledgerFile.close()
}

// Now is the stand-in's clock.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

func (s *Server) now() time.Time { return time.Now().Add(s.skew) }

// Advance moves the stand-in's clock: 8 hours of failures, a message too old
// to edit.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skew += d
}

// RevokeToken makes every further call fail with verify.token.
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
	s.cfg.Logf("max stand-in: violation: %s", text)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.violations = append(s.violations, text)
}

// nextSeq makes the seq of a message: milliseconds and a counter, as in the
// platform's own.
func (s *Server) nextSeq() int64 {
	s.seq++
	return s.now().UnixMilli()<<16 | s.seq&0xffff
}

// mid makes a message's id, which on the platform is its chat and its seq.
func mid(chat, seq int64) string {
	return fmt.Sprintf("mid.%016x%016x", uint64(chat), uint64(seq)) //nolint:gosec // bits, not numbers
}
