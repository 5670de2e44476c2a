package offer

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Endpoint is our side of one leg's negotiation. It is not safe for
// concurrent use: a dialog calls it from one goroutine.
type Endpoint struct {
	local Local
	want  Direction // what we want on every exchange
	id    uint64    // of the origin line

	version  uint64
	last     []byte // the last description without its origin line
	offered  bool
	keys     []Crypto // ours, offered
	agreed   Agreed
	settled  bool
	layout   []line // of the session: media lines stay in their order
	onAgreed func(Agreed)
}

// New returns an endpoint. agreed is told each outcome.
func New(local Local, agreed func(Agreed)) *Endpoint {
	var b [8]byte
	_, _ = rand.Read(b[:])
	if local.PTime == 0 {
		local.PTime = 20
	}
	if local.Suites == nil {
		local.Suites = []string{"AEAD_AES_256_GCM", "AEAD_AES_128_GCM", "AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"}
	}
	return &Endpoint{local: local, want: SendRecv, id: binary.BigEndian.Uint64(b[:]) >> 2, onAgreed: agreed}
}

// Want sets the direction of the next exchanges from our view: SendOnly or
// Inactive put the peer on hold.
func (e *Endpoint) Want(d Direction) { e.want = d }

// Wanted returns it.
func (e *Endpoint) Wanted() Direction { return e.want }

// Agreed returns the last outcome and whether there is one.
func (e *Endpoint) Agreed() (Agreed, bool) { return e.agreed, e.settled }

// Offer writes an offer.
func (e *Endpoint) Offer() ([]byte, error) {
	sec := e.local.Security
	codecs := e.local.Codecs
	if e.settled {
		sec = e.agreed.Security
		codecs = e.keepNumbers()
	}
	e.keys = nil
	var ours []Crypto
	if sec == SDES {
		for i, suite := range e.local.Suites {
			if e.settled && e.agreed.LocalKey.Suite == suite { // the stream goes on with its key
				ours = append(ours, Crypto{Tag: i + 1, Suite: suite, Key: e.agreed.LocalKey.Key})
				continue
			}
			ours = append(ours, Crypto{Tag: i + 1, Suite: suite, Key: newKey(suite)})
		}
	}
	if sec == DTLS && e.local.Keying == nil {
		return nil, ErrSecurity
	}
	e.keys, e.offered = ours, true
	setup := "actpass"
	layout := e.layout
	if layout == nil {
		layout = []line{{kind: "audio", proto: proto(sec)}}
	}
	return e.write(layout, codecs, ours, sec, setup, e.want, true), nil
}

// keepNumbers gives formats already agreed the numbers they have (RFC 3264
// section 8.3.2) and others numbers that are free.
func (e *Endpoint) keepNumbers() []Codec {
	used := map[uint8]bool{}
	taken := append(append([]Codec{}, e.agreed.Recv...), e.agreed.RecvEvents)
	for _, c := range taken {
		used[c.PT] = true
	}
	out := make([]Codec, 0, len(e.local.Codecs))
	for _, c := range e.local.Codecs {
		if i := slices.IndexFunc(taken, c.Is); i >= 0 {
			c.PT = taken[i].PT
		} else if used[c.PT] {
			for pt := uint8(96); pt < 128; pt++ {
				if !used[pt] {
					c.PT = pt
					break
				}
			}
		}
		used[c.PT] = true
		out = append(out, c)
	}
	return out
}

func proto(s Security) string {
	switch s {
	case SDES:
		return "RTP/SAVP"
	case DTLS:
		return "UDP/TLS/RTP/SAVPF"
	case Plain:
	}
	return "RTP/AVP"
}

func newKey(suite string) []byte {
	key := make([]byte, KeyLength(suite))
	_, _ = rand.Read(key) // never fails
	return key
}

// Abandon forgets an offer that was refused; what was agreed stays.
func (e *Endpoint) Abandon() { e.offered = false }

// Accept takes the answer to our offer; where the request forked, each
// branch's answer may be taken, the last one counts.
func (e *Endpoint) Accept(answer []byte) error {
	if !e.offered {
		return ErrState
	}
	r, err := parse(answer)
	if err != nil {
		return err
	}
	codecs := e.local.Codecs
	if e.settled {
		codecs = e.keepNumbers()
	}
	a, err := e.settle(r, codecs, false)
	if err != nil {
		return err
	}
	if a.Security == SDES {
		if len(r.crypt) != 1 {
			return ErrSecurity
		}
		i := slices.IndexFunc(e.keys, func(c Crypto) bool { return c.Tag == r.crypt[0].Tag && c.Suite == r.crypt[0].Suite })
		if i < 0 {
			return ErrSecurity
		}
		a.LocalKey, a.PeerKey = e.keys[i], r.crypt[0]
	}
	if a.Security == DTLS {
		a.Setup = "passive"
		if r.key.Setup == "passive" {
			a.Setup = "active"
		}
	}
	e.done(r, a)
	return nil
}

// Answer takes a peer's offer and writes the answer.
func (e *Endpoint) Answer(offer []byte) ([]byte, error) {
	r, err := parse(offer)
	if err != nil {
		return nil, err
	}
	a, err := e.settle(r, e.local.Codecs, true)
	if err != nil {
		return nil, err
	}
	setup := ""
	var ours []Crypto
	switch a.Security {
	case SDES:
		peer, ok := e.pick(r.crypt)
		if !ok {
			return nil, ErrSecurity
		}
		key := Crypto{Tag: peer.Tag, Suite: peer.Suite, Key: newKey(peer.Suite)}
		if e.settled && e.agreed.PeerKey.Suite == peer.Suite && bytes.Equal(e.agreed.PeerKey.Key, peer.Key) {
			key.Key = e.agreed.LocalKey.Key
		}
		a.LocalKey, a.PeerKey = key, peer
		ours = []Crypto{key}
	case DTLS:
		if e.local.Keying == nil {
			return nil, ErrSecurity
		}
		setup = "passive" // the browser begins; we are reachable
		if r.key.Setup == "passive" {
			setup = "active"
		}
		a.Setup = setup
	case Plain:
	}
	codecs := append([]Codec{}, a.Recv...)
	for _, c := range r.codec {
		if c.event() && (c.Is(a.RecvEvents) || c.Clock == 8000) && slices.ContainsFunc(e.local.Codecs, c.Is) {
			c.Fmtp = "0-15"
			codecs = append(codecs, c)
		}
	}
	e.offered = false
	e.done(r, a)
	return e.write(r.lines, codecs, ours, a.Security, setup, a.Direction, a.Mux), nil
}

func (e *Endpoint) done(r *remote, a Agreed) {
	e.agreed, e.settled, e.layout = a, true, r.lines
	if e.onAgreed != nil {
		e.onAgreed(a)
	}
}

// pick chooses the peer's line whose suite we like best.
func (e *Endpoint) pick(lines []Crypto) (Crypto, bool) {
	for _, suite := range e.local.Suites {
		for _, c := range lines {
			if c.Suite == suite {
				return c, true
			}
		}
	}
	return Crypto{}, false
}

// settle works out what both sides can do. In an answer (to us) the peer's
// order rules, in an offer ours.
func (e *Endpoint) settle(r *remote, mine []Codec, offered bool) (Agreed, error) {
	a := Agreed{Remote: r.addr, RemoteRTCP: r.rtcp, Mux: r.mux, PTime: r.ptime}
	if r.mux {
		a.RemoteRTCP = r.addr
	}
	switch {
	case strings.HasPrefix(r.proto, "UDP/TLS/") || strings.HasPrefix(r.proto, "RTP/SAVP") && len(r.crypt) == 0 && r.key != nil && r.key.Fingerprint != "":
		if r.key == nil || r.key.Fingerprint == "" {
			return a, ErrSecurity
		}
		a.Security, a.PeerKeying = DTLS, r.key
	case strings.HasPrefix(r.proto, "RTP/SAVP"):
		a.Security = SDES
	}
	if (e.local.Require || !offered) && a.Security != e.local.Security && !e.settled {
		return a, ErrSecurity
	}
	a.Direction = direction(r.dir.Receives() && e.want.Sends(), r.dir.Sends() && e.want.Receives())
	a.Held = !r.dir.Receives()
	add := func(m, p Codec) {
		send, recv := p, p
		if !offered {
			recv.PT = m.PT
			send.Fmtp, recv.Fmtp = p.Fmtp, m.Fmtp
		} else {
			recv.Fmtp = m.Fmtp
		}
		a.Send, a.Recv = append(a.Send, send), append(a.Recv, recv)
	}
	outer, inner := mine, r.codec
	if !offered {
		outer, inner = r.codec, mine
	}
	for _, o := range outer {
		i := slices.IndexFunc(inner, o.Is)
		if i < 0 || !o.sound() {
			continue
		}
		if offered {
			add(o, inner[i])
		} else {
			add(inner[i], o)
		}
	}
	if len(a.Send) == 0 {
		return a, ErrNoCodec
	}
	e.settleEvents(&a, r, mine, offered)
	return a, nil
}

func (e *Endpoint) settleEvents(a *Agreed, r *remote, mine []Codec, offered bool) {
	for _, clock := range []int{a.Send[0].Clock, 8000} {
		want := Codec{Name: "telephone-event", Clock: clock}
		p, m := slices.IndexFunc(r.codec, want.Is), slices.IndexFunc(mine, want.Is)
		if p < 0 || m < 0 {
			continue
		}
		a.SendEvents, a.RecvEvents = r.codec[p], r.codec[p]
		if !offered {
			a.RecvEvents.PT = mine[m].PT
		}
		return
	}
}

// write builds a description over the media lines of the session; all but the
// audio line used are refused.
func (e *Endpoint) write(lines []line, codecs []Codec, keys []Crypto, sec Security, setup string, dir Direction, mux bool) []byte {
	var b strings.Builder
	ip := e.local.Addr.Addr()
	family := "IP4"
	if ip.Is6() {
		family = "IP6"
	}
	fmt.Fprintf(&b, "s=-\r\nc=IN %s %s\r\nt=0 0\r\n", family, ip)
	if k := e.local.Keying; sec == DTLS && k != nil && k.Lite {
		b.WriteString("a=ice-lite\r\n")
	}
	used := false
	for _, l := range lines {
		if used || l.kind != "audio" || !rtpProto(l.proto) {
			fmt.Fprintf(&b, "m=%s 0 %s %s\r\n", l.kind, l.proto, orZero(l.formats))
			continue
		}
		used = true
		e.writeAudio(&b, l, codecs, keys, sec, setup, dir, mux)
	}
	body := []byte(b.String())
	if !bytes.Equal(body, e.last) {
		e.version++
		e.last = body
	}
	head := fmt.Sprintf("v=0\r\no=- %d %d IN %s %s\r\n", e.id, e.version, family, ip)
	return append([]byte(head), body...)
}

func orZero(s string) string {
	if s == "" {
		return "0"
	}
	return s
}

func (e *Endpoint) writeAudio(b *strings.Builder, l line, codecs []Codec, keys []Crypto, sec Security, setup string, dir Direction, mux bool) {
	numbers := make([]string, len(codecs))
	for i, c := range codecs {
		numbers[i] = strconv.Itoa(int(c.PT))
	}
	fmt.Fprintf(b, "m=audio %d %s %s\r\n", e.local.Addr.Port(), l.proto, strings.Join(numbers, " "))
	for _, c := range codecs {
		fmt.Fprintf(b, "a=rtpmap:%s\r\n", c.rtpmap())
		if c.Fmtp != "" {
			fmt.Fprintf(b, "a=fmtp:%d %s\r\n", c.PT, c.Fmtp)
		}
	}
	for _, k := range keys {
		fmt.Fprintf(b, "a=crypto:%d %s inline:%s\r\n", k.Tag, k.Suite, base64.StdEncoding.EncodeToString(k.Key))
	}
	if k := e.local.Keying; sec == DTLS && k != nil {
		if l.mid != "" {
			fmt.Fprintf(b, "a=mid:%s\r\n", l.mid)
		}
		fmt.Fprintf(b, "a=fingerprint:%s\r\na=setup:%s\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\n", k.Fingerprint, setup, k.Ufrag, k.Pwd)
		for _, c := range k.Candidates {
			fmt.Fprintf(b, "a=candidate:%s\r\n", c)
		}
	}
	if mux {
		b.WriteString("a=rtcp-mux\r\n")
	}
	if port := e.local.RTCPPort; port != 0 {
		fmt.Fprintf(b, "a=rtcp:%d\r\n", port)
	}
	fmt.Fprintf(b, "a=ptime:%d\r\na=%s\r\n", e.local.PTime, dir)
}

// Unreachable reports whether an address is one that a peer elsewhere cannot
// be reached by, as private ones behind NAT.
func Unreachable(a netip.Addr) bool {
	return !a.IsValid() || a.IsUnspecified() || a.IsPrivate() || a.IsLinkLocalUnicast()
}
