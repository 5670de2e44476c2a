package media

// Peaks are a waveform to be drawn: how loud each piece of a recording is at
// most, from 0 to 255, on each side.
type Peaks struct {
	PerSecond float64 `json:"per_second"`
	Left      []byte  `json:"left"`
	Right     []byte  `json:"right"`
}

const (
	// finest is how many values a second has at first; whenever there are too
	// many, each two become one, so that a day's recording takes no more.
	finest   = 50 // one for each frame
	maxPeaks = 4000
)

// peaker gathers peaks frame by frame.
type peaker struct {
	sides [2][]byte
	merge int // frames in a value
	count int // frames in the newest value
}

func (p *peaker) add(left, right []int16) {
	if p.merge == 0 {
		p.merge = 1
	}
	if p.count == 0 {
		p.sides[0], p.sides[1] = append(p.sides[0], 0), append(p.sides[1], 0)
	}
	for i, pcm := range [][]int16{left, right} {
		last := &p.sides[i][len(p.sides[i])-1]
		*last = max(*last, peak(pcm))
	}
	if p.count = (p.count + 1) % p.merge; p.count != 0 || len(p.sides[0]) < maxPeaks {
		return
	}
	for i, s := range p.sides {
		for k := range len(s) / 2 {
			s[k] = max(s[2*k], s[2*k+1])
		}
		p.sides[i] = s[:len(s)/2]
	}
	p.merge *= 2
}

func (p *peaker) peaks() Peaks {
	return Peaks{PerSecond: finest / float64(max(p.merge, 1)), Left: p.sides[0], Right: p.sides[1]}
}

func peak(pcm []int16) byte {
	loudest := 0
	for _, s := range pcm {
		loudest = max(loudest, int(s), -int(s))
	}
	return byte(min(loudest>>7, 255)) //nolint:gosec // bounded
}
