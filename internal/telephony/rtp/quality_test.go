package rtp_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/telephony/rtp"
)

func TestReportsMeasureTheWay(t *testing.T) {
	now := time.Unix(1e9, 0)
	e, err := rtp.New(rtp.Config{PortLow: 33000, PortHigh: 33039, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	var samples []rtp.Sample
	silent := 0
	wa, wb := &wire{}, &wire{}
	a := e.Attach(rtp.StreamConfig{Notify: func(ev rtp.Event) {
		switch ev.Kind {
		case rtp.SampleTaken:
			samples = append(samples, ev.Sample)
		case rtp.PeerSilent:
			silent++
		default:
		}
	}}, wa)
	b := e.Attach(rtp.StreamConfig{}, wb)
	m := rtp.Media{Formats: []rtp.Format{pcma}, Send: true, Receive: true, Timeout: 30 * time.Second}
	for _, s := range []*rtp.Stream{a, b} {
		if err := s.Configure(m); err != nil {
			t.Fatal(err)
		}
	}
	sa, sb := a.NewSource(), b.NewSource()
	sa.Take()
	sb.Take()
	const way = 40 * time.Millisecond // each way; a's packets to b lose every fifth
	carry := func(w *wire, to *rtp.Stream, lose bool) {
		for i, p := range w.rtp {
			if !lose || int(binary.BigEndian.Uint16(p[2:]))%5 != 0 {
				to.Deliver(p, now.Add(time.Duration(i)))
			}
		}
		for _, p := range w.rtcp {
			to.DeliverControl(p, now)
		}
		w.rtp, w.rtcp = nil, nil
	}
	for second := range 20 {
		for range 50 {
			now = now.Add(20 * time.Millisecond)
			sa.Send(8, make([]byte, 160), 160)
			sb.Send(8, make([]byte, 160), 160)
			now = now.Add(way)
			carry(wa, b, true)
			carry(wb, a, false)
			now = now.Add(-way)
		}
		a.Second(now)
		now = now.Add(way)
		carry(wa, b, true)
		now = now.Add(way / 2) // b answers later than it heard
		b.Second(now)
		now = now.Add(way)
		carry(wb, a, false)
		now = now.Add(-2*way - way/2)
		_ = second
	}
	q := a.Quality()
	if q.Loss != 0 || q.MOS < 4.2 {
		t.Errorf("incoming: %+v", q)
	}
	if q.RemoteLoss < 0.15 || q.RemoteLoss > 0.25 || q.RemoteMOS > 3.6 || q.Poor != rtp.Outgoing {
		t.Errorf("outgoing: %+v", q)
	}
	if q.RTT < 70*time.Millisecond || q.RTT > 90*time.Millisecond {
		t.Errorf("round trip %v, want 80 ms", q.RTT)
	}
	if qb := b.Quality(); qb.Poor != rtp.Incoming || qb.Lost < 150 {
		t.Errorf("the other side: %+v", qb)
	}
	if len(samples) != 20 {
		t.Errorf("%d samples", len(samples))
	}
	for range 40 {
		now = now.Add(time.Second)
		a.Second(now)
	}
	if silent != 1 {
		t.Errorf("silence was told %d times", silent)
	}
	a.Close()
	if len(wa.rtcp) == 0 {
		t.Fatal("no goodbye")
	}
	if c, err := rtp.ParseControl(wa.rtcp[len(wa.rtcp)-1]); err != nil || !c.Bye {
		t.Errorf("the last report is %+v, %v", c, err)
	}
}

func TestMOSFallsWithLossAndDelay(t *testing.T) {
	best := rtp.MOS(&pcma, 0, 20*time.Millisecond)
	if best < 4.35 || best > 4.45 {
		t.Errorf("a perfect call has %.2f", best)
	}
	last := best
	for _, loss := range []float64{0.01, 0.03, 0.05, 0.1, 0.2, 0.5, 1} {
		m := rtp.MOS(&pcma, loss, 20*time.Millisecond)
		if m >= last || m < 1 {
			t.Errorf("%.0f%% loss: %.2f after %.2f", 100*loss, m, last)
		}
		last = m
	}
	if m := rtp.MOS(&pcma, 0, 600*time.Millisecond); m > 3 {
		t.Errorf("0.6 s late: %.2f", m)
	}
}
