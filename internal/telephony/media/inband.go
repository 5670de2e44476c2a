package media

import (
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/telephony/media/codecs"
	"github.com/okno-hq/okno/internal/telephony/rtp"
)

// The frequencies of a keypad (ITU-T Q.23) and the keys at their crossings.
var (
	keyRows    = [4]float64{697, 770, 852, 941}     //nolint:gochecknoglobals // a constant table
	keyColumns = [4]float64{1209, 1336, 1477, 1633} //nolint:gochecknoglobals // a constant table
)

const keypad = "123A456B789C*0#D"

// KeyTones are the parts of the signal of some keys, for a peer that knows no
// telephone events. Keys that do not exist are left out.
func KeyTones(keys string) []Part {
	var parts []Part
	for _, k := range []byte(strings.ToUpper(keys)) {
		if i := strings.IndexByte(keypad, k); i >= 0 {
			parts = append(parts, Part{Hz: [2]float64{keyRows[i/4], keyColumns[i%4]}, Length: keyLength}, Part{Length: keyGap})
		}
	}
	return parts
}

// KeyListener finds keys by their tones in sound that comes in frames of
// 20 ms. A key counts when two frames in a row have it, as Q.24 asks for
// 40 ms, and again only after a pause.
type KeyListener struct {
	rate   int
	last   byte
	times  int
	pauses int
	told   bool
}

// NewKeyListener returns a listener for sound of a rate.
func NewKeyListener(rate int) *KeyListener { return &KeyListener{rate: rate} }

// Listen hears a frame and returns the key that begins with it, or 0.
func (l *KeyListener) Listen(pcm []int16) byte {
	k := keyIn(pcm, l.rate)
	if k == 0 || k != l.last {
		if l.pauses++; k != 0 || l.pauses >= 2 {
			l.last, l.times, l.told, l.pauses = k, 0, false, 0
		}
		if k == 0 {
			return 0
		}
	}
	l.pauses = 0
	if l.times++; l.times < 2 || l.told {
		return 0
	}
	l.told = true
	return k
}

// How a pair of tones must stand out to be a key and not a voice.
const (
	keyLevel  = 150.0 // quietest tone, about -44 dB
	keyTwist  = 6.3   // between the two, in power 8 dB both ways
	keyOthers = 2.5   // over the other tones of its group
	keyPurity = 0.85  // part of the whole power
)

// keyIn finds the key whose tones are in a frame, or 0.
func keyIn(pcm []int16, rate int) byte {
	total := Level(pcm)
	if total < keyLevel {
		return 0
	}
	row, r := strongest(pcm, rate, keyRows)
	column, c := strongest(pcm, rate, keyColumns)
	switch {
	case row < 0 || column < 0 || r < keyLevel || c < keyLevel:
		return 0
	case r*r > keyTwist*c*c || c*c > keyTwist*r*r:
		return 0
	case (r*r+c*c)/2 < keyPurity*total*total:
		return 0
	}
	return keypad[4*row+column]
}

// strongest returns the tone that stands out of a group, or -1.
func strongest(pcm []int16, rate int, group [4]float64) (which int, amplitude float64) {
	which, second := -1, 0.0
	for i, hz := range group {
		switch p := Power(pcm, rate, hz); {
		case p > amplitude:
			which, amplitude, second = i, p, amplitude
		case p > second:
			second = p
		}
	}
	if amplitude < keyOthers*second {
		return -1, 0
	}
	return which, amplitude
}

// Inband finds the keys of a peer that sends them as sound. It is an rtp.Sink
// that stands before another, for formats of one length of packet.
type Inband struct {
	// Next gets every packet; may be nil.
	Next rtp.Sink
	// Found is told of a digit. It must not block.
	Found func(digit byte)

	format   *rtp.Format
	decoder  codecs.Decoder
	listener *KeyListener
	rate     int
	pcm      []int16
}

// ReceiveRTP implements rtp.Sink.
func (n *Inband) ReceiveRTP(p *rtp.Packet) {
	if n.open(p.Format) {
		n.hear(p.Payload)
	}
	if n.Next != nil {
		n.Next.ReceiveRTP(p)
	}
}

// open makes a decoder for the format of a packet and reports whether there
// is one.
func (n *Inband) open(f *rtp.Format) bool {
	if n.format == f {
		return n.decoder != nil
	}
	n.format, n.decoder, n.pcm = f, nil, n.pcm[:0]
	rates := codecs.Rates(f)
	if len(rates) == 0 {
		return false
	}
	n.rate = rates[len(rates)-1] // the lowest is enough for a keypad
	d, err := codecs.NewDecoder(f, n.rate)
	if err != nil {
		return false
	}
	n.decoder, n.listener = d, NewKeyListener(n.rate)
	return true
}

func (n *Inband) hear(payload []byte) {
	pcm, err := n.decoder.Decode(n.pcm, payload)
	if err != nil {
		return
	}
	frame := int(codecs.Frame * time.Duration(n.rate) / time.Second)
	for len(pcm) >= frame {
		if k := n.listener.Listen(pcm[:frame]); k != 0 {
			n.Found(k)
		}
		pcm = pcm[frame:]
	}
	n.pcm = append(n.pcm[:0], pcm...)
}
