package trunk

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/digest"
	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
)

const (
	firstRetry   = 5 * time.Second
	longestRetry = 5 * time.Minute
)

// Run keeps the trunk until the context ends, and then says good-bye.
func (t *Trunk) Run(ctx context.Context) error {
	retry := firstRetry
	for {
		wait, err := t.turn(ctx)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			wait = retry
			retry = min(2*retry, longestRetry)
		} else {
			retry = firstRetry
		}
		if !t.sleep(ctx, wait) {
			break
		}
	}
	t.leave(context.WithoutCancel(ctx))
	t.become(Stopped, nil)
	return nil //nolint:nilerr // what went wrong was told as problems
}

// sleep waits, less if the connection in use is lost.
func (t *Trunk) sleep(ctx context.Context, d time.Duration) bool {
	var lost <-chan struct{}
	t.mu.Lock()
	if t.flow != nil && t.flow.Reliable() {
		lost = t.flow.Done()
	}
	t.mu.Unlock()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-lost:
		t.problem(Unreachable, "the connection was lost")
	}
	return ctx.Err() == nil
}

// turn registers or checks once and returns when to do so again.
func (t *Trunk) turn(ctx context.Context) (time.Duration, error) {
	targets, err := t.lookup(ctx)
	if len(targets) == 0 {
		if err == nil {
			err = errors.New("no server is set")
		}
		t.problem(Unreachable, "name look-up: %v", err)
		return 0, err
	}
	// The server in use is kept as long as it answers.
	t.mu.Lock()
	current := t.flow
	t.mu.Unlock()
	if current != nil && current.Alive() {
		if wait, err := t.ask(ctx, current); err == nil || ctx.Err() != nil || errors.Is(err, errRefused) {
			return wait, err
		}
	}
	var last error
	for _, x := range targets {
		f, err := t.cfg.Transport.Flow(ctx, t.set.kind(), x.addr, x.name)
		if err != nil {
			last = err
			t.failed(x.addr)
			t.problem(t.whenDown(), "%s (%s): %v", x.name, x.addr, err)
			continue
		}
		wait, err := t.ask(ctx, f)
		if err == nil {
			return wait, nil
		}
		last = err
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
	}
	return 0, last
}

// whenDown keeps "refused" over "unreachable" while other hosts are tried.
func (t *Trunk) whenDown() State {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.status.State == Refused {
		return Refused
	}
	return Unreachable
}

var errRefused = errors.New("trunk: refused") //nolint:gochecknoglobals // a sentinel

func (t *Trunk) ask(ctx context.Context, f *transport.Flow) (time.Duration, error) {
	if t.set.Register {
		t.mu.Lock()
		left := t.renewAt.Sub(t.cfg.Now())
		registered := left > 0 && t.flow != nil && t.flow.Same(f)
		t.mu.Unlock()
		if !registered || t.set.Check < 0 {
			return t.register(ctx, f)
		}
		wait, err := t.check(ctx, f)
		return max(min(wait, left), time.Millisecond), err
	}
	if t.set.Check < 0 {
		t.use(f, 0)
		return time.Minute, nil
	}
	return t.check(ctx, f)
}

func (t *Trunk) use(f *transport.Flow, delay time.Duration) {
	t.mu.Lock()
	t.flow = f
	t.mu.Unlock()
	t.become(Up, func(s *Status) { s.Server, s.Delay = f.Remote().String(), delay })
}

func (t *Trunk) checkEvery() time.Duration {
	if t.set.Check == 0 {
		return 30 * time.Second
	}
	return t.set.Check
}

// check asks whether a server is there; any answer but 503 says so.
func (t *Trunk) check(ctx context.Context, f *transport.Flow) (time.Duration, error) {
	m := t.request(f, message.Options, "")
	began := time.Now()
	res, err := t.do(ctx, f, m)
	if err == nil && res.Status == 503 {
		err = errors.New(transaction.Words(res))
	}
	if err != nil {
		t.failed(f.Remote())
		t.problem(Unreachable, "%s: %v", f.Remote(), err)
		return 0, err
	}
	t.use(f, time.Since(began))
	return t.checkEvery(), nil
}

// request begins a request out of any call.
func (t *Trunk) request(f *transport.Flow, method, tag string) *message.Message {
	home := message.URI{Scheme: "sip", Host: t.set.Home()}
	us := home
	us.User = message.Escape(t.set.User)
	to := home
	if method == message.Register {
		to = us
	}
	if tag == "" {
		tag = transaction.NewTag()
	}
	m := message.NewRequest(method, home)
	m.Add("From", message.Address{URI: us}.WithTag(tag).String())
	m.Add("To", message.Address{URI: to}.String())
	callID := t.callID
	if method != message.Register {
		callID = transaction.NewTag() + transaction.NewTag()
	}
	m.Add("Call-ID", callID)
	t.mu.Lock()
	t.seq++
	m.SetCSeq(t.seq, method)
	t.mu.Unlock()
	contact := t.cfg.Contact(f)
	contact.User = t.token
	m.Add("Contact", message.Address{URI: contact}.String())
	if t.cfg.Product != "" {
		m.Add("User-Agent", t.cfg.Product)
	}
	return m
}

// do sends a request and waits for the final answer, but not for ever.
func (t *Trunk) do(ctx context.Context, f *transport.Flow, m *message.Message) (*message.Message, error) {
	type outcome struct {
		res *message.Message
		err error
	}
	got := make(chan outcome, 1)
	t.cfg.Transactions.Request(f, m, t.cfg.SentBy(f), func(res *message.Message, err error) {
		if err == nil && res.Status < 200 {
			return
		}
		select {
		case got <- outcome{res, err}:
		default:
		}
	})
	timer := time.NewTimer(t.cfg.Reply)
	defer timer.Stop()
	select {
	case o := <-got:
		return o.res, o.err
	case <-timer.C:
		return nil, fmt.Errorf("no answer to %s within %s", m.Method, t.cfg.Reply)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// register renews the registration at a server and returns when to do so again.
func (t *Trunk) register(ctx context.Context, f *transport.Flow) (time.Duration, error) {
	expires := t.set.Expires
	if expires <= 0 {
		expires = 10 * time.Minute
	}
	var res *message.Message
	m := t.request(f, message.Register, "")
	tried := false
	for range 4 {
		m.Set("Expires", strconv.Itoa(int(expires/time.Second)))
		var err error
		if res, err = t.do(ctx, f, m); err != nil {
			if ctx.Err() == nil {
				t.failed(f.Remote())
				t.problem(t.whenDown(), "%s: %v", f.Remote(), err)
			}
			return 0, err
		}
		again, err := t.retry(m, res, tried, &expires)
		if err != nil {
			t.problem(Refused, "%s: %v (%s)", f.Remote(), err, transaction.Words(res))
			return 0, fmt.Errorf("%w: %w", errRefused, err)
		}
		if !again {
			break
		}
		tried = tried || res.Status == 401 || res.Status == 407
	}
	return t.registered(f, res, expires)
}

// retry prepares the request for another try where the answer says how.
func (t *Trunk) retry(m, res *message.Message, tried bool, expires *time.Duration) (bool, error) {
	switch res.Status {
	case 401, 407:
		if t.auth == nil {
			return false, digest.ErrRefused
		}
		if err := t.auth.Answer(m, res, tried); err != nil {
			return false, err
		}
	case 423:
		n, ok := res.Number("Min-Expires")
		if !ok || n > 86400 {
			return false, nil
		}
		*expires = time.Duration(n) * time.Second
	default:
		return false, nil
	}
	t.mu.Lock()
	t.seq++
	m.SetCSeq(t.seq, message.Register)
	t.mu.Unlock()
	return true, nil
}

func (t *Trunk) registered(f *transport.Flow, res *message.Message, asked time.Duration) (time.Duration, error) {
	switch {
	case res.Status >= 500 || res.Status == 408:
		t.failed(f.Remote())
		t.problem(t.whenDown(), "%s: %s", f.Remote(), transaction.Words(res))
		return 0, errors.New(res.String())
	case res.Status >= 300:
		t.problem(Refused, "%s: %s", f.Remote(), transaction.Words(res))
		return 0, fmt.Errorf("%w: %s", errRefused, res.String())
	}
	granted := asked
	if n, ok := res.Number("Expires"); ok && n > 0 {
		granted = time.Duration(n) * time.Second
	}
	for _, a := range res.Addresses("Contact") {
		if v, ok := a.Params.Get("expires"); ok && a.URI.User == t.token {
			if n, err := strconv.ParseUint(v, 10, 31); err == nil && n > 0 {
				granted = time.Duration(n) * time.Second //nolint:gosec // 31 bits
			}
		}
	}
	now := t.cfg.Now()
	t.use(f, 0)
	t.become(Up, func(s *Status) { s.Registered, s.Expires = now, now.Add(granted) })
	wait := min(granted*3/4, max(granted-30*time.Second, granted/2))
	t.mu.Lock()
	t.renewAt = now.Add(wait)
	t.mu.Unlock()
	if t.set.Check >= 0 {
		wait = min(wait, t.checkEvery())
	}
	return wait, nil
}

// leave ends the registration.
func (t *Trunk) leave(ctx context.Context) {
	t.mu.Lock()
	f := t.flow
	registered := t.status.Expires.After(t.cfg.Now())
	t.mu.Unlock()
	if !t.set.Register || f == nil || !registered || !f.Alive() {
		return
	}
	m := t.request(f, message.Register, "")
	m.Set("Expires", "0")
	res, err := t.do(ctx, f, m)
	if err != nil {
		return // it ends by itself
	}
	zero := time.Duration(0)
	if again, err := t.retry(m, res, false, &zero); err == nil && again {
		m.Set("Expires", "0")
		_, _ = t.do(ctx, f, m)
	}
}
