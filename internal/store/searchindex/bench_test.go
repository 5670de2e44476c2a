package searchindex_test

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/search"
	"github.com/okno-hq/okno/internal/store/postgres"
	"github.com/okno-hq/okno/internal/store/searchindex"
	"github.com/okno-hq/okno/internal/store/storetest"
)

// benchMessages is how many messages the benchmark has: OKNO_BENCH_MESSAGES,
// or few.
func benchMessages() int {
	if n, err := strconv.Atoi(os.Getenv("OKNO_BENCH_MESSAGES")); err == nil && n > 0 {
		return n
	}
	return 20000
}

// vocabulary makes words as Russian as their syllables; how often each comes
// follows Zipf's law.
func vocabulary(r *rand.Rand, n int) []string {
	syllables := strings.Fields("ка то по ре ста во на го ли ра де мо ни ло те за ко пе со ви да ми бо ту ше ру ве ди фа гу жа че")
	endings := strings.Fields("а у ы ов ам ами ой ый ого ать ил ешь ость ение ка ник")
	words := make([]string, n)
	for i := range words {
		var b strings.Builder
		for range 2 + r.IntN(3) {
			b.WriteString(syllables[r.IntN(len(syllables))])
		}
		words[i] = b.String() + endings[r.IntN(len(endings))]
	}
	return words
}

func BenchmarkIndex(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchIndex(b, openLite(b, filepath.Join(b.TempDir(), "search.db"))) })
	b.Run("postgres", func(b *testing.B) { benchIndex(b, searchindex.Postgres(storetest.Postgres(b, postgres.Config{}))) })
}

func benchIndex(b *testing.B, x *searchindex.Index) {
	r := rand.New(rand.NewPCG(7, 7))
	words := vocabulary(r, 30000)
	zipf := rand.NewZipf(r, 1.1, 4, uint64(len(words)-1))
	a := search.NewAnalyzer()
	n := benchMessages()
	texts := make([]string, n)
	for i := range texts {
		t := make([]string, 12)
		for k := range t {
			t[k] = words[zipf.Uint64()]
		}
		texts[i] = strings.Join(t, " ")
	}
	start := time.Now()
	const batch = 2000
	for from := 0; from < n; from += batch {
		docs := make([]search.Document, 0, batch)
		for i := from; i < min(from+batch, n); i++ {
			m := item(int64(i+1)<<12, texts[i])
			m.Conversation, m.Contact = inbox.ConversationID(i/10), contact.ID(1+i/30)
			d, _ := a.Document(m, inbox.ID(1+i%5))
			docs = append(docs, d)
		}
		put(b, x, docs...)
	}
	rate := float64(n) / time.Since(start).Seconds()
	if err := x.Optimize(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d messages: %.0f/s indexed", n, rate)
	scope := [][]string{scopeOf(ws)}
	for _, c := range []struct {
		name  string
		query func() string
	}{
		{"common word", func() string { return words[r.IntN(30)] + " " }},
		{"two common words", func() string { return words[r.IntN(30)] + " " + words[r.IntN(30)] + " " }},
		{"two words of a message", func() string {
			t := strings.Fields(texts[r.IntN(n)])
			return t[0] + " " + t[1] + " "
		}},
		{"three letters being typed", func() string { return string([]rune(words[r.IntN(len(words))])[:3]) }},
		{"five letters being typed", func() string { return string([]rune(words[r.IntN(len(words))])[:5]) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				m, err := a.Parse(c.query())
				if err != nil {
					b.Fatal(err)
				}
				if _, err := x.Find(b.Context(), search.Request{Scope: scope, Match: m, Limit: 21}); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			at := func(p float64) float64 {
				return float64(took[int(math.Min(p*float64(len(took)), float64(len(took)-1)))].Microseconds()) / 1000
			}
			b.ReportMetric(at(0.5), "p50-ms")
			b.ReportMetric(at(0.99), "p99-ms")
		})
	}
}
