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

// ring registers 101 and calls it; the INVITE is at the phone.
func ring(t *testing.T, w *world) (*siptest.Phone, *party, *message.Message) {
	t.Helper()
	phone := w.phone("101")
	phone.Register(domain, nil)
	p := newParty(t)
	p.leg = w.Ring(sip.Ring{Device: w.Devices("101")[0], Caller: "102", Media: p, On: p.on})
	return phone, p, phone.Expect(message.Invite)
}

// invited lets the phone call us; nothing is answered yet.
func invited(t *testing.T, w *world, sdp string, fields ...string) (*siptest.Phone, *party, *message.Message) {
	t.Helper()
	phone := w.phone("101")
	inv := phone.Request(message.Invite, "200", domain)
	for i := 0; i+1 < len(fields); i += 2 {
		inv.Add(fields[i], fields[i+1])
	}
	if sdp != "" {
		inv.SetBody("application/sdp", []byte(sdp))
	}
	sent := phone.Proved(inv)
	p := newParty(t)
	p.leg = w.taken().Leg
	p.leg.Start(p, p.on)
	return phone, p, sent
}

func TestLateOfferIn(t *testing.T) {
	w := start(t, nil)
	phone, p, sent := invited(t, w, "")
	p.leg.Answer()
	ok := phone.Status(sent, 200)
	if !strings.Contains(string(ok.Body), "m=audio 30000") {
		t.Fatalf("no offer in the 200: %s", ok.Body)
	}
	d := phone.Called(sent, ok)
	d.Send(message.Ack, siptest.SDP(4000, ""))
	wait[dialog.Answered](p)
	if p.last().Remote.Port() != 4000 {
		t.Errorf("%+v", p.last())
	}
}

func TestLateOfferWithoutAnswerIsHungUp(t *testing.T) {
	w := start(t, nil)
	phone, p, sent := invited(t, w, "")
	p.leg.Answer()
	phone.Called(sent, phone.Status(sent, 200)).Send(message.Ack, "")
	phone.Expect(message.Bye)
	if e := wait[dialog.Ended](p); e.Status != 488 {
		t.Errorf("%+v", e)
	}
}

func TestEarlyMediaIn(t *testing.T) {
	w := start(t, nil)
	phone, p, sent := invited(t, w, siptest.SDP(4000, ""))
	p.leg.Progress()
	early := phone.Status(sent, 183)
	wait[dialog.Early](p)
	p.leg.Answer()
	ok := phone.Status(sent, 200)
	if string(early.Body) == "" || string(early.Body) != string(ok.Body) {
		t.Errorf("the answer changed:\n%s\n%s", early.Body, ok.Body)
	}
}

func TestReliableProvisionalIn(t *testing.T) {
	w := start(t, nil)
	phone, p, sent := invited(t, w, siptest.SDP(4000, ""), "Require", "100rel")
	p.leg.Progress()
	first := phone.Status(sent, 183)
	phone.Status(sent, 183) // again, until acknowledged
	p.leg.Ring()
	p.leg.Answer() // waits for its turn
	phone.Quiet(300*time.Millisecond, "a response out of turn", func(m *message.Message) bool { return m.Status == 180 || m.Status == 200 })
	d := phone.Called(sent, first)
	bad := d.Send(message.Prack, "", "RAck", "1 1 INVITE")
	phone.Status(bad, 481)
	n, _ := sent.CSeq()
	rack := func(m *message.Message) string { return m.Get("RSeq") + " " + strconv.Itoa(int(n)) + " INVITE" }
	phone.Status(d.Send(message.Prack, "", "RAck", rack(first)), 200)
	second := phone.Status(sent, 180)
	if a, _ := first.Number("RSeq"); func() uint32 { b, _ := second.Number("RSeq"); return b }() != a+1 {
		t.Error("RSeq does not count")
	}
	phone.Status(d.Send(message.Prack, "", "RAck", rack(second)), 200)
	phone.Status(sent, 200)
}

func TestReliableLateOfferIn(t *testing.T) {
	w := start(t, nil)
	phone, p, sent := invited(t, w, "", "Require", "100rel")
	p.leg.Progress()
	early := phone.Status(sent, 183)
	if len(early.Body) == 0 {
		t.Fatal("no offer in the reliable 183")
	}
	d := phone.Called(sent, early)
	n, _ := sent.CSeq()
	phone.Status(d.Send(message.Prack, siptest.SDP(4000, ""), "RAck", early.Get("RSeq")+" "+strconv.Itoa(int(n))+" INVITE"), 200)
	wait[dialog.Early](p)
	p.leg.Answer()
	ok := phone.Status(sent, 200)
	if len(ok.Body) != 0 {
		t.Error("offer and answer are through")
	}
	d.Seq, _ = sent.CSeq()
	d.Send(message.Ack, "")
	wait[dialog.Answered](p)
}

func TestReliableProvisionalOut(t *testing.T) {
	w := start(t, nil)
	phone, p, inv := ring(t, w)
	if !inv.Lists("Supported", "100rel") {
		t.Error("100rel is not offered")
	}
	res := phone.Respond(inv, 183, "pt", siptest.SDP(4000, ""), "Require", "100rel", "RSeq", "7")
	prack := phone.Expect(message.Prack)
	if prack.Get("RAck") != "7 1 INVITE" {
		t.Errorf("RAck %q", prack.Get("RAck"))
	}
	phone.Respond(prack, 200, "", "")
	wait[dialog.Early](p)
	phone.Send(res) // repeated: no second PRACK
	phone.Quiet(300*time.Millisecond, "another PRACK", func(m *message.Message) bool { return m.Method == message.Prack })
	phone.Respond(inv, 200, "pt", "")
	wait[dialog.Answered](p)
	phone.Expect(message.Ack)
}

func TestCancelIn(t *testing.T) {
	w := start(t, nil)
	phone, p, sent := invited(t, w, siptest.SDP(4000, ""))
	p.leg.Ring()
	phone.Status(sent, 180)
	cancel := siptest.AckFor(sent, sent)
	cancel.Method = message.Cancel
	cancel.Set("To", sent.Get("To"))
	n, _ := sent.CSeq()
	cancel.SetCSeq(n, message.Cancel)
	cancel.Add("Reason", `SIP;cause=200;text="Call completed elsewhere"`)
	phone.Send(cancel)
	phone.Status(cancel, 200)
	no := phone.Status(sent, 487)
	phone.Send(siptest.AckFor(sent, no))
	if e := wait[dialog.Ended](p); !e.ByPeer || e.Status != 487 || !e.Elsewhere {
		t.Errorf("%+v", e)
	}
	p.leg.Answer() // too late
	phone.Quiet(300*time.Millisecond, "a 200", func(m *message.Message) bool {
		_, method := m.CSeq()
		return m.Status == 200 && method == message.Invite
	})
}

// The answer and the CANCEL cross: the call stands until BYE.
func TestCancelAfterAnswer(t *testing.T) {
	w := start(t, nil)
	phone, p, sent := invited(t, w, siptest.SDP(4000, ""))
	p.leg.Answer()
	ok := phone.Status(sent, 200)
	cancel := siptest.AckFor(sent, ok)
	cancel.Method = message.Cancel
	cancel.Set("To", sent.Get("To"))
	n, _ := sent.CSeq()
	cancel.SetCSeq(n, message.Cancel)
	phone.Send(cancel)
	phone.Status(cancel, 200)
	d := phone.Called(sent, ok)
	d.Send(message.Ack, "")
	wait[dialog.Answered](p)
	phone.Status(d.Send(message.Bye, ""), 200)
	wait[dialog.Ended](p)
}

// We give up before the phone said anything: CANCEL waits for its first word.
func TestHangupBeforeAnyAnswer(t *testing.T) {
	w := start(t, nil)
	phone, p, inv := ring(t, w)
	p.leg.Hangup(dialog.Cause{Elsewhere: true})
	wait[dialog.Ended](p)
	phone.Quiet(200*time.Millisecond, "a CANCEL too early", func(m *message.Message) bool { return m.Method == message.Cancel })
	phone.Respond(inv, 180, "pt", "")
	cancel := phone.Expect(message.Cancel)
	if !strings.Contains(cancel.Get("Reason"), "cause=200") || cancel.Get("Via") != inv.Get("Via") {
		t.Errorf("%s", cancel.Bytes())
	}
	phone.Respond(cancel, 200, "pt", "")
	phone.Respond(inv, 487, "pt", "")
	phone.Expect(message.Ack)
}

// The phone answers while our CANCEL is on its way.
func TestAnswerCrossesCancel(t *testing.T) {
	w := start(t, nil)
	phone, p, inv := ring(t, w)
	phone.Respond(inv, 180, "pt", "")
	wait[dialog.Ringing](p)
	p.leg.Hangup(dialog.Cause{Status: 487})
	phone.Expect(message.Cancel)
	phone.Respond(inv, 200, "pt", siptest.SDP(4000, ""))
	phone.Expect(message.Ack)
	phone.Expect(message.Bye)
	if e := wait[dialog.Ended](p); e.ByPeer || e.Status != 487 {
		t.Errorf("%+v", e)
	}
}

// A proxy forks our call: one phone's answer is the call, the other's is
// acknowledged and hung up on.
func TestForks(t *testing.T) {
	w := start(t, nil)
	phone, p, inv := ring(t, w)
	phone.Respond(inv, 180, "one", "")
	phone.Respond(inv, 183, "two", siptest.SDP(4002, ""))
	wait[dialog.Early](p)
	phone.Respond(inv, 200, "one", siptest.SDP(4000, ""))
	wait[dialog.Answered](p)
	if p.last().Remote.Port() != 4000 || p.leg.RemoteTag() != "one" {
		t.Errorf("%+v %s", p.last().Remote, p.leg.RemoteTag())
	}
	phone.Respond(inv, 200, "two", siptest.SDP(4002, ""))
	bye := phone.Expect(message.Bye)
	if bye.To().Tag() != "two" {
		t.Errorf("hung up on %s", bye.To().Tag())
	}
	tags := map[string]bool{phone.Expect(message.Ack).To().Tag(): true, phone.Expect(message.Ack).To().Tag(): true}
	if !tags["one"] || !tags["two"] {
		t.Errorf("acknowledged %v", tags)
	}
}

func TestGlare(t *testing.T) {
	w := start(t, nil)
	p, d := func() (*party, *siptest.Dialog) { return w.answered(w.phoneFor(t)) }()
	phone := w.last
	p.Want(offerSendOnly)
	p.leg.Renegotiate()
	ours := phone.Expect(message.Invite)
	theirs := d.Send(message.Invite, siptest.SDP(4000, ""))
	no := phone.Status(theirs, 491)
	phone.Send(siptest.AckFor(theirs, no))
	phone.Respond(ours, 491, "", "")
	phone.Expect(message.Ack)
	again := phone.Expect(message.Invite)
	if a, _ := again.CSeq(); func() bool { b, _ := ours.CSeq(); return a <= b }() {
		t.Error("CSeq does not grow")
	}
	phone.Respond(again, 200, "", siptest.SDP(4000, "recvonly"))
	if e := wait[dialog.Changed](p); e.Err != nil {
		t.Error(e.Err)
	}
}

func TestPeerHoldsAndUpdates(t *testing.T) {
	w := start(t, nil)
	phone := w.phoneFor(t)
	p, d := w.answered(phone)
	hold := d.Send(message.Invite, siptest.SDP(4000, "sendonly"))
	ok := phone.Status(hold, 200)
	if !strings.Contains(string(ok.Body), "a=recvonly") {
		t.Errorf("%s", ok.Body)
	}
	d.Send(message.Ack, "")
	wait[dialog.Changed](p)
	if !p.last().Held {
		t.Error("not held")
	}
	up := d.Send(message.Update, siptest.SDP(4006, ""))
	phone.Status(up, 200)
	wait[dialog.Changed](p)
	if p.last().Held || p.last().Remote.Port() != 4006 {
		t.Errorf("%+v", p.last())
	}
	phone.Status(d.Send(message.Update, ""), 200)
	phone.Status(d.Send(message.Options, ""), 200)
	no := d.Send(message.Update, strings.ReplaceAll(siptest.SDP(4000, ""), "8 0 101", "3"))
	phone.Status(no, 488)
	if p.last().Remote.Port() != 4006 {
		t.Error("what was refused must change nothing")
	}
	old := d.Request(message.Info, "")
	old.SetCSeq(1, message.Info)
	phone.Send(old)
	phone.Status(old, 500) // out of order
	ext := d.Send(message.Info, "", "Require", "nothingSupportsThis")
	if res := phone.Status(ext, 420); res.Get("Unsupported") != "nothingSupportsThis" {
		t.Error(res.Get("Unsupported"))
	}
}

func TestOurHoldRefused(t *testing.T) {
	w := start(t, nil)
	phone := w.phoneFor(t)
	p, _ := w.answered(phone)
	p.Want(offerSendOnly)
	p.leg.Renegotiate()
	re := phone.Expect(message.Invite)
	phone.Respond(re, 488, "", "")
	phone.Expect(message.Ack)
	if e := wait[dialog.Changed](p); e.Err == nil {
		t.Error("not told")
	}
	p.leg.Hangup(dialog.Cause{Status: 200}) // the call went on
	phone.Expect(message.Bye)
}

func TestReinviteAnswered481EndsTheCall(t *testing.T) {
	w := start(t, nil)
	phone := w.phoneFor(t)
	p, _ := w.answered(phone)
	p.leg.Renegotiate()
	phone.Respond(phone.Expect(message.Invite), 481, "", "")
	if e := wait[dialog.Ended](p); e.Status != 481 {
		t.Errorf("%+v", e)
	}
}

func TestDigitsByInfo(t *testing.T) {
	w := start(t, nil)
	phone := w.phoneFor(t)
	p, d := w.answered(phone)
	for body, want := range map[string]byte{"Signal=5\r\nDuration=250\r\n": '5', "Signal= #\r\n": '#', "Signal=10\r\n": '*'} {
		m := d.Request(message.Info, "")
		m.SetBody("application/dtmf-relay", []byte(body))
		phone.Send(m)
		phone.Status(m, 200)
		if e := wait[dialog.Digit](p); e.Key != want {
			t.Errorf("%q: %q", body, e.Key)
		}
	}
	m := d.Request(message.Info, "")
	m.SetBody("application/dtmf", []byte("x"))
	phone.Send(m)
	phone.Status(m, 400)
	m = d.Request(message.Info, "")
	m.SetBody("text/plain", []byte("x"))
	phone.Send(m)
	phone.Status(m, 415)
	p.leg.SendDigit('9', 200*time.Millisecond)
	info := phone.Expect(message.Info)
	if !strings.HasPrefix(string(info.Body), "Signal=9\r\nDuration=200") {
		t.Errorf("%s", info.Body)
	}
}
