package search

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/inbox"
)

// Source gives the truth that is indexed.
type Source interface {
	Workspaces(ctx context.Context) ([]int64, error)
	// Items returns items by id with their files; unknown ids are left out.
	Items(ctx context.Context, ws int64, ids []inbox.ItemID) ([]inbox.Item, error)
	// ItemsBefore returns a workspace's items, the newest first, with files.
	ItemsBefore(ctx context.Context, ws int64, before inbox.ItemID, limit int) ([]inbox.Item, error)
	// ItemsOf returns items of a conversation or contact after one, the oldest
	// first, with files.
	ItemsOf(ctx context.Context, q inbox.ItemQuery) ([]inbox.Item, error)
	// Inboxes says where conversations are now.
	Inboxes(ctx context.Context, ws int64, ids []inbox.ConversationID) (map[inbox.ConversationID]inbox.ID, error)
	// Contacts returns contacts by id; unknown ids are left out.
	Contacts(ctx context.Context, ws int64, ids []contact.ID) ([]contact.Contact, error)
	// ContactsBefore returns a workspace's contacts, the newest first.
	ContactsBefore(ctx context.Context, ws int64, before contact.ID, limit int) ([]contact.Contact, error)
	// Notes returns the remarks about contacts.
	Notes(ctx context.Context, ws int64, ids []contact.ID) (map[contact.ID][]contact.Note, error)
}

// Events is the log that the index follows.
type Events interface {
	After(ctx context.Context, ws, after int64, limit int) ([]event.Event, error)
	Last(ctx context.Context, ws int64) (int64, error)
}

// IndexerDeps is what an indexer needs.
type IndexerDeps struct {
	Index    Index
	Source   Source
	Events   Events
	Analyzer *Analyzer
	Log      *slog.Logger
	// Interval is how often to look for events without being woken (default
	// 5 s).
	Interval time.Duration
	// Batch is how many items are filled in at once (default 1,000).
	Batch int
}

// Indexer keeps an index up to date. What it has not come to yet is not found
// for some moments; a lost index, or one of another database, is made anew.
type Indexer struct {
	d    IndexerDeps
	wake chan struct{}

	turn    sync.Mutex // one step at a time
	checked map[int64]bool

	behind  atomic.Int64
	filling atomic.Bool
	indexed atomic.Uint64
}

// Progress is how far an indexer has come, for metrics.
type Progress struct {
	// Behind is how many events wait to be looked at.
	Behind int64
	// Filling is set while the index is made anew.
	Filling bool
	// Indexed counts the documents written since the start.
	Indexed uint64
}

// breath is how long what comes is gathered before it is looked at again: a
// look costs as much as indexing several messages.
const breath = 50 * time.Millisecond

// followBatch is how many events are looked at in one step.
const followBatch = 500

// NewIndexer returns an indexer. Run it once per database.
func NewIndexer(d IndexerDeps) *Indexer {
	if d.Interval <= 0 {
		d.Interval = 5 * time.Second
	}
	if d.Batch <= 0 {
		d.Batch = 1000
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Indexer{d: d, wake: make(chan struct{}, 1), checked: map[int64]bool{}}
}

// Wake tells that there are new events. It never blocks.
func (x *Indexer) Wake() {
	select {
	case x.wake <- struct{}{}:
	default:
	}
}

// Progress returns how far the indexer has come.
func (x *Indexer) Progress() Progress {
	return Progress{Behind: x.behind.Load(), Filling: x.filling.Load(), Indexed: x.indexed.Load()}
}

// Run follows the events until ctx ends.
func (x *Indexer) Run(ctx context.Context) error {
	tick := time.NewTicker(x.d.Interval)
	defer tick.Stop()
	for {
		if err := x.CatchUp(ctx); err != nil && ctx.Err() == nil {
			x.d.Log.ErrorContext(ctx, "the search index was not brought up to date", slog.Any("error", err))
		}
		rest := time.NewTimer(breath)
		select {
		case <-ctx.Done():
			rest.Stop()
			return nil
		case <-rest.C:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-x.wake:
		}
	}
}

// CatchUp works until nothing is left to do.
func (x *Indexer) CatchUp(ctx context.Context) error {
	for {
		more, err := x.round(ctx)
		if err != nil || !more {
			return err
		}
	}
}

// Rebuild forgets the index and makes it anew. Until it is done, the newest
// are found first.
func (x *Indexer) Rebuild(ctx context.Context) error {
	if err := x.forget(ctx); err != nil {
		return err
	}
	return x.CatchUp(ctx)
}

func (x *Indexer) forget(ctx context.Context) error {
	x.turn.Lock()
	defer x.turn.Unlock()
	return x.reset(ctx)
}

func (x *Indexer) reset(ctx context.Context) error {
	clear(x.checked)
	return x.d.Index.Reset(ctx)
}

// round does one step for every workspace.
func (x *Indexer) round(ctx context.Context) (more bool, err error) {
	x.turn.Lock()
	defer x.turn.Unlock()
	workspaces, err := x.d.Source.Workspaces(ctx)
	if err != nil {
		return false, fmt.Errorf("search: list workspaces: %w", err)
	}
	var behind int64
	filling := false
	for _, ws := range workspaces {
		s, err := x.step(ctx, ws)
		if errors.Is(err, ErrMoved) {
			continue // another process is at it
		}
		if err != nil {
			return false, fmt.Errorf("search: index workspace %d: %w", ws, err)
		}
		more = more || s.more
		filling = filling || s.filling
		behind += s.behind
	}
	x.behind.Store(behind)
	x.filling.Store(filling)
	return more, nil
}

// did is the outcome of a step.
type did struct {
	more, filling bool
	behind        int64
}

func (x *Indexer) step(ctx context.Context, ws int64) (did, error) {
	st, known, err := x.d.Index.State(ctx, ws)
	if err != nil {
		return did{}, err
	}
	if !known {
		return did{more: true, filling: true}, x.begin(ctx, ws)
	}
	list, err := x.d.Events.After(ctx, ws, st.Cursor, followBatch)
	if err != nil {
		return did{}, err
	}
	ours, err := x.ours(ctx, ws, st, list)
	if err != nil {
		return did{}, err
	}
	if !ours {
		return did{more: true, filling: true}, x.reset(ctx)
	}
	if len(list) > 0 {
		if st, err = x.follow(ctx, ws, st, list); err != nil {
			return did{}, err
		}
	}
	if missing(st) {
		if st, err = x.fill(ctx, ws, st); err != nil {
			return did{}, err
		}
	}
	last, err := x.d.Events.Last(ctx, ws)
	if err != nil {
		return did{}, err
	}
	return did{
		more: len(list) == followBatch || missing(st) || last > st.Cursor, filling: missing(st), behind: max(last-st.Cursor, 0),
	}, nil
}

func missing(st State) bool { return st.Items != 0 || st.Contacts != 0 }

// begin notes where the events are now; everything older is filled in.
func (x *Indexer) begin(ctx context.Context, ws int64) error {
	last, err := x.d.Events.Last(ctx, ws)
	if err != nil {
		return err
	}
	st := State{Cursor: last, Items: math.MaxInt64, Contacts: math.MaxInt64, Version: Version}
	if last > 0 {
		list, err := x.d.Events.After(ctx, ws, last-1, 1)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			st.Mark = mark(list[0])
		}
	}
	x.checked[ws] = true
	x.d.Log.InfoContext(ctx, "the search index is being made", slog.Int64("workspace_id", ws))
	return x.d.Index.Apply(ctx, Batch{Workspace: ws, To: st})
}

// ours reports whether the index was made from these events by this analyzer,
// and whether no event is gone that it has not seen.
func (x *Indexer) ours(ctx context.Context, ws int64, st State, next []event.Event) (bool, error) {
	why := ""
	switch {
	case st.Version != Version:
		why = "made by another version"
	case len(next) > 0 && next[0].ID != st.Cursor+1:
		why = "events are gone"
	case !x.checked[ws] && st.Cursor > 0:
		last, err := x.d.Events.Last(ctx, ws)
		if err != nil {
			return false, err
		}
		list, err := x.d.Events.After(ctx, ws, st.Cursor-1, 1)
		if err != nil {
			return false, err
		}
		switch {
		case last < st.Cursor:
			why = "it knows events that never were"
		case len(list) > 0 && list[0].ID == st.Cursor && mark(list[0]) != st.Mark:
			why = "it knows other events"
		case len(next) == 0 && last > st.Cursor:
			// Either events came this very moment or the unseen ones are gone.
			if list, err = x.d.Events.After(ctx, ws, st.Cursor, 1); err != nil {
				return false, err
			}
			if len(list) == 0 {
				why = "events are gone"
			}
		}
	}
	if why != "" {
		x.d.Log.WarnContext(ctx, "the search index does not belong to this database and is made anew",
			slog.Int64("workspace_id", ws), slog.String("reason", why))
		return false, nil
	}
	x.checked[ws] = true
	return true, nil
}

// mark tells an event from another of the same id.
func mark(e event.Event) string {
	return fmt.Sprintf("%s %d %d %d %d", e.Type, e.At.UnixMicro(), e.Item, e.Contact, e.Conversation)
}
