package message

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
)

// ErrFraming is returned when a stream's next message has no end that can be
// found; the connection is of no more use.
var ErrFraming = errors.New("sip: stream cannot be framed") //nolint:gochecknoglobals // a sentinel

// ReadFrame reads the next message of a stream (RFC 3261 section 18.3) and
// returns its bytes. A keep-alive (RFC 5626 section 4.4.1) is returned as
// "\r\n\r\n" for a ping and is otherwise skipped. The reader's buffer bounds
// a line.
func ReadFrame(r *bufio.Reader) ([]byte, error) {
	var head bytes.Buffer
	length, blank := -1, 0
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			if errors.Is(err, bufio.ErrBufferFull) {
				return nil, ErrFraming
			}
			if errors.Is(err, io.EOF) && head.Len() > 0 {
				return nil, io.ErrUnexpectedEOF
			}
			return nil, err
		}
		empty := len(line) == 2 && line[0] == '\r'
		if head.Len() == 0 && empty {
			if blank++; blank == 2 {
				return []byte("\r\n\r\n"), nil
			}
			if r.Buffered() == 0 {
				blank = 0 // a pong, or the end of a line before the next message
			}
			continue
		}
		if head.Len()+len(line) > MaxSize {
			return nil, ErrFraming
		}
		head.Write(line)
		if empty {
			break
		}
		if n, ok := contentLength(line); ok {
			if n < 0 || length >= 0 && n != length {
				return nil, ErrFraming
			}
			length = n
		}
	}
	if length < 0 {
		return head.Bytes(), ErrFraming
	}
	if length > MaxSize-head.Len() {
		return nil, ErrFraming
	}
	frame := make([]byte, head.Len()+length)
	copy(frame, head.Bytes())
	_, err := io.ReadFull(r, frame[head.Len():])
	return frame, err
}

// contentLength reads the field if the line is one; -1 is one that is broken.
func contentLength(line []byte) (int, bool) {
	name, value, ok := strings.Cut(string(line), ":")
	if !ok || len(line) > 64 || Canonical(strings.TrimRight(name, " \t")) != "Content-Length" {
		return 0, false
	}
	value = strings.TrimSpace(value)
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil || !digits(value) {
		return -1, true
	}
	return int(n), true
}
