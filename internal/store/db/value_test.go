package db_test

import (
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/storetest"
)

type name string

type id int64

func TestValuesComeBackAlike(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB) {
		boolean, blob, strict := "INTEGER", "BLOB", " STRICT"
		if d.Dialect() == db.Postgres {
			boolean, blob, strict = "BOOLEAN", "BYTEA", ""
		}
		ctx := t.Context()
		create := `CREATE TABLE v (id ` + map[string]string{" STRICT": "INTEGER", "": "BIGINT"}[strict] + ` PRIMARY KEY, b ` + boolean + ` NOT NULL, raw ` + blob + `, js TEXT NOT NULL, s TEXT NOT NULL, maybe TEXT)` + strict
		if _, err := d.Exec(ctx, create); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Exec(ctx, `INSERT INTO v (id, b, raw, js, s, maybe) VALUES ($1, $2, $3, $4, $5, $6)`,
			id(7), true, []byte{0, 1, 255}, json.RawMessage(`{"a": "\u0000", "b":1}`), name("a\x00b\xffc"), (*string)(nil)); err != nil {
			t.Fatal(err)
		}
		var (
			gotID id
			b     bool
			raw   []byte
			js    json.RawMessage
			s     name
			maybe *string
		)
		if err := d.QueryRow(ctx, `SELECT id, b, raw, js, s, maybe FROM v WHERE b AND b = TRUE AND b = $1`, true).Scan(&gotID, &b, &raw, &js, &s, &maybe); err != nil {
			t.Fatal(err)
		}
		if gotID != 7 || !b || string(raw) != "\x00\x01\xff" || string(js) != `{"a": "\u0000", "b":1}` || s != "a\uFFFDb\uFFFDc" || maybe != nil {
			t.Fatalf("%v %v %v %s %q %v", gotID, b, raw, js, s, maybe)
		}
		if _, err := d.Exec(ctx, `UPDATE v SET id = $1`, time.Now()); err == nil {
			t.Error("a bare time was accepted")
		}
		// Text that looks like a time stays text, even as an expression.
		text, err := db.One(ctx, d, db.Value[string], `SELECT COALESCE(maybe, '2024-02-03T04:05:06Z') FROM v`)
		if err != nil || text != "2024-02-03T04:05:06Z" {
			t.Fatal(text, err)
		}
	})
}

func TestMicros(t *testing.T) {
	at := time.Date(2026, 11, 24, 1, 2, 3, 456789000, time.FixedZone("", 3600))
	if got := db.Time(db.Micros(at)); !got.Equal(at) || got.Location() != time.UTC {
		t.Error(got)
	}
	if !db.Time(db.Micros(time.Time{})).IsZero() {
		t.Error("the zero time does not come back")
	}
}

func TestNumbered(t *testing.T) {
	for query, want := range map[string]string{
		`a = $2 AND b = $1`:              `a = ?2 AND b = ?1`,
		`'$1' || "$2" || $12`:            `'$1' || "$2" || ?12`,
		`'it''s $1', $1`:                 `'it''s $1', ?1`,
		"-- $1\n$2 /* $3 */ $4":          "-- $1\n?2 /* $3 */ ?4",
		`a$1, $, $x, '$1`:                `a$1, $, $x, '$1`,
		`SELECT 'привет', $1 /* unended`: `SELECT 'привет', ?1 /* unended`,
	} {
		if got, _ := db.Numbered(query); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
	if _, n := db.Numbered(`$3, $1`); n != 3 {
		t.Errorf("highest %d", n)
	}
}

func FuzzNumbered(f *testing.F) {
	f.Add(`SELECT '$1' -- $2` + "\n" + `$3 /* ' */ "`)
	f.Fuzz(func(t *testing.T, query string) {
		got, n := db.Numbered(query)
		if n < 0 || len(got) != len(query) || utf8.ValidString(query) && !utf8.ValidString(got) {
			t.Errorf("%q became %q", query, got)
		}
	})
}

func TestFragments(t *testing.T) {
	d := db.SQLite
	for got, want := range map[string]string{
		d.In(2, 3):              "($3, $4)",
		d.In(0, 1):              "(NULL)",
		d.Values(2, 2, 1):       "($1, $2), ($3, $4)",
		d.ForUpdate():           "",
		db.Postgres.ForUpdate(): " FOR UPDATE",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
