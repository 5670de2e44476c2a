package app

import (
	"crypto/tls"
	"os"
	"sync"
	"time"
)

// pair is a certificate in files, read again when they change, so that a
// renewed one needs no restart.
type pair struct {
	cert, key string

	mu      sync.Mutex
	loaded  *tls.Certificate
	changed time.Time
	checked time.Time
}

// recheck is how often the files are looked at.
const recheck = time.Minute

func (p *pair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.loaded != nil && time.Since(p.checked) < recheck {
		return p.loaded, nil
	}
	p.checked = time.Now()
	info, err := os.Stat(p.cert)
	if err == nil && p.loaded != nil && info.ModTime().Equal(p.changed) {
		return p.loaded, nil
	}
	if err == nil {
		var c tls.Certificate
		if c, err = tls.LoadX509KeyPair(p.cert, p.key); err == nil {
			p.loaded, p.changed = &c, info.ModTime()
		}
	}
	if err != nil && p.loaded == nil {
		return nil, err
	}
	return p.loaded, nil // half-written files: the old one still serves
}
