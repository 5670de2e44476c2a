package httpapi

import (
	"time"

	"github.com/okno-hq/okno/internal/account"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/inbox"
)

// Inbox is a department's queue.
type Inbox struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Color       string   `json:"color"`
	TeamIDs     []string `json:"team_ids" nullable:"false" doc:"Empty: everybody's."`
	Hours       Hours    `json:"hours"`
	OpenNow     bool     `json:"open_now"`
	Routing     Routing  `json:"routing"`
	ReopenHours int      `json:"reopen_hours"`
	Greeting    string   `json:"greeting"`
	AwayMessage string   `json:"away_message"`
	Channels    int      `json:"channels"`
	Open        int      `json:"open" doc:"Conversations to be worked on."`
	Archived    bool     `json:"archived,omitempty" doc:"Put away: what was said in it stays, nothing new begins there."`
}

// Hours are working hours.
type Hours struct {
	Timezone string          `json:"timezone"`
	Always   bool            `json:"always"`
	Week     []inbox.Span    `json:"week" nullable:"false"`
	Holidays []inbox.Holiday `json:"holidays" nullable:"false"`
}

// Routing says who gets a new conversation.
type Routing struct {
	Mode       string `json:"mode" enum:"manual,round_robin,least_busy"`
	Capacity   int    `json:"capacity"`
	OnlyOnline bool   `json:"only_online"`
}

func inboxOf(i inbox.Inbox, now time.Time, load [2]int) Inbox {
	out := Inbox{
		ID: id.Format(i.ID), Name: i.Name, Color: i.Color, TeamIDs: formatIDs(i.Teams), OpenNow: i.Hours.OpenAt(now),
		Hours:       Hours{Timezone: i.Hours.Timezone, Always: i.Hours.Always, Week: i.Hours.Week, Holidays: i.Hours.Holidays},
		Routing:     Routing{Mode: string(i.Routing.Mode), Capacity: i.Routing.Capacity, OnlyOnline: i.Routing.OnlyOnline},
		ReopenHours: int(i.ReopenWithin / time.Hour), Greeting: i.Greeting, AwayMessage: i.Away, Channels: load[0], Open: load[1],
		Archived: !i.ArchivedAt.IsZero(),
	}
	if out.Hours.Week == nil {
		out.Hours.Week = []inbox.Span{}
	}
	if out.Hours.Holidays == nil {
		out.Hours.Holidays = []inbox.Holiday{}
	}
	return out
}

// Health says how a channel is.
type Health struct {
	State         string            `json:"state" enum:"working,degraded,failing,unknown,disabled"`
	Reason        string            `json:"reason,omitempty"`
	Detail        string            `json:"detail,omitempty" doc:"The platform's own words."`
	Since         time.Time         `json:"since"`
	CheckedAt     *time.Time        `json:"checked_at,omitempty"`
	Account       string            `json:"account,omitempty"`
	Pending       int               `json:"pending,omitempty"`
	LastInboundAt *time.Time        `json:"last_inbound_at,omitempty"`
	Facts         map[string]string `json:"facts,omitempty"`
}

// FileLimit bounds one kind of attachment.
type FileLimit struct {
	MaxBytes int64    `json:"max_bytes" doc:"0: no limit known."`
	MIME     []string `json:"mime,omitempty"`
}

// Capabilities say what a channel carries.
type Capabilities struct {
	Text         int                  `json:"text"`
	Caption      int                  `json:"caption"`
	Marks        []string             `json:"marks" nullable:"false" enum:"bold,italic,underline,strike,code,pre,quote,link,spoiler,mention"`
	Attachments  map[string]FileLimit `json:"attachments"`
	Album        int                  `json:"album"`
	AlbumKinds   []string             `json:"album_kinds" nullable:"false" enum:"image,video,audio,voice,document,sticker,animation"`
	Location     bool                 `json:"location"`
	Contact      bool                 `json:"contact"`
	Reply        bool                 `json:"reply"`
	Edit         bool                 `json:"edit"`
	EditWithin   int                  `json:"edit_within,omitempty" doc:"Seconds; absent: any age."`
	Delete       bool                 `json:"delete"`
	DeleteWithin int                  `json:"delete_within,omitempty"`
	React        bool                 `json:"react"`
	Reactions    []string             `json:"reactions,omitempty"`
	Typing       bool                 `json:"typing"`
	MarkRead     bool                 `json:"mark_read"`
	Delivered    bool                 `json:"delivered"`
	Read         bool                 `json:"read"`
	Buttons      ButtonLimit          `json:"buttons"`
	Template     bool                 `json:"template"`
	Window       int                  `json:"window,omitempty" doc:"Seconds after the customer's last message in which free text is allowed."`
	StartFirst   bool                 `json:"start_first"`
}

// ButtonLimit bounds the buttons of a message.
type ButtonLimit struct {
	Max     int      `json:"max"`
	Text    int      `json:"text"`
	Payload int      `json:"payload"`
	Message int      `json:"message,omitempty" doc:"How long the text of a message with buttons may be; absent: as long as without."`
	Kinds   []string `json:"kinds" nullable:"false" enum:"callback,url,request_phone,request_location"`
}

func text[T ~string](v T) string { return string(v) }

func capabilitiesOf(c channel.Capabilities) Capabilities {
	out := Capabilities{
		Text: c.Text, Caption: c.Caption, Marks: all(c.Marks, text), Attachments: map[string]FileLimit{}, Album: c.Album,
		AlbumKinds: all(c.AlbumKinds, text), Location: c.Location, Contact: c.Contact, Reply: c.Reply, Edit: c.Edit,
		EditWithin: int(c.EditWithin.Seconds()), Delete: c.Delete, DeleteWithin: int(c.DeleteWithin.Seconds()), React: c.React,
		Reactions: c.Reactions, Typing: c.Typing, MarkRead: c.MarkRead, Delivered: c.Delivered, Read: c.Read,
		Buttons:  ButtonLimit{Max: c.Buttons.Max, Text: c.Buttons.Text, Payload: c.Buttons.Payload, Message: c.Buttons.Message, Kinds: all(c.Buttons.Kinds, text)},
		Template: c.Template, Window: int(c.Window.Seconds()), StartFirst: c.StartFirst,
	}
	for k, l := range c.Attachments {
		out.Attachments[string(k)] = FileLimit{MaxBytes: l.MaxBytes, MIME: l.MIME}
	}
	return out
}

// Channel is a connected account.
type Channel struct {
	ID           string            `json:"id"`
	Kind         string            `json:"kind"`
	Name         string            `json:"name"`
	InboxID      string            `json:"inbox_id"`
	Enabled      bool              `json:"enabled"`
	Health       Health            `json:"health"`
	Capabilities Capabilities      `json:"capabilities"`
	Settings     map[string]string `json:"settings" doc:"For those who manage channels."`
	SecretsSet   []string          `json:"secrets_set" nullable:"false" doc:"Names of the secrets that have a value; values are never shown."`
	WebhookURL   string            `json:"webhook_url,omitempty"`
	Embed        string            `json:"embed,omitempty" doc:"The line for a website."`
	CreatedAt    time.Time         `json:"created_at"`
}

func (s *Server) channelOf(a account.Account, can channel.Capabilities, full bool) Channel {
	h := a.Health
	out := Channel{
		ID: id.Format(a.ID), Kind: string(a.Kind), Name: a.Name, InboxID: id.Format(a.Inbox), Enabled: a.Enabled,
		Capabilities: capabilitiesOf(can), Settings: map[string]string{}, SecretsSet: []string{}, CreatedAt: stamp(a.CreatedAt),
		Health: Health{
			State: string(h.State), Reason: string(h.Reason), Detail: h.Detail, Since: stamp(h.Since), CheckedAt: when(h.CheckedAt),
			Account: h.Account, Pending: h.Pending, LastInboundAt: when(a.LastInboundAt), Facts: h.Facts,
		},
	}
	if !full {
		return out
	}
	out.Settings = a.Settings
	if out.Settings == nil {
		out.Settings = map[string]string{}
	}
	for name := range a.Secrets {
		out.SecretsSet = append(out.SecretsSet, name)
	}
	out.WebhookURL = s.d.Accounts.HookURL(a)
	if a.Kind == channel.Webchat {
		out.WebhookURL = ""
		out.Embed = `<script src="` + s.d.BaseURL + `/widget.js" data-channel="` + out.ID + `" async></script>`
	}
	return out
}

// Field is one setting of a kind of channel.
type Field struct {
	Name     string   `json:"name"`
	Type     string   `json:"type" enum:"text,url,choice,bool,pem,list"`
	Secret   bool     `json:"secret"`
	Required bool     `json:"required"`
	Advanced bool     `json:"advanced"`
	Default  string   `json:"default,omitempty"`
	Options  []string `json:"options,omitempty"`
}

// ChannelKind is a kind of channel that can be connected.
type ChannelKind struct {
	Kind   string  `json:"kind"`
	Fields []Field `json:"fields" nullable:"false"`
}

func kindOf(f channel.Factory) ChannelKind {
	return ChannelKind{Kind: string(f.Kind()), Fields: all(f.Form().Fields, func(f channel.Field) Field {
		return Field{
			Name: f.Name, Type: string(f.Type), Secret: f.Secret, Required: f.Required, Advanced: f.Advanced, Default: f.Default, Options: f.Options,
		}
	})}
}

// TemplateVariable is one blank of a template.
type TemplateVariable struct {
	Key     string `json:"key"`
	Example string `json:"example"`
}

// TemplateInfo describes a template.
type TemplateInfo struct {
	Name      string             `json:"name"`
	Language  string             `json:"language"`
	Category  string             `json:"category"`
	Status    string             `json:"status"`
	Header    string             `json:"header,omitempty"`
	Body      string             `json:"body"`
	Footer    string             `json:"footer,omitempty"`
	Variables []TemplateVariable `json:"variables" nullable:"false"`
	Buttons   []channel.Button   `json:"buttons" nullable:"false"`
}

func templateOf(t channel.TemplateInfo) TemplateInfo {
	out := TemplateInfo{
		Name: t.Name, Language: t.Language, Category: t.Category, Status: t.Status, Header: t.Header, Body: t.Body, Footer: t.Footer,
		Variables: all(t.Variables, func(v channel.TemplateVariable) TemplateVariable { return TemplateVariable(v) }), Buttons: t.Buttons,
	}
	if out.Buttons == nil {
		out.Buttons = []channel.Button{}
	}
	return out
}

// InboundFailure is an update that could not be shown as it should.
type InboundFailure struct {
	ID         string    `json:"id"`
	ChannelID  string    `json:"channel_id"`
	ReceivedAt time.Time `json:"received_at"`
	State      string    `json:"state" enum:"failed,unsupported"`
	Error      string    `json:"error"`
	Raw        string    `json:"raw"`
}

func failureOf(i inbox.Inbound) InboundFailure {
	state := "failed"
	if i.State == inbox.InboundUnsupported {
		state = "unsupported"
	}
	return InboundFailure{
		ID: id.Format(i.ID), ChannelID: id.Format(i.Channel), ReceivedAt: stamp(i.Raw.ReceivedAt), State: state, Error: i.Error, Raw: string(i.Raw.Body),
	}
}

// CannedReply is a reply kept ready.
type CannedReply struct {
	ID       string   `json:"id"`
	Shortcut string   `json:"shortcut"`
	Title    string   `json:"title"`
	Text     string   `json:"text"`
	InboxID  string   `json:"inbox_id,omitempty"`
	FileIDs  []string `json:"file_ids" nullable:"false"`
	Files    []File   `json:"files" nullable:"false"`
}

func cannedOf(c inbox.Canned) CannedReply {
	return CannedReply{
		ID: id.Format(c.ID), Shortcut: c.Shortcut, Title: c.Title, Text: c.Text, InboxID: ref(c.Inbox), FileIDs: formatIDs(c.Files), Files: all(c.Attached, fileOf),
	}
}

// View is a saved filter.
type View struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Shared   bool   `json:"shared"`
	OwnerID  string `json:"owner_id"`
	Filter   Filter `json:"filter"`
	Position int    `json:"position"`
}

func viewOf(v inbox.View) View {
	return View{ID: id.Format(v.ID), Name: v.Name, Shared: v.Shared, OwnerID: id.Format(v.Owner), Filter: filterOf(v.Filter), Position: v.Position}
}
