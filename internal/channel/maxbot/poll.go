package maxbot

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

// pollKey is the limiter's lane of long polls.
const pollKey = "updates"

// maxPolled is how many updates one poll may bring.
const maxPolled = 100

// updateTypes are what we ask for.
func updateTypes() []string {
	return []string{
		"message_created", "message_edited", "message_removed", "message_callback", "bot_started", "bot_stopped",
		"bot_added", "bot_removed", "user_added", "user_removed", "chat_title_changed",
		"dialog_cleared", "dialog_removed", "dialog_muted", "dialog_unmuted",
	}
}

// Poll implements channel.Poller; the cursor is the platform's marker. The
// first poll, without one, brings the latest update only: that is how the
// platform works. It is meant for trials: updates are kept for a day.
func (a *adapter) Poll(ctx context.Context, cursor string) ([]channel.Raw, string, error) {
	query := url.Values{
		"limit":   {strconv.Itoa(maxPolled)},
		"timeout": {strconv.Itoa(int(max(a.deps.PollTimeout/time.Second, 0)))},
		"types":   {strings.Join(updateTypes(), ",")},
	}
	if cursor != "" {
		query.Set("marker", cursor)
	}
	var out struct {
		Updates optional[[]json.RawMessage] `json:"updates"`
		Marker  text                        `json:"marker"`
	}
	err := a.call(ctx, http.MethodGet, "/updates", query, nil, &out, "updates",
		egress.Key(pollKey), egress.Within(a.deps.PollTimeout+15*time.Second))
	if err != nil {
		return nil, cursor, a.repeatable(err)
	}
	raws := make([]channel.Raw, 0, len(out.Updates.or()))
	for _, body := range out.Updates.or() {
		raws = append(raws, single(body))
	}
	if out.Marker != "" {
		cursor = string(out.Marker)
	}
	return raws, cursor, nil
}
