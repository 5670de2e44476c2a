package art

import (
	"bytes"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
)

// Face describes a person to draw.
type Face struct {
	Skin, Hair, Clothes, Wall uint32
	Long, Beard, Glasses      bool
}

// Avatar is a person's picture, 320 × 320.
func (p *Painter) Avatar(f Face) ([]byte, error) {
	c := p.canvas(320, 320, 1)
	c.gradient(mix(rgb(f.Wall), rgb(0xffffff), 0.35), rgb(f.Wall))
	skin, hair := rgb(f.Skin), rgb(f.Hair)
	if f.Long {
		c.box(hair, 86, 74, 148, 190, 70)
	}
	c.box(mix(skin, rgb(0), 0.12), 134, 190, 52, 70, 20)
	c.oval(rgb(f.Clothes), 160, 330, 122, 96, 0)
	c.polygon(mix(rgb(f.Clothes), rgb(0xffffff), 0.3), 132, 240, 160, 278, 188, 240, 178, 236, 160, 258, 142, 236)
	c.oval(skin, 160, 142, 62, 76, 0)
	c.oval(skin, 98, 148, 10, 16, 0)
	c.oval(skin, 222, 148, 10, 16, 0)
	c.fringe(hair, f.Long)
	for _, x := range []float32{136, 184} {
		c.oval(rgb(0xffffff), x, 144, 9, 6, 0)
		c.oval(rgb(0x2b1d14), x, 144, 5, 5, 0)
		c.box(hair, x-14, 127, 28, 5, 3)
	}
	c.oval(mix(skin, rgb(0), 0.14), 160, 166, 6, 9, 0)
	if f.Beard {
		c.oval(hair, 160, 196, 46, 30, 0)
		c.oval(skin, 160, 176, 44, 20, 0)
	}
	c.oval(rgb(0xb5544a), 160, 190, 19, 8, 0)
	c.box(skin, 138, 180, 44, 9, 4)
	if f.Glasses {
		for _, x := range []float32{136, 184} {
			c.ring(rgb(0x26292c), x, 144, 20, 3)
		}
		c.box(rgb(0x26292c), 155, 141, 10, 3, 1)
	}
	return c.jpeg()
}

func (c *canvas) fringe(hair color.NRGBA, long bool) {
	c.oval(hair, 160, 88, 66, 36, 0)
	if long {
		c.polygon(hair, 96, 96, 150, 78, 118, 128, 98, 160)
		c.polygon(hair, 224, 96, 150, 78, 204, 120, 222, 160)
		return
	}
	c.polygon(hair, 95, 92, 112, 86, 106, 140, 97, 140)
	c.polygon(hair, 225, 92, 208, 86, 214, 140, 223, 140)
}

// ring is a circle's outline.
func (c *canvas) ring(col color.NRGBA, x, y, r, width float32) {
	for i := range 36 {
		a := float64(i) * 0.1745
		c.oval(col, x+(r-width/2)*cos32(a), y+(r-width/2)*sin32(a), width, width/1.6, a+1.5708)
	}
}

// Steam is an animation of a steaming cup.
func (p *Painter) Steam() ([]byte, error) {
	out := gif.GIF{}
	for frame := range 8 {
		c := p.canvas(200, 200, 7)
		c.gradient(rgb(0xf3e6d3), rgb(0xd8b58c))
		for i := range 3 {
			up := float32((frame*9 + i*24) % 72)
			c.oval(alpha(rgb(0xffffff), uint8(170-2*up)), 80+float32(i)*20+6*sin32(float64(frame+2*i)), 96-up, 10, 16, 0.2)
		}
		c.cup(100, 176, 50)
		small := image.NewPaletted(c.Bounds(), palette.Plan9)
		draw.Draw(small, c.Bounds(), c.RGBA, image.Point{}, draw.Src)
		out.Image, out.Delay = append(out.Image, small), append(out.Delay, 12)
	}
	var b bytes.Buffer
	err := gif.EncodeAll(&b, &out)
	return b.Bytes(), err
}
