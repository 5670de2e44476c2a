package offer

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

// maxMedia bounds the media lines looked at.
const maxMedia = 16

// remote is a peer's description: the audio that is used and, for the answer,
// all lines.
type remote struct {
	lines []line
	audio int // index into lines
	addr  netip.AddrPort
	rtcp  netip.AddrPort
	mux   bool
	dir   Direction
	proto string
	codec []Codec
	ptime int
	crypt []Crypto
	key   *Keying
}

// line is one m= line as an answer must repeat it.
type line struct{ kind, proto, formats, mid string }

func parse(body []byte) (*remote, error) {
	var d sdp.SessionDescription
	if err := d.Unmarshal(body); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	if len(d.MediaDescriptions) > maxMedia {
		return nil, ErrSyntax
	}
	r := &remote{audio: -1}
	for i, m := range d.MediaDescriptions {
		mid, _ := m.Attribute("mid")
		r.lines = append(r.lines, line{
			kind: m.MediaName.Media, proto: strings.Join(m.MediaName.Protos, "/"),
			formats: strings.Join(m.MediaName.Formats, " "), mid: mid,
		})
		if r.audio < 0 && m.MediaName.Media == "audio" && m.MediaName.Port.Value != 0 && rtpProto(r.lines[i].proto) {
			r.audio = i
			if err := r.readAudio(&d, m); err != nil {
				return nil, err
			}
		}
	}
	if r.audio < 0 {
		return nil, ErrNoAudio
	}
	return r, nil
}

func rtpProto(p string) bool {
	switch p {
	case "RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF":
		return true
	}
	return false
}

func (r *remote) readAudio(d *sdp.SessionDescription, m *sdp.MediaDescription) error {
	r.proto = strings.Join(m.MediaName.Protos, "/")
	conn := m.ConnectionInformation
	if conn == nil {
		conn = d.ConnectionInformation
	}
	if conn == nil || conn.Address == nil || m.MediaName.Port.Value < 0 || m.MediaName.Port.Value > 65535 {
		return ErrSyntax
	}
	port := uint16(m.MediaName.Port.Value)
	host, _, _ := strings.Cut(conn.Address.Address, "/")
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.IsMulticast() || ip.Zone() != "" {
		if err == nil {
			return ErrSyntax
		}
		ip = netip.IPv4Unspecified() // a name: the address is learnt from what comes in
	}
	ip = ip.Unmap()
	r.addr = netip.AddrPortFrom(ip, port)
	r.rtcp = netip.AddrPortFrom(ip, port+1)
	r.dir = SendRecv
	for _, list := range [][]sdp.Attribute{d.Attributes, m.Attributes} {
		for _, a := range list {
			if err := r.attribute(a, ip); err != nil {
				return err
			}
		}
	}
	if ip.IsUnspecified() && ip.Is4() && r.dir.Receives() { // hold after RFC 2543
		r.dir = direction(r.dir.Sends(), false)
	}
	r.readCodecs(m)
	return nil
}

func (r *remote) attribute(a sdp.Attribute, ip netip.Addr) error {
	switch a.Key {
	case "sendrecv", "sendonly", "recvonly", "inactive":
		r.dir = Direction(a.Key)
	case "rtcp-mux":
		r.mux = true
	case "rtcp":
		port, rest, _ := strings.Cut(a.Value, " ")
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return ErrSyntax
		}
		if f := strings.Fields(rest); len(f) == 3 {
			if other, err := netip.ParseAddr(f[2]); err == nil {
				ip = other.Unmap()
			}
		}
		r.rtcp = netip.AddrPortFrom(ip, uint16(n))
	case "ptime":
		if n, err := strconv.Atoi(a.Value); err == nil && n >= 10 && n <= 120 {
			r.ptime = n
		}
	case "crypto":
		if c, ok := parseCrypto(a.Value); ok {
			r.crypt = append(r.crypt, c)
		}
	case "fingerprint":
		r.keying().Fingerprint = a.Value
	case "setup":
		r.keying().Setup = a.Value
	case "ice-ufrag":
		r.keying().Ufrag = a.Value
	case "ice-pwd":
		r.keying().Pwd = a.Value
	case "ice-lite":
		r.keying().Lite = true
	case "candidate":
		if k := r.keying(); len(k.Candidates) < 64 {
			k.Candidates = append(k.Candidates, a.Value)
		}
	}
	return nil
}

func (r *remote) keying() *Keying {
	if r.key == nil {
		r.key = &Keying{}
	}
	return r.key
}

// readCodecs reads the formats in the peer's order.
func (r *remote) readCodecs(m *sdp.MediaDescription) {
	maps, fmtps := map[string]string{}, map[string]string{}
	for _, a := range m.Attributes {
		pt, v, _ := strings.Cut(a.Value, " ")
		switch a.Key {
		case "rtpmap":
			maps[pt] = v
		case "fmtp":
			fmtps[pt] = v
		}
	}
	for _, f := range m.MediaName.Formats {
		n, err := strconv.ParseUint(f, 10, 7)
		if err != nil || len(r.codec) >= 64 {
			continue
		}
		c, known := static(uint8(n))
		if v, ok := maps[f]; ok {
			parts := strings.Split(strings.TrimSpace(v), "/")
			clock := 0
			if len(parts) > 1 {
				clock, _ = strconv.Atoi(parts[1])
			}
			if clock <= 0 {
				continue
			}
			c = Codec{Name: parts[0], Clock: clock}
			if len(parts) > 2 {
				c.Channels, _ = strconv.Atoi(parts[2])
			}
		} else if !known {
			continue
		}
		c.PT, c.Fmtp = uint8(n), fmtps[f]
		r.codec = append(r.codec, c)
	}
}

// parseCrypto reads "1 SUITE inline:base64[|…]"; lines with session parameters
// or an MKI we do not speak are left out.
func parseCrypto(v string) (Crypto, bool) {
	f := strings.Fields(v)
	if len(f) != 3 {
		return Crypto{}, false
	}
	tag, err := strconv.ParseUint(f[0], 10, 30)
	inline, ok := strings.CutPrefix(f[2], "inline:")
	if err != nil || !ok || strings.Contains(inline, ";") {
		return Crypto{}, false
	}
	parts := strings.Split(inline, "|")
	for _, p := range parts[1:] {
		if strings.Contains(p, ":") { // an MKI
			return Crypto{}, false
		}
	}
	key, err := base64.StdEncoding.DecodeString(parts[0])
	if err != nil {
		key, err = base64.RawStdEncoding.DecodeString(parts[0])
	}
	if n := KeyLength(f[1]); err != nil || n == 0 || len(key) != n {
		return Crypto{}, false
	}
	return Crypto{Tag: int(tag), Suite: f[1], Key: key}, true
}
