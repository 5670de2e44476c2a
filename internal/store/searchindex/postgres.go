package searchindex

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/okno-hq/okno/internal/search"
	"github.com/okno-hq/okno/internal/store/db"
)

// Postgres returns the index in the tables of a PostgreSQL database, which
// the migrations have made.
func Postgres(d *db.DB) *Index { return &Index{db: d, engine: tsearch{}} }

// tsearch is the engine on PostgreSQL. Its parsers and dictionaries have no
// part in it: tsvectors and tsqueries are written out.
type tsearch struct{}

const putRows = 200

func (tsearch) put(ctx context.Context, d *db.DB, _ int64, docs []search.Document) error {
	for chunk := range slices.Chunk(docs, putRows) {
		args := make([]any, 0, 2*len(chunk))
		var rows strings.Builder
		for i, doc := range chunk {
			if i > 0 {
				rows.WriteString(", ")
			}
			n := strconv.Itoa(2*i + 1)
			m := strconv.Itoa(2*i + 2)
			rows.WriteString(`(CAST($` + n + ` AS BIGINT), CAST(CAST($` + m + ` AS TEXT) AS TSVECTOR))`)
			args = append(args, doc.ID, vector(doc))
		}
		if _, err := d.Exec(ctx, `INSERT INTO search_docs (id, words) VALUES `+rows.String()+`
			ON CONFLICT (id) DO UPDATE SET words = excluded.words`, args...); err != nil {
			return err
		}
	}
	return nil
}

func (tsearch) remove(ctx context.Context, d *db.DB, ids []int64) error {
	for chunk := range slices.Chunk(ids, mostArgs) {
		in, values := db.List(chunk)
		if _, err := d.Exec(ctx, `DELETE FROM search_docs WHERE id IN `+in, values...); err != nil {
			return err
		}
	}
	return nil
}

func (tsearch) find(ctx context.Context, d *db.DB, r search.Request, before int64) (ids []int64, err error) {
	err = d.Read(ctx, func(ctx context.Context) error {
		// A plan that does not know the words reads the table backwards for
		// the rarest of them.
		if _, err := db.One(ctx, d, db.Value[string], `SELECT set_config('plan_cache_mode', 'force_custom_plan', TRUE)`); err != nil {
			return err
		}
		ids, err = db.All(ctx, d, db.Value[int64], `SELECT id FROM search_docs
			WHERE words @@ CAST(CAST($1 AS TEXT) AS TSQUERY) AND id < $2 ORDER BY id DESC LIMIT $3`, tsQuery(r), before, r.Limit)
		return err
	})
	return ids, err
}

func (tsearch) clear(ctx context.Context, d *db.DB) error {
	_, err := d.Exec(ctx, `TRUNCATE search_docs`)
	return err
}

func (tsearch) optimize(ctx context.Context, d *db.DB) error {
	if _, err := d.Exec(ctx, `SELECT gin_clean_pending_list('search_docs_words')`); err != nil {
		return err
	}
	_, err := d.Exec(ctx, `ANALYZE search_docs`)
	return err
}

// vector writes a document as a tsvector: scope without positions, words
// with weight D, the names of files with weight A behind them.
func vector(doc search.Document) string {
	var b strings.Builder
	for _, w := range doc.Scope {
		lexeme(&b, w)
		b.WriteByte(' ')
	}
	for i, w := range doc.Words {
		position(&b, w, i+1, "")
	}
	for i, w := range doc.Names {
		position(&b, w, search.MostWords+2+i, "A")
	}
	return b.String()
}

func position(b *strings.Builder, w string, at int, weight string) {
	if w == search.Gap {
		return
	}
	lexeme(b, w)
	b.WriteByte(':')
	b.WriteString(strconv.Itoa(at))
	b.WriteString(weight)
	b.WriteByte(' ')
}

// lexeme quotes a word, which holds letters and digits only.
func lexeme(b *strings.Builder, w string) {
	b.WriteByte('\'')
	b.WriteString(w)
	b.WriteByte('\'')
}

// tsQuery writes a request as a tsquery.
func tsQuery(r search.Request) string {
	var b strings.Builder
	and := func() {
		if b.Len() > 0 {
			b.WriteString(" & ")
		}
	}
	for _, choice := range r.Scope {
		and()
		b.WriteByte('(')
		for j, w := range choice {
			if j > 0 {
				b.WriteString(" | ")
			}
			lexeme(&b, w)
		}
		b.WriteByte(')')
	}
	weight := ""
	switch r.In {
	case search.InWords:
		weight = "D"
	case search.InNames:
		weight = "A"
	case search.Everywhere:
	}
	for _, n := range r.Match.All {
		and()
		tsNode(&b, n, weight)
	}
	for _, n := range r.Match.None {
		b.WriteString(" & !")
		tsNode(&b, n, weight)
	}
	return b.String()
}

func tsNode(b *strings.Builder, n search.Node, weight string) {
	b.WriteByte('(')
	defer b.WriteByte(')')
	if len(n.Words) > 0 {
		for i, w := range n.Words {
			if i > 0 {
				b.WriteString(" <-> ")
			}
			lexeme(b, w)
			flags := weight
			if n.Prefix && i == len(n.Words)-1 {
				flags += "*"
			}
			if flags != "" {
				b.WriteString(":" + flags)
			}
		}
		return
	}
	kids, with := n.All, " & "
	if len(n.Any) > 0 {
		kids, with = n.Any, " | "
	}
	for i, k := range kids {
		if i > 0 {
			b.WriteString(with)
		}
		tsNode(b, k, weight)
	}
}
