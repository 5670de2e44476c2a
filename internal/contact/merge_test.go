package contact_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/account"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store"
)

// open is a Sealer that seals nothing.
type open struct{}

func (open) Seal(b []byte, _ string, _ int64) ([]byte, error) { return b, nil }
func (open) Open(b []byte, _ string, _ int64) ([]byte, error) { return b, nil }

// company is what random merges are played in.
type company struct {
	*world
	boxes    []inbox.ID
	channel  channel.ID
	tags     []contact.TagID
	contacts []contact.ID
}

func newCompany(w *world) *company {
	c := &company{world: w}
	for n := range 2 {
		c.boxes = append(c.boxes, inbox.ID(w.newID()))
		w.must(w.inbox.CreateInbox(w.ctx, w.ws, inbox.Inbox{ID: c.boxes[n], Name: fmt.Sprint(n)}))
		c.tags = append(c.tags, contact.TagID(w.newID()))
		w.must(w.store.CreateTag(w.ctx, w.ws, contact.Tag{ID: c.tags[n], Name: fmt.Sprint("t", n)}))
	}
	c.channel = channel.ID(w.newID())
	w.must(store.NewAccounts(w.db, open{}).CreateAccount(w.ctx, account.Account{ID: c.channel, Workspace: w.ws, Inbox: c.boxes[0], Kind: "telegram"}))
	return c
}

// person makes a contact with addresses, tags, notes, chats, conversations.
func (c *company) person(t *rapid.T) {
	n := len(c.contacts)
	r := c.meet(contact.Person{Kind: "telegram", Value: fmt.Sprint("u", c.newID()), Name: fmt.Sprint("Имя", n), Source: rapid.SampledFrom([]string{"", "ad"}).Draw(t, "source")})
	who := r.Contact.ID
	if rapid.Bool().Draw(t, "named") {
		name, company := fmt.Sprint("Выбрано", n), fmt.Sprint("ООО ", n)
		_, err := c.Update(c.ctx, c.admin, who, contact.Patch{Name: &name, Company: &company})
		c.must(err)
	}
	if rapid.Bool().Draw(t, "blocked") {
		yes := true
		_, err := c.Update(c.ctx, c.admin, who, contact.Patch{Blocked: &yes})
		c.must(err)
	}
	var tags []contact.TagID
	for _, tag := range c.tags {
		if rapid.Bool().Draw(t, "tag") {
			tags = append(tags, tag)
		}
	}
	_, err := c.SetTags(c.ctx, c.admin, who, tags)
	c.must(err)
	for range rapid.IntRange(0, 2).Draw(t, "notes") {
		_, err := c.AddNote(c.ctx, c.admin, who, "заметка")
		c.must(err)
	}
	if rapid.Bool().Draw(t, "consent") {
		c.must(c.AddConsent(c.ctx, c.ws, who, contact.Consent{Purpose: contact.ToPersonalData, Source: "webchat", Channel: int64(c.channel), Text: "Согласен"}))
	}
	chat := inbox.Chat{ID: inbox.ChatID(c.newID()), Workspace: c.ws, Channel: c.channel, Key: fmt.Sprint(c.newID()), Contact: who}
	for _, box := range c.boxes {
		for _, s := range []inbox.Status{inbox.Resolved, rapid.SampledFrom([]inbox.Status{"", inbox.Open, inbox.Pending, inbox.Snoozed}).Draw(t, "status")} {
			if s == "" {
				continue
			}
			chat.Conversation = c.conversation(who, box, s, chat.ID)
			if rapid.Bool().Draw(t, "draft") {
				d := inbox.Draft{Text: fmt.Sprint("черновик ", n), Note: rapid.Bool().Draw(t, "note"), UpdatedAt: time.Unix(c.newID()%1e9, 0).UTC()}
				c.must(c.inbox.SetDraft(c.ctx, c.ws, c.admin.User, chat.Conversation, d))
			}
		}
	}
	c.must(c.inbox.CreateChat(c.ctx, chat))
	c.contacts = append(c.contacts, who)
}

func (c *company) conversation(who contact.ID, box inbox.ID, s inbox.Status, chat inbox.ChatID) inbox.ConversationID {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(c.newID()%1e6) * time.Second)
	v := inbox.Conversation{ID: inbox.ConversationID(c.newID()), Workspace: c.ws, Inbox: box, Contact: who, Status: s, Kinds: []channel.Kind{"telegram"}, CreatedAt: at}
	i := inbox.Item{
		ID: inbox.ItemID(c.newID()), Workspace: c.ws, Conversation: v.ID, Contact: who, Chat: chat, Kind: inbox.KindMessage, Direction: inbox.In,
		Author: inbox.Author{Type: inbox.ByContact, ID: int64(who)}, Content: channel.Content{Text: fmt.Sprint("слово ", v.ID)}, At: at, CreatedAt: at,
	}
	v.LastItem, v.LastInbound, v.LastAt, v.Preview = i.ID, i.ID, at, inbox.PreviewOf(i)
	if s == inbox.Resolved {
		v.ResolvedAt = at
	} else {
		v.WaitingSince = at
	}
	c.must(c.inbox.CreateConversation(c.ctx, v))
	c.must(c.inbox.CreateItem(c.ctx, i, nil))
	c.must(c.inbox.CreateNotification(c.ctx, inbox.Notification{
		ID: inbox.NotificationID(c.newID()), Workspace: c.ws, User: c.admin.User, Kind: inbox.NotifyMention, Conversation: v.ID, Item: i.ID, At: at,
	}))
	return v.ID
}

// picture is everything that merging may touch, as text.
func (c *company) picture() map[string]string {
	out := map[string]string{}
	put := func(key string, v any) {
		b, err := json.Marshal(v)
		c.must(err)
		out[key] = string(b)
	}
	for _, id := range c.contacts {
		who, err := c.store.Contact(c.ctx, c.ws, id)
		c.must(err)
		who.UpdatedAt = time.Time{}
		if who.Fields == nil {
			who.Fields = map[string]any{}
		}
		sort.Slice(who.Identities, func(i, j int) bool { return who.Identities[i].ID < who.Identities[j].ID })
		put(fmt.Sprint("contact ", id), who)
		notes, err := c.store.ListNotes(c.ctx, c.ws, id)
		c.must(err)
		put(fmt.Sprint("notes ", id), notes)
		chats, err := c.inbox.ChatsOf(c.ctx, c.ws, id)
		c.must(err)
		put(fmt.Sprint("chats ", id), chats)
		list, err := c.inbox.ConversationsOf(c.ctx, inbox.Seen{Workspace: c.ws, User: c.admin.User}, id)
		c.must(err)
		for _, v := range list {
			items, err := c.inbox.ListItems(c.ctx, inbox.ItemQuery{Workspace: c.ws, Conversation: v.ID, Limit: 100})
			c.must(err)
			put(fmt.Sprint("conversation ", v.ID), v)
			put(fmt.Sprint("items ", v.ID), items)
			d, err := c.inbox.Draft(c.ctx, c.admin.User, v.ID)
			c.must(err)
			put(fmt.Sprint("draft ", v.ID), []any{d, d.UpdatedAt})
		}
	}
	return out
}

// whole checks what always holds: nothing is lost, and a contact has at most
// one unresolved conversation in an inbox.
func (c *company) whole(items, notes int) {
	c.t.Helper()
	open, gotItems, gotNotes := map[string]int{}, 0, 0
	for _, id := range c.contacts {
		who, err := c.store.Contact(c.ctx, c.ws, id)
		c.must(err)
		list, err := c.inbox.ConversationsOf(c.ctx, inbox.Seen{Workspace: c.ws}, id)
		c.must(err)
		if who.MergedInto != 0 && (len(list) > 0 || len(who.Identities) > 0) {
			c.t.Fatalf("contact %d is merged away and still has something", id)
		}
		for _, v := range list {
			if v.Status != inbox.Resolved {
				open[fmt.Sprint(id, v.Inbox)]++
			}
		}
		line, err := c.inbox.ListItems(c.ctx, inbox.ItemQuery{Workspace: c.ws, Contact: id, Limit: 1000})
		c.must(err)
		gotItems += len(line)
		n, err := c.store.ListNotes(c.ctx, c.ws, id)
		c.must(err)
		gotNotes += len(n)
	}
	for k, n := range open {
		if n > 1 {
			c.t.Fatalf("%d unresolved conversations of %s", n, k)
		}
	}
	c.same("items and notes", []int{gotItems, gotNotes}, []int{items, notes})
}

func (c *company) totals() (items, notes int) {
	for _, id := range c.contacts {
		line, err := c.inbox.ListItems(c.ctx, inbox.ItemQuery{Workspace: c.ws, Contact: id, Limit: 1000})
		c.must(err)
		n, err := c.store.ListNotes(c.ctx, c.ws, id)
		c.must(err)
		items, notes = items+len(line), notes+len(n)
	}
	return items, notes
}

// errDone undoes the play of one round.
var errDone = errors.New("done")

func TestMergesComeApartAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		rapid.Check(t, func(rt *rapid.T) {
			var thrown any // rapid ends rounds by panics, which a transaction keeps
			err := w.db.Write(t.Context(), func(ctx context.Context) (err error) {
				defer func() {
					if thrown = recover(); thrown != nil {
						err = errDone
					}
				}()
				round := *w
				round.ctx = ctx
				play(rt, newCompany(&round))
				return errDone
			})
			if thrown != nil {
				panic(thrown)
			}
			if err != nil && !errors.Is(err, errDone) {
				rt.Fatal(err)
			}
		})
	})
}

// TestDraftsMoveWithTheirConversation: nothing that was begun to write stays
// in a conversation that is no longer worked on.
func TestDraftsMoveWithTheirConversation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := newCompany(w)
		who := func() (contact.ID, inbox.ConversationID) {
			id := w.create(contact.NewContact{Name: "Ирина"}).ID
			return id, c.conversation(id, c.boxes[0], inbox.Open, 0)
		}
		other := w.admin.User + 1
		set := func(u access.UserID, conv inbox.ConversationID, d inbox.Draft) {
			t.Helper()
			d.UpdatedAt = time.UnixMicro(w.newID()).UTC()
			w.must(w.inbox.SetDraft(w.ctx, w.ws, u, conv, d))
		}
		get := func(u access.UserID, conv inbox.ConversationID) inbox.Draft {
			t.Helper()
			d, err := w.inbox.Draft(w.ctx, u, conv)
			w.must(err)
			return d
		}
		winner, left := who()
		loser, absorbed := who()
		set(w.admin.User, left, inbox.Draft{Text: "здесь", Files: []inbox.FileID{1, 2}})
		set(w.admin.User, absorbed, inbox.Draft{Text: "там", Note: true, Files: []inbox.FileID{2, 3}})
		set(other, absorbed, inbox.Draft{Text: "только там"})
		_, err := w.Merge(w.ctx, w.admin, winner, loser)
		w.must(err)
		both := get(w.admin.User, left)
		w.same("both together, and for colleagues only", []any{both.Text, both.Note, both.Files}, []any{"здесь\n\nтам", true, []inbox.FileID{1, 2, 3}})
		w.same("moved", get(other, left).Text, "только там")
		w.same("nothing is left behind", []any{get(w.admin.User, absorbed).Text, get(other, absorbed).Text}, []any{"", ""})
		// One goes on writing, the other does not.
		set(other, left, inbox.Draft{Text: "только там, и дальше"})
		merges, err := w.Merges(w.ctx, w.admin, winner)
		w.must(err)
		_, err = w.Undo(w.ctx, w.admin, merges[0].ID)
		w.must(err)
		back := get(w.admin.User, absorbed)
		w.same("given back", []any{get(w.admin.User, left).Text, back.Text, back.Note}, []any{"здесь", "там", true})
		w.same("stays where it was written on", []any{get(other, left).Text, get(other, absorbed).Text}, []any{"только там, и дальше", ""})
	})
}

// TestConsentsMoveToo: what somebody agreed to is known of whoever he turned
// out to be.
func TestConsentsMoveToo(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		a, b := w.create(contact.NewContact{Name: "Ирина"}), w.create(contact.NewContact{Name: "Ирина К."})
		given := contact.Consent{
			Purpose: contact.ToPersonalData, Source: "webchat", Channel: 7, Page: "https://shop.example/", Text: "Согласен", GivenAt: time.UnixMicro(5).UTC(),
		}
		for range 2 {
			w.must(w.AddConsent(w.ctx, w.ws, b.ID, given))
		}
		later := given
		later.Text, later.GivenAt = "Согласен на новое", time.UnixMicro(6).UTC()
		w.must(w.AddConsent(w.ctx, w.ws, b.ID, later))
		got, err := w.Merge(w.ctx, w.admin, a.ID, b.ID)
		w.must(err)
		w.same("ledger", len(got.Consents), 2)
		first := got.Consents[0]
		first.ID = 0
		w.same("line", first, given)
		w.same("versions", []any{given.Version() == later.Version(), given.Version() == got.Consents[0].Version()}, []any{false, true})
		merges, err := w.Merges(w.ctx, w.admin, a.ID)
		w.must(err)
		back, err := w.Undo(w.ctx, w.admin, merges[0].ID)
		w.must(err)
		got, err = w.Get(w.ctx, w.admin, a.ID)
		w.must(err)
		w.same("apart again", []int{len(back.Consents), len(got.Consents)}, []int{2, 0})
	})
}

func play(rt *rapid.T, c *company) {
	for range rapid.IntRange(2, 5).Draw(rt, "people") {
		c.person(rt)
	}
	items, notes := c.totals()
	type step struct {
		merge  contact.MergeID
		before map[string]string
	}
	var stack []step
	for range rapid.IntRange(1, 8).Draw(rt, "steps") {
		if len(stack) > 0 && rapid.IntRange(0, 2).Draw(rt, "undo") == 0 {
			last := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if _, err := c.Undo(c.ctx, c.admin, last.merge); err != nil {
				rt.Fatal(err)
			}
			compare(rt, last.before, c.picture())
			c.whole(items, notes)
			continue
		}
		a, b := rapid.SampledFrom(c.contacts).Draw(rt, "winner"), rapid.SampledFrom(c.contacts).Draw(rt, "loser")
		before := c.picture()
		_, err := c.Merge(c.ctx, c.admin, a, b)
		if errors.Is(err, contact.ErrSameContact) || errors.Is(err, contact.ErrMergedAlready) {
			continue
		}
		if err != nil {
			rt.Fatal(err)
		}
		merges, err := c.Merges(c.ctx, c.admin, a)
		if err != nil {
			rt.Fatal(err)
		}
		stack = append(stack, step{merges[0].ID, before})
		c.whole(items, notes)
		if len(merges) > 1 && merges[1].UndoneAt.IsZero() {
			if _, err := c.Undo(c.ctx, c.admin, merges[1].ID); !errors.Is(err, contact.ErrNotLatest) {
				rt.Fatalf("an earlier merge was undone first: %v", err)
			}
		}
	}
	for _, s := range slices.Backward(stack) {
		if _, err := c.Undo(c.ctx, c.admin, s.merge); err != nil {
			rt.Fatal(err)
		}
		compare(rt, s.before, c.picture())
	}
}

func compare(rt *rapid.T, want, got map[string]string) {
	for k, v := range want {
		if got[k] != v {
			rt.Fatalf("%s:\n was %s\n  is %s", k, v, got[k])
		}
	}
	if len(got) != len(want) {
		rt.Fatalf("%d things, were %d", len(got), len(want))
	}
}
