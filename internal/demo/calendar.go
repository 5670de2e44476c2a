package demo

import (
	"fmt"
	"slices"
	"time"

	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/id"
)

// history is how far back the demo company's life reaches.
const history = 92 * 24 * time.Hour

// Moscow's time, which has no summer time; the name is for people.
const timezone = "Europe/Moscow"

func moscow(t time.Time) time.Time { return t.In(time.FixedZone("MSK", 3*60*60)) }

// The hours in which people answer.
const (
	opens  = 9
	closes = 21
)

// stamps makes ids for past moments: those of one millisecond differ by their
// sequence, as the ones of a server do.
type stamps struct{ used map[int64]int64 }

// node is the last of the numbers that servers have, so that a running one
// makes no such id.
const (
	node    = 1023
	seqBits = 12
)

func newStamps() *stamps { return &stamps{map[int64]int64{}} }

func (s *stamps) at(t time.Time) int64 {
	base := id.At(t) | node<<seqBits
	for s.used[base] == 1<<seqBits {
		base += 1 << 22 // the next millisecond
	}
	s.used[base]++
	return base + s.used[base] - 1
}

// hourly is how many people write at each hour of the day.
func hourly() []int {
	return []int{1, 1, 0, 0, 0, 0, 1, 3, 6, 12, 16, 18, 15, 13, 13, 14, 14, 15, 16, 14, 11, 8, 4, 2}
}

// daily is the same for Sunday to Saturday.
func daily() []int { return []int{4, 10, 10, 9, 9, 11, 6} }

// moments are when conversations begin: many more on a weekday's noon than on
// a Sunday's night, a few more every week, and enough of today's to be busy.
func moments(d dice, now time.Time, count, fresh int) []time.Time {
	var days []time.Time
	var weights []int
	start := moscow(now.Add(-history))
	for day := start; day.Before(now); day = day.AddDate(0, 0, 1) {
		days = append(days, day)
		weights = append(weights, daily()[day.Weekday()]*(40+len(days)))
	}
	out := make([]time.Time, 0, count+fresh)
	for len(out) < count {
		if t := d.within(days[d.weighted(weights)]); t.Before(now.Add(-time.Minute)) && t.After(start) {
			out = append(out, t)
		}
	}
	for len(out) < count+fresh {
		t := d.within(moscow(now.Add(-time.Duration(d.IntN(30)) * time.Hour)))
		if t.Before(now.Add(-2*time.Minute)) && t.After(now.Add(-30*time.Hour)) {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// within is a moment of a day.
func (d dice) within(day time.Time) time.Time {
	y, m, date := day.Date()
	return time.Date(y, m, date, d.weighted(hourly()), d.IntN(60), d.IntN(60), d.IntN(1000)*int(time.Millisecond), day.Location())
}

// answerAt moves a moment to when somebody is there to answer.
func (d dice) answerAt(t time.Time) time.Time {
	local := moscow(t)
	if h := local.Hour(); h >= opens && h < closes {
		return t
	}
	y, m, day := local.Date()
	if local.Hour() >= closes {
		day++
	}
	return time.Date(y, m, day, opens, d.between(1, 40), d.IntN(60), 0, local.Location())
}

// date writes a day as people do: "12 ноября".
func date(t time.Time) string {
	months := []string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"}
	t = moscow(t)
	return fmt.Sprintf("%d %s", t.Day(), months[t.Month()-1])
}

// ErrTooEarly is a clock that stands before the first day that ids know.
var ErrTooEarly = fault.New(fault.Invalid, "demo.clock_wrong")

func checkClock(now time.Time) error {
	if id.At(now.Add(-history-24*time.Hour)) == 0 {
		return ErrTooEarly
	}
	return nil
}
