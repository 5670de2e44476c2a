package capture

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/fault"
)

// Suffix ends the names of finished journals.
const Suffix = ".rtp"

const (
	partSuffix  = ".part"
	scratchName = "capture.scratch"
)

// What goes wrong with recordings.
var (
	ErrName    = fault.New(fault.Invalid, "capture.bad_name")       //nolint:gochecknoglobals // a sentinel
	ErrExists  = fault.New(fault.Conflict, "capture.exists")        //nolint:gochecknoglobals // a sentinel
	ErrFull    = fault.New(fault.TooLarge, "capture.too_many_legs") //nolint:gochecknoglobals // a sentinel
	ErrForeign = fault.New(fault.Invalid, "capture.foreign_tap")    //nolint:gochecknoglobals // a sentinel
	ErrTooLong = fault.New(fault.TooLarge, "capture.note_too_long") //nolint:gochecknoglobals // a sentinel
	ErrStopped = fault.New(fault.Unavailable, "capture.stopped")    //nolint:gochecknoglobals // a sentinel
)

// State says whether a call is being stored.
type State string

// States of a recording.
const (
	Running State = "running" // again, after it was stopped
	Stopped State = "stopped" // the disk is full or broken; the call goes on
)

// File is what journals need of a file.
type File interface {
	WriteAt(b []byte, off int64) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// Config is what a store needs.
type Config struct {
	Dir string // created if it is not there
	// FlushEvery is how often what came is written; 200 ms if 0.
	FlushEvery time.Duration
	// SyncEvery is how often what was written is made durable; 600 ms if 0,
	// so that together with writing it stays below a second.
	SyncEvery time.Duration
	// MaxPending is how many bytes of a call may wait for a slow disk; 1 MiB
	// if 0. What comes beyond is lost and noted.
	MaxPending int
	// Slots is how many chunks of 8 KiB the scratch file holds; 2048 if 0. Two
	// per call are needed as long as the disk keeps up.
	Slots int
	// Notify is told when a recording stops or goes on, by the store's
	// goroutine; it must not block. May be nil.
	Notify func(call string, state State, err error)
	// Create opens a new journal's file; os.OpenFile with O_EXCL if nil.
	Create func(path string) (File, error)
	Now    func() time.Time // time.Now if nil
	Log    *slog.Logger
}

// Store keeps the journals of all calls.
type Store struct {
	cfg     Config
	scratch *scratch

	mu       sync.Mutex
	journals map[string]*Journal
	work     []*Journal // the flusher's list, kept to allocate nothing
}

// Open recovers what an earlier process left in the directory, and gets ready
// to record. Only one process may use a directory.
func Open(cfg Config) (*Store, []Recovered, error) {
	cfg = cfg.withDefaults()
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("capture: %w", err)
	}
	path := filepath.Join(cfg.Dir, scratchName)
	left, err := readScratch(path)
	if err != nil {
		return nil, nil, err
	}
	recovered, err := recoverDir(cfg.Dir, left)
	if err != nil {
		return nil, recovered, err
	}
	s := &Store{cfg: cfg, journals: map[string]*Journal{}}
	if s.scratch, err = openScratch(path, cfg.Slots); err != nil {
		// A disk without room must not keep the telephone from ringing.
		cfg.Log.Warn("recordings lose up to a fifth of a second if the process is killed", slog.Any("error", err))
		s.scratch = &scratch{}
	}
	return s, recovered, nil
}

func (c Config) withDefaults() Config {
	if c.FlushEvery <= 0 {
		c.FlushEvery = 200 * time.Millisecond
	}
	if c.SyncEvery <= 0 {
		c.SyncEvery = 600 * time.Millisecond
	}
	if c.MaxPending <= 0 {
		c.MaxPending = 1 << 20
	}
	if c.Slots <= 0 {
		c.Slots = 2048
	}
	if c.Create == nil {
		c.Create = create
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// disk is a File on a disk.
type disk struct{ *os.File }

// Sync makes what was written durable.
func (d disk) Sync() error { return syncData(d.File) }

func create(path string) (File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the name is checked by Begin
	if err != nil {
		return nil, err
	}
	return disk{f}, nil
}

// syncers is how many journals are made durable at once: filesystems settle
// several in one turn of the disk.
const syncers = 8

// Run writes and syncs until the context ends. Journals should be closed
// before; what they hold stays to be recovered otherwise.
func (s *Store) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	due := make(chan *Journal, 4096)
	for range syncers {
		wg.Go(func() {
			for j := range due {
				j.writing.Lock()
				j.inSync = false
				j.sync(s.cfg.Now())
				j.writing.Unlock()
			}
		})
	}
	tick := time.NewTicker(s.cfg.FlushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			s.round(nil)
			close(due)
			wg.Wait()
			return s.scratch.close()
		case <-tick.C:
			s.round(due)
		}
	}
}

// round writes every journal and hands those that are due to the syncers.
func (s *Store) round(due chan<- *Journal) {
	s.mu.Lock()
	s.work = s.work[:0]
	for _, j := range s.journals {
		s.work = append(s.work, j)
	}
	s.mu.Unlock()
	now := s.cfg.Now()
	for _, j := range s.work {
		// A journal that is being synced is written in the next round.
		if !j.writing.TryLock() {
			continue
		}
		if j.file != nil {
			j.flush(now)
			switch {
			case due == nil:
				j.sync(now)
			case j.dirty && !j.inSync && now.Sub(j.syncedAt) >= s.cfg.SyncEvery:
				select {
				case due <- j:
					j.inSync = true
				default:
				}
			}
		}
		j.writing.Unlock()
	}
}

// Begin opens a call's journal.
func (s *Store) Begin(meta Meta) (*Journal, error) {
	if !validName(meta.Call) {
		return nil, ErrName
	}
	now := s.cfg.Now()
	meta.Started = now.UTC()
	j := &Journal{store: s, meta: meta, start: now, gapFrom: -1, syncedAt: now}
	first, err := firstChunk(meta)
	if err != nil {
		return nil, err
	}
	j.next = 1
	if _, err := os.Lstat(filepath.Join(s.cfg.Dir, meta.Call+Suffix)); err == nil {
		return nil, ErrExists.With("call", meta.Call)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if j.file, err = s.cfg.Create(j.partName()); err != nil {
		if errors.Is(err, os.ErrExist) {
			return nil, ErrExists.With("call", meta.Call)
		}
		return nil, fmt.Errorf("capture: begin: %w", err)
	}
	if err := j.write(first); err != nil {
		return nil, errors.Join(ErrStopped.Because(err), j.file.Close(), os.Remove(j.partName()))
	}
	s.journals[meta.Call] = j
	return j, nil
}

// firstChunk describes the call.
func firstChunk(meta Meta) ([]byte, error) {
	b, err := json.Marshal(meta)
	if err != nil {
		return nil, fmt.Errorf("capture: %w", err)
	}
	if len(b) > maxMeta {
		return nil, ErrTooLong
	}
	chunk := appendRecord(make([]byte, chunkHead), KindMeta, 0, 0, b)
	seal(chunk, 0)
	return append([]byte(magic), chunk...), nil
}

func (s *Store) remove(j *Journal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.journals, j.meta.Call)
}

func (s *Store) tell(call string, state State, err error) {
	if state == Stopped {
		s.cfg.Log.Error("recording stopped", slog.String("call_id", call), slog.Any("error", err))
	}
	if s.cfg.Notify != nil {
		s.cfg.Notify(call, state, err)
	}
}

// syncDir makes new names durable.
func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // our own directory
	if err != nil {
		return fmt.Errorf("capture: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
