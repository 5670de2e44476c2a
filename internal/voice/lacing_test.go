package voice_test

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/voice"
)

// audioPackets takes the packets out of an Ogg file whose packets do not cross
// pages, past both headers.
func audioPackets(t *testing.T, ogg []byte) (head []byte, packets [][]byte) {
	t.Helper()
	for len(ogg) > 27 {
		table := ogg[27 : 27+int(ogg[26])]
		body := ogg[27+len(table):]
		size := 0
		for _, s := range table {
			if size += int(s); s < 255 {
				packets = append(packets, body[:size])
				body, size = body[size:], 0
			}
		}
		ogg = body
	}
	return packets[0], packets[2:]
}

// element writes an EBML element with its size in eight bytes.
func element(id uint32, body ...[]byte) []byte {
	out := bytes.TrimLeft(binary.BigEndian.AppendUint32(nil, id), "\x00")
	all := bytes.Join(body, nil)
	return append(binary.BigEndian.AppendUint64(out, 1<<56|uint64(len(all))), all...)
}

// webm makes a live WebM file (sizes unknown) of an Opus track with these
// blocks, and of a video track whose blocks are to be passed over.
func webm(head []byte, blocks ...[]byte) []byte {
	open := func(id uint32) []byte { // an element that is never closed
		return append(binary.BigEndian.AppendUint32(nil, id), 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
	}
	out := element(0x1A45DFA3, element(0x4282, []byte("webm")))
	out = append(out, open(0x18538067)...)
	out = append(out, element(0x1654AE6B,
		element(0xAE, element(0xD7, []byte{1}), element(0x83, []byte{1}), element(0x86, []byte("V_VP8"))),
		element(0xAE, element(0xD7, []byte{2}), element(0x83, []byte{2}), element(0x86, []byte("A_OPUS")), element(0x63A2, head)))...)
	for _, b := range blocks {
		out = append(out, open(0x1F43B675)...)
		out = append(out, element(0xE7, []byte{0})...)
		out = append(out, element(0xA3, []byte{0x81, 0, 0, 0x80}, []byte("a picture"))...)
		out = append(out, element(0xEC, []byte("void"))...)
		out = append(out, b...)
	}
	return out
}

func simpleBlock(lacing byte, data ...[]byte) []byte {
	return element(0xA3, append([][]byte{{0x82, 0, 0, 0x80 | lacing<<1}}, data...)...)
}

func TestLacedBlocks(t *testing.T) {
	head, packets := audioPackets(t, read(t, "speech.opus"))
	c := voice.New(voice.Config{})
	var plain, xiph, ebml, fixed, same [][]byte
	for i := 0; i+3 <= len(packets); i += 3 {
		p := packets[i : i+3]
		plain = append(plain, simpleBlock(0, p[0]), simpleBlock(0, p[1]), simpleBlock(0, p[2]))
		sizes := []byte{2}
		for _, q := range p[:2] {
			sizes = append(sizes, bytes.Repeat([]byte{255}, len(q)/255)...)
			sizes = append(sizes, byte(len(q)%255))
		}
		xiph = append(xiph, simpleBlock(1, sizes, p[0], p[1], p[2]))
		first := binary.BigEndian.AppendUint16([]byte{2}, 0x4000|uint16(len(p[0])))
		second := binary.BigEndian.AppendUint16(first, 0x4000|uint16(len(p[1])-len(p[0])+0x1fff))
		ebml = append(ebml, simpleBlock(3, second, p[0], p[1], p[2]))
		fixed = append(fixed, simpleBlock(2, []byte{1}, p[0], p[0]))
		same = append(same, simpleBlock(0, p[0]), simpleBlock(0, p[0]))
	}
	want := note(t, c, webm(head, plain...))
	if !between(want.Duration, 1800*time.Millisecond, 2100*time.Millisecond) {
		t.Fatalf("without lacing: %v", want.Duration)
	}
	for name, blocks := range map[string][][]byte{"Xiph": xiph, "EBML": ebml} {
		if got := note(t, c, webm(head, blocks...)); !bytes.Equal(got.Data, want.Data) {
			t.Errorf("%s lacing: %v, want %v", name, got.Duration, want.Duration)
		}
	}
	if got, want := note(t, c, webm(head, fixed...)), note(t, c, webm(head, same...)); !bytes.Equal(got.Data, want.Data) {
		t.Errorf("fixed lacing: %v, want %v", got.Duration, want.Duration)
	}
	// Lengths that lead out of the block spoil that block and no other.
	spoilt := append([][]byte{simpleBlock(1, []byte{2, 255, 255, 9}, packets[0]), simpleBlock(3, []byte{3, 0x81}), simpleBlock(2, []byte{6}, packets[0][:8])}, plain...)
	if got := note(t, c, webm(head, spoilt...)); !bytes.Equal(got.Data, want.Data) {
		t.Errorf("spoilt blocks: %v, want %v", got.Duration, want.Duration)
	}
}

// TestPaddingAtTheEndIsCutOff: ffmpeg writes the encoder's delay as
// CodecDelay and what is to be dropped at the end as DiscardPadding.
func TestPaddingAtTheEndIsCutOff(t *testing.T) {
	n := note(t, voice.New(voice.Config{}), read(t, "padded.webm"))
	if !between(n.Duration, 2*time.Second-time.Millisecond, 2*time.Second+time.Millisecond) {
		t.Errorf("%v, want 2 s", n.Duration)
	}
	checkByOutsiders(t, n)
}
