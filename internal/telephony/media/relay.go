package media

import (
	"strings"

	"github.com/okno-hq/okno/internal/telephony/rtp"
)

// same reports whether two payload types mean the same sound.
func same(a, b *rtp.Format) bool {
	return strings.EqualFold(a.Name, b.Name) && a.ClockRate == b.ClockRate && max(a.Channels, 1) == max(b.Channels, 1)
}

// Shared returns the first format of sound in a that b has as well, as b
// knows it.
func Shared(a, b []rtp.Format) (rtp.Format, bool) {
	for i := range a {
		if !isSound(&a[i]) {
			continue
		}
		for k := range b {
			if same(&a[i], &b[k]) {
				return b[k], true
			}
		}
	}
	return rtp.Format{}, false
}

// none marks a payload type that the other side does not know.
const none = 0xff

// Relay passes one leg's packets on to another, with nothing changed but what
// the legs call their formats. It is an rtp.Sink.
type Relay struct {
	source *rtp.Source
	types  [128]uint8
}

// NewRelay returns a relay of what a peer may send to a source, whose peer
// knows certain formats. What that peer does not know is dropped.
func NewRelay(from, to []rtp.Format, source *rtp.Source) *Relay {
	r := &Relay{source: source}
	for i := range r.types {
		r.types[i] = none
	}
	for i := range from {
		for k := range to {
			if same(&from[i], &to[k]) {
				r.types[from[i].Type&0x7f] = to[k].Type
				break
			}
		}
	}
	return r
}

// ReceiveRTP implements rtp.Sink.
func (r *Relay) ReceiveRTP(p *rtp.Packet) {
	if t := r.types[p.PayloadType&0x7f]; t != none {
		r.source.Forward(p, t)
	}
}
