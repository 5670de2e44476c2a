package picture

import (
	"image"

	"golang.org/x/image/draw"
)

// plan says which part of a picture, as it is shown, becomes how large.
type plan struct {
	crop          image.Rectangle
	width, height int
}

func fit(w, h, side int) plan {
	p := plan{crop: image.Rect(0, 0, w, h), width: w, height: h}
	side = max(1, side)
	if longer := max(w, h); longer > side {
		p.width = max(1, (w*side+longer/2)/longer)
		p.height = max(1, (h*side+longer/2)/longer)
	}
	return p
}

func square(w, h, side int) plan {
	n := min(w, h)
	x, y := (w-n)/2, (h-n)/2
	out := max(1, min(n, side))
	return plan{crop: image.Rect(x, y, x+n, y+n), width: out, height: out}
}

// scale carries a plan out. The small picture is turned, not the large one.
func scale(img image.Image, p plan, t turn) *image.RGBA {
	b := img.Bounds()
	shownW, shownH := t.size(b.Dx(), b.Dy())
	// A GIF's first frame may cover less than the canvas the plan was made for.
	crop := p.crop.Intersect(image.Rect(0, 0, shownW, shownH))
	if crop.Empty() {
		crop = image.Rect(0, 0, shownW, shownH)
	}
	if crop != p.crop {
		p = shrink(p, crop)
	}
	from := t.back(crop, b.Dx(), b.Dy()).Add(b.Min)
	w, h := t.size(p.width, p.height) // turning back swaps the sides alike
	src, rect := img, from
	// The good filter's cost and memory grow with the source: a quick one
	// brings a large picture down to four times the size first.
	if midW, midH := 4*w, 4*h; from.Dx() > 2*midW && from.Dy() > 2*midH {
		mid := image.NewRGBA(image.Rect(0, 0, midW, midH))
		draw.ApproxBiLinear.Scale(mid, mid.Bounds(), img, from, draw.Src, nil)
		src, rect = mid, mid.Bounds()
	}
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(small, small.Bounds(), src, rect, draw.Src, nil)
	return t.apply(small)
}

// shrink keeps a plan's scale for a smaller crop.
func shrink(p plan, crop image.Rectangle) plan {
	return plan{
		crop:   crop,
		width:  max(1, p.width*crop.Dx()/p.crop.Dx()),
		height: max(1, p.height*crop.Dy()/p.crop.Dy()),
	}
}

// turn is an EXIF orientation, 1 to 8 (Exif 2.32, section 4.6.4, tag 0x0112):
// how the stored picture must be mirrored and turned to be shown.
type turn int

// swaps reports whether the sides change places.
func (t turn) swaps() bool { return t >= 5 && t <= 8 }

// size gives the sides of a picture after turning (or before: it is its own
// inverse).
func (t turn) size(w, h int) (int, int) {
	if t.swaps() {
		return h, w
	}
	return w, h
}

// stored maps a pixel of the shown picture to the stored one of w by h.
func (t turn) stored(x, y, w, h int) (int, int) {
	switch t {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	default:
		return x, y
	}
}

// back maps a part of the shown picture to the stored one of w by h.
func (t turn) back(r image.Rectangle, w, h int) image.Rectangle {
	x0, y0 := t.stored(r.Min.X, r.Min.Y, w, h)
	x1, y1 := t.stored(r.Max.X-1, r.Max.Y-1, w, h)
	return image.Rect(min(x0, x1), min(y0, y1), max(x0, x1)+1, max(y0, y1)+1)
}

// apply turns a picture.
func (t turn) apply(img *image.RGBA) *image.RGBA {
	if t <= 1 || t > 8 {
		return img
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	outW, outH := t.size(w, h)
	out := image.NewRGBA(image.Rect(0, 0, outW, outH))
	for y := range outH {
		for x := range outW {
			sx, sy := t.stored(x, y, w, h)
			out.SetRGBA(x, y, img.RGBAAt(sx, sy))
		}
	}
	return out
}
