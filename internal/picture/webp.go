package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"io"

	"golang.org/x/image/webp"
)

var errWebP = errors.New("not a WebP picture")

// chunks calls f with each chunk of a RIFF file's contents until it returns
// false.
func chunks(b []byte, f func(id string, body []byte) bool) {
	for len(b) >= 8 {
		size := uint64(binary.LittleEndian.Uint32(b[4:]))
		if size > uint64(len(b)-8) || !f(string(b[:4]), b[8:8+size]) { //nolint:gosec // eight bytes at least are there
			return
		}
		b = b[8+min(size+size&1, uint64(len(b)-8)):] //nolint:gosec // as above
	}
}

// decodeWebP decodes a WebP picture, of an animated one the first frame: an
// animated sticker has to show something.
func decodeWebP(r io.Reader) (image.Image, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err //nolint:wrapcheck // from memory, cannot fail
	}
	if len(data) < 12 {
		return nil, errWebP
	}
	var still []byte
	chunks(data[12:], func(id string, body []byte) bool {
		if id != "ANMF" {
			return true
		}
		still = firstFrame(body)
		return false
	})
	if still != nil {
		data = still
	}
	return webp.Decode(bytes.NewReader(data)) //nolint:wrapcheck // the caller says what failed
}

// firstFrame makes a still WebP file of a frame (RFC 9649, section 2.7.1.2):
// the canvas is the frame's own size, and so is what the decoder checks the
// frame's data against.
func firstFrame(anmf []byte) []byte {
	const frameHeader = 16
	if len(anmf) < frameHeader {
		return []byte{}
	}
	var parts []byte
	alpha := byte(0)
	chunks(anmf[frameHeader:], func(id string, body []byte) bool {
		switch id {
		case "ALPH":
			alpha = 1 << 4
			parts = appendChunk(parts, id, body)
		case "VP8 ", "VP8L":
			parts = appendChunk(parts, id, body)
			return false
		}
		return true
	})
	vp8x := append([]byte{alpha, 0, 0, 0}, anmf[6:12]...)
	body := append([]byte("WEBP"), appendChunk(nil, "VP8X", vp8x)...)
	return appendChunk(nil, "RIFF", append(body, parts...))
}

func appendChunk(b []byte, id string, body []byte) []byte {
	b = append(b, id...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body))) //nolint:gosec // a part of a file of at most 4 GiB
	b = append(b, body...)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}
