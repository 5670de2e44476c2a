package contact

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/event"
)

// Merge makes two contacts one by hand: winner keeps his id and gets
// everything of the loser. Nothing is lost, and Undo takes it apart again.
func (s *Service) Merge(ctx context.Context, a access.Actor, winner, loser ID) (Contact, error) {
	if err := a.Require(access.MergeContact); err != nil {
		return Contact{}, err
	}
	if winner == loser {
		return Contact{}, ErrSameContact
	}
	ws := int64(a.Workspace)
	var c Contact
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		w, err := s.live(ctx, ws, winner)
		if err != nil {
			return err
		}
		l, err := s.live(ctx, ws, loser)
		if err != nil {
			return err
		}
		if c, err = s.merge(ctx, ws, w, l, a.User, ByHand); err != nil {
			return err
		}
		return s.d.Audit.Record(ctx, a, "contact.merged", "contact", int64(w.ID), w.Name,
			map[string]any{"loser_id": int64(l.ID), "loser_name": l.Name})
	})
	return c, err
}

// merge moves everything of the loser to the winner and records what.
func (s *Service) merge(ctx context.Context, ws int64, w, l Contact, by access.UserID, reason Reason) (Contact, error) {
	m := Merge{
		ID: MergeID(s.d.NewID()), Winner: w.ID, Loser: l.ID, LoserName: l.Name, User: int64(by), Reason: string(reason), At: s.now(),
		Moved: Moved{
			Name: w.Name, NamedBy: w.NamedBy, Blocked: w.Blocked, Company: w.Company, Source: w.Source,
			AvatarFile: w.AvatarFile, AvatarRef: w.AvatarRef, Fields: w.Fields,
		},
	}
	for _, i := range l.Identities {
		m.Moved.Identities = append(m.Moved.Identities, i.ID)
	}
	if err := s.d.Identities.MoveIdentities(ctx, ws, m.Moved.Identities, w.ID); err != nil {
		return w, err
	}
	for _, t := range l.Tags {
		if !slices.Contains(w.Tags, t) {
			m.Moved.Tags = append(m.Moved.Tags, t)
			w.Tags = append(w.Tags, t)
		}
	}
	if err := s.d.Contacts.SetTags(ctx, ws, w.ID, w.Tags); err != nil {
		return w, err
	}
	notes, err := s.d.Notes.ListNotes(ctx, ws, l.ID)
	if err != nil {
		return w, err
	}
	for _, n := range notes {
		m.Moved.Notes = append(m.Moved.Notes, n.ID)
	}
	if err := s.d.Notes.MoveNotes(ctx, ws, m.Moved.Notes, w.ID); err != nil {
		return w, err
	}
	for _, c := range l.Consents {
		m.Moved.Consents = append(m.Moved.Consents, c.ID)
	}
	if err := s.d.Consents.MoveConsents(ctx, ws, m.Moved.Consents, w.ID); err != nil {
		return w, err
	}
	if m.Moved.Work, err = s.d.Work.MoveWork(ctx, ws, l.ID, w.ID); err != nil {
		return w, err
	}
	fillIn(&w, l)
	w.UpdatedAt = s.now()
	if err := s.d.Contacts.UpdateContact(ctx, w); err != nil {
		return w, err
	}
	l.MergedInto, l.UpdatedAt = w.ID, s.now()
	if err := s.d.Contacts.UpdateContact(ctx, l); err != nil {
		return w, err
	}
	if err := s.d.Merges.CreateMerge(ctx, ws, m); err != nil {
		return w, err
	}
	if by == 0 {
		// A certain match leaves its line in the audit log too.
		a := access.Actor{Workspace: access.WorkspaceID(ws)}
		if err := s.d.Audit.Record(ctx, a, "contact.merged", "contact", int64(w.ID), w.Name,
			map[string]any{"loser_id": int64(l.ID), "loser_name": l.Name, "reason": string(reason)}); err != nil {
			return w, err
		}
	}
	if err := s.d.Events.Append(ctx, event.Event{
		Workspace: ws, Type: event.ContactMerged, At: s.now(), Contact: int64(w.ID), Subject: int64(l.ID), Actor: int64(by),
	}); err != nil {
		return w, err
	}
	return s.d.Contacts.Contact(ctx, ws, w.ID)
}

// fillIn takes from the loser what the winner does not have.
func fillIn(w *Contact, l Contact) {
	if w.Company == "" {
		w.Company = l.Company
	}
	if w.Source == "" {
		w.Source = l.Source
	}
	if w.AvatarFile == 0 {
		w.AvatarFile, w.AvatarRef = l.AvatarFile, l.AvatarRef
	}
	if w.NamedBy == 0 && l.NamedBy != 0 {
		w.Name, w.NamedBy = l.Name, l.NamedBy
	}
	fields := make(map[string]any, len(w.Fields)+len(l.Fields))
	maps.Copy(fields, l.Fields)
	maps.Copy(fields, w.Fields)
	w.Fields = fields
	if l.LastSeenAt.After(w.LastSeenAt) {
		w.LastSeenAt = l.LastSeenAt
	}
	w.Blocked = w.Blocked || l.Blocked // who was shut out does not come back in by another door
}

// parted reports whether people took the two contacts apart before: what
// joins by itself must not undo that.
func (s *Service) parted(ctx context.Context, ws int64, a, b ID) (bool, error) {
	for _, pair := range [][2]ID{{a, b}, {b, a}} {
		list, err := s.d.Merges.ListMerges(ctx, ws, pair[0])
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(list, func(m Merge) bool { return m.Loser == pair[1] && !m.UndoneAt.IsZero() }) {
			return true, nil
		}
	}
	return false, nil
}

// Merges lists the merges into a contact, the newest first.
func (s *Service) Merges(ctx context.Context, a access.Actor, id ID) ([]Merge, error) {
	return s.d.Merges.ListMerges(ctx, int64(a.Workspace), id)
}

// Undo takes a merge apart: the loser gets back what was his. What came since
// stays with whom its address belongs to.
func (s *Service) Undo(ctx context.Context, a access.Actor, id MergeID) (Contact, error) {
	if err := a.Require(access.MergeContact); err != nil {
		return Contact{}, err
	}
	ws := int64(a.Workspace)
	var loser Contact
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		m, err := s.d.Merges.Merge(ctx, ws, id)
		if err != nil {
			return err
		}
		if !m.UndoneAt.IsZero() {
			return ErrUndone
		}
		w, err := s.live(ctx, ws, m.Winner)
		if err != nil {
			return err
		}
		if loser, err = s.d.Contacts.Contact(ctx, ws, m.Loser); err != nil {
			return err
		}
		if loser.MergedInto != w.ID {
			return ErrNotLatest
		}
		// Later merges build on this one: they are taken apart first.
		list, err := s.d.Merges.ListMerges(ctx, ws, w.ID)
		if err != nil {
			return err
		}
		for _, other := range list {
			if other.ID > m.ID && other.UndoneAt.IsZero() {
				return ErrNotLatest.With("merge_id", strconv.FormatInt(int64(other.ID), 10))
			}
		}
		if err := s.takeApart(ctx, ws, w, &loser, m); err != nil {
			return err
		}
		if err := s.d.Merges.SetUndone(ctx, ws, m.ID, s.now()); err != nil {
			return err
		}
		if err := s.d.Audit.Record(ctx, a, "contact.unmerged", "contact", int64(w.ID), w.Name,
			map[string]any{"loser_id": int64(loser.ID), "loser_name": loser.Name}); err != nil {
			return err
		}
		return s.d.Events.Append(ctx, event.Event{
			Workspace: ws, Type: event.ContactUnmerged, At: s.now(), Contact: int64(w.ID), Subject: int64(loser.ID), Actor: int64(a.User),
		})
	})
	if err != nil {
		return Contact{}, err
	}
	return s.d.Contacts.Contact(ctx, ws, loser.ID)
}

func (s *Service) takeApart(ctx context.Context, ws int64, w Contact, l *Contact, m Merge) error {
	l.MergedInto, l.UpdatedAt = 0, s.now()
	if err := s.d.Contacts.UpdateContact(ctx, *l); err != nil {
		return err
	}
	if err := s.d.Identities.MoveIdentities(ctx, ws, m.Moved.Identities, l.ID); err != nil {
		return err
	}
	if err := s.d.Notes.MoveNotes(ctx, ws, m.Moved.Notes, l.ID); err != nil {
		return err
	}
	if err := s.d.Consents.MoveConsents(ctx, ws, m.Moved.Consents, l.ID); err != nil {
		return err
	}
	tags := slices.DeleteFunc(slices.Clone(w.Tags), func(t TagID) bool { return slices.Contains(m.Moved.Tags, t) })
	if err := s.d.Contacts.SetTags(ctx, ws, w.ID, tags); err != nil {
		return err
	}
	if err := s.d.Work.MoveWorkBack(ctx, ws, w.ID, l.ID, m.Moved.Work); err != nil {
		return err
	}
	// Take back what merging filled in, unless somebody changed it since.
	if w.Company == l.Company {
		w.Company = m.Moved.Company
	}
	if w.Source == l.Source {
		w.Source = m.Moved.Source
	}
	if w.AvatarFile == l.AvatarFile {
		w.AvatarFile, w.AvatarRef = m.Moved.AvatarFile, m.Moved.AvatarRef
	}
	if w.Name == l.Name && w.NamedBy == l.NamedBy && m.Moved.NamedBy == 0 && m.Moved.Name != "" {
		w.Name, w.NamedBy = m.Moved.Name, 0
	}
	if w.Blocked == (m.Moved.Blocked || l.Blocked) {
		w.Blocked = m.Moved.Blocked
	}
	for k, v := range l.Fields {
		if _, had := m.Moved.Fields[k]; !had && w.Fields[k] == v {
			delete(w.Fields, k)
		}
	}
	w.UpdatedAt = s.now()
	return s.d.Contacts.UpdateContact(ctx, w)
}
