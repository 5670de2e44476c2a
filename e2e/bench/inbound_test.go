package bench_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/store/db"
)

// BenchmarkInbound is how many messages a second are acknowledged, each on
// disk before, and how many are worked off into contact, conversation, item
// and event: 32 platform connections, 1,000 chats.
func BenchmarkInbound(b *testing.B) {
	each(b, 1, 0, func(b *testing.B, w *world) {
		total := setting("OKNO_BENCH_INBOUND", 30000)
		times := make([]time.Duration, total)
		var next atomic.Int64
		var wg sync.WaitGroup
		b.ResetTimer()
		start := time.Now()
		for range 32 {
			wg.Go(func() {
				for {
					n := int(next.Add(1))
					if n > total {
						return
					}
					t := time.Now()
					if err := w.deliver(w.depts[0], n, 1000+n%1000, "Здравствуйте, когда привезут мой заказ?"); err != nil {
						b.Errorf("message %d: %v", n, err)
						return
					}
					times[n-1] = time.Since(t)
				}
			})
		}
		wg.Wait()
		acknowledged := time.Since(start)
		w.waitItems(b, total)
		done := time.Since(start)
		b.StopTimer()
		b.ReportMetric(float64(total)/acknowledged.Seconds(), "acknowledged/s")
		b.ReportMetric(float64(total)/done.Seconds(), "worked-off/s")
		b.ReportMetric(0, "ns/op")
		quantiles(b, "ack", times)
	})
}

// waitItems waits until so many messages are on the timeline.
func (w *world) waitItems(b *testing.B, want int) {
	b.Helper()
	deadline := time.Now().Add(5 * time.Minute)
	for time.Now().Before(deadline) {
		n, err := db.One(b.Context(), w.app.DB, db.Value[int], `SELECT COUNT(*) FROM items WHERE kind = 'message'`)
		must(b, err)
		if n >= want {
			return
		}
		time.Sleep(20 * time.Millisecond) //nolint:forbidigo // between looks
	}
	b.Fatal("not everything was worked off")
}

// BenchmarkAcknowledge is how long a platform waits for its 200 at a steady
// 500 messages a second.
func BenchmarkAcknowledge(b *testing.B) {
	each(b, 1, 0, func(b *testing.B, w *world) {
		rate, seconds := setting("OKNO_BENCH_RATE", 500), setting("OKNO_BENCH_SECONDS", 10)
		var (
			mu    sync.Mutex
			times []time.Duration
		)
		w.paced(b, rate, seconds, func(n int) {
			t := time.Now()
			if err := w.deliver(w.depts[0], n, 1000+n%1000, "Спасибо!"); err != nil {
				b.Errorf("message %d: %v", n, err)
				return
			}
			mu.Lock()
			times = append(times, time.Since(t))
			mu.Unlock()
		})
		b.ReportMetric(0, "ns/op")
		quantiles(b, "ack", times)
	})
}

// paced calls do so many times a second, whatever each call takes.
func (w *world) paced(b *testing.B, rate, seconds int, do func(n int)) {
	b.Helper()
	var wg sync.WaitGroup
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for n := 1; n <= rate*seconds; n++ {
		<-tick.C
		wg.Go(func() { do(n) })
	}
	wg.Wait()
}
