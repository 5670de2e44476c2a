package httpapi

import (
	"context"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/search"
)

// Searcher searches.
type Searcher interface {
	Search(ctx context.Context, a access.Actor, q search.Query) ([]search.Hit, string, error)
}

type searchQuery struct {
	Q         string    `query:"q" maxLength:"500" doc:"Words in any form, a \"phrase\", -word, a telephone number in any formatting."`
	Kind      string    `query:"kind" enum:"message,note,file,contact"`
	InboxID   string    `query:"inbox_id"`
	ContactID string    `query:"contact_id"`
	ChannelID string    `query:"channel_id"`
	From      time.Time `query:"from"`
	To        time.Time `query:"to"`
	Sort      string    `query:"sort" enum:"newest,relevance"`
	Cursor    string    `query:"cursor"`
	Limit     int       `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

func (q searchQuery) parse() (search.Query, error) {
	out := search.Query{
		Text: q.Q, Kind: search.Kind(q.Kind), From: q.From, To: q.To, Sort: search.Sort(q.Sort), Cursor: q.Cursor, Limit: q.Limit,
	}
	box, err := optional[inbox.ID]("inbox_id", q.InboxID)
	if err != nil {
		return out, err
	}
	if box != 0 {
		out.Inboxes = []inbox.ID{box}
	}
	if out.Contact, err = optional[contact.ID]("contact_id", q.ContactID); err != nil {
		return out, err
	}
	out.Channel, err = optional[channel.ID]("channel_id", q.ChannelID)
	return out, err
}

// SnippetPart is a piece of a text, marked where it was searched for.
type SnippetPart struct {
	Text string `json:"text"`
	Hit  bool   `json:"hit"`
}

// SearchHit is something found.
type SearchHit struct {
	Kind         string        `json:"kind" enum:"message,note,file,contact"`
	Item         *Item         `json:"item,omitempty"`
	Conversation *Conversation `json:"conversation,omitempty"`
	Contact      ContactBrief  `json:"contact"`
	Snippet      []SnippetPart `json:"snippet" nullable:"false"`
	At           time.Time     `json:"at"`
}

func (s *Server) searchRoutes() {
	if s.d.Search == nil {
		return
	}
	handle(s, route{method: "GET", path: "/search", name: "search", tag: "Search", summary: "Find messages, notes, files and contacts by any form of their words"},
		func(ctx context.Context, a access.Actor, in *searchQuery) (*body[list[SearchHit]], error) {
			q, err := in.parse()
			if err != nil {
				return nil, err
			}
			hits, cursor, err := s.d.Search.Search(ctx, a, q)
			if err != nil {
				return nil, err
			}
			out, err := s.hits(ctx, int64(a.Workspace), hits)
			return listOf(out, cursor), err
		})
}

func (s *Server) hits(ctx context.Context, ws int64, found []search.Hit) ([]SearchHit, error) {
	var (
		rows  []inbox.Item
		convs []inbox.Conversation
	)
	for _, h := range found {
		if h.Item.ID != 0 {
			rows, convs = append(rows, h.Item), append(convs, h.Conversation)
		}
	}
	items, err := s.items(ctx, ws, rows)
	if err != nil {
		return nil, err
	}
	conversations, err := s.conversations(ctx, ws, convs)
	if err != nil {
		return nil, err
	}
	out := make([]SearchHit, len(found))
	n := 0
	for i, h := range found {
		out[i] = SearchHit{
			Kind: string(h.Kind), Contact: briefOf(h.Contact), At: stamp(h.At),
			Snippet: all(h.Snippet, func(p search.Part) SnippetPart { return SnippetPart{p.Text, p.Hit} }),
		}
		if h.Item.ID != 0 {
			out[i].Item, out[i].Conversation = &items[n], &conversations[n]
			n++
		}
	}
	return out, nil
}
