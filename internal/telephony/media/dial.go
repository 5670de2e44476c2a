package media

import (
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/telephony/rtp"
)

// ErrDigit says that a key does not exist.
var ErrDigit = fault.New(fault.Invalid, "media.bad_digit") //nolint:gochecknoglobals // a sentinel

// Dialer presses keys for a leg by telephone events (RFC 4733, 2.5.1.4). It is
// a Task: while it is added, it takes the stream from whoever speaks.
type Dialer struct {
	source *rtp.Source
	format rtp.Format
	keys   []byte // event codes still to be sent
	at     time.Duration
	ended  int
	gap    time.Duration
	took   bool
	done   func()
	b      [4]byte
}

const (
	keyLength = 100 * time.Millisecond
	keyGap    = 80 * time.Millisecond
	keyVolume = 10
	keyEnds   = 3 // an event's end is said three times
)

// NewDialer returns a dialer of some digits; done is called once the last has
// been sent, by the pacer, and must not remove the task itself.
func NewDialer(source *rtp.Source, format rtp.Format, keys string, done func()) (*Dialer, error) {
	d := &Dialer{source: source, format: format, done: done}
	for _, k := range []byte(strings.ToUpper(keys)) {
		code := strings.IndexByte(digits, k)
		if code < 0 {
			return nil, ErrDigit.With("digit", string(k))
		}
		d.keys = append(d.keys, byte(code)) //nolint:gosec // below 16
	}
	return d, nil
}

// Tick implements Task.
func (d *Dialer) Tick(time.Time) {
	const frame = 20 * time.Millisecond
	switch {
	case len(d.keys) == 0:
		if d.done != nil {
			d.source.Release()
			d.done()
			d.done = nil
		}
		return
	case d.gap > 0:
		d.gap -= frame
		return
	case !d.took:
		d.source.Take()
		d.took = true
	}
	begin := d.at == 0
	if d.ended == 0 {
		d.at += frame
	}
	e := event{code: d.keys[0], volume: keyVolume, duration: uint16(d.format.Ticks(d.at)), end: d.at >= keyLength} //nolint:gosec // 100 ms
	ticks := uint32(0)
	if e.end {
		ticks = uint32(e.duration)
		d.ended++
	}
	d.source.SendEvent(d.format.Type, e.encode(d.b[:0]), begin, ticks)
	if d.ended == keyEnds {
		d.keys, d.at, d.ended, d.gap = d.keys[1:], 0, 0, keyGap
	}
}
