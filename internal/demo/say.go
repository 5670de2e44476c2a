package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/inbox"
)

// message is an item with what a line's options add to it.
func (t *talk) message(s step, byAgent bool) entry {
	acc := t.accounts[t.way]
	e := entry{Item: inbox.Item{Kind: inbox.KindMessage, Channel: acc.ID, Chat: t.chat().ID, Content: channel.Content{Text: t.say(s.text, byAgent)}}}
	c := &e.Content
	for _, o := range s.options {
		switch o.key {
		case "location":
			c.Location = t.spot(o.value)
		case "card":
			c.Contacts = []channel.Card{t.card(o.value)}
		case "buttons":
			c.Buttons = rows(o.value)
		case "mark":
			c.Marks = marks(c.Text, o.value)
		case "reply":
			e.ReplyTo = t.lastFrom(inbox.In)
		default:
			if a, ok := t.asset(o); ok {
				e.assets = append(e.assets, a)
			}
		}
	}
	if len(e.assets) > 0 && t.voiceless() && e.assets[0].voice { // the platform keeps voice messages from bots
		c.Text, e.assets = e.assets[0].transcript, nil
	}
	return e
}

func (t *talk) voiceless() bool { return t.accounts[t.way].Kind == channel.MAX }

func rows(names string) [][]channel.Button {
	var row []channel.Button
	for i, n := range strings.Split(names, "|") {
		row = append(row, channel.Button{Kind: channel.ButtonCallback, Text: n, Payload: fmt.Sprintf("slot:%d", i+1)})
	}
	return [][]channel.Button{row}
}

// marks formats a part of a text that is in it: "bold:Мини".
func marks(text, what string) []channel.Mark {
	kind, part, _ := strings.Cut(what, ":")
	before, _, ok := strings.Cut(text, part)
	if !ok || part == "" {
		return nil
	}
	return []channel.Mark{{
		Type: channel.MarkType(kind), Offset: len(utf16.Encode([]rune(before))), Length: len(utf16.Encode([]rune(part))),
	}}
}

func (t *talk) lastFrom(d inbox.Direction) inbox.ItemID {
	for _, e := range slices.Backward(t.entries) {
		if e.Direction == d && e.Kind == inbox.KindMessage && e.Chat == t.chat().ID && e.DeletedAt.IsZero() {
			return e.ID
		}
	}
	return 0
}

// fromCustomer is a line that the customer says or does.
func (t *talk) fromCustomer(s step) {
	if emoji, ok := s.option("react"); ok {
		t.react(emoji)
		return
	}
	if s.has("press") && len(t.buttons) == 0 || s.has("sticker") && t.accounts[t.way].Kind == channel.Webchat {
		return
	}
	t.stir()
	e := t.message(s, false)
	e.Direction, e.Author = inbox.In, inbox.Author{Type: inbox.ByContact, ID: int64(t.who.ID)}
	if s.has("press") {
		b := pick(t.d, t.buttons)
		e.Content.Text, e.Content.Pressed, e.ReplyTo = b.Text, &b, t.lastFrom(inbox.Out)
		t.facts.values["slot"], t.buttons = b.Text, nil
	}
	t.arrive(&e)
	if !slices.Contains(t.Kinds, t.accounts[t.way].Kind) {
		t.Kinds = append(t.Kinds, t.accounts[t.way].Kind)
	}
	last := t.add(e)
	t.Channel, t.LastInbound = last.Channel, last.ID
	if t.WaitingSince.IsZero() {
		t.WaitingSince = last.CreatedAt
	}
	c := t.chat()
	c.LastInboundAt, c.Blocked = last.At, ""
	t.alter(s, last, inbox.ByContact)
	if s.has("card") && len(last.Content.Contacts) > 0 && last.Content.Contacts[0].Own {
		t.story.vouch(t.who, t.clock)
	}
}

// stir wakes or reopens a conversation when the customer writes.
func (t *talk) stir() {
	switch t.Status {
	case inbox.Resolved:
		t.Status, t.ResolvedAt = inbox.Open, time.Time{}
		t.happen(-1, inbox.Happening{Type: "conversation.reopened"})
	case inbox.Snoozed:
		t.Status, t.SnoozedUntil = inbox.Open, time.Time{}
		t.happen(-1, inbox.Happening{Type: "conversation.woken"})
	case inbox.Open, inbox.Pending:
		t.Status = inbox.Open
	}
}

func (t *talk) react(emoji string) {
	last := t.lastFrom(inbox.Out)
	for i := range t.entries {
		if t.entries[i].ID == last {
			t.entries[i].Reactions = []inbox.Reaction{{Emoji: emoji, By: inbox.ByContact}}
		}
	}
}

// fromAgent is a line that the firm says.
func (t *talk) fromAgent(s step) {
	scheduled := s.has("scheduled")
	if scheduled && (t.accounts[t.way].Kind != channel.Webchat || t.now.Sub(t.clock) > 36*time.Hour) {
		return // it went long ago
	}
	e := t.message(s, true)
	e.Direction, e.Author, e.State = inbox.Out, t.author(), t.delivered()
	switch {
	case s.has("device"):
		e.Author = inbox.Author{Type: inbox.ByDevice}
	case s.has("system"):
		e.Author = inbox.Author{Type: inbox.BySystem}
	case scheduled:
		y, m, day := moscow(t.now).Date()
		e.State, e.ScheduledAt = inbox.StateScheduled, time.Date(y, m, day+1, 10, 0, 0, 0, moscow(t.now).Location()).UTC()
	}
	e.ClientID = fmt.Sprintf("demo-%d", t.stamps.at(t.clock))
	t.troubled(s, &e)
	if e.State == inbox.StateSent || e.State == inbox.StateDelivered || e.State == inbox.StateRead {
		t.arrive(&e)
	}
	last := t.add(e)
	if scheduled {
		return
	}
	if len(last.Content.Buttons) > 0 {
		t.buttons = last.Content.Buttons[0]
	}
	if last.Author.Type == inbox.BySystem {
		return
	}
	t.alter(s, last, inbox.ByUser)
	t.answered = true
	t.LastReply, t.WaitingSince = last.ID, time.Time{}
	if t.FirstReplyAt.IsZero() && t.LastInbound != 0 {
		t.FirstReplyAt = last.CreatedAt
	}
	if t.Assignee == 0 {
		t.Assignee = t.people[t.agent].ID
		t.happen(t.agent, inbox.Happening{Type: "conversation.assigned", User: t.Assignee})
	}
}

// delivered is how far a message got on its platform.
func (t *talk) delivered() inbox.ItemState {
	switch t.accounts[t.way].Kind {
	case channel.WhatsApp, channel.Webchat:
		return pick(t.d, []inbox.ItemState{inbox.StateRead, inbox.StateRead, inbox.StateRead, inbox.StateDelivered})
	default: // bots are not told
		return inbox.StateSent
	}
}

// troubled lets a sending fail as the line wants it.
func (t *talk) troubled(s step, e *entry) {
	if reason, ok := s.option("failed"); ok {
		words := map[string]string{"blocked": "Forbidden: bot was blocked by the user", "too_big": "Request Entity Too Large"}
		e.State, e.Reason, e.Detail = inbox.StateFailed, channel.Reason(reason), words[reason]
		e.attempt = inbox.Attempt{Outcome: inbox.OutcomeFailed}
	}
	if s.has("uncertain") {
		e.State, e.Reason = inbox.StateUncertain, channel.ReasonNoAnswer
		e.attempt = inbox.Attempt{Outcome: inbox.OutcomeUncertain}
	}
	if e.attempt.Outcome != "" {
		e.attempt.ID, e.attempt.Reason, e.attempt.Detail = t.stamps.at(t.clock), e.Reason, e.Detail
		e.attempt.StartedAt, e.attempt.FinishedAt = t.clock.UTC(), t.clock.Add(30*time.Second).UTC()
	}
}

// alter edits or takes back what was just said.
func (t *talk) alter(s step, e *entry, by inbox.AuthorType) {
	before, edited := s.option("edit")
	if !edited && !s.has("deleted") {
		return
	}
	at := t.clock.Add(45 * time.Second).UTC()
	if at.After(t.now) {
		return
	}
	edition := inbox.Edition{At: at, Content: e.Content}
	if edited {
		edition.Content.Text = t.say(before, true)
		e.EditedAt = at
	} else {
		e.Content, e.DeletedAt, e.DeletedBy = channel.Content{}, at, by
		t.Preview = inbox.PreviewOf(e.Item)
	}
	e.editions, e.editionID = append(e.editions, edition), append(e.editionID, t.stamps.at(at))
	t.clock = at
}

// arrive gives a message the platform's ids.
func (t *talk) arrive(e *entry) {
	n := max(1, len(e.assets))
	for range n {
		t.who.told++
		e.externals = append(e.externals, t.external(e.Direction))
	}
	e.External = e.externals[0]
	if n > 1 {
		e.Album = fmt.Sprintf("album-%s", e.External)
	}
}

func (t *talk) external(dir inbox.Direction) string {
	n := t.who.told
	switch t.accounts[t.way].Kind {
	case channel.WhatsApp:
		return fmt.Sprintf("wamid.DEMO%s%04d", t.chat().Key, n)
	case channel.MAX:
		return fmt.Sprintf("mid.%016x%08x", t.chat().ID, n)
	case channel.Webchat:
		if dir == inbox.Out {
			return fmt.Sprintf("out.demo%d.%d", t.chat().ID, n)
		}
		return fmt.Sprintf("%s.demo%06d", t.chat().Key, n)
	default:
		return fmt.Sprint(n)
	}
}
