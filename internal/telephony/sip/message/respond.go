package message

import "strconv"

// NewResponse begins the answer to a request (RFC 3261 section 8.2.6). A tag
// is added to To unless it has one, the status is 100 or tag is empty.
func NewResponse(req *Message, status int, reason, tag string) *Message {
	if reason == "" {
		reason = ReasonPhrase(status)
	}
	res := &Message{Status: status, Reason: reason}
	for _, f := range req.Fields {
		switch f.Name {
		case "Via", "From", "Call-ID", "CSeq", "Timestamp":
			if f.Name != "Timestamp" || status == 100 {
				res.Fields = append(res.Fields, f)
			}
		case "To":
			if status != 100 && tag != "" {
				if to, err := ParseAddress(f.Value); err == nil && to.Tag() == "" {
					f.Value = to.WithTag(tag).String()
				}
			}
			res.Fields = append(res.Fields, f)
		case "Record-Route":
			if status > 100 && status < 300 {
				res.Fields = append(res.Fields, f)
			}
		}
	}
	return res
}

// NewRequest begins a request with a URI; the caller adds the rest.
func NewRequest(method string, uri URI) *Message {
	return &Message{Method: method, URI: uri.Clone()}
}

// SetCSeq writes the CSeq field.
func (m *Message) SetCSeq(n uint32, method string) {
	m.Set("CSeq", strconv.FormatUint(uint64(n), 10)+" "+method)
}

// ReasonPhrase returns the usual words for a status.
func ReasonPhrase(status int) string {
	switch status {
	case 100:
		return "Trying"
	case 180:
		return "Ringing"
	case 181:
		return "Call Is Being Forwarded"
	case 182:
		return "Queued"
	case 183:
		return "Session Progress"
	case 200:
		return "OK"
	case 202:
		return "Accepted"
	case 302:
		return "Moved Temporarily"
	case 400:
		return "Bad Request"
	case 401:
		return "Unauthorized"
	case 403:
		return "Forbidden"
	case 404:
		return "Not Found"
	case 405:
		return "Method Not Allowed"
	case 406:
		return "Not Acceptable"
	case 407:
		return "Proxy Authentication Required"
	case 408:
		return "Request Timeout"
	case 410:
		return "Gone"
	case 415:
		return "Unsupported Media Type"
	case 416:
		return "Unsupported URI Scheme"
	case 420:
		return "Bad Extension"
	case 421:
		return "Extension Required"
	case 422:
		return "Session Interval Too Small"
	case 423:
		return "Interval Too Brief"
	}
	return laterPhrase(status)
}

func laterPhrase(status int) string {
	switch status {
	case 480:
		return "Temporarily Unavailable"
	case 481:
		return "Call/Transaction Does Not Exist"
	case 482:
		return "Loop Detected"
	case 483:
		return "Too Many Hops"
	case 484:
		return "Address Incomplete"
	case 486:
		return "Busy Here"
	case 487:
		return "Request Terminated"
	case 488:
		return "Not Acceptable Here"
	case 489:
		return "Bad Event"
	case 491:
		return "Request Pending"
	case 500:
		return "Server Internal Error"
	case 501:
		return "Not Implemented"
	case 503:
		return "Service Unavailable"
	case 504:
		return "Server Time-out"
	case 505:
		return "Version Not Supported"
	case 600:
		return "Busy Everywhere"
	case 603:
		return "Decline"
	}
	return "Status " + strconv.Itoa(status)
}
