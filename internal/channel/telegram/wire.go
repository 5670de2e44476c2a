package telegram

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

// The parts of the platform's types that we understand. Every field may be
// missing or of another type: see lenient.

type user struct {
	ID        int64  `json:"id"`
	IsBot     bool   `json:"is_bot"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Username  string `json:"username"`
	Language  string `json:"language_code"`
}

func (u *user) name() string { return strings.TrimSpace(u.FirstName + " " + u.LastName) }

func (u *user) person() channel.Person {
	if u == nil || u.ID == 0 {
		return channel.Person{}
	}
	return channel.Person{ID: strconv.FormatInt(u.ID, 10), Name: u.name(), Username: u.Username, Language: u.Language, Bot: u.IsBot}
}

type chat struct {
	ID        int64  `json:"id"`
	Type      string `json:"type"`
	Title     string `json:"title"`
	Username  string `json:"username"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Direct    bool   `json:"is_direct_messages"`
}

func (c *chat) name() string {
	if c.Title != "" {
		return c.Title
	}
	return strings.TrimSpace(c.FirstName + " " + c.LastName)
}

// person is the chat as the one who speaks: the other side of a private chat,
// or a channel that writes in its own name.
func (c *chat) person() channel.Person {
	if c == nil || c.ID == 0 {
		return channel.Person{}
	}
	return channel.Person{ID: strconv.FormatInt(c.ID, 10), Name: c.name(), Username: c.Username}
}

func (c *chat) private() bool { return c.Type == "private" || c.Type == "" && c.ID > 0 }

type entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	URL    string `json:"url,omitempty"`
	User   *user  `json:"user,omitempty"`
}

// media is any kind of file.
type media struct {
	FileID   string  `json:"file_id"`
	UniqueID string  `json:"file_unique_id"`
	Name     string  `json:"file_name"`
	MIME     string  `json:"mime_type"`
	Size     int64   `json:"file_size"`
	Width    int     `json:"width"`
	Height   int     `json:"height"`
	Length   int     `json:"length"` // of a video note
	Duration float64 `json:"duration"`
	Title    string  `json:"title"`
	Emoji    string  `json:"emoji"`
	Animated bool    `json:"is_animated"`
	Video    bool    `json:"is_video"`
}

type location struct {
	Latitude   float64 `json:"latitude"`
	Longitude  float64 `json:"longitude"`
	LivePeriod int     `json:"live_period"`
}

type contact struct {
	Phone     string `json:"phone_number"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	UserID    int64  `json:"user_id"`
	VCard     string `json:"vcard"`
}

type origin struct {
	SenderUser     *user  `json:"sender_user"`
	SenderUserName string `json:"sender_user_name"`
	SenderChat     *chat  `json:"sender_chat"`
	Chat           *chat  `json:"chat"`
}

type keyboard struct {
	Rows [][]struct {
		Text string `json:"text"`
		Data string `json:"callback_data"`
	} `json:"inline_keyboard"`
}

type message struct {
	ID          int64 `json:"message_id"`
	ThreadID    int64 `json:"message_thread_id"`
	InTopic     bool  `json:"is_topic_message"`
	DirectTopic *struct {
		ID   int64 `json:"topic_id"`
		User *user `json:"user"`
	} `json:"direct_messages_topic"`
	From        *user    `json:"from"`
	SenderChat  *chat    `json:"sender_chat"`
	BusinessBot *user    `json:"sender_business_bot"`
	Connection  string   `json:"business_connection_id"`
	Date        int64    `json:"date"`
	EditDate    int64    `json:"edit_date"`
	Chat        *chat    `json:"chat"`
	Origin      *origin  `json:"forward_origin"`
	ReplyTo     *message `json:"reply_to_message"`
	Quote       *struct {
		Text string `json:"text"`
	} `json:"quote"`
	Album           string   `json:"media_group_id"`
	Text            string   `json:"text"`
	Entities        []entity `json:"entities"`
	Caption         string   `json:"caption"`
	CaptionEntities []entity `json:"caption_entities"`

	Animation *media   `json:"animation"`
	Audio     *media   `json:"audio"`
	Document  *media   `json:"document"`
	LivePhoto *media   `json:"live_photo"`
	Photo     []media  `json:"photo"`
	Sticker   *media   `json:"sticker"`
	Video     *media   `json:"video"`
	VideoNote *media   `json:"video_note"`
	Voice     *media   `json:"voice"`
	Contact   *contact `json:"contact"`
	Dice      *struct {
		Emoji string `json:"emoji"`
		Value int    `json:"value"`
	} `json:"dice"`
	Location *location `json:"location"`
	Venue    *struct {
		Location location `json:"location"`
		Title    string   `json:"title"`
		Address  string   `json:"address"`
	} `json:"venue"`
	TopicCreated *json.RawMessage `json:"forum_topic_created"`
	MigrateTo    int64            `json:"migrate_to_chat_id"`
	MigrateFrom  int64            `json:"migrate_from_chat_id"`
	Left         *user            `json:"left_chat_member"`
	Markup       *keyboard        `json:"reply_markup"`
}

// lenient decodes as much as has the expected types; it fails on what is no
// JSON object at all.
func lenient(raw json.RawMessage, v any) error {
	err := json.Unmarshal(raw, v)
	if _, mismatch := errors.AsType[*json.UnmarshalTypeError](err); mismatch {
		return nil
	}
	return err //nolint:wrapcheck // only whether it failed matters
}

// seconds is a moment of the platform, zero for none or nonsense.
func seconds(unix int64) time.Time {
	if unix <= 0 || unix > 1<<40 {
		return time.Time{}
	}
	return time.Unix(unix, 0).UTC()
}
