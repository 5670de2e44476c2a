package job

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/okno-hq/okno/internal/store/db"
)

// renew prolongs the leases of what runs, and cancels the jobs that another
// runner has taken over.
func (r *Runner) renew(ctx context.Context) error {
	now := r.cfg.Now()
	until := now.Add(r.cfg.Lease)
	open := make([]result, 0, len(r.flights))
	for f := range r.flights {
		open = append(open, result{flight: f})
	}
	for part := range slices.Chunk(open, maxList) {
		still, err := r.renewPart(context.WithoutCancel(ctx), part, until)
		for _, res := range part {
			f := res.flight
			switch {
			case f.ended.Load():
			case err == nil && still[f.ID] == f.Attempt:
				f.lease = until
			case err == nil, now.After(f.lease):
				f.cancel(ErrLost)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// renewPart leaves out rows that others have locked: the next beat comes
// before the lease ends.
func (r *Runner) renewPart(ctx context.Context, part []result, until time.Time) (still map[int64]int, err error) {
	err = r.db.Write(ctx, func(ctx context.Context) error {
		free, err := r.held(ctx, part, r.db.Dialect().ForUpdateSkipLocked())
		if err != nil {
			return err
		}
		still = free
		if len(free) < len(part) && r.db.Dialect() == db.Postgres {
			if still, err = r.held(ctx, part, ""); err != nil {
				return err
			}
		}
		args := padded([]any{db.Micros(until)}, slices.Collect(maps.Keys(free)))
		_, err = r.db.Exec(ctx, `UPDATE jobs SET leased_until = $1 WHERE id IN `+r.db.Dialect().In(len(args)-1, 2), args...)
		return err
	})
	return still, err
}

// takeOwn takes back what an earlier process of this node had begun.
func (r *Runner) takeOwn(ctx context.Context) error {
	return r.takeBack(ctx, `node = $1 AND owner <> $2`, r.cfg.Node, r.owner)
}

// takeExpired takes back what runners have begun that say nothing any more;
// its own too, if it does not know of it: then the commit of a claim was
// reported as failed and had succeeded.
func (r *Runner) takeExpired(ctx context.Context) error {
	return r.takeBack(ctx, `leased_until < $1`, db.Micros(r.cfg.Now()))
}

// takeBack ends the attempts of absent runners as failures. Only jobs of this
// runner's kinds: it knows what is to become of them.
func (r *Runner) takeBack(ctx context.Context, where string, args ...any) error {
	for _, kind := range r.kinds {
		for {
			n, err := r.takeBackSome(ctx, kind, where, args)
			if err != nil {
				return err
			}
			if n < maxList {
				break
			}
		}
	}
	return nil
}

func (r *Runner) takeBackSome(ctx context.Context, kind Kind, where string, args []any) (n int, err error) {
	now := r.cfg.Now()
	err = r.db.Write(ctx, func(ctx context.Context) error {
		jobs, err := db.All(ctx, r.db, func(s db.Scanner) (j claimed, err error) {
			var first int64
			j.Kind = kind.Name
			err = s.Scan(&j.ID, &j.WorkspaceID, &j.OrderKey, &j.Failures, &first)
			j.firstAt = db.Time(first)
			return j, err
		}, `SELECT id, workspace_id, order_key, failures, first_at FROM jobs WHERE state = 'running' AND kind = `+
			fmt.Sprintf("$%d AND ", len(args)+1)+where+fmt.Sprintf(` ORDER BY id LIMIT %d`, maxList)+r.db.Dialect().ForUpdateSkipLocked(),
			append(slices.Clip(args), kind.Name)...)
		if err != nil {
			return err
		}
		jobs = slices.DeleteFunc(jobs, func(j claimed) bool { return r.flying(j.ID) })
		var keys []string
		for _, j := range jobs {
			outcome, err := r.recordFailure(ctx, j, kind, judge(errAbandoned, j, kind, now), now)
			if err != nil {
				return err
			}
			if outcome == outcomeDead && kind.StepAside && j.OrderKey != "" {
				keys = append(keys, j.OrderKey)
			}
		}
		n = len(jobs)
		return promote(ctx, r.db, keys)
	})
	return n, err
}

func (r *Runner) flying(id int64) bool {
	for f := range r.flights {
		if f.ID == id {
			return true
		}
	}
	return false
}
