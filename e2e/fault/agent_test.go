package fault_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// agent works on conversations of his own share, so that what he does to one
// happens in his order.
type agent struct {
	*world
	client     *client
	stop       <-chan struct{}
	number, of int
	dice       *rand.Rand
	mine       []string
	listed     time.Time
	sent       int
	// letters are his accepted messages by key, oldest first.
	letters []string
}

// patience is how long an agent asks for the same thing.
const patience = 2 * time.Minute

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

// work does one thing: mostly it writes to a customer.
func (a *agent) work() {
	if time.Since(a.listed) > 2*time.Second {
		a.share()
	}
	if len(a.mine) == 0 {
		return
	}
	a.sent++
	conversation := a.mine[a.dice.IntN(len(a.mine))]
	switch roll := a.dice.IntN(100); {
	case roll < 8:
		a.note(conversation)
	case roll < 20:
		a.change()
	case roll < 26:
		a.withdraw()
	case roll < 32:
		a.reply(conversation, time.Now().Add(time.Duration(1+a.dice.IntN(3))*time.Second))
	case roll < 36:
		a.cancel()
	case roll < 44:
		a.draft(conversation)
	case roll < 48:
		a.resolve(conversation)
	default:
		a.reply(conversation, time.Time{})
	}
}

// insist makes a request until the answer is definite. It is the same request
// each time, so that it happens once however often that takes.
func (a *agent) insist(what string, try func() error) error {
	var err error
	for begun := time.Now(); time.Since(begun) < patience; a.run(50 * time.Millisecond) {
		if err = try(); err == nil || errors.Is(err, errRefused) {
			return err
		}
	}
	select {
	case <-a.stop:
	default:
		a.t.Errorf("%s was not accepted within %s: %v", what, patience, err)
	}
	return err
}

// once makes a write happen once by an idempotency key, and keeps the answer.
func (a *agent) once(key, method, route string, in, out any) error {
	ask := asked{a.client, method, route, key, in, ""}
	err := a.insist(key, func() error {
		var raw json.RawMessage
		err := a.client.keyed(method, route, key, in, &raw)
		if err == nil {
			ask.answer = string(raw)
		}
		return err
	})
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.answers = append(a.answers, ask)
	a.mu.Unlock()
	if out == nil {
		return nil
	}
	return json.Unmarshal([]byte(ask.answer), out)
}

// asked is a write with an idempotency key that was answered.
type asked struct {
	client             *client
	method, route, key string
	in                 any
	answer             string
}

// askAgain repeats a few writes that were answered at some time: the answers
// must be the same.
func (w *world) askAgain(dice *rand.Rand) {
	w.t.Helper()
	w.mu.Lock()
	answers := slices.Clip(w.answers)
	w.mu.Unlock()
	for range min(4, len(answers)) {
		ask := answers[len(answers)-1-dice.IntN(min(len(answers), 60))]
		var raw json.RawMessage
		err := ask.client.keyed(ask.method, ask.route, ask.key, ask.in, &raw)
		if errors.Is(err, errRefused) || err == nil && string(raw) != ask.answer {
			w.t.Errorf("%s asked again: %v %s, before it was %s", ask.key, err, raw, ask.answer)
		}
		if err == nil {
			w.mu.Lock()
			w.repeated++
			w.mu.Unlock()
		}
	}
}

// reply writes a message, now or later. Its client id makes it one.
func (a *agent) reply(conversation string, at time.Time) {
	k := key("agent", a.number, a.sent)
	r := accepted{text: k + " добрый день, уже в пути"}
	letter := object{"client_id": k, "content": object{"text": r.text}}
	if !at.IsZero() {
		letter["send_at"], r.later = at, true
	}
	withPicture := a.dice.IntN(8) == 0
	var i item
	err := a.insist(k, func() error {
		if withPicture && letter["file_ids"] == nil {
			data := picture(a.t, a.sent)
			f, err := a.client.upload(data)
			if err != nil {
				return err
			}
			letter["file_ids"], r.file = []string{f}, hashOf(data)
		}
		return a.client.do("POST", "/conversations/"+conversation+"/messages", letter, &i)
	})
	if errors.Is(err, errRefused) {
		a.t.Errorf("%s: %v", k, err)
	}
	if err != nil {
		return
	}
	r.item = i.ID
	a.mu.Lock()
	defer a.mu.Unlock()
	a.replies[k] = r
	a.letters = append(a.letters, k)
	if !r.later { // it takes the place of the draft
		delete(a.drafts, place{a.number, conversation})
	}
}

// note writes a note that only its idempotency key makes one.
func (a *agent) note(conversation string) {
	k := key("note", a.number, a.sent)
	var i item
	if err := a.once(k, "POST", "/conversations/"+conversation+"/notes", object{"text": k + " перезвонить"}, &i); err != nil {
		a.refused(k, err)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.notes[k] = i.ID
}

func (a *agent) refused(what string, err error) {
	if errors.Is(err, errRefused) {
		a.t.Errorf("%s: %v", what, err)
	}
}

// letter is one of his own messages, of the last few.
func (a *agent) letter(fits func(accepted) bool) (string, accepted) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for range 5 {
		if len(a.letters) == 0 {
			break
		}
		k := a.letters[len(a.letters)-1-a.dice.IntN(min(len(a.letters), 20))]
		if r := a.replies[k]; fits(r) {
			return k, r
		}
	}
	return "", accepted{}
}

// settle notes what he did to a message. A refusal changes nothing: not every
// platform lets messages be changed, nor at every time.
func (a *agent) settle(k string, err error, did func(*accepted)) {
	if err != nil {
		if !errors.Is(err, errRefused) {
			a.t.Errorf("%s: %v", k, err)
		}
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.replies[k]
	did(&r)
	a.replies[k] = r
}

func (a *agent) change() {
	k, r := a.letter(func(r accepted) bool { return !r.gone && !r.cancelled })
	if k == "" {
		return
	}
	text := fmt.Sprintf("%s добрый день, исправлено %d", k, a.sent)
	err := a.once(key("edit", a.number, a.sent), "PATCH", "/items/"+r.item, object{"content": object{"text": text}}, nil)
	a.settle(k, err, func(r *accepted) { r.text, r.edited = text, true })
}

func (a *agent) withdraw() {
	k, r := a.letter(func(r accepted) bool { return !r.gone && !r.cancelled })
	if k == "" {
		return
	}
	err := a.once(key("deletion", a.number, a.sent), "DELETE", "/items/"+r.item, nil, nil)
	a.settle(k, err, func(r *accepted) { r.gone = true })
}

func (a *agent) cancel() {
	k, r := a.letter(func(r accepted) bool { return r.later && !r.gone && !r.cancelled })
	if k == "" {
		return
	}
	err := a.once(key("cancel", a.number, a.sent), "POST", "/items/"+r.item+"/cancel", nil, nil)
	a.settle(k, err, func(r *accepted) { r.cancelled = true })
}

// place is somebody's in a conversation.
type place struct {
	agent        int
	conversation string
}

func (a *agent) draft(conversation string) {
	text := key("draft", a.number, a.sent) + " начато"
	err := a.insist(text, func() error {
		return a.client.do("PUT", "/conversations/"+conversation+"/draft", object{"text": text}, nil)
	})
	if err != nil {
		a.refused(text, err)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.drafts[place{a.number, conversation}] = text
}

// resolve closes a conversation; the customer's next word opens it again.
func (a *agent) resolve(conversation string) {
	k := key("resolve", a.number, a.sent)
	if err := a.once(k, "PATCH", "/conversations/"+conversation, object{"status": "resolved"}, nil); err != nil {
		a.refused(k, err)
	}
}

// finish resolves everything when nobody works any more, so that the state
// can be compared.
func (w *world) finish() {
	w.t.Helper()
	var page struct{ Items []struct{ ID string } }
	w.must(w.admin.do("GET", "/conversations?status=any&limit=200", nil, &page))
	for n, c := range page.Items {
		route, in := "/conversations/"+c.ID, object{"status": "resolved"}
		if err := w.admin.keyed(http.MethodPatch, route, fmt.Sprintf("finish/%d", n), in, nil); err != nil {
			w.t.Error(err)
		}
	}
	w.finished = len(page.Items)
}
