package platform

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// Ledger is what customers wrote and what reached them, kept by the stand-in
// so that a test can compare it with what Okno remembers. The stand-in's lock
// guards it.
type Ledger[E any] struct {
	entries []*E
	file    *os.File // nil: kept in memory only
}

// OpenLedger makes an empty ledger. With a path, each entry is also appended
// to that file as a line of JSON whenever it changes, so that it survives the
// process; of the lines with one seq the last counts.
func OpenLedger[E any](path string) (*Ledger[E], error) {
	l := &Ledger[E]{}
	if path != "" {
		var err error
		if l.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
			return nil, fmt.Errorf("stand-in's ledger: %w", err)
		}
	}
	return l, nil
}

// Close closes the file.
func (l *Ledger[E]) Close() {
	if l.file != nil {
		_ = l.file.Close()
	}
}

// Next is the seq of the next entry.
func (l *Ledger[E]) Next() int { return len(l.entries) + 1 }

// Add appends an entry.
func (l *Ledger[E]) Add(e *E) {
	l.entries = append(l.entries, e)
	l.Save(e)
}

// Save writes down that an entry has changed.
func (l *Ledger[E]) Save(e *E) {
	if l.file == nil {
		return
	}
	if line, err := json.Marshal(e); err == nil {
		_, _ = l.file.Write(append(line, '\n'))
	}
}

// Entries are all of them in order; they may be changed in place.
func (l *Ledger[E]) Entries() []*E { return l.entries }

// Copy lists the entries that suit; nil means all.
func (l *Ledger[E]) Copy(suits func(*E) bool) []E {
	var out []E
	for _, e := range l.entries {
		if suits == nil || suits(e) {
			out = append(out, *e)
		}
	}
	return out
}

// Latest finds the newest entry that suits, nil if there is none.
func (l *Ledger[E]) Latest(suits func(*E) bool) *E {
	for _, e := range slices.Backward(l.entries) {
		if suits(e) {
			return e
		}
	}
	return nil
}
