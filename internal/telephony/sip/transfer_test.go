package sip_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	sip "github.com/okno-hq/okno/internal/telephony/sip"
	"github.com/okno-hq/okno/internal/telephony/sip/dialog"
	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/siptest"
)

func TestPeerTransfers(t *testing.T) {
	w := start(t, nil)
	phone := w.phoneFor(t)
	p, d := w.answered(phone)
	refer := d.Send(message.Refer, "", "Refer-To", "<sip:103@okno.example?Replaces=abc%3Bto-tag%3D1%3Bfrom-tag%3D2>", "Referred-By", "<sip:101@okno.example>")
	ask := wait[dialog.TransferAsked](p)
	if ask.Target.String() != "sip:103@okno.example" || ask.Replaces == nil || ask.Replaces.CallID != "abc" || ask.ReferredBy == "" {
		t.Errorf("%+v", ask.Transfer)
	}
	ask.Accept()
	phone.Status(refer, 202)
	for _, status := range []int{100, 180, 200} {
		if status > 100 {
			ask.Notify(status)
		}
		n := phone.Expect(message.Notify)
		phone.Respond(n, 200, "", "")
		if !strings.HasPrefix(string(n.Body), "SIP/2.0 "+strconv.Itoa(status)) {
			t.Errorf("%s", n.Body)
		}
		if over := strings.HasPrefix(n.Get("Subscription-State"), "terminated"); over != (status == 200) {
			t.Errorf("%d: %s", status, n.Get("Subscription-State"))
		}
	}
	refused := d.Send(message.Refer, "", "Refer-To", "<sip:104@okno.example>")
	wait[dialog.TransferAsked](p).Reject(603)
	phone.Status(refused, 603)
	broken := d.Send(message.Refer, "")
	phone.Status(broken, 400)
}

func TestWeTransferAttended(t *testing.T) {
	w := start(t, nil)
	phone := w.phoneFor(t)
	p, d := w.answered(phone)
	other := w.phone("102")
	other.Register(domain, nil)
	q := newParty(t)
	q.leg = w.Ring(sip.Ring{Device: w.Devices("102")[0], Caller: "101", Media: q, On: q.on})
	inv := other.Expect(message.Invite)
	other.Respond(inv, 200, "ot", siptest.SDP(4010, ""))
	wait[dialog.Answered](q)
	target := make(chan message.URI, 1)
	q.leg.Target(func(u message.URI) { target <- u })
	p.leg.Transfer(<-target, q.leg, message.URI{Scheme: "sip", User: "101", Host: domain})
	refer := phone.Expect(message.Refer)
	to, err := message.ParseAddress(refer.Get("Refer-To"))
	if err != nil {
		t.Fatal(err)
	}
	r, ok := message.ParseReplaces(to.URI.Header("Replaces"))
	if !ok || r.CallID != q.leg.CallID() || r.ToTag != "ot" || r.FromTag != q.leg.LocalTag() {
		t.Errorf("%+v", r)
	}
	phone.Respond(refer, 202, "", "")
	n := d.Request(message.Notify, "", "Event", "refer", "Subscription-State", "terminated;reason=noresource")
	n.SetBody("message/sipfrag", []byte("SIP/2.0 200 OK\r\n"))
	phone.Send(n)
	phone.Status(n, 200)
	if e := wait[dialog.Progress](p); e.Status != 200 || !e.Final {
		t.Errorf("%+v", e)
	}
}

func TestReplacesFindsTheLeg(t *testing.T) {
	w := start(t, nil)
	phone := w.phoneFor(t)
	p, d := w.answered(phone)
	_ = d
	other := w.phone("102")
	inv := other.Request(message.Invite, "200", domain)
	inv.Add("Replaces", message.Replaces{CallID: p.leg.CallID(), ToTag: p.leg.LocalTag(), FromTag: p.leg.RemoteTag()}.String())
	inv.SetBody("application/sdp", []byte(siptest.SDP(4020, "")))
	other.Proved(inv)
	if in := w.taken(); in.Replaces != p.leg {
		t.Error("the leg was not found")
	}
	inv = other.Request(message.Invite, "200", domain)
	inv.Add("Replaces", "nothing;to-tag=a;from-tag=b")
	sent := other.Proved(inv)
	other.Status(sent, 481)
}

func TestSessionTimers(t *testing.T) {
	w := start(t, nil)
	short := w.phone("101")
	inv := short.Request(message.Invite, "200", domain)
	inv.Add("Supported", "timer")
	inv.Add("Session-Expires", "30")
	inv.SetBody("application/sdp", []byte(siptest.SDP(4000, "")))
	sent := short.Proved(inv)
	if no := short.Status(sent, 422); no.Get("Min-SE") != "90" {
		t.Errorf("Min-SE %q", no.Get("Min-SE"))
	}
	phone, p, sent := invited(t, w, siptest.SDP(4000, ""), "Supported", "timer", "Session-Expires", "1800;refresher=uac")
	p.leg.Answer()
	if ok := phone.Status(sent, 200); ok.Get("Session-Expires") != "1800;refresher=uac" || !ok.Lists("Require", "timer") {
		t.Errorf("%q", ok.Get("Session-Expires"))
	}

	// A phone that wants longer sessions is asked again.
	q, r, out := ring(t, w)
	q.Respond(out, 422, "pt", "", "Min-SE", "3600")
	next := q.Expect(message.Invite)
	if next.Get("Session-Expires") != "3600" || next.CallID() != out.CallID() {
		t.Errorf("%q", next.Get("Session-Expires"))
	}
	_ = r
}

func TestSessionIsRefreshedAndExpires(t *testing.T) {
	w := start(t, func(c *sip.Config) { c.SessionExpires, c.MinSE = time.Second, time.Second/2 })
	phone, p, inv := ring(t, w)
	phone.Respond(inv, 200, "pt", siptest.SDP(4000, ""), "Allow", "INVITE, ACK, BYE, UPDATE", "Session-Expires", "1;refresher=uac", "Require", "timer")
	wait[dialog.Answered](p)
	up := phone.Expect(message.Update)
	if len(up.Body) != 0 {
		t.Error("a refresh carries no description")
	}
	phone.Respond(up, 200, "", "", "Session-Expires", "1;refresher=uas")
	// Now it is the phone's to refresh, and it is silent.
	phone.Expect(message.Bye)
	if e := wait[dialog.Ended](p); e.Status != 408 {
		t.Errorf("%+v", e)
	}
}

func TestNoAckEndsTheCall(t *testing.T) {
	w := start(t, nil)
	phone, p, sent := invited(t, w, siptest.SDP(4000, ""))
	p.leg.Answer()
	phone.Status(sent, 200)
	phone.Expect(message.Bye)
	if e := wait[dialog.Ended](p); e.Status != 408 {
		t.Errorf("%+v", e)
	}
}

func TestRefusals(t *testing.T) {
	w := start(t, nil)
	phone, p, sent := invited(t, w, strings.ReplaceAll(siptest.SDP(4000, ""), "8 0 101", "3"))
	p.leg.Answer()
	if no := phone.Status(sent, 488); !strings.Contains(no.Get("Warning"), "codec") {
		t.Errorf("%q", no.Get("Warning"))
	}
	wait[dialog.Ended](p)
	phone, p, sent = invited(t, w, siptest.SDP(4000, ""))
	p.leg.Reject(dialog.Cause{Status: 486})
	phone.Status(sent, 486)
	if e := wait[dialog.Ended](p); e.ByPeer || e.Status != 486 {
		t.Errorf("%+v", e)
	}
	phone, p, inv := ring(t, w)
	phone.Respond(inv, 603, "pt", "", "Reason", `Q.850;cause=21;text="not today"`)
	if e := wait[dialog.Ended](p); !e.ByPeer || e.Status != 603 || e.Text != "not today" {
		t.Errorf("%+v", e)
	}
}

// Who guesses a Call-ID but not the tags does nothing to a call.
func TestForeignTags(t *testing.T) {
	w := start(t, nil)
	phone := w.phoneFor(t)
	p, d := w.answered(phone)
	m := d.Request(message.Bye, "")
	m.Set("From", "<sip:101@okno.example>;tag=guessed")
	phone.Send(m)
	phone.Status(m, 481)
	m = d.Request(message.Bye, "")
	m.Set("To", "<sip:200@okno.example>;tag=guessed")
	phone.Send(m)
	phone.Status(m, 481)
	select {
	case e := <-p.events:
		t.Errorf("%#v", e)
	default:
	}
}
