package searchindex_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/search"
	"github.com/okno-hq/okno/internal/store"
	"github.com/okno-hq/okno/internal/store/searchindex"
	"github.com/okno-hq/okno/internal/store/sqlite"
	"github.com/okno-hq/okno/internal/store/storetest"
)

var errKilled = errors.New("killed")

func TestEverythingIsFound(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		irina := w.contact("Ирина Семёнова", func(c *contact.Contact) {
			c.Company = "ООО «Ромашка»"
			c.Fields = map[string]any{"city": "Екатеринбург", "budget": 150000.0, "vip": true}
			c.Identities = []contact.Identity{
				{Kind: contact.Phone, Value: "+79123456789", Display: "+7 912 345-67-89"},
				{Kind: contact.Email, Value: "irina@romashka.ru", Display: "Irina@romashka.ru"},
				{Kind: "telegram", Value: "555000111", Display: "@irina_s"},
			}
		})
		w.do(w.contacts.CreateNote(t.Context(), w.ws, contact.Note{ID: 5, Contact: irina.ID, Text: "Любит звонить по вечерам"}))
		v := w.conversation(w.open, irina.ID)
		message := w.say(v, "Здравствуйте! Где мои заказы №4455? Позвоните: 8 (912) 345-67-89")
		note := w.item(v, inbox.Item{Kind: inbox.KindNote, Content: channel.Content{Text: "Клиент просит вернуть деньги"}})
		file := w.item(v, inbox.Item{Files: []inbox.File{{Name: "Договор_аренды-2026.pdf"}}})
		voice := w.item(v, inbox.Item{Files: []inbox.File{{Name: "", Transcript: "хочу оформить рассрочку"}}})
		template := w.item(v, inbox.Item{Content: channel.Content{Template: &channel.Template{Body: "Ваша посылка прибыла"}}})
		place := w.item(v, inbox.Item{Content: channel.Content{Location: &channel.Location{Title: "Склад на Малышева"}}})
		card := w.item(v, inbox.Item{Content: channel.Content{Contacts: []channel.Card{{Name: "Пётр Водитель", Phones: []string{"+7 (343) 200-10-20"}}}}})
		w.item(v, inbox.Item{Kind: inbox.KindEvent, Event: &inbox.Happening{Type: "заказ"}})
		w.catchUp()

		id := func(i inbox.Item) int64 { return int64(i.ID) }
		for text, want := range map[string][]int64{
			"заказ": {id(message)}, "заказу ": {id(message)}, "4455": {id(message)},
			"денег": {id(note)}, "клиента": {id(note)},
			"договор": {id(file)}, "договор_аренды-2026.pdf": {id(file)}, "pdf": {id(file)}, "аренда ": {id(file)},
			"рассрочка ": {id(voice)}, "посылки": {id(template)}, "малышева": {id(place)}, "петр": {id(card)}, "2001020": {id(card)},
			"+7 912 3456789": {id(message), int64(irina.ID)}, "9123456789": {id(message), int64(irina.ID)},
			"6789": {id(message), int64(irina.ID)}, "345-67-89": {id(message), int64(irina.ID)}, "8912345": {id(message), int64(irina.ID)},
			"семенова": {int64(irina.ID)}, "ромашка": {int64(irina.ID)}, "irina@romashka.ru": {int64(irina.ID)},
			"romashka": {int64(irina.ID)}, "irina_s": {int64(irina.ID)}, "екатеринбурге ": {int64(irina.ID)},
			"вечер ": {int64(irina.ID)}, "150000": {int64(irina.ID)},
			"555000111": nil, "true": nil, "!!!": nil, "": nil, "-заказ": nil,
		} {
			w.expect(w.all, text, want...)
		}
		for _, c := range []struct {
			text    string
			kind    search.Kind
			snippet string
		}{
			{"заказу ", search.Message, "Здравствуйте! Где мои [заказы] №4455? Позвоните: 8 (912) 345-67-89"},
			{"9123456789", search.Message, "Здравствуйте! Где мои заказы №4455? Позвоните: [8 (912) 345-67-89]"},
			{"деньгам ", search.Note, "Клиент просит вернуть [деньги]"},
			{"договоры 2026", search.File, "[Договор]_аренды-[2026].pdf"},
			{"ирине ", search.Contact, "[Ирина] Семёнова"},
		} {
			hits := w.hits(w.all, search.Query{Text: c.text})
			if len(hits) == 0 || hits[0].Kind != c.kind || show(hits[0].Snippet) != c.snippet || hits[0].Contact.ID != irina.ID {
				t.Errorf("%q: %d hits", c.text, len(hits))
				for _, h := range hits {
					t.Log(h.Kind, show(h.Snippet), h.Contact.ID)
				}
			}
			if hits := w.hits(w.all, search.Query{Text: c.text, Kind: c.kind}); len(hits) == 0 || hits[0].Kind != c.kind {
				t.Errorf("%q among %s: %+v", c.text, c.kind, hits)
			}
		}
		if hits := w.hits(w.all, search.Query{Text: "договор", Kind: search.Message}); len(hits) != 0 {
			t.Errorf("a file's name among messages: %+v", hits)
		}
	})
}

func TestWhatMayNotBeSeenIsNotFound(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		c := w.contact("Олег", nil)
		public, secret := w.conversation(w.open, c.ID), w.conversation(w.closed, c.ID)
		seen, hidden := w.say(public, "обычный заказ"), w.say(secret, "секретный заказ")
		w.catchUp()
		member := access.NewActor(access.User{Workspace: access.WorkspaceID(w.ws), ID: 3, Teams: []access.TeamID{w.team}}, nil)
		w.expect(w.all, "заказ", int64(hidden.ID), int64(seen.ID))
		w.expect(member, "заказ", int64(hidden.ID), int64(seen.ID))
		w.expect(w.outsider, "заказ", int64(seen.ID))
		w.expect(w.outsider, "секретный")
		w.expect(w.outsider, "олег", int64(c.ID))
		if hits := w.hits(w.outsider, search.Query{Text: "заказ", Inboxes: []inbox.ID{w.closed}}); len(hits) != 0 {
			t.Errorf("asked for by its inbox: %+v", hits)
		}
		// Who takes care of a conversation sees it, in whatever inbox it is.
		secret.Assignee = w.outsider.User
		w.do(w.inbox.UpdateConversation(t.Context(), secret))
		w.expect(w.outsider, "заказ", int64(hidden.ID), int64(seen.ID))
		if hits := w.hits(w.outsider, search.Query{Text: "заказ", Inboxes: []inbox.ID{w.closed}}); len(hits) != 1 {
			t.Errorf("own conversation asked for by its inbox: %+v", hits)
		}
		secret.Assignee = 0
		w.do(w.inbox.UpdateConversation(t.Context(), secret))
		w.expect(w.outsider, "заказ", int64(seen.ID))
		if got := w.candidates("заказ", filedUnder(w.open)); !slices.Equal(got, []int64{int64(seen.ID)}) {
			t.Errorf("the index files under the open inbox: %v", got)
		}

		// Moved: what the mover may not see is gone at once, before the index
		// knows; afterwards the index itself has followed.
		public.Inbox = w.closed
		w.do(w.inbox.UpdateConversation(t.Context(), public))
		w.expect(w.outsider, "заказ")
		w.tell(event.Event{Type: event.ConversationUpdated, Conversation: int64(public.ID)})
		w.catchUp()
		if got := w.candidates("заказ", filedUnder(w.open)); len(got) != 0 {
			t.Errorf("after the move the index files under the open inbox: %v", got)
		}
		secret.Inbox = w.open
		w.do(w.inbox.UpdateConversation(t.Context(), secret))
		w.tell(event.Event{Type: event.ConversationUpdated, Conversation: int64(secret.ID)})
		w.catchUp()
		w.expect(w.outsider, "заказ", int64(hidden.ID))

		// Another workspace with the same words.
		other := access.NewActor(access.User{Workspace: access.WorkspaceID(w.ws + 1), ID: 9}, []access.Permission{access.ViewAll})
		w.expect(other, "заказ")
		w.expect(other, "олег")
	})
}

func TestOldWordsAreNotFound(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		v := w.conversation(w.open, w.contact("Анна", nil).ID)
		edited, deleted := w.say(v, "старые слова"), w.say(v, "старые тайны")
		w.catchUp()
		w.expect(w.all, "старые", int64(deleted.ID), int64(edited.ID))
		edited.Content.Text = "новые слова"
		deleted.Content, deleted.DeletedAt = channel.Content{}, w.now
		w.change(edited, true)
		w.change(deleted, true)
		w.expect(w.all, "старые") // the index does not know yet
		w.tell(event.Event{Type: event.ItemUpdated, Item: int64(edited.ID)})
		w.tell(event.Event{Type: event.ItemUpdated, Item: int64(deleted.ID)})
		w.catchUp()
		if got := append(w.candidates("старые"), w.candidates("тайны")...); len(got) != 0 {
			t.Errorf("the index still has %v", got)
		}
		w.expect(w.all, "новый ", int64(edited.ID))
	})
}

func TestMergedContactsTakeTheirItemsAlong(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		winner, loser := w.contact("Сергей", nil), w.contact("Серёжа", nil)
		v := w.conversation(w.open, loser.ID)
		said := []int64{}
		for range 20 {
			said = append(said, int64(w.say(v, "привет").ID))
		}
		slices.Reverse(said)
		w.catchUp()
		of := func(c contact.ID) []int64 {
			return idsOf(w.hits(w.all, search.Query{Text: "привет", Contact: c}))
		}
		if got := of(loser.ID); !slices.Equal(got, said) {
			t.Fatalf("before: %v", got)
		}
		moved, err := w.inbox.Move(t.Context(), w.ws, loser.ID, winner.ID)
		w.do(err)
		loser.MergedInto = winner.ID
		w.do(w.contacts.UpdateContact(t.Context(), loser))
		w.tell(event.Event{Type: event.ContactMerged, Contact: int64(winner.ID), Subject: int64(loser.ID)})
		w.catchUp()
		if got := of(winner.ID); !slices.Equal(got, said) {
			t.Errorf("merged: %v", got)
		}
		w.expect(w.all, "сережа")
		w.do(w.inbox.MoveBack(t.Context(), w.ws, winner.ID, loser.ID, moved))
		loser.MergedInto = 0
		w.do(w.contacts.UpdateContact(t.Context(), loser))
		w.tell(event.Event{Type: event.ContactUnmerged, Contact: int64(winner.ID), Subject: int64(loser.ID)})
		w.catchUp()
		if got := of(winner.ID); len(got) != 0 {
			t.Errorf("taken apart, the winner keeps %v", got)
		}
		if got := of(loser.ID); !slices.Equal(got, said) {
			t.Errorf("taken apart: %v", got)
		}
		w.expect(w.all, "сережа", int64(loser.ID))
	})
}

func TestFiltersPagesAndLimits(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		c := w.contact("Покупатель", nil)
		v := w.conversation(w.open, c.ID)
		start := w.now
		var all []int64
		for n := range 45 {
			w.now = start.AddDate(0, 0, n) // over two months
			i := inbox.Item{Content: channel.Content{Text: "товар в корзине"}, Channel: channel.ID(1 + n%2)}
			all = append(all, int64(w.item(v, i).ID))
		}
		slices.Reverse(all)
		w.catchUp()
		for _, sort := range []search.Sort{search.Newest, search.ByRelevance} {
			var got []int64
			q := search.Query{Text: "товары корзина", Limit: 7, Sort: sort}
			for pages := 0; ; pages++ {
				hits, next, err := w.service.Search(t.Context(), w.all, q)
				w.do(err)
				got = append(got, idsOf(hits)...)
				if next == "" || pages > 10 {
					break
				}
				q.Cursor = next
			}
			if !slices.Equal(got, all) {
				t.Errorf("%s: %d in pages, want %d", sort, len(got), len(all))
			}
		}
		for _, span := range [][2]int{{0, 1}, {3, 4}, {5, 40}, {10, 45}} {
			q := search.Query{Text: "товар", From: start.AddDate(0, 0, span[0]), To: start.AddDate(0, 0, span[1]), Limit: 100}
			if got := len(w.hits(w.all, q)); got != span[1]-span[0] {
				t.Errorf("days %v: %d hits", span, got)
			}
		}
		if got := len(w.hits(w.all, search.Query{Text: "товар", From: start.AddDate(0, 0, 40), Limit: 100})); got != 5 {
			t.Errorf("from day 40: %d", got)
		}
		if got := len(w.hits(w.all, search.Query{Text: "товар", To: start.AddDate(0, 0, 5), Limit: 100})); got != 5 {
			t.Errorf("to day 5: %d", got)
		}
		if got := len(w.hits(w.all, search.Query{Text: "товар", Channel: 2, Limit: 100})); got != 22 {
			t.Errorf("one channel: %d", got)
		}
		for want, q := range map[error]search.Query{
			search.ErrTooLong: {Text: strings.Repeat("я", 501)}, search.ErrTooMany: {Text: strings.Repeat("я ", 40)},
			search.ErrBadKind: {Kind: "call", Text: "я"}, search.ErrBadCursor: {Cursor: "x", Text: "товар"},
			search.ErrBadSort: {Sort: "x", Text: "я"}, search.ErrBadTimes: {From: start, To: start, Text: "я"},
		} {
			if _, _, err := w.service.Search(t.Context(), w.all, q); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		}
	})
}

// TestKilledIndexer: after any number of deaths before and after its commits
// the index is as if there had been none.
func TestKilledIndexer(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		r := rand.New(rand.NewPCG(3, 4))
		index := w.index
		w.search(failing{index, func() (bool, bool) { return r.IntN(12) == 0, r.IntN(12) == 0 }})
		v := w.conversation(w.open, w.contact("Кто-то", nil).ID)
		var want []int64
		var items []inbox.Item
		deaths := 0
		for round := range 12 {
			for range 9 {
				i := w.say(v, "слово раз")
				want, items = append(want, int64(i.ID)), append(items, i)
			}
			gone := r.IntN(len(items))
			items[gone].DeletedAt, items[gone].Content = w.now, channel.Content{}
			w.change(items[gone], false)
			want = slices.DeleteFunc(want, func(id int64) bool { return id == int64(items[gone].ID) })
			if round%2 == 0 {
				v.Inbox = []inbox.ID{w.open, w.closed}[r.IntN(2)]
				w.do(w.inbox.UpdateConversation(t.Context(), v))
				w.tell(event.Event{Type: event.ConversationUpdated, Conversation: int64(v.ID)})
			}
			for err := w.indexer.CatchUp(t.Context()); err != nil; err = w.indexer.CatchUp(t.Context()) {
				if !errors.Is(err, errKilled) {
					t.Fatal(err)
				}
				if deaths++; deaths > 2000 {
					t.Fatal("no progress")
				}
				w.search(w.index) // a new process
			}
			slices.Reverse(want)
			if got := w.candidates("слово"); !slices.Equal(got, want) {
				t.Fatalf("round %d: %d candidates, want %d", round, len(got), len(want))
			}
			if got := w.candidates("слово", filedUnder(v.Inbox)); !slices.Equal(got, want) {
				t.Fatalf("round %d: %d are filed where the conversation is, want %d", round, len(got), len(want))
			}
			slices.Reverse(want)
		}
		if deaths < 10 {
			t.Errorf("only %d deaths", deaths)
		}
	})
}

func TestLostAndForeignIndexesAreMadeAnew(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t, sqlite.Config{}), openLite(t, filepath.Join(t.TempDir(), "search.db")))
	v := w.conversation(w.open, w.contact("Кто-то", nil).ID)
	var want []int64
	for range 30 {
		want = append([]int64{int64(w.say(v, "слово").ID)}, want...)
	}
	w.catchUp()
	check := func(what string) {
		t.Helper()
		w.catchUp()
		if got := w.candidates("слово"); !slices.Equal(got, want) {
			t.Errorf("%s: %d candidates, want %d", what, len(got), len(want))
		}
	}
	check("at first")
	w.search(openLite(t, filepath.Join(t.TempDir(), "search.db")))
	check("lost")
	foreign, _ := search.NewAnalyzer().Document(inbox.Item{
		ID: 1, Workspace: w.ws, Kind: inbox.KindMessage, Content: channel.Content{Text: "слово чужое"},
	}, w.open)
	for what, spoil := range map[string]func(*search.State){
		"ahead of the database":    func(s *search.State) { s.Cursor += 1000 },
		"of another history":       func(s *search.State) { s.Mark = "item.created 1 2 3 4" },
		"made by an older version": func(s *search.State) { s.Version-- },
	} {
		st, _, err := w.index.State(t.Context(), w.ws)
		w.do(err)
		next := st
		spoil(&next)
		w.do(w.index.Apply(t.Context(), search.Batch{Workspace: w.ws, From: &st, To: next, Delete: want[20:], Put: []search.Document{foreign}}))
		w.search(w.index)
		check(what)
	}
	w.do(w.indexer.Rebuild(t.Context()))
	check("rebuilt")

	// Events that nobody has seen are forgotten.
	w.say(v, "слово")
	_, err := w.db.Exec(t.Context(), `DELETE FROM events`)
	w.do(err)
	w.search(w.index)
	w.catchUp()
	if got := w.candidates("слово"); len(got) != 31 {
		t.Errorf("with forgotten events %d are found", len(got))
	}
}

func TestRunIsWoken(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t, sqlite.Config{}), openLite(t, filepath.Join(t.TempDir(), "search.db")))
	w.events = store.NewEvents(w.db, func(int64) { w.indexer.Wake() })
	w.indexer = search.NewIndexer(search.IndexerDeps{
		Index: w.index, Source: searchindex.NewSource(w.db), Events: w.events, Analyzer: search.NewAnalyzer(), Interval: time.Hour,
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.indexer.Run(ctx) }()
	v := w.conversation(w.open, w.contact("Кто-то", nil).ID)
	for _, text := range []string{"первое", "второе"} {
		i := w.say(v, text)
		deadline := time.Now().Add(20 * time.Second)
		for !slices.Equal(w.found(w.all, text), []int64{int64(i.ID)}) {
			if time.Now().After(deadline) {
				t.Fatalf("%q is not found", text)
			}
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
