package demo_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/demo"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/sqlite"
	"github.com/okno-hq/okno/internal/store/storetest"
)

func TestFill(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB) {
		f := fill(t, d)
		t.Run("counts", f.counts)
		t.Run("invariants", f.invariants)
		t.Run("previews", f.previews)
		t.Run("everything occurs", f.everything)
		t.Run("files open", f.files)
		t.Run("merges come apart", f.merges)
		t.Run("only the website is on", f.channels)
		t.Run("once", func(t *testing.T) {
			if _, err := demo.Fill(t.Context(), f.deps); !errors.Is(err, demo.ErrNotEmpty) {
				t.Errorf("a second company: %v", err)
			}
		})
		if d.Dialect() == db.SQLite {
			t.Run("one seed is one company", f.same)
		}
	})
}

func (f *filled) counts(t *testing.T) {
	r := f.result
	if r.Contacts < 300 || r.Contacts > 500 || r.Conversations < 500 || r.Items < 3500 || r.Files < 150 {
		t.Errorf("the company is %+v", r)
	}
	if len(r.Logins) != 5 || r.Logins[0].Role != access.Admin || r.Logins[0].Email != "anna@utro.example" || r.Logins[4].Password == "" {
		t.Errorf("log-ins: %+v", r.Logins)
	}
	for table, least := range map[string]int64{
		"tags": 7, "contact_fields": 6, "canned_replies": 10, "views": 4, "inboxes": 2, "channels": 4, "teams": 3, "contact_merges": 6,
		"contact_suggestions": 1, "contact_notes": 30, "consents": 20, "item_editions": 10, "attempts": 10, "drafts": 1, "notifications": 20,
		"reads": 400, "visitors": 80,
	} {
		if n := f.numbers(`SELECT COUNT(*) FROM ` + table); n[0] < least {
			t.Errorf("%s: %d rows, expected %d", table, n[0], least)
		}
	}
}

func (f *filled) invariants(t *testing.T) {
	f.T = t
	now := db.Micros(present())
	f.none("two unresolved conversations of one contact in one inbox", `SELECT MIN(id) FROM conversations WHERE status <> 'resolved'
		GROUP BY inbox_id, contact_id HAVING COUNT(*) > 1`)
	f.none("conversations whose last item is another", `SELECT c.id FROM conversations c WHERE c.status <> 'resolved' AND c.last_item_id <>
		(SELECT MAX(i.id) FROM items i WHERE i.conversation_id = c.id AND i.state <> 'scheduled')`)
	f.none("conversations whose customer's last word is another", `SELECT c.id FROM conversations c WHERE c.status <> 'resolved' AND
		c.last_inbound_id <> COALESCE((SELECT MAX(i.id) FROM items i WHERE i.conversation_id = c.id AND i.direction = 'in'), 0)`)
	f.none("conversations whose last reply is another", `SELECT c.id FROM conversations c WHERE c.status <> 'resolved' AND
		c.last_reply_id <> COALESCE((SELECT MAX(i.id) FROM items i WHERE i.conversation_id = c.id AND i.direction = 'out'
			AND i.author_type <> 'system' AND i.state <> 'scheduled'), 0)`)
	f.none("open ones that should wait and do not, or the reverse", `SELECT id FROM conversations WHERE status <> 'resolved'
		AND (waiting_since > 0) <> (last_inbound_id > last_reply_id)`)
	f.none("resolved ones that wait", `SELECT id FROM conversations WHERE status = 'resolved' AND (waiting_since > 0 OR resolved_at = 0)`)
	f.none("unresolved ones with a day of resolving", `SELECT id FROM conversations WHERE status <> 'resolved' AND resolved_at > 0`)
	f.none("snoozed ones that are due", `SELECT id FROM conversations WHERE (status = 'snoozed') <> (snoozed_until > 0) OR (status = 'snoozed' AND snoozed_until <= $1)`, now)
	f.none("items in the wrong order", `SELECT a.id FROM items a JOIN items b ON a.conversation_id = b.conversation_id AND a.id < b.id AND a.created_at > b.created_at`)
	f.none("items of the future", `SELECT id FROM items WHERE created_at > $1 OR edited_at > $1 OR deleted_at > $1`, now)
	f.none("items of another contact than their conversation", `SELECT i.id FROM items i JOIN conversations c ON c.id = i.conversation_id WHERE c.contact_id <> i.contact_id`)
	f.none("messages without channel and chat", `SELECT id FROM items WHERE kind = 'message' AND (chat_id NOT IN (SELECT id FROM chats) OR channel_id NOT IN (SELECT id FROM channels))`)
	f.none("messages that their platform does not know", `SELECT id FROM items WHERE kind = 'message' AND state IN ('', 'sent', 'delivered', 'read')
		AND (external_id = '' OR id NOT IN (SELECT item_id FROM item_externals))`)
	f.none("empty messages", `SELECT id FROM items WHERE kind IN ('message', 'note') AND content = '{}' AND has_files = $1 AND deleted_at = 0`, false)
	f.none("files that the item does not mention", `SELECT f.id FROM files f JOIN items i ON i.id = f.item_id WHERE i.has_files = $1`, false)
	f.none("chats without a conversation", `SELECT id FROM chats WHERE conversation_id NOT IN (SELECT id FROM conversations)`)
	f.none("people who wait without having written", `SELECT id FROM conversations WHERE waiting_since > last_at`)
	f.none("conversations handed to somebody outside the inbox", `SELECT c.id FROM conversations c WHERE c.assignee_id <> 0 AND c.assignee_id NOT IN
		(SELECT m.user_id FROM team_members m JOIN inbox_teams t ON t.team_id = m.team_id WHERE t.inbox_id = c.inbox_id)`)
	f.none("jobs", `SELECT id FROM jobs`)
	if n := f.numbers(`SELECT COUNT(*) FROM conversations WHERE status <> 'resolved' AND waiting_since > 0`); n[0] < 12 || n[0] > 60 {
		t.Errorf("%d customers wait", n[0])
	}
	if n := f.numbers(`SELECT COUNT(*) FROM conversations WHERE status IN ('open', 'pending')`); n[0] < 20 || n[0] > 120 {
		t.Errorf("%d active conversations", n[0])
	}
}

func (f *filled) previews(t *testing.T) {
	f.T = t
	seen := inbox.Seen{Workspace: f.ws, User: f.admin()}
	list, err := f.inbox.ListConversations(t.Context(), seen, inbox.Filter{Scope: inbox.Everybody, Status: inbox.AnyStatus, Sort: inbox.ByRecent}, inbox.Page{Limit: 200})
	if err != nil || len(list) != 200 {
		t.Fatalf("%d conversations: %v", len(list), err)
	}
	unread, texts := 0, map[string]int{}
	for _, c := range list {
		items, err := f.inbox.ListItems(t.Context(), inbox.ItemQuery{Workspace: f.ws, Conversation: c.ID, Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(items, func(i inbox.Item) bool { return i.Kind != inbox.KindEvent && i.State != inbox.StateScheduled })
		if i < 0 {
			continue
		}
		if items[i].Files, err = f.inbox.FilesOf(t.Context(), []inbox.ItemID{items[i].ID}); err != nil {
			t.Fatal(err)
		}
		if want := inbox.PreviewOf(items[i]); c.Preview != want || !c.LastAt.Equal(items[i].CreatedAt) {
			t.Errorf("conversation %d shows %+v at %s, its last item is %+v at %s", c.ID, c.Preview, c.LastAt, want, items[i].CreatedAt)
		}
		if c.Unread > 0 {
			unread++
		}
		texts[c.Preview.Text]++
	}
	if unread == 0 {
		t.Error("nothing is unread")
	}
	for text, n := range texts {
		if n > 8 && len(text) > 12 {
			t.Errorf("%d of 200 conversations end with %q", n, text)
		}
	}
}

func (f *filled) admin() access.UserID {
	return access.UserID(f.numbers(`SELECT id FROM users WHERE email = 'anna@utro.example'`)[0])
}

func (f *filled) everything(t *testing.T) {
	f.T = t
	for what, want := range map[string][]string{
		`SELECT DISTINCT status FROM conversations`: {"open", "pending", "resolved", "snoozed"},
		`SELECT DISTINCT kind FROM items`:           {"event", "message", "note"}, // calls come with telephony
		// What is on its way needs a job and would not stay so.
		`SELECT DISTINCT state FROM items`:         {"", "delivered", "failed", "read", "scheduled", "sent", "uncertain"},
		`SELECT DISTINCT author_type FROM items`:   {"contact", "device", "system", "user"},
		`SELECT DISTINCT kind FROM files`:          {"animation", "audio", "document", "image", "sticker", "video", "voice"},
		`SELECT DISTINCT state FROM files`:         {"expired", "failed", "ready"},
		`SELECT DISTINCT kind FROM channels`:       {"max", "telegram", "webchat", "whatsapp"},
		`SELECT DISTINCT kind FROM identities`:     {"email", "max", "phone", "telegram", "webchat", "whatsapp"},
		`SELECT DISTINCT type FROM contact_fields`: {"bool", "choice", "date", "number", "text", "url"},
		`SELECT DISTINCT kind FROM notifications`:  {"assigned", "mention"},
		`SELECT DISTINCT presence FROM users`:      {"away", "offline", "online"},
		`SELECT DISTINCT locale FROM contacts`:     {"en", "ru"},
		`SELECT DISTINCT outcome FROM attempts`:    {"failed", "uncertain"},
		`SELECT DISTINCT deleted_by FROM items`:    {"", "contact", "user"},
	} {
		got := f.words(what)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, expected %q", what, got, want)
		}
	}
	for what, like := range map[string]string{
		"locations": `%"location"%`, "cards": `%"contacts"%`, "own cards": `%"own":true%`, "buttons": `%"buttons"%`, "presses": `%"pressed"%`, "marks": `%"marks"%`,
	} {
		if n := f.numbers(`SELECT COUNT(*) FROM items WHERE content LIKE $1`, like); n[0] < 3 {
			t.Errorf("%s: %d", what, n[0])
		}
	}
	for _, h := range []string{
		"conversation.assigned", "conversation.unassigned", "conversation.resolved", "conversation.reopened", "conversation.snoozed",
		"conversation.woken", "conversation.inbox_changed", "conversation.team_changed", "contact.started", "contact.blocked",
	} {
		if n := f.numbers(`SELECT COUNT(*) FROM items WHERE event LIKE $1`, `%"`+h+`"%`); n[0] == 0 {
			t.Errorf("no %s", h)
		}
	}
	for what, query := range map[string]string{
		"replies": `reply_to > 0`, "reactions": `reactions <> ''`, "albums": `album <> ''`, "mentions": `event LIKE '%mentions%'`, "edited": `edited_at > 0`,
	} {
		if n := f.numbers(`SELECT COUNT(*) FROM items WHERE ` + query); n[0] < 3 {
			t.Errorf("%s: %d", what, n[0])
		}
	}
	if n := f.numbers(`SELECT COUNT(*) FROM conversations WHERE channel_kinds LIKE '% %'`); n[0] == 0 {
		t.Error("no conversation spans channels")
	}
	f.none("texts with blanks left", `SELECT id FROM items WHERE content LIKE '%{$%' OR content LIKE '%{\%%' ESCAPE '\' OR content LIKE '%|%'
		AND content NOT LIKE '%vcard%'`)
}

func (f *filled) files(t *testing.T) {
	f.T = t
	ids := f.numbers(`SELECT id FROM files WHERE state = 'ready'`)
	list, err := f.inbox.FilesByID(t.Context(), f.ws, idsOf(ids))
	if err != nil || len(list) != len(ids) {
		t.Fatalf("%d files of %d: %v", len(list), len(ids), err)
	}
	magic := map[string]string{"image/jpeg": "\xff\xd8\xff", "image/png": "\x89PNG", "image/webp": "RIFF", "image/gif": "GIF8", "audio/ogg": "OggS", "application/pdf": "%PDF-"}
	for _, file := range list {
		body, size, err := f.library.Open(t.Context(), file.BlobKey)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(body)
		_ = body.Close()
		sum := sha256.Sum256(b)
		if err != nil || size != file.Size || string(sum[:]) != string(file.SHA256) || !strings.HasPrefix(string(b), magic[file.MIME]) {
			t.Errorf("%s (%s): %d bytes, said to be %d: %v", file.Name, file.MIME, len(b), file.Size, err)
		}
		switch file.Kind {
		case channel.Image, channel.Sticker, channel.Animation:
			if file.Width == 0 || file.ThumbKey == "" {
				t.Errorf("%s (%s): %d × %d, small picture %q", file.Name, file.Kind, file.Width, file.Height, file.ThumbKey)
			}
		case channel.Voice:
			if file.Duration == 0 || len(file.Peaks) == 0 || file.Transcript == "" {
				t.Errorf("%s: %s long, %d bars", file.Name, file.Duration, len(file.Peaks))
			}
		case channel.Audio:
			if file.Duration == 0 {
				t.Errorf("%s has no length", file.Name)
			}
		case channel.Document, channel.Video:
		}
	}
}

func idsOf(list []int64) []inbox.FileID {
	out := make([]inbox.FileID, len(list))
	for i, v := range list {
		out[i] = inbox.FileID(v)
	}
	return out
}

func (f *filled) channels(t *testing.T) {
	list, err := f.accounts.AllAccounts(t.Context())
	if err != nil || len(list) != 4 {
		t.Fatalf("%d accounts: %v", len(list), err)
	}
	for _, a := range list {
		website := a.ID == f.result.Webchat
		if a.Enabled != website || (a.Health.State == channel.Disabled) == website || len(a.Secrets) != 0 {
			t.Errorf("%s: on %v, %s", a.Name, a.Enabled, a.Health.State)
		}
	}
}

// same: a seed makes one company, another seed another.
func (f *filled) same(t *testing.T) {
	sum := func(f *filled, queries ...string) string {
		f.T = t
		h := sha256.New()
		for _, q := range queries {
			for _, row := range f.words(q) {
				fmt.Fprintln(h, row)
			}
		}
		return string(h.Sum(nil))
	}
	people := `SELECT id || name || fields || created_at FROM contacts ORDER BY id`
	all := []string{
		people, `SELECT id || value || contact_id FROM identities ORDER BY id`,
		`SELECT id || content || event || state || external_id || created_at FROM items ORDER BY id`,
		`SELECT id || status || preview || waiting_since || assignee_id FROM conversations ORDER BY id`,
		`SELECT id || name || kind || hex(sha256) || item_id FROM files ORDER BY id`, `SELECT user_id || conversation_id || item_id FROM reads ORDER BY 1`,
		`SELECT id || text || user_id || read_at FROM notifications ORDER BY id`, `SELECT contact_id || tag_id FROM contact_tags ORDER BY 1`,
	}
	fresh := func(change func(*demo.Deps)) *filled {
		dp, other := deps(t, storetest.SQLite(t, sqlite.Config{}))
		change(&dp)
		if _, err := demo.Fill(t.Context(), dp); err != nil {
			t.Fatal(err)
		}
		return other
	}
	if sum(fresh(func(*demo.Deps) {}), all...) != sum(f, all...) {
		t.Error("the same seed makes another company")
	}
	another := fresh(func(dp *demo.Deps) { dp.Seed, dp.Library = 2, shelf{} })
	if sum(another, people) == sum(f, people) {
		t.Error("another seed makes the same company")
	}
}

// merges: the merged contacts are as if people had merged them.
func (f *filled) merges(t *testing.T) {
	f.T = t
	merged := f.numbers(`SELECT winner_id FROM contact_merges`)
	if len(merged) == 0 {
		t.Fatal("nobody was merged")
	}
	for _, winner := range merged {
		c, err := f.contacts.Contact(t.Context(), f.ws, contact.ID(winner))
		if err != nil {
			t.Fatal(err)
		}
		kinds := map[contact.IdentityKind]bool{}
		for _, i := range c.Identities {
			kinds[i.Kind] = true
		}
		if len(kinds) < 2 {
			t.Errorf("%s was merged and is known by %v only", c.Name, kinds)
		}
	}
}

func TestClockBeforeIDs(t *testing.T) {
	dp, _ := deps(t, storetest.SQLite(t, sqlite.Config{}))
	dp.Now = dp.Now.AddDate(-10, 0, 0)
	if _, err := demo.Fill(t.Context(), dp); !errors.Is(err, demo.ErrTooEarly) {
		t.Errorf("a present before there were ids: %v", err)
	}
}
