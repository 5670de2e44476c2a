package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/fault"
)

type ctxKey int

const (
	actorKey ctxKey = iota
	requestKey
	clientKey
	secretKey
)

// sessionCookie holds a browser's session.
const sessionCookie = "okno_session"

func actorFrom(ctx context.Context) (access.Actor, bool) {
	a, ok := ctx.Value(actorKey).(access.Actor)
	return a, ok && a.User != 0
}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey).(string)
	return id
}

// clientFrom is where a request comes from.
func clientFrom(ctx context.Context) access.Client {
	c, _ := ctx.Value(clientKey).(access.Client)
	return c
}

// Proxies are the networks of proxies that may say whose request they pass on.
type Proxies []netip.Prefix

// ClientIP is the address a request comes from: the peer's, or what trusted
// proxies say it was, read from the last hop backwards so that a client
// cannot choose it.
func (p Proxies) ClientIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip := host
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && p.trusts(ip); i-- {
		hop := strings.TrimSpace(hops[i])
		if _, err := netip.ParseAddr(hop); err != nil {
			break
		}
		ip = hop
	}
	return ip
}

func (p Proxies) trusts(ip string) bool {
	addr, err := netip.ParseAddr(ip)
	return err == nil && slices.ContainsFunc(p, func(n netip.Prefix) bool { return n.Contains(addr.Unmap()) })
}

// identify names the request and its client.
func (s *Server) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := make([]byte, 8)
		_, _ = rand.Read(b) // never fails, see crypto/rand
		id := hex.EncodeToString(b)
		w.Header().Set("X-Request-Id", id)
		ctx := context.WithValue(r.Context(), requestKey, id)
		ctx = context.WithValue(ctx, clientKey, access.Client{IP: s.d.TrustedProxies.ClientIP(r), UserAgent: r.UserAgent()})
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// recoverer makes a bug cost one request.
func (s *Server) recoverer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { //nolint:contextcheck // the request is in the answer
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			s.d.Log.ErrorContext(r.Context(), "panic", slog.Any("panic", p), slog.String("route", r.Pattern),
				slog.String("request_id", requestID(r.Context())), slog.String("stack", string(debug.Stack())))
			s.write(w, r, fault.New(fault.Internal, "internal"))
		}()
		next.ServeHTTP(w, r)
	})
}

// secure sets the headers that every answer has.
func (s *Server) secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		if s.d.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if !strings.HasPrefix(r.URL.Path, "/widget") {
			h.Set("X-Frame-Options", "DENY")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
		}
		next.ServeHTTP(w, r)
	})
}

// sameOrigin refuses changes that another site's page asks a browser for.
func (s *Server) sameOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A request that carries a token cannot be one that a browser was
		// tricked into: other sites cannot add the header.
		if bearer(r) == "" {
			if err := guard.Check(r); err != nil {
				s.write(w, r, fault.Wrap(fault.Denied, "request.cross_origin", err))
				return
			}
		}
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func bearer(r *http.Request) string {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// authenticate finds out who asks. A wrong token is refused at once; without
// any, only public routes answer.
func (s *Server) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secret := bearer(r)
		byToken := secret != ""
		if !byToken {
			if c, err := r.Cookie(sessionCookie); err == nil {
				secret = c.Value
			}
		}
		if secret != "" {
			a, err := s.d.Access.Authenticate(r.Context(), secret, clientFrom(r.Context()).IP)
			switch {
			case err == nil:
				ctx := context.WithValue(r.Context(), actorKey, a)
				r = r.WithContext(context.WithValue(ctx, secretKey, secret))
			case fault.KindOf(err) != fault.Unauthenticated:
				s.write(w, r, err)
				return
			case byToken:
				w.Header().Set("WWW-Authenticate", `Bearer realm="Okno"`)
				s.write(w, r, err)
				return
			default:
				http.SetCookie(w, s.cookie("", -1))
			}
		}
		if _, ok := actorFrom(r.Context()); !ok && !isPublic(r.Method, strings.TrimPrefix(r.URL.Path, "/api/v1")) {
			s.write(w, r, access.ErrUnauthenticated)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// publicRoutes is the one table of API routes that need no log-in.
func publicRoutes() []string {
	return []string{
		"GET /setup", "POST /setup", "POST /auth/login", "GET /auth/invites/", "POST /auth/invites/",
		"GET /openapi.json", "GET /openapi.yaml", "GET /openapi-3.0.json",
	}
}

func isPublic(method, path string) bool {
	return slices.ContainsFunc(publicRoutes(), func(p string) bool {
		m, want, _ := strings.Cut(p, " ")
		return m == method && (path == want || (strings.HasSuffix(want, "/") && strings.HasPrefix(path, want)))
	})
}

func (s *Server) cookie(secret string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure follows the public address
		Name: sessionCookie, Value: secret, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: s.d.Secure, SameSite: http.SameSiteLaxMode,
	}
}

func (s *Server) noRoute(w http.ResponseWriter, r *http.Request) {
	s.write(w, r, fault.New(fault.NotFound, "route.not_found"))
}

func (s *Server) noMethod(w http.ResponseWriter, r *http.Request) {
	s.write(w, r, &Problem{Type: "about:blank", Title: "Method Not Allowed", Status: http.StatusMethodNotAllowed, Code: "route.method"})
}
