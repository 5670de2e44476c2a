package app_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math"
	"math/big"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/certmagic"

	"github.com/okno-hq/okno/internal/account"
	"github.com/okno-hq/okno/internal/app"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/config"
)

// certificate writes a certificate that is good for a while.
func certificate(t *testing.T, certFile, keyFile string, left time.Duration) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "okno.example"}, NotAfter: time.Now().Add(left),
	}, &x509.Certificate{SerialNumber: big.NewInt(2)}, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// figures reads the values of /metrics that have no labels.
func figures(t *testing.T, a *app.App) map[string]float64 {
	t.Helper()
	w := httptest.NewRecorder()
	a.Figures().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	out := map[string]float64{}
	for line := range strings.Lines(w.Body.String()) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			out[name] = v
		}
	}
	return out
}

// wait makes a company with a channel and lets updates wait there.
func wait(ctx context.Context, a *app.App, raws []channel.Raw) error {
	if err := a.CreateUser(ctx, app.NewUser{
		Email: "anna@okno.example", Name: "Anna", Password: "a long enough password", Role: "admin", Workspace: "Utro", Locale: "en",
	}); err != nil {
		return err
	}
	w, err := a.Access.FirstWorkspace(ctx)
	if err != nil {
		return err
	}
	inboxes, err := a.Stores.Inbox.ListInboxes(ctx, int64(w.ID))
	if err != nil {
		return err
	}
	website := account.Account{ID: 7, Workspace: int64(w.ID), Inbox: inboxes[0].ID, Kind: channel.Webchat, Name: "Website"}
	if err := a.Stores.Accounts.CreateAccount(ctx, website); err != nil {
		return err
	}
	_, err = a.Stores.Inbox.AppendInbound(ctx, int64(w.ID), website.ID, raws, a.NewID)
	return err
}

func TestFiguresThatWarn(t *testing.T) {
	dir := t.TempDir()
	a, err := app.New(t.Context(), config.Config{DataDir: dir, BaseURL: "http://localhost:8080"}, slog.New(slog.DiscardHandler), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certificate(t, cert, key, 48*time.Hour)
	a.UseCertificate(cert, key)
	raws := []channel.Raw{
		{Key: "1", Body: []byte("{}"), ReceivedAt: time.Now().Add(-time.Hour)},
		{Key: "2", Body: []byte("{}"), ReceivedAt: time.Now()},
	}
	if err := wait(t.Context(), a, raws); err != nil {
		t.Fatal(err)
	}
	got := figures(t, a)
	for name, within := range map[string][2]float64{
		"okno_inbound_waiting_updates":  {2, 2},
		"okno_inbound_oldest_seconds":   {3600, 3700},
		"okno_disk_free_bytes":          {1, math.MaxFloat64},
		"okno_disk_free_ratio":          {0.000001, 1},
		"okno_certificate_left_seconds": {47 * 3600, 48 * 3600},
	} {
		if v, ok := got[name]; !ok || v < within[0] || v > within[1] {
			t.Errorf("%s is %v, want %v", name, v, within)
		}
	}
}

func TestFetchedCertificatesEnd(t *testing.T) {
	storage := &certmagic.FileStorage{Path: t.TempDir()}
	end := app.FetchedEnd(storage, "issuer", "okno.example")
	if _, err := end(t.Context()); err == nil {
		t.Error("a certificate that was never fetched ends")
	}
	file := filepath.Join(storage.Path, filepath.FromSlash(certmagic.StorageKeys.SiteCert("issuer", "okno.example")))
	certificate(t, file, file+".key", time.Hour)
	at, err := end(t.Context())
	if left := time.Until(at); err != nil || left < 59*time.Minute || left > time.Hour {
		t.Errorf("it ends in %v: %v", left, err)
	}
}
