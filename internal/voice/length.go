package voice

import (
	"bytes"
	"encoding/binary"
	"time"
)

// maxPlausible is the longest duration believed of a header.
const maxPlausible = 1000 * time.Hour

// mp4Duration reads the movie header (ISO/IEC 14496-12, section 8.2.2); 0 if
// there is none or it does not know, as in fragmented recordings.
func mp4Duration(data []byte) time.Duration {
	mvhd := box(box(data, "moov"), "mvhd")
	var scale, units uint64
	switch {
	case len(mvhd) >= 20 && mvhd[0] == 0:
		scale, units = uint64(binary.BigEndian.Uint32(mvhd[12:])), uint64(binary.BigEndian.Uint32(mvhd[16:]))
		if units == 1<<32-1 {
			return 0
		}
	case len(mvhd) >= 32 && mvhd[0] == 1:
		scale, units = uint64(binary.BigEndian.Uint32(mvhd[20:])), binary.BigEndian.Uint64(mvhd[24:])
	}
	return ratio(units, scale)
}

// box returns the contents of the first box of a kind among its siblings.
func box(b []byte, kind string) []byte {
	for len(b) >= 8 {
		size, head := uint64(binary.BigEndian.Uint32(b)), uint64(8)
		if size == 1 && len(b) >= 16 {
			size, head = binary.BigEndian.Uint64(b[8:]), 16
		}
		if size == 0 {
			size = uint64(len(b)) // the last box, to the end
		}
		if size < head || size > uint64(len(b)) {
			return nil
		}
		if string(b[4:8]) == kind {
			return b[head:size]
		}
		b = b[size:]
	}
	return nil
}

// wavDuration divides the data chunk's size by the bytes of a second.
func wavDuration(data []byte) time.Duration {
	if len(data) < 12 {
		return 0
	}
	var rate uint64
	for b := data[12:]; len(b) >= 8; {
		size := uint64(binary.LittleEndian.Uint32(b[4:]))
		rest := b[8:]
		switch string(b[:4]) {
		case "fmt ":
			if len(rest) >= 16 {
				rate = uint64(binary.LittleEndian.Uint32(rest[8:]))
			}
		case "data":
			// Streamed files give a size too great: what is there counts.
			return ratio(min(size, uint64(len(rest))), rate)
		}
		if size += size & 1; size > uint64(len(rest)) {
			return 0
		}
		b = rest[size:]
	}
	return 0
}

// mp3Duration adds up the frames of an MPEG audio file of layer III
// (ISO/IEC 11172-3, section 2.4.2.3).
func mp3Duration(data []byte) time.Duration {
	b := data
	if len(b) >= 10 && string(b[:3]) == "ID3" {
		size := int(b[6]&0x7f)<<21 | int(b[7]&0x7f)<<14 | int(b[8]&0x7f)<<7 | int(b[9]&0x7f)
		b = b[min(len(b), size+10):]
	}
	b = bytes.TrimLeft(b, "\x00")
	var samples, rate uint64
	for len(b) >= 4 {
		f, ok := mp3Frame(b)
		if !ok {
			break
		}
		// The first frame of a VBR file is a table of contents, not sound.
		if rate == 0 && (bytes.Contains(b[:min(len(b), f.size)], []byte("Xing")) || bytes.Contains(b[:min(len(b), f.size)], []byte("Info"))) {
			f.samples = 0
		}
		rate = f.rate
		samples += f.samples
		b = b[min(len(b), f.size):]
	}
	return ratio(samples, rate)
}

type mp3Header struct {
	size          int
	samples, rate uint64
}

func mp3Frame(b []byte) (mp3Header, bool) {
	if b[0] != 0xff || b[1]&0xe0 != 0xe0 || b[1]>>1&3 != 1 {
		return mp3Header{}, false
	}
	version, bitrate, rate := b[1]>>3&3, b[2]>>4, b[2]>>2&3
	if version == 1 || bitrate == 0 || bitrate == 15 || rate == 3 {
		return mp3Header{}, false
	}
	kbit := [...]int{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}[bitrate]
	hz, samples := [...]int{44100, 48000, 32000}[rate], 1152
	if version != 3 { // MPEG-2 and 2.5: half the rates, half the frame
		kbit = [...]int{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}[bitrate]
		hz, samples = hz/2, 576
	}
	if version == 0 {
		hz /= 2
	}
	size := samples/8*kbit*1000/hz + int(b[2]>>1&1)
	return mp3Header{size: size, samples: uint64(samples), rate: uint64(hz)}, true //nolint:gosec // small constants
}

func ratio(units, perSecond uint64) time.Duration {
	if perSecond == 0 || units/perSecond > uint64(maxPlausible/time.Second) {
		return 0
	}
	return time.Duration(float64(units) / float64(perSecond) * float64(time.Second))
}
