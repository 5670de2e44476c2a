package media

import (
	"log/slog"
	"time"

	"github.com/okno-hq/okno/internal/telephony/media/codecs"
	"github.com/okno-hq/okno/internal/telephony/rtp"
)

// Side is one party of a bridge.
type Side struct {
	Leg    string
	Source *rtp.Source
	// Format is what this party is spoken to in, and Known all it understands.
	Format rtp.Format
	Known  []rtp.Format
}

// Bridge lets two legs without a common format hear each other. Each side's
// Ear is to become its stream's sink; the bridge is a Task.
type Bridge struct {
	log   *slog.Logger
	sides [2]*end
	pcm   []int16
}

type end struct {
	leg   string
	ear   *Ear
	mouth *Mouth
	relay *eventRelay
	bad   bool // an error has been logged
}

// rate is the highest at which a format carries something.
func rate(f *rtp.Format) int {
	if r := codecs.Rates(f); len(r) > 0 {
		return r[0]
	}
	return 0
}

// NewBridge joins two legs at the rate of the narrower one: Opus speaks
// every rate itself, so a call between Opus and G.711 needs no resampling.
func NewBridge(a, b Side, log *slog.Logger) (*Bridge, error) {
	hz := min(rate(&a.Format), rate(&b.Format))
	if hz == 0 {
		return nil, codecs.ErrUnknown
	}
	j := &Bridge{log: log, pcm: make([]int16, hz/50)}
	for i, s := range []Side{a, b} {
		m, err := NewMouth(s.Source, s.Format, hz, codecs.Settings{})
		if err != nil {
			return nil, err
		}
		j.sides[i] = &end{leg: s.Leg, ear: NewEar(EarConfig{Rate: hz}), mouth: m}
	}
	for i, s := range []Side{a, b} {
		j.sides[1-i].relay = newEventRelay(s, j.sides[1-i].ear)
	}
	return j, nil
}

// Sinks are what the two streams' packets are to be handed to, in the order
// of the sides.
func (j *Bridge) Sinks() (a, b rtp.Sink) { return j.sides[0].relay, j.sides[1].relay }

// Stats tell of both sides' hearing.
func (j *Bridge) Stats() (a, b EarStats) { return j.sides[0].ear.Stats(), j.sides[1].ear.Stats() }

// Tick implements Task.
func (j *Bridge) Tick(now time.Time) {
	for i, from := range j.sides {
		to := j.sides[1-i]
		from.ear.Read(j.pcm, now)
		if from.relay.busy(now) {
			continue // the digit is what is heard
		}
		if err := to.mouth.Write(j.pcm); err != nil && !to.bad {
			to.bad = true
			j.log.Error("sound cannot be encoded", slog.String("leg_id", to.leg), slog.Any("error", err))
		}
	}
}
