package maxbot

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

const (
	// historyPage is the most messages that one call shows.
	historyPage = 100
	// clockSkew is how far the platform's clock is trusted to be from ours.
	clockSkew = 2 * time.Second
	// doubt is how long before the send an equal message makes the answer
	// unsure: it may be ours, if the clocks differ.
	doubt = 10 * time.Minute
)

// Reconcile implements channel.Reconciler: it looks for the message in the
// chat's history. An error means that it cannot be told (yet).
func (a *adapter) Reconcile(ctx context.Context, o channel.Outgoing, since time.Time) (channel.Sent, bool, error) {
	unsure := func(detail string) (channel.Sent, bool, error) {
		return channel.Sent{}, false, &channel.SendError{Outcome: channel.Retry, Reason: channel.ReasonNoAnswer, Detail: detail, RetryAfter: a.deps.Settle}
	}
	if _, err := strconv.ParseInt(o.Chat, 10, 64); err != nil {
		return channel.Sent{}, false, refused(channel.ReasonUnsupported, "the chat's id is not known")
	}
	var page struct {
		Messages []optional[message] `json:"messages"`
	}
	query := url.Values{"chat_id": {o.Chat}, "count": {strconv.Itoa(historyPage)}}
	if err := a.call(ctx, http.MethodGet, "/messages", query, nil, &page, "messages"); err != nil {
		return channel.Sent{}, false, a.repeatable(err)
	}
	var best message
	oldest, doubtful := time.Time{}, false
	for _, one := range page.Messages { // newest first
		m := one.or()
		at := m.Timestamp.moment()
		if !at.IsZero() && (oldest.IsZero() || at.Before(oldest)) {
			oldest = at
		}
		if !sameMessage(o, m) {
			continue
		}
		switch {
		case !at.Before(since.Add(-clockSkew)):
			best = m // the earliest one since then
		case at.After(since.Add(-doubt)):
			doubtful = true
		}
	}
	if mid := string(best.Content.or().MID); mid != "" {
		return channel.Sent{ExternalIDs: []string{mid}, At: best.Timestamp.moment()}, true, nil
	}
	switch {
	case doubtful:
		return unsure("an equal message is there, but older than the send")
	case len(page.Messages) >= historyPage && oldest.After(since):
		return unsure("the history does not reach back to the send")
	case time.Since(since) < a.deps.Settle:
		return unsure("too early to tell")
	}
	return channel.Sent{}, false, nil
}

// sameMessage says whether a message of the history is what we sent.
func sameMessage(o channel.Outgoing, m message) bool {
	sender := m.Sender.v
	if sender == nil || !sender.Bot {
		return false
	}
	b := m.Content.or()
	if strings.TrimSpace(string(b.Text)) != strings.TrimSpace(words(o.Content)) {
		return false
	}
	replyTo := ""
	if l := m.Link.v; l != nil && l.Type == "reply" {
		replyTo = string(l.Content.or().MID)
	}
	if replyTo != o.ReplyTo {
		return false
	}
	var want, have []string
	for i := range o.Content.Attachments {
		want = append(want, uploadType(o.Content, i))
	}
	if o.Content.Location != nil {
		want = append(want, "location")
	}
	for range o.Content.Contacts {
		want = append(want, "contact")
	}
	if len(o.Content.Buttons) > 0 {
		want = append(want, "inline_keyboard")
	}
	for _, raw := range b.Attachments.or() {
		var at attachment
		if !decodeAttachment(raw, &at) {
			return false
		}
		if at.Type != "share" { // the platform's own preview of a link
			have = append(have, string(at.Type))
		}
	}
	slices.Sort(want)
	slices.Sort(have)
	return slices.Equal(want, have)
}
