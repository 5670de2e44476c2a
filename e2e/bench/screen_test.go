package bench_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// BenchmarkToScreen is the time from the moment a platform begins to hand a
// message over until it is on the screens of the agents of its department:
// 1,000 messages a second, 1,000 open workspaces in 50 departments.
func BenchmarkToScreen(b *testing.B) {
	each(b, 50, 20, func(b *testing.B, w *world) {
		rate, seconds := setting("OKNO_BENCH_SCREEN_RATE", 1000), setting("OKNO_BENCH_SECONDS", 5)
		s := &screens{sent: make([]atomic.Int64, rate*seconds+1)}
		ctx, stop := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		ready := make(chan error)
		sockets := 0
		for _, d := range w.depts {
			for _, token := range d.tokens {
				sockets++
				wg.Go(func() { s.watch(ctx, w.base, token, ready) })
			}
		}
		for range sockets {
			must(b, <-ready)
		}
		b.ResetTimer()
		w.paced(b, rate, seconds, func(n int) {
			s.sent[n].Store(time.Now().UnixNano())
			if err := w.deliver(w.depts[n%len(w.depts)], n, 1000+n%5000, "№"+strconv.Itoa(n)); err != nil {
				b.Errorf("message %d: %v", n, err)
			}
		})
		want := int64(rate * seconds * 20)
		for deadline := time.Now().Add(time.Minute); s.got.Load() < want && time.Now().Before(deadline); {
			time.Sleep(20 * time.Millisecond) //nolint:forbidigo // between looks
		}
		b.StopTimer()
		stop()
		wg.Wait()
		b.ReportMetric(float64(want-s.got.Load()), "missing")
		b.ReportMetric(float64(sockets), "sockets")
		b.ReportMetric(0, "ns/op")
		quantiles(b, "screen", s.times)
	})
}

// screens are the agents' open workspaces.
type screens struct {
	sent  []atomic.Int64
	got   atomic.Int64
	mu    sync.Mutex
	times []time.Duration
}

// watch opens one workspace's socket and notes when messages arrive.
func (s *screens) watch(ctx context.Context, base, token string, ready chan<- error) {
	conn, res, err := websocket.Dial(ctx, strings.Replace(base, "http", "ws", 1)+"/api/v1/socket", &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer " + token}},
	})
	if res != nil && res.Body != nil {
		_ = res.Body.Close()
	}
	if err == nil {
		conn.SetReadLimit(1 << 20)
		err = conn.Write(ctx, websocket.MessageText, []byte(`{"id":1,"connect":{}}`))
	}
	if err == nil {
		_, _, err = conn.Read(ctx)
	}
	ready <- err
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return
		}
		now := time.Now().UnixNano()
		for line := range strings.SplitSeq(string(data), "\n") {
			if line == "{}" {
				if err := conn.Write(ctx, websocket.MessageText, []byte("{}")); err != nil && !errors.Is(err, context.Canceled) {
					return
				}
				continue
			}
			s.take(line, now)
		}
	}
}

func (s *screens) take(line string, now int64) {
	var m struct {
		Push struct {
			Pub struct {
				Data struct {
					Event struct {
						Type string `json:"type"`
						Item struct {
							Content struct {
								Text string `json:"text"`
							} `json:"content"`
						} `json:"item"`
					} `json:"event"`
				} `json:"data"`
			} `json:"pub"`
		} `json:"push"`
	}
	if json.Unmarshal([]byte(line), &m) != nil || m.Push.Pub.Data.Event.Type != "item.created" {
		return
	}
	n, err := strconv.Atoi(strings.TrimPrefix(m.Push.Pub.Data.Event.Item.Content.Text, "№"))
	if err != nil || n >= len(s.sent) {
		return
	}
	s.got.Add(1)
	s.mu.Lock()
	s.times = append(s.times, time.Duration(now-s.sent[n].Load()))
	s.mu.Unlock()
}
