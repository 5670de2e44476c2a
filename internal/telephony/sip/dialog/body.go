package dialog

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
)

const sdpType = "application/sdp"

var errMediaType = errors.New("dialog: body of a type not spoken") //nolint:gochecknoglobals // a sentinel

// session description of a body, nil if there is none. Parts of a multipart
// body that need not be understood are passed over (RFC 5621).
func description(m *message.Message) ([]byte, error) {
	if len(m.Body) == 0 {
		return nil, nil
	}
	if e := m.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return nil, errMediaType
	}
	kind, params, err := mime.ParseMediaType(m.Get("Content-Type"))
	switch {
	case err != nil:
		return nil, errMediaType
	case kind == sdpType:
		return m.Body, nil
	case strings.HasPrefix(kind, "multipart/") && params["boundary"] != "":
		return part(m.Body, params["boundary"])
	}
	if optional(m.Get("Content-Disposition")) {
		return nil, nil
	}
	return nil, errMediaType
}

func part(body []byte, boundary string) ([]byte, error) {
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	var found []byte
	for range 16 {
		p, err := r.NextRawPart()
		if err != nil {
			break
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if kind == sdpType {
			if found, err = io.ReadAll(io.LimitReader(p, message.MaxSize)); err != nil {
				return nil, errMediaType
			}
		}
	}
	if found == nil {
		return nil, errMediaType
	}
	return found, nil
}

func optional(disposition string) bool {
	_, params, err := mime.ParseMediaType(disposition)
	return err == nil && params["handling"] == "optional"
}
