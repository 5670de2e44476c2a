package webchat

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
)

// Form describes a widget's settings.
func Form() channel.Form {
	choice := func(name, def string, options ...string) channel.Field {
		return channel.Field{Name: name, Type: channel.FieldChoice, Default: def, Options: options}
	}
	text := func(name string) channel.Field { return channel.Field{Name: name, Type: channel.FieldText} }
	flag := func(name, def string) channel.Field {
		return channel.Field{Name: name, Type: channel.FieldBool, Default: def}
	}
	advanced := func(f channel.Field) channel.Field { f.Advanced = true; return f }
	return channel.Form{Fields: []channel.Field{
		{Name: "sites", Type: channel.FieldList},
		text("title_ru"), text("title_en"),
		{Name: "color", Type: channel.FieldText, Default: defaultColor},
		choice("position", "right", "right", "left"),
		choice("theme", "auto", "auto", "light", "dark"),
		choice("language", "auto", "auto", "ru", "en"),
		text("greeting_ru"), text("greeting_en"),
		text("proactive_ru"), text("proactive_en"),
		{Name: "proactive_delay", Type: channel.FieldText, Default: "15"},
		choice("ask_name", "no", "no", "optional", "required"),
		choice("ask_phone", "no", "no", "optional", "required"),
		choice("ask_email", "no", "no", "optional", "required"),
		flag("offline_form", "true"),
		text("offline_ru"), text("offline_en"),
		flag("consent", "false"),
		text("consent_ru"), text("consent_en"),
		{Name: "consent_url", Type: channel.FieldURL},
		flag("files", "true"), flag("voice", "true"),
		advanced(channel.Field{Name: "max_file_mb", Type: channel.FieldText, Default: "25"}),
		advanced(flag("powered_by", "true")),
		advanced(channel.Field{Name: "identity_secret", Type: channel.FieldText, Secret: true}),
	}}
}

const (
	defaultColor   = "#2f5bea"
	maxFileMB      = 200
	maxDelay       = 600
	maxSettingText = 1000
)

// settings are a widget's settings, parsed.
type settings struct {
	sites          []site
	title          texts
	color          string
	position       string
	theme          string
	language       string
	greeting       texts
	proactive      texts
	proactiveDelay int
	ask            map[string]string // name, phone, email → no, optional, required
	offlineForm    bool
	offline        texts
	consent        bool
	consentText    texts
	consentURL     string
	files, voice   bool
	maxFile        int64
	poweredBy      bool
	identitySecret string
}

// texts is a text in the widget's languages; a missing one falls back to the
// other.
type texts struct {
	RU string `json:"ru"`
	EN string `json:"en"`
}

// parse reads an account's settings; a malformed one is fault.Invalid with
// its field.
func parse(a channel.Account) (settings, error) {
	p := parser{account: a}
	s := settings{
		title: p.texts("title"), greeting: p.texts("greeting"), proactive: p.texts("proactive"),
		offline: p.texts("offline"), consentText: p.texts("consent"),
		color:    p.color(),
		position: p.choice("position", "right", "right", "left"),
		theme:    p.choice("theme", "auto", "auto", "light", "dark"),
		language: p.choice("language", "auto", "auto", "ru", "en"),

		proactiveDelay: p.number("proactive_delay", 15, maxDelay),
		maxFile:        int64(p.number("max_file_mb", 25, maxFileMB)) << 20,
		offlineForm:    p.flag("offline_form", true), consent: p.flag("consent", false),
		files: p.flag("files", true), voice: p.flag("voice", true), poweredBy: p.flag("powered_by", true),
		consentURL:     p.link("consent_url"),
		identitySecret: a.Secrets["identity_secret"],
		ask:            map[string]string{},
	}
	for _, f := range []string{"name", "phone", "email"} {
		s.ask[f] = p.choice("ask_"+f, "no", "no", "optional", "required")
	}
	for l := range strings.Lines(a.Setting("sites", "")) {
		if l = strings.TrimSpace(l); l == "" {
			continue
		}
		one, err := parseSite(l)
		if err != nil {
			return s, err
		}
		s.sites = append(s.sites, one)
	}
	return s, p.err
}

// parser collects the first error of an account's settings.
type parser struct {
	account channel.Account
	err     error
}

func (p *parser) fail(field, code string) {
	if p.err == nil {
		p.err = fault.New(fault.Invalid, code).WithField(field)
	}
}

func (p *parser) text(name string) string {
	s := strings.TrimSpace(clean(p.account.Setting(name, "")))
	if units(s) > maxSettingText {
		p.fail(name, "channel.setting_too_long")
	}
	return s
}

func (p *parser) texts(name string) texts {
	t := texts{RU: p.text(name + "_ru"), EN: p.text(name + "_en")}
	if t.RU == "" {
		t.RU = t.EN
	}
	if t.EN == "" {
		t.EN = t.RU
	}
	return t
}

func (p *parser) choice(name, def string, options ...string) string {
	v := p.account.Setting(name, def)
	if !slices.Contains(options, v) {
		p.fail(name, "channel.setting_invalid")
	}
	return v
}

func (p *parser) flag(name string, def bool) bool {
	v, err := strconv.ParseBool(p.account.Setting(name, strconv.FormatBool(def)))
	if err != nil {
		p.fail(name, "channel.setting_invalid")
	}
	return v
}

func (p *parser) number(name string, def, most int) int {
	v, err := strconv.Atoi(p.account.Setting(name, strconv.Itoa(def)))
	if err != nil || v < 1 || v > most {
		p.fail(name, "channel.setting_invalid")
	}
	return v
}

// color takes #rrggbb only: it goes into a style.
func (p *parser) color() string {
	c := strings.ToLower(p.account.Setting("color", defaultColor))
	if len(c) != 7 || c[0] != '#' || strings.Trim(c[1:], "0123456789abcdef") != "" {
		p.fail("color", "channel.setting_invalid")
		return defaultColor
	}
	return c
}

func (p *parser) link(name string) string {
	v := p.account.Setting(name, "")
	if v == "" {
		return ""
	}
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		p.fail(name, "channel.setting_invalid")
		return ""
	}
	return u.String()
}
