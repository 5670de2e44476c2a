// Package app puts Okno together: it builds the adapters, hands them to the
// features, runs the services and stops them in reverse. It holds no rules.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/account"
	"github.com/okno-hq/okno/internal/blob"
	"github.com/okno-hq/okno/internal/blob/disk"
	"github.com/okno-hq/okno/internal/blob/s3"
	"github.com/okno-hq/okno/internal/channel/webchat"
	"github.com/okno-hq/okno/internal/config"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/httpapi"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/job"
	"github.com/okno-hq/okno/internal/library"
	"github.com/okno-hq/okno/internal/password"
	"github.com/okno-hq/okno/internal/picture"
	"github.com/okno-hq/okno/internal/search"
	"github.com/okno-hq/okno/internal/secretbox"
	"github.com/okno-hq/okno/internal/store"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/migrations"
	"github.com/okno-hq/okno/internal/store/postgres"
	"github.com/okno-hq/okno/internal/store/sqlite"
	"github.com/okno-hq/okno/internal/store/visitors"
	"github.com/okno-hq/okno/internal/voice"
)

// App is Okno, put together and not running yet.
type App struct {
	Config config.Config
	Log    *slog.Logger
	// The features, for the command line and for tests.
	DB       *db.DB
	Access   *access.Service
	Contacts *contact.Service
	Inbox    *inbox.Service
	Accounts *account.Service
	Search   *search.Service
	Library  *library.Library
	Stores   Stores
	NewID    func() int64

	keyring  *secretbox.Keyring
	hasher   *password.Hasher
	visitors *visitors.Store
	blobs    blob.Store
	registry *account.Registry
	queue    *job.Queue
	runner   *job.Runner
	receiver *inbox.Receiver
	clock    *inbox.Clock
	indexer  *search.Indexer
	index    search.Index
	platform *webchat.Platform
	hub      *httpapi.Hub
	api      *httpapi.Server
	tail     *httpapi.Tail
	metrics  *metrics
	// certificateEnd is nil where somebody else has the certificate.
	certificateEnd lifetime
	closers        []func() error
	hooks          *hooks
	hold           func(context.Context) error // looks after the claim on the database
}

// Stores are the repositories on one database.
type Stores struct {
	Access   *store.Access
	Contacts *store.Contacts
	Inbox    *store.Inbox
	Accounts *store.Accounts
	Events   *store.Events
}

// Version is the build's version.
type Version string

// New builds everything on a database that is brought up to date. Close it.
func New(ctx context.Context, cfg config.Config, log *slog.Logger, v Version) (*App, error) {
	a := &App{Config: cfg, Log: log, metrics: newMetrics(string(v))}
	if err := a.build(ctx, v); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) build(ctx context.Context, v Version) error {
	if err := os.MkdirAll(a.Config.DataDir, 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	var err error
	if a.keyring, err = secretbox.Load(secretbox.Config{Keys: a.Config.SecretKey, DataDir: a.Config.DataDir}); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	if err := a.openDatabase(ctx); err != nil {
		return err
	}
	if err := a.openBlobs(); err != nil {
		return err
	}
	a.NewID = id.NewSource(a.Config.Node, nil).Next
	if a.hub, err = httpapi.NewHub(a.Log); err != nil {
		return err
	}
	return a.wire(ctx, v)
}

func (a *App) openDatabase(ctx context.Context) error {
	shared := db.Config{Observe: a.metrics.database, Logger: a.Log}
	var err error
	if a.Config.DatabaseURL == "" {
		a.DB, err = sqlite.Open(ctx, sqlite.Config{Config: shared, Path: a.Config.DatabaseFile(), Migrate: migrations.Up})
	} else {
		a.DB, err = postgres.Open(ctx, postgres.Config{Config: shared, URL: a.Config.DatabaseURL, Migrate: migrations.Up})
	}
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	a.closers = append(a.closers, a.DB.Close)
	return nil
}

func (a *App) openBlobs() error {
	c := a.Config
	var err error
	if c.S3Endpoint != "" {
		a.blobs, err = s3.Open(s3.Config{
			Endpoint: c.S3Endpoint, Region: c.S3Region, Bucket: c.S3Bucket, Prefix: c.S3Prefix,
			AccessKey: c.S3AccessKey, SecretKey: c.S3SecretKey, PathStyle: c.S3PathStyle,
		})
	} else {
		a.blobs, err = disk.Open(c.DataDir + "/files")
	}
	if err != nil {
		return fmt.Errorf("files: %w", err)
	}
	a.closers = append(a.closers, a.blobs.Close)
	return nil
}

// voiceConverter uses the ffmpeg program where it is installed.
func (a *App) voiceConverter() *voice.Converter {
	cfg := voice.Config{Log: a.Log}
	if f, ok := voice.FindFFmpeg(); ok {
		cfg.FFmpeg = f
	}
	return voice.New(cfg)
}

// wire builds the features on the adapters.
func (a *App) wire(ctx context.Context, v Version) error {
	converter := a.voiceConverter()
	a.Library = library.New(library.Config{Blobs: a.blobs, Pictures: picture.New(picture.Config{}), Voice: converter, Log: a.Log})
	a.Stores = Stores{
		Access: store.NewAccess(a.DB), Contacts: store.NewContacts(a.DB), Inbox: store.NewInbox(a.DB),
		Accounts: store.NewAccounts(a.DB, sealer{a.keyring.Box("channel.credentials")}),
		Events:   store.NewEvents(a.DB, a.committed),
	}
	a.hasher = password.New(password.Config{})
	a.queue = job.NewQueue(job.QueueConfig{DB: a.DB})
	a.Access = access.NewService(access.Deps{
		Tx: a.DB, Users: a.Stores.Access, Workspaces: a.Stores.Access, Roles: a.Stores.Access, Sessions: a.Stores.Access,
		Tokens: a.Stores.Access, Invites: a.Stores.Access, Throttle: a.Stores.Access, Audit: a.Stores.Access,
		Events: a.Stores.Events, Hasher: a.hasher, NewID: a.NewID, OnSessionEnd: a.hub.Disconnect,
	})
	a.Contacts = contact.NewService(contact.Deps{
		Tx: a.DB, Contacts: a.Stores.Contacts, Identities: a.Stores.Contacts, Notes: a.Stores.Contacts, Consents: a.Stores.Contacts, Merges: a.Stores.Contacts,
		Vocabulary: a.Stores.Contacts, Phones: phones{}, Countries: a.Stores.Access, Audit: a.Access, Events: a.Stores.Events, NewID: a.NewID,
	})
	if err := a.openPlatform(converter); err != nil { //nolint:contextcheck // the visitor's socket belongs to the request, not to the start
		return err
	}
	a.registry = account.NewRegistry(a.Stores.Accounts, a.Config.BaseURL, a.factories()...)
	a.closers = append(a.closers, func() error { a.registry.Close(); return nil })
	deps := inbox.Deps{
		Tx: a.DB, Inboxes: a.Stores.Inbox, Conversations: a.Stores.Inbox, Lists: a.Stores.Inbox, Chats: a.Stores.Inbox, Items: a.Stores.Inbox,
		Receipts: a.Stores.Inbox, Editions: a.Stores.Inbox, Attempts: a.Stores.Inbox, Files: a.Stores.Inbox, Uploads: a.Stores.Inbox, Marks: a.Stores.Inbox,
		Notifications: a.Stores.Inbox, Shelf: a.Stores.Inbox, Mover: a.Stores.Inbox, Intake: a.Stores.Inbox, Accounts: a.registry,
		Contacts: a.Contacts, Jobs: jobs{a.queue}, Library: a.Library, Live: a.hub, Audit: a.Access, Events: a.Stores.Events,
		NewID: a.NewID, Log: a.Log,
	}
	a.Inbox = inbox.NewService(deps)
	a.Contacts.SetWork(a.Inbox)
	a.receiver, a.clock = inbox.NewReceiver(deps), inbox.NewClock(deps)
	a.Accounts = account.NewService(account.Deps{
		Tx: a.DB, Accounts: a.Stores.Accounts, Updates: a.Stores.Inbox, Inboxes: a.Stores.Inbox, Registry: a.registry, Audit: a.Access,
		Alarm: alarm{a}, Events: a.Stores.Events, Wake: a.receiver.Wake, NewID: a.NewID, Log: a.Log,
	})
	if err := a.openSearch(ctx); err != nil {
		return err
	}
	if err := a.wireHooks(); err != nil {
		return err
	}
	var err error
	a.runner, err = job.NewRunner(job.Config{
		DB: a.DB, Queue: a.queue, Node: "node-" + strconv.Itoa(a.Config.Node), Kinds: a.kinds(inbox.NewDeliverer(deps)),
		Logger: a.Log, Observe: a.metrics.job,
	})
	if err != nil {
		return err
	}
	return a.openAPI(v)
}

// committed wakes everybody who follows the events of a workspace.
func (a *App) committed(ws int64) {
	if a.tail != nil {
		a.tail.Wake(ws)
	}
	if a.indexer != nil {
		a.indexer.Wake()
	}
	if a.hooks != nil {
		a.hooks.wake()
	}
}

// Run serves until ctx ends, then stops what runs: first what takes work in.
func (a *App) Run(ctx context.Context) error {
	if err := a.Claim(ctx); err != nil {
		return err
	}
	if err := a.registry.Load(ctx); err != nil {
		return fmt.Errorf("channels: %w", err)
	}
	if err := a.tail.Begin(ctx); err != nil {
		return fmt.Errorf("events: %w", err)
	}
	listeners, err := a.listen(ctx)
	if err != nil {
		return err
	}
	a.metrics.watch(a) //nolint:contextcheck // what is measured is asked for later
	g, ctx := errgroup.WithContext(ctx)
	for name, run := range map[string]func(context.Context) error{
		"receiver": a.receiver.Run, "clock": a.clock.Run, "jobs": a.runner.Run, "live": a.hub.Run, "tail": a.tail.Run,
		"polls": a.Accounts.Polls, "watch": a.Accounts.Watch, "search": a.indexer.Run, "janitor": a.tidy,
		"claim": a.hold,
	} {
		g.Go(func() error { return named(name, run(ctx)) })
	}
	for name, run := range a.hooks.services() {
		g.Go(func() error { return named(name, run(ctx)) })
	}
	for _, l := range listeners {
		g.Go(func() error { return named("http", l.run(ctx)) })
	}
	a.receiver.Wake()
	return g.Wait()
}

func named(name string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}

// Close frees what New opened, the last first.
func (a *App) Close() error {
	var errs []error
	for _, end := range slices.Backward(a.closers) {
		errs = append(errs, end())
	}
	a.closers = nil
	return errors.Join(errs...)
}

// How often what nobody needs any more is removed, and how much at once.
const (
	tidyEvery = 10 * time.Minute
	tidyBatch = 5000
)

// tidy removes what is too old, in small steps, until ctx ends.
func (a *App) tidy(ctx context.Context) error {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := time.Now()
		day := 24 * time.Hour
		_, err1 := a.Stores.Events.Forget(ctx, now.Add(-time.Duration(a.Config.EventDays)*day).UnixMicro(), tidyBatch)
		_, err2 := a.Stores.Inbox.ForgetInbound(ctx, now.Add(-time.Duration(a.Config.InboundDays)*day), tidyBatch)
		_, err3 := a.Access.ExpireSessions(ctx)
		err4 := a.Stores.Access.ForgetOld(ctx, now.Add(-day))
		_, err5 := a.Inbox.TidyUploads(ctx)
		if err := errors.Join(err1, err2, err3, err4, err5, a.hooks.tidy(ctx)); err != nil && ctx.Err() == nil {
			a.Log.ErrorContext(ctx, "old rows not removed", slog.Any("error", err))
		}
	}
}
