// Package capture writes what the legs of a call say to disk while they say
// it: the packets as received, after decryption, with their times of arrival.
//
// A journal is one file per call: eight bytes of magic, then chunks, each with
// its length, its number and a checksum (CRC-32C), each holding whole records.
// The first chunk describes the call. A journal that is being written is named
// "<call>.part" and becomes "<call>.rtp" when it is complete or recovered.
//
// A packet is copied into a chunk in memory that the kernel keeps when the
// process dies (see scratch), so that kill -9 loses nothing; chunks are
// written every 200 ms and synced by the second, so that a power cut loses
// less than a second. Taking a packet neither allocates nor waits for a disk.
// A disk that is full or broken stops the recording, never the call.
package capture

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/okno-hq/okno/internal/telephony/rtp"
)

const (
	magic      = "OKNORTP1"
	chunkMark  = 0x4b68434f // "OChK" in the file
	chunkHead  = 16         // mark, length, number, checksum
	recordHead = 12         // kind, leg, length, microseconds since the start
	maxChunk   = 1 << 20    // what a reader believes
	maxMeta    = 32 << 10
)

// Kind says what a record holds.
type Kind uint8

// The kinds of records.
const (
	KindMeta    Kind = iota + 1 // the call, first in the file
	KindLeg                     // a leg joins
	KindFormats                 // what a leg's payload types mean from here on
	KindRTP                     // a packet of a leg
	KindMark                    // something that happened
	KindDamage                  // made by the reader: bytes that could not be read
)

// Meta describes a call.
type Meta struct {
	Call    string            `json:"call"` // letters, digits and "-"; names the file
	Started time.Time         `json:"started"`
	Notes   map[string]string `json:"notes,omitempty"` // what else is to be kept: numbers, software
}

// Role says which channel of the listening copy a leg is heard on.
type Role string

// Roles of legs.
const (
	Customer Role = "customer"
	Agent    Role = "agent"
)

// Leg describes one party's side.
type Leg struct {
	Index uint8  `json:"index"` // given by the journal
	ID    string `json:"id"`
	Role  Role   `json:"role"`
}

// Formats says what a leg's payload types mean.
type Formats struct {
	Leg     uint8        `json:"leg"`
	Formats []rtp.Format `json:"formats"`
}

// MarkName names what happened.
type MarkName string

// Marks that a journal makes itself. Others may be added by its owner.
const (
	Paused      MarkName = "paused"      // nothing is recorded from here
	Resumed     MarkName = "resumed"     // until here
	Gap         MarkName = "gap"         // the disk did not take what came in between
	Ended       MarkName = "ended"       // the call's regular end, with totals
	Interrupted MarkName = "interrupted" // the process died; added when recovering
)

// Mark is something that happened during a call.
type Mark struct {
	Name   MarkName      `json:"name"`
	Leg    string        `json:"leg,omitempty"`
	Reason string        `json:"reason,omitempty"`
	From   time.Duration `json:"from,omitempty"` // of a gap, since the start
	Count  uint64        `json:"count,omitempty"`
}

// Record is one thing in a journal. Data is valid until the next is read.
type Record struct {
	Kind Kind
	Leg  uint8         // of RTP
	At   time.Duration // since the start, by the clock that does not jump
	Data []byte
}

// Decode reads the JSON of a record that has some.
func (r Record) Decode(v any) error {
	if err := json.Unmarshal(r.Data, v); err != nil {
		return fmt.Errorf("capture: record of kind %d: %w", r.Kind, err)
	}
	return nil
}

// appendRecord adds a record to a chunk.
func appendRecord(b []byte, kind Kind, leg uint8, at time.Duration, data []byte) []byte {
	b = append(b, byte(kind), leg)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(data)))                 //nolint:gosec // callers keep below 64 KiB
	b = binary.LittleEndian.AppendUint64(b, uint64(max(at.Microseconds(), 0))) //nolint:gosec // not negative
	return append(b, data...)
}

// seal fills the head of a chunk whose records follow it.
func seal(chunk []byte, number uint32) {
	le := binary.LittleEndian
	le.PutUint32(chunk, chunkMark)
	le.PutUint32(chunk[4:], uint32(len(chunk)-chunkHead)) //nolint:gosec // below maxChunk
	le.PutUint32(chunk[8:], number)
	le.PutUint32(chunk[12:], checksum(chunk))
}

// checksum covers length, number and records.
func checksum(chunk []byte) uint32 {
	sum := crc32.Update(0, crc32.MakeTable(crc32.Castagnoli), chunk[4:12])
	return crc32.Update(sum, crc32.MakeTable(crc32.Castagnoli), chunk[chunkHead:])
}

// validName reports whether a call's name may name a file.
func validName(name string) bool {
	if name == "" || len(name) > maxName {
		return false
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}
