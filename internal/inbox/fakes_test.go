package inbox_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store/db"
)

// jobs keeps what was enqueued by transactions that were committed.
type jobs struct {
	db   *db.DB
	mu   sync.Mutex
	list []inbox.Job
}

func (j *jobs) Enqueue(ctx context.Context, job inbox.Job) error {
	j.db.AfterCommit(ctx, func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.list = append(j.list, job)
	})
	return nil
}

// take returns and forgets the jobs of a kind.
func (j *jobs) take(kind inbox.JobKind) []inbox.Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []inbox.Job
	j.list = slices.DeleteFunc(j.list, func(x inbox.Job) bool {
		if x.Kind == kind {
			out = append(out, x)
			return true
		}
		return false
	})
	return out
}

// shelf is a Library in memory.
type shelf struct {
	mu    sync.Mutex
	blobs map[string][]byte
	kinds map[string]channel.AttachmentKind // by file name
	fail  error
}

func (l *shelf) Keep(_ context.Context, k inbox.Keeping, r io.Reader) (inbox.Kept, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		return inbox.Kept{}, l.fail
	}
	b, err := io.ReadAll(io.LimitReader(r, k.Most+1))
	if err != nil {
		return inbox.Kept{}, err
	}
	if int64(len(b)) > k.Most {
		return inbox.Kept{}, fault.New(fault.TooLarge, "file.too_big")
	}
	key := fmt.Sprintf("blob/%d", len(l.blobs)+1)
	l.blobs[key] = b
	kind := k.Kind
	if found, ok := l.kinds[k.Name]; ok {
		kind = found
	}
	if kind == "" {
		kind = channel.Document
	}
	return inbox.Kept{BlobKey: key, Name: k.Name, MIME: k.MIME, Kind: kind, Size: int64(len(b)), SHA256: []byte{1}}, nil
}

type reader struct{ *bytes.Reader }

func (reader) Close() error { return nil }

func (l *shelf) Open(_ context.Context, key string) (io.ReadSeekCloser, int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.blobs[key]
	if !ok {
		return nil, 0, fault.New(fault.NotFound, "blob.not_found")
	}
	return reader{bytes.NewReader(b)}, int64(len(b)), nil
}

func (l *shelf) Discard(_ context.Context, key string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.blobs, key)
	return nil
}

// live notes what those who look would see.
type live struct {
	mu   sync.Mutex
	seen []string
}

func (l *live) add(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = append(l.seen, s)
}

func (l *live) CustomerTyping(_ int64, _ inbox.ID, c inbox.ConversationID, text string) {
	l.add(fmt.Sprintf("customer %d %s", c, text))
}

func (l *live) AgentActivity(_ int64, _ inbox.ID, c inbox.ConversationID, u access.UserID, what string) {
	l.add(fmt.Sprintf("agent %d %d %s", c, u, what))
}

func (l *live) ReadElsewhere(_ int64, u access.UserID, c inbox.ConversationID, i inbox.ItemID) {
	l.add(fmt.Sprintf("read %d %d %d", c, u, i))
}
