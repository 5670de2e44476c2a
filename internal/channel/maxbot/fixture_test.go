package maxbot_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/maxbot"
	standin "github.com/okno-hq/okno/internal/standin/maxbot"
	"github.com/okno-hq/okno/internal/standin/standintest"
)

func start(t testing.TB, change func(*standin.Config)) *standin.Server {
	t.Helper()
	cfg := standin.Config{
		Specs: standintest.Specs(t, "max", standin.SpecFile), RetryDelays: []time.Duration{5 * time.Millisecond, 20 * time.Millisecond, 100 * time.Millisecond, time.Second},
		PollsPerSecond: -1,
	}
	if change != nil {
		change(&cfg)
	}
	s, err := standin.New(cfg)
	standintest.Start(t, s, err)
	return s
}

const (
	hookURL    = "http://127.0.0.1:1/hooks/max/7"
	hookSecret = "secret-of-account-7"
)

func account(s *standin.Server) channel.Account {
	return channel.Account{
		ID: 7, Kind: channel.MAX, Name: "MAX",
		Settings: map[string]string{"api_url": s.URL()}, Secrets: map[string]string{"token": s.Config().Token},
		WebhookURL: hookURL, WebhookSecret: hookSecret,
	}
}

func deps() maxbot.Deps {
	return maxbot.Deps{
		NotReadyPause: 5 * time.Millisecond, PollTimeout: time.Second, PollsPerSecond: 1000, Settle: time.Millisecond,
	}
}

func open(t testing.TB, a channel.Account) channel.Adapter {
	t.Helper()
	adapter, err := maxbot.NewFactory(deps()).Open(a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(adapter.Close)
	return adapter
}

// sendError insists on a *channel.SendError.
func sendError(t testing.TB, err error) *channel.SendError {
	t.Helper()
	se, ok := errors.AsType[*channel.SendError](err)
	if !ok {
		t.Fatalf("want a send error, got %T %v", err, err)
	}
	return se
}

func chatOf(s *standin.Server, user int64) string { return itoa(s.Dialog(user)) }

func toUser(s *standin.Server, user int64, c channel.Content) channel.Outgoing {
	return channel.Outgoing{ItemID: "item", Chat: chatOf(s, user), Recipient: itoa(user), Content: c}
}

type file struct{ *bytes.Reader }

func (file) Close() error { return nil }

// with gives an outgoing message a file.
func with(o channel.Outgoing, at channel.Attachment, data []byte) channel.Outgoing {
	o.Content.Attachments = append(o.Content.Attachments, at)
	o.Open = func(context.Context, int) (io.ReadSeekCloser, int64, error) {
		return file{bytes.NewReader(data)}, int64(len(data)), nil
	}
	return o
}

func pemOf(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
