package visitors

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/store/db"
)

// Bytes keeps the bytes of files.
type Bytes interface {
	// Put stores r durably under a new key and returns its size.
	Put(ctx context.Context, prefix string, r io.Reader) (key string, size int64, err error)
	Open(ctx context.Context, key string) (io.ReadSeekCloser, error)
	Discard(ctx context.Context, key string) error
}

// Files implements visitor.Files.
type Files struct {
	db    *db.DB
	bytes Bytes
	newID func() string
}

// NewFiles returns the store. newID makes unguessable ids.
func NewFiles(d *db.DB, b Bytes, newID func() string) *Files { return &Files{d, b, newID} }

var errFile = fault.New(fault.NotFound, "file.not_found")

func scanFile(r db.Scanner) (f found, err error) {
	var body string
	if err = r.Scan(&body, &f.key); err != nil {
		return f, err
	}
	if err = json.Unmarshal([]byte(body), &f.file); err != nil {
		return f, fmt.Errorf("visitors: decode: %w", err)
	}
	return f, nil
}

type found struct {
	file visitor.File
	key  string
}

func (s *Files) byKey(ctx context.Context, f visitor.File) (found, error) {
	return db.One(ctx, s.db, scanFile, `SELECT body, blob_key FROM visitor_files WHERE channel_id = $1 AND visitor_id = $2 AND key = $3 AND key <> ''`,
		int64(f.Channel), string(f.Visitor), f.Key)
}

// Put implements visitor.Files.
func (s *Files) Put(ctx context.Context, f visitor.File, r io.Reader) (visitor.File, error) {
	if f.Key != "" {
		known, err := s.byKey(ctx, f)
		if err == nil {
			return known.file, nil
		}
		if !errors.Is(err, db.ErrNotFound) {
			return f, err
		}
	}
	blobKey, size, err := s.bytes.Put(ctx, "widget/"+strconv.FormatInt(int64(f.Channel), 10), r)
	if err != nil {
		return f, err
	}
	f.ID, f.Size = s.newID(), size
	body, err := json.Marshal(f)
	if err != nil {
		return f, fmt.Errorf("visitors: encode: %w", err)
	}
	_, err = s.db.Exec(ctx, `INSERT INTO visitor_files (channel_id, id, visitor_id, key, body, blob_key) VALUES ($1, $2, $3, $4, $5, $6)`,
		int64(f.Channel), f.ID, string(f.Visitor), f.Key, string(body), blobKey)
	if err == nil {
		return f, nil
	}
	// The same upload, twice at once: the first one stands.
	derr := s.bytes.Discard(context.WithoutCancel(ctx), blobKey)
	if errors.Is(err, db.ErrConflict) {
		known, err := s.byKey(ctx, f)
		return known.file, errors.Join(err, derr)
	}
	return f, errors.Join(err, derr)
}

func (s *Files) get(ctx context.Context, ch channel.ID, id string) (found, error) {
	f, err := db.One(ctx, s.db, scanFile, `SELECT body, blob_key FROM visitor_files WHERE channel_id = $1 AND id = $2`, int64(ch), id)
	return f, missing(err, errFile)
}

// Stat implements visitor.Files.
func (s *Files) Stat(ctx context.Context, ch channel.ID, id string) (visitor.File, error) {
	f, err := s.get(ctx, ch, id)
	return f.file, err
}

// Open implements visitor.Files.
func (s *Files) Open(ctx context.Context, ch channel.ID, id string) (visitor.File, io.ReadSeekCloser, error) {
	f, err := s.get(ctx, ch, id)
	if err != nil {
		return f.file, nil, err
	}
	body, err := s.bytes.Open(ctx, f.key)
	return f.file, body, err
}
