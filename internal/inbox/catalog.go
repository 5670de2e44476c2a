package inbox

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/fault"
)

// Limits of what admins set up.
const (
	maxAuto        = 4000
	maxReopen      = 90 * 24 * time.Hour
	maxCannedText  = 20000
	maxBoxCapacity = 10000
)

// change writes, records and tells of a change of what admins set up.
func (s *Service) change(ctx context.Context, a access.Actor, t event.Type, action string, id int64, name string, write func(context.Context) error) error {
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		if err := write(ctx); err != nil {
			return err
		}
		target, _, _ := strings.Cut(action, ".")
		if err := s.d.Audit.Record(ctx, a, action, target, id, name, nil); err != nil {
			return err
		}
		return s.d.Events.Append(ctx, event.Event{
			Workspace: int64(a.Workspace), Type: t, At: s.now(), Subject: id, Actor: int64(a.User),
		})
	})
}

// ListInboxes returns the inboxes the actor may see, the archived ones only
// if they are wanted.
func (s *Service) ListInboxes(ctx context.Context, a access.Actor, archived bool) ([]Inbox, error) {
	list, err := s.d.Inboxes.ListInboxes(ctx, int64(a.Workspace))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(i Inbox) bool {
		return (!i.ArchivedAt.IsZero() && !archived) || (!i.open(a) && !a.Can(access.ManageInbox))
	}), nil
}

// GetInbox returns an inbox the actor may see.
func (s *Service) GetInbox(ctx context.Context, a access.Actor, id ID) (Inbox, error) {
	i, err := s.d.Inboxes.Inbox(ctx, int64(a.Workspace), id)
	if err == nil && !i.open(a) && !a.Can(access.ManageInbox) {
		return Inbox{}, ErrNoInbox
	}
	return i, err
}

// DefaultInbox is how a new inbox begins.
func DefaultInbox(timezone string) Inbox {
	week := make([]Span, 0, 5)
	for day := 1; day <= 5; day++ {
		week = append(week, Span{Day: day, From: "09:00", To: "18:00"})
	}
	return Inbox{
		Color: "blue", Hours: Hours{Timezone: timezone, Always: true, Week: week, Holidays: []Holiday{}},
		Routing: Routing{Mode: Manual, OnlyOnline: true}, ReopenWithin: 72 * time.Hour,
	}
}

var color = regexp.MustCompile(`^[a-z]{1,20}$|^#[0-9a-fA-F]{6}$`)

func (i *Inbox) check() error {
	var err error
	if i.Name, err = access.CheckName("name", i.Name); err != nil {
		return err
	}
	if !color.MatchString(i.Color) {
		return fault.New(fault.Invalid, "color.malformed").WithField("color")
	}
	if err := i.Hours.Check(); err != nil {
		return err
	}
	if !slices.Contains([]RoutingMode{Manual, RoundRobin, LeastBusy}, i.Routing.Mode) {
		return fault.New(fault.Invalid, "inbox.bad_routing").WithField("routing.mode")
	}
	if i.Routing.Capacity < 0 || i.Routing.Capacity > maxBoxCapacity {
		return fault.New(fault.Invalid, "inbox.bad_capacity").WithField("routing.capacity").With("limit", maxBoxCapacity)
	}
	if i.ReopenWithin < 0 || i.ReopenWithin > maxReopen {
		return fault.New(fault.Invalid, "inbox.bad_reopen").WithField("reopen_hours")
	}
	for field, text := range map[string]*string{"greeting": &i.Greeting, "away_message": &i.Away} {
		*text = strings.TrimSpace(*text)
		if utf8.RuneCountInString(*text) > maxAuto {
			return ErrTooLong.WithField(field).With("limit", maxAuto)
		}
	}
	slices.Sort(i.Teams)
	i.Teams = slices.Compact(i.Teams)
	return nil
}

// SaveInbox creates an inbox (ID 0) or changes one.
func (s *Service) SaveInbox(ctx context.Context, a access.Actor, i Inbox) (Inbox, error) {
	if err := a.Require(access.ManageInbox); err != nil {
		return i, err
	}
	if err := i.check(); err != nil {
		return i, err
	}
	write := s.d.Inboxes.UpdateInbox
	if i.ID == 0 {
		i.ID, i.CreatedAt, write = ID(s.d.NewID()), s.now(), s.d.Inboxes.CreateInbox
	}
	return i, s.change(ctx, a, event.InboxUpdated, "inbox.saved", int64(i.ID), i.Name, func(ctx context.Context) error {
		return write(ctx, int64(a.Workspace), i)
	})
}

// DeleteInbox removes an inbox that no channel uses. One that something was
// said in is archived: what was said stays readable, nothing new begins there.
func (s *Service) DeleteInbox(ctx context.Context, a access.Actor, id ID) error {
	if err := a.Require(access.ManageInbox); err != nil {
		return err
	}
	return s.change(ctx, a, event.InboxUpdated, "inbox.deleted", int64(id), "", func(ctx context.Context) error {
		_, err := s.d.Inboxes.DeleteInbox(ctx, int64(a.Workspace), id, s.now())
		return err
	})
}

// RestoreInbox takes an archived inbox into use again.
func (s *Service) RestoreInbox(ctx context.Context, a access.Actor, id ID) (Inbox, error) {
	var i Inbox
	if err := a.Require(access.ManageInbox); err != nil {
		return i, err
	}
	err := s.change(ctx, a, event.InboxUpdated, "inbox.restored", int64(id), "", func(ctx context.Context) error {
		var err error
		if i, err = s.d.Inboxes.Inbox(ctx, int64(a.Workspace), id); err != nil {
			return err
		}
		i.ArchivedAt = time.Time{}
		return s.d.Inboxes.UpdateInbox(ctx, int64(a.Workspace), i)
	})
	return i, err
}

// ListCanned returns the replies kept ready for the actor's inboxes.
func (s *Service) ListCanned(ctx context.Context, a access.Actor) ([]Canned, error) {
	list, err := s.d.Shelf.ListCanned(ctx, int64(a.Workspace))
	if err != nil {
		return nil, err
	}
	inboxes, err := s.visible(ctx, a)
	if err != nil {
		return list, err
	}
	list = slices.DeleteFunc(list, func(c Canned) bool {
		return inboxes != nil && c.Inbox != 0 && !slices.Contains(inboxes, c.Inbox)
	})
	return list, s.attachCanned(ctx, int64(a.Workspace), list)
}

// attachCanned reads the files of canned replies.
func (s *core) attachCanned(ctx context.Context, ws int64, list []Canned) error {
	var ids []FileID
	for _, c := range list {
		ids = append(ids, c.Files...)
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	files, err := s.d.Files.FilesByID(ctx, ws, slices.Compact(ids))
	if err != nil {
		return err
	}
	for n := range list {
		for _, id := range list[n].Files {
			if i := slices.IndexFunc(files, func(f File) bool { return f.ID == id }); i >= 0 {
				list[n].Attached = append(list[n].Attached, files[i])
			}
		}
	}
	return nil
}

var shortcut = regexp.MustCompile(`^[\p{L}\p{N}_-]{1,40}$`)

// SaveCanned creates a canned reply (ID 0) or changes one.
func (s *Service) SaveCanned(ctx context.Context, a access.Actor, c Canned) (Canned, error) {
	if err := a.Require(access.ManageCanned); err != nil {
		return c, err
	}
	c.Shortcut = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(c.Shortcut), "/"))
	if !shortcut.MatchString(c.Shortcut) {
		return c, fault.New(fault.Invalid, "canned.bad_shortcut").WithField("shortcut")
	}
	var err error
	if c.Title, err = access.CheckName("title", c.Title); err != nil {
		return c, err
	}
	if strings.TrimSpace(c.Text) == "" && len(c.Files) == 0 {
		return c, fault.New(fault.Invalid, "text.empty").WithField("text")
	}
	if utf8.RuneCountInString(c.Text) > maxCannedText {
		return c, ErrTooLong.WithField("text").With("limit", maxCannedText)
	}
	write := s.d.Shelf.UpdateCanned
	if c.ID == 0 {
		c.ID, write = CannedID(s.d.NewID()), s.d.Shelf.CreateCanned
	}
	saved := []Canned{c}
	err = s.change(ctx, a, event.CannedUpdated, "canned.saved", int64(c.ID), c.Title, func(ctx context.Context) error {
		if c.Inbox != 0 {
			if _, err := s.d.Inboxes.Inbox(ctx, int64(a.Workspace), c.Inbox); err != nil {
				return err
			}
		}
		if err := s.checkCannedFiles(ctx, a, c); err != nil {
			return err
		}
		if err := write(ctx, int64(a.Workspace), c); err != nil {
			return err
		}
		saved[0].Attached = nil
		return s.attachCanned(ctx, int64(a.Workspace), saved)
	})
	return saved[0], err
}

// checkCannedFiles wants files that the actor may see, or that the reply has
// already: nobody gets at a file by naming its id.
func (s *Service) checkCannedFiles(ctx context.Context, a access.Actor, c Canned) error {
	if len(c.Files) == 0 {
		return nil
	}
	if len(c.Files) > maxFiles {
		return fault.New(fault.Invalid, "message.too_many_files").WithField("file_ids").With("limit", maxFiles)
	}
	known, err := s.d.Shelf.ListCanned(ctx, int64(a.Workspace))
	if err != nil {
		return err
	}
	var has []FileID
	if i := slices.IndexFunc(known, func(k Canned) bool { return k.ID == c.ID }); i >= 0 {
		has = known[i].Files
	}
	for _, f := range c.Files {
		if slices.Contains(has, f) {
			continue
		}
		if _, err := s.FileFor(ctx, a, f); err != nil {
			return err
		}
	}
	return nil
}

// DeleteCanned removes a canned reply.
func (s *Service) DeleteCanned(ctx context.Context, a access.Actor, id CannedID) error {
	if err := a.Require(access.ManageCanned); err != nil {
		return err
	}
	return s.change(ctx, a, event.CannedUpdated, "canned.deleted", int64(id), "", func(ctx context.Context) error {
		n, err := s.d.Shelf.DeleteCanned(ctx, int64(a.Workspace), id)
		if err == nil && n == 0 {
			return ErrNoCanned
		}
		return err
	})
}

// ListViews returns the actor's views and the shared ones, in their order.
func (s *Service) ListViews(ctx context.Context, a access.Actor) ([]View, error) {
	return s.d.Shelf.ListViews(ctx, int64(a.Workspace), a.User)
}

// SaveView creates a view (ID 0) or changes one. Sharing it, and changing a
// colleague's shared one, needs the permission.
func (s *Service) SaveView(ctx context.Context, a access.Actor, v View) (View, error) {
	var err error
	if v.Name, err = access.CheckName("name", v.Name); err != nil {
		return v, err
	}
	if v.Filter, err = v.Filter.Normalise(); err != nil {
		return v, err
	}
	if v.Shared {
		if err := a.Require(access.ShareView); err != nil {
			return v, err
		}
	}
	fresh := v.ID == 0
	if fresh {
		v.ID, v.Owner = ViewID(s.d.NewID()), a.User
	}
	return v, s.change(ctx, a, event.ViewUpdated, "view.saved", int64(v.ID), v.Name, func(ctx context.Context) error {
		if fresh {
			return s.d.Shelf.CreateView(ctx, int64(a.Workspace), v)
		}
		known, err := s.view(ctx, a, v.ID)
		if err != nil {
			return err
		}
		if err := mayChange(a, known); err != nil {
			return err
		}
		v.Owner = known.Owner
		return s.d.Shelf.UpdateView(ctx, int64(a.Workspace), v)
	})
}

func mayChange(a access.Actor, v View) error {
	if v.Owner == a.User {
		return nil
	}
	return a.Require(access.ShareView)
}

// DeleteView removes a view.
func (s *Service) DeleteView(ctx context.Context, a access.Actor, id ViewID) error {
	return s.change(ctx, a, event.ViewUpdated, "view.deleted", int64(id), "", func(ctx context.Context) error {
		v, err := s.view(ctx, a, id)
		if err != nil {
			return err
		}
		if err := mayChange(a, v); err != nil {
			return err
		}
		_, err = s.d.Shelf.DeleteView(ctx, int64(a.Workspace), id)
		return err
	})
}

func (s *Service) view(ctx context.Context, a access.Actor, id ViewID) (View, error) {
	list, err := s.d.Shelf.ListViews(ctx, int64(a.Workspace), a.User)
	if err != nil {
		return View{}, err
	}
	if i := slices.IndexFunc(list, func(v View) bool { return v.ID == id }); i >= 0 {
		return list[i], nil
	}
	return View{}, ErrNoView
}
