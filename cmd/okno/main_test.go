package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// okno runs a command and returns what it printed.
func okno(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out, errOut bytes.Buffer
	err := run(t.Context(), args, &out, &errOut)
	return out.String(), err
}

func must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := okno(t, args...)
	if err != nil {
		t.Fatalf("okno %s: %v", strings.Join(args, " "), err)
	}
	return out
}

func TestBackupComesBackWhole(t *testing.T) {
	dir := t.TempDir()
	data, back, file := filepath.Join(dir, "data"), filepath.Join(dir, "back"), filepath.Join(dir, "copy.tar.gz")
	must(t, "admin", "create-user", "--data-dir", data, "--email", "anna@utro.example", "--password", "long enough")
	if err := os.MkdirAll(filepath.Join(data, "files", "files", "1"), 0o700); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join("files", "files", "1", "picture")
	if err := os.WriteFile(filepath.Join(data, kept), []byte("bytes"), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "backup", "--data-dir", data, file)
	must(t, "restore", "--data-dir", back, file)
	if got, err := os.ReadFile(filepath.Join(back, kept)); err != nil || string(got) != "bytes" {
		t.Errorf("file = %q, %v", got, err)
	}
	for _, name := range []string{"secret.key"} {
		a, _ := os.ReadFile(filepath.Join(data, name))
		b, _ := os.ReadFile(filepath.Join(back, name))
		if len(a) == 0 || !bytes.Equal(a, b) {
			t.Errorf("%s differs", name)
		}
	}
	if token := must(t, "admin", "create-token", "--data-dir", back, "--email", "anna@utro.example", "--name", "ci"); !strings.HasPrefix(token, "okt_") {
		t.Errorf("token = %q", token)
	}
	if _, err := okno(t, "restore", "--data-dir", back, file); err == nil {
		t.Error("restored over a database that is in use")
	}
	if _, err := okno(t, "backup", "--data-dir", data, file+".part/x"); err == nil {
		t.Error("a backup that cannot be written succeeded")
	}
}

func TestCreateUserMakesTheWorkspaceOnce(t *testing.T) {
	data := t.TempDir()
	if _, err := okno(t, "admin", "create-user", "--data-dir", data, "--email", "a@b.example", "--password", "long enough", "--role", "agent"); err == nil {
		t.Error("the first person is an agent")
	}
	must(t, "admin", "create-user", "--data-dir", data, "--email", "a@b.example", "--password", "long enough")
	if out := must(t, "admin", "create-user", "--data-dir", data, "--email", "c@d.example", "--role", "agent"); len(strings.TrimSpace(out)) < 16 {
		t.Errorf("no password was printed: %q", out)
	}
	if _, err := okno(t, "admin", "create-user", "--data-dir", data, "--email", "A@B.example", "--password", "long enough"); err == nil {
		t.Error("one address for two people")
	}
}

func TestSettingsOverrideEachOther(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("okno.toml", []byte("base-url = \"https://file.invalid\"\nlog-level = \"warn\"\ndata-dir = \"data\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	address := func(args ...string) string {
		out, _ := okno(t, append([]string{"doctor"}, args...)...) // the address does not exist: that is what it says
		for line := range strings.SplitSeq(out, "\n") {
			if strings.Contains(line, "public address") {
				return line
			}
		}
		t.Fatalf("the doctor says nothing of the address:\n%s", out)
		return ""
	}
	if got := address(); !strings.Contains(got, "file.invalid") {
		t.Errorf("file: %s", got)
	}
	t.Setenv("OKNO_BASE_URL", "https://env.invalid")
	if got := address(); !strings.Contains(got, "env.invalid") {
		t.Errorf("environment: %s", got)
	}
	if got := address("--base-url", "https://flag.invalid"); !strings.Contains(got, "flag.invalid") || !strings.Contains(got, "FAIL") {
		t.Errorf("flag: %s", got)
	}
}

func TestBadSettingsAreToldInWords(t *testing.T) {
	for _, bad := range [][]string{
		{"--base-url", "okno.example.com"},
		{"--base-url", "https://okno.example.com/path"},
		{"--database-url", "mysql://x"},
		{"--tls-cert", "x.pem"},
		{"--node", "5000"},
		{"--trusted-proxies", "nonsense"},
	} {
		_, err := okno(t, append([]string{"migrate", "--data-dir", t.TempDir()}, bad...)...)
		if err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(bad[0], "--")) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if _, err := okno(t, "nonsense"); err == nil {
		t.Error("an unknown command succeeded")
	}
}

func TestOpenAPIIsComplete(t *testing.T) {
	out := must(t, "openapi")
	for _, want := range []string{`"3.1.0"`, `"/conversations/{id}/messages"`, `"/search"`, `"/webhooks"`, `"/push/key"`, `"/files"`} {
		if !strings.Contains(out, want) {
			t.Errorf("the description lacks %s", want)
		}
	}
}
