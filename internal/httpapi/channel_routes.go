package httpapi

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/account"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/inbox"
)

type channelRequest struct {
	Kind     string            `json:"kind,omitempty"`
	Name     *string           `json:"name,omitempty"`
	InboxID  *string           `json:"inbox_id,omitempty"`
	Enabled  *bool             `json:"enabled,omitempty"`
	Settings map[string]string `json:"settings,omitempty" doc:"By field name; absent ones stay, an empty one goes back to the default."`
}

func (r channelRequest) parse() (account.Draft, error) {
	d := account.Draft{Kind: channel.Kind(r.Kind), Name: r.Name, Enabled: r.Enabled, Settings: r.Settings}
	if r.InboxID != nil {
		box, err := id.Parse[inbox.ID]("inbox_id", *r.InboxID)
		if err != nil {
			return d, err
		}
		d.Inbox = &box
	}
	return d, nil
}

type channelPatch struct {
	Ident
	Body channelRequest
}

func (s *Server) channel(ctx context.Context, a access.Actor, acc account.Account) Channel {
	return s.channelOf(acc, s.d.Accounts.Capabilities(ctx, acc.ID), a.Can(access.ManageChannel))
}

func (s *Server) channelRoutes() {
	handle(s, route{method: "GET", path: "/channel-kinds", name: "listChannelKinds", tag: "Channels", summary: "Kinds of channel with their settings"},
		func(context.Context, access.Actor, *none) (*body[list[ChannelKind]], error) {
			return listOf(all(s.d.Accounts.Kinds(), kindOf), ""), nil
		})
	handle(s, route{method: "GET", path: "/channels", name: "listChannels", tag: "Channels", summary: "Connected accounts"},
		func(ctx context.Context, a access.Actor, _ *none) (*body[list[Channel]], error) {
			accounts, err := s.d.Accounts.List(ctx, a)
			return listOf(all(accounts, func(acc account.Account) Channel { return s.channel(ctx, a, acc) }), ""), err
		})
	handle(s, route{method: "POST", path: "/channels", name: "createChannel", tag: "Channels", summary: "Connect an account: it is checked and subscribed", status: http.StatusCreated},
		func(ctx context.Context, a access.Actor, in *body[channelRequest]) (*body[Channel], error) {
			d, err := in.Body.parse()
			if err != nil {
				return nil, err
			}
			acc, err := s.d.Accounts.Connect(ctx, a, d)
			if err != nil {
				return nil, err
			}
			return &body[Channel]{s.channel(ctx, a, acc)}, nil
		})
	s.oneChannel(route{method: "GET", path: "/channels/{id}", name: "getChannel", summary: "One account"}, s.d.Accounts.Get)
	s.oneChannel(route{method: "POST", path: "/channels/{id}/check", name: "checkChannel", summary: "Ask the platform how the account is, and mend what can be"}, s.d.Accounts.Check)
	handle(s, route{method: "PATCH", path: "/channels/{id}", name: "updateChannel", tag: "Channels", summary: "Change an account"},
		func(ctx context.Context, a access.Actor, in *channelPatch) (*body[Channel], error) {
			ch, err := id.Parse[channel.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			d, err := in.Body.parse()
			if err != nil {
				return nil, err
			}
			acc, err := s.d.Accounts.Update(ctx, a, ch, d)
			if err != nil {
				return nil, err
			}
			return &body[Channel]{s.channel(ctx, a, acc)}, nil
		})
	handle(s, route{method: "DELETE", path: "/channels/{id}", name: "deleteChannel", tag: "Channels", summary: "Disconnect an account; what was said stays", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *Ident) (*none, error) {
			ch, err := id.Parse[channel.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.d.Accounts.Delete(ctx, a, ch)
		})
	s.channelMore()
}

func (s *Server) oneChannel(r route, get func(context.Context, access.Actor, channel.ID) (account.Account, error)) {
	r.tag = "Channels"
	handle(s, r, func(ctx context.Context, a access.Actor, in *Ident) (*body[Channel], error) {
		ch, err := id.Parse[channel.ID]("id", in.ID)
		if err != nil {
			return nil, err
		}
		acc, err := get(ctx, a, ch)
		if err != nil {
			return nil, err
		}
		return &body[Channel]{s.channel(ctx, a, acc)}, nil
	})
}

type linkQuery struct {
	Ident
	Payload string `query:"payload" maxLength:"512"`
}

type link struct {
	URL string `json:"url"`
}

type failuresQuery struct {
	Ident
	Paging
}

type failurePath struct {
	Ident
	FID string `path:"fid"`
}

func (s *Server) channelMore() {
	handle(s, route{method: "GET", path: "/channels/{id}/templates", name: "listTemplates", tag: "Channels", summary: "The account's message templates"},
		func(ctx context.Context, a access.Actor, in *Ident) (*body[list[TemplateInfo]], error) {
			ch, err := id.Parse[channel.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			templates, err := s.d.Accounts.Templates(ctx, a, ch)
			return listOf(all(templates, templateOf), ""), err
		})
	handle(s, route{method: "GET", path: "/channels/{id}/link", name: "getChannelLink", tag: "Channels", summary: "A link into the chat, for QR codes"},
		func(ctx context.Context, a access.Actor, in *linkQuery) (*body[link], error) {
			ch, err := id.Parse[channel.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			url, err := s.d.Accounts.Link(ctx, a, ch, in.Payload)
			return &body[link]{link{url}}, err
		})
	handle(s, route{method: "GET", path: "/channels/{id}/failures", name: "listFailures", tag: "Channels", summary: "Updates that could not be shown as they should"},
		func(ctx context.Context, a access.Actor, in *failuresQuery) (*body[list[InboundFailure]], error) {
			ch, err := id.Parse[channel.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			from, err := before[int64](in.Paging)
			if err != nil {
				return nil, err
			}
			rows, err := s.d.Accounts.Failures(ctx, a, ch, from, in.Limit)
			return listOf(all(rows, failureOf), next(rows, in.Limit, func(i inbox.Inbound) int64 { return i.ID })), err
		})
	handle(s, route{method: "POST", path: "/channels/{id}/failures/{fid}/replay", name: "replayFailure", tag: "Channels", summary: "Work an update off once more", status: http.StatusNoContent},
		func(ctx context.Context, a access.Actor, in *failurePath) (*none, error) {
			ch, err := id.Parse[channel.ID]("id", in.ID)
			if err != nil {
				return nil, err
			}
			row, err := id.Parse[int64]("fid", in.FID)
			if err != nil {
				return nil, err
			}
			return nil, s.d.Accounts.Replay(ctx, a, ch, row)
		})
}

// serveHook takes what a platform delivers. The answer is 200 only when it is
// on disk; trouble of ours is 503, so that the platform delivers again.
func (s *Server) serveHook(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil || n <= 0 {
		s.write(w, r, account.ErrNotFound)
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxHook))
	if err != nil {
		s.write(w, r, err)
		return
	}
	reply, err := s.d.Accounts.Accept(r.Context(), channel.Kind(chi.URLParam(r, "kind")), channel.ID(n), channel.Request{
		Method: r.Method, Query: r.URL.Query(), Header: r.Header, Body: raw,
	})
	if err != nil {
		if k := fault.KindOf(err); k == fault.Internal || k == fault.Unavailable {
			w.Header().Set("Retry-After", strconv.Itoa(int(retryIn.Seconds())))
			err = fault.Wrap(fault.Unavailable, "hook.unavailable", err).After(retryIn)
		}
		s.write(w, r, err)
		return
	}
	if reply.ContentType != "" {
		w.Header().Set("Content-Type", reply.ContentType)
	}
	if reply.Status != 0 {
		w.WriteHeader(reply.Status)
	}
	_, _ = w.Write(reply.Body) // the platform may be gone: it delivers again
}
