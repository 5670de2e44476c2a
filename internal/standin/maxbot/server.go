// Package maxbot stands in for the MAX Bot API (https://dev.max.ru/docs-api):
// it answers the calls that our adapter makes, checks each of them and
// everything it sends itself against the vendor's specification, and lets
// tests and scripts play the customers.
//
// It keeps a ledger of what customers wrote and what reached them, so that a
// test can compare it with what Okno remembers after a crash.
package maxbot

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/standin/platform"
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
	c.Addr = cmp.Or(c.Addr, "127.0.0.1:0")
	c.Token = cmp.Or(c.Token, "f9LHodD0cOtest-bot-token")
	c.BotName = cmp.Or(c.BotName, "Окно")
	c.Username = cmp.Or(c.Username, "okno_test_bot")
	c.BotID = cmp.Or(c.BotID, 229229229)
	if len(c.RetryDelays) == 0 {
		pause := 100 * time.Millisecond
		for range 10 {
			c.RetryDelays = append(c.RetryDelays, pause)
			pause = pause * 5 / 2
		}
	}
	c.UnsubscribeAfter = cmp.Or(c.UnsubscribeAfter, 8*time.Hour)
	c.PerSecond = cmp.Or(c.PerSecond, 30)
	c.PollsPerSecond = cmp.Or(c.PollsPerSecond, 2)
	c.Client = cmp.Or(c.Client, &http.Client{Timeout: 30 * time.Second})
	return c
}

// Server is a running stand-in.
type Server struct {
	*platform.Host
	platform.Faults[Fault]
	cfg      Config
	contract *contract

	mu        sync.Mutex
	public    string // see SetPublicURL
	seq       int64
	customers map[int64]*customer
	chats     map[int64]*chat
	messages  map[string]*Message
	files     map[string]*file // by token, and by upload and download key
	callbacks map[string]*press
	actions   []Action
	hooks     []*subscription
	sent      []*update // everything ever handed out, for redelivery
	polled    *pollQueue
	ledger    *platform.Ledger[Entry]
	rate      bucket
	pollRate  bucket
}

// New loads and compiles the specification and prepares a server that is not
// listening yet.
func New(cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	s := &Server{
		cfg:       cfg,
		customers: map[int64]*customer{}, chats: map[int64]*chat{}, messages: map[string]*Message{},
		files: map[string]*file{}, callbacks: map[string]*press{},
		polled: newPollQueue(),
	}
	var err error
	if !cfg.Unvalidated {
		if s.contract, err = loadContract(cfg.Specs); err != nil {
			return nil, err
		}
	}
	if s.ledger, err = platform.OpenLedger[Entry](cfg.LedgerPath); err != nil {
		return nil, err
	}
	s.Host = platform.NewHost(platform.Settings{Name: "max", Addr: cfg.Addr, Token: cfg.Token, Logf: cfg.Logf})
	return s, nil
}

// Start listens and serves until Close.
func (s *Server) Start() error { return s.Listen(s.Handler()) }

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
	return s.URL()
}

// Close stops listening and delivering and waits for both to end.
func (s *Server) Close() {
	s.Host.Close()
	s.ledger.Close()
}

// Config returns the settings in force, defaults filled in.
func (s *Server) Config() Config { return s.cfg }

// nextSeq makes the seq of a message: milliseconds and a counter, as in the
// platform's own.
func (s *Server) nextSeq() int64 {
	s.seq++
	return s.Now().UnixMilli()<<16 | s.seq&0xffff
}

// mid makes a message's id, which on the platform is its chat and its seq.
func mid(chat, seq int64) string {
	return fmt.Sprintf("mid.%016x%016x", uint64(chat), uint64(seq)) //nolint:gosec // bits, not numbers
}
