package search

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
)

// hits compares candidates with the truth and returns those that hold, in
// order.
func (l *looking) hits(ctx context.Context, ids []int64) ([]Hit, error) {
	found, err := l.itemHits(ctx, ids)
	if err != nil {
		return nil, err
	}
	// What is no item is a contact.
	var rest []contact.ID
	for _, id := range ids {
		if _, ok := found[id]; !ok {
			rest = append(rest, contact.ID(id))
		}
	}
	if err := l.contactHits(ctx, rest, found); err != nil {
		return nil, err
	}
	out := make([]Hit, 0, len(ids))
	for _, id := range ids {
		if h, ok := found[id]; ok && h.Kind != "" {
			out = append(out, h)
		}
	}
	return out, l.complete(ctx, out)
}

// itemHits returns a hit for every candidate that is an item, without a kind
// for those that do not hold.
func (l *looking) itemHits(ctx context.Context, ids []int64) (map[int64]Hit, error) {
	found := make(map[int64]Hit, len(ids))
	if l.q.Kind == Contact {
		return found, nil
	}
	wanted := make([]inbox.ItemID, len(ids))
	for n, id := range ids {
		wanted[n] = inbox.ItemID(id)
	}
	items, err := l.d.Conversations.ItemsFor(ctx, l.ws, wanted)
	if err != nil {
		return nil, err
	}
	var conversations []inbox.ConversationID
	for _, i := range items {
		conversations = append(conversations, i.Conversation)
	}
	slices.Sort(conversations)
	list, err := l.d.Conversations.ConversationsFor(ctx, l.ws, slices.Compact(conversations))
	if err != nil {
		return nil, err
	}
	at := make(map[inbox.ConversationID]inbox.Conversation, len(list))
	for _, c := range list {
		at[c.ID] = c
	}
	for _, i := range items {
		h := Hit{id: int64(i.ID)}
		if c, ok := at[i.Conversation]; ok && l.inScope(i, c) {
			h = l.item(i, c)
		}
		found[int64(i.ID)] = h
	}
	return found, nil
}

// inScope repeats the filters on the truth.
func (l *looking) inScope(i inbox.Item, c inbox.Conversation) bool {
	switch {
	case i.Workspace != l.ws || c.Workspace != l.ws,
		l.visible != nil && !slices.Contains(l.visible, c.Inbox) && c.Assignee != l.user,
		len(l.q.Inboxes) > 0 && !slices.Contains(l.q.Inboxes, c.Inbox),
		l.q.Contact != 0 && i.Contact != l.q.Contact,
		l.q.Channel != 0 && i.Channel != l.q.Channel:
		return false
	}
	return l.inTime(i.At)
}

func (l *looking) inTime(t time.Time) bool {
	return (l.q.From.IsZero() || !t.Before(l.q.From)) && (l.q.To.IsZero() || t.Before(l.q.To))
}

// item makes an item's hit, without a kind if it does not match.
func (l *looking) item(i inbox.Item, c inbox.Conversation) Hit {
	h := Hit{id: int64(i.ID), Item: i, Conversation: c, At: i.At}
	kind, ok := kindOf(i)
	if !ok || l.q.Kind != "" && l.q.Kind != File && l.q.Kind != kind {
		return h
	}
	t := TextsOf(i)
	words, names := l.d.Analyzer.columns(t)
	switch l.r.In {
	case InWords:
		ok = l.r.Match.Matches(words)
	case InNames:
		ok = l.r.Match.Matches(names)
	case Everywhere:
		ok = l.r.Match.Matches(words, names)
	}
	if !ok {
		return h
	}
	h.Kind = kind
	marked := false
	if l.r.In != InNames {
		h.Snippet, marked = l.d.Analyzer.Snippet(l.r.Match, t.Words)
	}
	if !marked {
		if parts, ok := l.d.Analyzer.Snippet(l.r.Match, t.Names); ok {
			h.Kind, h.Snippet = File, parts
		}
	}
	h.score = l.score(h.Snippet, words, names)
	return h
}

// contactHits adds the candidates that are contacts.
func (l *looking) contactHits(ctx context.Context, ids []contact.ID, found map[int64]Hit) error {
	if len(ids) == 0 || l.q.Kind != "" && l.q.Kind != Contact || len(l.q.Inboxes) > 0 || l.q.Channel != 0 {
		return nil
	}
	list, err := l.d.Contacts.Several(ctx, l.ws, ids)
	if err != nil {
		return err
	}
	notes, err := l.d.Notes.Notes(ctx, l.ws, ids)
	if err != nil {
		return err
	}
	for _, c := range list {
		if c.Workspace != l.ws || l.q.Contact != 0 && c.ID != l.q.Contact || !l.inTime(c.CreatedAt) {
			continue
		}
		t := TextsOfContact(c, notes[c.ID])
		words, names := l.d.Analyzer.columns(t)
		if !l.r.Match.Matches(words, names) {
			continue
		}
		h := Hit{id: int64(c.ID), Kind: Contact, Contact: c, At: c.CreatedAt}
		h.Snippet, _ = l.d.Analyzer.Snippet(l.r.Match, t.Words)
		// A person looked for by name is what is meant.
		h.score = l.score(h.Snippet, words, names) + 1
		found[int64(c.ID)] = h
	}
	return nil
}

// complete adds the contacts to hits that are items.
func (l *looking) complete(ctx context.Context, hits []Hit) error {
	var ids []contact.ID
	for _, h := range hits {
		if h.Kind != Contact {
			ids = append(ids, h.Conversation.Contact)
		}
	}
	slices.Sort(ids)
	list, err := l.d.Contacts.Several(ctx, l.ws, slices.Compact(ids))
	if err != nil {
		return err
	}
	for n := range hits {
		if hits[n].Kind == Contact {
			continue
		}
		if i := slices.IndexFunc(list, func(c contact.Contact) bool { return c.ID == hits[n].Conversation.Contact }); i >= 0 {
			hits[n].Contact = list[i]
		}
	}
	return nil
}

// score says how well a hit fits, 0 to 2: the very words rather than other
// forms, together rather than scattered, and in a short text rather than a
// long one.
func (l *looking) score(snippet []Part, words, names []string) float64 {
	shown := map[string]bool{}
	adjacent, before := 0, false
	for n, p := range snippet {
		if !p.Hit {
			before = before && strings.TrimSpace(p.Text) == ""
			continue
		}
		for _, t := range tokenise(p.Text) {
			shown[t.raw] = true
		}
		if before && n > 0 {
			adjacent++
		}
		before = true
	}
	asked := tokenise(l.q.Text)
	exact := 0
	for _, t := range asked {
		if shown[t.raw] {
			exact++
		}
	}
	n := float64(max(len(asked), 1))
	return float64(exact)/n + 0.5*min(float64(adjacent)/n, 1) + 0.5/(1+float64(len(words)+len(names))/20)
}
