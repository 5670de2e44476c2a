package webchat_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"sync"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/channel/webchat"
	"github.com/okno-hq/okno/internal/fault"
)

var errStorage = errors.New("the disk is gone")

// memory keeps everything the platform asks for, exactly as ports.go says.
// With a path it writes itself down (fsync) before it answers, so that a
// killed process's successor finds all of it.
type memory struct {
	mu    sync.Mutex
	path  string
	state state
	// broken makes every write fail.
	broken bool
	hours  webchat.Hours
}

type state struct {
	Accounts map[channel.ID]channel.Account
	Entries  []visitor.Entry
	Visitors []visitor.Visitor
	Tokens   map[string]visitor.ID
	Raws     []raw
	Files    []stored
}

type raw struct {
	Channel channel.ID
	Raw     channel.Raw
}

type stored struct {
	File visitor.File
	Data []byte
}

func newMemory(accounts ...channel.Account) *memory {
	m := &memory{hours: webchat.Hours{Open: true, Online: true}}
	m.state = state{Accounts: map[channel.ID]channel.Account{}, Tokens: map[string]visitor.ID{}}
	for _, a := range accounts {
		m.state.Accounts[a.ID] = a
	}
	return m
}

// openMemory is a memory that outlives the process.
func openMemory(path string, accounts ...channel.Account) (*memory, error) {
	m := newMemory(accounts...)
	m.path = path
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return nil, err
	}
	return m, json.Unmarshal(data, &m.state)
}

// change runs one transaction: nothing of it stays when it fails.
func (m *memory) change(do func(*state) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return fault.Wrap(fault.Unavailable, "storage.unavailable", errStorage)
	}
	next := m.state
	next.Entries, next.Visitors = slices.Clone(next.Entries), slices.Clone(next.Visitors)
	next.Raws, next.Files = slices.Clone(next.Raws), slices.Clone(next.Files)
	next.Tokens = maps.Clone(m.state.Tokens)
	if err := do(&next); err != nil {
		return err
	}
	if m.path != "" {
		if err := writeDown(m.path, next); err != nil {
			return err
		}
	}
	m.state = next
	return nil
}

func writeDown(path string, s state) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	f, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func (m *memory) read(do func(*state) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return do(&m.state)
}

func notFound(what string) error { return fault.New(fault.NotFound, what+".not_found") }

func (s *state) visitor(ch channel.ID, id visitor.ID) (int, error) {
	i := slices.IndexFunc(s.Visitors, func(v visitor.Visitor) bool { return v.Channel == ch && v.ID == id })
	if i < 0 {
		return i, notFound("visitor")
	}
	return i, nil
}

func (s *state) find(ch channel.ID, v visitor.ID, key string) int {
	return slices.IndexFunc(s.Entries, func(e visitor.Entry) bool { return e.Channel == ch && e.Visitor == v && e.Key == key })
}

func (s *state) append(e visitor.Entry) (visitor.Entry, bool, error) {
	if i := s.find(e.Channel, e.Visitor, e.Key); i >= 0 {
		return s.Entries[i], false, nil
	}
	if _, err := s.visitor(e.Channel, e.Visitor); err != nil {
		return e, false, err
	}
	e.Seq = 1
	for _, other := range s.Entries {
		if other.Channel == e.Channel && other.Visitor == e.Visitor {
			e.Seq = max(e.Seq, other.Seq+1)
		}
	}
	if e.Kind == visitor.Edit || e.Kind == visitor.Deletion {
		if i := s.find(e.Channel, e.Visitor, e.Ref); i >= 0 {
			s.Entries[i].Body = e.Body
		}
	}
	s.Entries = append(s.Entries, e)
	return e, true, nil
}

func (s *state) ingest(ch channel.ID, r channel.Raw) {
	if !slices.ContainsFunc(s.Raws, func(k raw) bool { return k.Channel == ch && k.Raw.Key == r.Key }) {
		s.Raws = append(s.Raws, raw{ch, r})
	}
}

// Append implements visitor.Log.
func (m *memory) Append(_ context.Context, e visitor.Entry) (out visitor.Entry, created bool, err error) {
	err = m.change(func(s *state) error { out, created, err = s.append(e); return err })
	return out, created, err
}

// Accept implements visitor.Intake.
func (m *memory) Accept(_ context.Context, e visitor.Entry, r channel.Raw) (out visitor.Entry, created bool, err error) {
	err = m.change(func(s *state) error {
		out, created, err = s.append(e)
		if err == nil && created {
			s.ingest(e.Channel, r)
		}
		return err
	})
	return out, created, err
}

// Ingest implements visitor.Intake.
func (m *memory) Ingest(_ context.Context, ch channel.ID, raws []channel.Raw) error {
	return m.change(func(s *state) error {
		for _, r := range raws {
			s.ingest(ch, r)
		}
		return nil
	})
}

// After implements visitor.Log.
func (m *memory) After(_ context.Context, ch channel.ID, v visitor.ID, seq int64, limit int) (out []visitor.Entry, err error) {
	err = m.read(func(s *state) error {
		for _, e := range s.Entries {
			if e.Channel == ch && e.Visitor == v && e.Seq > seq && len(out) < limit {
				out = append(out, e)
			}
		}
		return nil
	})
	return out, err
}

// Before implements visitor.Log.
func (m *memory) Before(_ context.Context, ch channel.ID, v visitor.ID, seq int64, limit int) (out []visitor.Entry, err error) {
	err = m.read(func(s *state) error {
		for _, e := range s.Entries {
			if e.Channel == ch && e.Visitor == v && (seq == 0 || e.Seq < seq) {
				out = append(out, e)
			}
		}
		out = out[max(len(out)-limit, 0):]
		return nil
	})
	return out, err
}

// Find implements visitor.Log.
func (m *memory) Find(_ context.Context, ch channel.ID, v visitor.ID, key string) (out visitor.Entry, err error) {
	err = m.read(func(s *state) error {
		i := s.find(ch, v, key)
		if i < 0 {
			return notFound("entry")
		}
		out = s.Entries[i]
		return nil
	})
	return out, err
}

func tokenKey(ch channel.ID, hash []byte) string {
	return fmt.Sprint(ch, ":", hex.EncodeToString(hash))
}

// Create implements visitor.Store.
func (m *memory) Create(_ context.Context, v visitor.Visitor, hash []byte) error {
	return m.change(func(s *state) error {
		if v.UserID != "" && slices.ContainsFunc(s.Visitors, func(o visitor.Visitor) bool { return o.Channel == v.Channel && o.UserID == v.UserID }) {
			return fault.New(fault.Conflict, "visitor.user_taken")
		}
		s.Visitors = append(s.Visitors, v)
		s.Tokens[tokenKey(v.Channel, hash)] = v.ID
		return nil
	})
}

func (m *memory) visitorBy(fits func(*state, visitor.Visitor) bool) (out visitor.Visitor, err error) {
	err = m.read(func(s *state) error {
		i := slices.IndexFunc(s.Visitors, func(v visitor.Visitor) bool { return fits(s, v) })
		if i < 0 {
			return notFound("visitor")
		}
		out = s.Visitors[i]
		return nil
	})
	return out, err
}

// ByToken implements visitor.Store.
func (m *memory) ByToken(_ context.Context, ch channel.ID, hash []byte) (visitor.Visitor, error) {
	return m.visitorBy(func(s *state, v visitor.Visitor) bool { return v.Channel == ch && v.ID == s.Tokens[tokenKey(ch, hash)] })
}

// ByUser implements visitor.Store.
func (m *memory) ByUser(_ context.Context, ch channel.ID, user string) (visitor.Visitor, error) {
	return m.visitorBy(func(_ *state, v visitor.Visitor) bool { return user != "" && v.Channel == ch && v.UserID == user })
}

// Get implements visitor.Store.
func (m *memory) Get(_ context.Context, ch channel.ID, id visitor.ID) (visitor.Visitor, error) {
	if m.isBroken() {
		return visitor.Visitor{}, fault.Wrap(fault.Unavailable, "storage.unavailable", errStorage)
	}
	return m.visitorBy(func(_ *state, v visitor.Visitor) bool { return v.Channel == ch && v.ID == id })
}

// AddToken implements visitor.Store.
func (m *memory) AddToken(_ context.Context, ch channel.ID, id visitor.ID, hash []byte) error {
	return m.change(func(s *state) error { s.Tokens[tokenKey(ch, hash)] = id; return nil })
}

// DropToken implements visitor.Store.
func (m *memory) DropToken(_ context.Context, ch channel.ID, hash []byte) error {
	return m.change(func(s *state) error { delete(s.Tokens, tokenKey(ch, hash)); return nil })
}

// Update implements visitor.Store.
func (m *memory) Update(_ context.Context, ch channel.ID, id visitor.ID, change func(*visitor.Visitor) error) (out visitor.Visitor, err error) {
	err = m.change(func(s *state) error {
		i, err := s.visitor(ch, id)
		if err != nil {
			return err
		}
		out = s.Visitors[i]
		if err := change(&out); err != nil {
			return err
		}
		for j, o := range s.Visitors {
			if j != i && o.Channel == ch && o.UserID != "" && o.UserID == out.UserID {
				return fault.New(fault.Conflict, "visitor.user_taken")
			}
		}
		s.Visitors[i] = out
		return nil
	})
	return out, err
}

// Put implements visitor.Files.
func (m *memory) Put(_ context.Context, f visitor.File, r io.Reader) (visitor.File, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return f, err
	}
	err = m.change(func(s *state) error {
		for _, o := range s.Files {
			if f.Key != "" && o.File.Channel == f.Channel && o.File.Visitor == f.Visitor && o.File.Key == f.Key {
				f = o.File
				return nil
			}
		}
		f.ID, f.Size = fmt.Sprintf("file%04d", len(s.Files)+1), int64(len(data))
		s.Files = append(s.Files, stored{f, data})
		return nil
	})
	return f, err
}

func (m *memory) file(ch channel.ID, id string) (out stored, err error) {
	err = m.read(func(s *state) error {
		i := slices.IndexFunc(s.Files, func(f stored) bool { return f.File.Channel == ch && f.File.ID == id })
		if i < 0 {
			return notFound("file")
		}
		out = s.Files[i]
		return nil
	})
	return out, err
}

// Stat implements visitor.Files.
func (m *memory) Stat(_ context.Context, ch channel.ID, id string) (visitor.File, error) {
	f, err := m.file(ch, id)
	return f.File, err
}

// Open implements visitor.Files.
func (m *memory) Open(_ context.Context, ch channel.ID, id string) (visitor.File, io.ReadSeekCloser, error) {
	f, err := m.file(ch, id)
	return f.File, closer{bytes.NewReader(f.Data)}, err
}

type closer struct{ io.ReadSeeker }

func (closer) Close() error { return nil }

// Account implements webchat.Channels.
func (m *memory) Account(_ context.Context, ch channel.ID) (channel.Account, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, ok := m.state.Accounts[ch]
	if !ok {
		return a, notFound("channel")
	}
	return a, nil
}

// Hours implements webchat.Channels.
func (m *memory) Hours(context.Context, channel.ID) (webchat.Hours, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.hours, nil
}

func (m *memory) set(do func(*memory)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	do(m)
}

func (m *memory) isBroken() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.broken
}

// raws are the raw updates from the nth on.
func (m *memory) raws(from int) []channel.Raw {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []channel.Raw
	for _, r := range m.state.Raws[from:] {
		out = append(out, r.Raw)
	}
	return out
}
