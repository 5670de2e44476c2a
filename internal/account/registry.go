package account

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/inbox"
)

// Registry holds the accounts and their open adapters in memory. It is read
// for every message, and reads the database only when something changed.
type Registry struct {
	store     Accounts
	factories map[channel.Kind]channel.Factory
	baseURL   string

	mu       sync.RWMutex
	accounts map[channel.ID]*entry
	loaded   bool
	// changed is closed and replaced whenever accounts change.
	changed chan struct{}
}

type entry struct {
	account Account
	adapter channel.Adapter
	err     error // why there is no adapter
}

// NewRegistry returns a registry over the kinds that factories make. baseURL
// is the public address, empty if none is known.
func NewRegistry(store Accounts, baseURL string, factories ...channel.Factory) *Registry {
	r := &Registry{
		store: store, baseURL: strings.TrimRight(baseURL, "/"), factories: map[channel.Kind]channel.Factory{},
		accounts: map[channel.ID]*entry{}, changed: make(chan struct{}),
	}
	for _, f := range factories {
		r.factories[f.Kind()] = f
	}
	return r
}

// Kinds lists the kinds that can be connected, in the order of their names.
func (r *Registry) Kinds() []channel.Factory {
	out := make([]channel.Factory, 0, len(r.factories))
	for _, f := range r.factories {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b channel.Factory) int { return strings.Compare(string(a.Kind()), string(b.Kind())) })
	return out
}

// Load reads all accounts and opens their adapters.
func (r *Registry) Load(ctx context.Context) error {
	list, err := r.store.AllAccounts(ctx)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := map[channel.ID]bool{}
	for _, a := range list {
		seen[a.ID] = true
		r.put(a)
	}
	for id, e := range r.accounts {
		if !seen[id] {
			e.close()
			delete(r.accounts, id)
		}
	}
	r.loaded = true
	r.announce()
	return nil
}

// Reload reads one account anew after it changed, here or on another node.
func (r *Registry) Reload(ctx context.Context, id channel.ID) error {
	a, err := r.store.Account(ctx, id)
	r.mu.Lock()
	defer r.mu.Unlock()
	if fault.KindOf(err) == fault.NotFound && err != nil {
		if e, ok := r.accounts[id]; ok {
			e.close()
			delete(r.accounts, id)
			r.announce()
		}
		return nil
	}
	if err != nil {
		return err
	}
	r.put(a)
	r.announce()
	return nil
}

// put replaces an account; the lock is held.
func (r *Registry) put(a Account) {
	old := r.accounts[a.ID]
	e := &entry{account: a}
	e.adapter, e.err = r.open(a)
	r.accounts[a.ID] = e
	if old != nil {
		old.close()
	}
}

func (e *entry) close() {
	if e.adapter != nil {
		e.adapter.Close()
	}
}

func (r *Registry) announce() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// Changed returns a channel that is closed at the next change.
func (r *Registry) Changed() <-chan struct{} {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.changed
}

// open makes an account's adapter.
func (r *Registry) open(a Account) (channel.Adapter, error) {
	f, ok := r.factories[a.Kind]
	if !ok {
		return nil, ErrKind.With("kind", string(a.Kind))
	}
	if !a.Enabled {
		return nil, ErrDisabled
	}
	return f.Open(r.connection(a))
}

// connection is an account as adapters see it.
func (r *Registry) connection(a Account) channel.Account {
	return channel.Account{
		ID: a.ID, Kind: a.Kind, Name: a.Name, Settings: a.Settings, Secrets: a.Secrets,
		WebhookURL: r.hookURL(a), WebhookSecret: a.Hook,
	}
}

// hookURL is where an account's platform delivers.
func (r *Registry) hookURL(a Account) string {
	if r.baseURL == "" {
		return ""
	}
	return r.baseURL + "/hooks/" + string(a.Kind) + "/" + strconv.FormatInt(int64(a.ID), 10)
}

func (r *Registry) entry(ctx context.Context, id channel.ID) (*entry, error) {
	r.mu.RLock()
	e, ok := r.accounts[id]
	loaded := r.loaded
	r.mu.RUnlock()
	if ok {
		return e, nil
	}
	if loaded {
		// Perhaps made on another node a moment ago.
		if err := r.Reload(ctx, id); err != nil {
			return nil, err
		}
	} else if err := r.Load(ctx); err != nil {
		return nil, err
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if e, ok := r.accounts[id]; ok {
		return e, nil
	}
	return nil, ErrNotFound
}

// Get returns an account with its secrets.
func (r *Registry) Get(ctx context.Context, id channel.ID) (Account, error) {
	e, err := r.entry(ctx, id)
	if err != nil {
		return Account{}, err
	}
	return e.account, nil
}

// Account implements inbox.Accounts.
func (r *Registry) Account(ctx context.Context, id channel.ID) (inbox.Account, error) {
	a, err := r.Get(ctx, id)
	return a.forInbox(), err
}

func (a Account) forInbox() inbox.Account {
	return inbox.Account{ID: a.ID, Workspace: a.Workspace, Inbox: a.Inbox, Kind: a.Kind, Name: a.Name, Enabled: a.Enabled}
}

// ListAccounts implements inbox.Accounts.
func (r *Registry) ListAccounts(ctx context.Context, ws int64) ([]inbox.Account, error) {
	list, err := r.List(ctx, ws)
	out := make([]inbox.Account, len(list))
	for i, a := range list {
		out[i] = a.forInbox()
	}
	return out, err
}

// List returns a workspace's accounts in the order they were connected; all
// workspaces' when ws is 0.
func (r *Registry) List(ctx context.Context, ws int64) ([]Account, error) {
	r.mu.RLock()
	loaded := r.loaded
	r.mu.RUnlock()
	if !loaded {
		if err := r.Load(ctx); err != nil {
			return nil, err
		}
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	var out []Account
	for _, e := range r.accounts {
		if ws == 0 || e.account.Workspace == ws {
			out = append(out, e.account)
		}
	}
	slices.SortFunc(out, func(a, b Account) int { return int(min(max(a.ID-b.ID, -1), 1)) })
	return out, nil
}

// Adapter implements inbox.Accounts.
func (r *Registry) Adapter(ctx context.Context, id channel.ID) (channel.Adapter, error) {
	e, err := r.entry(ctx, id)
	if err != nil {
		return nil, err
	}
	if e.err != nil {
		if fault.KindOf(e.err) == fault.Unavailable {
			return nil, e.err
		}
		// Settings that an earlier version accepted: off until somebody looks.
		return nil, ErrDisabled.Because(e.err)
	}
	return e.adapter, nil
}

// setHealth keeps the memory's copy current without opening anything anew.
func (r *Registry) setHealth(id channel.ID, h Health) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.accounts[id]; ok {
		next := *e
		next.account.Health = h
		r.accounts[id] = &next
	}
}

// setInbound notes when an account last received something.
func (r *Registry) setInbound(id channel.ID, a Account) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.accounts[id]; ok {
		next := *e
		next.account.LastInboundAt = a.LastInboundAt
		r.accounts[id] = &next
	}
}

// Close frees all adapters.
func (r *Registry) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.accounts {
		e.close()
	}
	r.accounts, r.loaded = map[channel.ID]*entry{}, false
}
