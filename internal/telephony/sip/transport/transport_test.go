package transport_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/okno-hq/okno/internal/telephony/sip/transport"
)

const options = "OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 2\r\n\r\nhi"

type got struct {
	flow *transport.Flow
	data string
}

func layer(t *testing.T, change func(*transport.Config)) (*transport.Layer, chan got) {
	t.Helper()
	in := make(chan got, 100)
	cfg := transport.Config{Receive: func(f *transport.Flow, b []byte) { in <- got{f, string(b)} }}
	if change != nil {
		change(&cfg)
	}
	l := transport.New(cfg)
	t.Cleanup(l.Close)
	return l, in
}

func next(t *testing.T, in chan got) got {
	t.Helper()
	select {
	case g := <-in:
		return g
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		return got{}
	}
}

func dial(t *testing.T, at netip.AddrPort) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", at.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestStreamInPieces(t *testing.T) {
	l, in := layer(t, nil)
	at, err := l.Listen(t.Context(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	c := dial(t, at)
	for _, b := range []byte("\r\n" + options) {
		if _, err := c.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	g := next(t, in)
	if g.data != options || g.flow.Transport() != transport.TCP || !g.flow.Reliable() {
		t.Errorf("%q", g.data)
	}
	if _, err := c.Write([]byte(options + options)); err != nil {
		t.Fatal(err)
	}
	if a, b := next(t, in), next(t, in); a.data != options || b.data != options || !a.flow.Same(g.flow) {
		t.Errorf("%q %q", a.data, b.data)
	}
	if err := g.flow.Send([]byte("answer")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 6)
	if _, err := io.ReadFull(c, buf); err != nil || string(buf) != "answer" {
		t.Errorf("%q %v", buf, err)
	}
	if _, err := c.Write([]byte("\r\n\r\n")); err != nil { // ping
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, buf[:2]); err != nil || string(buf[:2]) != "\r\n" {
		t.Errorf("pong %q %v", buf[:2], err)
	}
	_ = c.Close()
	<-g.flow.Done()
	if g.flow.Alive() || g.flow.Send(nil) == nil {
		t.Error("alive")
	}
}

// Who connects and says nothing, or never ends a message, is cut off.
func TestSlowPeersAreCutOff(t *testing.T) {
	l, _ := layer(t, func(c *transport.Config) { c.Greeting = 50 * time.Millisecond })
	at, err := l.Listen(t.Context(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	silent, slow, endless := dial(t, at), dial(t, at), dial(t, at)
	if _, err := slow.Write([]byte("OPTIONS sip:a@b SIP/2.0\r\n")); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = endless.Write([]byte(strings.Repeat("x", 100000))) }()
	for _, c := range []net.Conn{silent, slow, endless} {
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
		if _, err := c.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
			t.Errorf("still there: %v", err)
		}
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	l, in := layer(t, func(c *transport.Config) { c.MaxPerSource = 2 })
	at, err := l.Listen(t.Context(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := dial(t, at).Write([]byte(options)); err != nil {
			t.Fatal(err)
		}
		next(t, in)
	}
	third := dial(t, at)
	_ = third.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := third.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("a third: %v", err)
	}
	if n := l.Connections(); n != 2 {
		t.Errorf("%d", n)
	}
}

// A peer that does not read loses its connection and holds up nobody.
func TestPeerThatDoesNotRead(t *testing.T) {
	l, in := layer(t, nil)
	at, err := l.Listen(t.Context(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dial(t, at).Write([]byte(options)); err != nil {
		t.Fatal(err)
	}
	f := next(t, in).flow
	big := make([]byte, 60000)
	for range 100000 {
		if err := f.Send(big); err != nil {
			if f.Alive() {
				t.Error("alive")
			}
			return
		}
	}
	t.Error("it took everything")
}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sip.example"}, DNSNames: []string{"sip.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestTLSBothWays(t *testing.T) {
	cert, pool := certificate(t)
	server, in := layer(t, func(c *transport.Config) { c.TLS = &tls.Config{Certificates: []tls.Certificate{cert}} })
	at, err := server.Listen(t.Context(), "127.0.0.1:0", true)
	if err != nil {
		t.Fatal(err)
	}
	client, back := layer(t, func(c *transport.Config) { c.ClientTLS = &tls.Config{RootCAs: pool} })
	if _, err := client.Flow(t.Context(), transport.TLS, at, "other.example"); err == nil {
		t.Error("another's certificate was taken")
	}
	f, err := client.Flow(t.Context(), transport.TLS, at, "sip.example")
	if err != nil {
		t.Fatal(err)
	}
	if g, err := client.Flow(t.Context(), transport.TLS, at, "sip.example"); err != nil || g != f {
		t.Errorf("a second connection: %v", err)
	}
	if err := f.Send([]byte(options)); err != nil {
		t.Fatal(err)
	}
	g := next(t, in)
	if !g.flow.Secure() || g.data != options {
		t.Errorf("%+v", g)
	}
	if err := g.flow.Send([]byte(options)); err != nil {
		t.Fatal(err)
	}
	if h := next(t, back); h.flow != f {
		t.Error("the answer came by another flow")
	}
}

func TestUDP(t *testing.T) {
	allowed := make(chan bool, 1)
	l, in := layer(t, func(c *transport.Config) { c.Admit = func(netip.Addr) bool { return <-allowed } })
	at, err := l.ListenUDP(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("udp", at.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	send := func(s string) {
		if _, err := c.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	allowed <- false
	send("banned datagram")
	send("\r\n\r\n") // a keep-alive is not even asked about
	allowed <- true
	send(options)
	g := next(t, in)
	if g.data != options || g.flow.Reliable() || g.flow.Remote().String() != c.LocalAddr().String() {
		t.Errorf("%+v", g)
	}
	f, err := l.Flow(t.Context(), transport.UDP, g.flow.Remote(), "")
	if err != nil || f.Local() != at {
		t.Fatalf("%v %v", f, err)
	}
	if err := f.Send([]byte("back")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 10)
	if n, err := c.Read(buf); err != nil || string(buf[:n]) != "back" {
		t.Errorf("%q %v", buf[:n], err)
	}
}

func TestWebSocket(t *testing.T) {
	l, in := layer(t, nil)
	hs := httptest.NewServer(l.WebSocket(nil, func(r *http.Request) netip.AddrPort { a, _ := netip.ParseAddrPort(r.RemoteAddr); return a }))
	defer hs.Close()
	url := "ws" + strings.TrimPrefix(hs.URL, "http")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if c, _, err := websocket.Dial(ctx, url, nil); err == nil {
		if _, _, err := c.Read(ctx); err == nil {
			t.Error("without the subprotocol")
		}
	}
	if _, res, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{"sip"}, HTTPHeader: http.Header{"Origin": {"https://evil.example"}}}); err == nil || res.StatusCode != http.StatusForbidden {
		t.Error("a foreign page may connect")
	}
	c, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{"sip"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	if err := c.Write(ctx, websocket.MessageText, []byte(options)); err != nil {
		t.Fatal(err)
	}
	g := next(t, in)
	if g.flow.Transport() != transport.WS || g.data != options {
		t.Errorf("%+v", g)
	}
	if err := g.flow.Send([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, b, err := c.Read(ctx); err != nil || string(b) != "x" {
		t.Errorf("%q %v", b, err)
	}
	_ = c.CloseNow()
	<-g.flow.Done()
}
