package rtp_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okno-hq/okno/internal/telephony/rtp"
)

func TestPortsAreEvenAndRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(0, 0)
		const drain = 20 * time.Second
		low := rapid.IntRange(2000, 2003).Draw(t, "low")
		p, err := rtp.NewPorts(low, low+rapid.IntRange(2, 12).Draw(t, "size"), drain, func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		all := p.Available()
		used, freed := map[uint16]bool{}, map[uint16]time.Time{}
		t.Repeat(map[string]func(*rapid.T){
			"take": func(t *rapid.T) {
				port, err := p.Take()
				if err != nil {
					if !errors.Is(err, rtp.ErrNoPorts) {
						t.Fatal(err)
					}
					resting := 0
					for _, at := range freed {
						if now.Sub(at) < drain {
							resting++
						}
					}
					if len(used)+resting != all {
						t.Fatalf("none left with %d used and %d resting of %d", len(used), resting, all)
					}
					return
				}
				if port%2 != 0 || used[port] || int(port) < low {
					t.Fatalf("got port %d", port)
				}
				if at, ok := freed[port]; ok && now.Sub(at) < drain {
					t.Fatalf("port %d rested %v", port, now.Sub(at))
				}
				delete(freed, port)
				used[port] = true
			},
			"free": func(*rapid.T) {
				for port := range used {
					p.Free(port)
					p.Free(port) // twice does no harm
					delete(used, port)
					freed[port] = now
					return
				}
			},
			"wait": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(1, 15).Draw(t, "seconds")) * time.Second)
			},
		})
	})
}

func TestPortsRefuseARangeWithoutAPair(t *testing.T) {
	for _, r := range [][2]int{{0, 100}, {2001, 2002}, {2000, 2000}, {3000, 2000}, {60000, 70000}} {
		if _, err := rtp.NewPorts(r[0], r[1], time.Second, time.Now); !errors.Is(err, rtp.ErrBadPorts) {
			t.Errorf("%v: %v", r, err)
		}
	}
}
