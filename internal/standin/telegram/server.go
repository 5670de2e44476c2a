// Package telegram stands in for the Telegram Bot API: it answers the methods
// that our adapter calls, checks each request and every update it sends
// against the published specification, and lets tests and scripts play the
// customers, the owner of a business account and the members of groups.
//
// It keeps a ledger of what customers wrote and what reached them, so that a
// test can compare it with what Okno remembers after a crash.
package telegram

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/standin/platform"
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
	c.Addr = cmp.Or(c.Addr, "127.0.0.1:0")
	c.Token = cmp.Or(c.Token, "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0")
	c.BotName = cmp.Or(c.BotName, "Okno Test")
	c.BotUsername = cmp.Or(c.BotUsername, "okno_test_bot")
	c.MaxUpload = cmp.Or(c.MaxUpload, 50<<20)
	c.MaxPhoto = cmp.Or(c.MaxPhoto, 10<<20)
	c.MaxDownload = cmp.Or(c.MaxDownload, 20<<20)
	c.FileTTL = cmp.Or(c.FileTTL, time.Hour)
	if len(c.RetryDelays) == 0 {
		c.RetryDelays = []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 30 * time.Second, time.Minute}
	}
	c.Client = cmp.Or(c.Client, &http.Client{Timeout: 60 * time.Second})
	return c
}

// m is a JSON object.
type m = map[string]any

// Server is a running stand-in. Its exported methods lock mu; the others want
// it locked unless they say otherwise.
type Server struct {
	*platform.Host
	platform.Faults[Fault]
	cfg      Config
	contract *contract
	botID    int64

	mu          sync.Mutex
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
	ledger      *platform.Ledger[Entry]
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
		cfg: cfg, botID: botID, seq: 900000,
		customers: map[int64]*customer{}, groups: map[int64]*group{}, connections: map[string]*connection{},
		boxes: map[string]*box{}, orders: map[string]int{}, files: map[string]*file{}, paths: map[string]*file{},
		presses: map[string]*press{}, buckets: map[string]*bucket{},
		queue: newQueue(),
	}
	if !cfg.Unchecked {
		if s.contract, err = loadContract(cfg.Specs); err != nil {
			return nil, err
		}
	}
	if s.ledger, err = platform.OpenLedger[Entry](cfg.LedgerPath); err != nil {
		return nil, err
	}
	s.Host = platform.NewHost(platform.Settings{Name: "telegram", Addr: cfg.Addr, Token: cfg.Token, Logf: cfg.Logf})
	return s, nil
}

// Start listens and serves until Close.
func (s *Server) Start() error { return s.Listen(s.Handler()) }

// Close stops listening and delivering and waits for both to end.
func (s *Server) Close() {
	s.Host.Close()
	s.ledger.Close()
}

// Handler serves the Bot API, its files and /_control/.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	s.Control(mux, s.questions(), s.customerActions(), s.platformActions())
	mux.HandleFunc("GET /file/{bot}/{path...}", s.serveFile)
	mux.HandleFunc("/{bot}/{method}", s.serveMethod)
	return mux
}

// Config returns the settings in force, defaults filled in.
func (s *Server) Config() Config { return s.cfg }

// BotID is the bot's user id.
func (s *Server) BotID() int64 { return s.botID }

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
