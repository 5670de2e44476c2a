package webchat

import (
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/fault"
)

// serveScript serves the one line's script to any site: it holds no secret,
// and without an allowed origin it shows nothing.
func (p *Platform) serveScript(w http.ResponseWriter, r *http.Request) {
	a, ok := p.assets.files[scriptName]
	if !ok {
		p.problem(w, r, fault.New(fault.NotFound, "widget.not_found"))
		return
	}
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	w.Header().Set("Access-Control-Allow-Origin", "*") // for integrity checks of a page that wants them
	w.Header().Set("Cache-Control", "public, max-age=300")
	a.ServeHTTP(w, r)
}

func (p *Platform) serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	a, ok := p.assets.files[name]
	if !ok {
		p.problem(w, r, fault.New(fault.NotFound, "widget.not_found"))
		return
	}
	if strings.HasPrefix(name, chunkPrefix) || r.URL.Query().Get("v") == a.Version {
		w.Header().Set("Cache-Control", "public, immutable, max-age="+strconv.Itoa(foreverSeconds))
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	a.ServeHTTP(w, r)
}

// config is what a page must know to draw the widget.
type config struct {
	Title      texts             `json:"title"`
	Color      string            `json:"color"`
	Position   string            `json:"position"`
	Theme      string            `json:"theme"`
	Language   string            `json:"language"`
	Greeting   texts             `json:"greeting"`
	Proactive  *proactive        `json:"proactive,omitempty"`
	Ask        map[string]string `json:"ask"`
	Consent    *consent          `json:"consent,omitempty"`
	Open       bool              `json:"open"`
	Online     bool              `json:"online"`
	OpensAt    *time.Time        `json:"opens_at,omitempty"`
	Offline    texts             `json:"offline"`
	OfflineAsk bool              `json:"offline_ask"`
	Files      bool              `json:"files"`
	Voice      bool              `json:"voice"`
	MaxFile    int64             `json:"max_file"`
	MaxText    int               `json:"max_text"`
	Identity   bool              `json:"identity"`
	PoweredBy  bool              `json:"powered_by"`
}

type proactive struct {
	Text  texts `json:"text"`
	Delay int   `json:"delay"` // seconds
}

type consent struct {
	Text texts  `json:"text"`
	URL  string `json:"url,omitempty"`
}

func (p *Platform) config(c *call) (config, error) {
	s := c.settings
	hours, err := p.deps.Channels.Hours(c.r.Context(), c.channel)
	if err != nil {
		return config{}, err
	}
	out := config{
		Title: s.title, Color: s.color, Position: s.position, Theme: s.theme, Language: s.language,
		Greeting: s.greeting, Ask: s.ask, Open: hours.Open, Online: hours.Open && hours.Online,
		Offline: s.offline, OfflineAsk: s.offlineForm, Files: s.files, Voice: s.voice && s.files,
		MaxFile: s.maxFile, MaxText: MaxText, Identity: s.identitySecret != "", PoweredBy: s.poweredBy,
	}
	if out.Title.RU == "" {
		out.Title = texts{RU: c.account.Name, EN: c.account.Name}
	}
	if s.proactive.RU != "" {
		out.Proactive = &proactive{Text: s.proactive, Delay: s.proactiveDelay}
	}
	if s.consent {
		out.Consent = &consent{Text: s.consentTexts(), URL: s.consentURL}
	}
	if !hours.Open && !hours.OpensAt.IsZero() {
		at := hours.OpensAt.UTC()
		out.OpensAt = &at
	}
	return out, nil
}

// getConfig answers the page of an allowed site, and our own frame.
func (p *Platform) getConfig(c *call) error {
	c.w.Header().Set("Vary", "Origin")
	if origin := c.r.Header.Get("Origin"); origin != "" {
		if !c.settings.allowed(origin, p.own(c.r)) {
			return fault.New(fault.Denied, "widget.origin_not_allowed")
		}
		c.w.Header().Set("Access-Control-Allow-Origin", origin)
		c.w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	out, err := p.config(c)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, out)
}

//nolint:gochecknoglobals // parsed once, never changed
var framePage = template.Must(template.New("frame").Parse(`<!doctype html>
<html lang="ru" data-css="{{.Base}}/assets/frame.css?v={{.CSS}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content">
<meta name="robots" content="noindex">
<title>{{.Title}}</title>
<script type="module" src="{{.Base}}/assets/frame.js?v={{.JS}}"></script>
</head>
<body><main id="app"></main></body>
</html>
`))

// getFrame serves the page that the script puts into an iframe. The browser
// itself keeps other sites from showing it.
func (p *Platform) getFrame(c *call) error {
	ancestors := make([]string, 0, 4+len(c.settings.sites))
	ancestors = append(ancestors, "'self'")
	for _, s := range append(append([]site{}, c.settings.sites...), p.base) {
		if s.host != "" {
			ancestors = append(ancestors, s.String())
		}
	}
	// Safari below 15.4 does not count a socket as 'self'.
	socket := ""
	if own := p.own(c.r); len(own) > 0 {
		socket = " wss://" + own[len(own)-1].host + " ws://" + own[len(own)-1].host
	}
	h := c.w.Header()
	h.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:", "media-src 'self' blob:",
		"connect-src 'self'" + socket, "base-uri 'none'", "form-action 'none'", "frame-ancestors " + strings.Join(ancestors, " "),
	}, "; "))
	h.Set("Permissions-Policy", "microphone=(self), camera=(), geolocation=()")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	title := c.settings.title.RU
	if title == "" {
		title = c.account.Name
	}
	err := framePage.Execute(c.w, map[string]string{
		"Base": "/widget/" + strconv.FormatInt(int64(c.channel), 10), "Title": title,
		"JS": p.assets.version(frameJS), "CSS": p.assets.version(frameCSS),
	})
	if err != nil {
		return fault.Wrap(fault.Unavailable, "widget.unwritable", err)
	}
	return nil
}
