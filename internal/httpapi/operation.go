package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/id"
)

// route is one API operation: its method and path, a name, and a line for the
// documentation. Status is 200 unless set.
type route struct {
	method, path string
	name         string // operation id: "listConversations"
	tag          string
	summary      string
	status       int
	// public needs no log-in; such routes are listed in publicRoutes.
	public bool
	// maxBody bounds the request's body, maxJSON unless set.
	maxBody int64
}

// body is an answer or request that is one JSON value.
type body[T any] struct{ Body T }

// none is an empty answer.
type none struct{}

// list is a page of a list.
type list[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Pass as cursor to get the next page; absent on the last."`
}

// listOf never gives null for an empty list.
func listOf[T any](items []T, next string) *body[list[T]] {
	if items == nil {
		items = []T{}
	}
	return &body[list[T]]{Body: list[T]{Items: items, Next: next}}
}

// all maps each element.
func all[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

// handle registers an operation for people who are logged in.
func handle[I, O any](s *Server, r route, fn func(ctx context.Context, a access.Actor, in *I) (*O, error)) {
	register(s, r, func(ctx context.Context, in *I) (*O, error) {
		a, ok := actorFrom(ctx)
		if !ok {
			return nil, access.ErrUnauthenticated
		}
		return fn(ctx, a, in)
	})
}

// open registers an operation for anybody.
func open[I, O any](s *Server, r route, fn func(ctx context.Context, in *I) (*O, error)) {
	r.public = true
	register(s, r, fn)
}

func register[I, O any](s *Server, r route, fn func(ctx context.Context, in *I) (*O, error)) {
	if r.maxBody == 0 {
		r.maxBody = maxJSON
	}
	op := huma.Operation{
		OperationID: r.name, Method: r.method, Path: r.path, Summary: r.summary, Tags: []string{r.tag},
		DefaultStatus: r.status, MaxBodyBytes: r.maxBody, BodyReadTimeout: time.Minute,
		Security: []map[string][]string{{"token": {}}, {"session": {}}},
		Errors:   []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict},
	}
	if r.public {
		op.Security = []map[string][]string{}
	}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
}

// Ident is an id in a path. It is exported because the framework fills in
// exported embedded parts only.
type Ident struct {
	ID string `path:"id" doc:"Id" example:"7241130045440"`
}

// Paging is how lists are asked for.
type Paging struct {
	Cursor string `query:"cursor" doc:"From the previous page's next."`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// before is a cursor that is an id.
func before[T ~int64](p Paging) (T, error) {
	if p.Cursor == "" {
		return 0, nil
	}
	return id.Parse[T]("cursor", p.Cursor)
}

// next is the cursor after a full page, empty after the last.
func next[T any, I ~int64](items []T, limit int, idOf func(T) I) string {
	if len(items) < limit || len(items) == 0 {
		return ""
	}
	return id.Format(idOf(items[len(items)-1]))
}

// parseIDs reads a list of ids.
func parseIDs[T ~int64](field string, list []string) ([]T, error) {
	out := make([]T, 0, len(list))
	for i, s := range list {
		v, err := id.Parse[T](field+"."+strconv.Itoa(i), s)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// optional reads an id that may be absent or empty: 0.
func optional[T ~int64](field, s string) (T, error) {
	if s == "" {
		return 0, nil
	}
	return id.Parse[T](field, s)
}

// formatIDs writes a list of ids.
func formatIDs[T ~int64](ids []T) []string { return all(ids, id.Format[T]) }

// ref writes an id that may be absent.
func ref[T ~int64](v T) string {
	if v == 0 {
		return ""
	}
	return id.Format(v)
}

// when writes a time that may be absent.
func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Millisecond)
	return &t
}

func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// cursorOf packs a sort time and an id, cursorTo unpacks them.
func cursorOf(t time.Time, v int64) string {
	return strconv.FormatInt(t.UnixMicro(), 36) + "." + strconv.FormatInt(v, 36)
}

func cursorTo(s string) (time.Time, int64, error) {
	bad := fault.New(fault.Invalid, "cursor.malformed").WithField("cursor")
	first, second, ok := strings.Cut(s, ".")
	if !ok {
		return time.Time{}, 0, bad
	}
	t, err := strconv.ParseInt(first, 36, 64)
	if err != nil {
		return time.Time{}, 0, bad
	}
	v, err := strconv.ParseInt(second, 36, 64)
	if err != nil || v <= 0 {
		return time.Time{}, 0, bad
	}
	return time.UnixMicro(t), v, nil
}

// nullable is a text in a patch that may be absent (leave it), null or empty
// (clear it), or a value.
type nullable struct {
	Sent  bool
	Value string
}

// UnmarshalJSON implements json.Unmarshaler; it is not called for what is
// absent.
func (n *nullable) UnmarshalJSON(b []byte) error {
	n.Sent = true
	if string(b) == "null" {
		n.Value = ""
		return nil
	}
	return json.Unmarshal(b, &n.Value)
}

// Schema implements huma.SchemaProvider.
func (n *nullable) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Nullable: true}
}
