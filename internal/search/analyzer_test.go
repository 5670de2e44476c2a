package search_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/search"
)

// finds reports whether a query finds a text.
func finds(t *testing.T, a *search.Analyzer, query, text string) bool {
	t.Helper()
	m, err := a.Parse(query)
	if err != nil {
		t.Fatalf("%q: %v", query, err)
	}
	d, _ := a.Document(inbox.Item{ID: 1, Kind: inbox.KindMessage, Content: channel.Content{Text: text}}, 1)
	return m.Matches(d.Words, d.Names)
}

// A query with a space at its end has no word that is still being typed.
func TestFormsOfOneWord(t *testing.T) {
	a := search.NewAnalyzer()
	for _, forms := range []string{
		"заказ заказы заказу заказом заказов заказах ЗАКАЗ",
		"заказать заказал заказала заказали заказанный",
		"доставка доставку доставки доставок доставкой",
		"скидка скидок скидками", "звонок звонка звонки звонком", "продавец продавца продавцы", "копейка копеек копейки",
		"деньги денег деньгами", "чек чека чеки", "урок урока уроки", "отец отца",
		"ёлка елка ёлки Елку", "счёт счет счёта счета", "платёж платежи платежом",
		"order orders ordered ordering", "delivery deliveries", "café cafe CAFÉ cafés",
		"за\u0301мок замок замка", "за\u200bказ заказ", "се\u00adмья семья", "Ｆｕｌｌ full", "ﬁne fine",
		"cкидка скидка", // the first letter is Latin
	} {
		words := strings.Fields(forms)
		for _, typed := range words {
			for _, written := range words {
				if !finds(t, a, typed+" ", "и вот "+written+", да") {
					t.Errorf("%q does not find %q", typed, written)
				}
			}
		}
	}
}

func TestOtherWordsAreNotFound(t *testing.T) {
	a := search.NewAnalyzer()
	for typed, written := range map[string]string{
		"столик ": "стол", "заказ ": "закат", "почта ": "почему", "2026 ": "20261", "order ": "border",
		"стол ": "столица", "12345 ": "номер12345", "345-67-89": "345 68 79", "рука ": "ручка", "-заказ товар": "товар заказы",
		`"красный стол"`: "стол красный", "ivan@mail.ru ": "ivan mail com ru",
	} {
		if finds(t, a, typed, written) {
			t.Errorf("%q finds %q", typed, written)
		}
	}
}

func TestUnfinishedWords(t *testing.T) {
	a := search.NewAnalyzer()
	for _, word := range []string{"заказанный", "доставка", "звонок", "магазинами", "приложение", "здравствуйте", "ordering", "deliveries", "скидок"} {
		letters := []rune(word)
		missed := 0
		for n := 3; n <= len(letters); n++ {
			if !finds(t, a, string(letters[:n]), "а вот "+word) {
				missed++
				t.Logf("%q does not find %q", string(letters[:n]), word)
			}
		}
		if missed > 1 || !finds(t, a, word, word) {
			t.Errorf("%q is missed %d times while it is being typed", word, missed)
		}
	}
	if finds(t, a, "зака ", "заказ") {
		t.Error("a finished word finds longer ones")
	}
}

func TestNumbersInAnyFormatting(t *testing.T) {
	a := search.NewAnalyzer()
	ways := []string{
		"8 (912) 345-67-89", "+7 912 3456789", "9123456789", "+79123456789", "89123456789", "8-912-345-67-89", "8 912 345 67 89",
		"7 (912) 345–67–89", "+7(912)345.67.89",
	}
	for _, written := range ways {
		text := "звоните " + written + ", спросить Олю"
		for _, typed := range append(ways, "3456789", "345-67-89", "6789", "67-89", "8912345", "+7 912", "912345") {
			for _, end := range []string{"", " "} {
				if typed == "67-89" && !strings.ContainsAny(written, "-–.") || typed == "+7 912" {
					continue // too few digits to be a number
				}
				if !finds(t, a, typed+end, text) {
					t.Errorf("%q does not find %q", typed+end, text)
				}
			}
		}
		for _, typed := range []string{"9123456788", "+7 913 345-67-89", "6788", "3456788"} {
			if finds(t, a, typed, text) {
				t.Errorf("%q finds %q", typed, text)
			}
		}
	}
	for typed, written := range map[string]string{
		"9123456789": "12.05.2026 8 912 345-67-89", "4276123456789012": "карта 4276 1234 5678 9012", "9012": "карта 4276 1234 5678 9012",
		"4155552671": "+1 (415) 555-2671", "375291234567": "+375 29 123-45-67", "1234567": "+375 29 123-45-67",
		"0049301234567": "+49 30 1234567", "1200000": "цена 1 200 000 рублей", "заказ 4455": "Заказ № 4455", "№4455": "заказ №4455",
		"12345 67890": "один 12345, другой 67890", "инн 7701234567": "ИНН:7701234567",
	} {
		if !finds(t, a, typed, written) {
			t.Errorf("%q does not find %q", typed, written)
		}
	}
}

func TestWholeAndParts(t *testing.T) {
	a := search.NewAnalyzer()
	for written, typed := range map[string][]string{
		"Ivan.Petrov@mail.ru":             {"ivan.petrov@mail.ru", "petrov", "petrov@mail", "mail.ru", "ivan.pet", "IVAN"},
		"Договор_аренды-2026.final.PDF":   {"договор", "аренда ", "договор_аренды-2026.final.pdf", "final.pdf", "2026", "pdf"},
		"https://shop.example/заказ?id=7": {"shop.example", "https://shop.example/заказ?id=7", "заказы "},
		"интернет-магазин":                {"интернет-магазин", "интернет магазин", "магазины ", "интернет-маг"},
		"наш красный стол":                {`"красный стол"`, `"красные столы"`, "«красный стол»", `"красный сто`, "стол наш ", "-синий стол", `-"стол красный" стол`},
		"中文字":                             {"中文", "文字"},
		"it's John's":                     {"john's", "it's", "john "},
	} {
		for _, q := range typed {
			if !finds(t, a, q, written) {
				t.Errorf("%q does not find %q", q, written)
			}
		}
	}
}

func TestEmptyQueries(t *testing.T) {
	a := search.NewAnalyzer()
	for _, q := range []string{"", "   ", "!!!", "-", "--", `""`, `"`, "«»", "-слово", "👍", "\u200b", "\x00\xff", "* AND ( : ^"} {
		m, err := a.Parse(q)
		if err != nil {
			t.Errorf("%q: %v", q, err)
		}
		if q != "* AND ( : ^" && !m.Empty() {
			t.Errorf("%q searches for %+v", q, m)
		}
	}
	if _, err := a.Parse(strings.Repeat("а", 501)); !errors.Is(err, search.ErrTooLong) {
		t.Errorf("too long: %v", err)
	}
	if _, err := a.Parse(strings.Repeat("а ", 33)); !errors.Is(err, search.ErrTooMany) {
		t.Errorf("too many: %v", err)
	}
}

func show(parts []search.Part) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Hit {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func TestSnippets(t *testing.T) {
	a := search.NewAnalyzer()
	long := strings.Repeat("раз два три ", 30)
	for _, c := range []struct {
		query, text, want string
	}{
		{"заказ ", "Ваши заказы и заказ", "Ваши [заказы] и [заказ]"},
		{"зак", "Заказы\n\tзакрыты", "[Заказы] [закрыты]"},
		{"9123456789", "тел. 8 (912) 345-67-89!", "тел. [8 (912) 345-67-89]!"},
		{"6789", "тел. 8 (912) 345-67-89!", "тел. [8 (912) 345-67-89]!"},
		{`"красный стол"`, "стол, красный стол", "стол, [красный стол]"},
		{"ivan@mail.ru ", "пишите на Ivan@Mail.ru, ru", "пишите на [Ivan@Mail.ru], ru"},
		{"-синий стол ", "стол синий", "[стол] синий"},
		{"замок ", "за\u0301мок\u202e и за\u200bмок", "[за\u0301мок] и [за\u200bмок]"},
		{"нет ", "ничего такого", "ничего такого"},
	} {
		m, err := a.Parse(c.query)
		if err != nil {
			t.Fatal(err)
		}
		parts, _ := a.Snippet(m, []string{c.text})
		if got := show(parts); got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.query, c.text, got, c.want)
		}
	}
	m, _ := a.Parse("игла ")
	parts, ok := a.Snippet(m, []string{"ничего", long + "иглы " + long})
	got := show(parts)
	if n := utf8.RuneCountInString(got); !ok || !strings.Contains(got, "[иглы]") || n > 170 || n < 120 || !strings.HasPrefix(got, "…") || !strings.HasSuffix(got, "…") {
		t.Errorf("a window of %d: %q", n, got)
	}
}

func FuzzParseAndSnippet(f *testing.F) {
	for _, s := range []string{"заказ", `"a b`, "-x 8 (912) 345-67-89", "«ё»", "\xff\x00", "½ ﬁ İ ẞ", "ый ее нный", "中 文", "a\u0301\u200d"} {
		f.Add(s, "Ваши заказы: 8 (912) 345-67-89, a b ½ ﬁ")
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, query, text string) {
		a := search.NewAnalyzer()
		m, err := a.Parse(query)
		if err != nil {
			return
		}
		d, _ := a.Document(inbox.Item{ID: 1, Kind: inbox.KindMessage, Content: channel.Content{Text: text}}, 1)
		for _, w := range slices.Concat(d.Words, d.Scope) {
			if w == "" || strings.ContainsAny(w, " '\"\\\x00") || !utf8.ValidString(w) {
				t.Fatalf("%q became the word %q", text, w)
			}
		}
		if len(d.Words) > search.MostWords {
			t.Fatalf("%d words", len(d.Words))
		}
		matched := m.Matches(d.Words)
		parts, marked := a.Snippet(m, []string{text})
		if matched && !marked {
			t.Fatalf("%q finds %q, but marks nothing in it", query, text)
		}
		for _, p := range parts {
			if p.Text == "" {
				t.Fatal("an empty part")
			}
		}
	})
}
