package filetype

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxName bounds a file's name in bytes: every file system in use takes it,
// with room for a suffix of the user's own.
const MaxName = 200

// maxExt is the longest tail taken for an extension, dot included.
const maxExt = 16

// CleanName makes a name that is safe to store, to show and to save under on
// any system: no path, no control, invisible or direction-changing characters
// (they make "gpj.exe" read as "exe.jpg"), no characters or names that Windows
// forbids, at most MaxName bytes with the extension kept. Cleaning twice
// changes nothing. What has nothing left is called "file".
func CleanName(name string) string {
	name = norm.NFC.String(strings.ToValidUTF8(name, "_"))
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = norm.NFC.String(strings.Map(visible, name))
	name = strings.Join(strings.Fields(name), " ")
	name = trim(name)
	if stem := trim(strings.TrimLeft(name, "_")); stem == "" {
		return "file"
	}
	if reserved(name) {
		name = "_" + name
	}
	return shorten(name)
}

// trim drops what Windows drops at a name's end and what hides a file at its
// start on other systems.
func trim(name string) string { return strings.Trim(name, ". ") }

func visible(r rune) rune {
	switch {
	case unicode.IsSpace(r) || unicode.In(r, unicode.Z):
		return ' '
	case unicode.In(r, unicode.C, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
		return -1
	case r == '\u2800': // a Braille cell without dots is one more blank
		return ' '
	case strings.ContainsRune(`<>:"|?*`, r):
		return '_'
	default:
		return r
	}
}

// reserved reports whether Windows takes a name for a device, whatever
// follows the first dot.
func reserved(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	stem = strings.TrimRight(stem, " ")
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	if !strings.HasPrefix(stem, "COM") && !strings.HasPrefix(stem, "LPT") {
		return false
	}
	switch stem[3:] {
	case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³":
		return true
	}
	return false
}

func shorten(name string) string {
	if len(name) <= MaxName {
		return name
	}
	base, ext := splitExt(name)
	keep := MaxName - len(ext)
	for keep > 0 && !utf8.RuneStart(base[keep]) {
		keep--
	}
	base = strings.TrimRight(base[:keep], ". ")
	return base + ext
}

// splitExt parts a name at its last dot, if what follows is short enough to
// be an extension.
func splitExt(name string) (base, ext string) {
	dot := strings.LastIndexByte(name, '.')
	if dot <= 0 || len(name)-dot > maxExt {
		return name, ""
	}
	return name[:dot], name[dot:]
}
