package search

// Gap stands between words that do not follow one another, so that no phrase
// reaches over it. It is no word.
const Gap = "\uE000"

const (
	// MostWords bounds the column of a document's text: PostgreSQL counts
	// positions up to 16,383 only.
	MostWords = 12000
	// MostNames bounds the column of its names, which is beside that.
	MostNames = 4000
	// mostTimes is how often a word counts in a column: PostgreSQL keeps 255
	// positions of it. Later ones leave a gap.
	mostTimes = 250
	// numberRoom is what a column's end keeps free for telephone numbers.
	numberRoom = 1000
	// meanBytes is how long a column's words may be on average: PostgreSQL
	// takes 1 MiB of them.
	meanBytes = 40
)

// column makes the words of one column from texts.
func (a *Analyzer) column(parts []string, most int) []string {
	var (
		words, found []string
		times        = map[string]int{}
		bytes        = 0
	)
	add := func(list *[]string, w string, room int) {
		if bytes += len(w); len(words)+len(found) >= room || bytes > most*meanBytes {
			return
		}
		if times[w]++; times[w] > mostTimes {
			w = Gap
		}
		*list = append(*list, w)
	}
	for _, p := range parts {
		if p == "" {
			continue
		}
		if len(words) > 0 {
			add(&words, Gap, most-numberRoom)
		}
		tokens := tokenise(p)
		for _, t := range tokens {
			add(&words, a.stem(t.raw), most-numberRoom)
		}
		for _, n := range numbers(p, tokens) {
			for _, at := range numberWords(tokens, n) {
				for _, w := range at.words() {
					if times[w] == 0 {
						add(&found, w, most-1)
					}
				}
			}
		}
	}
	if len(found) == 0 {
		return words
	}
	return append(append(words, Gap), found...)
}
