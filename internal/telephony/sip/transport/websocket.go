package transport

import (
	"context"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
)

// pingEvery is how often a WebSocket's peer must show that it is there.
const pingEvery = 30 * time.Second

// WebSocket returns the handler for SIP over WebSocket (RFC 7118): one SIP
// message a frame, subprotocol "sip". origins are patterns of hosts whose
// pages may connect beside our own; clients that are no browsers send none.
// remote tells a request's true source behind a proxy.
func (l *Layer) WebSocket(origins []string, remote func(*http.Request) netip.AddrPort) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		source := remote(r)
		if !l.admit(source) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		kind := WS
		if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
			kind = WSS
		}
		local := netip.AddrPort{}
		if a, ok := r.Context().Value(http.LocalAddrContextKey).(interface{ String() string }); ok {
			local, _ = netip.ParseAddrPort(a.String())
		}
		f, ok := l.keepAddr(kind, local, source)
		if !ok {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		defer l.forget(f)
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"sip"}, OriginPatterns: origins})
		if err != nil {
			return // Accept has answered
		}
		if conn.Subprotocol() != "sip" {
			_ = conn.Close(websocket.StatusPolicyViolation, "subprotocol sip")
			return
		}
		conn.SetReadLimit(message.MaxSize)
		l.serveWebSocket(r.Context(), f, conn)
	})
}

func (l *Layer) serveWebSocket(ctx context.Context, f *Flow, conn *websocket.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	defer wg.Wait()
	defer f.Close()
	wg.Go(func() {
		defer cancel()
		writeWebSocket(ctx, f, conn)
	})
	first := true
	for {
		readCtx, stop := ctx, context.CancelFunc(func() {})
		if first {
			readCtx, stop = context.WithTimeout(ctx, l.cfg.Greeting)
		}
		_, data, err := conn.Read(readCtx)
		stop()
		if err != nil {
			return
		}
		first = false
		f.heard.Store(time.Now().UnixNano())
		if len(data) <= 4 {
			if string(data) == "\r\n\r\n" && f.Send([]byte("\r\n")) != nil {
				return
			}
			continue
		}
		if !l.admit(f.remote) {
			return
		}
		l.cfg.Receive(f, data)
	}
}

// writeWebSocket writes what is queued and pings a silent peer, so that a
// connection whose other end vanished is noticed.
func writeWebSocket(ctx context.Context, f *Flow, conn *websocket.Conn) {
	defer func() { _ = conn.CloseNow() }()
	defer f.Close()
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case data := <-f.out:
			wctx, cancel := context.WithTimeout(ctx, writeTimeout)
			err := conn.Write(wctx, websocket.MessageText, data)
			cancel()
			if err != nil {
				return
			}
		case <-tick.C:
			pctx, cancel := context.WithTimeout(ctx, writeTimeout)
			err := conn.Ping(pctx)
			cancel()
			if err != nil {
				return
			}
		case <-f.done:
			_ = conn.Close(websocket.StatusGoingAway, "")
			return
		case <-ctx.Done():
			return
		}
	}
}
