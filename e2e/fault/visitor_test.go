package fault_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"
)

// webchatSide is the visitors of a website: they do what the widget does. The
// website chat has no stand-in, for it is a platform of our own; its ledger is
// what the visitors know.
type webchatSide struct {
	t    *testing.T
	ctx  context.Context //nolint:containedctx // of the visitors' own goroutines
	http *http.Client
	wg   *sync.WaitGroup

	mu      sync.Mutex
	base    string // of the widget's API, once there is a channel
	guests  map[int]*guest
	refused string
	wrong   []string
}

// guest is one visitor with one open page.
type guest struct {
	site *webchatSide
	who  int
	work chan struct{} // something is in the queue

	// Guarded by site.mu.
	token string
	said  []*utterance
	sent  int // how many of them were accepted
	last  int64
	view  []sight
	index map[string]int // of view, by entry key
	seqs  []int64
}

// utterance is what a visitor says. Its client id never changes, so that it is
// said once however often it is sent.
type utterance struct {
	id, text string
	picture  []byte
	file     string // its id, once uploaded
	attempts int
	acked    bool
	seq      int64
}

// entry is a line of a visitor's log as the widget gets it.
type entry struct {
	Seq     int64
	ID      string
	Kind    string
	Own     bool
	Ref     string
	Deleted bool
	Text    string
	Files   []struct{ URL string }
}

func newWebchatSide(t *testing.T) *webchatSide {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &webchatSide{t: t, ctx: ctx, http: &http.Client{Timeout: 20 * time.Second}, wg: &sync.WaitGroup{}, guests: map[int]*guest{}}
	t.Cleanup(func() { cancel(); s.wg.Wait() })
	return s
}

func (s *webchatSide) kind() string { return "webchat" }

func (s *webchatSide) settings() map[string]string {
	return map[string]string{"sites": "https://shop.example"}
}

// connected learns where the channel is served.
func (s *webchatSide) connected(server, channel string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base = server + "/widget/" + channel
}

func (s *webchatSide) guest(who int) *guest {
	if g, ok := s.guests[who]; ok {
		return g
	}
	g := &guest{site: s, who: who, work: make(chan struct{}, 1), index: map[string]int{}}
	s.guests[who] = g
	s.wg.Go(g.speak)
	s.wg.Go(g.listen)
	return g
}

func (s *webchatSide) say(who int, text string) (string, error) { return s.show(who, text, nil) }

func (s *webchatSide) show(who int, text string, picture []byte) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.guest(who)
	u := &utterance{id: fmt.Sprintf("message-%d-%d", who, len(g.said)), text: text, picture: picture}
	g.said = append(g.said, u)
	select {
	case g.work <- struct{}{}:
	default:
	}
	return u.id, nil
}

func (*webchatSide) edit(int, string, string) (bool, error) { return false, nil }

// again says once more what was accepted, as a page does that lost the answer.
func (s *webchatSide) again(l line) error {
	who, err := strconv.Atoi(l.chat)
	if err != nil {
		return err
	}
	s.mu.Lock()
	g := s.guests[who]
	var u *utterance
	for _, one := range g.said {
		if one.id == l.id {
			u = one
		}
	}
	s.mu.Unlock()
	var e entry
	status, err := g.do("POST", "/messages", g.message(u), &e)
	if err != nil {
		return nil //nolint:nilerr // the server is away
	}
	if status != http.StatusOK || e.Seq != u.seq {
		return fmt.Errorf("%s said again is answered %d, entry %d, was entry %d", u.text, status, e.Seq, u.seq)
	}
	return nil
}

func (s *webchatSide) ledger() []line {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []line
	for who, g := range s.guests {
		for _, u := range g.said {
			out = append(out, line{in: true, chat: strconv.Itoa(who), id: u.id, text: u.text, attempts: u.attempts, acked: u.acked})
		}
		for _, v := range g.view {
			out = append(out, line{chat: strconv.Itoa(who), id: v.id, text: v.text, reached: true})
		}
	}
	return out
}

func (s *webchatSide) seen(l line) sight {
	s.mu.Lock()
	defer s.mu.Unlock()
	who, _ := strconv.Atoi(l.chat) // as ledger wrote it
	g := s.guests[who]
	return g.view[g.index[l.id]]
}

func (s *webchatSide) pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, g := range s.guests {
		n += len(g.said) - g.sent
	}
	return n
}

func (s *webchatSide) trouble() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}

// violations compares what each page heard piece by piece, through every
// restart, with its whole log.
func (s *webchatSide) violations() []string {
	s.mu.Lock()
	guests := make([]*guest, 0, len(s.guests))
	for _, g := range s.guests {
		guests = append(guests, g)
	}
	s.mu.Unlock()
	for _, g := range guests {
		if err := g.check(); err != nil {
			s.fault("visitor %d: %v", g.who, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wrong
}

func (s *webchatSide) fault(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
}

// caughtUp waits until every page has heard all there is.
func (s *webchatSide) caughtUp() bool {
	s.mu.Lock()
	guests := make([]*guest, 0, len(s.guests))
	for _, g := range s.guests {
		guests = append(guests, g)
	}
	s.mu.Unlock()
	for _, g := range guests {
		// One request each: all visitors of this test share an address, and
		// what may be asked from it is bounded.
		var newest batch
		if !g.retry("history", func() error { _, err := g.do("GET", "/entries?before=0", nil, &newest); return err }) {
			return false
		}
		last := int64(0)
		for _, e := range newest.Entries {
			last = max(last, e.Seq)
		}
		s.mu.Lock()
		behind := g.last < last || last == 0
		s.mu.Unlock()
		if behind {
			return false
		}
	}
	return true
}

// errAnswer is a definite refusal.
var errAnswer = errors.New("refused") //nolint:gochecknoglobals // a sentinel
