package search

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
)

// Conversations is what searching needs of conversations.
type Conversations interface {
	// Visible returns the inboxes an actor may see; nil means all of them.
	Visible(ctx context.Context, a access.Actor) ([]inbox.ID, error)
	// Elsewhere returns contacts with conversations in other inboxes that the
	// actor may see because he takes care of them.
	Elsewhere(ctx context.Context, a access.Actor) ([]contact.ID, error)
	ItemsFor(ctx context.Context, ws int64, ids []inbox.ItemID) ([]inbox.Item, error)
	ConversationsFor(ctx context.Context, ws int64, ids []inbox.ConversationID) ([]inbox.Conversation, error)
}

// Contacts is what searching needs of contacts.
type Contacts interface {
	Several(ctx context.Context, ws int64, ids []contact.ID) ([]contact.Contact, error)
}

// Notes reads remarks about contacts.
type Notes interface {
	Notes(ctx context.Context, ws int64, ids []contact.ID) (map[contact.ID][]contact.Note, error)
}

// Deps is what the service needs.
type Deps struct {
	Index         Index
	Conversations Conversations
	Contacts      Contacts
	Notes         Notes
	Analyzer      *Analyzer
	Now           func() time.Time
}

// Service searches.
type Service struct{ d Deps }

// NewService returns the service.
func NewService(d Deps) *Service {
	if d.Now == nil {
		d.Now = time.Now
	}
	return &Service{d}
}

// Sort is the order of hits.
type Sort string

// The orders. ByRelevance looks at the newest thousand hits.
const (
	Newest      Sort = "newest"
	ByRelevance Sort = "relevance"
)

// Query is what somebody searches for.
type Query struct {
	Text string
	// Kind is empty for everything.
	Kind Kind
	// Inboxes, Contact and Channel narrow it down; contacts themselves are in
	// no inbox and on no channel.
	Inboxes []inbox.ID
	Contact contact.ID
	Channel channel.ID
	// From is inclusive, To exclusive; zero leaves the side open.
	From, To time.Time
	Sort     Sort // empty: the newest first
	// Cursor continues an earlier search.
	Cursor string
	// Limit is how many hits are wanted, 1 to 100 (default 20).
	Limit int
}

// Hit is something found, as it is now.
type Hit struct {
	Kind Kind
	// Item and Conversation are zero for a Contact.
	Item         inbox.Item
	Conversation inbox.Conversation
	Contact      contact.Contact
	Snippet      []Part
	At           time.Time

	id    int64
	score float64
}

const (
	defaultLimit, mostLimit = 20, 100
	// mostRanked is how many of the newest hits relevance is judged in.
	mostRanked = 1000
	// mostRounds bounds how often candidates are asked for until a page is
	// full; the page may then be short, but the cursor goes on.
	mostRounds = 20
)

// Search returns what the actor may see of what is searched for, and the
// cursor of the next page, empty on the last. The query's limits are faults
// of kind Invalid; a query without words finds nothing.
func (s *Service) Search(ctx context.Context, a access.Actor, q Query) ([]Hit, string, error) {
	m, err := s.check(&q)
	if err != nil || m.Empty() {
		return nil, "", err
	}
	visible, err := s.d.Conversations.Visible(ctx, a)
	if err != nil {
		return nil, "", err
	}
	elsewhere, err := s.d.Conversations.Elsewhere(ctx, a)
	if err != nil {
		return nil, "", err
	}
	r, ok := s.request(int64(a.Workspace), visible, elsewhere, q)
	if !ok {
		return nil, "", nil
	}
	r.Match = m
	look := looking{Service: s, ws: int64(a.Workspace), user: a.User, visible: visible, q: q, r: r}
	if q.Sort == ByRelevance {
		return look.ranked(ctx)
	}
	if q.Cursor != "" {
		if look.r.Before, err = readCursor(q.Cursor); err != nil {
			return nil, "", err
		}
	}
	return look.page(ctx, q.Limit)
}

func (s *Service) check(q *Query) (Match, error) {
	if q.Limit <= 0 {
		q.Limit = defaultLimit
	}
	q.Limit = min(q.Limit, mostLimit)
	switch {
	case q.Kind != "" && !slices.Contains(Kinds(), q.Kind):
		return Match{}, ErrBadKind
	case q.Sort != "" && q.Sort != Newest && q.Sort != ByRelevance:
		return Match{}, ErrBadSort
	case !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To):
		return Match{}, ErrBadTimes
	}
	return s.d.Analyzer.Parse(q.Text)
}

// request turns filters into words of scope; false means that nothing can be
// found.
func (s *Service) request(ws int64, visible []inbox.ID, elsewhere []contact.ID, q Query) (Request, bool) {
	r := Request{Scope: [][]string{{inWorkspace(ws)}}}
	within := func(words ...string) { r.Scope = append(r.Scope, words) }
	inboxes := q.Inboxes
	if visible != nil {
		inboxes = visible
		if len(q.Inboxes) > 0 {
			inboxes = nil
			for _, id := range q.Inboxes {
				if slices.Contains(visible, id) {
					inboxes = append(inboxes, id)
				}
			}
		}
	}
	// Contacts are in no inbox: everybody may see them.
	contacts := (q.Kind == "" || q.Kind == Contact) && len(q.Inboxes) == 0 && q.Channel == 0
	if q.Kind == Contact && !contacts {
		return r, false
	}
	if q.Kind != "" {
		within(asKind(q.Kind))
	}
	switch q.Kind {
	case File:
		r.In = InNames
	case Message, Note:
		r.In = InWords
	case Contact:
	}
	if q.Kind != Contact && (visible != nil || len(q.Inboxes) > 0) {
		var words []string
		for _, id := range inboxes {
			words = append(words, inInbox(id))
		}
		if contacts {
			words = append(words, asKind(Contact))
		}
		// Which of their conversations it is, the truth tells.
		for _, id := range elsewhere {
			words = append(words, withContact(id))
		}
		if len(words) == 0 {
			return r, false
		}
		within(words...)
	}
	if q.Contact != 0 {
		within(withContact(q.Contact))
	}
	if q.Channel != 0 {
		within(overChannel(q.Channel))
	}
	if days := during(q.From, q.To, s.d.Now()); len(days) > 0 {
		within(days...)
	}
	return r, true
}

func readCursor(c string) (int64, error) {
	id, err := strconv.ParseInt(c, 10, 64)
	if err != nil || id <= 0 {
		return 0, ErrBadCursor
	}
	return id, nil
}

// looking is one search under way.
type looking struct {
	*Service
	ws      int64
	user    access.UserID
	visible []inbox.ID
	q       Query
	r       Request
}

// page returns up to n hits and the cursor of the next page.
func (l *looking) page(ctx context.Context, n int) ([]Hit, string, error) {
	var out []Hit
	// Usually all candidates are hits; one more tells whether there are more.
	l.r.Limit = n + 1
	for range mostRounds {
		ids, err := l.d.Index.Find(ctx, l.r)
		if err != nil {
			return nil, "", err
		}
		if len(ids) == 0 {
			return out, "", nil
		}
		hits, err := l.hits(ctx, ids)
		if err != nil {
			return nil, "", err
		}
		out = append(out, hits...)
		if len(out) > n {
			return out[:n], strconv.FormatInt(out[n-1].id, 10), nil
		}
		if len(ids) < l.r.Limit {
			return out, "", nil
		}
		l.r.Before = ids[len(ids)-1]
		l.r.Limit = min(max(4*l.r.Limit, 100), 500)
	}
	return out, strconv.FormatInt(l.r.Before, 10), nil
}

// ranked returns the best of the newest hits. Its cursor is where the newest
// hit was, and how many hits were shown: hits that come meanwhile do not move
// the others.
func (l *looking) ranked(ctx context.Context) ([]Hit, string, error) {
	from, skip := int64(math.MaxInt64), 0
	if l.q.Cursor != "" {
		before, after, ok := strings.Cut(l.q.Cursor, ".")
		n, err := strconv.Atoi(after)
		if !ok || err != nil || n < 0 || n > mostRanked {
			return nil, "", ErrBadCursor
		}
		if from, err = readCursor(before); err != nil {
			return nil, "", err
		}
		skip = n
	}
	l.r.Before = from
	all, _, err := l.page(ctx, mostRanked)
	if err != nil || len(all) == 0 {
		return nil, "", err
	}
	if from == math.MaxInt64 {
		from = all[0].id + 1
	}
	slices.SortStableFunc(all, func(a, b Hit) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	if skip >= len(all) {
		return nil, "", nil
	}
	all = all[skip:]
	if len(all) <= l.q.Limit {
		return all, "", nil
	}
	return all[:l.q.Limit], strconv.FormatInt(from, 10) + "." + strconv.Itoa(skip+l.q.Limit), nil
}
