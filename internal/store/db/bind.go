package db

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/fault"
)

// Micros is how times are stored: microseconds since 1970, UTC. The zero
// time is 0.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time is the reverse of [Micros].
func Time(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// bind turns arguments into the few types both drivers take the same way.
func bind(args []any) ([]any, error) {
	if len(args) == 0 {
		return nil, nil
	}
	bound := make([]any, len(args))
	for i, arg := range args {
		v, err := value(arg)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, codeInternal, fmt.Errorf("db: argument $%d: %w", i+1, err))
		}
		bound[i] = v
	}
	return bound, nil
}

func value(arg any) (driver.Value, error) {
	switch v := arg.(type) {
	case nil, int64, float64, bool, []byte:
		return v, nil
	case int:
		return int64(v), nil
	case string:
		return text(v), nil
	case json.RawMessage:
		if v == nil {
			return nil, nil
		}
		return text(string(v)), nil
	case time.Time, *time.Time:
		return nil, fmt.Errorf("time must be given as db.Micros")
	}
	v, err := driver.DefaultParameterConverter.ConvertValue(arg)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case string:
		return text(v), nil
	case time.Time:
		return nil, fmt.Errorf("time must be given as db.Micros")
	}
	return v, nil
}

// text makes a string storable in both databases: PostgreSQL refuses NUL and
// invalid UTF-8, and a stranger's message must never fail for that.
func text(s string) string {
	if strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
