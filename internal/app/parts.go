package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/account"
	"github.com/okno-hq/okno/internal/blob"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/maxbot"
	"github.com/okno-hq/okno/internal/channel/telegram"
	"github.com/okno-hq/okno/internal/channel/webchat"
	"github.com/okno-hq/okno/internal/channel/whatsapp"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/job"
	"github.com/okno-hq/okno/internal/phone"
	"github.com/okno-hq/okno/internal/search"
	"github.com/okno-hq/okno/internal/secretbox"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/searchindex"
	"github.com/okno-hq/okno/internal/store/sqlite"
	"github.com/okno-hq/okno/internal/store/visitors"
	"github.com/okno-hq/okno/internal/voice"
	"github.com/okno-hq/okno/widget"
)

// sealer implements store.Sealer.
type sealer struct{ box *secretbox.Box }

func (s sealer) Seal(plain []byte, table string, row int64) ([]byte, error) {
	return s.box.Seal(plain, secretbox.Place{Table: table, Row: strconv.FormatInt(row, 10), Field: "secrets"})
}

func (s sealer) Open(sealed []byte, table string, row int64) ([]byte, error) {
	return s.box.Open(sealed, secretbox.Place{Table: table, Row: strconv.FormatInt(row, 10), Field: "secrets"})
}

// phones implements contact.PhoneReader.
type phones struct{}

func (phones) Normalise(raw, country string) (string, error) { return phone.Normalise(raw, country) }
func (phones) Display(e164 string) string                    { return phone.Display(e164) }
func (phones) Digits(raw string) string                      { return phone.Digits(raw) }

// task is the payload of inbox jobs.
type task struct {
	Subject int64  `json:"subject"`
	Text    string `json:"text,omitempty"`
}

// jobs implements inbox.Jobs.
type jobs struct{ queue *job.Queue }

func (j jobs) Enqueue(ctx context.Context, in inbox.Job) error {
	payload, err := job.Payload(task{in.Subject, in.Text})
	if err != nil {
		return err
	}
	out := job.Job{Kind: string(in.Kind), WorkspaceID: in.Workspace, OrderKey: in.OrderKey, Payload: payload, RunAt: in.RunAt}
	if in.Kind == inbox.JobMark {
		// The latest sign of reading or typing is enough.
		out.Dedupe = in.Text + ":" + strconv.FormatInt(in.Subject, 10)
	}
	return j.queue.Enqueue(ctx, out)
}

// kinds are the handlers of all jobs.
func (a *App) kinds(d *inbox.Deliverer) []job.Kind {
	handle := func(do func(context.Context, int64, task) error) job.Handler {
		return func(ctx context.Context, j job.Job) error {
			var t task
			if err := j.Decode(&t); err != nil {
				return err
			}
			return outcome(do(ctx, j.WorkspaceID, t))
		}
	}
	kinds := []job.Kind{
		{
			Name: string(inbox.JobSend), Workers: 64, StepAside: true, MaxFailures: 1000, MaxAge: 25 * time.Hour,
			Handle: handle(func(ctx context.Context, ws int64, t task) error { return d.Send(ctx, ws, inbox.ItemID(t.Subject)) }),
		},
		{
			Name: string(inbox.JobReconcile), Workers: 4,
			Handle: handle(func(ctx context.Context, ws int64, t task) error {
				return d.Reconcile(ctx, ws, inbox.ItemID(t.Subject))
			}),
		},
		{
			Name: string(inbox.JobChange), Workers: 16, StepAside: true,
			Handle: handle(func(ctx context.Context, ws int64, t task) error {
				return d.Change(ctx, ws, inbox.ItemID(t.Subject), t.Text)
			}),
		},
		{
			Name: string(inbox.JobMedia), Workers: 8, MaxFailures: 1000, MaxAge: 25 * time.Hour, Timeout: time.Hour,
			Handle: handle(func(ctx context.Context, ws int64, t task) error {
				return d.FetchMedia(ctx, ws, inbox.FileID(t.Subject))
			}),
		},
		{
			Name: string(inbox.JobPicture), Workers: 4, StepAside: true, MaxFailures: 5,
			Handle: handle(func(ctx context.Context, ws int64, t task) error {
				return d.FetchPicture(ctx, ws, contact.ID(t.Subject), t.Text)
			}),
		},
		{
			Name: string(inbox.JobPress), Workers: 16, MaxFailures: 3, MaxAge: time.Minute,
			Handle: handle(func(ctx context.Context, _ int64, t task) error {
				return d.AnswerPress(ctx, channel.ID(t.Subject), t.Text)
			}),
		},
		{
			Name: string(inbox.JobMark), Workers: 16, MaxFailures: 1,
			Handle: handle(func(ctx context.Context, ws int64, t task) error {
				return d.Mark(ctx, ws, inbox.ItemID(t.Subject), t.Text)
			}),
		},
		{
			Name: string(inbox.JobDiscard), Workers: 2, MaxFailures: 1000, MaxAge: 30 * 24 * time.Hour,
			Handle: handle(func(ctx context.Context, ws int64, t task) error { return d.Discard(ctx, ws, inbox.FileID(t.Subject)) }),
		},
		{
			Name: string(inbox.JobPush), Workers: 8, MaxFailures: 5, MaxAge: time.Hour,
			Handle: handle(func(ctx context.Context, ws int64, t task) error {
				return a.hooks.push(ctx, ws, inbox.NotificationID(t.Subject))
			}),
		},
	}
	return append(kinds, a.hooks.kinds()...)
}

// outcome tells the queue when a job is to be tried again.
func outcome(err error) error {
	later, ok := errors.AsType[*inbox.Later](err)
	if !ok || later.After <= 0 {
		return err
	}
	return job.RetryAfter(later.After, later)
}

// factories make the adapters of every kind of channel.
func (a *App) factories() []channel.Factory {
	return []channel.Factory{
		telegram.NewFactory(telegram.Deps{Log: a.Log, Observe: a.metrics.egress("telegram")}),
		whatsapp.NewFactory(whatsapp.Deps{Log: a.Log, Observe: a.metrics.egress("whatsapp")}),
		maxbot.NewFactory(maxbot.Deps{Log: a.Log, Observe: a.metrics.egress("max")}),
		a.platform.Factory(),
	}
}

// openPlatform builds the website chat.
func (a *App) openPlatform(v *voice.Converter) error {
	a.visitors = visitors.New(a.DB, func(ctx context.Context, ch channel.ID, raws []channel.Raw) error {
		acc, err := a.registry.Get(ctx, ch)
		if err != nil {
			return err
		}
		return a.Accounts.Keep(ctx, acc, raws)
	})
	assets, err := widget.Assets()
	if err != nil {
		return err
	}
	p, err := webchat.New(webchat.Deps{
		Channels: widgets{a}, Log: a.visitors, Visitors: a.visitors, Intake: a.visitors,
		Files:  visitors.NewFiles(a.DB, blobBytes{a.blobs}, func() string { return strings.ToLower(rand.Text()) }),
		Assets: assets, Key: a.keyring.Derive("widget.files"), BaseURL: a.Config.BaseURL,
		Transient: a.transient, Author: a.authorOf, Voice: recorder{v}, Logger: a.Log, ClientIP: a.clientIP,
	})
	if err != nil {
		return err
	}
	a.platform = p
	a.closers = append(a.closers, func() error { p.Close(); return nil })
	return nil
}

// widgets implements webchat.Channels.
type widgets struct{ a *App }

func (w widgets) Account(ctx context.Context, ch channel.ID) (channel.Account, error) {
	acc, err := w.a.registry.Get(ctx, ch)
	if err != nil {
		return channel.Account{}, err
	}
	if acc.Kind != channel.Webchat || !acc.Enabled {
		return channel.Account{}, account.ErrNotFound
	}
	return channel.Account{ID: acc.ID, Kind: acc.Kind, Name: acc.Name, Settings: acc.Settings, Secrets: acc.Secrets}, nil
}

func (w widgets) Hours(ctx context.Context, ch channel.ID) (webchat.Hours, error) {
	acc, err := w.a.registry.Get(ctx, ch)
	if err != nil {
		return webchat.Hours{}, err
	}
	box, err := w.a.Stores.Inbox.Inbox(ctx, acc.Workspace, acc.Inbox)
	if err != nil {
		return webchat.Hours{}, err
	}
	people, err := w.a.Stores.Inbox.Candidates(ctx, acc.Workspace, acc.Inbox, 0)
	if err != nil {
		return webchat.Hours{}, err
	}
	h := webchat.Hours{Open: box.Hours.OpenAt(time.Now())}
	if next, ok := box.Hours.NextOpen(time.Now()); ok && !h.Open {
		h.OpensAt = next
	}
	for _, p := range people {
		h.Online = h.Online || p.Presence == access.Online
	}
	return h, nil
}

// transient shows what passes without leaving a trace: a visitor types.
func (a *App) transient(ctx context.Context, ch channel.ID, u channel.Update) {
	if u.Typing == nil {
		return
	}
	acc, err := a.registry.Get(ctx, ch)
	if err != nil {
		return
	}
	chat, err := a.Stores.Inbox.ChatByKey(ctx, ch, u.Chat.Key)
	if err != nil || chat.Conversation == 0 {
		return
	}
	a.hub.CustomerTyping(acc.Workspace, acc.Inbox, chat.Conversation, u.Typing.Text)
}

// authorOf is the name a visitor sees over an agent's message.
func (a *App) authorOf(ctx context.Context, itemID string) (string, error) {
	n, err := strconv.ParseInt(itemID, 10, 64)
	if err != nil {
		return "", nil //nolint:nilerr // not an item of ours: no name
	}
	name, err := db.One(ctx, a.DB, db.Value[string], `SELECT u.name FROM items i JOIN users u ON u.id = i.author_id
		WHERE i.id = $1 AND i.author_type = 'user'`, n)
	if errors.Is(err, db.ErrNotFound) {
		return "", nil
	}
	return name, err
}

// recorder implements webchat.VoiceConverter.
type recorder struct{ c *voice.Converter }

func (r recorder) Convert(ctx context.Context, _ string, in io.Reader) (io.ReadCloser, int64, error) {
	note, err := r.c.Note(ctx, in)
	if err != nil {
		return nil, 0, err
	}
	return io.NopCloser(bytes.NewReader(note.Data)), int64(len(note.Data)), nil
}

// blobBytes implements visitors.Bytes.
type blobBytes struct{ blobs blob.Store }

func (b blobBytes) Put(ctx context.Context, prefix string, r io.Reader) (string, int64, error) {
	key := blob.NewKey(prefix)
	stored, err := b.blobs.Put(ctx, key, r)
	return key, stored.Size, err
}

func (b blobBytes) Open(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	return b.blobs.Open(ctx, key)
}

func (b blobBytes) Discard(ctx context.Context, key string) error { return b.blobs.Delete(ctx, key) }

// openSearch builds the index beside the database, or in it.
func (a *App) openSearch(ctx context.Context) error {
	source := searchindex.NewSource(a.DB)
	var (
		index *searchindex.Index
		err   error
	)
	if a.DB.Dialect() == db.SQLite {
		index, err = searchindex.OpenSQLite(ctx, sqlite.Config{Path: filepath.Join(a.Config.DataDir, "search.db")})
	} else {
		index = searchindex.Postgres(a.DB)
	}
	if err != nil {
		return err
	}
	a.index = index
	a.closers = append(a.closers, index.Close)
	analyzer := search.NewAnalyzer()
	a.Search = search.NewService(search.Deps{Index: index, Conversations: a.Inbox, Contacts: a.Contacts, Notes: source, Analyzer: analyzer})
	a.indexer = search.NewIndexer(search.IndexerDeps{
		Index: index, Source: source, Events: a.Stores.Events, Analyzer: analyzer, Log: a.Log,
	})
	return nil
}

// alarm implements account.Alarm: those who manage channels are told.
type alarm struct{ a *App }

func (al alarm) ChannelFailing(ctx context.Context, acc account.Account) error {
	return al.a.Inbox.NotifyAll(ctx, acc.Workspace, acc.Inbox, inbox.NotifyChannel, string(acc.Health.Reason)+" "+acc.Name)
}
