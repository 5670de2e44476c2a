package rtp_test

import (
	"testing"

	"github.com/okno-hq/okno/internal/telephony/rtp"
	"github.com/okno-hq/okno/internal/telephony/rtp/rtptest"
)

func TestSRTP(t *testing.T) {
	for _, suite := range []rtp.Suite{rtp.AES256GCM, rtp.AES128GCM, rtp.AES128S80, rtp.AES128S32, rtp.AES256S80, rtp.AES256S32} {
		t.Run(string(suite), func(t *testing.T) {
			e := engine(t)
			mine, theirs := key(t, suite), key(t, suite)
			a, b := open(t, e), open(t, e)
			ha, hb := newHeard(), newHeard()
			a.SetSink(ha)
			b.SetSink(hb)
			configure(t, a, b.Port(), &rtp.Crypto{Local: mine, Remote: theirs})
			configure(t, b, a.Port(), &rtp.Crypto{Local: theirs, Remote: mine})
			src := a.NewSource()
			src.Take()
			src.Send(8, []byte("secret"), 160)
			if got := hb.wait(t, 1); string(got[0].Payload) != "secret" {
				t.Fatalf("got %q", got[0].Payload)
			}
			// In the clear, and under another key, nothing passes.
			other := rtptest.Listen(t)
			send(t, other, loopback(b.Port()), packet(9, 9, "cuckoo"))
			configure(t, a, b.Port(), &rtp.Crypto{Local: key(t, suite), Remote: theirs})
			src.Send(8, []byte("wrong"), 160)
			configure(t, a, b.Port(), &rtp.Crypto{Local: mine, Remote: theirs})
			src.Send(8, []byte("right"), 160)
			if got := hb.wait(t, 1); len(got) != 2 || string(got[1].Payload) != "right" {
				t.Fatalf("got %d packets, last %q", len(got), got[len(got)-1].Payload)
			}
			if st := b.Stats(); st.Rejected != 2 {
				t.Fatalf("%+v", st)
			}
		})
	}
}

func key(tb testing.TB, suite rtp.Suite) rtp.Key {
	tb.Helper()
	k, err := rtp.NewKey(1, suite)
	if err != nil {
		tb.Fatal(err)
	}
	again, err := rtp.ParseKey(k.Attribute())
	if err != nil {
		tb.Fatal(err)
	}
	return again
}

func open(tb testing.TB, e *rtp.Engine) *rtp.Stream {
	tb.Helper()
	s, err := e.Open(rtp.StreamConfig{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}

func configure(tb testing.TB, s *rtp.Stream, port int, c *rtp.Crypto) {
	tb.Helper()
	err := s.Configure(rtp.Media{Remote: loopback(port), Formats: []rtp.Format{pcma, event, opus}, Crypto: c, Send: true, Receive: true})
	if err != nil {
		tb.Fatal(err)
	}
}

func TestParseKeyRefuses(t *testing.T) {
	for _, v := range []string{
		"", "1", "1 AES_CM_128_HMAC_SHA1_80", "x AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
		"1 F8_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
		"1 AES_CM_128_HMAC_SHA1_80 inline:c2hvcnQ=", "1 AES_CM_128_HMAC_SHA1_80 WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
		"1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4",
		"1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz UNENCRYPTED_SRTP",
	} {
		if k, err := rtp.ParseKey(v); err == nil {
			t.Errorf("%q: %v", v, k)
		}
	}
	if _, err := rtp.ParseKey("1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20"); err != nil {
		t.Error(err)
	}
}
