package fault_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"
)

// rates say how many take part.
type rates struct {
	customers int // of each platform
	agents    int
}

// The paces of one platform's customers together and of one agent.
const (
	customerPace = 60 * time.Millisecond
	agentPace    = 250 * time.Millisecond
)

// load is customers and agents at work.
type load struct {
	stop chan struct{}
	once sync.Once
	wg   sync.WaitGroup
}

// end lets everybody finish what he is doing and go.
func (l *load) end() {
	l.once.Do(func() { close(l.stop) })
	l.wg.Wait()
}

// begin lets people work until the load's end.
func (w *world) begin(r rates) *load {
	l := &load{stop: make(chan struct{})}
	w.t.Cleanup(l.end)
	for i, p := range w.platforms {
		dice := rand.New(rand.NewPCG(w.seed, uint64(100+i))) //nolint:gosec // no secret
		last := map[int]string{}                             // message ids by customer
		l.each(customerPace, func() { w.customer(p, dice.IntN(r.customers), dice, last) })
	}
	for n := range r.agents {
		a := &agent{world: w, client: w.agents[n], number: n, of: r.agents, dice: rand.New(rand.NewPCG(w.seed, uint64(200+n)))} //nolint:gosec // no secret
		l.each(agentPace, func() { a.reply(l.stop) })
	}
	return l
}

func (l *load) each(pace time.Duration, do func()) {
	l.wg.Go(func() {
		tick := time.NewTicker(pace)
		defer tick.Stop()
		for {
			select {
			case <-l.stop:
				return
			case <-tick.C:
				do()
			}
		}
	})
}

// customer lets one customer do something: mostly write.
func (w *world) customer(p platform, who int, dice *rand.Rand, last map[int]string) {
	id := fmt.Sprintf("%s/%d", p.kind(), who)
	w.mu.Lock()
	n := w.next[id]
	w.mu.Unlock()
	var err error
	switch roll := dice.IntN(20); {
	case roll == 0 && last[who] != "":
		k := key(p.kind(), who, n)
		text := k + " исправлено"
		var told bool
		if told, err = p.edit(who, last[who], text); told && err == nil {
			w.mu.Lock()
			w.edited[k] = text
			w.mu.Unlock()
		}
	case roll == 1:
		err = w.repeat(p, dice)
	default:
		n++
		k := key(p.kind(), who, n)
		picked := roll < 4
		w.mu.Lock()
		w.next[id], w.shown[k] = n, picked
		w.mu.Unlock()
		if picked {
			last[who], err = p.show(who, k+" вот картинка", picture(w.t, n))
		} else {
			last[who], err = p.say(who, k+" здравствуйте, когда привезут заказ?")
		}
	}
	if err != nil {
		w.t.Errorf("%s: %v", p.kind(), err)
	}
}

// repeat lets the platform deliver again what we have taken already.
func (w *world) repeat(p platform, dice *rand.Rand) error {
	lines := p.ledger()
	for range 5 {
		if len(lines) == 0 {
			return nil
		}
		if l := lines[dice.IntN(len(lines))]; l.in && l.acked {
			return p.again(l)
		}
	}
	return nil
}

// agent replies to conversations of his own share, so that the order of the
// replies in a chat is his.
type agent struct {
	*world
	client     *client
	number, of int
	dice       *rand.Rand
	mine       []string
	listed     time.Time
	sent       int
}

func (a *agent) share() {
	var page struct{ Items []struct{ ID string } }
	if err := a.client.do("GET", "/conversations?status=any&limit=200", nil, &page); err != nil {
		return // the server is away; the next time
	}
	a.mine, a.listed = nil, time.Now()
	for _, c := range page.Items {
		h := fnv.New32a()
		_, _ = h.Write([]byte(c.ID)) // never fails
		if int(h.Sum32())%a.of == a.number {
			a.mine = append(a.mine, c.ID)
		}
	}
}

// reply writes one message and asks until it is accepted: always with the same
// client id, so that it is one message however often that takes.
func (a *agent) reply(stop <-chan struct{}) {
	if time.Since(a.listed) > 2*time.Second {
		a.share()
	}
	if len(a.mine) == 0 {
		return
	}
	a.sent++
	conversation := a.mine[a.dice.IntN(len(a.mine))]
	k := key("agent", a.number, a.sent)
	letter := object{"client_id": k, "content": object{"text": k + " добрый день, уже в пути"}}
	withPicture := a.dice.IntN(8) == 0
	patience := time.Minute
	for begun := time.Now(); time.Since(begun) < patience; {
		var err error
		if withPicture && letter["file_ids"] == nil {
			var f string
			if f, err = a.client.upload(picture(a.t, a.sent)); err == nil {
				letter["file_ids"] = []string{f}
			}
		}
		var i item
		if err == nil {
			err = a.client.do("POST", "/conversations/"+conversation+"/messages", letter, &i)
		}
		switch {
		case err == nil:
			a.mu.Lock()
			a.replies[k] = accepted{i.ID, i.Content.Text}
			a.mu.Unlock()
			return
		case errors.Is(err, errRefused):
			a.t.Errorf("%s: %v", k, err)
			return
		}
		a.run(50 * time.Millisecond)
	}
	select {
	case <-stop:
	default:
		a.t.Errorf("%s was not accepted within %s", k, patience)
	}
}
