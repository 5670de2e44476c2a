//go:build cgo

package opus

/*
#cgo LDFLAGS: -l:libopus.a -lm
#cgo noescape okno_encoder_init
#cgo nocallback okno_encoder_init
#cgo noescape opus_encode
#cgo nocallback opus_encode
#cgo noescape okno_set_loss
#cgo nocallback okno_set_loss
#cgo noescape opus_decoder_init
#cgo nocallback opus_decoder_init
#cgo noescape opus_decode
#cgo nocallback opus_decode
#include <opus/opus.h>

// Controls are variadic in C, which Go cannot call.
static int okno_encoder_init(OpusEncoder *e, int rate, int channels, int music, int bitrate,
		int complexity, int loss, int fec, int dtx) {
	int err = opus_encoder_init(e, rate, channels, music ? OPUS_APPLICATION_AUDIO : OPUS_APPLICATION_VOIP);
	if (err != OPUS_OK) return err;
	if ((err = opus_encoder_ctl(e, OPUS_SET_BITRATE(bitrate > 0 ? bitrate : OPUS_AUTO))) != OPUS_OK) return err;
	if ((err = opus_encoder_ctl(e, OPUS_SET_COMPLEXITY(complexity))) != OPUS_OK) return err;
	if ((err = opus_encoder_ctl(e, OPUS_SET_PACKET_LOSS_PERC(loss))) != OPUS_OK) return err;
	if ((err = opus_encoder_ctl(e, OPUS_SET_INBAND_FEC(fec))) != OPUS_OK) return err;
	if (!music && (err = opus_encoder_ctl(e, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE))) != OPUS_OK) return err;
	return opus_encoder_ctl(e, OPUS_SET_DTX(dtx));
}

static int okno_set_loss(OpusEncoder *e, int loss) {
	return opus_encoder_ctl(e, OPUS_SET_PACKET_LOSS_PERC(loss));
}
*/
import "C"

import (
	"errors"
	"unsafe"
)

// Available reports whether libopus is linked in.
func Available() bool { return true }

// Encoder makes packets of one voice. It is for one goroutine at a time.
type Encoder struct {
	state    []uint64 // libopus' state, in memory of Go: it holds no pointers into itself
	channels int
}

// NewEncoder returns an encoder.
func NewEncoder(c Config) (*Encoder, error) {
	size := C.opus_encoder_get_size(C.int(c.Channels))
	if size <= 0 {
		return nil, ErrConfig
	}
	e := &Encoder{state: make([]uint64, (int(size)+7)/8), channels: c.Channels}
	code := C.okno_encoder_init(e.raw(), C.int(c.Rate), C.int(c.Channels), flag(c.Music), C.int(c.Bitrate),
		C.int(c.Complexity), C.int(c.Loss), flag(c.FEC), flag(c.DTX))
	if code != C.OPUS_OK {
		return nil, ErrConfig.Because(failure(code))
	}
	return e, nil
}

func (e *Encoder) raw() *C.OpusEncoder { return (*C.OpusEncoder)(unsafe.Pointer(&e.state[0])) }

// SetLoss says how many percent of the packets are lost now; error correction
// grows with it.
func (e *Encoder) SetLoss(percent int) error {
	if code := C.okno_set_loss(e.raw(), C.int(percent)); code != C.OPUS_OK {
		return ErrConfig.Because(failure(code))
	}
	return nil
}

// Encode writes the packet of a frame of 2.5 to 60 ms to dst and returns its
// length. Channels are interleaved. Packets of up to 2 bytes need not be sent.
func (e *Encoder) Encode(dst []byte, pcm []int16) (int, error) {
	if len(dst) == 0 || len(pcm) == 0 {
		return 0, ErrConfig
	}
	n := C.opus_encode(e.raw(), (*C.opus_int16)(unsafe.Pointer(&pcm[0])), C.int(len(pcm)/e.channels),
		(*C.uchar)(unsafe.Pointer(&dst[0])), C.opus_int32(len(dst)))
	if n < 0 {
		return 0, ErrConfig.Because(failure(n))
	}
	return int(n), nil
}

// Decoder makes sound of packets. It is for one goroutine at a time.
type Decoder struct {
	state    []uint64
	channels int
}

// NewDecoder returns a decoder that delivers samples at one of Opus' rates.
func NewDecoder(rate, channels int) (*Decoder, error) {
	size := C.opus_decoder_get_size(C.int(channels))
	if size <= 0 {
		return nil, ErrConfig
	}
	d := &Decoder{state: make([]uint64, (int(size)+7)/8), channels: channels}
	if code := C.opus_decoder_init(d.raw(), C.opus_int32(rate), C.int(channels)); code != C.OPUS_OK {
		return nil, ErrConfig.Because(failure(code))
	}
	return d, nil
}

func (d *Decoder) raw() *C.OpusDecoder { return (*C.OpusDecoder)(unsafe.Pointer(&d.state[0])) }

// Decode writes a packet's sound to dst and returns how many samples there
// are of each channel.
func (d *Decoder) Decode(dst []int16, packet []byte) (int, error) {
	if len(packet) == 0 {
		return 0, ErrPacket
	}
	return d.decode(dst, &packet[0], len(packet), 0)
}

// Recover fills dst with the frame before a packet, as far as the packet
// carries it; without it, with what could have been there.
func (d *Decoder) Recover(dst []int16, next []byte) (int, error) {
	if len(next) == 0 {
		return 0, ErrPacket
	}
	return d.decode(dst, &next[0], len(next), 1)
}

// Conceal fills dst with what could have been there in place of a lost frame.
func (d *Decoder) Conceal(dst []int16) (int, error) { return d.decode(dst, nil, 0, 0) }

func (d *Decoder) decode(dst []int16, packet *byte, length, fec int) (int, error) {
	if len(dst) == 0 {
		return 0, ErrConfig
	}
	n := C.opus_decode(d.raw(), (*C.uchar)(unsafe.Pointer(packet)), C.opus_int32(length),
		(*C.opus_int16)(unsafe.Pointer(&dst[0])), C.int(len(dst)/d.channels), C.int(fec))
	if n < 0 {
		return 0, ErrPacket.Because(failure(n))
	}
	return int(n), nil
}

func flag(on bool) C.int {
	if on {
		return 1
	}
	return 0
}

func failure(code C.int) error { return errors.New("libopus: " + C.GoString(C.opus_strerror(code))) }
