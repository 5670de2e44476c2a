// Package picture measures pictures and makes small ones of them for lists,
// timelines and avatars.
//
// It reads JPEG, PNG, GIF and WebP and writes JPEG, or PNG where there is
// transparency. What it writes carries no metadata: no place, no camera, no
// date. A picture is turned as its EXIF orientation says.
package picture

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"

	"github.com/okno-hq/okno/internal/fault"
)

// ThumbnailSide is the longest side of a timeline's thumbnail, in pixels.
const ThumbnailSide = 640

// AvatarSide is the side of a person's square picture, in pixels.
const AvatarSide = 256

// maxSide is the most that any of the formats but PNG can say, and enough.
const maxSide = 1 << 16

// Info is what a picture's header tells.
type Info struct {
	Format string // "jpeg", "png", "gif", "webp"
	// Width and Height are in pixels as the picture is shown, after turning.
	Width, Height int
}

// Small is a small picture ready to be stored.
type Small struct {
	Data          []byte
	MIME          string // "image/jpeg" or "image/png"
	Width, Height int
}

// Config sets up a Maker.
type Config struct {
	// MaxBytes bounds a file; zero means 64 MiB.
	MaxBytes int64
	// MaxMemory bounds what a decoded picture takes, in bytes, as its header
	// announces it; zero means 320 MiB: a JPEG photo of 100 megapixels passes.
	MaxMemory int64
	// Parallel is how many pictures may be decoded at once; zero means 1.
	Parallel int
}

// Maker makes small pictures. It is safe for use by many goroutines.
type Maker struct {
	cfg   Config
	slots chan struct{}
}

// New returns a Maker.
func New(cfg Config) *Maker {
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = 64 << 20
	}
	if cfg.MaxMemory <= 0 {
		cfg.MaxMemory = 320 << 20
	}
	if cfg.Parallel <= 0 {
		cfg.Parallel = 1
	}
	return &Maker{cfg: cfg, slots: make(chan struct{}, cfg.Parallel)}
}

// Inspect reads a picture's header.
//
// The faults of this and the other methods: "picture.unknown_format" and
// "picture.damaged" (Invalid), "picture.too_large" and
// "picture.too_many_pixels" (TooLarge).
func (m *Maker) Inspect(r io.Reader) (Info, error) {
	h, err := m.open(r)
	if err != nil {
		return Info{}, err
	}
	w, ht := h.turn.size(h.width, h.height)
	return Info{Format: h.format.name, Width: w, Height: ht}, nil
}

// Thumbnail makes a picture of at most side pixels on its longer side. A
// smaller picture keeps its size but loses its metadata all the same. Of an
// animation it takes the first frame.
func (m *Maker) Thumbnail(ctx context.Context, r io.Reader, side int) (Small, error) {
	return m.make(ctx, r, func(w, h int) plan { return fit(w, h, side) })
}

// Avatar makes a square picture of at most side pixels from the middle.
func (m *Maker) Avatar(ctx context.Context, r io.Reader, side int) (Small, error) {
	return m.make(ctx, r, func(w, h int) plan { return square(w, h, side) })
}

// header is a picture before decoding.
type header struct {
	data          []byte
	format        format
	width, height int // as stored
	turn          turn
}

// format is a picture format this package reads.
type format struct {
	name   string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	meta   func([]byte) meta
}

func sniff(b []byte) (format, bool) {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return format{"jpeg", jpeg.DecodeConfig, jpeg.Decode, jpegMeta}, true
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return format{"png", png.DecodeConfig, png.Decode, pngMeta}, true
	case bytes.HasPrefix(b, []byte("GIF87a")), bytes.HasPrefix(b, []byte("GIF89a")):
		return format{"gif", gif.DecodeConfig, gif.Decode, gifMeta}, true
	case len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return format{"webp", webp.DecodeConfig, decodeWebP, webpMeta}, true
	default:
		return format{}, false
	}
}

func (m *Maker) open(r io.Reader) (h header, err error) {
	data, err := io.ReadAll(io.LimitReader(r, m.cfg.MaxBytes+1))
	if err != nil {
		return h, fmt.Errorf("read a picture: %w", err)
	}
	if int64(len(data)) > m.cfg.MaxBytes {
		return h, fault.New(fault.TooLarge, "picture.too_large").With("limit", m.cfg.MaxBytes)
	}
	f, ok := sniff(data)
	if !ok {
		return h, fault.New(fault.Invalid, "picture.unknown_format")
	}
	defer recoverDamage(&err)
	cfg, err := f.config(bytes.NewReader(data))
	if err != nil {
		return h, fault.Wrap(fault.Invalid, "picture.damaged", err)
	}
	if cfg.Width <= 0 || cfg.Height <= 0 {
		return h, fault.New(fault.Invalid, "picture.damaged")
	}
	mt := f.meta(data)
	pixels := int64(cfg.Width) * int64(cfg.Height)
	perPixel := mt.bytesPerPixel
	if perPixel == 0 {
		perPixel = bytesPerPixel(cfg.ColorModel)
	}
	if cfg.Width > maxSide || cfg.Height > maxSide || float64(pixels)*perPixel > float64(m.cfg.MaxMemory) {
		return h, fault.New(fault.TooLarge, "picture.too_many_pixels").With("width", cfg.Width).With("height", cfg.Height)
	}
	return header{data: data, format: f, width: cfg.Width, height: cfg.Height, turn: mt.turn}, nil
}

func (m *Maker) make(ctx context.Context, r io.Reader, planFor func(w, h int) plan) (Small, error) {
	h, err := m.open(r)
	if err != nil {
		return Small{}, err
	}
	if err := ctx.Err(); err != nil {
		return Small{}, fmt.Errorf("decode a picture: %w", err)
	}
	select {
	case m.slots <- struct{}{}:
		defer func() { <-m.slots }()
	case <-ctx.Done():
		return Small{}, fmt.Errorf("wait to decode a picture: %w", ctx.Err())
	}
	img, err := h.decode()
	if err != nil {
		return Small{}, err
	}
	w, ht := h.turn.size(h.width, h.height)
	return encode(scale(img, planFor(w, ht), h.turn))
}

func (h header) decode() (img image.Image, err error) {
	defer recoverDamage(&err)
	img, err = h.format.decode(bytes.NewReader(h.data))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "picture.damaged", err)
	}
	// A GIF's frame may be smaller than its canvas; nothing may be larger than
	// what was announced.
	if b := img.Bounds(); b.Empty() || b.Dx() > h.width || b.Dy() > h.height {
		return nil, fault.New(fault.Invalid, "picture.damaged")
	}
	return img, nil
}

// recoverDamage turns a decoder's panic over a stranger's bytes into a fault.
func recoverDamage(err *error) {
	if r := recover(); r != nil {
		*err = fault.Wrap(fault.Invalid, "picture.damaged", fmt.Errorf("the decoder panicked: %v", r))
	}
}

func encode(img *image.RGBA) (Small, error) {
	var out bytes.Buffer
	s := Small{MIME: "image/jpeg", Width: img.Bounds().Dx(), Height: img.Bounds().Dy()}
	var err error
	if img.Opaque() {
		err = jpeg.Encode(&out, img, &jpeg.Options{Quality: 82})
	} else {
		s.MIME = "image/png"
		err = (&png.Encoder{CompressionLevel: png.DefaultCompression}).Encode(&out, img)
	}
	if err != nil {
		return Small{}, fault.Wrap(fault.Internal, "picture.encode", err)
	}
	s.Data = out.Bytes()
	return s, nil
}
