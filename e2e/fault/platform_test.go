package fault_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/standin/maxbot"
	"github.com/okno-hq/okno/internal/standin/telegram"
	"github.com/okno-hq/okno/internal/standin/whatsapp"
)

// line is one entry of a ledger, whatever the platform.
type line struct {
	in       bool
	chat     string
	id       string
	text     string
	attempts int
	acked    bool
	// reached says that what we sent is with the customer.
	reached bool
}

// platform is a stand-in.
type platform interface {
	customers
	records
	kind() string
	// settings connect a channel to it.
	settings() map[string]string
}

// customers are numbered.
type customers interface {
	// say and show make a customer write; the answer is the message's id.
	say(who int, text string) (string, error)
	show(who int, text string, picture []byte) (string, error)
	// edit changes what a customer wrote; ok is false where the platform
	// tells bots nothing of it.
	edit(who int, id, text string) (ok bool, err error)
	// again delivers once more what was acknowledged.
	again(l line) error
}

// records are what a platform knows.
type records interface {
	ledger() []line
	// pending counts deliveries that were not acknowledged yet.
	pending() int
	// trouble is how the last delivery that failed was refused.
	trouble() string
	// violations are breaches of the specification, whoever's.
	violations() []string
	// seen is what the customer sees now of a message that reached him.
	seen(l line) sight
}

// sight is a message of ours as the customer has it.
type sight struct {
	id, text string
	gone     bool
	file     string // the hash of the file that came with it
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// retries are the pauses before a platform delivers again, much shorter than
// the real ones.
func retries() []time.Duration {
	out := make([]time.Duration, 5000)
	for i := range out {
		out[i] = min(time.Duration(i+1)*20*time.Millisecond, 300*time.Millisecond)
	}
	return out
}

func specs(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("OKNO_SPECS")
	if dir == "" {
		dir = "../../../shared/specs"
	}
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the messengers' specifications are not at %s", dir)
		}
		t.Skipf("the messengers' specifications are not at %s: set OKNO_SPECS", dir)
	}
	return dir
}

func platforms(t *testing.T) []platform {
	t.Helper()
	dir := specs(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	tg, err := telegram.New(telegram.Config{Specs: filepath.Join(dir, "telegram"), RetryDelays: retries()})
	must(err)
	wa, err := whatsapp.New(whatsapp.Config{Specs: filepath.Join(dir, "whatsapp"), RetryDelays: retries()})
	must(err)
	mb, err := maxbot.New(maxbot.Config{Specs: filepath.Join(dir, "max"), RetryDelays: retries()})
	must(err)
	for _, s := range []interface {
		Start() error
		Close()
	}{tg, wa, mb} {
		must(s.Start())
		t.Cleanup(s.Close)
	}
	return []platform{telegramSide{tg}, whatsappSide{wa}, maxSide{mb}, newWebchatSide(t)}
}

type telegramSide struct{ s *telegram.Server }

func (p telegramSide) kind() string { return "telegram" }

func (p telegramSide) settings() map[string]string {
	return map[string]string{"token": p.s.Config().Token, "api_url": p.s.URL()}
}

func (telegramSide) post(who int, caption string) telegram.Post {
	return telegram.Post{From: int64(5000 + who), Caption: caption}
}

func (p telegramSide) say(who int, text string) (string, error) {
	id, err := p.s.SendText(p.post(who, ""), text)
	return strconv.Itoa(id), err
}

func (p telegramSide) show(who int, text string, picture []byte) (string, error) {
	id, err := p.s.SendMedia(p.post(who, text), telegram.File{Kind: "document", Name: "picture.png", MIME: "image/png", Data: picture})
	return strconv.Itoa(id), err
}

func (p telegramSide) edit(who int, id, text string) (bool, error) {
	n, err := strconv.Atoi(id)
	if err != nil {
		return true, err
	}
	return true, p.s.EditText(p.post(who, ""), n, text)
}

func (p telegramSide) again(l line) error { return p.s.Redeliver(l.chat, l.id) }

func (p telegramSide) ledger() []line {
	var out []line
	for _, e := range p.s.Ledger() {
		out = append(out, line{e.Direction == "in", e.Chat, e.ID, e.Text, e.Attempts, e.Acked, e.Delivered})
	}
	return out
}

func (p telegramSide) pending() int         { return p.s.Webhook().Pending }
func (p telegramSide) trouble() string      { return p.s.Webhook().LastError }
func (p telegramSide) violations() []string { return p.s.Violations() }

func (p telegramSide) seen(l line) sight {
	n, err := strconv.Atoi(l.id)
	if err != nil {
		return sight{}
	}
	msg, ok := p.s.Message(l.chat, n)
	if !ok {
		return sight{gone: true}
	}
	var body struct {
		Photo []struct {
			ID string `json:"file_id"`
		}
	}
	out := sight{id: l.id, text: msg.Text, gone: msg.Deleted}
	if err := json.Unmarshal(msg.Body, &body); err == nil && len(body.Photo) > 0 {
		if data, ok := p.s.FileData(body.Photo[len(body.Photo)-1].ID); ok {
			out.file = hashOf(data)
		}
	}
	return out
}

type whatsappSide struct{ s *whatsapp.Server }

func (p whatsappSide) kind() string { return "whatsapp" }

func (p whatsappSide) settings() map[string]string {
	c := p.s.Config()
	return map[string]string{"phone_number_id": c.PhoneNumberID, "waba_id": c.WABA, "token": c.Token, "app_secret": c.AppSecret, "api_url": p.s.URL()}
}

func (whatsappSide) phone(who int) string { return strconv.Itoa(79160000000 + who) }

func (p whatsappSide) say(who int, text string) (string, error) {
	return p.s.SendText(p.phone(who), text)
}

func (p whatsappSide) show(who int, text string, picture []byte) (string, error) {
	return p.s.SendMedia(p.phone(who), whatsapp.File{Kind: "image", MIME: "image/png", Data: picture, Caption: text})
}

func (whatsappSide) edit(int, string, string) (bool, error) { return false, nil }

func (p whatsappSide) again(l line) error { return p.s.Redeliver(l.id) }

func (p whatsappSide) ledger() []line {
	var out []line
	for _, e := range p.s.Ledger() {
		out = append(out, line{e.Direction == "in", e.Customer, e.ID, e.Text, e.Attempts, e.Acked, e.Delivered})
	}
	return out
}

func (p whatsappSide) pending() int         { return p.s.Webhook().Pending }
func (p whatsappSide) trouble() string      { return p.s.Webhook().LastError }
func (p whatsappSide) violations() []string { return p.s.Violations() }

func (p whatsappSide) seen(l line) sight {
	msg, _ := p.s.Message(l.id) // it cannot be taken back
	var body struct {
		Image struct{ ID string }
	}
	out := sight{id: l.id, text: msg.Text}
	if err := json.Unmarshal(msg.Body, &body); err == nil && body.Image.ID != "" {
		if data, _, _, ok := p.s.File(body.Image.ID); ok {
			out.file = hashOf(data)
		}
	}
	return out
}

type maxSide struct{ s *maxbot.Server }

func (p maxSide) kind() string { return "max" }

func (p maxSide) settings() map[string]string {
	return map[string]string{"token": p.s.Config().Token, "api_url": p.s.URL()}
}

func (p maxSide) say(who int, text string) (string, error) {
	return p.s.SendText(int64(7000+who), text)
}

func (p maxSide) show(who int, text string, picture []byte) (string, error) {
	return p.s.SendFiles(int64(7000+who), text, maxbot.File{Kind: "image", Name: "picture.png", MIME: "image/png", Data: picture})
}

func (p maxSide) edit(_ int, id, text string) (bool, error) { return true, p.s.EditMessage(id, text) }

func (p maxSide) again(l line) error { return p.s.Redeliver(l.id) }

func (p maxSide) ledger() []line {
	var out []line
	for _, e := range p.s.Ledger() {
		out = append(out, line{e.Direction == "in", strconv.FormatInt(e.Chat, 10), e.ID, e.Text, e.Attempts, e.Acked, e.Direction == "out"})
	}
	return out
}

func (p maxSide) pending() int {
	n := 0
	for _, h := range p.s.Webhooks() {
		n += h.Pending
	}
	return n
}

func (p maxSide) trouble() string {
	for _, h := range p.s.Webhooks() {
		return h.LastError
	}
	return ""
}

func (p maxSide) violations() []string { return p.s.Violations() }

func (p maxSide) seen(l line) sight {
	msg, ok := p.s.Message(l.id)
	if !ok || msg.Removed {
		return sight{gone: true}
	}
	out := sight{id: l.id, text: msg.Text}
	for _, a := range msg.Attachments {
		if f, ok := p.s.FileOf(a); ok {
			out.file = hashOf(f.Data)
		}
	}
	return out
}

// picture is a small one, another for each n.
func picture(t *testing.T, n int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 16, 16))
	for i := range img.Pix {
		img.Pix[i] = byte(i * (n%250 + 1))
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
