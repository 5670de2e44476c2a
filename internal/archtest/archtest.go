// Package archtest keeps the house's order (docs/architecture.md): which
// package may import which, how long a file may be, what a package may not be
// called. It reads the source itself, so that its verdict never comes from a
// cache, and a package without a place in the order is a fault.
package archtest

import (
	"bufio"
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// MaxLines is how long a Go file other than a test may be.
const MaxLines = 400

// skipped are folders that hold no source of ours.
var skipped = []string{"node_modules", "testdata", "dist", "bin", "data", "demo-data"} //nolint:gochecknoglobals // a constant list

// vague are names that say nothing about what a package provides.
var vague = []string{"util", "utils", "common", "helper", "helpers", "model", "models", "types", "shared", "misc", "base", "lib"} //nolint:gochecknoglobals // a constant list

// source is what the check knows of one package without its tests.
type source struct {
	dir     string // relative to the module's root, "." for the root
	imports map[string]string
}

// Check returns every violation in the module whose root is fsys.
func Check(fsys fs.FS, module string, order Order) ([]string, error) {
	packages, faults, err := read(fsys)
	if err != nil {
		return nil, err
	}
	for _, p := range packages {
		faults = append(faults, order.check(p, module)...)
	}
	slices.Sort(faults)
	return faults, nil
}

// read parses the imports of every package and looks at each file by itself.
func read(fsys fs.FS) ([]*source, []string, error) {
	byDir := map[string]*source{}
	var faults []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if name != "." && (strings.HasPrefix(base, ".") || slices.Contains(skipped, base)) {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(base) != ".go" || strings.HasSuffix(base, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		found, err := readFile(byDir, name, text)
		faults = append(faults, found...)
		return err
	})
	packages := make([]*source, 0, len(byDir))
	for _, p := range byDir {
		packages = append(packages, p)
	}
	slices.SortFunc(packages, func(a, b *source) int { return strings.Compare(a.dir, b.dir) })
	return packages, faults, err
}

func readFile(byDir map[string]*source, name string, text []byte) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return nil, err
	}
	dir := path.Dir(name)
	p := byDir[dir]
	var faults []string
	if p == nil {
		p = &source{dir: dir, imports: map[string]string{}}
		byDir[dir] = p
		if slices.Contains(vague, file.Name.Name) {
			faults = append(faults, fmt.Sprintf("%s: the name %q says nothing; call the package by what it provides", dir, file.Name.Name))
		}
	}
	for _, spec := range file.Imports {
		to, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		p.imports[to] = name
	}
	if n := lines(text); n > MaxLines && !generated(text) {
		faults = append(faults, fmt.Sprintf("%s: %d lines; a file holds one idea in at most %d", name, n, MaxLines))
	}
	return faults, nil
}

func lines(text []byte) int {
	n := bytes.Count(text, []byte("\n"))
	if len(text) > 0 && text[len(text)-1] != '\n' {
		n++
	}
	return n
}

// generated reports whether a file says so by Go's convention.
func generated(text []byte) bool {
	scan := bufio.NewScanner(bytes.NewReader(text))
	for scan.Scan() {
		line := scan.Text()
		if strings.HasPrefix(line, "// Code generated ") && strings.HasSuffix(line, " DO NOT EDIT.") {
			return true
		}
		if strings.HasPrefix(line, "package ") {
			return false
		}
	}
	return false
}
