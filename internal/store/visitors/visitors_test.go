package visitors_test

import (
	"context"
	"crypto/rand"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/okno-hq/okno/internal/blob"
	"github.com/okno-hq/okno/internal/blob/disk"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor/visitortest"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/storetest"
	"github.com/okno-hq/okno/internal/store/visitors"
)

func TestVisitors(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB) {
		write(t, d, `INSERT INTO workspaces (id, name, locale, timezone, country, demo, created_at) VALUES (1, 'Утро', 'ru', 'Europe/Moscow', 'RU', $1, 0)`, false)
		write(t, d, `INSERT INTO inboxes (id, workspace_id, name, color, hours, routing, reopen_hours, greeting, away_message, created_at)
			VALUES (1, 1, 'Продажи', '', '{}', '{}', 0, '', '', 0)`)
		channels := channel.ID(100)
		visitortest.Run(t, func(t *testing.T) visitortest.Stores {
			blobs, err := disk.Open(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			raws := &ingested{}
			s := visitors.New(d, raws.keep)
			channels += 2 // one database for all cases, and channels of its own for each
			for _, ch := range []channel.ID{channels, channels + 1} {
				write(t, d, `INSERT INTO channels (id, workspace_id, inbox_id, kind, name, enabled, deleted_at, settings, secrets, health, poll_cursor, last_inbound_at, created_at)
					VALUES ($1, 1, 1, 'webchat', 'Сайт', $2, 0, '{}', $3, '{}', '', 0, 0)`, int64(ch), true, []byte{})
			}
			return visitortest.Stores{
				Log: s, Intake: s, Visitors: s,
				Files:    visitors.NewFiles(d, bytesIn{blobs}, func() string { return strings.ToLower(rand.Text()) }),
				Channels: [2]channel.ID{channels, channels + 1}, Ingested: raws.keys,
			}
		})
	})
}

func write(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	if _, err := d.Exec(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

// ingested stands for the rest of Okno.
type ingested struct {
	mu   sync.Mutex
	list map[channel.ID][]string
}

func (i *ingested) keep(_ context.Context, ch channel.ID, raws []channel.Raw) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.list == nil {
		i.list = map[channel.ID][]string{}
	}
	for _, r := range raws {
		if !slices.Contains(i.list[ch], r.Key) {
			i.list[ch] = append(i.list[ch], r.Key)
		}
	}
	return nil
}

func (i *ingested) keys(_ context.Context, ch channel.ID) ([]string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.list[ch], nil
}

type bytesIn struct{ blobs *disk.Store }

func (b bytesIn) Put(ctx context.Context, prefix string, r io.Reader) (string, int64, error) {
	key := blob.NewKey(prefix)
	stored, err := b.blobs.Put(ctx, key, r)
	return key, stored.Size, err
}

func (b bytesIn) Open(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	return b.blobs.Open(ctx, key)
}

func (b bytesIn) Discard(ctx context.Context, key string) error { return b.blobs.Delete(ctx, key) }
