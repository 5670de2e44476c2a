package telegram

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// Limits of the platform: https://core.telegram.org/bots/api
const (
	maxText     = 4096
	maxCaption  = 1024
	maxCallback = 64 // bytes
	maxAlbum    = 10
	deletable   = 48 * time.Hour
	answerable  = 24 * time.Hour // of business chats
)

type handler func(*request, *args) (any, *apiError)

// methods are those that the stand-in has.
func (s *Server) methods() map[string]handler {
	file := func(kind string) handler {
		return func(r *request, a *args) (any, *apiError) { return s.sendFile(r, a, kind) }
	}
	return map[string]handler{
		"getMe":                  func(*request, *args) (any, *apiError) { return s.me(), nil },
		"setWebhook":             s.setWebhookMethod,
		"deleteWebhook":          s.deleteWebhook,
		"getWebhookInfo":         s.webhookInfo,
		"sendMessage":            s.sendMessage,
		"sendPhoto":              file("photo"),
		"sendDocument":           file("document"),
		"sendVideo":              file("video"),
		"sendAudio":              file("audio"),
		"sendVoice":              file("voice"),
		"sendAnimation":          file("animation"),
		"sendSticker":            file("sticker"),
		"sendMediaGroup":         s.sendMediaGroup,
		"sendLocation":           s.sendLocation,
		"sendVenue":              s.sendLocation,
		"sendContact":            s.sendContact,
		"sendChatAction":         s.sendChatAction,
		"editMessageText":        s.editMessage,
		"editMessageCaption":     s.editMessage,
		"editMessageReplyMarkup": s.editMessage,
		"deleteMessage":          s.deleteMessage,
		"deleteMessages":         s.deleteMessages,
		"setMessageReaction":     s.setReaction,
		"answerCallbackQuery":    s.answerPress,
		"getFile":                func(_ *request, a *args) (any, *apiError) { return s.getFile(a.FileID) },
		"getUserProfilePhotos":   s.profilePhotos,
		"getChat":                s.getChat,
		"readBusinessMessage":    s.readBusiness,
		"deleteBusinessMessages": s.deleteBusiness,
		"getBusinessConnection":  s.getConnection,
		"setMyCommands":          func(*request, *args) (any, *apiError) { return true, nil },
		"getMyName":              func(*request, *args) (any, *apiError) { return m{"name": s.cfg.BotName}, nil },
	}
}

// post stores a message of the bot and returns it as the answer.
func (s *Server) post(a *args, p place, kind string, parts m) (any, *apiError) {
	msg, e := s.write(a, p, kind, parts)
	if e != nil {
		return nil, e
	}
	return msg.body, nil
}

func (s *Server) write(a *args, p place, kind string, parts m) (*Message, *apiError) {
	inline, keyboard, e := checkMarkup(a)
	if e != nil {
		return nil, e
	}
	if inline != nil {
		parts["reply_markup"] = inline
	}
	from := s.bot()
	if p.conn != "" {
		from = s.who(s.connections[p.conn].OwnerID).user()
		parts["sender_business_bot"] = s.bot()
	}
	reply := 0
	if a.Reply != nil && a.Reply.MessageID != 0 {
		to := s.find(p.conn, p.chat, int(a.Reply.MessageID))
		switch {
		case to == nil && !bool(a.Reply.AllowWithout):
			return nil, badRequest("message to be replied not found")
		case to != nil && a.Reply.Quote != "" && !strings.Contains(to.Text, a.Reply.Quote):
			return nil, badRequest("QUOTE_TEXT_INVALID")
		case to != nil:
			parts["reply_to_message"] = to.quoted()
			reply = to.ID
			if a.Reply.Quote != "" {
				parts["quote"] = m{"text": a.Reply.Quote, "position": strings.Index(to.Text, a.Reply.Quote)}
			}
		}
	}
	msg := s.store(p, from, kind, parts)
	msg.Bot, msg.ReplyTo, msg.Keyboard = true, reply, keyboard
	if a.Reply != nil && reply != 0 {
		msg.Quote = a.Reply.Quote
	}
	album, _ := parts["media_group_id"].(string)
	customer := p.chat
	if p.direct {
		customer = int64(p.topic)
	}
	s.record(&Entry{
		Direction: "out", ID: strconv.Itoa(msg.ID), Chat: msg.Chat, Customer: strconv.FormatInt(customer, 10), Type: kind, Text: msg.Text,
		ReplyTo: nonzero(reply), Album: album, Order: msg.Order, At: msg.At, Delivered: true,
	})
	if p.conn != "" && !s.connections[p.conn].Silent {
		s.emit("business_message", p.lane(), msg.body, nil)
	}
	return msg, nil
}

// checkMarkup splits reply_markup into the inline keyboard, which is part of
// the message, and the reply keyboard, which is not.
func checkMarkup(a *args) (inline any, keyboard json.RawMessage, e *apiError) {
	if len(a.Markup) == 0 || string(a.Markup) == "null" {
		return nil, nil, nil
	}
	raw := a.Markup
	var text string
	if json.Unmarshal(raw, &text) == nil { // from a form, unchecked
		raw = json.RawMessage(text)
	}
	var kb struct {
		Inline [][]struct {
			Text, URL string
			Data      string `json:"callback_data"`
		} `json:"inline_keyboard"`
	}
	if err := json.Unmarshal(raw, &kb); err != nil {
		return nil, nil, badRequest("can't parse reply keyboard markup JSON object")
	}
	if kb.Inline == nil {
		if a.Business != "" {
			return nil, nil, badRequest("BUSINESS_REPLY_MARKUP_INVALID")
		}
		return nil, raw, nil
	}
	total := 0
	for _, row := range kb.Inline {
		for _, b := range row {
			total++
			switch {
			case strings.TrimSpace(b.Text) == "":
				return nil, nil, badRequest("text buttons are unallowed in the inline keyboard")
			case len(b.Data) > maxCallback, b.Data == "" && b.URL == "":
				return nil, nil, badRequest("BUTTON_DATA_INVALID")
			case b.URL != "" && !strings.HasPrefix(b.URL, "http://") && !strings.HasPrefix(b.URL, "https://") && !strings.HasPrefix(b.URL, "tg://"):
				return nil, nil, badRequest("inline keyboard button URL '%s' is invalid: Wrong HTTP URL", b.URL)
			}
		}
	}
	if total > 100 {
		return nil, nil, badRequest("REPLY_MARKUP_TOO_LONG")
	}
	return raw, nil, nil
}

func units(text string) int { return len(utf16.Encode([]rune(text))) }

// checkText applies the limits of texts and notes entities that the platform
// would cut or drop.
func (s *Server) checkText(text string, entities []Entity, limit int) *apiError {
	n := units(text)
	if n > limit {
		if limit == maxCaption {
			return badRequest("message caption is too long")
		}
		return badRequest("message is too long")
	}
	encoded := utf16.Encode([]rune(text))
	low := func(i int) bool { return i < n && encoded[i] >= 0xDC00 && encoded[i] <= 0xDFFF }
	for _, e := range entities {
		switch {
		case e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > n:
			s.Violate("entity %s at %d+%d outside of a text of %d units", e.Type, e.Offset, e.Length, n)
			return badRequest("ENTITY_BOUNDS_INVALID")
		case low(e.Offset) || low(e.Offset+e.Length):
			s.Violate("entity %s at %d+%d cuts a character", e.Type, e.Offset, e.Length)
		}
	}
	return nil
}

func (s *Server) sendMessage(_ *request, a *args) (any, *apiError) {
	p, e := s.target(a)
	if e == nil {
		e = s.checkText(a.Text, a.Entities, maxText)
	}
	if e == nil && strings.TrimSpace(a.Text) == "" {
		e = badRequest("message text is empty")
	}
	if e == nil {
		e = s.limit(p, 1)
	}
	if e != nil {
		return nil, e
	}
	parts := m{"text": a.Text}
	if len(a.Entities) > 0 {
		parts["entities"] = a.Entities
	}
	return s.post(a, p, "text", parts)
}

func (s *Server) sendFile(r *request, a *args, kind string) (any, *apiError) {
	p, e := s.target(a)
	if e == nil {
		e = s.checkText(a.Caption, a.CaptionMarks, maxCaption)
	}
	if e == nil {
		e = s.limit(p, 1)
	}
	if e != nil {
		return nil, e
	}
	f, kind, e := s.take(r, r.params[kind], kind, int(a.Duration))
	if e != nil {
		return nil, e
	}
	parts := m{kind: s.describe(f)}
	if kind == "animation" {
		parts["document"] = m{"file_id": f.id, "file_unique_id": f.unique, "file_size": f.size(), "mime_type": f.MIME, "file_name": f.Name}
	}
	set(parts, "caption", a.Caption)
	if len(a.CaptionMarks) > 0 {
		parts["caption_entities"] = a.CaptionMarks
	}
	return s.post(a, p, kind, parts)
}

// take stores an upload, or finds a file sent before, and says as what kind
// the platform would show it.
func (s *Server) take(r *request, value any, kind string, duration int) (*file, string, *apiError) {
	up, ok := value.(upload)
	if ref, isText := value.(string); isText {
		name, attached := strings.CutPrefix(ref, "attach://")
		switch known, found := s.files[ref]; {
		case attached:
			if up, ok = r.files[name]; !ok {
				return nil, "", badRequest("can't find file attach://%s", name)
			}
		case found:
			return known, kind, nil
		case strings.Contains(ref, "://"):
			s.Violate("%s: a file by its URL, not uploaded", r.method)
			return nil, "", badRequest("failed to get HTTP URL content")
		default:
			return nil, "", badRequest("wrong remote file identifier specified: Wrong string length")
		}
	}
	if !ok && up.Data == nil {
		return nil, "", badRequest("there is no %s in the request", kind)
	}
	size := int64(len(up.Data))
	switch {
	case size == 0:
		return nil, "", badRequest("file must be non-empty")
	case size > s.cfg.MaxUpload:
		return nil, "", refuse(http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	case kind == "photo" && size > s.cfg.MaxPhoto:
		return nil, "", badRequest("file is too big")
	case kind == "photo" && !strings.HasPrefix(http.DetectContentType(up.Data), "image/"):
		return nil, "", badRequest("IMAGE_PROCESS_FAILED")
	case kind == "voice" && !voiceLike(up.Data):
		kind = "document" // as the platform does
	}
	f := File{Kind: kind, Name: up.Name, MIME: up.MIME, Data: up.Data, Duration: duration}
	return s.keep(folder(kind), f.withDefaults()), kind, nil
}

// voiceLike accepts Ogg with Opus, MP3 and MPEG-4.
func voiceLike(data []byte) bool {
	head := data[:min(len(data), 64)]
	return bytes.HasPrefix(head, []byte("OggS")) && bytes.Contains(head, []byte("OpusHead")) ||
		bytes.HasPrefix(head, []byte("ID3")) || bytes.HasPrefix(head, []byte{0xFF, 0xFB}) || len(head) > 8 && string(head[4:8]) == "ftyp"
}

func (s *Server) sendMediaGroup(r *request, a *args) (any, *apiError) {
	p, e := s.target(a)
	if e == nil && (len(a.Media) < 2 || len(a.Media) > maxAlbum) {
		e = badRequest("expected 2 to %d media in the group", maxAlbum)
	}
	if e == nil {
		e = s.limit(p, len(a.Media))
	}
	if e != nil {
		return nil, e
	}
	mixed := func(t string) bool { return t == "photo" || t == "video" }
	var taken []*file
	for _, item := range a.Media {
		if item.Type != a.Media[0].Type && (!mixed(item.Type) || !mixed(a.Media[0].Type)) {
			return nil, badRequest("can't mix %s and %s in an album", a.Media[0].Type, item.Type)
		}
		if e := s.checkText(item.Caption, item.Entities, maxCaption); e != nil {
			return nil, e
		}
		f, _, e := s.take(r, item.Media, item.Type, int(item.Duration))
		if e != nil {
			return nil, e
		}
		taken = append(taken, f)
	}
	s.seq++
	album := fmt.Sprint(13000000000000000 + s.seq)
	var out []any
	for i, item := range a.Media {
		parts := m{item.Type: s.describe(taken[i]), "media_group_id": album}
		set(parts, "caption", item.Caption)
		if len(item.Entities) > 0 {
			parts["caption_entities"] = item.Entities
		}
		msg, e := s.write(a, p, item.Type, parts)
		if e != nil {
			return nil, e
		}
		out = append(out, msg.body)
	}
	return out, nil
}

func (s *Server) sendLocation(r *request, a *args) (any, *apiError) {
	p, e := s.target(a)
	if e == nil {
		e = s.limit(p, 1)
	}
	if e != nil {
		return nil, e
	}
	location := m{"latitude": a.Latitude, "longitude": a.Longitude}
	if lat, err := a.Latitude.Float64(); err != nil || lat < -90 || lat > 90 {
		return nil, badRequest("wrong latitude")
	}
	if r.method == "sendLocation" {
		if a.LivePeriod > 0 {
			location["live_period"] = int64(a.LivePeriod)
		}
		return s.post(a, p, "location", m{"location": location})
	}
	return s.post(a, p, "venue", m{"location": location, "venue": m{"location": location, "title": a.Title, "address": a.Address}})
}

func (s *Server) sendContact(_ *request, a *args) (any, *apiError) {
	p, e := s.target(a)
	if e == nil {
		e = s.limit(p, 1)
	}
	if e == nil && strings.TrimSpace(a.Phone) == "" {
		e = badRequest("phone number is empty")
	}
	if e != nil {
		return nil, e
	}
	contact := m{"phone_number": a.Phone, "first_name": a.FirstName}
	set(contact, "last_name", a.LastName)
	set(contact, "vcard", a.VCard)
	return s.post(a, p, "contact", m{"contact": contact})
}

func (s *Server) sendChatAction(_ *request, a *args) (any, *apiError) {
	p, e := s.target(a)
	if e != nil {
		return nil, e
	}
	switch a.Action {
	case "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document", "choose_sticker", "find_location":
	default:
		return nil, badRequest("wrong parameter action in request")
	}
	s.Count("action:" + p.key() + ":" + a.Action)
	return true, nil
}
