package secretbox_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/secretbox"
)

var place = secretbox.Place{Table: "channels", Row: "42", Field: "token"}

func TestSealedValueOpensOnlyInItsPlace(t *testing.T) {
	ring := secretbox.NewKeyring(secretbox.NewKey())
	box := ring.Box("channel.credentials")
	secret := []byte("110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw")
	sealed, err := box.Seal(secret, place)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, secret[:8]) || len(sealed) != len(secret)+secretbox.Overhead {
		t.Fatalf("sealed value looks wrong: %d bytes", len(sealed))
	}
	if plain, err := box.Open(sealed, place); err != nil || !bytes.Equal(plain, secret) {
		t.Fatalf("open: %q, %v", plain, err)
	}

	cases := map[string]struct {
		box  *secretbox.Box
		at   secretbox.Place
		code string
	}{
		"another row":             {box, secretbox.Place{Table: "channels", Row: "43", Field: "token"}, "secret.not_authentic"},
		"another table":           {box, secretbox.Place{Table: "webhooks", Row: "42", Field: "token"}, "secret.not_authentic"},
		"another field":           {box, secretbox.Place{Table: "channels", Row: "42", Field: "secret"}, "secret.not_authentic"},
		"parts shifted":           {box, secretbox.Place{Table: "channels4", Row: "2", Field: "token"}, "secret.not_authentic"},
		"another purpose":         {ring.Box("webhook.secret"), place, "secret.not_authentic"},
		"another installation":    {secretbox.NewKeyring(secretbox.NewKey()).Box("channel.credentials"), place, "secret.unknown_key"},
		"no place":                {box, secretbox.Place{}, "secret.not_authentic"},
		"place in the wrong case": {box, secretbox.Place{Table: "Channels", Row: "42", Field: "token"}, "secret.not_authentic"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			plain, err := c.box.Open(sealed, c.at)
			if plain != nil || fault.CodeOf(err) != c.code {
				t.Fatalf("got %q, %v; want %s", plain, err, c.code)
			}
		})
	}
}

func TestEveryChangedByteIsNoticed(t *testing.T) {
	box := secretbox.NewKeyring(secretbox.NewKey()).Box("p")
	sealed, err := box.Seal([]byte("secret"), place)
	if err != nil {
		t.Fatal(err)
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 0x20
		if plain, err := box.Open(bad, place); err == nil || plain != nil {
			t.Fatalf("byte %d changed and the value opened", i)
		}
	}
	for n := range len(sealed) {
		if _, err := box.Open(sealed[:n], place); err == nil {
			t.Fatalf("opened after being cut to %d bytes", n)
		}
	}
}

func TestSameValueIsNeverSealedAlike(t *testing.T) {
	box := secretbox.NewKeyring(secretbox.NewKey()).Box("p")
	seen := map[string]bool{}
	for range 100 {
		sealed, err := box.Seal([]byte("same"), place)
		if err != nil {
			t.Fatal(err)
		}
		if seen[string(sealed)] {
			t.Fatal("two equal sealed values: the nonce repeats")
		}
		seen[string(sealed)] = true
	}
}

func TestRotation(t *testing.T) {
	former, current := secretbox.NewKey(), secretbox.NewKey()
	sealed, err := secretbox.NewKeyring(former).Box("p").Seal([]byte("old"), place)
	if err != nil {
		t.Fatal(err)
	}
	box := secretbox.NewKeyring(current, former).Box("p")
	plain, err := box.Open(sealed, place)
	if err != nil || string(plain) != "old" {
		t.Fatalf("a former key's value: %q, %v", plain, err)
	}
	if !box.Stale(sealed) {
		t.Fatal("a former key's value must be stale")
	}
	fresh, err := box.Seal(plain, place)
	if err != nil {
		t.Fatal(err)
	}
	if box.Stale(fresh) {
		t.Fatal("a fresh value is stale")
	}
	if _, err := secretbox.NewKeyring(current).Box("p").Open(fresh, place); err != nil {
		t.Fatalf("the fresh value must not need the former key: %v", err)
	}
}

func TestDerivedKeysAreUnrelated(t *testing.T) {
	ring := secretbox.NewKeyring(secretbox.NewKey())
	a, b := ring.Derive("visitor-token"), ring.Derive("media-link")
	if len(a) != secretbox.KeySize || bytes.Equal(a, b) || !bytes.Equal(a, ring.Derive("visitor-token")) {
		t.Fatal("derived keys must be stable per purpose and differ between purposes")
	}
}

func TestKeyNeverPrintsItself(t *testing.T) {
	k := secretbox.NewKey()
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", slog.Any("key", k), slog.Any("ring", secretbox.NewKeyring(k)))
	j, err := json.Marshal(map[string]any{"k": k})
	if err != nil {
		t.Fatal(err)
	}
	all := log.String() + string(j) + fmt.Sprintf("%v %+v %#v %s %x %d", k, k, k, k, k, k)
	for _, leak := range []string{k.Encode(), k.Encode()[:10], fmt.Sprintf("%d %d %d", k[0], k[1], k[2]), fmt.Sprintf("%02x%02x%02x", k[0], k[1], k[2])} {
		if strings.Contains(all, leak) {
			t.Fatalf("the key shows in %s", all)
		}
	}
}

func TestParseKey(t *testing.T) {
	k := secretbox.NewKey()
	for _, text := range []string{
		k.Encode(), " " + k.Encode() + "\n", strings.TrimRight(k.Encode(), "="),
		base64.URLEncoding.EncodeToString(k[:]), base64.RawURLEncoding.EncodeToString(k[:]),
	} {
		if got, err := secretbox.ParseKey(text); err != nil || got != k {
			t.Errorf("%q: %v", text, err)
		}
	}
	for text, code := range map[string]string{
		"":                               "secret.key_length",
		"c2hvcnQ=":                       "secret.key_length",
		"correct horse battery staple!!": "secret.key_malformed",
		strings.Repeat("A", 88):          "secret.key_length",
		strings.Repeat("00112233", 8):    "secret.key_length", // hexadecimal, a likely mistake
		"пароль":                         "secret.key_malformed",
	} {
		_, err := secretbox.ParseKey(text)
		if fault.CodeOf(err) != code || (text != "" && strings.Contains(err.Error(), text)) {
			t.Errorf("%q: %v, want %s", text, err, code)
		}
	}
}

func TestLoadMakesOneKeyFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	var wg sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		wg.Go(func() {
			ring, err := secretbox.Load(secretbox.Config{DataDir: dir})
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = ring.CurrentID()
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] || id == "" {
			t.Fatalf("processes starting at once got different keys: %v", ids)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != secretbox.FileName {
		t.Fatalf("data directory holds %v, %v", entries, err)
	}
	info, err := entries[0].Info()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
}

func TestLoadRefusesWhatIsUnsafe(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, secretbox.FileName)
	if err := os.WriteFile(path, []byte(secretbox.NewKey().Encode()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil { //nolint:gosec // the very mode that must be refused
		t.Fatal(err)
	}
	if _, err := secretbox.Load(secretbox.Config{DataDir: dir}); fault.CodeOf(err) != "secret.key_readable_by_others" {
		t.Fatalf("a key others can read: %v", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := secretbox.Load(secretbox.Config{DataDir: dir}); fault.CodeOf(err) != "secret.key_length" {
		t.Fatalf("an empty key file must not be replaced silently: %v", err)
	}
	if _, err := secretbox.Load(secretbox.Config{}); fault.CodeOf(err) != "secret.key_missing" {
		t.Fatalf("nothing configured: %v", err)
	}
}

func TestLoadFromSettingKeepsTheFilesKey(t *testing.T) {
	dir := t.TempDir()
	byFile, err := secretbox.Load(secretbox.Config{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := byFile.Box("p").Seal([]byte("x"), place)
	if err != nil {
		t.Fatal(err)
	}
	a, b := secretbox.NewKey(), secretbox.NewKey()
	ring, err := secretbox.Load(secretbox.Config{DataDir: dir, Keys: a.Encode() + "," + b.Encode()})
	if err != nil {
		t.Fatal(err)
	}
	if ring.CurrentID() != a.ID() {
		t.Fatal("the first key of the setting must seal")
	}
	if _, err := ring.Box("p").Open(sealed, place); err != nil {
		t.Fatalf("values from before the setting: %v", err)
	}
	if _, err := secretbox.Load(secretbox.Config{DataDir: dir, Keys: "nonsense"}); fault.KindOf(err) != fault.Invalid {
		t.Fatalf("a malformed setting: %v", err)
	}
}
