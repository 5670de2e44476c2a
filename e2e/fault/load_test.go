package fault_test

import (
	"fmt"
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

// pace is how often somebody writes. The website's visitors are slower: each
// of them is held to one message a second.
func pace(p platform) time.Duration {
	if p.kind() == "webchat" {
		return 2 * customerPace
	}
	return customerPace
}

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
		l.each(pace(p), func() { w.customer(p, dice.IntN(r.customers), dice, last) })
	}
	for n := range r.agents {
		a := &agent{world: w, client: w.agents[n], stop: l.stop, number: n, of: r.agents, dice: rand.New(rand.NewPCG(w.seed, uint64(200+n)))} //nolint:gosec // no secret
		l.each(agentPace, a.work)
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

// Customers write no more while so many messages of their platform are not
// delivered, or the webhook's receiver is so far behind: a slow machine gets
// as much as it can take, and comes to an end.
const (
	backlog = 30
	untold  = 200
)

// customer lets one customer do something: mostly write.
func (w *world) customer(p platform, who int, dice *rand.Rand, last map[int]string) {
	w.mu.Lock()
	written := w.written
	w.mu.Unlock()
	if p.pending() > backlog || written-w.receiver.told() > untold {
		return
	}
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
		data := picture(w.t, n)
		w.next[id] = n
		w.written++
		if picked {
			w.shown[k] = hashOf(data)
		}
		w.mu.Unlock()
		if picked {
			last[who], err = p.show(who, k+" вот картинка", data)
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
