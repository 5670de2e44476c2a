package media

import (
	"log/slog"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/telephony/media/codecs"
	"github.com/okno-hq/okno/internal/telephony/rtp"
)

// Role says who hears a party of a mixer.
type Role int

// Roles of a party. Everybody hears those who talk.
const (
	Talk    Role = iota // is heard by all: a member of a conference, a supervisor who barges in
	Listen              // is heard by nobody
	Whisper             // is heard by one party only
	Muted               // as Listen, but a member
)

// Party is one leg in a mixer.
type Party struct {
	Side
	Role Role
	To   string // the leg that a whisper is for
}

// mixRate is wide enough for all telephones but Opus' fullband, and a third
// of its work.
const mixRate = 16000

// Mixer lets any number of legs hear each other, each without itself. It is a
// Task.
type Mixer struct {
	log *slog.Logger

	mu      sync.Mutex
	parties []*party
	public  []int32
	sum     []int32
	out     []int16
}

type party struct {
	end
	role Role
	to   string
	pcm  []int16
	gain int32 // of what it hears, in 1/unity
}

const unity = 1 << 12

// NewMixer returns an empty mixer.
func NewMixer(log *slog.Logger) *Mixer {
	n := mixRate / 50
	return &Mixer{log: log, public: make([]int32, n), sum: make([]int32, n), out: make([]int16, n)}
}

// Add lets a leg in and returns the sink for its stream.
func (m *Mixer) Add(p Party) (rtp.Sink, error) {
	mouth, err := NewMouth(p.Source, p.Format, mixRate, codecs.Settings{})
	if err != nil {
		return nil, err
	}
	x := &party{
		end:  end{leg: p.Leg, ear: NewEar(EarConfig{Rate: mixRate}), mouth: mouth},
		role: p.Role, to: p.To, pcm: make([]int16, mixRate/50), gain: unity,
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.parties = append(m.parties, x)
	return x.ear, nil
}

// SetRole changes who hears a leg.
func (m *Mixer) SetRole(leg string, role Role, to string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.parties {
		if p.leg == leg {
			p.role, p.to = role, to
		}
	}
}

// Remove takes a leg out.
func (m *Mixer) Remove(leg string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := m.parties[:0]
	for _, p := range m.parties {
		if p.leg != leg {
			kept = append(kept, p)
		}
	}
	clear(m.parties[len(kept):])
	m.parties = kept
}

// Tick implements Task.
func (m *Mixer) Tick(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.public)
	for _, p := range m.parties {
		p.ear.Read(p.pcm, now)
		if p.role == Talk {
			for i, s := range p.pcm {
				m.public[i] += int32(s)
			}
		}
	}
	for _, p := range m.parties {
		copy(m.sum, m.public)
		if p.role == Talk {
			for i, s := range p.pcm {
				m.sum[i] -= int32(s)
			}
		}
		for _, w := range m.parties {
			if w.role == Whisper && w.to == p.leg && w != p {
				for i, s := range w.pcm {
					m.sum[i] += int32(s)
				}
			}
		}
		p.limit(m.out, m.sum)
		if err := p.mouth.Write(m.out); err != nil && !p.bad {
			p.bad = true
			m.log.Error("sound cannot be encoded", slog.String("leg_id", p.leg), slog.Any("error", err))
		}
	}
}

// limit brings a sum back into range: at once when it is too loud, and slowly
// up again, so that several loud voices do not crackle.
func (p *party) limit(out []int16, sum []int32) {
	loudest := int32(0)
	for _, s := range sum {
		loudest = max(loudest, s, -s)
	}
	const full = 32000
	to := min(p.gain+unity/64, unity)
	if loudest > full {
		to = min(to, full*unity/loudest)
	}
	from, n := p.gain, int32(len(out)) //nolint:gosec // a frame
	// A rise is spread over the frame; a fall has to be there from the start.
	if to < from {
		from = to
	}
	for i, s := range sum {
		g := from + (to-from)*int32(i)/n            //nolint:gosec // a frame
		out[i] = int16(int64(s) * int64(g) / unity) //nolint:gosec // in range by the gain
	}
	p.gain = to
}
