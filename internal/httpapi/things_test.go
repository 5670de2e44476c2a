package httpapi_test

import (
	"strconv"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
)

func (s *stage) number(kind string) int64 {
	s.t.Helper()
	n, err := strconv.ParseInt(s.ids[kind], 10, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *stage) workspace() int64 {
	s.t.Helper()
	w, err := s.app.Access.FirstWorkspace(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return int64(w.ID)
}

// chat makes the chat of a customer who wrote on the channel, so that he can
// be answered.
func (s *stage) chat() {
	s.t.Helper()
	c := inbox.Chat{
		ID: inbox.ChatID(s.app.NewID()), Workspace: s.workspace(), Channel: channel.ID(s.number("channel")), Key: "visitor", Recipient: "visitor",
		Contact: contact.ID(s.number("contact")), Conversation: inbox.ConversationID(s.number("conversation")), LastInboundAt: time.Now(), CreatedAt: time.Now(),
	}
	if err := s.app.Stores.Inbox.CreateChat(s.t.Context(), c); err != nil {
		s.t.Fatal(err)
	}
	s.ids["chat"] = strconv.FormatInt(int64(c.ID), 10)
}

// message makes a message of the agent's that got as far as a state.
func (s *stage) message(state inbox.ItemState) string {
	s.t.Helper()
	i := inbox.Item{
		ID: inbox.ItemID(s.app.NewID()), Workspace: s.workspace(), Conversation: inbox.ConversationID(s.number("conversation")),
		Contact: contact.ID(s.number("contact")), Channel: channel.ID(s.number("channel")), Chat: inbox.ChatID(s.number("chat")),
		Kind: inbox.KindMessage, Direction: inbox.Out, Author: inbox.Author{Type: inbox.ByUser, ID: s.number("agent")},
		Content: channel.Content{Text: "ответ"}, State: state, At: time.Now(), CreatedAt: time.Now(), ScheduledAt: time.Now().Add(time.Hour),
	}
	if err := s.app.Stores.Inbox.CreateItem(s.t.Context(), i, nil); err != nil {
		s.t.Fatal(err)
	}
	return strconv.FormatInt(int64(i.ID), 10)
}

// unfetched makes a customer's file that could not be fetched.
func (s *stage) unfetched() string {
	s.t.Helper()
	f := inbox.File{
		ID: inbox.FileID(s.app.NewID()), Workspace: s.workspace(), Item: inbox.ItemID(s.number("item")), Kind: channel.Document, Name: "x",
		Channel: channel.ID(s.number("channel")), Ref: "ref", State: inbox.FileFailed, CreatedAt: time.Now(), User: access.UserID(0),
	}
	if err := s.app.Stores.Inbox.CreateFile(s.t.Context(), f); err != nil {
		s.t.Fatal(err)
	}
	return strconv.FormatInt(int64(f.ID), 10)
}

// suggestion makes two people of one name and returns the first with the
// suggestion that they are one.
func (s *stage) suggestion() (who, suggestion string) {
	s.t.Helper()
	s.made++
	name := object{"name": "Ирина Тёзка " + strconv.Itoa(s.made)}
	who = s.make("/contacts", name)
	s.make("/contacts", name)
	var list struct{ Items []struct{ ID string } }
	s.get("/contacts/"+who+"/suggestions", &list)
	if len(list.Items) != 1 {
		s.t.Fatalf("%d suggestions", len(list.Items))
	}
	return who, list.Items[0].ID
}
