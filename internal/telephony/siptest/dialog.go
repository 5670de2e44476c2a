package siptest

import (
	"strconv"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
)

// AckFor is the ACK of a refusal.
func AckFor(req, res *message.Message) *message.Message {
	a := message.NewRequest(message.Ack, req.URI)
	a.Add("Via", req.Get("Via"))
	a.Add("Max-Forwards", "70")
	a.Add("From", req.Get("From"))
	a.Add("To", res.Get("To"))
	a.Add("Call-ID", req.CallID())
	n, _ := req.CSeq()
	a.SetCSeq(n, message.Ack)
	return a
}

// Respond answers a request; the tag is the phone's in the dialog.
func (p *Phone) Respond(req *message.Message, status int, tag, sdp string, fields ...string) *message.Message {
	p.tb.Helper()
	res := message.NewResponse(req, status, "", tag)
	if status < 300 && status > 100 {
		res.Add("Contact", message.Address{URI: p.Contact}.String())
	}
	for i := 0; i+1 < len(fields); i += 2 {
		res.Add(fields[i], fields[i+1])
	}
	if sdp != "" {
		res.SetBody("application/sdp", []byte(sdp))
	}
	p.Send(res)
	return res
}

// Dialog is a call as the phone sees it.
type Dialog struct {
	p             *Phone
	local, remote string
	target        message.URI
	callID        string
	Seq           uint32
}

// Called is the dialog of a call the phone made; invite is what it sent last.
func (p *Phone) Called(invite, ok *message.Message) *Dialog {
	p.tb.Helper()
	c, has := ok.Contact()
	if !has {
		p.tb.Fatal("no Contact in " + ok.String())
	}
	n, _ := invite.CSeq()
	return &Dialog{p: p, local: invite.Get("From"), remote: ok.Get("To"), target: c.URI, callID: invite.CallID(), Seq: n}
}

// Took is the dialog of a call the phone took.
func (p *Phone) Took(invite, res *message.Message) *Dialog {
	p.tb.Helper()
	c, has := invite.Contact()
	if !has {
		p.tb.Fatal("no Contact in " + invite.String())
	}
	return &Dialog{p: p, local: res.Get("To"), remote: invite.Get("From"), target: c.URI, callID: invite.CallID(), Seq: 1000}
}

// Request begins a request within the dialog.
func (d *Dialog) Request(method, sdp string, fields ...string) *message.Message {
	m := message.NewRequest(method, d.target)
	m.Add("Via", d.p.Via())
	m.Add("Max-Forwards", "70")
	m.Add("From", d.local)
	m.Add("To", d.remote)
	m.Add("Call-ID", d.callID)
	if method != message.Ack {
		d.Seq++
	}
	m.SetCSeq(d.Seq, method)
	m.Add("Contact", message.Address{URI: d.p.Contact}.String())
	for i := 0; i+1 < len(fields); i += 2 {
		m.Add(fields[i], fields[i+1])
	}
	if sdp != "" {
		m.SetBody("application/sdp", []byte(sdp))
	}
	return m
}

// Send sends a request within the dialog and returns it.
func (d *Dialog) Send(method, sdp string, fields ...string) *message.Message {
	d.p.tb.Helper()
	m := d.Request(method, sdp, fields...)
	d.p.Send(m)
	return m
}

// SDP describes audio on a port of loopback.
func SDP(port int, direction string) string {
	if direction == "" {
		direction = "sendrecv"
	}
	return "v=0\r\no=- 1 " + strconv.Itoa(port) + " IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio " + strconv.Itoa(port) +
		" RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=" + direction + "\r\n"
}
