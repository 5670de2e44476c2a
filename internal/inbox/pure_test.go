package inbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/inbox"
)

func TestPick(t *testing.T) {
	t.Parallel()
	at := func(m int) time.Time { return time.Date(2026, 11, 24, 12, m, 0, 0, time.UTC) }
	people := []inbox.Candidate{
		{User: 1, Presence: access.Online, Open: 5, LastAssigned: at(1)},
		{User: 2, Presence: access.Online, Open: 2, LastAssigned: at(2)},
		{User: 3, Presence: access.Away, Open: 0, LastAssigned: at(0)},
		{User: 4, Presence: access.Offline, Open: 0},
		{User: 5, Presence: access.Online, Open: 1, Capacity: 1, LastAssigned: at(0)},
	}
	knows := append([]inbox.Candidate{{User: 9, Presence: access.Online, Open: 9, Knows: true, LastAssigned: at(59)}}, people...)
	for name, x := range map[string]struct {
		r    inbox.Routing
		who  []inbox.Candidate
		want access.UserID
	}{
		"manual":           {inbox.Routing{Mode: inbox.Manual}, people, 0},
		"unset":            {inbox.Routing{}, people, 0},
		"round robin":      {inbox.Routing{Mode: inbox.RoundRobin, OnlyOnline: true}, people, 1},
		"away counts":      {inbox.Routing{Mode: inbox.RoundRobin}, people, 3},
		"least busy":       {inbox.Routing{Mode: inbox.LeastBusy, OnlyOnline: true}, people, 2},
		"least busy, away": {inbox.Routing{Mode: inbox.LeastBusy}, people, 3},
		"capacity":         {inbox.Routing{Mode: inbox.RoundRobin, OnlyOnline: true, Capacity: 5}, people, 2},
		"all full":         {inbox.Routing{Mode: inbox.LeastBusy, OnlyOnline: true, Capacity: 2}, people, 0},
		"knows":            {inbox.Routing{Mode: inbox.LeastBusy}, knows, 9},
		"knows, but full":  {inbox.Routing{Mode: inbox.LeastBusy, Capacity: 9, OnlyOnline: true}, knows, 2},
		"nobody":           {inbox.Routing{Mode: inbox.LeastBusy}, nil, 0},
		"never had any":    {inbox.Routing{Mode: inbox.RoundRobin}, append(people[:2:2], inbox.Candidate{User: 8, Presence: access.Online}), 8},
	} {
		if got := x.r.Pick(x.who); got != x.want {
			t.Errorf("%s: got %d, want %d", name, got, x.want)
		}
	}
}

func TestHours(t *testing.T) {
	t.Parallel()
	h := inbox.Hours{Timezone: "Europe/Berlin", Week: []inbox.Span{
		{Day: 1, From: "09:00", To: "13:00"},
		{Day: 1, From: "14:00", To: "18:00"},
		{Day: 5, From: "20:00", To: "24:00"},
		{Day: 6, From: "00:00", To: "02:00"},
		{Day: 7, From: "02:30", To: "04:00"},
	}, Holidays: []inbox.Holiday{{Date: "2026-12-21"}, {Date: "2026-12-22", From: "10:00", To: "11:00"}}}
	if err := h.Check(); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]bool{
		"2026-11-23T08:59:59+01:00": false, "2026-11-23T09:00:00+01:00": true, "2026-11-23T13:00:00+01:00": false,
		"2026-11-23T17:59:59+01:00": true, "2026-11-23T18:00:00+01:00": false, "2026-11-23T08:30:00Z": true,
		"2026-11-27T23:59:59+01:00": true, "2026-11-28T00:00:00+01:00": true, "2026-11-28T02:00:00+01:00": false,
		"2026-12-21T10:00:00+01:00": false, "2026-12-22T10:30:00+01:00": true, "2026-12-22T09:30:00+01:00": false,
		// Clocks go from 2:00 to 3:00: 2:30 does not exist, 3:30 does.
		"2026-03-29T00:59:00Z": false, "2026-03-29T01:30:00Z": true, "2026-03-29T02:00:00Z": false,
		// They go back: 2:30 comes twice.
		"2026-10-25T00:30:00Z": true, "2026-10-25T01:30:00Z": true, "2026-10-25T03:00:00Z": false,
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.OpenAt(when); got != want {
			t.Errorf("%s: open %v, want %v", at, got, want)
		}
	}
	for at, want := range map[string]string{
		"2026-11-23T08:00:00+01:00": "2026-11-23T09:00:00+01:00", "2026-11-23T13:30:00+01:00": "2026-11-23T14:00:00+01:00",
		"2026-11-23T15:00:00+01:00": "2026-11-23T15:00:00+01:00", "2026-11-24T00:00:00+01:00": "2026-11-27T20:00:00+01:00",
		"2026-12-20T12:00:00+01:00": "2026-12-22T10:00:00+01:00",
	} {
		when, _ := time.Parse(time.RFC3339, at)
		got, ok := h.NextOpen(when)
		if !ok || got.In(when.Location()).Format(time.RFC3339) != want {
			t.Errorf("next after %s: %v %v, want %s", at, got, ok, want)
		}
	}
	if _, ok := (inbox.Hours{Timezone: "UTC"}).NextOpen(time.Now()); ok {
		t.Error("hours that are never open open")
	}
	if !(inbox.Hours{Timezone: "UTC", Always: true}).OpenAt(time.Now()) {
		t.Error("always is not now")
	}
}

func TestHoursThatDoNotExist(t *testing.T) {
	t.Parallel()
	span := func(day int, from, to string) inbox.Hours {
		return inbox.Hours{Timezone: "UTC", Week: []inbox.Span{{Day: day, From: from, To: to}}}
	}
	for name, h := range map[string]inbox.Hours{
		"zone": {Timezone: "Mars/Olympus"}, "no zone": {}, "local": {Timezone: "Local"}, "day 0": span(0, "09:00", "10:00"), "day 8": span(8, "09:00", "10:00"),
		"backwards": span(1, "10:00", "09:00"), "empty": span(1, "10:00", "10:00"), "minute": span(1, "10:60", "11:00"), "hour": span(1, "10:00", "24:01"),
		"form": span(1, "9:00", "10:00"), "letters": span(1, "ab:cd", "10:00"), "signs": span(1, "+9:00", "10:00"),
		"overlap":  {Timezone: "UTC", Week: []inbox.Span{{Day: 1, From: "09:00", To: "12:00"}, {Day: 1, From: "11:59", To: "13:00"}}},
		"no date":  {Timezone: "UTC", Holidays: []inbox.Holiday{{Date: "2026-02-30"}}},
		"twice":    {Timezone: "UTC", Holidays: []inbox.Holiday{{Date: "2026-02-01"}, {Date: "2026-02-01"}}},
		"half day": {Timezone: "UTC", Holidays: []inbox.Holiday{{Date: "2026-02-01", From: "09:00"}}},
	} {
		if err := h.Check(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	file := func(k channel.AttachmentKind) []inbox.File {
		return []inbox.File{{Kind: k, Name: "счёт.pdf", Transcript: "перезвоните", Duration: time.Second}}
	}
	for name, x := range map[string]struct {
		i    inbox.Item
		want string
	}{
		"text":     {inbox.Item{Content: channel.Content{Text: "  много\n\nстрок\t тут "}}, "много строк тут"},
		"long":     {inbox.Item{Content: channel.Content{Text: strings.Repeat("я", 500)}}, strings.Repeat("я", 159) + "…"},
		"template": {inbox.Item{Content: channel.Content{Template: &channel.Template{Body: "Здравствуйте"}}}, "Здравствуйте"},
		"place":    {inbox.Item{Content: channel.Content{Location: &channel.Location{Title: "Офис"}}}, "📍 Офис"},
		"nowhere":  {inbox.Item{Content: channel.Content{Location: &channel.Location{}}}, "📍"},
		"card":     {inbox.Item{Content: channel.Content{Contacts: []channel.Card{{Name: "Олег"}}}}, "👤 Олег"},
		"voice":    {inbox.Item{Files: file(channel.Voice)}, "перезвоните"},
		"document": {inbox.Item{Files: file(channel.Document)}, "счёт.pdf"},
		"caption":  {inbox.Item{Content: channel.Content{Text: "вот"}, Files: file(channel.Image)}, "вот"},
		"nothing":  {inbox.Item{}, ""},
	} {
		if got := inbox.PreviewOf(x.i); got.Text != x.want {
			t.Errorf("%s: got %q, want %q", name, got.Text, x.want)
		}
	}
}

func TestFilterNormalise(t *testing.T) {
	t.Parallel()
	f, err := inbox.Filter{}.Normalise()
	if err != nil || f.Scope != inbox.Everybody || f.Status != inbox.ActiveOnly || f.Sort != inbox.ByRecent {
		t.Errorf("defaults: %+v, %v", f, err)
	}
	for _, f := range []inbox.Filter{{Scope: "?"}, {Status: "?"}, {Sort: "?"}} {
		if _, err := f.Normalise(); err == nil {
			t.Errorf("accepted %+v", f)
		}
	}
}
