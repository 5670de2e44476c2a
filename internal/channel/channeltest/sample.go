package channeltest

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"path"
	"testing"
	"unicode/utf16"

	"github.com/okno-hq/okno/internal/channel"
)

// units is a text's length in UTF-16 code units.
func units(s string) int { return len(utf16.Encode([]rune(s))) }

// Sample returns a small file of a kind whose type matches one of the
// patterns ("image/*"); no patterns match everything.
func Sample(t testing.TB, kind channel.AttachmentKind, patterns ...string) File {
	t.Helper()
	for _, f := range samples(t, kind) {
		if len(patterns) == 0 {
			return f
		}
		for _, p := range patterns {
			if ok, err := path.Match(p, f.MIME); err == nil && ok {
				return f
			}
		}
	}
	t.Skipf("no sample of %s in %v", kind, patterns)
	return File{}
}

func samples(t testing.TB, kind channel.AttachmentKind) []File {
	switch kind {
	case channel.Image:
		return []File{{kind, "фото.png", "image/png", picture(t, "png")}, {kind, "фото.jpg", "image/jpeg", picture(t, "jpeg")}}
	case channel.Video:
		return []File{{kind, "ролик.mp4", "video/mp4", movie()}}
	case channel.Audio:
		return []File{{kind, "песня.mp3", "audio/mpeg", append([]byte("ID3\x04\x00\x00\x00\x00\x00\x00\xff\xfb\x90\x64"), make([]byte, 413)...)}}
	case channel.Voice:
		return []File{{kind, "голос.ogg", "audio/ogg", Speech()}}
	case channel.Document:
		return []File{
			{kind, "Счёт № 5.pdf", "application/pdf", []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")},
			{kind, "заметка.txt", "text/plain", []byte("Заметка\n")},
		}
	case channel.Sticker:
		return []File{{kind, "стикер.webp", "image/webp", sticker()}}
	case channel.Animation:
		return []File{{kind, "кот.gif", "image/gif", picture(t, "gif")}, {kind, "кот.mp4", "video/mp4", movie()}}
	}
	return nil
}

// picture is a tiny real picture.
func picture(t testing.TB, format string) []byte {
	t.Helper()
	img := image.NewPaletted(image.Rect(0, 0, 4, 3), color.Palette{color.White, color.RGBA{R: 200, A: 255}})
	img.SetColorIndex(1, 1, 1)
	var buf bytes.Buffer
	var err error
	switch format {
	case "png":
		err = png.Encode(&buf, img)
	case "jpeg":
		err = jpeg.Encode(&buf, img, nil)
	default:
		err = gif.Encode(&buf, img, nil)
	}
	if err != nil {
		t.Fatalf("encode %s: %v", format, err)
	}
	return buf.Bytes()
}

// sticker is the smallest lossless WebP: one pixel.
func sticker() []byte {
	return []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")
}

// movie is the beginning of an MP4 (ISO/IEC 14496-12): enough to be known as
// one.
func movie() []byte {
	box := func(kind string, body []byte) []byte {
		out := binary.BigEndian.AppendUint32(nil, uint32(8+len(body))) //nolint:gosec // small
		return append(append(out, kind...), body...)
	}
	return append(box("ftyp", []byte("isom\x00\x00\x02\x00isomiso2mp41")), box("mdat", make([]byte, 64))...)
}

// Speech is one second of silence as Opus in Ogg (RFC 7845), a true voice
// message.
func Speech() []byte {
	head := []byte("OpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00")
	tags := []byte("OpusTags\x04\x00\x00\x00Okno\x00\x00\x00\x00")
	var audio [][]byte
	for range 50 { // 20 ms each
		audio = append(audio, []byte{0xf8, 0xff, 0xfe})
	}
	out := page(2, 0, 0, head)
	out = append(out, page(0, 0, 1, tags)...)
	return append(out, page(4, 48000+312, 2, audio...)...)
}

// page is one Ogg page (RFC 3533).
func page(flags byte, granule uint64, seq uint32, packets ...[]byte) []byte {
	out := append([]byte("OggS\x00"), flags)
	out = binary.LittleEndian.AppendUint64(out, granule)
	out = binary.LittleEndian.AppendUint32(out, 0x6f6b6e6f)
	out = binary.LittleEndian.AppendUint32(out, seq)
	out = append(out, 0, 0, 0, 0, byte(len(packets)))
	for _, p := range packets {
		out = append(out, byte(len(p)))
	}
	out = append(out, bytes.Join(packets, nil)...)
	binary.LittleEndian.PutUint32(out[22:], checksum(out))
	return out
}

// checksum is Ogg's CRC: polynomial 0x04c11db7, not reflected.
func checksum(b []byte) uint32 {
	var crc uint32
	for _, c := range b {
		crc ^= uint32(c) << 24
		for range 8 {
			if crc&(1<<31) != 0 {
				crc = crc<<1 ^ 0x04c11db7
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}
