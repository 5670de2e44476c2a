// Package whatsapp stands in for Meta's WhatsApp Cloud API: it answers the
// Graph calls that our adapter makes, checks each of them and everything it
// sends itself against Meta's published specification, and lets tests and
// scripts play the customers.
//
// It keeps a ledger of what customers wrote and what reached them, so that a
// test can compare it with what Okno remembers after a crash.
package whatsapp

import (
	"cmp"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/standin/openapi"
	"github.com/okno-hq/okno/internal/standin/platform"
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
	c.Addr = cmp.Or(c.Addr, "127.0.0.1:0")
	c.Token = cmp.Or(c.Token, "EAAtest-system-user-token")
	c.AppSecret = cmp.Or(c.AppSecret, "app-secret-for-tests")
	c.AppID = cmp.Or(c.AppID, "1234567890123456")
	c.WABA = cmp.Or(c.WABA, "102290129340398")
	c.PhoneNumberID = cmp.Or(c.PhoneNumberID, "106540352242922")
	c.DisplayNumber = cmp.Or(c.DisplayNumber, "+7 900 111-22-33")
	c.VerifiedName = cmp.Or(c.VerifiedName, "Okno Test")
	c.MediaTTL = cmp.Or(c.MediaTTL, 5*time.Minute)
	if len(c.RetryDelays) == 0 {
		c.RetryDelays = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, time.Minute}
	}
	c.Client = cmp.Or(c.Client, &http.Client{Timeout: 30 * time.Second})
	return c
}

// Server is a running stand-in.
type Server struct {
	*platform.Host
	platform.Faults[Fault]
	cfg      Config
	contract *openapi.Schemas // nil: nothing is checked

	mu        sync.Mutex
	seq       int
	customers []*customer
	messages  map[string]*Message
	media     map[string]*media
	links     map[string]link
	templates []*Template
	hook      subscription
	lanes     map[string]*lane
	held      []change
	holding   bool
	sent      []delivery // everything ever handed to the webhook, for redelivery
	ledger    *platform.Ledger[Entry]
	rate      bucket
}

// New loads and compiles the specification and prepares a server that is not
// listening yet.
func New(cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	s := &Server{
		cfg:      cfg,
		messages: map[string]*Message{}, media: map[string]*media{}, links: map[string]link{},
		lanes: map[string]*lane{},
		hook:  subscription{App: cfg.WebhookURL, Subscribed: cfg.WebhookURL != ""},
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
	s.Host = platform.NewHost(platform.Settings{Name: "whatsapp", Addr: cfg.Addr, Token: cfg.Token, Logf: cfg.Logf})
	s.templates = exampleTemplates()
	return s, nil
}

// Start listens and serves until Close.
func (s *Server) Start() error { return s.Listen(s.Handler()) }

// Close stops listening and delivering and waits for both to end.
func (s *Server) Close() {
	s.Host.Close()
	s.ledger.Close()
}

// Handler serves the Graph API, the media host and /_control/.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	s.Control(mux, s.questions(), s.customerActions(), s.platformActions())
	mux.HandleFunc("GET /whatsapp_business/attachments/{link}", s.serveDownload)
	mux.HandleFunc("/{version}/{object}", s.serveGraph)
	mux.HandleFunc("/{version}/{object}/{edge}", s.serveGraph)
	return mux
}

// Config returns the settings in force, defaults filled in.
func (s *Server) Config() Config { return s.cfg }

// digits strips a phone number to what WhatsApp calls a wa_id.
func digits(phone string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
}
