// Command docs writes docs/reference from what the program itself says of its
// settings, events and permissions. Run it as "make docs".
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/config"
	"github.com/okno-hq/okno/internal/event"
)

const head = "<!-- Made by \"make docs\". Changes belong into the program. -->\n\n"

func main() {
	if err := run("docs/reference"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	for name, text := range reference() {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// reference returns the pages by file name.
func reference() map[string][]byte {
	return map[string][]byte{"config.md": settings(), "events.md": events(), "permissions.md": permissions()}
}

// settings lists the fields of config.Config by their tags.
func settings() []byte {
	var b bytes.Buffer
	b.WriteString(head + "# Settings\n\nEach can be given as a flag, in the environment, or in `okno.toml` under the flag's name;\n" +
		"in that order of precedence.\n\n| flag | environment | default | meaning |\n|---|---|---|---|\n")
	for field := range fields(reflect.TypeFor[config.Config]()) {
		tag := field.Tag
		name := tag.Get("name")
		if name == "" {
			continue
		}
		def := tag.Get("default")
		if def != "" {
			def = "`" + def + "`"
		}
		fmt.Fprintf(&b, "| `--%s` | `%s` | %s | %s |\n", name, tag.Get("env"), def, strings.ReplaceAll(tag.Get("help"), "|", "\\|"))
	}
	return b.Bytes()
}

// fields yields a struct's fields, also those of embedded structs.
func fields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for _, f := range reflect.VisibleFields(t) {
			if f.IsExported() && !f.Anonymous && !yield(f) {
				return
			}
		}
	}
}

func events() []byte {
	var b bytes.Buffer
	b.WriteString(head + "# Events\n\nTold by `GET /api/v1/events`, by the socket and by webhooks, as `Event` in the\n" +
		"description of the API (`okno openapi`, `/api/v1/openapi.json`).\n\n")
	for _, t := range event.Types() {
		fmt.Fprintf(&b, "- `%s`\n", t)
	}
	return b.Bytes()
}

func permissions() []byte {
	var b bytes.Buffer
	b.WriteString(head + "# Permissions\n\nWhat the built-in roles allow. Roles of your own allow what you choose.\n\n| permission |")
	roles := access.RoleKeys()
	for _, r := range roles {
		fmt.Fprintf(&b, " %s |", r)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(roles)) + "\n")
	for _, p := range access.Permissions() {
		fmt.Fprintf(&b, "| `%s` |", p)
		for _, r := range roles {
			mark := " "
			if slices.Contains(r.Default(), p) {
				mark = " yes "
			}
			b.WriteString(mark + "|")
		}
		b.WriteString("\n")
	}
	return b.Bytes()
}
