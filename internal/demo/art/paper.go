package art

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// A4 in points.
const (
	pageWidth  = 595
	pageHeight = 842
)

// Line is one line of a paper: left-aligned text, and text that ends at the
// right margin.
type Line struct {
	Left, Right string
	Size        float64
	Bold        bool
	// Rule draws a line below; Space leaves points above.
	Rule  bool
	Space float64
}

// Paper is a PDF of one page. Letters are drawn as outlines, so that it looks
// the same in every viewer.
func (p *Painter) Paper(title string, lines []Line) ([]byte, error) {
	var page bytes.Buffer
	page.WriteString("0.12 g\n")
	y := float64(pageHeight - 60)
	const left, right = 56.0, pageWidth - 56.0
	for _, l := range lines {
		if l.Size == 0 {
			l.Size = 11
		}
		y -= l.Space + l.Size*1.5
		l.Left, l.Right = spell(l.Left), spell(l.Right)
		f := p.regular
		if l.Bold {
			f = p.bold
		}
		if err := outline(&page, f, l.Left, l.Size, left, y); err != nil {
			return nil, err
		}
		if l.Right != "" {
			w, err := width(f, l.Right, l.Size)
			if err != nil {
				return nil, err
			}
			if err := outline(&page, f, l.Right, l.Size, right-w, y); err != nil {
				return nil, err
			}
		}
		if l.Rule {
			fmt.Fprintf(&page, "%.1f %.1f %.1f 0.7 re f\n", left, y-5, right-left)
			y -= 4
		}
	}
	return bind(title, page.Bytes())
}

// bind makes a file of a page's drawing commands (ISO 32000-1, 7.5).
func bind(title string, page []byte) ([]byte, error) {
	var packed bytes.Buffer
	z, err := zlib.NewWriterLevel(&packed, zlib.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("pack the page: %w", err)
	}
	if _, err := z.Write(page); err != nil {
		return nil, fmt.Errorf("pack the page: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack the page: %w", err)
	}
	var out bytes.Buffer
	out.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R /Lang (ru-RU) >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Resources << >> /Contents 4 0 R >>", pageWidth, pageHeight),
		fmt.Sprintf("<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream", packed.Len(), packed.String()),
		"<< /Title " + utf16Hex(title) + " /Producer (Okno) >>",
	}
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return out.Bytes(), nil
}

func utf16Hex(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, r := range s { // the titles have no characters beyond the first plane
		fmt.Fprintf(&b, "%04X", r)
	}
	b.WriteString(">")
	return b.String()
}

// width is a line's in points.
func width(f *opentype.Font, s string, size float64) (float64, error) {
	var buf sfnt.Buffer
	total := 0.0
	for _, r := range s {
		g, err := f.GlyphIndex(&buf, r)
		if err != nil {
			return 0, fmt.Errorf("find a letter: %w", err)
		}
		a, err := f.GlyphAdvance(&buf, g, ppem(size), font.HintingNone)
		if err != nil {
			return 0, fmt.Errorf("measure a letter: %w", err)
		}
		total += points(a)
	}
	return total, nil
}

// Outlines are read enlarged, for precision.
const enlarged = 16

func ppem(size float64) fixed.Int26_6     { return fixed.Int26_6(size * 64 * enlarged) }
func points(v fixed.Int26_6) float64      { return float64(v) / 64 / enlarged }
func at(p fixed.Point26_6) (x, y float64) { return points(p.X), -points(p.Y) }

// outline writes a line's letters as paths, from x on the baseline y.
func outline(out *bytes.Buffer, f *opentype.Font, s string, size, x, y float64) error {
	var buf sfnt.Buffer
	for _, r := range s {
		g, err := f.GlyphIndex(&buf, r)
		if err != nil {
			return fmt.Errorf("find a letter: %w", err)
		}
		segments, err := f.LoadGlyph(&buf, g, ppem(size), nil)
		if err != nil {
			return fmt.Errorf("read a letter: %w", err)
		}
		path(out, segments, x, y)
		a, err := f.GlyphAdvance(&buf, g, ppem(size), font.HintingNone)
		if err != nil {
			return fmt.Errorf("measure a letter: %w", err)
		}
		x += points(a)
	}
	return nil
}

func path(out *bytes.Buffer, segments sfnt.Segments, x, y float64) {
	if len(segments) == 0 {
		return
	}
	var px, py float64
	for _, s := range segments {
		ax, ay := at(s.Args[0])
		ax, ay = ax+x, ay+y
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			fmt.Fprintf(out, "%.2f %.2f m\n", ax, ay)
			px, py = ax, ay
		case sfnt.SegmentOpLineTo:
			fmt.Fprintf(out, "%.2f %.2f l\n", ax, ay)
			px, py = ax, ay
		case sfnt.SegmentOpQuadTo: // PDF knows cubic curves only
			bx, by := at(s.Args[1])
			bx, by = bx+x, by+y
			fmt.Fprintf(out, "%.2f %.2f %.2f %.2f %.2f %.2f c\n",
				px+(ax-px)*2/3, py+(ay-py)*2/3, bx+(ax-bx)*2/3, by+(ay-by)*2/3, bx, by)
			px, py = bx, by
		case sfnt.SegmentOpCubeTo:
			bx, by := at(s.Args[1])
			cx, cy := at(s.Args[2])
			fmt.Fprintf(out, "%.2f %.2f %.2f %.2f %.2f %.2f c\n", ax, ay, bx+x, by+y, cx+x, cy+y)
			px, py = cx+x, cy+y
		}
	}
	out.WriteString("f\n")
}
