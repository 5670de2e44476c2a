package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math"
	"syscall"
	"time"

	"github.com/caddyserver/certmagic"
)

// room is what a directory's disk has, in bytes: what okno may still take, and
// all of it.
func room(dir string) (free, all uint64, err error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, 0, fmt.Errorf("room on the disk: %w", err)
	}
	block := uint64(st.Bsize) //nolint:gosec // a block size is positive
	return st.Bavail * block, st.Blocks * block, nil
}

// lifetime tells when the server's own certificate ends.
type lifetime func(ctx context.Context) (time.Time, error)

// end is when the certificate of the files ends.
func (p *pair) end(context.Context) (time.Time, error) {
	c, err := p.get(nil)
	if err != nil {
		return time.Time{}, err
	}
	return notAfter(c)
}

func notAfter(c *tls.Certificate) (time.Time, error) {
	if c.Leaf != nil {
		return c.Leaf.NotAfter, nil
	}
	if len(c.Certificate) == 0 {
		return time.Time{}, errors.New("certificate: it is empty")
	}
	leaf, err := x509.ParseCertificate(c.Certificate[0])
	if err != nil {
		return time.Time{}, fmt.Errorf("certificate: %w", err)
	}
	return leaf.NotAfter, nil
}

// stored is when a fetched certificate ends, read where it is kept.
func stored(storage certmagic.Storage, issuer, domain string) lifetime {
	key := certmagic.StorageKeys.SiteCert(issuer, domain)
	return func(ctx context.Context) (time.Time, error) {
		chain, err := storage.Load(ctx, key)
		if err != nil {
			return time.Time{}, fmt.Errorf("certificate of %s: %w", domain, err)
		}
		block, _ := pem.Decode(chain) // the leaf comes first
		if block == nil {
			return time.Time{}, fmt.Errorf("certificate of %s: not PEM", domain)
		}
		return notAfter(&tls.Certificate{Certificate: [][]byte{block.Bytes}})
	}
}

// patience is how long a figure may take when somebody asks for it.
const patience = 5 * time.Second

// watchRoom adds the figures that warn before something runs out. What cannot
// be read is not a number.
func (m *metrics) watchRoom(a *App) {
	read := func(f func(ctx context.Context) (float64, error)) func() float64 {
		return func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			v, err := f(ctx)
			if err != nil {
				return math.NaN()
			}
			return v
		}
	}
	m.gauge("okno_inbound_waiting_updates", "Raw updates taken from platforms and not worked off yet.", read(func(ctx context.Context) (float64, error) {
		b, err := a.Stores.Inbox.Backlog(ctx)
		return float64(b.Updates), err
	}))
	m.gauge("okno_inbound_oldest_seconds", "How long the oldest of them has waited.", read(func(ctx context.Context) (float64, error) {
		b, err := a.Stores.Inbox.Backlog(ctx)
		if err != nil || b.Updates == 0 {
			return 0, err
		}
		return time.Since(b.Oldest).Seconds(), nil
	}))
	m.gauge("okno_disk_free_bytes", "Room on the data directory's disk.", read(func(context.Context) (float64, error) {
		free, _, err := room(a.Config.DataDir)
		return float64(free), err
	}))
	m.gauge("okno_disk_free_ratio", "The same as a part of the disk, 0 to 1.", read(func(context.Context) (float64, error) {
		free, all, err := room(a.Config.DataDir)
		return float64(free) / float64(max(all, 1)), err
	}))
	if a.certificateEnd != nil {
		m.gauge("okno_certificate_left_seconds", "How long the server's own certificate is good for.", read(func(ctx context.Context) (float64, error) {
			end, err := a.certificateEnd(ctx)
			return time.Until(end).Seconds(), err
		}))
	}
}
