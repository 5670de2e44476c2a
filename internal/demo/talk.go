package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/inbox"
)

// talk plays one scene between a customer and the firm, keeping the
// conversation as the inbox package would have.
type talk struct {
	*story
	scene scene
	who   *customer
	*thread
	facts *facts
	agent int
	box   int
	way   int // the place of the channel
	clock time.Time
	// calm says that it is long over: nobody waits for an answer any more.
	calm bool
	// buttons are the last ones shown, asked says where.
	buttons  []channel.Button
	answered bool
	whole    bool // it must be played to its end
}

// cutFresh is the share of lately begun dialogues that are not at their end.
const cutFresh = 0.72

// play plays the scene and returns the conversation.
func (t *talk) play() *thread {
	cut := len(t.scene.steps)
	switch age := t.now.Sub(t.clock); {
	case t.whole:
	case age < 60*time.Hour && t.d.chance(cutFresh):
		cut = t.d.between(1, max(1, len(t.scene.steps)-2))
	case age < 14*24*time.Hour && t.d.chance(0.07):
		cut = max(1, len(t.scene.steps)-1)
	default:
		t.calm = age > 5*24*time.Hour
	}
	for i, s := range t.scene.steps {
		if i >= cut || !t.step(i, s) {
			break
		}
	}
	t.end()
	return t.thread
}

// step plays one line; false ends the dialogue, because the present is
// reached.
func (t *talk) step(i int, s step) bool {
	if s.has("rare") && t.d.chance(0.8) {
		return true
	}
	was := t.clock
	if i > 0 {
		t.clock = t.clock.Add(t.pause(s))
	}
	if s.who != '<' {
		t.clock = t.d.answerAt(t.clock)
	}
	if !t.clock.Before(t.now.Add(-time.Minute)) {
		t.clock = was
		return false
	}
	switch s.who {
	case '<':
		t.fromCustomer(s)
		if i == 0 {
			t.handOut()
		}
	case '>':
		t.fromAgent(s)
	case '!':
		t.note(s)
	case '=':
		t.turn(s)
	}
	return true
}

// pause is how long until a line is said.
func (t *talk) pause(s step) time.Duration {
	if v, ok := s.option("wait"); ok {
		var n int
		var unit string
		if _, err := fmt.Sscanf(v, "%d%s", &n, &unit); err == nil {
			d := time.Duration(n) * map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[unit]
			return d + time.Duration(t.d.IntN(int(d/4)+1))
		}
	}
	seconds := t.d.between(25, 400)
	if s.who == '>' && !t.answered {
		seconds = t.d.between(40, 1500)
	}
	if s.who == '!' || s.who == '=' {
		seconds = t.d.between(15, 90)
	}
	return time.Duration(seconds)*time.Second + time.Duration(t.d.IntN(1000))*time.Millisecond
}

// handOut is what routing does with a new conversation, two times in three.
func (t *talk) handOut() {
	if t.d.chance(0.66) {
		t.Assignee = t.people[t.agent].ID
		t.happen(-1, inbox.Happening{Type: "conversation.assigned", User: t.Assignee, Data: map[string]string{"by": "routing"}})
	}
	if home := t.homeOf(t.way); home != t.box {
		// He wrote to the other department's channel.
		t.clock = t.clock.Add(time.Duration(t.d.between(30, 200)) * time.Second)
		t.happen(t.agentOf(home), inbox.Happening{Type: "conversation.inbox_changed", Data: map[string]string{
			"inbox_id": fmt.Sprint(int64(t.inboxes[t.box].ID)), "inbox": t.inboxes[t.box].Name,
		}})
	}
}

// turn is a line that says what happened.
func (t *talk) turn(s step) {
	switch s.text {
	case "resolved":
		t.Status, t.ResolvedAt, t.WaitingSince = inbox.Resolved, t.clock.UTC(), time.Time{}
		t.happen(t.agent, inbox.Happening{Type: "conversation.resolved"})
	case "started":
		t.who.Source = pick(t.d, []string{"instagram", "qr-vitrina", "yandex-direct", "vk-promo"})
		t.happen(-1, inbox.Happening{Type: "contact.started", Data: map[string]string{"channel": t.accounts[t.way].Name, "payload": t.who.Source}})
		t.Channel = t.accounts[t.way].ID
	case "team":
		t.Team = t.teams[2].ID
		t.happen(t.agent, inbox.Happening{Type: "conversation.team_changed", Data: map[string]string{"team_id": fmt.Sprint(int64(t.Team))}})
	case "moved":
		t.happen(t.agent, inbox.Happening{Type: "conversation.unassigned"})
		t.Assignee = 0
	case "handover":
		from := t.agent
		for t.agent == from {
			t.agent = pick(t.d, []int{mikhail, timur, elena})
		}
		t.Assignee = t.people[t.agent].ID
		t.happen(from, inbox.Happening{Type: "conversation.assigned", User: t.Assignee})
		t.tell(inbox.NotifyAssigned, t.agent, from, t.Preview.Text)
	case "blocked":
		t.chat().Blocked = channel.ReasonBlocked
		t.happen(-1, inbox.Happening{Type: "contact.blocked", Data: map[string]string{"channel": t.accounts[t.way].Name, "reason": string(channel.ReasonBlocked)}})
	case "snoozed":
		t.snooze()
	case "later":
		// After some days he may write from elsewhere.
		for _, w := range t.who.ways {
			if w != t.way && t.homeOf(w) == t.homeOf(t.way) {
				t.way = w
				return
			}
		}
	}
}

// snooze puts the conversation off: for days yet to come, or for days that
// are over.
func (t *talk) snooze() {
	until := t.clock.Add(time.Duration(t.d.between(2, 6)) * 24 * time.Hour)
	t.Status, t.SnoozedUntil = inbox.Snoozed, until.UTC()
	t.happen(t.agent, inbox.Happening{Type: "conversation.snoozed", Data: map[string]string{"until": until.UTC().Format(time.RFC3339)}})
	if until.After(t.now) {
		return
	}
	t.clock, t.Status, t.SnoozedUntil = until, inbox.Open, time.Time{}
	t.happen(-1, inbox.Happening{Type: "conversation.woken"})
	t.fromAgent(step{who: '>', text: "{$machine} {снова в наличии|приехала}! {Отложить для вас?|Ждём вас.|Оформить доставку?}"})
	t.Status, t.ResolvedAt = inbox.Resolved, t.clock.UTC()
	t.happen(t.agent, inbox.Happening{Type: "conversation.resolved"})
}

// end leaves the conversation as it stands now.
func (t *talk) end() {
	waits := !t.WaitingSince.IsZero()
	switch {
	case t.Status == inbox.Resolved || t.Status == inbox.Snoozed:
	case t.calm:
		t.clock = t.clock.Add(time.Duration(t.d.between(3, 40)) * time.Minute)
		t.Status, t.ResolvedAt, t.WaitingSince = inbox.Resolved, t.clock.UTC(), time.Time{}
		t.happen(t.agent, inbox.Happening{Type: "conversation.resolved"})
	case !waits && t.d.chance(0.45):
		t.Status = inbox.Pending
	}
	if waits && t.Status == inbox.Open && t.Assignee != 0 && t.d.chance(0.2) {
		t.drafts = append(t.drafts, draft{t.Assignee, inbox.Draft{
			Text: pick(t.d, []string{"Добрый день! Сейчас проверю на складе и", "Здравствуйте! Да, конечно,", "Уточнила у мастера:"}), Channel: t.Channel, UpdatedAt: t.clock.UTC(),
		}})
	}
	t.markRead(waits)
	// Who has something open does not begin another conversation.
	t.who.free = time.Time{}
	if t.Status == inbox.Resolved {
		t.who.free = t.clock
	}
	t.who.LastSeenAt = t.LastAt
}

func (t *talk) markRead(waits bool) {
	last := t.LastItem
	for _, place := range []int{anna, mikhail, darya, timur, elena} {
		u := t.people[place].ID
		mine := u == t.Assignee
		switch {
		case waits && t.Status != inbox.Resolved && (!mine || t.d.chance(0.65)):
			if mine && t.LastReply != 0 {
				t.reads = append(t.reads, read{u, t.LastReply})
			}
		case mine || slices.ContainsFunc(t.entries, func(e entry) bool { return e.Author == (inbox.Author{Type: inbox.ByUser, ID: int64(u)}) }):
			t.reads = append(t.reads, read{u, last})
		}
	}
}

// happen puts an event on the timeline; by is an employee's place, or -1.
func (t *talk) happen(by int, h inbox.Happening) {
	author := inbox.Author{Type: inbox.BySystem}
	if by >= 0 {
		author = inbox.Author{Type: inbox.ByUser, ID: int64(t.people[by].ID)}
	}
	t.clock = t.clock.Add(250 * time.Millisecond)
	t.add(entry{Item: inbox.Item{Kind: inbox.KindEvent, Author: author, Event: &h}})
}

// add puts an item at the end of the timeline and moves the conversation on.
func (t *talk) add(e entry) *entry {
	t.clock = t.clock.Truncate(time.Millisecond) // as finely as ids tell
	at := t.clock.UTC()
	e.ID, e.Workspace, e.Conversation, e.Contact = inbox.ItemID(t.stamps.at(at)), t.Workspace, t.ID, t.who.ID
	e.At, e.CreatedAt, e.HasFiles = at, at, len(e.assets) > 0
	for i := range e.assets {
		e.assets[i].id = inbox.FileID(t.stamps.at(at))
	}
	t.entries = append(t.entries, e)
	if e.State != inbox.StateScheduled {
		t.LastItem = e.ID
		if e.Kind != inbox.KindEvent {
			t.LastAt, t.shown = at, len(t.entries)-1
			t.Preview = inbox.PreviewOf(e.Item)
		}
	}
	return &t.entries[len(t.entries)-1]
}

// tell notes that somebody is to hear of something.
func (t *talk) tell(k inbox.NotificationKind, to, by int, text string) {
	n := news{Notification: inbox.Notification{
		ID: inbox.NotificationID(t.stamps.at(t.clock)), Workspace: t.Workspace, User: t.people[to].ID, Kind: k, Conversation: t.ID,
		Item: t.LastItem, By: t.people[by].ID, Text: text, At: t.clock.UTC(),
	}}
	if t.now.Sub(t.clock) > 30*time.Hour {
		n.seen = t.clock.Add(20 * time.Minute).UTC()
	}
	t.news = append(t.news, n)
}

// note is a remark for colleagues. It may begin with whom it is for.
func (t *talk) note(s step) {
	text, to := s.text, -1
	for role, places := range map[string][]int{"{@supervisor}": {mikhail, anna}, "{@agent}": {elena, timur}} {
		if rest, ok := strings.CutPrefix(text, role); ok {
			text, to = rest, places[0]
			if to == t.agent { // nobody calls himself
				to = places[1]
			}
		}
	}
	text = t.say(strings.TrimSpace(text), true)
	e := entry{Item: inbox.Item{Kind: inbox.KindNote, Author: t.author(), Content: channel.Content{Text: text}}}
	if to >= 0 {
		e.Content.Text = "@" + t.people[to].Name + " " + text
		e.Mentions = []access.UserID{t.people[to].ID}
	}
	t.add(e)
	if to >= 0 {
		t.tell(inbox.NotifyMention, to, t.agent, e.Content.Text)
	}
}

func (t *talk) author() inbox.Author {
	return inbox.Author{Type: inbox.ByUser, ID: int64(t.people[t.agent].ID)}
}

// say fills a line's blanks.
func (t *talk) say(template string, byAgent bool) string {
	text := t.d.spin(template, func(name string) string { return t.facts.values[name] }, phrases(byAgent))
	if byAgent {
		return text
	}
	return t.d.casual(text)
}
