package art

import (
	"fmt"
	"image/color"
)

// The sizes of pictures as telephones send them.
const (
	wide = 800
	tall = 600
)

// palettes are walls and tables that photos are taken against.
func palettes() [][2]uint32 {
	return [][2]uint32{{0xe9e2d8, 0xb98d62}, {0xd7e0e4, 0x8a9aa3}, {0xf0e8dc, 0x6e4a33}, {0xdfe5d8, 0xa77b52}, {0xe6dde6, 0x5e5560}}
}

func (c *canvas) room() {
	all := palettes()
	p := all[c.rng.IntN(len(all))]
	c.gradient(mix(rgb(p[0]), rgb(0xffffff), 0.3), rgb(p[0]))
	edge := c.h * (0.68 + 0.06*c.rng.Float32())
	c.polygon(rgb(p[1]), 0, edge, c.w, edge-c.h*0.03, c.w, c.h, 0, c.h)
	for range 9 {
		y := edge + c.rng.Float32()*(c.h-edge)
		c.polygon(alpha(rgb(0x000000), 14), 0, y, c.w, y-c.h*0.02, c.w, y-c.h*0.015, 0, y+4)
	}
}

// machine draws a coffee machine standing on y with a width.
func (c *canvas) machine(x, y, width float32) {
	bodies := []uint32{0x2d3236, 0xb9bec2, 0x8c2f2b, 0xece9e3, 0x31544c}
	body := rgb(bodies[c.rng.IntN(len(bodies))])
	dark, light := mix(body, rgb(0), 0.35), mix(body, rgb(0xffffff), 0.25)
	h := width * 1.05
	c.oval(alpha(rgb(0), 60), x+width/2, y, width*0.62, width*0.07, 0)
	c.box(body, x, y-h, width, h*0.34, width*0.06)
	c.box(dark, x+width*0.05, y-h*0.7, width*0.9, h*0.55, width*0.03)
	c.box(body, x, y-h*0.72, width*0.16, h*0.72, width*0.04)
	c.box(body, x, y-h*0.16, width, h*0.16, width*0.04)
	c.box(light, x+width*0.06, y-h*0.95, width*0.88, h*0.03, 3)
	c.box(rgb(0x17191b), x+width*0.3, y-h*0.89, width*0.4, h*0.14, 6)
	c.text(textStyle{size: float64(width) * 0.08, bold: true, center: true, color: rgb(0xf2c078)}, x+width/2, y-h*0.79, "УТРО")
	for i := range 3 {
		c.oval(light, x+width*(0.78+0.07*float32(i)), y-h*0.82, width*0.022, width*0.022, 0)
	}
	c.box(rgb(0x9aa0a5), x+width*0.44, y-h*0.67, width*0.12, h*0.1, 4)
	c.box(rgb(0x3a2a20), x+width*0.5, y-h*0.62, width*0.34, h*0.035, 5)
	c.cup(x+width*0.5, y-h*0.16, width*0.13)
	c.box(rgb(0xc9cdd0), x+width*0.9, y-h*0.62, width*0.03, h*0.36, 3)
}

// cup stands on y.
func (c *canvas) cup(x, y, r float32) {
	c.oval(rgb(0xffffff), x+r*1.05, y-r*0.75, r*0.4, r*0.35, 0)
	c.oval(rgb(0xd8d4cd), x+r*1.05, y-r*0.75, r*0.24, r*0.2, 0)
	c.polygon(rgb(0xffffff), x-r, y-r*1.3, x+r, y-r*1.3, x+r*0.7, y, x-r*0.7, y)
	c.oval(rgb(0xf4f1ec), x, y-r*1.3, r, r*0.26, 0)
	c.oval(rgb(0x4b2e1e), x, y-r*1.28, r*0.84, r*0.19, 0)
	c.oval(rgb(0xb57a45), x-r*0.1, y-r*1.28, r*0.5, r*0.1, 0.2)
}

// Machine is a photo of a coffee machine.
func (p *Painter) Machine(seed uint64) ([]byte, error) {
	c := p.canvas(wide, tall, seed)
	c.room()
	w := c.w * (0.36 + 0.1*c.rng.Float32())
	c.machine(c.w*0.28+c.rng.Float32()*c.w*0.12, c.h*0.86, w)
	c.cup(c.w*0.14, c.h*0.88, 34)
	c.grain(5)
	return c.jpeg()
}

// Beans is a photo of a bag of beans.
func (p *Painter) Beans(seed uint64) ([]byte, error) {
	c := p.canvas(wide, tall, seed)
	c.room()
	bags := []uint32{0x23201d, 0xb46a3c, 0x2f4a3d, 0xdccfb8}
	names := []string{"БРАЗИЛИЯ", "ЭФИОПИЯ", "БУДНИ"}
	roast := []uint32{0x3b2314, 0x6b4226, 0x8a5a33}[c.rng.IntN(3)]
	bag := rgb(bags[c.rng.IntN(len(bags))])
	c.oval(alpha(rgb(0), 60), 300, 520, 190, 24, 0)
	c.polygon(bag, 160, 120, 440, 110, 462, 515, 138, 520)
	c.polygon(mix(bag, rgb(0), 0.25), 160, 120, 440, 110, 436, 150, 164, 160)
	c.box(rgb(0xf6efe3), 200, 230, 200, 170, 10)
	c.text(textStyle{size: 30, bold: true, center: true, color: rgb(0x3b2314)}, 300, 290, names[c.rng.IntN(3)])
	c.text(textStyle{size: 18, center: true, color: rgb(0x7a5c45)}, 300, 322, "обжарка недели")
	c.text(textStyle{size: 18, center: true, color: rgb(0x7a5c45)}, 300, 352, "1 кг · зерно")
	for range 150 {
		x, y := 470+c.rng.Float32()*290, 430+c.rng.Float32()*130
		a := c.rng.Float64() * 3.1
		shade := mix(rgb(roast), rgb(0), c.rng.Float64()*0.3)
		c.oval(shade, x, y, 15, 10, a)
		c.oval(mix(shade, rgb(0), 0.45), x, y, 13, 1.6, a)
	}
	c.grain(6)
	return c.jpeg()
}

// Leak is a photo of a machine in a puddle.
func (p *Painter) Leak(seed uint64) ([]byte, error) {
	c := p.canvas(wide, tall, seed)
	c.room()
	c.machine(c.w*0.24, c.h*0.8, c.w*0.42)
	for range 7 {
		c.oval(alpha(rgb(0xcfe3ee), 130), c.w*(0.25+0.45*c.rng.Float32()), c.h*(0.83+0.1*c.rng.Float32()),
			60+c.rng.Float32()*110, 10+c.rng.Float32()*18, 0)
	}
	for range 14 {
		c.oval(alpha(rgb(0xffffff), 150), c.w*(0.2+0.6*c.rng.Float32()), c.h*(0.84+0.1*c.rng.Float32()), 6, 2, 0)
	}
	c.grain(9)
	return c.jpeg()
}

// Receipt is a photo of a till receipt.
func (p *Painter) Receipt(seed uint64, goods, price, order string) ([]byte, error) {
	c := p.canvas(600, 800, seed)
	c.gradient(rgb(0x7a5a42), rgb(0x553c2b))
	lean := c.rng.Float32()*30 - 15
	c.polygon(alpha(rgb(0), 80), 92+lean, 52, 522+lean, 46, 512, 762, 84, 770)
	c.polygon(rgb(0xfbfaf6), 84+lean, 44, 514+lean, 38, 504, 754, 76, 762)
	ink := rgb(0x2b2b2b)
	line := func(y float32, size float64, bold bool, s string) {
		c.text(textStyle{size: size, bold: bold, center: true, color: ink}, 295, y, s)
	}
	line(100, 30, true, "УТРО")
	line(132, 18, false, "Москва, ул. Покровка, 12")
	line(160, 18, false, "КАССОВЫЙ ЧЕК · ПРИХОД")
	for i := range 22 {
		c.box(alpha(ink, 150), 110+float32(i)*17, 180, 9, 2, 0)
	}
	line(226, 22, false, goods)
	line(262, 22, true, "1 × "+price)
	line(318, 20, false, "Заказ № "+order)
	line(376, 34, true, "ИТОГ "+price)
	line(412, 18, false, "БЕЗНАЛИЧНЫМИ")
	c.squares(190, 450, 210, ink)
	line(706, 16, false, "Спасибо за покупку!")
	c.grain(7)
	return c.jpeg()
}

// squares looks like a code to scan, and is none.
func (c *canvas) squares(x, y, side float32, ink color.NRGBA) {
	const n = 21
	cell := side / n
	for row := range n {
		for col := range n {
			corner := (row < 7 || row > 13) && col < 7 || row < 7 && col > 13
			if !corner && c.rng.IntN(2) == 0 {
				c.box(ink, x+float32(col)*cell, y+float32(row)*cell, cell, cell, 0)
			}
		}
	}
	for _, at := range [][2]float32{{0, 0}, {14, 0}, {0, 14}} {
		cx, cy := x+at[0]*cell, y+at[1]*cell
		c.box(ink, cx, cy, cell*7, cell*7, 0)
		c.box(rgb(0xfbfaf6), cx+cell, cy+cell, cell*5, cell*5, 0)
		c.box(ink, cx+cell*2, cy+cell*2, cell*3, cell*3, 0)
	}
}

// Plate is a photo of a machine's rating plate.
func (p *Painter) Plate(seed uint64, model string) ([]byte, error) {
	c := p.canvas(wide, 500, seed)
	c.gradient(rgb(0x3a3f44), rgb(0x24282b))
	c.box(rgb(0xc8ccce), 70, 80, 660, 330, 18)
	c.box(rgb(0xb4b9bc), 84, 94, 632, 302, 12)
	for _, at := range [][2]float32{{104, 112}, {696, 112}, {104, 378}, {696, 378}} {
		c.oval(rgb(0x6d7377), at[0], at[1], 10, 10, 0)
	}
	ink := rgb(0x1d1f21)
	c.text(textStyle{size: 44, bold: true, color: ink}, 140, 170, model)
	c.text(textStyle{size: 26, color: ink}, 140, 226, "230 V ~ 50 Hz   1450 W   15 bar")
	c.text(textStyle{size: 26, color: ink}, 140, 274, fmt.Sprintf("S/N UT-%06d   2026", c.rng.IntN(1000000)))
	c.text(textStyle{size: 22, color: ink}, 140, 330, "ООО «Утро», Москва · IPX1 · Сделано в России")
	c.grain(10)
	return c.jpeg()
}

// Screen is a screenshot of the shop's basket refusing a promo code.
func (p *Painter) Screen(seed uint64) ([]byte, error) {
	c := p.canvas(540, 960, seed)
	c.gradient(rgb(0xfaf7f2), rgb(0xfaf7f2))
	dark := rgb(0x2a1d14)
	c.text(textStyle{size: 24, bold: true, color: dark}, 32, 44, fmt.Sprintf("%d:%02d", 9+c.rng.IntN(12), c.rng.IntN(60)))
	c.text(textStyle{size: 36, bold: true, color: dark}, 32, 130, "Корзина")
	for i, s := range []string{"Бразилия Сантос, 1 кг — 1 150 руб.", "Смесь «Будни», 2 кг — 1 960 руб."} {
		y := 180 + float32(i)*110
		c.box(rgb(0xffffff), 24, y, 492, 92, 16)
		c.text(textStyle{size: 22, color: dark}, 44, y+54, s)
	}
	c.box(rgb(0xffffff), 24, 430, 492, 74, 16)
	c.text(textStyle{size: 26, bold: true, color: dark}, 44, 476, "УТРО10")
	c.text(textStyle{size: 22, color: rgb(0xc2372b)}, 32, 540, "Промокод недействителен")
	c.text(textStyle{size: 30, bold: true, color: dark}, 32, 640, "Итого 3 110 руб.")
	c.box(rgb(0xb4632a), 24, 690, 492, 84, 20)
	c.text(textStyle{size: 28, bold: true, center: true, color: rgb(0xffffff)}, 270, 742, "Оформить")
	return c.png()
}
