package offer_test

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/okno-hq/okno/internal/telephony/sip/offer"
)

func all() []offer.Codec {
	return []offer.Codec{offer.Opus(), offer.G722(), offer.PCMA(), offer.PCMU(), offer.Events(48000), offer.Events(8000)}
}

func side(addr string, change func(*offer.Local)) *offer.Endpoint {
	l := offer.Local{Addr: netip.MustParseAddrPort(addr), Codecs: all()}
	if change != nil {
		change(&l)
	}
	return offer.New(l, nil)
}

func exchange(t *testing.T, a, b *offer.Endpoint) (offer.Agreed, offer.Agreed) {
	t.Helper()
	o, err := a.Offer()
	if err != nil {
		t.Fatal(err)
	}
	ans, err := b.Answer(o)
	if err != nil {
		t.Fatalf("%v\n%s", err, o)
	}
	if err := a.Accept(ans); err != nil {
		t.Fatalf("%v\n%s\n%s", err, o, ans)
	}
	x, _ := a.Agreed()
	y, _ := b.Agreed()
	return x, y
}

func TestBothSidesAgree(t *testing.T) {
	keying := &offer.Keying{Fingerprint: "sha-256 AA:BB", Ufrag: "abcd", Pwd: "0123456789012345678901", Lite: true}
	for name, c := range map[string]struct {
		a, b func(*offer.Local)
		sec  offer.Security
		use  string
	}{
		"all":           {nil, nil, offer.Plain, "opus"},
		"answerer's":    {nil, func(l *offer.Local) { l.Codecs = []offer.Codec{offer.PCMU(), offer.PCMA(), offer.Events(8000)} }, offer.Plain, "PCMU"},
		"sdes":          {func(l *offer.Local) { l.Security = offer.SDES }, nil, offer.SDES, "opus"},
		"sdes one each": {func(l *offer.Local) { l.Security = offer.SDES }, func(l *offer.Local) { l.Suites = []string{"AES_CM_128_HMAC_SHA1_32"} }, offer.SDES, "opus"},
		"dtls":          {func(l *offer.Local) { l.Security, l.Keying = offer.DTLS, keying }, func(l *offer.Local) { l.Keying = keying }, offer.DTLS, "opus"},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := side("192.0.2.1:4000", c.a), side("192.0.2.2:5000", c.b)
			x, y := exchange(t, a, b)
			if x.Send[0].Name != c.use || y.Send[0].Name != c.use || x.Send[0].PT != y.Recv[0].PT || y.Send[0].PT != x.Recv[0].PT {
				t.Errorf("codecs %+v %+v", x.Send, y.Send)
			}
			if x.Remote.String() != "192.0.2.2:5000" || y.Remote.String() != "192.0.2.1:4000" || !x.Mux || !y.Mux {
				t.Errorf("%v %v", x.Remote, y.Remote)
			}
			if x.Security != c.sec || y.Security != c.sec {
				t.Errorf("security %q %q", x.Security, y.Security)
			}
			if c.sec == offer.SDES && (!bytes.Equal(x.LocalKey.Key, y.PeerKey.Key) || !bytes.Equal(y.LocalKey.Key, x.PeerKey.Key) || x.LocalKey.Suite != y.LocalKey.Suite || bytes.Equal(x.LocalKey.Key, x.PeerKey.Key)) {
				t.Error("keys")
			}
			if c.sec == offer.DTLS && (x.Setup != "active" || y.Setup != "passive" || x.PeerKeying.Ufrag != "abcd") {
				t.Errorf("%q %q", x.Setup, y.Setup)
			}
			if x.SendEvents.PT == 0 || x.SendEvents.Clock != x.Send[0].Clock {
				t.Errorf("events %+v", x.SendEvents)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	o, err := side("192.0.2.1:4000", nil).Offer()
	if err != nil {
		t.Fatal(err)
	}
	plain := string(o)
	for name, c := range map[string]struct {
		offer string
		b     func(*offer.Local)
		want  error
	}{
		"no codec":      {plain, func(l *offer.Local) { l.Codecs = []offer.Codec{{Name: "G729", Clock: 8000, PT: 18}} }, offer.ErrNoCodec},
		"must be sdes":  {plain, func(l *offer.Local) { l.Security, l.Require = offer.SDES, true }, offer.ErrSecurity},
		"savp, no key":  {strings.Replace(plain, "RTP/AVP", "RTP/SAVP", 1), nil, offer.ErrSecurity},
		"dtls, no cert": {strings.Replace(plain, "RTP/AVP", "UDP/TLS/RTP/SAVPF", 1), nil, offer.ErrSecurity},
		"video only":    {strings.Replace(plain, "m=audio", "m=video", 1), nil, offer.ErrNoAudio},
		"audio off":     {strings.Replace(plain, "m=audio 4000", "m=audio 0", 1), nil, offer.ErrNoAudio},
		"multicast":     {strings.ReplaceAll(plain, "192.0.2.1", "224.2.1.1"), nil, offer.ErrSyntax},
		"no address":    {strings.Replace(plain, "c=IN IP4 192.0.2.1\r\n", "", 1), nil, offer.ErrSyntax},
		"garbage":       {"v=1", nil, offer.ErrSyntax},
	} {
		if _, err := side("192.0.2.2:5000", c.b).Answer([]byte(c.offer)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestHoldAndBack(t *testing.T) {
	a, b := side("192.0.2.1:4000", func(l *offer.Local) { l.Security = offer.SDES }), side("192.0.2.2:5000", nil)
	first, _ := exchange(t, a, b)
	a.Want(offer.SendOnly)
	x, y := exchange(t, a, b)
	if x.Direction != offer.SendOnly || y.Direction != offer.RecvOnly || !y.Held || x.Held {
		t.Errorf("hold: %v %v %v", x.Direction, y.Direction, y.Held)
	}
	// The held side asks again (a session timer) and stays held.
	y2, x2 := exchange(t, b, a)
	if y2.Direction != offer.RecvOnly || x2.Direction != offer.SendOnly {
		t.Errorf("refresh while held: %v %v", y2.Direction, x2.Direction)
	}
	a.Want(offer.SendRecv)
	x, y = exchange(t, a, b)
	if x.Direction != offer.SendRecv || y.Held {
		t.Errorf("back: %v", x.Direction)
	}
	if !bytes.Equal(x.LocalKey.Key, first.LocalKey.Key) {
		t.Error("the stream's key changed without need")
	}
}

func TestOldHold(t *testing.T) {
	o, _ := side("192.0.2.1:4000", nil).Offer()
	b := side("192.0.2.2:5000", nil)
	ans, err := b.Answer(bytes.Replace(o, []byte("c=IN IP4 192.0.2.1"), []byte("c=IN IP4 0.0.0.0"), 1))
	if err != nil {
		t.Fatal(err)
	}
	if a, _ := b.Agreed(); !a.Held || a.Direction != offer.RecvOnly || !bytes.Contains(ans, []byte("a=recvonly")) {
		t.Errorf("%+v\n%s", a, ans)
	}
}

func TestAnswerMirrorsTheLines(t *testing.T) {
	o := "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" +
		"m=video 4002 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 18 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=rtcp:4009\r\na=ptime:30\r\n" +
		"m=audio 4004 RTP/AVP 0\r\nm=application 4006 UDP/BFCP *\r\n"
	b := side("192.0.2.2:5000", nil)
	ans, err := b.Answer([]byte(o))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for l := range strings.SplitSeq(string(ans), "\r\n") {
		if strings.HasPrefix(l, "m=") {
			lines = append(lines, l)
		}
	}
	want := "m=video 0 RTP/AVP 31|m=audio 5000 RTP/AVP 8 0 101|m=audio 0 RTP/AVP 0|m=application 0 UDP/BFCP *"
	if got := strings.Join(lines, "|"); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	a, _ := b.Agreed()
	if a.Mux || a.RemoteRTCP.Port() != 4009 || a.PTime != 30 || a.SendEvents.PT != 101 {
		t.Errorf("%+v", a)
	}
	if strings.Contains(string(ans), "rtcp-mux") {
		t.Error("rtcp-mux was not offered")
	}
}

func TestVersionGrowsOnlyWithChange(t *testing.T) {
	a := side("192.0.2.1:4000", nil)
	one, _ := a.Offer()
	two, _ := a.Offer()
	a.Want(offer.Inactive)
	three, _ := a.Offer()
	if !bytes.Equal(one, two) || bytes.Equal(two, three) {
		t.Errorf("%s\n%s\n%s", one, two, three)
	}
	origin := func(b []byte) string { return strings.Split(string(b), "\r\n")[1] }
	if !strings.Contains(origin(two), " 1 IN") || !strings.Contains(origin(three), " 2 IN") {
		t.Error(origin(two), origin(three))
	}
}

func FuzzAnswer(f *testing.F) {
	for _, change := range []func(*offer.Local){nil, func(l *offer.Local) { l.Security = offer.SDES }} {
		o, _ := side("192.0.2.1:4000", change).Offer()
		f.Add(o)
	}
	f.Add([]byte("v=0\r\no=- 1 1 IN IP6 ::1\r\ns=-\r\nc=IN IP6 ::1\r\nt=0 0\r\nm=audio 1 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\na=fingerprint:sha-256 AA\r\na=setup:actpass\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b := side("192.0.2.2:5000", func(l *offer.Local) { l.Keying = &offer.Keying{Fingerprint: "sha-256 AA", Ufrag: "u", Pwd: "p"} })
		ans, err := b.Answer(data)
		if err != nil {
			return
		}
		// Whatever we answered can be read by another of our kind.
		c := side("192.0.2.3:6000", func(l *offer.Local) { l.Keying = &offer.Keying{Fingerprint: "sha-256 AA", Ufrag: "u", Pwd: "p"} })
		if _, err := c.Answer(ans); err != nil {
			t.Fatalf("%v\n%q\n%q", err, data, ans)
		}
		if a, ok := b.Agreed(); !ok || len(a.Send) == 0 || len(a.Send) != len(a.Recv) {
			t.Fatalf("%+v", a)
		}
		if o, err := b.Offer(); err != nil || len(o) == 0 {
			t.Fatal(err)
		}
	})
}
