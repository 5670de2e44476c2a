package db

import "context"

// Late writes values at the end of the transaction they were added in, all of
// them together: what is written for every change, but read by nobody before
// the commit, costs a few statements for a transaction instead of some for
// each.
type Late[T any] struct {
	db    *DB
	write func(ctx context.Context, list []T) error
}

// NewLate returns a Late whose values are written by write, in the order they
// were added, as the last thing before the commit.
func NewLate[T any](d *DB, write func(ctx context.Context, list []T) error) *Late[T] {
	return &Late[T]{d, write}
}

// Add leaves values to be written with the transaction of ctx. Those added in
// a nested Write that fails are forgotten with it. Outside a Write they are
// written at once.
func (l *Late[T]) Add(ctx context.Context, list ...T) error {
	return l.db.Join(ctx, func(ctx context.Context) error {
		s := l.db.scope(ctx)
		for _, v := range list {
			s.late = append(s.late, lateValue{l, v})
		}
		return nil
	})
}

func (l *Late[T]) writeAll(ctx context.Context, list []any) error {
	typed := make([]T, len(list))
	for i, v := range list {
		typed[i], _ = v.(T) // only Add puts values in
	}
	return l.write(ctx, typed)
}

type lateWriter interface {
	writeAll(ctx context.Context, list []any) error
}

type lateValue struct {
	to    lateWriter
	value any
}

// writeLate writes what was left for the transaction's end.
func (s *scope) writeLate(ctx context.Context) error {
	for len(s.late) > 0 {
		to := s.late[0].to
		var mine []any
		var others []lateValue
		for _, v := range s.late {
			if v.to == to {
				mine = append(mine, v.value)
			} else {
				others = append(others, v)
			}
		}
		s.late = others
		if err := to.writeAll(ctx, mine); err != nil {
			return err
		}
	}
	return nil
}
