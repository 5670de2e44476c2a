package search

import (
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
)

// A document's scope is a handful of words that filters are made of, so that
// an index jumps over what a filter excludes. Each is two runes that no text's
// words begin with: a class, and a value. Ids are folded to 16 bits to keep
// the index small; the few strangers that let in are turned away when hits
// are compared with the truth (see Service).
const (
	ofWorkspace rune = 0xE100 + iota
	ofInbox
	ofContact
	ofChannel
	ofKind
	ofDay
	ofMonth
)

// values are the runes that stand for values: 65,536 from here on.
const values = 0x20000

func scope(class rune, v uint16) string { return string([]rune{class, values + rune(v)}) }

// fold spreads ids, which differ in their high bits, over 16.
func fold[T ~int64](id T) uint16 {
	return uint16((uint64(id) * 0x9E3779B97F4A7C15) >> 48) //nolint:gosec // the point
}

func inWorkspace(ws int64) string     { return scope(ofWorkspace, fold(ws)) }
func inInbox(id inbox.ID) string      { return scope(ofInbox, fold(id)) }
func withContact(c contact.ID) string { return scope(ofContact, fold(c)) }
func overChannel(c channel.ID) string { return scope(ofChannel, fold(c)) }

func asKind(k Kind) string {
	n := uint16(0)
	for i, known := range Kinds() {
		if known == k {
			n = uint16(i) //nolint:gosec // four of them
		}
	}
	return scope(ofKind, n)
}

func onDay(t time.Time) string {
	return scope(ofDay, uint16(t.UTC().Unix()/86400)) //nolint:gosec // wraps after 179 years
}

func inMonth(t time.Time) string {
	t = t.UTC()
	return scope(ofMonth, uint16(t.Year()*12+int(t.Month()))) //nolint:gosec // wraps after 5,461 years
}

// mostSpans bounds the words that a filter by time becomes; a longer time is
// searched through.
const mostSpans = 150

// during are the days and months that cover [from, to), nil when they are too
// many. A zero to means now.
func during(from, to, now time.Time) []string {
	if to.IsZero() {
		// Platforms' clocks may be ahead of ours.
		to = now.Add(48 * time.Hour)
	}
	from, to = from.UTC(), to.UTC()
	if from.IsZero() || to.Sub(from) > mostSpans*30*24*time.Hour {
		return nil
	}
	var out []string
	day := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC)
	for day.Before(to) {
		next := day.AddDate(0, 1, 0)
		if day.Day() == 1 && !next.After(to) {
			out = append(out, inMonth(day))
			day = next
			continue
		}
		out = append(out, onDay(day))
		day = day.AddDate(0, 0, 1)
	}
	if len(out) > mostSpans {
		return nil
	}
	return out
}
