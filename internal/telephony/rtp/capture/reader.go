package capture

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/okno-hq/okno/internal/fault"
)

// ErrFormat says that a file is not a journal.
var ErrFormat = fault.New(fault.Invalid, "capture.not_a_journal") //nolint:gochecknoglobals // a sentinel

// Reader reads a journal from its beginning, in constant memory. A part that
// is damaged is skipped and told as a record of its own.
type Reader struct {
	in     *bufio.Reader
	meta   Meta
	chunk  []byte
	rest   []byte // records of the chunk not given yet
	number uint32
	offset int64 // of what comes next
	good   int64 // end of the last good chunk
	last   time.Duration
}

// NewReader reads the head of a journal.
func NewReader(r io.Reader) (*Reader, error) {
	d := &Reader{in: bufio.NewReaderSize(r, 64<<10)}
	var m [len(magic)]byte
	if _, err := io.ReadFull(d.in, m[:]); err != nil || string(m[:]) != magic {
		return nil, ErrFormat.Because(err)
	}
	d.offset = int64(len(magic))
	first, err := d.Next()
	if err != nil || first.Kind != KindMeta {
		return nil, ErrFormat.Because(err)
	}
	if err := first.Decode(&d.meta); err != nil {
		return nil, ErrFormat.Because(err)
	}
	return d, nil
}

// Meta describes the call.
func (d *Reader) Meta() Meta { return d.meta }

// Next returns the next record, and io.EOF after the last.
func (d *Reader) Next() (Record, error) {
	for len(d.rest) == 0 {
		skipped, err := d.read()
		if skipped > 0 && err == nil {
			return Record{Kind: KindDamage, At: d.last, Data: fmt.Appendf(nil, "%d", skipped)}, nil
		}
		if err != nil {
			return Record{}, err
		}
	}
	if len(d.rest) < recordHead {
		return Record{}, ErrFormat
	}
	n := int(binary.LittleEndian.Uint16(d.rest[2:]))
	at := binary.LittleEndian.Uint64(d.rest[4:])
	if len(d.rest) < recordHead+n || at > 1<<52 {
		return Record{}, ErrFormat
	}
	r := Record{
		Kind: Kind(d.rest[0]), Leg: d.rest[1], At: time.Duration(at) * time.Microsecond, //nolint:gosec // bounded above
		Data: d.rest[recordHead : recordHead+n : recordHead+n],
	}
	d.rest = d.rest[recordHead+n:]
	d.last = r.At
	return r, nil
}

// read finds the next good chunk and says how many bytes it had to skip.
func (d *Reader) read() (skipped int64, err error) {
	for {
		head, err := d.in.Peek(chunkHead)
		if err != nil {
			n, _ := d.in.Discard(len(head)) //nolint:errcheck // what was peeked can be discarded
			d.offset += int64(n)
			if errors.Is(err, io.EOF) && skipped == 0 && n == 0 {
				return 0, io.EOF
			}
			if !errors.Is(err, io.EOF) {
				return skipped, fmt.Errorf("capture: %w", err)
			}
			return skipped, io.EOF
		}
		if d.take(head) {
			return skipped, nil
		}
		if _, err := d.in.Discard(1); err != nil {
			return skipped, fmt.Errorf("capture: %w", err)
		}
		skipped++
		d.offset++
	}
}

// take reads the chunk at hand if it is good.
func (d *Reader) take(head []byte) bool {
	if binary.LittleEndian.Uint32(head) != chunkMark {
		return false
	}
	n := int(binary.LittleEndian.Uint32(head[4:]))
	if n > maxChunk {
		return false
	}
	// A chunk longer than the buffer cannot be looked at without taking it;
	// none that is written is.
	whole, err := d.in.Peek(chunkHead + n)
	if err != nil || binary.LittleEndian.Uint32(whole[12:]) != checksum(whole) {
		return false
	}
	d.number = binary.LittleEndian.Uint32(whole[8:])
	d.chunk = append(d.chunk[:0], whole[chunkHead:]...)
	d.rest = d.chunk
	if _, err := d.in.Discard(chunkHead + n); err != nil {
		return false
	}
	d.offset += int64(chunkHead + n)
	d.good = d.offset
	return true
}

// Info is what reading a whole journal tells.
type Info struct {
	Meta     Meta
	Duration time.Duration // of the last record
	Packets  uint64
	Damaged  bool
	Ended    bool // it has its regular end
	good     int64
	numbers  map[uint32]bool // of the chunks
}

// Inspect reads a journal to its end.
func Inspect(path string) (Info, error) {
	f, err := os.Open(path) //nolint:gosec // the caller's file
	if err != nil {
		return Info{}, fmt.Errorf("capture: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	d, err := NewReader(f)
	if err != nil {
		return Info{}, err
	}
	info := Info{Meta: d.meta, numbers: map[uint32]bool{}}
	for {
		r, err := d.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return info, err
		}
		info.numbers[d.number] = true
		switch r.Kind {
		case KindRTP:
			info.Packets++
		case KindDamage:
			info.Damaged = true
		case KindMark:
			var m Mark
			if err := r.Decode(&m); err != nil {
				return info, err
			}
			info.Ended = m.Name == Ended
		default:
		}
		info.Duration = max(info.Duration, r.At)
	}
	info.good = d.good
	return info, nil
}
