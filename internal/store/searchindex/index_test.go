package searchindex_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/search"
	"github.com/okno-hq/okno/internal/store/postgres"
	"github.com/okno-hq/okno/internal/store/searchindex"
	"github.com/okno-hq/okno/internal/store/sqlite"
	"github.com/okno-hq/okno/internal/store/storetest"
)

func openLite(tb testing.TB, path string) *searchindex.Index {
	tb.Helper()
	x, err := searchindex.OpenSQLite(tb.Context(), sqlite.Config{Path: path})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := x.Close(); err != nil {
			tb.Error(err)
		}
	})
	return x
}

// each runs a test of an empty index on both databases.
func each(t *testing.T, test func(t *testing.T, x *searchindex.Index)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, openLite(t, filepath.Join(t.TempDir(), "search.db"))) })
	t.Run("postgres", func(t *testing.T) { test(t, searchindex.Postgres(storetest.Postgres(t, postgres.Config{}))) })
}

const ws = 77

func item(id int64, text string, files ...string) inbox.Item {
	i := inbox.Item{
		ID: inbox.ItemID(id), Workspace: ws, Conversation: 5, Contact: 6, Channel: 7, Kind: inbox.KindMessage,
		Content: channel.Content{Text: text}, At: time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC),
	}
	for _, f := range files {
		i.HasFiles = true
		i.Files = append(i.Files, inbox.File{Name: f})
	}
	return i
}

func put(tb testing.TB, x search.Index, docs ...search.Document) {
	tb.Helper()
	b := search.Batch{Workspace: ws, Put: docs}
	if st, ok, err := x.State(tb.Context(), ws); err != nil {
		tb.Fatal(err)
	} else if ok {
		b.From, b.To = &st, st
	}
	if err := x.Apply(tb.Context(), b); err != nil {
		tb.Fatal(err)
	}
}

func find(tb testing.TB, x search.Index, m search.Match, in search.Column) []int64 {
	tb.Helper()
	ids, err := x.Find(tb.Context(), search.Request{Match: m, In: in, Limit: 1000, Scope: [][]string{scopeOf(ws)}})
	if err != nil {
		tb.Fatal(err)
	}
	return ids
}

// scopeOf is the word of scope that all documents of a workspace have.
func scopeOf(workspace int64) []string {
	i := item(1, "x")
	i.Workspace = workspace
	d, _ := search.NewAnalyzer().Document(i, 1)
	return d.Scope[:1]
}

func parse(tb testing.TB, a *search.Analyzer, q string) search.Match {
	tb.Helper()
	m, err := a.Parse(q)
	if err != nil {
		tb.Fatalf("%q: %v", q, err)
	}
	return m
}

func TestStateIsComparedAndSwapped(t *testing.T) {
	each(t, func(t *testing.T, x *searchindex.Index) {
		ctx := t.Context()
		a := search.NewAnalyzer()
		if _, ok, err := x.State(ctx, ws); ok || err != nil {
			t.Fatalf("an empty index knows: %v %v", ok, err)
		}
		first := search.State{Cursor: 3, Mark: "m", Items: 9, Contacts: 8, Version: 1}
		if err := x.Apply(ctx, search.Batch{Workspace: ws, To: first, Places: map[int64]int64{5: 1}}); err != nil {
			t.Fatal(err)
		}
		if st, ok, err := x.State(ctx, ws); st != first || !ok || err != nil {
			t.Fatalf("got %+v %v %v", st, ok, err)
		}
		d, _ := a.Document(item(10, "заказ"), 1)
		stale := search.State{Cursor: 2}
		for _, from := range []*search.State{nil, &stale} {
			err := x.Apply(ctx, search.Batch{Workspace: ws, From: from, To: first, Put: []search.Document{d}, Places: map[int64]int64{5: 2}})
			if !errors.Is(err, search.ErrMoved) {
				t.Fatalf("from %+v: %v", from, err)
			}
		}
		if ids := find(t, x, parse(t, a, "заказ"), search.Everywhere); len(ids) > 0 {
			t.Errorf("a refused batch left %v", ids)
		}
		if p, err := x.Places(ctx, []int64{5, 6}); err != nil || len(p) != 1 || p[5] != 1 {
			t.Errorf("places: %v %v", p, err)
		}
		if err := x.Reset(ctx); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := x.State(ctx, ws); ok || err != nil {
			t.Errorf("after a reset: %v %v", ok, err)
		}
	})
}

func TestDocumentsAreReplacedAndRemoved(t *testing.T) {
	each(t, func(t *testing.T, x *searchindex.Index) {
		a := search.NewAnalyzer()
		for _, text := range []string{"доставка завтра", "возврат денег", "возврат денег"} {
			d, _ := a.Document(item(10, text), 1)
			put(t, x, d, d)
		}
		if ids := find(t, x, parse(t, a, "доставка "), search.Everywhere); len(ids) > 0 {
			t.Errorf("old words find %v", ids)
		}
		if ids := find(t, x, parse(t, a, "возвраты деньги "), search.Everywhere); !slices.Equal(ids, []int64{10}) {
			t.Errorf("new words find %v", ids)
		}
		st, _, err := x.State(t.Context(), ws)
		if err != nil {
			t.Fatal(err)
		}
		if err := x.Apply(t.Context(), search.Batch{Workspace: ws, From: &st, To: st, Delete: []int64{10, 11}}); err != nil {
			t.Fatal(err)
		}
		if err := x.Optimize(t.Context()); err != nil {
			t.Fatal(err)
		}
		if ids := find(t, x, parse(t, a, "возврат"), search.Everywhere); len(ids) > 0 {
			t.Errorf("a removed document is found: %v", ids)
		}
		d, _ := a.Document(item(10, "снова здесь"), 1)
		put(t, x, d)
		if ids := find(t, x, parse(t, a, "снова"), search.Everywhere); !slices.Equal(ids, []int64{10}) {
			t.Errorf("put again: %v", ids)
		}
		if err := x.Reset(t.Context()); err != nil {
			t.Fatal(err)
		}
		if ids := find(t, x, parse(t, a, "снова"), search.Everywhere); len(ids) > 0 {
			t.Errorf("after a reset: %v", ids)
		}
	})
}

func TestNewestFirstInPages(t *testing.T) {
	each(t, func(t *testing.T, x *searchindex.Index) {
		a := search.NewAnalyzer()
		var docs []search.Document
		for id := int64(1); id <= 300; id++ {
			d, _ := a.Document(item(id<<22, "привет мир"), 1)
			docs = append(docs, d)
		}
		put(t, x, docs...)
		r := search.Request{Match: parse(t, a, "миру"), Limit: 7}
		var got []int64
		for {
			ids, err := x.Find(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, ids...)
			if len(ids) < r.Limit {
				break
			}
			r.Before = ids[len(ids)-1]
		}
		if len(got) != 300 || got[0] != 300<<22 || !slices.IsSortedFunc(got, func(a, b int64) int { return int(b>>22 - a>>22) }) {
			t.Errorf("%d hits, %v …", len(got), got[:min(5, len(got))])
		}
	})
}

// corpus are texts with every trap that the analyzer knows.
func corpus(r *rand.Rand, n int) []inbox.Item {
	words := strings.Fields(`заказ заказы заказу заказом заказанный заказать Заказ ЗАКАЗ доставка доставку доставок скидка скидок
		звонок звонка звоню счёт счета счетом ёлка елка деньги денег телефон +7(912)345-67-89 89123456789 9123456789 345-67-89
		8-800-555-35-35 order orders ordered ordering delivery delivered deliveries iPhone15 А-123 №4455 2026-11-24 12.05.2026
		ivan@mail.ru Ivan.Petrov@example.com https://okno.example/заказ?id=7 интернет-магазин интернет магазин café naïve
		за́мок сo ﬁne Ｆｕｌｌ x² 中文字 日本 'кавычки' "quoted" «ёлочки» \ & | ! : * ( ) AND OR NOT NEAR null`)
	files := []string{"Договор_аренды-2026.final.pdf", "IMG_20261124_101500.jpg", "счёт №15.xlsx", "заказ.docx", ""}
	items := make([]inbox.Item, n)
	for i := range items {
		text := make([]string, 1+r.IntN(12))
		for k := range text {
			text[k] = words[r.IntN(len(words))]
		}
		items[i] = item(int64(i+1)<<22, strings.Join(text, " "))
		if f := files[r.IntN(len(files))]; f != "" && r.IntN(4) == 0 {
			items[i].HasFiles, items[i].Files = true, []inbox.File{{Name: f}}
		}
	}
	return items
}

// TestBothAnswerAlike compares both databases with the definition, for
// queries made of pieces of the texts.
func TestBothAnswerAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	a := search.NewAnalyzer()
	lite := openLite(t, filepath.Join(t.TempDir(), "search.db"))
	pg := searchindex.Postgres(storetest.Postgres(t, postgres.Config{}))
	items := corpus(r, 400)
	docs := make([]search.Document, 0, len(items))
	for _, i := range items {
		if d, ok := a.Document(i, 1); ok {
			docs = append(docs, d)
		}
	}
	put(t, lite, docs...)
	put(t, pg, docs...)
	slices.Reverse(docs)
	found := 0
	for range 400 {
		q := randomQuery(r, items)
		m := parse(t, a, q)
		if m.Empty() {
			continue
		}
		in := search.Column(r.IntN(3))
		var want []int64
		for _, d := range docs {
			columns := map[search.Column][][]string{
				search.Everywhere: {d.Words, d.Names}, search.InWords: {d.Words}, search.InNames: {d.Names},
			}[in]
			if m.Matches(columns...) {
				want = append(want, d.ID)
			}
		}
		found += len(want)
		if got := find(t, lite, m, in); !slices.Equal(got, want) {
			t.Fatalf("SQLite, %q in %d: got %v, want %v\n%+v", q, in, got, want, m)
		}
		if got := find(t, pg, m, in); !slices.Equal(got, want) {
			t.Fatalf("PostgreSQL, %q in %d: got %v, want %v\n%+v", q, in, got, want, m)
		}
	}
	if found < 1000 {
		t.Errorf("the queries found next to nothing: %d", found)
	}
}

func randomQuery(r *rand.Rand, items []inbox.Item) string {
	var parts []string
	for range 1 + r.IntN(3) {
		words := strings.Fields(items[r.IntN(len(items))].Content.Text)
		at := r.IntN(len(words))
		w := words[at]
		switch r.IntN(6) {
		case 0:
			w = `"` + strings.Join(words[at:min(at+2, len(words))], " ") + `"`
		case 1:
			w = "-" + w
		case 2:
			half := []rune(w)
			w = string(half[:1+r.IntN(len(half))])
		case 3:
			w = []string{"договор", "img", "pdf", "6789", "345-67-89", "заказа"}[r.IntN(6)]
		}
		parts = append(parts, w)
	}
	return strings.Join(parts, " ") + []string{"", " "}[r.IntN(2)]
}

// TestExtremes: whatever strangers send must be taken by both.
func TestExtremes(t *testing.T) {
	each(t, func(t *testing.T, x *searchindex.Index) {
		a := search.NewAnalyzer()
		many := make([]string, 0, 40000)
		for i := range 40000 {
			many = append(many, fmt.Sprintf("\U00020000%x𐐨𐐩𐐪", i), strings.Repeat("ы", 50)+fmt.Sprint(i))
		}
		texts := []string{
			strings.Repeat("да ", 50000), strings.Repeat("ж", 100000), strings.Join(many, " "), strings.Repeat("8 912 345-67-89 ", 6000),
			"\x00\xff\xfe'\\ \"", "\u200b\u202e\u0301", "a' OR 'b", strings.Repeat("1234567 x", 10000),
		}
		for n, text := range texts {
			if d, ok := a.Document(item(int64(n+1), text, text), 1); ok {
				put(t, x, d)
			}
		}
		for q, want := range map[string][]int64{"да ": {1}, "9123456789": {4}, strings.Repeat("ж", 45): {2}, `"да да"`: {1}} {
			if ids := find(t, x, parse(t, a, q), search.Everywhere); !slices.Equal(ids, want) {
				t.Errorf("%.20q finds %v, want %v", q, ids, want)
			}
		}
	})
}

func TestDamagedFileIsMadeAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "search.db")
	for _, content := range []string{"", strings.Repeat("this is no database ", 1000)} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		x, err := searchindex.OpenSQLite(t.Context(), sqlite.Config{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		if _, ok, err := x.State(t.Context(), ws); ok || err != nil {
			t.Errorf("%v %v", ok, err)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// A file of somebody else's, or of another version, is no index either.
	other := filepath.Join(t.TempDir(), "other.db")
	d, err := sqlite.Open(t.Context(), sqlite.Config{Path: other})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Exec(t.Context(), `CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT`); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	x := openLite(t, other)
	if _, ok, err := x.State(t.Context(), ws); ok || err != nil {
		t.Errorf("%v %v", ok, err)
	}
}
