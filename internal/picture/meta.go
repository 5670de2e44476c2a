package picture

import (
	"bytes"
	"encoding/binary"
	"image/color"
)

// meta is what matters of a picture's metadata.
type meta struct {
	turn turn
	// bytesPerPixel is what decoding takes; 0: as the colour model says.
	bytesPerPixel float64
}

func bytesPerPixel(m color.Model) float64 {
	switch m {
	case color.GrayModel, color.AlphaModel:
		return 1
	case color.Gray16Model, color.Alpha16Model:
		return 2
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	case color.YCbCrModel:
		return 3
	}
	if _, ok := m.(color.Palette); ok {
		return 1
	}
	return 4
}

// jpegMeta walks the markers up to the picture's data (ITU-T T.81, annex B).
func jpegMeta(b []byte) (m meta) {
	b = b[2:]
	for len(b) >= 4 && b[0] == 0xff {
		marker := b[1]
		if marker == 0xff { // fill byte
			b = b[1:]
			continue
		}
		size := int(binary.BigEndian.Uint16(b[2:]))
		if size < 2 || size+2 > len(b) {
			return m
		}
		body := b[4 : size+2]
		switch {
		case marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) && m.turn == 0:
			m.turn = exifTurn(body[6:])
		case marker == 0xc0 || marker == 0xc1 || marker == 0xc2:
			m.bytesPerPixel = jpegBytes(body, marker == 0xc2)
		case marker == 0xda:
			return m
		}
		b = b[size+2:]
	}
	return m
}

// jpegBytes computes what a frame takes by its components' sampling. A
// progressive one is held as coefficients of four bytes besides.
func jpegBytes(frame []byte, progressive bool) float64 {
	if len(frame) < 6 || len(frame) < 6+3*int(frame[5]) {
		return 0
	}
	sum, top := 0, 0
	for i := range int(frame[5]) {
		s := frame[6+3*i+1]
		area := int(s>>4) * int(s&0x0f)
		sum, top = sum+area, max(top, area)
	}
	if top == 0 {
		return 0
	}
	n := float64(sum) / float64(top)
	if progressive {
		n *= 5
	}
	return n
}

// pngMeta looks for the eXIf chunk (PNG, third edition, section 11.3.4.6).
func pngMeta(b []byte) (m meta) {
	for b = b[8:]; len(b) >= 12; {
		size := binary.BigEndian.Uint32(b)
		if uint64(size)+12 > uint64(len(b)) {
			return m
		}
		switch string(b[4:8]) {
		case "eXIf":
			m.turn = exifTurn(b[8 : 8+size])
			return m
		case "IDAT":
			return m
		}
		b = b[size+12:]
	}
	return m
}

// webpMeta looks for the EXIF chunk (RFC 9649, section 2.7.1.5).
func webpMeta(b []byte) (m meta) {
	m.bytesPerPixel = 8 // lossless: the picture and a working copy
	chunks(b[12:], func(id string, body []byte) bool {
		if id == "EXIF" {
			m.turn = exifTurn(bytes.TrimPrefix(body, []byte("Exif\x00\x00")))
		}
		return id != "EXIF"
	})
	return m
}

func gifMeta([]byte) meta { return meta{bytesPerPixel: 1} }

// exifTurn reads the orientation from TIFF's first directory (TIFF 6.0,
// section 2); 0 where there is none.
func exifTurn(b []byte) turn {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(b, []byte("II*\x00")):
		order = binary.LittleEndian
	case bytes.HasPrefix(b, []byte("MM\x00*")):
		order = binary.BigEndian
	default:
		return 0
	}
	if len(b) < 8 {
		return 0
	}
	at := uint64(order.Uint32(b[4:]))
	if at+2 > uint64(len(b)) {
		return 0
	}
	count := int(order.Uint16(b[at:]))
	entries := b[at+2:]
	for i := 0; i < count && len(entries) >= 12*(i+1); i++ {
		e := entries[12*i:]
		if order.Uint16(e) != 0x0112 {
			continue
		}
		if v := order.Uint16(e[8:]); order.Uint16(e[2:]) == 3 && v >= 1 && v <= 8 {
			return turn(v)
		}
		return 0
	}
	return 0
}
