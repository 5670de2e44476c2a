package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/account"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/config"
)

// Finding is what one check of the doctor found.
type Finding struct {
	OK   bool
	What string
	// Found says what is; Mend, if something is wrong, what to do about it.
	Found, Mend string
}

// Examine checks a set-up from outside and inside and says what is wrong and
// how to mend it. It changes nothing.
func Examine(ctx context.Context, cfg config.Config) []Finding {
	var out []Finding
	if err := cfg.Validate(); err != nil {
		return []Finding{{What: "settings", Found: err.Error(), Mend: "Correct the settings; `okno serve --help` lists them."}}
	}
	out = append(out, Finding{OK: true, What: "settings", Found: "understood"})
	out = append(out, checkDir(cfg), checkSpace(cfg), checkBase(ctx, cfg), checkClock(ctx, cfg))
	return append(out, checkInside(ctx, cfg)...)
}

// slowSync is how long writing two bytes for good may take.
const slowSync = 500 * time.Millisecond

func checkDir(cfg config.Config) Finding {
	f := Finding{What: "data directory", Found: cfg.DataDir}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return Finding{What: f.What, Found: err.Error(), Mend: "Give the user that runs okno a directory it may write to (OKNO_DATA_DIR)."}
	}
	probe, err := os.CreateTemp(cfg.DataDir, ".doctor-*")
	if err != nil {
		return Finding{What: f.What, Found: err.Error(), Mend: "Let the user that runs okno write there: chown -R okno " + cfg.DataDir}
	}
	begin := time.Now()
	_, werr := probe.WriteString("ok")
	err = errors.Join(werr, probe.Sync())
	took := time.Since(begin)
	if err := errors.Join(err, probe.Close(), os.Remove(probe.Name())); err != nil {
		return Finding{What: f.What, Found: err.Error(), Mend: "The disk does not take what is written. Free some room or replace it."}
	}
	f.Found += fmt.Sprintf(", synced in %s", took.Round(100*time.Microsecond))
	if took > slowSync {
		f.Mend = "The disk is slow to sync, and each message is acknowledged only after it: use a local SSD, not a network share."
		return f
	}
	f.OK = true
	return f
}

// lowSpace is where a disk is as good as full.
const lowSpace = 1 << 30

func checkSpace(cfg config.Config) Finding {
	f := Finding{What: "disk"}
	free, _, err := room(cfg.DataDir)
	if err != nil {
		f.Found = err.Error()
		return f
	}
	f.Found = fmt.Sprintf("%.1f GiB free", float64(free)/(1<<30))
	if free < lowSpace {
		f.Mend = "Free some room: with a full disk, platforms deliver their messages later and uploads fail."
		return f
	}
	f.OK = true
	return f
}

// checkBase asks the public address for its health, as a platform would.
func checkBase(ctx context.Context, cfg config.Config) Finding {
	f := Finding{What: "public address", Found: cfg.BaseURL}
	u, err := url.Parse(cfg.BaseURL)
	if err != nil {
		f.Mend = "Set OKNO_BASE_URL to the address that customers and platforms reach."
		return f
	}
	if u.Scheme != "https" {
		f.Mend = "Browsers give a microphone to secure pages only, and platforms deliver over HTTPS only: set OKNO_TLS_DOMAIN, or put a proxy with a certificate before okno and set OKNO_BASE_URL=https://…"
		if host := u.Hostname(); host == "localhost" || net.ParseIP(host).IsLoopback() {
			f.OK, f.Mend = true, "Good for a try on this machine; messengers cannot deliver to it (use long polling)."
		}
		return f
	}
	client := &http.Client{Timeout: 10 * time.Second}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, cfg.BaseURL+"/healthz", http.NoBody)
	if err != nil {
		f.Found = err.Error()
		return f
	}
	res, err := client.Do(req)
	if err != nil {
		f.Found, f.Mend = cfg.BaseURL+": "+plain(err), mendBase(err)
		return f
	}
	defer func() { _ = res.Body.Close() }()
	body, _ := io.ReadAll(io.LimitReader(res.Body, 64)) // a broken answer shows below
	if res.StatusCode != http.StatusOK || strings.TrimSpace(string(body)) != "ok" {
		f.Found = fmt.Sprintf("%s answers, but not as okno does (status %d)", cfg.BaseURL, res.StatusCode)
		f.Mend = "Another server has this address, or the proxy does not lead to okno (see deploy/nginx.conf). Is the server running?"
		return f
	}
	f.OK = true
	if c := res.TLS; c != nil && len(c.PeerCertificates) > 0 {
		left := time.Until(c.PeerCertificates[0].NotAfter)
		f.Found += fmt.Sprintf(", certificate good for %d days", int(left.Hours()/24))
		if left < 14*24*time.Hour {
			f.OK, f.Mend = false, "The certificate ends soon: look after its renewal."
		}
	}
	return f
}

// plain drops the address that Go's errors quote.
func plain(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err.Error()
	}
	return err.Error()
}

func mendBase(err error) string {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "The name does not exist in DNS: add an A record that points to this server, or correct OKNO_BASE_URL."
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "The certificate is not good for this name: platforms refuse it. Set OKNO_TLS_DOMAIN, or serve the full chain."
	}
	return "Nothing answers there: is the server running, and does the firewall let ports 80 and 443 through?"
}

// skew is how far a clock may be wrong: webhooks are signed with the time.
const skew = 30 * time.Second

// checkClock compares the clock with the database's or the world's.
func checkClock(ctx context.Context, cfg config.Config) Finding {
	f := Finding{OK: true, What: "clock", Found: time.Now().Format(time.RFC3339)}
	if time.Now().Year() < 2026 {
		return Finding{What: f.What, Found: f.Found, Mend: "The clock is years behind: switch time synchronisation on (timedatectl set-ntp true)."}
	}
	u, err := url.Parse(cfg.BaseURL)
	if err != nil || u.Scheme != "https" {
		return f
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, cfg.BaseURL, http.NoBody)
	if err != nil {
		return f
	}
	res, err := (&http.Client{Timeout: 5 * time.Second}).Do(req)
	if err != nil {
		return f // told by another check
	}
	_ = res.Body.Close()
	there, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return f
	}
	if d := time.Since(there).Abs(); d > skew {
		f.OK, f.Mend = false, "The clock is "+d.Round(time.Second).String()+" off: switch time synchronisation on (timedatectl set-ntp true)."
	}
	return f
}

// checkInside opens the database and asks each platform.
func checkInside(ctx context.Context, cfg config.Config) []Finding {
	a, err := New(ctx, cfg, slog.New(slog.DiscardHandler), "doctor")
	if err != nil {
		return []Finding{{What: "database", Found: err.Error(), Mend: "Start the database, correct OKNO_DATABASE_URL, or let okno write its data directory."}}
	}
	defer func() { _ = a.Close() }()
	out := []Finding{{OK: true, What: "database", Found: a.DB.Dialect().String() + ", up to date"}}
	if err := a.blobs.Check(ctx); err != nil {
		out = append(out, Finding{What: "files", Found: err.Error(), Mend: "Let okno write its files: look at the directory's owner, or at the S3 settings."})
	} else {
		out = append(out, Finding{OK: true, What: "files", Found: "can be written and read"})
	}
	list, err := a.registry.List(ctx, 0)
	if err != nil {
		return append(out, Finding{What: "channels", Found: err.Error()})
	}
	for _, acc := range list {
		if acc.Enabled {
			out = append(out, a.checkChannel(ctx, acc))
		}
	}
	return out
}

func (a *App) checkChannel(ctx context.Context, acc account.Account) Finding {
	f := Finding{What: "channel " + acc.Name + " (" + string(acc.Kind) + ")"}
	adapter, err := a.registry.Adapter(ctx, acc.ID)
	if err != nil {
		f.Found, f.Mend = err.Error(), "Open the channel's settings and save them again."
		return f
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	h := adapter.Check(ctx)
	f.Found = strings.Join(strings.Fields(string(h.State)+" "+string(h.Reason)+" "+h.Detail+" "+h.LastError), " ")
	f.OK = h.State == channel.Working
	if !f.OK {
		f.Mend = mendChannel(h.Reason)
	}
	return f
}

func mendChannel(r channel.Reason) string {
	switch r {
	case channel.ReasonTokenRevoked:
		return "The token is no longer good: make a new one on the platform and put it into the channel's settings."
	case channel.ReasonWebhookFailing, channel.ReasonTLS:
		return "The platform cannot deliver to the public address: mend that address and its certificate first, or use long polling."
	case channel.ReasonWebhookMissing:
		return "The platform does not know our address: press “Check” in the channel's settings, or restart okno."
	case channel.ReasonUnreachable, channel.ReasonPlatformDown:
		return "The platform cannot be reached from this server: set a proxy (proxy_url) or another api_url in the channel's settings."
	case channel.ReasonMisconfigured:
		return "A setting of the channel is wrong: open it and look at the marked field."
	case channel.ReasonBilling:
		return "The account at the platform is unpaid or over its quota."
	default:
		return "Open the channel's settings: they say more."
	}
}
