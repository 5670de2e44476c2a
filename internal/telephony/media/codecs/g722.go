package codecs

import "github.com/gotranspile/g722"

// g722Rate is the rate at which the library takes wideband sound.
const g722Rate = 64000

type g722Encoder struct{ state *g722.Encoder }

func newG722Encoder() *g722Encoder { return &g722Encoder{g722.NewEncoder(g722Rate, 0)} }

// Encode implements Encoder: two samples make a byte.
func (e *g722Encoder) Encode(dst []byte, pcm []int16) ([]byte, error) {
	at, n := len(dst), len(pcm)/2
	dst = append(dst, make([]byte, n)...)
	return dst[:at+e.state.Encode(dst[at:], pcm[:2*n])], nil
}

type g722Decoder struct{ state *g722.Decoder }

func newG722Decoder() *g722Decoder { return &g722Decoder{g722.NewDecoder(g722Rate, 0)} }

// Decode makes sound of a payload: a byte makes two samples.
func (d *g722Decoder) Decode(dst []int16, payload []byte) ([]int16, error) {
	if len(payload) == 0 {
		return dst, nil
	}
	at := len(dst)
	dst = append(dst, make([]int16, 2*len(payload))...)
	return dst[:at+d.state.Decode(dst[at:], payload)], nil
}
