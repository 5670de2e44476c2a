package capture

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/telephony/rtp"
)

// Journal is one call's recording while it is being written.
type Journal struct {
	store *Store
	meta  Meta
	start time.Time // with a monotonic reading

	// What callers fill. Held for a copy at most.
	mu      sync.Mutex
	slot    *slot
	full    []*slot
	spare   []*slot // full's other half, so that swapping them allocates nothing
	next    uint32  // number of the next chunk
	legs    uint8
	paused  bool
	failed  bool
	closed  bool
	packets uint64
	dropped uint64 // not stored because of the disk
	gapFrom int64  // microseconds since the start; -1: there is no gap
	gap     uint64 // packets lost in it
	roster  []noted

	// What the writer needs. Held while writing and syncing.
	writing  sync.Mutex
	file     File
	offset   int64
	dirty    bool
	retryAt  time.Time
	inSync   bool // a syncer has it
	syncedAt time.Time
}

// Summary tells what a journal holds.
type Summary struct {
	Path     string
	Duration time.Duration
	Packets  uint64
	Dropped  uint64 // packets the disk did not take
	Bytes    int64
}

// noted is a record that is needed to understand those after it. It is
// repeated after a gap, in which it may have been lost.
type noted struct {
	kind Kind
	data []byte
}

// tap records one leg.
type tap struct {
	journal *Journal
	leg     uint8
}

// CaptureRTP implements rtp.Tap.
func (t tap) CaptureRTP(arrival time.Time, raw []byte) {
	t.journal.add(KindRTP, t.leg, arrival, raw)
}

// maxLegs bounds what may join a call.
const maxLegs = 255

// AddLeg notes that a leg joins and returns what records it.
func (j *Journal) AddLeg(leg Leg, formats []rtp.Format) (rtp.Tap, error) {
	j.mu.Lock()
	if j.legs == maxLegs {
		j.mu.Unlock()
		return nil, ErrFull.With("call", j.meta.Call)
	}
	j.legs++
	leg.Index = j.legs
	j.mu.Unlock()
	if err := j.note(KindLeg, leg); err != nil {
		return nil, err
	}
	t := tap{j, leg.Index}
	return t, j.SetFormats(t, formats)
}

// SetFormats notes what a leg's payload types mean from now on.
func (j *Journal) SetFormats(t rtp.Tap, formats []rtp.Format) error {
	x, ok := t.(tap)
	if !ok || x.journal != j {
		return ErrForeign
	}
	return j.note(KindFormats, Formats{x.leg, formats})
}

// Mark notes something that happened.
func (j *Journal) Mark(m Mark) error { return j.note(KindMark, m) }

// Pause stops recording, for secrets that must not be stored, and says so.
func (j *Journal) Pause(reason string) error {
	return j.pause(true, Mark{Name: Paused, Reason: reason})
}

// Resume goes on recording.
func (j *Journal) Resume() error { return j.pause(false, Mark{Name: Resumed}) }

func (j *Journal) pause(on bool, m Mark) error {
	j.mu.Lock()
	same := j.paused == on
	j.paused = on
	j.mu.Unlock()
	if same {
		return nil
	}
	return j.note(KindMark, m)
}

func (j *Journal) note(kind Kind, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("capture: %w", err)
	}
	if len(b) > slotRoom-chunkHead-recordHead {
		return ErrTooLong
	}
	if kind != KindMark {
		j.mu.Lock()
		j.roster = append(j.roster, noted{kind, b})
		j.mu.Unlock()
	}
	j.add(kind, 0, j.store.cfg.Now(), b)
	return nil
}

// add copies a record into the current chunk.
func (j *Journal) add(kind Kind, leg uint8, at time.Time, data []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	since := at.Sub(j.start)
	if j.closed || kind == KindRTP && (j.paused || len(data) > rtp.MaxPacket) {
		return
	}
	if kind == KindRTP && (j.failed || len(j.full) >= j.store.cfg.MaxPending/slotSize) {
		j.drop(1, since)
		return
	}
	need := recordHead + len(data)
	if j.slot != nil && j.slot.room() < need {
		j.full = append(j.full, j.slot)
		j.slot = nil
	}
	if j.slot == nil {
		j.slot = j.store.scratch.take(j.meta.Call, j.next)
		j.next++
	}
	sl := j.slot
	b := appendRecord(sl.chunk(), kind, leg, since, data)
	sl.used = len(b)
	if sl.first < 0 {
		sl.first = since.Microseconds()
	}
	if kind == KindRTP {
		sl.count++
		j.packets++
	}
	sl.publish(sl.used)
}

// drop counts packets that are not stored. Locked.
func (j *Journal) drop(n int, since time.Duration) {
	if j.gapFrom < 0 {
		j.gapFrom = since.Microseconds()
	}
	j.dropped += uint64(n) //nolint:gosec // not negative
	j.gap += uint64(n)     //nolint:gosec // not negative
}

// takeFull returns the chunks to be written; the current one is among them.
func (j *Journal) takeFull() []*slot {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.slot != nil {
		j.full = append(j.full, j.slot)
		j.slot = nil
	}
	full := j.full
	j.full, j.spare = j.spare[:0], nil
	return full
}

// giveSpare returns the list that takeFull lent.
func (j *Journal) giveSpare(full []*slot) {
	j.mu.Lock()
	defer j.mu.Unlock()
	clear(full)
	j.spare = full[:0]
}

// flush writes what has been gathered. The writing lock is held.
func (j *Journal) flush(now time.Time) {
	if j.isFailed() {
		if now.Before(j.retryAt) || !j.retry(now) {
			return
		}
	}
	full := j.takeFull()
	for i, sl := range full {
		chunk := sl.chunk()
		seal(chunk, sl.number)
		if err := j.write(chunk); err != nil {
			j.fail(full[i:], now, err)
			break
		}
		full[i] = nil
		j.store.scratch.give(sl)
	}
	j.giveSpare(full)
	j.closeGap(now)
}

func (j *Journal) write(chunk []byte) error {
	n, err := j.file.WriteAt(chunk, j.offset)
	if err == nil && n < len(chunk) {
		err = errors.New("capture: short write")
	}
	if err != nil {
		return err
	}
	// Only whole chunks count; the next attempt overwrites a torn one.
	j.offset += int64(n)
	j.dirty = true
	return nil
}

func (j *Journal) isFailed() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.failed
}

// retryEvery is how often a disk that refused is tried again.
const retryEvery = time.Second

// fail stops the recording and gives up the chunks that were not written.
func (j *Journal) fail(lost []*slot, now time.Time, err error) {
	j.mu.Lock()
	first := !j.failed
	j.failed = true
	j.retryAt = now.Add(retryEvery)
	for _, sl := range lost {
		if sl == nil {
			continue
		}
		j.drop(sl.count, time.Duration(max(sl.first, 0))*time.Microsecond)
		j.packets -= uint64(sl.count) //nolint:gosec // counted before
		j.store.scratch.give(sl)
	}
	j.mu.Unlock()
	if first {
		j.store.tell(j.meta.Call, Stopped, err)
	}
}

// retry tries to note the gap; if the disk takes that, recording goes on.
func (j *Journal) retry(now time.Time) bool {
	if err := j.noteGap(now); err != nil {
		j.retryAt = now.Add(retryEvery)
		return false
	}
	j.mu.Lock()
	j.failed = false
	j.mu.Unlock()
	j.store.tell(j.meta.Call, Running, nil)
	return true
}

// closeGap notes a gap that came from a slow disk and not from a refusal.
func (j *Journal) closeGap(now time.Time) {
	j.mu.Lock()
	open := j.gapFrom >= 0 && !j.failed
	j.mu.Unlock()
	if !open {
		return
	}
	if err := j.noteGap(now); err != nil {
		j.fail(nil, now, err)
	}
}

// noteGap writes the gap and what must be known after it.
func (j *Journal) noteGap(now time.Time) error {
	at := now.Sub(j.start)
	j.mu.Lock()
	m := Mark{Name: Gap, From: at, Count: j.gap}
	if j.gapFrom >= 0 {
		m.From = time.Duration(j.gapFrom) * time.Microsecond
	}
	number, roster := j.next, j.roster
	j.next++
	j.mu.Unlock()
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	chunk := appendRecord(make([]byte, chunkHead, 512), KindMark, 0, at, b)
	for _, n := range roster {
		chunk = appendRecord(chunk, n.kind, 0, at, n.data)
	}
	seal(chunk, number)
	if err := j.write(chunk); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.gapFrom, j.gap = -1, 0
	return nil
}

// sync makes what was written durable. The writing lock is held.
func (j *Journal) sync(now time.Time) {
	if !j.dirty || j.file == nil {
		return
	}
	j.dirty, j.syncedAt = false, now
	if err := j.file.Sync(); err != nil {
		j.fail(nil, now, fmt.Errorf("sync: %w", err))
	}
}

// Close ends the recording: everything is written, made durable and given its
// final name. The streams must not use the journal's taps any more; what they
// still bring is not stored. The summary is true even with an error.
func (j *Journal) Close() (Summary, error) {
	now := j.store.cfg.Now()
	if err := j.Mark(Mark{Name: Ended, Count: j.packets}); err != nil {
		return Summary{}, err
	}
	j.store.remove(j)
	j.mu.Lock()
	again := j.closed
	j.closed = true
	j.mu.Unlock()
	j.writing.Lock()
	defer j.writing.Unlock()
	s := Summary{Path: filepath.Join(j.store.cfg.Dir, j.meta.Call+Suffix), Duration: now.Sub(j.start)}
	if again {
		return s, nil
	}
	j.retryAt = time.Time{}
	j.flush(now)
	j.sync(now)
	j.mu.Lock()
	failed := j.failed
	s.Packets, s.Dropped, s.Bytes = j.packets, j.dropped, j.offset
	j.mu.Unlock()
	err := errors.Join(j.file.Truncate(j.offset), j.file.Close())
	j.file = nil
	if failed {
		err = errors.Join(ErrStopped.With("call", j.meta.Call), err)
	}
	err = errors.Join(err, os.Rename(j.partName(), s.Path), syncDir(j.store.cfg.Dir))
	if err != nil {
		return s, fmt.Errorf("capture: close %s: %w", j.meta.Call, err)
	}
	return s, nil
}

func (j *Journal) partName() string { return filepath.Join(j.store.cfg.Dir, j.meta.Call+partSuffix) }
