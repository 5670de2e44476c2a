// Package config holds every setting of the server: defaults, then the file
// okno.toml, then the environment (OKNO_…), then flags, each overriding the
// one before.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
)

// Config is what the server is started with. The tags are kong's: the name of
// the flag and of the key in okno.toml, the environment variable, the default
// and a line of help, from which docs/reference/config.md is generated.
type Config struct {
	DataDir     string `name:"data-dir" env:"OKNO_DATA_DIR" default:"./data" help:"Directory of the database, files and keys." type:"path"`
	HTTPAddr    string `name:"http-addr" env:"OKNO_HTTP_ADDR" default:":8080" help:"Address to listen on for HTTP."`
	HTTPSAddr   string `name:"https-addr" env:"OKNO_HTTPS_ADDR" default:":443" help:"Address to listen on for HTTPS, where a certificate is set up."`
	BaseURL     string `name:"base-url" env:"OKNO_BASE_URL" help:"The public address, such as https://okno.example.com. Platforms deliver to it."`
	DatabaseURL string `name:"database-url" env:"OKNO_DATABASE_URL" help:"postgres://… ; empty: SQLite in the data directory."`
	SecretKey   string `name:"secret-key" env:"OKNO_SECRET_KEY" help:"Key for credentials at rest, base64, the newest first; empty: made in the data directory on the first start."`

	TLSDomain string `name:"tls-domain" env:"OKNO_TLS_DOMAIN" help:"Serve HTTPS for this domain with a certificate that is fetched and renewed by itself."`
	TLSEmail  string `name:"tls-email" env:"OKNO_TLS_EMAIL" help:"Where the certificate authority may write to."`
	TLSCert   string `name:"tls-cert" env:"OKNO_TLS_CERT" help:"File of a certificate to serve HTTPS with." type:"path"`
	TLSKey    string `name:"tls-key" env:"OKNO_TLS_KEY" help:"File of its key." type:"path"`

	TrustedProxies []string `name:"trusted-proxies" env:"OKNO_TRUSTED_PROXIES" help:"Networks of reverse proxies whose X-Forwarded-For is believed."`
	AllowNetworks  []string `name:"allow-networks" env:"OKNO_ALLOW_NETWORKS" help:"Private networks that webhooks of the workspace may be sent to."`

	S3Endpoint  string `name:"s3-endpoint" env:"OKNO_S3_ENDPOINT" help:"Keep files in this S3 server instead of the data directory."`
	S3Bucket    string `name:"s3-bucket" env:"OKNO_S3_BUCKET" help:"Its bucket."`
	S3Region    string `name:"s3-region" env:"OKNO_S3_REGION" help:"Its region."`
	S3Prefix    string `name:"s3-prefix" env:"OKNO_S3_PREFIX" help:"Put before every key."`
	S3AccessKey string `name:"s3-access-key" env:"OKNO_S3_ACCESS_KEY" help:"Its access key."`
	S3SecretKey string `name:"s3-secret-key" env:"OKNO_S3_SECRET_KEY" help:"Its secret key."`
	S3PathStyle bool   `name:"s3-path-style" env:"OKNO_S3_PATH_STYLE" help:"Put the bucket into the path, as most servers of one's own need."`

	Node      int    `name:"node" env:"OKNO_NODE" default:"0" help:"Number of this process among all that share the database, 0 to 1023."`
	LogLevel  string `name:"log-level" env:"OKNO_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" help:"What is logged: debug, info, warn, error."`
	LogFormat string `name:"log-format" env:"OKNO_LOG_FORMAT" default:"text" enum:"text,json" help:"How it is logged: text, json."`

	EventDays   int `name:"event-days" env:"OKNO_EVENT_DAYS" default:"30" help:"How long events can be read again."`
	InboundDays int `name:"inbound-days" env:"OKNO_INBOUND_DAYS" default:"30" help:"How long raw updates are kept after they were worked off."`
}

// TLS reports whether the server speaks HTTPS itself.
func (c Config) TLS() bool { return c.TLSDomain != "" || c.TLSCert != "" }

// Validate says what is wrong with the settings, in words for whoever wrote
// them, and fills in what follows from others.
func (c *Config) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.BaseURL == "" {
		c.BaseURL = c.guessBase()
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	if u, err := url.Parse(c.BaseURL); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || (u.Path != "" && u.Path != "/") {
		bad("base-url: %q is not an address like https://okno.example.com (without a path)", c.BaseURL)
	}
	if c.DatabaseURL != "" && !strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://") {
		bad("database-url: only postgres://… is understood; leave it empty for SQLite")
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		bad("tls-cert and tls-key belong together")
	}
	if c.TLSCert != "" && c.TLSDomain != "" {
		bad("tls-domain fetches a certificate by itself: leave tls-cert empty")
	}
	if c.Node < 0 || c.Node > 1023 {
		bad("node: %d is not between 0 and 1023", c.Node)
	}
	if c.S3Endpoint != "" && c.S3Bucket == "" {
		bad("s3-bucket: needed with s3-endpoint")
	}
	for _, list := range []struct {
		name  string
		items []string
	}{{"trusted-proxies", c.TrustedProxies}, {"allow-networks", c.AllowNetworks}} {
		if _, err := Prefixes(list.items); err != nil {
			bad("%s: %w", list.name, err)
		}
	}
	if c.EventDays < 1 || c.InboundDays < 1 {
		bad("event-days and inbound-days must be at least 1")
	}
	return errors.Join(errs...)
}

// guessBase is the address when nobody names one: good for a try on one's own
// machine.
func (c Config) guessBase() string {
	if c.TLSDomain != "" {
		return "https://" + c.TLSDomain
	}
	_, port, err := net.SplitHostPort(c.HTTPAddr)
	if err != nil || port == "" || port == "80" {
		return "http://localhost"
	}
	return "http://localhost:" + port
}

// Prefixes reads networks; a single address is a network of one.
func Prefixes(list []string) ([]netip.Prefix, error) {
	out := make([]netip.Prefix, 0, len(list))
	for _, s := range list {
		if p, err := netip.ParsePrefix(s); err == nil {
			out = append(out, p)
			continue
		}
		a, err := netip.ParseAddr(s)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a network", s)
		}
		out = append(out, netip.PrefixFrom(a, a.BitLen()))
	}
	return out, nil
}

// DatabaseFile is where SQLite keeps the data.
func (c Config) DatabaseFile() string { return filepath.Join(c.DataDir, "okno.db") }
