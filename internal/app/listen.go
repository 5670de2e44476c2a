package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/config"
	"github.com/okno-hq/okno/internal/httpapi"
	"github.com/okno-hq/okno/internal/store"
	"github.com/okno-hq/okno/web"
)

// openAPI builds the HTTP side.
func (a *App) openAPI(v Version) error {
	proxies, err := config.Prefixes(a.Config.TrustedProxies)
	if err != nil {
		return err
	}
	a.api = httpapi.New(httpapi.Deps{
		Access: a.Access, Contacts: a.Contacts, Inbox: a.Inbox, Accounts: a.Accounts, Events: a.Stores.Events,
		Idempotency: remembered{a}, Workload: a.Stores.Inbox, Hub: a.hub, Search: a.Search, Webhooks: a.hooks.webhooks, Push: devices{a.hooks},
		Web: web.FS(), Widget: a.platform.Handler(), Demo: a.demo(), Metrics: a.metrics.handler(), Ready: a.ready,
		BaseURL: a.Config.BaseURL, Version: string(v), Secure: a.Config.TLS() || isHTTPS(a.Config.BaseURL), TrustedProxies: proxies, Log: a.Log,
	})
	a.tail = a.api.NewTail()
	return nil
}

func isHTTPS(url string) bool { return len(url) > 8 && url[:8] == "https://" }

// ready says whether the server can do its work.
func (a *App) ready(ctx context.Context) error {
	return errors.Join(a.DB.Ping(ctx))
}

// Handler is the whole HTTP side, for tests.
func (a *App) Handler() http.Handler { return a.api.Handler() }

// clientIP is whose request it is, behind the trusted proxies.
func (a *App) clientIP(r *http.Request) string {
	proxies, err := config.Prefixes(a.Config.TrustedProxies)
	if err != nil {
		return r.RemoteAddr
	}
	return httpapi.Proxies(proxies).ClientIP(r)
}

// remembered implements httpapi.Idempotency.
type remembered struct{ a *App }

func (r remembered) Once(ctx context.Context, ws access.WorkspaceID, u access.UserID, key string, hash []byte,
	do func(context.Context) (httpapi.Answer, bool, bool),
) (httpapi.Answer, bool, error) {
	stored, found, err := r.a.Stores.Access.OnceIdempotent(ctx, ws, u, key, hash, time.Now(), func(ctx context.Context) (store.Remembered, bool, bool) {
		answer, done, keep := do(ctx)
		return store.Remembered(answer), done, keep
	})
	return httpapi.Answer(stored), found, err
}

func (r remembered) Begin(ctx context.Context, ws access.WorkspaceID, u access.UserID, key string, hash []byte) (httpapi.Answer, bool, error) {
	stored, found, err := r.a.Stores.Access.BeginIdempotent(ctx, ws, u, key, hash, time.Now())
	return httpapi.Answer(stored), found, err
}

func (r remembered) Finish(ctx context.Context, ws access.WorkspaceID, u access.UserID, key string, answer httpapi.Answer) error {
	return r.a.Stores.Access.FinishIdempotent(ctx, ws, u, key, store.Remembered(answer))
}

func (r remembered) Forget(ctx context.Context, ws access.WorkspaceID, u access.UserID, key string) error {
	return r.a.Stores.Access.ForgetIdempotent(ctx, ws, u, key)
}

// listener is one address that is served.
type listener struct {
	net.Listener
	server *http.Server
	log    *slog.Logger
}

// Times of the HTTP server. Uploads, streams and sockets set their own.
const (
	headerTime = 10 * time.Second
	readTime   = 60 * time.Second
	writeTime  = 120 * time.Second
	idleTime   = 120 * time.Second
	stopTime   = 10 * time.Second
)

func (a *App) server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(a.Log.Handler(), slog.LevelDebug),
	}
}

// listen opens the addresses. With a certificate, plain HTTP only leads to
// HTTPS.
func (a *App) listen(ctx context.Context) ([]listener, error) {
	var lc net.ListenConfig
	plain, err := lc.Listen(ctx, "tcp", a.Config.HTTPAddr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", a.Config.HTTPAddr, err)
	}
	if !a.Config.TLS() {
		return []listener{{plain, a.server(a.Handler()), a.Log}}, nil
	}
	conf, challenge, err := a.certificate(ctx)
	if err != nil {
		return nil, errors.Join(err, plain.Close())
	}
	secure, err := lc.Listen(ctx, "tcp", a.Config.HTTPSAddr)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen on %s: %w", a.Config.HTTPSAddr, err), plain.Close())
	}
	return []listener{
		{plain, a.server(challenge(http.HandlerFunc(a.toHTTPS))), a.Log},
		{tls.NewListener(secure, conf), a.server(a.Handler()), a.Log},
	}, nil
}

func (a *App) toHTTPS(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/healthz" {
		_, _ = w.Write([]byte("ok\n")) // the client may be gone
		return
	}
	target := url.URL{Path: "/" + strings.TrimLeft(r.URL.Path, "/"), RawQuery: r.URL.RawQuery}
	http.Redirect(w, r, a.Config.BaseURL+target.String(), http.StatusPermanentRedirect) //nolint:gosec // the host is always our own
}

// certificate gives the TLS settings: of the files, or of a certificate that
// is fetched and renewed by itself.
func (a *App) certificate(ctx context.Context) (*tls.Config, func(http.Handler) http.Handler, error) {
	same := func(h http.Handler) http.Handler { return h }
	if a.Config.TLSCert != "" {
		files := &pair{cert: a.Config.TLSCert, key: a.Config.TLSKey}
		if _, err := files.get(nil); err != nil {
			return nil, nil, fmt.Errorf("certificate: %w", err)
		}
		a.certificateEnd = files.end
		return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: files.get, NextProtos: []string{"h2", "http/1.1"}}, same, nil
	}
	magic := certmagic.NewDefault()
	magic.Storage = &certmagic.FileStorage{Path: filepath.Join(a.Config.DataDir, "certificates")}
	magic.Logger = zap.NewNop()
	issuer := certmagic.NewACMEIssuer(magic, certmagic.ACMEIssuer{
		CA: certmagic.LetsEncryptProductionCA, Email: a.Config.TLSEmail, Agreed: true, Logger: zap.NewNop(),
	})
	magic.Issuers = []certmagic.Issuer{issuer}
	if err := magic.ManageAsync(ctx, []string{a.Config.TLSDomain}); err != nil {
		return nil, nil, fmt.Errorf("certificate for %s: %w", a.Config.TLSDomain, err)
	}
	a.certificateEnd = stored(magic.Storage, issuer.IssuerKey(), a.Config.TLSDomain)
	conf := magic.TLSConfig()
	conf.MinVersion = tls.VersionTLS12
	conf.NextProtos = append([]string{"h2", "http/1.1"}, conf.NextProtos...)
	return conf, issuer.HTTPChallengeHandler, nil
}

// run serves until ctx ends, then lets requests finish for a while.
func (l listener) run(ctx context.Context) error {
	l.log.InfoContext(ctx, "listening", slog.String("address", l.Addr().String()))
	done := make(chan error, 1)
	go func() { done <- l.server.Serve(l.Listener) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if err := l.server.Shutdown(stop); err != nil {
		l.log.WarnContext(ctx, "requests cut off", slog.Any("error", err))
		if err := l.server.Close(); err != nil {
			return err
		}
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
