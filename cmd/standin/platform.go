package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/okno-hq/okno/internal/standin/maxbot"
	"github.com/okno-hq/okno/internal/standin/telegram"
	"github.com/okno-hq/okno/internal/standin/whatsapp"
)

// server is what all stand-ins have in common.
type server interface {
	Start() error
	URL() string
	Close()
}

// platform is a stand-in with what an admin enters in Okno.
type platform struct {
	name   string
	server server
	fields [][2]string
}

// open makes a platform. checked says whether what Okno sends is compared
// with the specification.
func open(name, addr, specs string) (p platform, checked bool, err error) {
	specs = filepath.Join(specs, name) // one folder a platform
	p.name = name
	switch name {
	case "telegram":
		checked = there(specs, telegram.SpecFile)
		s, err := telegram.New(telegram.Config{Specs: specs, Unchecked: !checked, Addr: addr})
		if err != nil {
			return p, checked, err
		}
		p.server, p.fields = s, [][2]string{{"token", s.Config().Token}, {"mode", "polling (webhook needs a base URL that this machine reaches)"}}
	case "whatsapp":
		checked = there(specs, whatsapp.SpecFile)
		s, err := whatsapp.New(whatsapp.Config{Specs: specs, Unvalidated: !checked, Addr: addr})
		if err != nil {
			return p, checked, err
		}
		c := s.Config()
		p.server, p.fields = s, [][2]string{
			{"phone_number_id", c.PhoneNumberID}, {"waba_id", c.WABA}, {"token", c.Token}, {"app_secret", c.AppSecret}, {"number", c.DisplayNumber},
		}
	case "max":
		checked = there(specs, maxbot.SpecFile)
		s, err := maxbot.New(maxbot.Config{Specs: specs, Unvalidated: !checked, Addr: addr})
		if err != nil {
			return p, checked, err
		}
		p.server, p.fields = s, [][2]string{{"token", s.Config().Token}, {"mode", "polling"}}
	default:
		return p, false, fmt.Errorf("no platform %q; %s", name, usage)
	}
	return p, checked, nil
}

func there(folder, file string) bool {
	_, err := os.Stat(filepath.Join(folder, file)) //nolint:gosec // whoever starts the command names the folder
	return err == nil
}

// tell prints how to connect and where to play.
func (p platform) tell(out io.Writer, page string, checked bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "The stand-in for %s is running. In Okno: Settings, Channels, connect %s, and enter\n\n", p.name, p.name)
	fmt.Fprintf(&b, "  %-16s %s\n", "api_url", p.server.URL())
	for _, f := range p.fields {
		fmt.Fprintf(&b, "  %-16s %s\n", f[0], f[1])
	}
	fmt.Fprintf(&b, "\nBe the customer at %s\n", page)
	if !checked {
		b.WriteString("No specification was found (--specs): requests are checked by the stand-in's own rules only.\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}
