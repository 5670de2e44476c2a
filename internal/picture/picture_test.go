package picture_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/picture"
)

// corners makes a picture whose corners are red, green, blue and white from
// the upper left clockwise.
func corners(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{255, 0, 0, 255}
			switch right, low := x >= w/2, y >= h/2; {
			case right && !low:
				c = color.NRGBA{0, 255, 0, 255}
			case right && low:
				c = color.NRGBA{0, 0, 255, 255}
			case low:
				c = color.NRGBA{255, 255, 255, 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// seen names the corners' colours of a picture, clockwise.
func seen(img image.Image) string {
	b := img.Bounds()
	dx, dy := b.Dx()/4, b.Dy()/4
	var s strings.Builder
	for _, p := range []image.Point{
		{b.Min.X + dx, b.Min.Y + dy},
		{b.Max.X - 1 - dx, b.Min.Y + dy},
		{b.Max.X - 1 - dx, b.Max.Y - 1 - dy},
		{b.Min.X + dx, b.Max.Y - 1 - dy},
	} {
		r, g, bl, _ := img.At(p.X, p.Y).RGBA()
		switch hi := func(v uint32) bool { return v > 0x8000 }; {
		case hi(r) && hi(g) && hi(bl):
			s.WriteByte('W')
		case hi(r) && !hi(g):
			s.WriteByte('R')
		case hi(g) && !hi(r):
			s.WriteByte('G')
		case hi(bl) && !hi(r):
			s.WriteByte('B')
		default:
			s.WriteByte('?')
		}
	}
	return s.String()
}

func asJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif makes a TIFF directory with a maker's name and an orientation.
func exif(order binary.AppendByteOrder, orientation uint16) []byte {
	b := []byte("MM")
	if order == binary.LittleEndian {
		b = []byte("II")
	}
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(order.AppendUint16(b, 0x010f), 2)
	b = append(order.AppendUint32(b, 4), "SEC\x00"...)
	b = order.AppendUint16(order.AppendUint16(b, 0x0112), 3)
	b = order.AppendUint16(order.AppendUint32(b, 1), orientation)
	return order.AppendUint32(append(b, 0, 0), 0)
}

func jpegWithEXIF(data, exif []byte) []byte {
	body := append([]byte("Exif\x00\x00"), exif...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, byte((len(body)+2)>>8), byte(len(body)+2))
	return append(append(out, body...), data[2:]...)
}

func pngWithEXIF(data, exif []byte) []byte {
	chunk := append([]byte("eXIf"), exif...)
	out := append([]byte{}, data[:33]...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(exif)))
	out = binary.BigEndian.AppendUint32(append(out, chunk...), crc32.ChecksumIEEE(chunk))
	return append(out, data[33:]...)
}

func thumbnail(t testing.TB, data []byte, side int) (picture.Small, image.Image) {
	t.Helper()
	s, err := picture.New(picture.Config{}).Thumbnail(t.Context(), bytes.NewReader(data), side)
	if err != nil {
		t.Fatal(err)
	}
	return s, decode(t, s)
}

func decode(t testing.TB, s picture.Small) image.Image {
	t.Helper()
	img, kind, err := image.Decode(bytes.NewReader(s.Data))
	if err != nil || "image/"+kind != s.MIME || img.Bounds().Dx() != s.Width || img.Bounds().Dy() != s.Height {
		t.Fatalf("%s %dx%d does not hold: %s, %v", s.MIME, s.Width, s.Height, kind, err)
	}
	return img
}

func TestSizes(t *testing.T) {
	for _, c := range []struct{ w, h, side, wantW, wantH int }{
		{1280, 960, 640, 640, 480},
		{960, 1280, 640, 480, 640},
		{640, 640, 640, 640, 640},
		{100, 50, 640, 100, 50},
		{1, 1, 640, 1, 1},
		{5000, 3, 640, 640, 1},
		{3, 5000, 640, 1, 640},
		{4000, 3000, 100, 100, 75},
		{641, 480, 640, 640, 479},
	} {
		s, img := thumbnail(t, asJPEG(t, corners(c.w, c.h)), c.side)
		if s.Width != c.wantW || s.Height != c.wantH || s.MIME != "image/jpeg" {
			t.Errorf("%dx%d to %d: %s %dx%d", c.w, c.h, c.side, s.MIME, s.Width, s.Height)
		}
		if c.h > 3 && c.w > 3 && seen(img) != "RGBW" {
			t.Errorf("%dx%d to %d looks like %s", c.w, c.h, c.side, seen(img))
		}
	}
}

func TestFormats(t *testing.T) {
	var g bytes.Buffer
	pal := image.NewPaletted(image.Rect(0, 0, 80, 60), palette.Plan9)
	for i := range pal.Pix {
		pal.Pix[i] = uint8(pal.Palette.Index(corners(80, 60).At(i%80, i/80)))
	}
	if err := gif.EncodeAll(&g, &gif.GIF{Image: []*image.Paletted{pal, image.NewPaletted(image.Rect(0, 0, 80, 60), palette.Plan9)}, Delay: []int{10, 10}}); err != nil {
		t.Fatal(err)
	}
	clear16 := image.NewNRGBA64(image.Rect(0, 0, 90, 30))
	file := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, c := range map[string]struct {
		data   []byte
		format string
		w, h   int
		mime   string
	}{
		"jpeg":             {asJPEG(t, corners(100, 50)), "jpeg", 100, 50, "image/jpeg"},
		"png":              {asPNG(t, corners(100, 50)), "png", 100, 50, "image/jpeg"},
		"png, clear":       {asPNG(t, clear16), "png", 90, 30, "image/png"},
		"gif, moving":      {g.Bytes(), "gif", 80, 60, "image/jpeg"},
		"webp":             {file("lossy.webp"), "webp", 64, 48, "image/jpeg"},
		"webp, half-clear": {file("alpha.webp"), "webp", 60, 40, "image/png"},
		"webp, lossless":   {file("lossless.webp"), "webp", 60, 40, "image/jpeg"},
		"webp, moving":     {file("anim.webp"), "webp", 64, 48, "image/jpeg"},
	} {
		t.Run(name, func(t *testing.T) {
			info, err := picture.New(picture.Config{}).Inspect(bytes.NewReader(c.data))
			if err != nil || info != (picture.Info{Format: c.format, Width: c.w, Height: c.h}) {
				t.Fatalf("%+v, %v", info, err)
			}
			if s, _ := thumbnail(t, c.data, 640); s.MIME != c.mime || s.Width != c.w || s.Height != c.h {
				t.Fatalf("%s %dx%d", s.MIME, s.Width, s.Height)
			}
		})
	}
	// The first frame is the one with colours.
	if _, img := thumbnail(t, g.Bytes(), 640); seen(img) != "RGBW" {
		t.Errorf("the GIF looks like %s", seen(img))
	}
}

func TestOrientation(t *testing.T) {
	// What the picture RGBW, 60 wide and 40 high, is shown as (Exif 2.32, tag
	// 0x0112): 1 as it is, 2 mirrored, 3 turned by 180°, 4 upside down
	// mirrored, 5 transposed, 6 turned right, 7 transversed, 8 turned left.
	want := []string{1: "RGBW", 2: "GRWB", 3: "BWRG", 4: "WBGR", 5: "RWBG", 6: "WRGB", 7: "BGRW", 8: "GBWR"}
	plainJPEG, plainPNG := asJPEG(t, corners(60, 40)), asPNG(t, corners(60, 40))
	m := picture.New(picture.Config{})
	for o := 1; o <= 8; o++ {
		w, h := 60, 40
		if o >= 5 {
			w, h = 40, 60
		}
		for name, data := range map[string][]byte{
			"jpeg, little-endian": jpegWithEXIF(plainJPEG, exif(binary.LittleEndian, uint16(o))),
			"jpeg, big-endian":    jpegWithEXIF(plainJPEG, exif(binary.BigEndian, uint16(o))),
			"png":                 pngWithEXIF(plainPNG, exif(binary.BigEndian, uint16(o))),
		} {
			info, err := m.Inspect(bytes.NewReader(data))
			if err != nil || info.Width != w || info.Height != h {
				t.Errorf("%s, %d: %+v, %v", name, o, info, err)
			}
			for _, side := range []int{640, 20} {
				s, img := thumbnail(t, data, side)
				if seen(img) != want[o] || (s.Width > s.Height) != (w > h) {
					t.Errorf("%s, %d, to %d: %s, %dx%d; want %s", name, o, side, seen(img), s.Width, s.Height, want[o])
				}
				if bytes.Contains(s.Data, []byte("SEC")) || bytes.Contains(s.Data, []byte("Exif")) {
					t.Errorf("%s, %d: metadata is left", name, o)
				}
			}
			a, err := m.Avatar(t.Context(), bytes.NewReader(data), 32)
			if err != nil || a.Width != 32 || a.Height != 32 || seen(decode(t, a)) != want[o] {
				t.Errorf("%s, %d: avatar %dx%d, %v", name, o, a.Width, a.Height, err)
			}
		}
	}
	for _, o := range []uint16{0, 9, 65535} {
		if _, img := thumbnail(t, jpegWithEXIF(plainJPEG, exif(binary.BigEndian, o)), 640); seen(img) != "RGBW" {
			t.Errorf("orientation %d turned the picture", o)
		}
	}
}

func TestAvatarTakesTheMiddle(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 300, 100))
	for y := range 100 {
		for x := range 300 {
			c := color.NRGBA{0, 0, 255, 255}
			if x >= 100 && x < 200 {
				c = color.NRGBA{255, 0, 0, 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	a, err := picture.New(picture.Config{}).Avatar(t.Context(), bytes.NewReader(asPNG(t, img)), 64)
	if err != nil || a.Width != 64 || a.Height != 64 {
		t.Fatalf("%dx%d, %v", a.Width, a.Height, err)
	}
	if got := seen(decode(t, a)); got != "RRRR" {
		t.Fatalf("the avatar shows %s", got)
	}
	small, err := picture.New(picture.Config{}).Avatar(t.Context(), bytes.NewReader(asPNG(t, corners(30, 20))), 64)
	if err != nil || small.Width != 20 || small.Height != 20 {
		t.Fatalf("a small picture became %dx%d, %v", small.Width, small.Height, err)
	}
}

// bomb makes a PNG header that announces a size, with nothing behind it.
func bomb(w, h uint32) []byte {
	ihdr := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h)
	ihdr = append(ihdr, 8, 6, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\r"), ihdr...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(ihdr))
}

func TestBadPictures(t *testing.T) {
	good := asJPEG(t, corners(200, 200))
	for name, c := range map[string]struct {
		data []byte
		kind fault.Kind
		code string
	}{
		"nothing":               {nil, fault.Invalid, "picture.unknown_format"},
		"svg":                   {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), fault.Invalid, "picture.unknown_format"},
		"half a jpeg":           {good[:len(good)/2], fault.Invalid, "picture.damaged"},
		"a jpeg's start":        {good[:3], fault.Invalid, "picture.damaged"},
		"header without pixels": {bomb(10, 10), fault.Invalid, "picture.damaged"},
		"no width":              {bomb(0, 10), fault.Invalid, "picture.damaged"},
		"pixel bomb":            {bomb(30000, 30000), fault.TooLarge, "picture.too_many_pixels"},
		"line bomb":             {bomb(100000, 10), fault.TooLarge, "picture.too_many_pixels"},
		"gif bomb":              {[]byte("GIF89a\xff\xff\xff\xff\x00\x00\x00,"), fault.TooLarge, "picture.too_many_pixels"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := picture.New(picture.Config{}).Thumbnail(t.Context(), bytes.NewReader(c.data), 640)
			if fault.KindOf(err) != c.kind || fault.CodeOf(err) != c.code {
				t.Fatalf("%v, want %s", err, c.code)
			}
		})
	}
	if _, err := picture.New(picture.Config{MaxBytes: 100}).Inspect(bytes.NewReader(good)); fault.CodeOf(err) != "picture.too_large" {
		t.Errorf("too many bytes: %v", err)
	}
	if _, err := picture.New(picture.Config{MaxMemory: 1000}).Inspect(bytes.NewReader(good)); fault.CodeOf(err) != "picture.too_many_pixels" {
		t.Errorf("too much memory: %v", err)
	}
}

func TestNoWorkForWhoHasLeft(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := picture.New(picture.Config{}).Thumbnail(ctx, bytes.NewReader(asPNG(t, corners(30, 30))), 640)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestManyAtOnce(t *testing.T) {
	m := picture.New(picture.Config{Parallel: 2})
	data := asJPEG(t, corners(800, 600))
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			if s, err := m.Thumbnail(t.Context(), bytes.NewReader(data), 64); err != nil || s.Width != 64 {
				t.Errorf("%dx%d, %v", s.Width, s.Height, err)
			}
		})
	}
	wg.Wait()
}

func FuzzThumbnail(f *testing.F) {
	f.Add(asJPEG(f, corners(40, 30)))
	f.Add(jpegWithEXIF(asJPEG(f, corners(40, 30)), exif(binary.LittleEndian, 6)))
	f.Add(pngWithEXIF(asPNG(f, corners(9, 7)), exif(binary.BigEndian, 7)))
	f.Add([]byte("GIF89a\x02\x00\x02\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x01\x00\x01\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	for _, name := range []string{"lossy.webp", "alpha.webp", "lossless.webp", "anim.webp"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	m := picture.New(picture.Config{MaxMemory: 4 << 20})
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, make := range []func(context.Context, io.Reader, int) (picture.Small, error){m.Thumbnail, m.Avatar} {
			s, err := make(t.Context(), bytes.NewReader(data), 64)
			if err != nil {
				if fault.KindOf(err) == fault.Internal {
					t.Fatalf("a bad picture is called our fault: %v", err)
				}
				continue
			}
			if s.Width < 1 || s.Height < 1 || s.Width > 64 || s.Height > 64 {
				t.Fatalf("%dx%d", s.Width, s.Height)
			}
			decode(t, s)
		}
	})
}
