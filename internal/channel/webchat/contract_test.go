package webchat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/channeltest"
)

// TestContract runs the suite that every channel passes. The platform is our
// own: customers are browsers speaking the widget's protocol, and the raw
// updates that Okno commits are handed to the suite as if they were polled.
func TestContract(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) channeltest.Platform {
		p := &ownPlatform{world: newWorld(t, widgetAccount())}
		for i, name := range []string{"Ирина", "Пётр"} {
			v := p.visit()
			v.say(map[string]any{"profile": map[string]string{"name": name}})
			p.customers[i] = v
		}
		p.cursor = len(p.memory.raws(0))
		return p
	})
}

// ownPlatform is the widget's own platform, seen from outside.
type ownPlatform struct {
	*world
	customers [2]*guest
	cursor    int
	items     atomic.Int64
	sawTyping bool
}

func (p *ownPlatform) Factory() channel.Factory { return polled{p.platform.Factory(), p} }
func (p *ownPlatform) Account() channel.Account { return widgetAccount() }
func (p *ownPlatform) Hook() *channeltest.Hook  { return nil }
func (p *ownPlatform) Violations() []string     { return nil }

func (p *ownPlatform) Break(f channeltest.Fault) error {
	switch f.Kind { //nolint:exhaustive // a platform of our own has no others
	case channeltest.Outage:
		p.memory.set(func(m *memory) { m.broken = true })
		return nil
	case channeltest.Expired:
		p.memory.set(func(m *memory) { m.state.Files = nil })
		return nil
	}
	return channeltest.ErrLacks
}

func (p *ownPlatform) Do(a channeltest.Action) (string, error) {
	v := p.customers[a.Customer]
	switch a.Verb { //nolint:exhaustive // the widget has no others
	case channeltest.Write:
		if len(a.Marks) > 0 {
			return "", channeltest.ErrLacks
		}
		return v.text(a.Text).ID, nil
	case channeltest.Reply:
		return v.say(map[string]any{"text": a.Text, "reply_to": a.To}).ID, nil
	case channeltest.SendFiles:
		return p.sendFiles(v, a)
	case channeltest.Press:
		row, col, err := p.button(v, a)
		if err != nil {
			return "", err
		}
		return v.say(map[string]any{"press": map[string]any{"id": a.To, "row": row, "col": col}}).ID, nil
	case channeltest.Type:
		v.must(v.json("POST", "/widget/7/typing", v.token, map[string]any{}), 204)
		u := <-p.typing
		body, err := json.Marshal(map[string]any{"v": 1, "type": "typing", "chat": u.Chat.Key, "person": map[string]string{"id": u.Sender.ID}, "at": u.At})
		if err != nil {
			return "", err
		}
		return "", p.memory.Ingest(p.Context(), 7, []channel.Raw{{Key: "typing." + strconv.FormatInt(p.items.Add(1), 10), Order: u.Chat.Key, Body: body}})
	case channeltest.Read:
		for _, e := range slices.Backward(v.after(0).Entries) {
			if e.Own && e.Kind == "message" {
				v.must(v.json("POST", "/widget/7/marks", v.token, map[string]any{"read": e.ID}), 204)
				break
			}
		}
		return "", nil
	}
	return "", channeltest.ErrLacks
}

func (p *ownPlatform) sendFiles(v *guest, a channeltest.Action) (string, error) {
	var ids []string
	for _, f := range a.Files {
		var out file
		v.must(v.upload(url.Values{"name": {f.Name}, "kind": {string(f.Kind)}}, f.Data), 201).into(p.T, &out)
		if out.Kind != string(f.Kind) {
			return "", channeltest.ErrLacks
		}
		ids = append(ids, out.ID)
	}
	return v.say(map[string]any{"text": a.Text, "files": ids}).ID, nil
}

func (p *ownPlatform) button(v *guest, a channeltest.Action) (row, col int, err error) {
	for _, e := range v.after(0).Entries {
		if e.ID != a.To {
			continue
		}
		for r, buttons := range e.Buttons {
			for c, b := range buttons {
				if b.Payload == a.Payload {
					return r, c, nil
				}
			}
		}
	}
	return 0, 0, fmt.Errorf("no button %q under %s", a.Payload, a.To)
}

// Seen is what a browser would show.
func (p *ownPlatform) Seen(customer int) ([]channeltest.Seen, error) {
	var out []channeltest.Seen
	if p.memory.isBroken() {
		return nil, nil
	}
	for _, e := range p.customers[customer].after(0).Entries {
		if e.Kind != "message" || !e.Own || e.Deleted {
			continue
		}
		s := channeltest.Seen{ID: e.ID, Text: e.Text, Marks: e.Marks, Location: e.Location, Cards: e.Contacts}
		for _, row := range e.Buttons {
			s.Buttons = append(s.Buttons, row...)
		}
		if e.Quote != nil {
			s.ReplyTo = e.Quote.ID
		}
		for _, f := range e.Files {
			got := p.must(p.do("GET", f.URL, "", nil), 200)
			s.Files = append(s.Files, channeltest.File{Kind: channel.AttachmentKind(f.Kind), Name: f.Name, MIME: f.MIME, Data: got.body})
		}
		out = append(out, s)
	}
	return out, nil
}

func (p *ownPlatform) SawTyping(int) bool { return p.sawTyping }

func (p *ownPlatform) SawRead(customer int, id string) bool {
	b := p.customers[customer].after(0)
	i := slices.IndexFunc(b.Entries, func(e entry) bool { return e.ID == id })
	return i >= 0 && b.AgentRead >= b.Entries[i].Seq
}

func (p *ownPlatform) SawReaction(customer int, id string) string {
	emoji := ""
	for _, e := range p.customers[customer].after(0).Entries {
		if e.Kind == "reaction" && e.Ref == id {
			emoji = e.Emoji
		}
	}
	return emoji
}

// polled makes the adapter give out what was committed.
type polled struct {
	channel.Factory
	p *ownPlatform
}

func (f polled) Open(a channel.Account) (channel.Adapter, error) {
	adapter, err := f.Factory.Open(a)
	if err != nil {
		return nil, err
	}
	return &poller{full: adapter.(full), p: f.p, cursor: f.p.cursor}, nil
}

// full is every optional interface that the adapter implements.
type full interface {
	channel.Adapter
	channel.Editor
	channel.Deleter
	channel.Reactor
	channel.Typer
	channel.ReadMarker
	channel.MediaFetcher
	channel.Reconciler
}

type poller struct {
	full
	p      *ownPlatform
	cursor int
}

// Send gives each send an item of its own: the suite uses one id for several.
func (p *poller) Send(ctx context.Context, o channel.Outgoing) (channel.Sent, error) {
	o.ItemID += "-" + strconv.FormatInt(p.p.items.Add(1), 10)
	sent, err := p.full.Send(ctx, o)
	if err != nil {
		return sent, err
	}
	for _, v := range p.p.customers { // the browser is told at once
		if v.id == o.Chat {
			v.must(v.json("POST", "/widget/7/marks", v.token, map[string]any{"delivered": sent.ExternalIDs[0]}), 204)
		}
	}
	return sent, nil
}

// ShowActivity is watched by an open widget.
func (p *poller) ShowActivity(ctx context.Context, t channel.Target, a channel.Activity) error {
	for _, v := range p.p.customers {
		if v.id != t.Chat {
			continue
		}
		s := v.dial(0)
		s.await("the news", func(b batch) bool { return b.Type == "batch" && !b.More })
		if err := p.full.ShowActivity(ctx, t, a); err != nil {
			return err
		}
		got := s.await("the activity", func(b batch) bool { return b.Type == "activity" })
		p.p.sawTyping = got.Activity == string(a)
	}
	return nil
}

func (p *poller) Poll(ctx context.Context, cursor string) ([]channel.Raw, string, error) {
	from := p.cursor
	if cursor != "" {
		n, err := strconv.Atoi(cursor)
		if err != nil {
			return nil, "", err
		}
		from = n
	}
	for ctx.Err() == nil {
		if raws := p.p.memory.raws(from); len(raws) > 0 {
			return raws, strconv.Itoa(from + len(raws)), nil
		}
		p.p.pause(ctx)
	}
	return nil, cursor, ctx.Err()
}
