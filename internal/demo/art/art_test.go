package art_test

import (
	"bytes"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/okno-hq/okno/internal/demo/art"
)

func painter(t *testing.T) *art.Painter {
	t.Helper()
	p, err := art.NewPainter()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPictures(t *testing.T) {
	p := painter(t)
	for name, draw := range map[string]func(seed uint64) ([]byte, error){
		"machine": p.Machine, "beans": p.Beans, "leak": p.Leak, "screen": p.Screen,
		"plate":   func(s uint64) ([]byte, error) { return p.Plate(s, "Утро Мини") },
		"receipt": func(s uint64) ([]byte, error) { return p.Receipt(s, "Утро Мини", "24 900 ₽", "1234") },
	} {
		one, err := draw(7)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, _ := draw(7)
		if !bytes.Equal(one, again) {
			t.Errorf("%s: the same seed draws something else", name)
		}
		if other, _ := draw(8); bytes.Equal(one, other) {
			t.Errorf("%s: another seed draws the same", name)
		}
		if len(one) > 100<<10 {
			t.Errorf("%s: %d bytes", name, len(one))
		}
		img, _, err := image.Decode(bytes.NewReader(one))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		colors := map[any]bool{}
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x += 7 {
			for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y += 7 {
				colors[img.At(x, y)] = true
			}
		}
		if len(colors) < 8 {
			t.Errorf("%s: only %d colours", name, len(colors))
		}
	}
}

func TestFacesAndSteam(t *testing.T) {
	p := painter(t)
	a, err := p.Avatar(art.Face{Skin: 0xf0c9a8, Hair: 0x5b3a22, Clothes: 0x2f5bea, Wall: 0xd9c7b0, Long: true})
	if err != nil {
		t.Fatal(err)
	}
	if cfg, _, err := image.DecodeConfig(bytes.NewReader(a)); err != nil || cfg.Width != cfg.Height {
		t.Errorf("avatar: %v, %d × %d", err, cfg.Width, cfg.Height)
	}
	s, err := p.Steam()
	if err != nil {
		t.Fatal(err)
	}
	if _, kind, err := image.DecodeConfig(bytes.NewReader(s)); err != nil || kind != "gif" {
		t.Errorf("steam: %q, %v", kind, err)
	}
}

// TestPaper reads the file as a viewer does: from its end to the table of
// objects, and each object where the table says.
func TestPaper(t *testing.T) {
	b, err := painter(t).Paper("Счёт № 1", []art.Line{{Left: "Счёт № 1", Size: 18, Bold: true, Rule: true}, {Left: "Утро Мини", Right: "24 900 ₽"}})
	if err != nil {
		t.Fatal(err)
	}
	s := string(b)
	_, tail, ok := strings.Cut(s, "startxref\n")
	if !ok {
		t.Fatal("no startxref")
	}
	start, err := strconv.Atoi(strings.SplitN(tail, "\n", 2)[0])
	if err != nil || !strings.HasPrefix(s[start:], "xref\n0 6\n") {
		t.Fatalf("the table of objects is not at %d: %v", start, err)
	}
	rows := strings.Split(s[start:], "\n")[3:8]
	for i, row := range rows {
		at, err := strconv.Atoi(row[:10])
		if err != nil || !strings.HasPrefix(s[at:], strconv.Itoa(i+1)+" 0 obj\n") {
			t.Errorf("object %d is not at %q: %v", i+1, row, err)
		}
	}
	if tool, err := exec.LookPath("pdftoppm"); err == nil {
		cmd := exec.CommandContext(t.Context(), tool, "-r", "40", "-png", "-")
		cmd.Stdin = bytes.NewReader(b)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("a viewer refuses it: %v", err)
		}
		if _, _, err := image.Decode(bytes.NewReader(out)); err != nil {
			t.Errorf("a viewer shows nothing: %v", err)
		}
	}
}

func TestGrinding(t *testing.T) {
	b := art.Grinding(1)
	if !bytes.HasPrefix(b, []byte("RIFF")) || !bytes.Equal(b[8:16], []byte("WAVEfmt ")) || len(b) != 44+16000 {
		t.Errorf("no WAV file of two seconds: % x, %d bytes", b[:16], len(b))
	}
}
