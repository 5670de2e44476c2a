package capture

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Recovered is a recording that a dead process left unfinished.
type Recovered struct {
	Call     string
	Path     string // its final name
	Started  time.Time
	Duration time.Duration
	Packets  uint64
	Torn     int64 // bytes cut off its end
	Rescued  int   // chunks that had not been written
	// Err says why a file could not be recovered; it stays as it is under a
	// name of its own.
	Err error
}

// recoverDir finishes every journal that has no end.
func recoverDir(dir string, left map[string][]leftover) ([]Recovered, error) {
	parts, err := filepath.Glob(filepath.Join(dir, "*"+partSuffix))
	if err != nil {
		return nil, fmt.Errorf("capture: %w", err)
	}
	var all []Recovered
	for _, part := range parts {
		call := strings.TrimSuffix(filepath.Base(part), partSuffix)
		r, err := recoverOne(part, call, left[call])
		if err != nil {
			r.Err = err
			r.Path = part + ".unreadable"
			if err := os.Rename(part, r.Path); err != nil {
				return all, fmt.Errorf("capture: %w", err)
			}
		}
		all = append(all, r)
	}
	if len(all) == 0 {
		return nil, nil
	}
	return all, syncDir(dir)
}

func recoverOne(part, call string, left []leftover) (Recovered, error) {
	r := Recovered{Call: call, Path: strings.TrimSuffix(part, partSuffix) + Suffix}
	info, err := Inspect(part)
	if err != nil {
		return r, err
	}
	f, err := os.OpenFile(part, os.O_WRONLY, 0) //nolint:gosec // found by us
	if err != nil {
		return r, fmt.Errorf("capture: %w", err)
	}
	err = r.finish(f, info, left)
	if err = errors.Join(err, f.Close()); err != nil {
		return r, err
	}
	if info, err = Inspect(part); err != nil {
		return r, err
	}
	r.Started, r.Duration, r.Packets = info.Meta.Started, info.Duration, info.Packets
	if err := os.Rename(part, r.Path); err != nil {
		return r, fmt.Errorf("capture: %w", err)
	}
	return r, nil
}

// finish cuts a torn end off, adds what was not written and the mark of the
// interruption, and makes it durable.
func (r *Recovered) finish(f *os.File, info Info, left []leftover) error {
	st, err := f.Stat()
	if err != nil {
		return fmt.Errorf("capture: %w", err)
	}
	r.Torn = st.Size() - info.good
	if err := f.Truncate(info.good); err != nil {
		return fmt.Errorf("capture: %w", err)
	}
	slices.SortFunc(left, func(a, b leftover) int { return cmp.Compare(a.number, b.number) })
	var add []byte
	last := uint32(0)
	for n := range info.numbers {
		last = max(last, n)
	}
	for _, l := range left {
		until, ok := lastTime(l.chunk[chunkHead:])
		if info.numbers[l.number] || !ok {
			continue
		}
		seal(l.chunk, l.number)
		add = append(add, l.chunk...)
		info.Duration = max(info.Duration, until)
		last = max(last, l.number)
		r.Rescued++
	}
	if !info.Ended {
		b, err := json.Marshal(Mark{Name: Interrupted})
		if err != nil {
			return fmt.Errorf("capture: %w", err)
		}
		end := appendRecord(make([]byte, chunkHead), KindMark, 0, info.Duration, b)
		seal(end, last+1)
		add = append(add, end...)
	}
	if _, err := f.WriteAt(add, info.good); err != nil {
		return fmt.Errorf("capture: %w", err)
	}
	return f.Sync()
}

// lastTime is when the last of a chunk's records came, and whether all of
// them are whole.
func lastTime(records []byte) (last time.Duration, ok bool) {
	d := Reader{rest: records}
	for len(d.rest) > 0 {
		rec, err := d.Next()
		if err != nil {
			return 0, false
		}
		last = max(last, rec.At)
	}
	return last, true
}
