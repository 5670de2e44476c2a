package telegram

import (
	"fmt"
	"strconv"
	"strings"
)

// chatRef is a chat as Okno's key names it:
//
//	501              a person
//	501:7            a topic of the chat with a person
//	bc:<conn>:601    a person who writes to a business account
//	-100123          a group
//	-100123:7        a topic in it
//	-100123:dm:601   a person's direct messages to a channel
type chatRef struct {
	conn   string
	id     int64
	topic  int64
	direct bool
}

// businessPrefix begins the keys of business chats; without a chat it names
// the whole connection.
const businessPrefix = "bc:"

func (c chatRef) key() string {
	id := strconv.FormatInt(c.id, 10)
	switch {
	case c.conn != "":
		return businessPrefix + c.conn + ":" + id
	case c.direct:
		return id + ":dm:" + strconv.FormatInt(c.topic, 10)
	case c.topic != 0:
		return id + ":" + strconv.FormatInt(c.topic, 10)
	}
	return id
}

// lane is the key without the topic: what the platform limits and orders by.
func (c chatRef) lane() string {
	if c.conn != "" {
		return c.key()
	}
	return strconv.FormatInt(c.id, 10)
}

func parseChat(key string) (chatRef, error) {
	bad := func() (chatRef, error) { return chatRef{}, fmt.Errorf("telegram: malformed chat key") }
	if rest, ok := strings.CutPrefix(key, businessPrefix); ok {
		at := strings.LastIndexByte(rest, ':')
		if at <= 0 {
			return bad()
		}
		id, err := strconv.ParseInt(rest[at+1:], 10, 64)
		if err != nil || id == 0 {
			return bad()
		}
		return chatRef{conn: rest[:at], id: id}, nil
	}
	parts := strings.Split(key, ":")
	id, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || id == 0 {
		return bad()
	}
	c := chatRef{id: id}
	switch {
	case len(parts) == 1:
		return c, nil
	case len(parts) == 3 && parts[1] == "dm":
		c.direct = true
	case len(parts) != 2:
		return bad()
	}
	if c.topic, err = strconv.ParseInt(parts[len(parts)-1], 10, 64); err != nil || c.topic == 0 {
		return bad()
	}
	return c, nil
}

// params begins the parameters of a method that acts in the chat.
func (c chatRef) params() map[string]any {
	p := map[string]any{"chat_id": c.id}
	switch {
	case c.conn != "":
		p["business_connection_id"] = c.conn
	case c.direct:
		p["direct_messages_topic_id"] = c.topic
	case c.topic != 0:
		p["message_thread_id"] = c.topic
	}
	return p
}

// target begins the parameters of a method that acts on a message: there the
// topic has no place.
func (c chatRef) target(messageID int64) map[string]any {
	p := map[string]any{"chat_id": c.id, "message_id": messageID}
	if c.conn != "" {
		p["business_connection_id"] = c.conn
	}
	return p
}

func messageID(external string) (int64, error) {
	id, err := strconv.ParseInt(external, 10, 64)
	if err != nil || id <= 0 {
		return 0, fmt.Errorf("telegram: malformed message id")
	}
	return id, nil
}
