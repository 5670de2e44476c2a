package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/demo/art"
	"github.com/okno-hq/okno/internal/inbox"
)

// How much there is: conversations over three months, those of the last day
// and a half besides, and contacts who only stand in the address book.
const (
	talks     = 540
	freshOnes = 34
	listed    = 28
	// returning is the share of conversations that a known customer begins.
	returning = 0.36
	mostPairs = 12
	mostHints = 8
)

// story makes the firm's three months up.
type story struct {
	world
	d      dice
	now    time.Time
	stamps *stamps
	cast   *cast
	paint  *art.Painter
	scenes []scene
	played map[contact.ID]map[string]bool
}

// invent makes the whole world up for a seed and a present.
func invent(seed uint64, now time.Time) (*world, error) {
	if err := checkClock(now); err != nil {
		return nil, err
	}
	list, err := scenes()
	if err != nil {
		return nil, err
	}
	paint, err := art.NewPainter()
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	d := newDice(seed)
	s := &story{
		d: d, now: now, stamps: newStamps(), cast: newCast(d), paint: paint, scenes: list, played: map[contact.ID]map[string]bool{},
	}
	s.company = founding(now, s.stamps)
	s.portraits()
	s.addressBook()
	times := moments(d, now, talks, freshOnes)
	for i, at := range times {
		role := part{}
		if left := len(times) - 1 - i; left < 2*len(staged()) && left%2 == 0 {
			role = staged()[left/2]
		}
		s.converse(at, role)
	}
	return &s.world, nil
}

// part is a scene that must be played, and where.
type part struct {
	scene string
	way   int
}

// staged are the scenes of the last hours, so that whatever the dice say the
// newcomer finds one of each there.
func staged() []part {
	return []part{
		{"leak", byWhatsApp},
		{"machine", byWebchat},
		{"tasting", byTelegram},
		{"complaint", byWhatsApp},
		{"office", byWebchat},
		{"album", byTelegram},
		{"warranty", byMAX},
		{"scheduled", byWebchat},
		{"voice-order", byTelegram},
		{"phone-share", byTelegram},
		{"handover", byWhatsApp},
		{"gift", byWebchat},
		{"scheduled", byWebchat},
		{"parts", byWhatsApp},
		{"grind", byTelegram},
	}
}

func (s *story) kind(way int) channel.Kind { return s.accounts[way].Kind }

// homeOf is the department that a channel belongs to.
func (s *story) homeOf(way int) int {
	if s.accounts[way].Inbox == s.inboxes[sales].ID {
		return sales
	}
	return support
}

func (s *story) agentOf(box int) int {
	if box == sales {
		return pick(s.d, []int{darya, darya, timur, timur, anna})
	}
	return pick(s.d, []int{elena, elena, timur, timur, mikhail})
}

// converse plays one conversation from its beginning.
func (s *story) converse(at time.Time, role part) {
	who := s.somebody(at, role)
	way := who.ways[0]
	if role.scene == "" && len(who.ways) > 1 && s.d.chance(0.3) {
		way = who.ways[1]
	}
	sc := s.choose(who, way, role)
	box := support
	if sc.sales {
		box = sales
	}
	t := &talk{story: s, scene: sc, who: who, thread: &thread{}, agent: s.agentOf(box), box: box, way: way, clock: at, whole: role.scene == "scheduled"}
	t.facts = s.d.facts(who.who, s.people[t.agent], at)
	t.Conversation = inbox.Conversation{
		ID: inbox.ConversationID(s.stamps.at(at)), Workspace: int64(s.workspace.ID), Inbox: s.inboxes[box].ID, Contact: who.Contact.ID,
		Status: inbox.Open, Channel: s.accounts[way].ID, Kinds: []channel.Kind{s.kind(way)}, CreatedAt: at.UTC(), LastAt: at.UTC(),
	}
	t.chat()
	s.threads = append(s.threads, t.play())
	for _, c := range who.chats {
		if slices.ContainsFunc(t.entries, func(e entry) bool { return e.Chat == c.ID }) || c.Conversation == 0 {
			c.Conversation = t.ID
		}
	}
	s.know(t)
}

// choose picks a scene that fits the customer and his channel, another one
// than before.
func (s *story) choose(who *customer, way int, role part) scene {
	weights := make([]int, len(s.scenes))
	for i, sc := range s.scenes {
		switch {
		case role.scene != "":
			if sc.name == role.scene {
				weights[i] = 1
			}
		case sc.english != who.english || !sc.on(s.kind(way)) || s.played[who.Contact.ID][sc.name]:
		case sc.sales == (s.homeOf(way) == sales):
			weights[i] = sc.weight * 7
		default:
			weights[i] = sc.weight
		}
	}
	if !slices.ContainsFunc(weights, func(w int) bool { return w > 0 }) { // he has been through them all
		delete(s.played, who.Contact.ID)
		return s.choose(who, way, role)
	}
	sc := s.scenes[s.d.weighted(weights)]
	if s.played[who.Contact.ID] == nil {
		s.played[who.Contact.ID] = map[string]bool{}
	}
	s.played[who.Contact.ID][sc.name] = true
	return sc
}

// somebody is who begins a conversation: a new customer, or a known one whose
// last conversation has ended.
func (s *story) somebody(at time.Time, role part) *customer {
	if role.scene == "" && s.d.chance(returning) {
		for range 12 {
			c := pick(s.d, s.customers)
			if len(c.ways) > 0 && !c.free.IsZero() && at.Sub(c.free) > 6*24*time.Hour {
				return c
			}
		}
	}
	if role.scene != "" {
		return s.customer(s.cast.next(false), at, []int{role.way})
	}
	if len(s.customers) > 80 && len(s.merges) < mostPairs && s.d.chance(0.06) {
		if twin := s.twin(at); twin != nil {
			return twin
		}
	}
	return s.customer(s.cast.next(s.d.chance(0.07)), at, s.waysAt(at))
}

// waysAt are the channels of a new customer. The MAX bot is new.
func (s *story) waysAt(at time.Time) []int {
	weights := []int{38, 34, 0, 24}
	if s.now.Sub(at) < 40*24*time.Hour {
		weights[byMAX] = 16
	}
	way := s.d.weighted(weights)
	if !s.d.chance(0.16) {
		return []int{way}
	}
	other := []int{byTelegram: byWebchat, byWhatsApp: byTelegram, byMAX: byWhatsApp, byWebchat: byTelegram}[way]
	return []int{way, other}
}

// twin is a known customer who writes from elsewhere and is not recognised.
func (s *story) twin(at time.Time) *customer {
	first := pick(s.d, s.customers)
	if first.paired || len(first.ways) != 1 || at.Sub(first.free) < 24*time.Hour || first.free.IsZero() {
		return nil
	}
	p := first.who
	p.shown = p.first + " " + p.last
	c := s.customer(p, at, []int{[]int{byTelegram: byWhatsApp, byWhatsApp: byTelegram, byMAX: byTelegram, byWebchat: byWhatsApp}[first.ways[0]]})
	first.ways, first.paired, c.paired = nil, true, true // the first one writes from the new place from now on
	if len(s.hints) < mostHints && (len(s.merges)+len(s.hints))%3 == 1 {
		s.hints = append(s.hints, contact.Suggestion{
			ID: contact.SuggestionID(s.stamps.at(at)), A: min(first.Contact.ID, c.Contact.ID), B: max(first.Contact.ID, c.Contact.ID),
			Reason: contact.SimilarName, Detail: p.first + " " + p.last, Score: 60,
		})
	} else {
		s.merges = append(s.merges, [2]contact.ID{first.Contact.ID, c.Contact.ID})
	}
	return c
}

// know keeps what a conversation taught of the customer.
func (s *story) know(t *talk) {
	c := t.who
	tags := map[string]string{"wholesale": "Опт", "warranty": "Гарантия", "complaint": "Жалоба", "gift": "Подарок", "office": "Офис"}
	if name, ok := tags[t.scene.name]; ok {
		c.mark(s.tag(name))
	}
	if t.scene.english {
		c.mark(s.tag("English"))
	}
	if len(s.played[c.Contact.ID]) > 2 {
		c.mark(s.tag("Постоянный клиент"))
	}
	switch t.scene.name {
	case "wholesale":
		c.Company, c.Fields["wholesale"] = "Кофейня «"+t.facts.values["cafe"]+"»", true
		c.Fields["site"] = "https://" + strings.ReplaceAll(translit(t.facts.values["cafe"]), " ", "-") + ".example"
	case "office", "voice-order", "reopen":
		c.Company = t.facts.values["company"]
		c.company = c.Company
	case "machine", "leak", "warranty":
		c.Fields["machine"] = t.facts.machine.name
	}
	if s.d.chance(0.12) {
		by := s.people[t.agent]
		c.notes = append(c.notes, contact.Note{
			ID: contact.NoteID(s.stamps.at(t.clock)), Contact: c.Contact.ID, Author: int64(by.ID), CreatedAt: t.clock.UTC(),
			Text: pick(s.d, []string{"Просит звонить после 18:00.", "Пьёт без молока, любит светлую обжарку.", "Офис на третьем этаже, лифта нет.", "Всегда платит по счёту, бухгалтер Нина.", "Второй адрес — дача в Тарусе.", "Обещали скидку 5 % на следующий заказ.", "Любит, когда отвечают голосовыми."}),
		})
	}
}

func (c *customer) mark(t contact.TagID) {
	if !slices.Contains(c.Tags, t) {
		c.Tags = append(c.Tags, t)
	}
}
