package password

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// cost is how much work one hash takes.
type cost struct {
	memory, time uint32 // KiB, passes
	threads      uint8
}

// phc is a hash with all that is needed to compute it again.
type phc struct {
	cost      cost
	salt, key []byte
}

// What parse accepts: a hash that asks for more would be a way to stop the
// server through its database.
const (
	maxMemory = 1 << 20 // KiB
	maxTime   = 64
	maxBytes  = 64
	minBytes  = 8
)

// String writes the PHC string format.
func (p phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.cost.memory, p.cost.time, p.cost.threads,
		base64.RawStdEncoding.EncodeToString(p.salt), base64.RawStdEncoding.EncodeToString(p.key))
}

// parse reads what String wrote. Its errors do not quote the hash.
func parse(s string) (phc, error) {
	var p phc
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return p, errors.New("not an Argon2id hash")
	}
	if parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return p, errors.New("unknown version of Argon2")
	}
	var err error
	if p.cost, err = parseCost(parts[3]); err != nil {
		return p, err
	}
	if p.salt, err = parseBytes(parts[4]); err != nil {
		return p, err
	}
	p.key, err = parseBytes(parts[5])
	return p, err
}

func parseCost(s string) (cost, error) {
	var c cost
	parts := strings.Split(s, ",")
	if len(parts) != 3 {
		return c, errors.New("malformed parameters")
	}
	var values [3]uint64
	for i, name := range []string{"m=", "t=", "p="} {
		digits, ok := strings.CutPrefix(parts[i], name)
		v, err := strconv.ParseUint(digits, 10, 32)
		if !ok || err != nil || v == 0 {
			return c, errors.New("malformed parameters")
		}
		values[i] = v
	}
	if values[0] > maxMemory || values[1] > maxTime || values[2] > 255 || values[0] < 8*values[2] {
		return c, errors.New("parameters out of bounds")
	}
	return cost{memory: uint32(values[0]), time: uint32(values[1]), threads: uint8(values[2])}, nil //nolint:gosec // bounded above
}

func parseBytes(s string) ([]byte, error) {
	b, err := base64.RawStdEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, errors.New("malformed base64")
	}
	if len(b) < minBytes || len(b) > maxBytes {
		return nil, errors.New("salt or key of a strange length")
	}
	return b, nil
}
