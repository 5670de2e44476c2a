// Package httpapi is how the world reaches Okno over HTTP: the REST API of
// the workspace and of scripts, the live events, the platforms' webhooks, the
// pages themselves.
//
// DTOs live here only. Every API route needs a log-in unless it stands in the
// one table of public routes.
package httpapi

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/account"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/inbox"
)

// Deps is what the API stands on.
type Deps struct {
	Access      *access.Service
	Contacts    *contact.Service
	Inbox       *inbox.Service
	Accounts    *account.Service
	Events      Events
	Idempotency Idempotency
	Workload    Workload
	Hub         *Hub
	// Extra routes of parts that are optional here: search, webhooks, push.
	Search   Searcher
	Webhooks Webhooks
	Push     Push

	// Web holds the workspace's pages, Widget serves the website widget's
	// addresses, Demo the sample shop; nil leaves them out.
	Web    fs.FS
	Widget http.Handler
	Demo   http.Handler
	// Metrics serves /metrics; nil leaves it out.
	Metrics http.Handler
	// Ready says whether the server can do its work.
	Ready func(context.Context) error

	BaseURL string
	Version string
	// Secure marks cookies for HTTPS only.
	Secure bool
	// TrustedProxies may say whose request they pass on.
	TrustedProxies Proxies
	Log            *slog.Logger
	Now            func() time.Time
}

// Events reads the event log.
type Events interface {
	event.Reader
	// First is the oldest event still kept.
	First(ctx context.Context, workspace int64) (int64, error)
}

// Workload counts what lies in inboxes.
type Workload interface {
	Workload(ctx context.Context, ws int64) (map[inbox.ID][2]int, error)
}

// Server is the HTTP side of Okno.
type Server struct {
	d      Deps
	api    huma.API
	router chi.Router
}

// Limits of requests.
const (
	maxJSON   = 2 << 20
	maxUpload = 2 << 30
	maxHook   = 32 << 20
	pageSize  = 50
	maxPage   = 200
)

// New returns the server with all its routes.
func New(d Deps) *Server {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	useProblems()
	s := &Server{d: d, router: chi.NewMux()}
	s.router.Use(s.identify, s.recoverer, s.secure)
	s.health()
	s.router.HandleFunc("/hooks/{kind}/{id}", s.serveHook)
	if d.Widget != nil {
		s.router.Handle("/widget.js", d.Widget)
		s.router.Handle("/widget/*", d.Widget)
	}
	if d.Demo != nil {
		s.router.Handle("/demo", http.RedirectHandler("/demo/", http.StatusMovedPermanently))
		s.router.Handle("/demo/*", http.StripPrefix("/demo", d.Demo))
	}
	s.router.Route("/api/v1", func(r chi.Router) {
		r.Use(s.sameOrigin, s.authenticate, s.idempotent)
		r.NotFound(s.noRoute)
		r.MethodNotAllowed(s.noMethod)
		s.api = humachi.New(r, s.description())
		s.routes()
		s.fileRoutes(r)
		r.Get("/events", s.serveEvents)
		r.Handle("/socket", http.HandlerFunc(s.serveSocket))
	})
	s.router.Get("/api/docs", s.serveDocs)
	s.pages()
	return s
}

// Handler returns the whole server as a handler.
func (s *Server) Handler() http.Handler { return s.router }

// OpenAPI returns the description of the API.
func (s *Server) OpenAPI() *huma.OpenAPI { return s.api.OpenAPI() }

// Describe returns the description of the API, all parts included, without
// anything behind it.
func Describe() *huma.OpenAPI {
	r := chi.NewMux()
	useProblems()
	s := &Server{router: r, d: Deps{
		Accounts: account.NewService(account.Deps{Registry: account.NewRegistry(nil, "")}), Search: nothing{}, Push: nothing{}, Webhooks: nothing{},
	}}
	s.api = humachi.New(r, s.description())
	s.routes()
	s.describeFiles()
	return s.api.OpenAPI()
}

// nothing stands in for the parts that only the description needs.
type nothing struct {
	Searcher
	Push
	Webhooks
}

func (s *Server) description() huma.Config {
	cfg := huma.DefaultConfig("Okno", "1")
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "/openapi", "", ""
	cfg.CreateHooks = nil // no $schema links in answers
	cfg.Servers = []*huma.Server{{URL: "/api/v1"}}
	cfg.Info.Description = "One window for every conversation with a customer. Ids are strings; times are RFC 3339 in UTC; " +
		"lists are paged by cursor; errors are RFC 9457 problems with a stable code; writes accept Idempotency-Key."
	cfg.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "An API token from Settings → API."},
		"session": {Type: "apiKey", In: "cookie", Name: sessionCookie, Description: "The workspace's own session."},
	}
	return cfg
}

// routes registers every API operation.
func (s *Server) routes() {
	s.sessionRoutes()
	s.peopleRoutes()
	s.inboxRoutes()
	s.channelRoutes()
	s.conversationRoutes()
	s.itemRoutes()
	s.contactRoutes()
	s.vocabularyRoutes()
	s.searchRoutes()
	s.webhookRoutes()
	s.pushRoutes()
}
