package transaction

import (
	"crypto/rand"
	"encoding/base32"
	"net/netip"
	"strconv"
	"strings"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
)

// NewTag returns a tag nobody can guess.
func NewTag() string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}

// NewBranch returns a branch for a new transaction.
func NewBranch() string { return message.Cookie + NewTag() }

// markSource writes into the top Via where a request came from (RFC 3261
// section 18.2.1, RFC 3581), for the answers' way back.
func markSource(f *transport.Flow, m *message.Message) {
	via, ok := m.TopVia()
	if !ok {
		return
	}
	source := f.Remote()
	if host, err := netip.ParseAddr(strings.Trim(via.Host, "[]")); err != nil || host.Unmap() != source.Addr() || via.Params.Has("rport") {
		via.Params = via.Params.With("received", source.Addr().String())
	}
	if via.Params.Has("rport") {
		via.Params = via.Params.With("rport", strconv.Itoa(int(source.Port())))
	}
	for i := range m.Fields {
		if m.Fields[i].Name == "Via" {
			m.Fields[i].Value = via.String()
			return
		}
	}
}

// replyFlow is where answers go (RFC 3261 section 18.2.2, RFC 3581 section 4):
// back the way the request came; only a UDP peer that names itself truly and
// does not ask for rport is answered at the port it names.
func replyFlow(f *transport.Flow, m *message.Message) *transport.Flow {
	if f.Reliable() {
		return f
	}
	via, ok := m.TopVia()
	if !ok || via.Params.Has("rport") || via.Params.Has("received") {
		return f
	}
	port := via.Port
	if port == 0 {
		port = 5060
	}
	return f.To(netip.AddrPortFrom(f.Remote().Addr(), uint16(port)))
}
