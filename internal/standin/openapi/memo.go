package openapi

import "sync"

// Memo keeps what was compiled by the folder of its specification: compiling
// takes a second, and tests open many stand-ins. The zero value is empty.
type Memo struct {
	mu    sync.Mutex
	known map[string]*Schemas
}

// Load returns what is known of a folder, or loads it. Failures are not kept.
func (m *Memo) Load(folder string, load func(folder string) (*Schemas, error)) (*Schemas, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, ok := m.known[folder]; ok {
		return s, nil
	}
	s, err := load(folder)
	if err != nil {
		return nil, err
	}
	if m.known == nil {
		m.known = map[string]*Schemas{}
	}
	m.known[folder] = s
	return s, nil
}
