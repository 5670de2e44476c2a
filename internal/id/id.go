// Package id makes the identifiers of everything Okno stores: int64 numbers
// that grow with time, so that rows of one moment lie together in an index.
//
// Layout: 41 bits of milliseconds since 2024, 10 bits of node, 12 bits of
// sequence. JSON carries them as strings, because they exceed 2^53.
package id

import (
	"strconv"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/fault"
)

const (
	nodeBits = 10
	seqBits  = 12
	maxNode  = 1<<nodeBits - 1
	maxSeq   = 1<<seqBits - 1
)

// epoch is 2024-01-01T00:00:00Z in milliseconds; 41 bits last until 2093.
const epoch = 1704067200000

// Source makes ids. It is safe for concurrent use and never goes back, even
// when the clock does.
type Source struct {
	node int64
	now  func() time.Time

	mu   sync.Mutex
	last int64 // milliseconds since epoch
	seq  int64
}

// NewSource returns a source for a node numbered 0 to 1023.
func NewSource(node int, now func() time.Time) *Source {
	if now == nil {
		now = time.Now
	}
	return &Source{node: int64(node) & maxNode, now: now}
}

// Next returns a new id, greater than every earlier one of this source.
func (s *Source) Next() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	ms := s.now().UnixMilli() - epoch
	switch {
	case ms > s.last:
		s.last, s.seq = ms, 0
	case s.seq < maxSeq:
		s.seq++
	default:
		// 4,096 in a millisecond, or a clock gone back: borrow the next one.
		s.last++
		s.seq = 0
	}
	return s.last<<(nodeBits+seqBits) | s.node<<seqBits | s.seq
}

// At returns the smallest id that any source could make at t, for ranges.
func At(t time.Time) int64 { return max(t.UnixMilli()-epoch, 0) << (nodeBits + seqBits) }

// Time returns when an id was made, to the millisecond.
func Time(v int64) time.Time { return time.UnixMilli(v>>(nodeBits+seqBits) + epoch).UTC() }

// Format writes an id as JSON and URLs carry it.
func Format[T ~int64](v T) string { return strconv.FormatInt(int64(v), 10) }

// Parse reads what Format wrote; a malformed id is a fault.Invalid about field.
func Parse[T ~int64](field, s string) (T, error) {
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || v <= 0 || strconv.FormatInt(v, 10) != s {
		return 0, fault.New(fault.Invalid, "id.malformed").WithField(field)
	}
	return T(v), nil
}
