package search_test

import (
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/search"
)

// TestLongTexts: no text that fits into a message may take long, whatever it
// is made of.
func TestLongTexts(t *testing.T) {
	a := search.NewAnalyzer()
	m, err := a.Parse(`1111111 заказ "а а" zz 9 1 1 1 1 1 1 1 1`)
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range []string{"1 ", "9", "9 1-", "а ", "заказ", "ё\u0301", "8 912 345-67-89 ", "\u200b", "中", "zz а", "\"", "1a"} {
		text := strings.Repeat(piece, 100000/len(piece))
		start := time.Now()
		d, _ := a.Document(inbox.Item{ID: 1, Kind: inbox.KindMessage, Content: channel.Content{Text: text}}, 1)
		m.Matches(d.Words)
		a.Snippet(m, []string{text})
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("a text of %q took %s", piece, took)
		}
	}
}

func BenchmarkDocument(b *testing.B) {
	a := search.NewAnalyzer()
	i := inbox.Item{ID: 1, Kind: inbox.KindMessage, Content: channel.Content{
		Text: "Здравствуйте! Подскажите, пожалуйста, когда приедет мой заказ №4455 из интернет-магазина? Телефон 8 (912) 345-67-89",
	}}
	for b.Loop() {
		a.Document(i, 1)
	}
}
