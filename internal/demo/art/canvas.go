// Package art draws the pictures and papers of the demo workspace: products,
// receipts, faces, stickers, invoices. All of it is made by code, the same for
// the same seed.
package art

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// Painter draws. It is safe for concurrent use.
type Painter struct{ regular, bold *opentype.Font }

// NewPainter reads the fonts, which are part of the program.
func NewPainter() (*Painter, error) {
	regular, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("read the regular font: %w", err)
	}
	bold, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return nil, fmt.Errorf("read the bold font: %w", err)
	}
	return &Painter{regular, bold}, nil
}

// canvas is a picture being drawn.
type canvas struct {
	*image.RGBA
	w, h float32
	rng  *rand.Rand
	p    *Painter
	// faces are the fonts by size, made when first used.
	faces sync.Map
}

func (p *Painter) canvas(w, h int, seed uint64) *canvas {
	return &canvas{
		RGBA: image.NewRGBA(image.Rect(0, 0, w, h)), w: float32(w), h: float32(h), p: p,
		rng: rand.New(rand.NewPCG(seed, 0x6f6b6e6f)), //nolint:gosec // a picture, not a secret
	}
}

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16 & 0xff), G: uint8(v >> 8 & 0xff), B: uint8(v & 0xff), A: 255}
}

func alpha(c color.NRGBA, a uint8) color.NRGBA { c.A = a; return c }

func mix(a, b color.NRGBA, t float64) color.NRGBA {
	m := func(x, y uint8) uint8 { return uint8(float64(x) + (float64(y)-float64(x))*t) }
	return color.NRGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), m(a.A, b.A)}
}

// gradient fills the whole picture from top to bottom.
func (c *canvas) gradient(top, bottom color.NRGBA) {
	b := c.Bounds()
	for y := range b.Dy() {
		draw.Draw(c.RGBA, image.Rect(0, y, b.Dx(), y+1), image.NewUniform(mix(top, bottom, float64(y)/float64(b.Dy()))), image.Point{}, draw.Src)
	}
}

// polygon fills the outline through points given as x, y, x, y …
func (c *canvas) polygon(col color.NRGBA, xy ...float32) {
	x0, y0, x1, y1 := xy[0], xy[1], xy[0], xy[1]
	for at := range slices.Chunk(xy, 2) {
		x0, x1 = min(x0, at[0]), max(x1, at[0])
		y0, y1 = min(y0, at[1]), max(y1, at[1])
	}
	area := image.Rect(int(x0)-1, int(y0)-1, int(x1)+2, int(y1)+2).Intersect(c.Bounds())
	if area.Empty() {
		return
	}
	r := vector.NewRasterizer(area.Dx(), area.Dy()) // no larger than the shape
	dx, dy := float32(area.Min.X), float32(area.Min.Y)
	r.MoveTo(xy[0]-dx, xy[1]-dy)
	for at := range slices.Chunk(xy[2:], 2) {
		r.LineTo(at[0]-dx, at[1]-dy)
	}
	r.ClosePath()
	r.Draw(c.RGBA, area, image.NewUniform(col), image.Point{})
}

// box is a rectangle with round corners.
func (c *canvas) box(col color.NRGBA, x, y, w, h, round float32) {
	round = min(round, w/2, h/2)
	if round <= 0 {
		c.polygon(col, x, y, x+w, y, x+w, y+h, x, y+h)
		return
	}
	const steps = 8
	var xy []float32
	for corner, center := range [][2]float32{{x + w - round, y + h - round}, {x + round, y + h - round}, {x + round, y + round}, {x + w - round, y + round}} {
		for i := range steps + 1 {
			a := (float64(corner) + float64(i)/steps) * math.Pi / 2
			xy = append(xy, center[0]+round*cos32(a), center[1]+round*sin32(a))
		}
	}
	c.polygon(col, xy...)
}

// oval is an ellipse, turned by an angle in radians.
func (c *canvas) oval(col color.NRGBA, cx, cy, rx, ry float32, angle float64) {
	const steps = 40
	sin, cos := math.Sincos(angle)
	xy := make([]float32, 0, 2*steps)
	for i := range steps {
		s, o := math.Sincos(2 * math.Pi * float64(i) / steps)
		x, y := float64(rx)*o, float64(ry)*s
		xy = append(xy, cx+float32(x*cos-y*sin), cy+float32(x*sin+y*cos))
	}
	c.polygon(col, xy...)
}

type textStyle struct {
	size   float64
	bold   bool
	center bool
	color  color.NRGBA
}

func (c *canvas) face(s textStyle) font.Face {
	key := fmt.Sprint(s.size, s.bold)
	if f, ok := c.faces.Load(key); ok {
		face, _ := f.(font.Face) // stored below
		return face
	}
	source := c.p.regular
	if s.bold {
		source = c.p.bold
	}
	f, err := opentype.NewFace(source, &opentype.FaceOptions{Size: s.size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil // only sizes that are no sizes fail
	}
	c.faces.Store(key, f)
	return f
}

// spell replaces the signs that the fonts lack.
func spell(s string) string {
	return strings.NewReplacer("₽", "руб.", "\u00a0", " ").Replace(s)
}

// text writes one line with its baseline at y.
func (c *canvas) text(s textStyle, x, y float32, line string) {
	line = spell(line)
	f := c.face(s)
	if f == nil {
		return
	}
	d := font.Drawer{Dst: c.RGBA, Src: image.NewUniform(s.color), Face: f}
	if s.center {
		x -= float32(d.MeasureString(line)) / 64 / 2
	}
	d.Dot = fixed.Point26_6{X: fixed.Int26_6(x * 64), Y: fixed.Int26_6(y * 64)}
	d.DrawString(line)
}

// grain makes a drawing look taken by a telephone: light from a corner, a
// little noise.
func (c *canvas) grain(strength int) {
	b := c.Bounds()
	lx, ly := c.rng.Float64(), c.rng.Float64()*0.4
	for y := range b.Dy() {
		for x := range b.Dx() {
			dx, dy := float64(x)/float64(b.Dx())-lx, float64(y)/float64(b.Dy())-ly
			shade := 1.06 - 0.28*(dx*dx+dy*dy)
			n := c.rng.IntN(2*strength+1) - strength
			i := c.PixOffset(x, y)
			for k := range 3 {
				c.Pix[i+k] = uint8(max(0, min(255, int(float64(c.Pix[i+k])*shade)+n)))
			}
		}
	}
}

func (c *canvas) jpeg() ([]byte, error) {
	var out bytes.Buffer
	err := jpeg.Encode(&out, c.RGBA, &jpeg.Options{Quality: 80})
	return out.Bytes(), err
}

func (c *canvas) png() ([]byte, error) {
	var out bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, c.RGBA)
	return out.Bytes(), err
}
