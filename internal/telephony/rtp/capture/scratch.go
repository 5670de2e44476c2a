package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Slots hold chunks that are not written yet: a head that says whose they
// are, then the chunk.
const (
	slotSize = 8 << 10
	slotHead = 128
	maxName  = 100
	slotRoom = slotSize - slotHead
)

// scratch is a file of slots mapped into memory. What is copied into it is the
// kernel's at once, and so outlives a process that is killed, without a system
// call; the next process finds it there.
type scratch struct {
	file *os.File
	data []byte

	mu   sync.Mutex
	free []*slot
}

// slot is the memory of one chunk. Without a scratch file it is ordinary
// memory and lost with the process.
type slot struct {
	mem    []byte // slotSize bytes
	used   int    // bytes of the chunk, its head included
	number uint32
	first  int64 // microseconds of the first record
	count  int   // packets
	extra  bool  // ordinary memory
}

func openScratch(path string, slots int) (*scratch, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // our own directory
	if err != nil {
		return nil, fmt.Errorf("capture: scratch: %w", err)
	}
	size := slots * slotSize
	// The room must exist: writing to a mapped page that the disk has no room
	// for kills the process.
	if err := reserve(f, int64(size)); err != nil {
		return nil, errors.Join(fmt.Errorf("capture: scratch: %w", err), f.Close())
	}
	data, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("capture: scratch: %w", err), f.Close())
	}
	s := &scratch{file: f, data: data}
	for i := range slots {
		s.free = append(s.free, &slot{mem: data[i*slotSize : (i+1)*slotSize : (i+1)*slotSize]})
	}
	return s, nil
}

// take returns an empty slot that is marked as a journal's.
func (s *scratch) take(name string, number uint32) *slot {
	s.mu.Lock()
	var sl *slot
	if n := len(s.free); n > 0 {
		sl, s.free = s.free[n-1], s.free[:n-1]
	}
	s.mu.Unlock()
	if sl == nil {
		sl = &slot{mem: make([]byte, slotSize), extra: true}
	}
	sl.number, sl.used, sl.count, sl.first = number, chunkHead, 0, -1
	binary.LittleEndian.PutUint32(sl.mem[4:], number)
	sl.mem[8] = byte(len(name)) //nolint:gosec // at most maxName
	copy(sl.mem[9:], name)
	return sl
}

// give returns a slot whose chunk is written or given up.
func (s *scratch) give(sl *slot) {
	sl.publish(0)
	if sl.extra && s.file != nil {
		return // enough are mapped for ordinary times
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, sl)
}

// publish makes everything up to used count, now that it is complete.
func (sl *slot) publish(used int) {
	atomic.StoreUint32((*uint32)(unsafe.Pointer(&sl.mem[0])), uint32(used)) //nolint:gosec // small, aligned
}

// chunk returns the chunk so far.
func (sl *slot) chunk() []byte { return sl.mem[slotHead : slotHead+sl.used] }

// room is how many bytes still fit.
func (sl *slot) room() int { return slotRoom - sl.used }

func (s *scratch) close() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(unix.Munmap(s.data), s.file.Close())
}

// leftover is a chunk that a dead process had not written.
type leftover struct {
	number uint32
	chunk  []byte // with room for its head
}

// readScratch finds what a dead process left, by journal.
func readScratch(path string) (map[string][]leftover, error) {
	b, err := os.ReadFile(path) //nolint:gosec // our own directory
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("capture: scratch: %w", err)
	}
	found := map[string][]leftover{}
	for ; len(b) >= slotSize; b = b[slotSize:] {
		used := int(binary.NativeEndian.Uint32(b))
		length := int(b[8])
		if used <= chunkHead || used > slotRoom || length > maxName || !validName(string(b[9:9+length])) {
			continue
		}
		name := string(b[9 : 9+length])
		found[name] = append(found[name], leftover{binary.LittleEndian.Uint32(b[4:]), b[slotHead : slotHead+used]})
	}
	return found, nil
}
