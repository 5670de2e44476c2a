package whatsapp

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

// Limits of the message references.
const (
	maxText       = 4096
	maxCaption    = 1024
	maxBody       = 1024 // of interactive messages
	maxButtonText = 20
	maxRowText    = 24
	maxButtonID   = 256
	maxRowID      = 200
	maxButtons    = 3
	maxRows       = 10
)

// adapter is one connected number.
type adapter struct {
	settings settings
	client   *egress.Client
	log      *slog.Logger
}

var (
	_ channel.Adapter        = (*adapter)(nil)
	_ channel.Webhook        = (*adapter)(nil)
	_ channel.Subscriber     = (*adapter)(nil)
	_ channel.Reactor        = (*adapter)(nil)
	_ channel.Typer          = (*adapter)(nil)
	_ channel.ReadMarker     = (*adapter)(nil)
	_ channel.MediaFetcher   = (*adapter)(nil)
	_ channel.TemplateLister = (*adapter)(nil)
	_ channel.Linker         = (*adapter)(nil)
)

// Capabilities implements channel.Adapter.
func (a *adapter) Capabilities() channel.Capabilities {
	return channel.Capabilities{
		Text: maxText, Caption: maxCaption,
		Marks: []channel.MarkType{
			channel.Bold, channel.Italic, channel.Strike, channel.Code, channel.Pre, channel.Quote, channel.Link,
		},
		Attachments: fileLimits(),
		Album:       1,
		Location:    true, Contact: true, Reply: true,
		React: true, Typing: true, MarkRead: true,
		Delivered: true, Read: true,
		Buttons: channel.ButtonLimit{Max: maxRows, Text: maxButtonText, Payload: maxRowID, Message: maxBody, Kinds: []channel.ButtonKind{
			channel.ButtonCallback, channel.ButtonURL, channel.ButtonPhone, channel.ButtonLocation,
		}},
		Template:   true,
		Window:     24 * time.Hour,
		StartFirst: true,
	}
}

// Close implements channel.Adapter.
func (a *adapter) Close() { a.client.Close() }

// DeepLink implements channel.Linker. WhatsApp has no start payload: the
// payload is the text that the customer finds typed.
func (a *adapter) DeepLink(payload string) string {
	if a.settings.number == "" {
		return ""
	}
	link := "https://wa.me/" + a.settings.number
	if payload != "" {
		link += "?text=" + url.PathEscape(payload)
	}
	return link
}

func (a *adapter) bearer() http.Header {
	return http.Header{"Authorization": {"Bearer " + a.settings.token}}
}

// graph makes a Graph call that creates no message: it may always be repeated.
func (a *adapter) graph(ctx context.Context, method, path string, query url.Values, in, out any, name string) error {
	err := a.client.JSON(ctx, method, path, query, a.bearer(), in, out, egress.Operation(name), egress.Unlimited())
	return a.repeatable(err)
}
