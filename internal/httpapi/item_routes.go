package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/filetype"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/inbox"
)

type editRequest struct {
	Ident
	Body struct {
		Content Content `json:"content"`
	}
}

type reactionRequest struct {
	Ident
	Body struct {
		Emoji string `json:"emoji" doc:"Empty takes the reaction back."`
	}
}

type settleRequest struct {
	Ident
	Body struct {
		As string `json:"as" enum:"sent,failed"`
	}
}

// oneItem is a handler for one item that answers with the item.
func oneItem[I any](s *Server, r route, idOf func(*I) string, fn func(context.Context, access.Actor, inbox.ItemID, *I) (inbox.Item, error)) {
	r.tag = "Items"
	handle(s, r, func(ctx context.Context, a access.Actor, in *I) (*body[Item], error) {
		item, err := id.Parse[inbox.ItemID]("id", idOf(in))
		if err != nil {
			return nil, err
		}
		i, err := fn(ctx, a, item, in)
		if err != nil {
			return nil, err
		}
		if i, err = s.d.Inbox.Item(ctx, a, i.ID); err != nil {
			return nil, err
		}
		return s.item(ctx, a, i)
	})
}

func plainID(in *Ident) string { return in.ID }

func (s *Server) itemRoutes() {
	oneItem(s, route{method: "GET", path: "/items/{id}", name: "getItem", summary: "One item"}, plainID,
		func(ctx context.Context, a access.Actor, item inbox.ItemID, _ *Ident) (inbox.Item, error) {
			return s.d.Inbox.Item(ctx, a, item)
		})
	oneItem(s, route{method: "PATCH", path: "/items/{id}", name: "editItem", summary: "Change what a message of one's own or a note says"},
		func(in *editRequest) string { return in.ID },
		func(ctx context.Context, a access.Actor, item inbox.ItemID, in *editRequest) (inbox.Item, error) {
			return s.d.Inbox.Edit(ctx, a, item, in.Body.Content.parse())
		})
	oneItem(s, route{method: "DELETE", path: "/items/{id}", name: "deleteItem", summary: "Take a message or note back"}, plainID,
		func(ctx context.Context, a access.Actor, item inbox.ItemID, _ *Ident) (inbox.Item, error) {
			return s.d.Inbox.Delete(ctx, a, item)
		})
	oneItem(s, route{method: "PUT", path: "/items/{id}/reaction", name: "reactToItem", summary: "React to an item"},
		func(in *reactionRequest) string { return in.ID },
		func(ctx context.Context, a access.Actor, item inbox.ItemID, in *reactionRequest) (inbox.Item, error) {
			return s.d.Inbox.React(ctx, a, item, in.Body.Emoji)
		})
	oneItem(s, route{method: "POST", path: "/items/{id}/retry", name: "retryItem", summary: "Send a failed or uncertain message again"}, plainID,
		func(ctx context.Context, a access.Actor, item inbox.ItemID, _ *Ident) (inbox.Item, error) {
			return s.d.Inbox.Retry(ctx, a, item)
		})
	oneItem(s, route{method: "POST", path: "/items/{id}/settle", name: "settleItem", summary: "Say what became of an uncertain message"},
		func(in *settleRequest) string { return in.ID },
		func(ctx context.Context, a access.Actor, item inbox.ItemID, in *settleRequest) (inbox.Item, error) {
			return s.d.Inbox.Settle(ctx, a, item, inbox.ItemState(in.Body.As))
		})
	oneItem(s, route{method: "POST", path: "/items/{id}/cancel", name: "cancelItem", summary: "Take a scheduled message back"}, plainID,
		func(ctx context.Context, a access.Actor, item inbox.ItemID, _ *Ident) (inbox.Item, error) {
			return s.d.Inbox.Cancel(ctx, a, item)
		})
	handle(s, route{method: "GET", path: "/items/{id}/editions", name: "listEditions", tag: "Items", summary: "What an item said before"},
		func(ctx context.Context, a access.Actor, in *Ident) (*body[list[Edition]], error) {
			item, err := id.Parse[inbox.ItemID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			editions, err := s.d.Inbox.Editions(ctx, a, item)
			return listOf(all(editions, func(e inbox.Edition) Edition { return Edition{stamp(e.At), contentOf(e.Content)} }), ""), err
		})
	handle(s, route{method: "GET", path: "/files/{id}", name: "getFile", tag: "Files", summary: "What is known of a file: one's own upload, or one of an item or canned reply that one may see"},
		func(ctx context.Context, a access.Actor, in *Ident) (*body[File], error) {
			file, err := id.Parse[inbox.FileID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			f, err := s.d.Inbox.FileFor(ctx, a, file)
			return &body[File]{fileOf(f)}, err
		})
	handle(s, route{method: "POST", path: "/files/{id}/refetch", name: "refetchFile", tag: "Files", summary: "Fetch a file from its platform again"},
		func(ctx context.Context, a access.Actor, in *Ident) (*body[File], error) {
			file, err := id.Parse[inbox.FileID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			f, err := s.d.Inbox.Refetch(ctx, a, file)
			return &body[File]{fileOf(f)}, err
		})
}

// fileRoutes carry bytes and so bypass the JSON operations.
func (s *Server) fileRoutes(r chi.Router) {
	r.Post("/files", s.serveUpload)
	r.Post("/files/voice", s.serveVoice)
	r.Get("/files/{id}/content", func(w http.ResponseWriter, r *http.Request) { s.serveFile(w, r, false) })
	r.Get("/files/{id}/thumb", func(w http.ResponseWriter, r *http.Request) { s.serveFile(w, r, true) })
	r.Head("/files/{id}/content", func(w http.ResponseWriter, r *http.Request) { s.serveFile(w, r, false) })
	s.describeFiles()
}

// serveFile sends a file so that nothing in it runs. It never changes, so a
// browser may keep it.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request, thumb bool) {
	a, _ := actorFrom(r.Context())
	file, err := id.Parse[inbox.FileID]("id", chi.URLParam(r, "id"))
	if err != nil {
		s.write(w, r, err)
		return
	}
	f, err := s.d.Inbox.FileFor(r.Context(), a, file)
	if err != nil {
		s.write(w, r, err)
		return
	}
	data, _, err := s.d.Inbox.Open(r.Context(), f, thumb)
	if err != nil {
		s.write(w, r, err)
		return
	}
	defer func() { _ = data.Close() }()
	t := filetype.Type{MIME: f.MIME}
	if thumb && f.ThumbKey != "" {
		t.MIME = thumbMIME(f.MIME, data)
	}
	t.SetHeaders(w.Header(), filetype.Serving{Name: f.Name, Download: r.URL.Query().Has("download")})
	w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	w.Header().Set("Vary", "Cookie, Authorization")
	http.ServeContent(w, r, "", time.Time{}, data)
}
