package media

import (
	"time"

	"github.com/okno-hq/okno/internal/telephony/rtp"
)

// PlayerConfig says what is played to whom.
type PlayerConfig struct {
	Source *rtp.Source
	Format rtp.Format // what the peer is spoken to in
	Clips  []*Clip    // one after another
	Loop   bool       // from the first again after the last
	// From is where in the clips it begins, so that music goes on where the
	// former listener's was.
	From time.Duration
	// Done is called once after the last frame, by the pacer. It must not
	// block, nor remove the player from the pacer itself. May be nil.
	Done func()
}

// Player plays clips to a leg. It is a Task.
type Player struct {
	cfg   PlayerConfig
	lists [][][]byte
	clip  int
	frame int
	ended bool
}

// NewPlayer returns a player. Encoding a clip for the first time takes a
// while, so this is not for a goroutine that must not wait.
func NewPlayer(cfg PlayerConfig) (*Player, error) {
	p := &Player{cfg: cfg}
	total := 0
	for _, c := range cfg.Clips {
		f, err := c.frames(&cfg.Format)
		if err != nil {
			return nil, err
		}
		p.lists = append(p.lists, f)
		total += len(f)
	}
	skip := int(cfg.From / (20 * time.Millisecond))
	if total == 0 {
		return p, nil
	}
	if cfg.Loop {
		skip %= total
	}
	for skip > 0 && p.clip < len(p.lists) {
		n := min(skip, len(p.lists[p.clip])-p.frame)
		skip -= n
		p.frame += n
		p.settle()
	}
	return p, nil
}

// settle moves on from the end of a clip.
func (p *Player) settle() {
	for p.clip < len(p.lists) && p.frame >= len(p.lists[p.clip]) {
		p.clip, p.frame = p.clip+1, 0
	}
}

// Tick implements Task.
func (p *Player) Tick(time.Time) {
	p.settle()
	if p.clip == len(p.lists) && p.cfg.Loop && p.clip > 0 {
		p.clip, p.frame = 0, 0
		p.settle()
	}
	if p.clip == len(p.lists) {
		if !p.ended {
			p.ended = true
			if p.cfg.Done != nil {
				p.cfg.Done()
			}
		}
		return
	}
	p.cfg.Source.Send(p.cfg.Format.Type, p.lists[p.clip][p.frame], uint32(p.cfg.Format.ClockRate/50)) //nolint:gosec // small
	p.frame++
}
