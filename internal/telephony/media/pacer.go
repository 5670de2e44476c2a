package media

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/telephony/media/codecs"
)

// Task is called every 20 ms. It must not block.
type Task interface {
	// Tick handles the frame that is due now.
	Tick(now time.Time)
}

// lanesPerProcessor spreads tasks over the 20 ms, so that not all packets
// leave at once.
const lanesPerProcessor = 4

// catchUp is how many frames a lane may be late and still make up for.
const catchUp = 5

// Pacer calls tasks by a few goroutines, however many tasks there are.
type Pacer struct {
	mu    sync.Mutex
	lanes []*lane
	where map[Task]*lane
}

type lane struct {
	mu    sync.Mutex
	tasks []Task
	late  uint64
}

// NewPacer returns a pacer that does nothing before Run.
func NewPacer() *Pacer {
	p := &Pacer{where: map[Task]*lane{}}
	for range lanesPerProcessor * runtime.GOMAXPROCS(0) {
		p.lanes = append(p.lanes, &lane{})
	}
	return p
}

// Run calls the tasks until the context ends.
func (p *Pacer) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	start := time.Now()
	for i, l := range p.lanes {
		phase := codecs.Frame * time.Duration(i) / time.Duration(len(p.lanes))
		wg.Go(func() { l.run(ctx, start.Add(phase)) })
	}
	wg.Wait()
	return nil
}

// Add has a task called from now on.
func (p *Pacer) Add(t Task) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.where[t] != nil {
		return
	}
	least := p.lanes[0]
	for _, l := range p.lanes {
		if len(l.tasks) < len(least.tasks) {
			least = l
		}
	}
	p.where[t] = least
	least.mu.Lock()
	least.tasks = append(least.tasks, t)
	least.mu.Unlock()
}

// Remove ends a task; it is not called any more once Remove has returned. A
// task cannot remove itself within its own call.
func (p *Pacer) Remove(t Task) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.where[t]
	if l == nil {
		return
	}
	delete(p.where, t)
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, x := range l.tasks {
		if x == t {
			last := len(l.tasks) - 1
			l.tasks[i], l.tasks[last] = l.tasks[last], nil
			l.tasks = l.tasks[:last]
			return
		}
	}
}

// Late returns how many frames came too late to be made up for.
func (p *Pacer) Late() (n uint64) {
	for _, l := range p.lanes {
		l.mu.Lock()
		n += l.late
		l.mu.Unlock()
	}
	return n
}

func (l *lane) run(ctx context.Context, due time.Time) {
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		l.mu.Lock()
		// A stopped machine must not pour seconds of sound out at once.
		if behind := time.Since(due); behind > catchUp*codecs.Frame {
			skipped := behind / codecs.Frame
			due = due.Add(skipped * codecs.Frame)
			l.late += uint64(skipped) //nolint:gosec // not negative
		}
		for !time.Now().Before(due) {
			for _, t := range l.tasks {
				t.Tick(due)
			}
			due = due.Add(codecs.Frame)
		}
		l.mu.Unlock()
		timer.Reset(time.Until(due))
	}
}
