//go:build !cgo

package opus

// Available reports whether libopus is linked in.
func Available() bool { return false }

// Encoder cannot encode in a program without libopus.
type Encoder struct{}

// NewEncoder says that there is no encoder.
func NewEncoder(Config) (*Encoder, error) { return nil, ErrUnavailable }

// SetLoss says that there is no encoder.
func (*Encoder) SetLoss(int) error { return ErrUnavailable }

// Encode says that there is no encoder.
func (*Encoder) Encode([]byte, []int16) (int, error) { return 0, ErrUnavailable }

// Decoder cannot decode in a program without libopus.
type Decoder struct{}

// NewDecoder says that there is no decoder.
func NewDecoder(int, int) (*Decoder, error) { return nil, ErrUnavailable }

// Decode says that there is no decoder.
func (*Decoder) Decode([]int16, []byte) (int, error) { return 0, ErrUnavailable }

// Recover says that there is no decoder.
func (*Decoder) Recover([]int16, []byte) (int, error) { return 0, ErrUnavailable }

// Conceal says that there is no decoder.
func (*Decoder) Conceal([]int16) (int, error) { return 0, ErrUnavailable }
