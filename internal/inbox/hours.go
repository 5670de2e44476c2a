package inbox

import (
	"slices"
	"time"

	"github.com/okno-hq/okno/internal/fault"
)

// Hours are an inbox's working hours.
type Hours struct {
	Timezone string    `json:"timezone"` // IANA
	Always   bool      `json:"always"`
	Week     []Span    `json:"week"`
	Holidays []Holiday `json:"holidays"`
}

// Span is a stretch of one weekday, "09:00" to "18:00"; "24:00" is midnight.
type Span struct {
	Day  int    `json:"day"` // 1 Monday … 7 Sunday
	From string `json:"from"`
	To   string `json:"to"`
}

// Holiday is a date with hours of its own, or closed when From is empty.
type Holiday struct {
	Date string `json:"date"` // 2026-12-31
	Name string `json:"name,omitempty"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// minuteOf reads "HH:MM" as minutes since midnight, -1 if it is malformed.
func minuteOf(s string) int {
	if len(s) != 5 || s[2] != ':' {
		return -1
	}
	for _, i := range []int{0, 1, 3, 4} {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
	}
	h, m := int(s[0]-'0')*10+int(s[1]-'0'), int(s[3]-'0')*10+int(s[4]-'0')
	if m > 59 || h > 24 || (h == 24 && m != 0) {
		return -1
	}
	return h*60 + m
}

// Check refuses hours that do not exist or overlap.
func (h Hours) Check() error {
	bad := func(field string) error {
		return fault.New(fault.Invalid, "hours.malformed").WithField("hours." + field)
	}
	if _, err := time.LoadLocation(h.Timezone); err != nil || h.Timezone == "" || h.Timezone == "Local" {
		return fault.New(fault.Invalid, "timezone.unknown").WithField("hours.timezone")
	}
	if len(h.Week) > 7*8 || len(h.Holidays) > 500 {
		return bad("week")
	}
	for i, s := range h.Week {
		from, to := minuteOf(s.From), minuteOf(s.To)
		if s.Day < 1 || s.Day > 7 || from < 0 || to <= from {
			return bad("week")
		}
		for _, other := range h.Week[:i] {
			if other.Day == s.Day && minuteOf(other.From) < to && from < minuteOf(other.To) {
				return bad("week")
			}
		}
	}
	seen := map[string]bool{}
	for _, d := range h.Holidays {
		if _, err := time.Parse(time.DateOnly, d.Date); err != nil || seen[d.Date] {
			return bad("holidays")
		}
		seen[d.Date] = true
		if d.From == "" && d.To == "" {
			continue
		}
		if from, to := minuteOf(d.From), minuteOf(d.To); from < 0 || to <= from {
			return bad("holidays")
		}
	}
	return nil
}

// spans are the open stretches of a day, in minutes since midnight, sorted.
func (h Hours) spans(day time.Time) [][2]int {
	date := day.Format(time.DateOnly)
	for _, d := range h.Holidays {
		if d.Date != date {
			continue
		}
		if d.From == "" {
			return nil
		}
		return [][2]int{{minuteOf(d.From), minuteOf(d.To)}}
	}
	if h.Always {
		return [][2]int{{0, 24 * 60}}
	}
	weekday := int(day.Weekday())
	if weekday == 0 {
		weekday = 7
	}
	var out [][2]int
	for _, s := range h.Week {
		if s.Day == weekday {
			out = append(out, [2]int{minuteOf(s.From), minuteOf(s.To)})
		}
	}
	slices.SortFunc(out, func(a, b [2]int) int { return a[0] - b[0] })
	return out
}

func (h Hours) location() *time.Location {
	loc, err := time.LoadLocation(h.Timezone)
	if err != nil || h.Timezone == "" {
		return time.UTC
	}
	return loc
}

// OpenAt reports whether somebody is there at t.
func (h Hours) OpenAt(t time.Time) bool {
	t = t.In(h.location())
	minute := t.Hour()*60 + t.Minute()
	for _, s := range h.spans(t) {
		if minute >= s[0] && minute < s[1] {
			return true
		}
	}
	return false
}

// NextOpen returns when somebody is there next, at or after t; false if not
// within a year.
func (h Hours) NextOpen(t time.Time) (time.Time, bool) {
	if h.OpenAt(t) {
		return t, true
	}
	local := t.In(h.location())
	for d := range 366 {
		day := time.Date(local.Year(), local.Month(), local.Day()+d, 0, 0, 0, 0, local.Location())
		for _, s := range h.spans(day) {
			// By the clock on the wall: a day may have 23 or 25 hours.
			open := time.Date(day.Year(), day.Month(), day.Day(), 0, s[0], 0, 0, day.Location())
			if !open.Before(t) {
				return open, true
			}
		}
	}
	return time.Time{}, false
}
