package httpapi

import (
	"strconv"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/inbox"
)

// Preview is the last thing that happened in a conversation.
type Preview struct {
	Kind       string    `json:"kind" enum:"message,note,event,call,voicemail,none"`
	Direction  string    `json:"direction" enum:"in,out,"`
	Text       string    `json:"text"`
	Attachment string    `json:"attachment,omitempty" enum:"image,video,audio,voice,document,sticker,animation"`
	Duration   float64   `json:"duration,omitempty" doc:"Seconds."`
	AuthorID   string    `json:"author_id,omitempty"`
	State      string    `json:"state,omitempty" enum:"scheduled,queued,sending,sent,delivered,read,failed,uncertain,cancelled"`
	At         time.Time `json:"at"`
}

// ContactBrief is a contact in a list.
type ContactBrief struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	AvatarURL string `json:"avatar_url,omitempty"`
	Color     int    `json:"color"`
	Company   string `json:"company,omitempty"`
	Blocked   bool   `json:"blocked,omitempty"`
}

func briefOf(c contact.Contact) ContactBrief {
	return ContactBrief{
		ID: id.Format(c.ID), Name: c.Name, AvatarURL: fileURL(c.AvatarFile, true), Color: c.ID.Color(), Company: c.Company, Blocked: c.Blocked,
	}
}

// Conversation is one piece of work with one contact.
type Conversation struct {
	ID            string       `json:"id"`
	InboxID       string       `json:"inbox_id"`
	Contact       ContactBrief `json:"contact"`
	Status        string       `json:"status" enum:"open,pending,snoozed,resolved"`
	AssigneeID    string       `json:"assignee_id,omitempty"`
	TeamID        string       `json:"team_id,omitempty"`
	SnoozedUntil  *time.Time   `json:"snoozed_until,omitempty"`
	WaitingSince  *time.Time   `json:"waiting_since,omitempty"`
	Preview       Preview      `json:"preview"`
	ChannelID     string       `json:"channel_id,omitempty" doc:"Of the customer's last message."`
	ChannelKinds  []string     `json:"channel_kinds" nullable:"false"`
	Unread        int          `json:"unread" doc:"What nobody answered and you have not seen; at most 100."`
	Mentioned     bool         `json:"mentioned"`
	HasDraft      bool         `json:"has_draft"`
	DraftText     string       `json:"draft_text,omitempty" doc:"How your draft begins."`
	Group         bool         `json:"group"`
	Title         string       `json:"title,omitempty"`
	TagIDs        []string     `json:"tag_ids" nullable:"false" doc:"The contact's."`
	CreatedAt     time.Time    `json:"created_at"`
	LastAt        time.Time    `json:"last_at"`
	ResolvedAt    *time.Time   `json:"resolved_at,omitempty"`
	FirstUnreadID string       `json:"first_unread_id,omitempty"`
}

func conversationOf(c inbox.Conversation, who contact.Contact) Conversation {
	p := c.Preview
	kind := string(p.Kind)
	if kind == "" {
		kind = "none"
	}
	at := p.At
	if at.IsZero() {
		at = c.LastAt
	}
	return Conversation{
		ID: id.Format(c.ID), InboxID: id.Format(c.Inbox), Contact: briefOf(who), Status: string(c.Status), AssigneeID: ref(c.Assignee),
		TeamID: ref(c.Team), SnoozedUntil: when(c.SnoozedUntil), WaitingSince: when(c.WaitingSince), ChannelID: ref(c.Channel),
		ChannelKinds: all(c.Kinds, text), Unread: c.Unread, Mentioned: c.Mentioned, HasDraft: c.HasDraft, DraftText: c.DraftText, Group: c.Group, Title: c.Title,
		TagIDs: formatIDs(who.Tags), CreatedAt: stamp(c.CreatedAt), LastAt: stamp(c.LastAt), ResolvedAt: when(c.ResolvedAt),
		FirstUnreadID: ref(c.FirstUnread),
		Preview: Preview{
			Kind: kind, Direction: string(p.Direction), Text: p.Text, Attachment: string(p.Attachment), Duration: p.Duration.Seconds(),
			AuthorID: ref(p.Author), State: string(p.State), At: stamp(at),
		},
	}
}

// Counts are the numbers beside the tabs, each at most 1,000.
type Counts struct {
	Mine       int            `json:"mine"`
	Unassigned int            `json:"unassigned"`
	All        int            `json:"all"`
	Mentions   int            `json:"mentions"`
	Unread     int            `json:"unread"`
	ByView     map[string]int `json:"by_view"`
}

// Filter says which conversations a list shows.
type Filter struct {
	Scope       string `json:"scope,omitempty" query:"scope" enum:"mine,unassigned,all,mentions"`
	Status      string `json:"status,omitempty" query:"status" enum:"active,any,open,pending,snoozed,resolved"`
	InboxID     string `json:"inbox_id,omitempty" query:"inbox_id"`
	ChannelKind string `json:"channel_kind,omitempty" query:"channel_kind"`
	TeamID      string `json:"team_id,omitempty" query:"team_id"`
	AssigneeID  string `json:"assignee_id,omitempty" query:"assignee_id"`
	TagID       string `json:"tag_id,omitempty" query:"tag_id"`
	Unread      bool   `json:"unread,omitempty" query:"unread"`
	Waiting     bool   `json:"waiting,omitempty" query:"waiting"`
	Sort        string `json:"sort,omitempty" query:"sort" enum:"recent,waiting"`
}

func (f Filter) parse() (inbox.Filter, error) {
	out := inbox.Filter{
		Scope: inbox.Scope(f.Scope), Status: inbox.StatusFilter(f.Status), Kind: channel.Kind(f.ChannelKind), Unread: f.Unread,
		Waiting: f.Waiting, Sort: inbox.Sort(f.Sort),
	}
	var err error
	if out.Inbox, err = optional[inbox.ID]("inbox_id", f.InboxID); err != nil {
		return out, err
	}
	if out.Team, err = optional[access.TeamID]("team_id", f.TeamID); err != nil {
		return out, err
	}
	if out.Assignee, err = optional[access.UserID]("assignee_id", f.AssigneeID); err != nil {
		return out, err
	}
	out.Tag, err = optional[contact.TagID]("tag_id", f.TagID)
	return out, err
}

func filterOf(f inbox.Filter) Filter {
	return Filter{
		Scope: string(f.Scope), Status: string(f.Status), InboxID: ref(f.Inbox), ChannelKind: string(f.Kind), TeamID: ref(f.Team),
		AssigneeID: ref(f.Assignee), TagID: ref(f.Tag), Unread: f.Unread, Waiting: f.Waiting, Sort: string(f.Sort),
	}
}

// Target is one way to reach a contact.
type Target struct {
	ChannelID    string       `json:"channel_id"`
	ChatID       string       `json:"chat_id,omitempty"`
	Kind         string       `json:"kind"`
	Name         string       `json:"name"`
	To           string       `json:"to"`
	Available    bool         `json:"available"`
	Reason       string       `json:"reason,omitempty"`
	WindowUntil  *time.Time   `json:"window_until,omitempty"`
	TemplateOnly bool         `json:"template_only"`
	Default      bool         `json:"default"`
	LastAt       *time.Time   `json:"last_at,omitempty"`
	Capabilities Capabilities `json:"capabilities"`
}

func targetOf(t inbox.Target) Target {
	return Target{
		ChannelID: id.Format(t.Account.ID), ChatID: ref(t.Chat.ID), Kind: string(t.Account.Kind), Name: t.Account.Name, To: t.To,
		Available: t.Reason == "", Reason: string(t.Reason), WindowUntil: when(t.WindowUntil), TemplateOnly: t.TemplateOnly,
		Default: t.Default, LastAt: when(t.Chat.LastInboundAt), Capabilities: capabilitiesOf(t.Capabilities),
	}
}

// Draft is what a person has begun to write.
type Draft struct {
	Text      string     `json:"text"`
	ChannelID string     `json:"channel_id,omitempty"`
	Note      bool       `json:"note,omitempty"`
	ReplyTo   string     `json:"reply_to,omitempty"`
	FileIDs   []string   `json:"file_ids,omitempty"`
	UpdatedAt *time.Time `json:"updated_at,omitempty"`
}

// File is a file of an item, or one uploaded.
type File struct {
	ID          string  `json:"id"`
	Kind        string  `json:"kind" enum:"image,video,audio,voice,document,sticker,animation"`
	Name        string  `json:"name"`
	MIME        string  `json:"mime"`
	Size        int64   `json:"size"`
	Duration    float64 `json:"duration,omitempty" doc:"Seconds."`
	Width       int     `json:"width,omitempty"`
	Height      int     `json:"height,omitempty"`
	Peaks       []int   `json:"peaks,omitempty" doc:"The waveform, 0 to 255."`
	Emoji       string  `json:"emoji,omitempty"`
	Transcript  string  `json:"transcript,omitempty"`
	State       string  `json:"state" enum:"pending,ready,failed,expired"`
	Reason      string  `json:"reason,omitempty"`
	URL         string  `json:"url,omitempty"`
	ThumbURL    string  `json:"thumb_url,omitempty"`
	DownloadURL string  `json:"download_url,omitempty"`
}

// fileURL is where a file's bytes are; empty for no file.
func fileURL(file int64, thumb bool) string {
	if file == 0 {
		return ""
	}
	what := "content"
	if thumb {
		what = "thumb"
	}
	return "/api/v1/files/" + strconv.FormatInt(file, 10) + "/" + what
}

func fileOf(f inbox.File) File {
	out := File{
		ID: id.Format(f.ID), Kind: string(f.Kind), Name: f.Name, MIME: f.MIME, Size: f.Size, Duration: f.Duration.Seconds(),
		Width: f.Width, Height: f.Height, Emoji: f.Emoji, Transcript: f.Transcript, State: string(f.State), Reason: string(f.Reason),
		Peaks: all(f.Peaks, func(b byte) int { return int(b) }),
	}
	if f.State == inbox.FileReady {
		out.URL = fileURL(int64(f.ID), false)
		out.DownloadURL = out.URL + "?download=1"
		if f.ThumbKey != "" {
			out.ThumbURL = fileURL(int64(f.ID), true)
		}
	}
	return out
}

// Content is what a message says.
type Content struct {
	Text        string             `json:"text,omitempty"`
	Marks       []channel.Mark     `json:"marks,omitempty" doc:"Formatting; offsets in UTF-16 code units."`
	Location    *channel.Location  `json:"location,omitempty"`
	Contacts    []channel.Card     `json:"contacts,omitempty"`
	Buttons     [][]channel.Button `json:"buttons,omitempty"`
	Template    *channel.Template  `json:"template,omitempty"`
	Pressed     *channel.Button    `json:"pressed,omitempty" doc:"The button of ours that was pressed."`
	Unsupported string             `json:"unsupported,omitempty" doc:"The platform's type that cannot be shown."`
	Forwarded   string             `json:"forwarded,omitempty"`
}

func contentOf(c channel.Content) Content {
	return Content{
		Text: c.Text, Marks: c.Marks, Location: c.Location, Contacts: c.Contacts, Buttons: c.Buttons, Template: c.Template,
		Pressed: c.Pressed, Unsupported: c.Unsupported, Forwarded: c.Forwarded,
	}
}

func (c Content) parse() channel.Content {
	return channel.Content{Text: c.Text, Marks: c.Marks, Location: c.Location, Contacts: c.Contacts, Buttons: c.Buttons, Template: c.Template}
}

// Author says who said it.
type Author struct {
	Type string `json:"type" enum:"user,contact,system,device"`
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
}

// ReplyTo is what an item answers.
type ReplyTo struct {
	ItemID string `json:"item_id,omitempty"`
	Author string `json:"author,omitempty"`
	Text   string `json:"text"`
	Kind   string `json:"kind,omitempty" enum:"image,video,audio,voice,document,sticker,animation"`
}

// Reaction is an emoji on an item.
type Reaction struct {
	Emoji  string `json:"emoji"`
	By     string `json:"by" enum:"contact,user"`
	UserID string `json:"user_id,omitempty"`
}

// ItemEvent is what an item of kind event tells.
type ItemEvent struct {
	Type   string            `json:"type"`
	UserID string            `json:"user_id,omitempty"`
	Data   map[string]string `json:"data"`
}

// Item is one thing on the timeline.
type Item struct {
	ID             string     `json:"id"`
	Place          string     `json:"place,omitempty" doc:"Where it stands on the timeline, among ids; absent: at its own. What was sent later than it was written stands where it was sent."`
	ConversationID string     `json:"conversation_id"`
	ContactID      string     `json:"contact_id"`
	Kind           string     `json:"kind" enum:"message,note,event,call,voicemail"`
	Direction      string     `json:"direction" enum:"in,out,"`
	ChannelID      string     `json:"channel_id,omitempty"`
	ChatID         string     `json:"chat_id,omitempty"`
	Author         Author     `json:"author"`
	At             time.Time  `json:"at"`
	Content        Content    `json:"content"`
	Files          []File     `json:"files" nullable:"false"`
	ReplyTo        *ReplyTo   `json:"reply_to,omitempty"`
	Album          string     `json:"album,omitempty"`
	State          string     `json:"state,omitempty" enum:"scheduled,queued,sending,sent,delivered,read,failed,uncertain,cancelled"`
	Reason         string     `json:"reason,omitempty"`
	Detail         string     `json:"detail,omitempty"`
	ScheduledAt    *time.Time `json:"scheduled_at,omitempty"`
	RetryAt        *time.Time `json:"retry_at,omitempty"`
	EditedAt       *time.Time `json:"edited_at,omitempty"`
	DeletedAt      *time.Time `json:"deleted_at,omitempty"`
	DeletedBy      string     `json:"deleted_by,omitempty" enum:"contact,user"`
	Reactions      []Reaction `json:"reactions" nullable:"false"`
	Mentions       []string   `json:"mentions,omitempty"`
	ClientID       string     `json:"client_id,omitempty"`
	Event          *ItemEvent `json:"event,omitempty"`
}

// names gives people and contacts their names on the timeline.
type names struct {
	users    map[access.UserID]string
	contacts map[contact.ID]string
}

func (n names) author(a inbox.Author) Author {
	out := Author{Type: string(a.Type), ID: ref(a.ID)}
	switch a.Type {
	case inbox.ByUser:
		out.Name = n.users[access.UserID(a.ID)]
	case inbox.ByContact:
		out.Name = n.contacts[contact.ID(a.ID)]
	case inbox.BySystem, inbox.ByDevice:
	}
	return out
}

func (n names) item(i inbox.Item, replies map[inbox.ItemID]inbox.Item) Item {
	out := Item{
		ID: id.Format(i.ID), ConversationID: id.Format(i.Conversation),
		ContactID: id.Format(i.Contact), Kind: string(i.Kind),
		Direction: string(i.Direction), ChannelID: ref(i.Channel), ChatID: ref(i.Chat), Author: n.author(i.Author), At: stamp(i.At),
		Content: contentOf(i.Content), Files: all(i.Files, fileOf), Album: i.Album, State: string(i.State), Reason: string(i.Reason),
		Detail: i.Detail, ScheduledAt: when(i.ScheduledAt), RetryAt: when(i.RetryAt), EditedAt: when(i.EditedAt), DeletedAt: when(i.DeletedAt),
		DeletedBy: string(i.DeletedBy), Mentions: formatIDs(i.Mentions), ClientID: i.ClientID,
		Reactions: all(i.Reactions, func(r inbox.Reaction) Reaction { return Reaction{r.Emoji, string(r.By), ref(r.User)} }),
	}
	if i.Place != i.ID {
		out.Place = ref(i.Place)
	}
	if !i.DeletedAt.IsZero() {
		out.Files = []File{}
	}
	if i.Event != nil {
		out.Event = &ItemEvent{Type: i.Event.Type, UserID: ref(i.Event.User), Data: i.Event.Data}
		if out.Event.Data == nil {
			out.Event.Data = map[string]string{}
		}
	}
	if to, ok := replies[i.ReplyTo]; ok {
		out.ReplyTo = &ReplyTo{ItemID: id.Format(to.ID), Author: n.author(to.Author).Name, Text: inbox.PreviewOf(to).Text}
		if len(to.Files) > 0 {
			out.ReplyTo.Kind = string(to.Files[0].Kind)
		}
	} else if i.ReplyExternal != "" || i.ReplyTo != 0 {
		out.ReplyTo = &ReplyTo{ItemID: ref(i.ReplyTo), Text: i.ReplyText}
	}
	return out
}

// Slice is a part of a timeline, the oldest item first.
type Slice struct {
	Items     []Item `json:"items" nullable:"false"`
	HasBefore bool   `json:"has_before"`
	HasAfter  bool   `json:"has_after"`
}

// Edition is what an item said before.
type Edition struct {
	At      time.Time `json:"at"`
	Content Content   `json:"content"`
}
