package archtest_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/okno-hq/okno/internal/archtest"
)

const module = "github.com/okno-hq/okno"

// house is the order of the real module.
func house() archtest.Order {
	return archtest.Order{
		Foundation: []string{"internal/fault", "internal/id", "internal/event", "internal/phone"},
		Features: []string{
			"internal/access", "internal/contact", "internal/channel", "internal/inbox",
			"internal/account", "internal/search", "internal/webhook", "internal/notify",
			"internal/queue", "internal/dialplan", "internal/call",
		},
		Adapters: map[string][]string{
			"internal/blob":      nil,
			"internal/blob/disk": {"internal/blob"},
			"internal/blob/s3":   {"internal/blob"},
			// The messengers share one client for what leaves the house.
			"internal/egress":           nil,
			"internal/channel/maxbot":   {"internal/egress"},
			"internal/channel/telegram": {"internal/egress"},
			"internal/channel/whatsapp": {"internal/egress"},
			"internal/channel/webchat":  {"internal/asset", "internal/filetype"},
			"internal/asset":            nil,
			"internal/filetype":         nil,
			"internal/picture":          nil,
			"internal/voice":            nil,
			// The library is what makes one file of bytes, type, picture and sound.
			"internal/library":   {"internal/blob", "internal/filetype", "internal/picture", "internal/voice"},
			"internal/password":  nil,
			"internal/secretbox": nil,
			// The store has an inner order: db, then engines and migrations, then
			// the repositories. Jobs are rows in the same transaction.
			"internal/store/db":          nil,
			"internal/store/migrations":  {"internal/store/db"},
			"internal/store/sqlite":      {"internal/store/db"},
			"internal/store/postgres":    {"internal/store/db"},
			"internal/store":             {"internal/store/db"},
			"internal/store/searchindex": {"internal/store"},
			"internal/job":               {"internal/store/db"},
			"internal/httpapi":           {"internal/asset", "internal/filetype"},
			"internal/demo":              nil,
			"internal/webpush":           {"internal/egress"},
			"internal/config":            nil,
			// Telephony has an inner order: packets, then sound, then the ways to
			// reach a phone, then what joins them.
			"internal/telephony/rtp":   nil,
			"internal/telephony/media": {"internal/telephony/rtp"},
			// SIP from the wire up; the agent puts it together.
			"internal/telephony/sip/message":     nil,
			"internal/telephony/sip/offer":       nil,
			"internal/telephony/sip/guard":       nil,
			"internal/telephony/sip/digest":      {"internal/telephony/sip/message"},
			"internal/telephony/sip/transport":   {"internal/telephony/sip/message"},
			"internal/telephony/sip/transaction": {"internal/telephony/sip/message", "internal/telephony/sip/transport"},
			"internal/telephony/sip/registrar":   {"internal/telephony/sip/message", "internal/telephony/sip/transport", "internal/telephony/sip/transaction"},
			"internal/telephony/sip/presence":    {"internal/telephony/sip/message", "internal/telephony/sip/transport", "internal/telephony/sip/transaction"},
			"internal/telephony/sip/trunk":       {"internal/telephony/sip/message", "internal/telephony/sip/transport", "internal/telephony/sip/transaction", "internal/telephony/sip/digest"},
			"internal/telephony/sip/dialog":      {"internal/telephony/sip/message", "internal/telephony/sip/transport", "internal/telephony/sip/transaction", "internal/telephony/sip/digest"},
			"internal/telephony/sip": {
				"internal/telephony/sip/message", "internal/telephony/sip/transport", "internal/telephony/sip/transaction", "internal/telephony/sip/digest",
				"internal/telephony/sip/guard", "internal/telephony/sip/registrar", "internal/telephony/sip/presence", "internal/telephony/sip/trunk",
				"internal/telephony/sip/dialog",
			},
			// What the browsers get, embedded.
			"web":    nil,
			"widget": nil,
		},
		Testing: []string{
			"internal/archtest", "internal/blob/blobtest", "internal/channel/channeltest", "internal/channel/webchat/webchattest",
			"internal/store/storetest", "internal/standin", "internal/telephony/rtp/rtptest", "internal/telephony/siptest", "e2e",
		},
		App: []string{"internal/app"},
		Commands: map[string][]string{
			"cmd/okno":    {"internal/app", "internal/config"},
			"cmd/standin": {"internal/standin"},
			// Writes docs/reference from what these say of themselves.
			"scripts/docs": {"internal/access", "internal/config", "internal/event"},
		},
		External: map[string][]string{
			"internal/phone":  {"github.com/nyaruka/phonenumbers"},
			"internal/search": {"github.com/kljensen/snowball", "golang.org/x/text/unicode/norm"},
		},
	}
}

func TestHouse(t *testing.T) {
	faults, err := archtest.Check(os.DirFS("../.."), module, house())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Error(f)
	}
}

func TestFaultsAreFound(t *testing.T) {
	goFile := func(pkg string, imports ...string) *fstest.MapFile {
		var b strings.Builder
		b.WriteString("package " + pkg + "\n")
		for _, i := range imports {
			if strings.HasPrefix(i, "in/") {
				i = "example.org/m/" + i
			}
			b.WriteString("import _ \"" + i + "\"\n")
		}
		return &fstest.MapFile{Data: []byte(b.String())}
	}
	long := strings.Repeat("// line\n", archtest.MaxLines)
	order := archtest.Order{
		Foundation: []string{"in/fault"},
		Features:   []string{"in/person", "in/talk"},
		Adapters:   map[string][]string{"in/store": {"in/store/db"}, "in/store/db": nil, "in/http": nil},
		Testing:    []string{"in/store/suite"},
		App:        []string{"in/app"},
		Commands:   map[string][]string{"cmd/x": {"in/app"}},
		External:   map[string][]string{"in/talk": {"golang.org/x/text"}},
	}
	tests := []struct {
		name, file string
		content    *fstest.MapFile
		want       string // "" is no fault
	}{
		{"standard library", "in/person/a.go", goFile("person", "net/http", "fmt"), ""},
		{"feature below", "in/talk/a.go", goFile("talk", "in/person", "in/fault"), ""},
		{"feature above", "in/person/a.go", goFile("person", "in/talk"), "features before it"},
		{"feature to adapter", "in/talk/a.go", goFile("talk", "in/store"), "features before it"},
		{"feature to a library", "in/person/a.go", goFile("person", "github.com/a/b"), "plain Go"},
		{"feature to a listed library", "in/talk/a.go", goFile("talk", "golang.org/x/text/width"), ""},
		{"foundation to feature", "in/fault/a.go", goFile("fault", "in/person"), "nothing above"},
		{"adapter to feature", "in/http/a.go", goFile("http", "in/talk", "github.com/a/b"), ""},
		{"adapter to adapter", "in/http/a.go", goFile("http", "in/store"), "not other adapters"},
		{"adapter to part of another", "in/http/a.go", goFile("http", "in/store/db"), "not other adapters"},
		{"inner order", "in/store/a.go", goFile("store", "in/store/db"), ""},
		{"inner order reversed", "in/store/db/a.go", goFile("db", "in/store"), "not other adapters"},
		{"own folder", "in/http/sub/a.go", goFile("sub", "in/http"), ""},
		{"program to test equipment", "in/app/a.go", goFile("app", "in/store/suite"), "test equipment"},
		{"app wires", "in/app/a.go", goFile("app", "in/store", "in/http", "in/talk"), ""},
		{"command past the app", "cmd/x/a.go", goFile("main", "in/talk"), "starts the app"},
		{"command", "cmd/x/a.go", goFile("main", "in/app"), ""},
		{"no layer", "in/other/a.go", goFile("other"), "has no layer"},
		{"import without layer", "in/app/a.go", goFile("app", "in/other"), "has no layer"},
		{"vague name", "in/http/a.go", goFile("helpers"), "says nothing"},
		{"long file", "in/http/a.go", &fstest.MapFile{Data: []byte("package http\n" + long)}, "lines"},
		{"long test", "in/http/a_test.go", &fstest.MapFile{Data: []byte("package http\n" + long)}, ""},
		{"long generated file", "in/http/a.go", &fstest.MapFile{Data: []byte("// Code generated by x. DO NOT EDIT.\n\npackage http\n" + long)}, ""},
		{"other people's code", "web/node_modules/x/a.go", goFile("util"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			faults, err := archtest.Check(fstest.MapFS{tt.file: tt.content}, "example.org/m", order)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == "" && len(faults) > 0 {
				t.Fatalf("found %q, want nothing", faults)
			}
			if tt.want != "" && !slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, tt.want) }) {
				t.Fatalf("found %q, want one that says %q", faults, tt.want)
			}
		})
	}
	if _, err := archtest.Check(fstest.MapFS{"in/http/a.go": {Data: []byte("packag")}}, "example.org/m", order); err == nil {
		t.Error("a file that cannot be parsed is no error")
	}
}
