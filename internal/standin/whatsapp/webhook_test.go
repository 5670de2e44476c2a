package whatsapp_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/standin/standintest"
	"github.com/okno-hq/okno/internal/standin/whatsapp"
)

func TestEveryCustomerActionIsValid(t *testing.T) {
	s, h := start(t, nil)
	s.AddCustomer(whatsapp.Customer{Phone: "79005550000", UserID: "RU.13491208655302741918", Name: "Ирина", Username: "irina", Hidden: true})
	s.AddCustomer(whatsapp.Customer{Phone: "79005550001", Name: "Пётр", Legacy: true})
	for _, who := range []string{"RU.13491208655302741918", "79005550001", customer} {
		first, err := s.SendText(who, "раз")
		actions := map[string]func() error{
			"reply":     func() error { _, err := s.SendReply(who, first, "два"); return err },
			"forward":   func() error { _, err := s.SendForwarded(who, "чужое"); return err },
			"place":     func() error { _, err := s.SendLocation(who, whatsapp.Place{Latitude: 55, Longitude: 37}); return err },
			"contact":   func() error { _, err := s.SendContact(who, "Иван", "+7 900 1"); return err },
			"own":       func() error { _, err := s.ShareOwnNumber(who, "79005550000"); return err },
			"react":     func() error { _, err := s.React(who, first, "👍"); return err },
			"ad":        func() error { _, err := s.SendFromAd(who, "по рекламе", "120226", "Скидки"); return err },
			"order":     func() error { _, err := s.SendOrder(who, "sku-1", 2, 30, "RUB"); return err },
			"edit":      func() error { _, err := s.EditMessage(who); return err },
			"delete":    func() error { _, err := s.DeleteMessage(who); return err },
			"unknown":   func() error { _, err := s.SendUnknown(who, "hologram"); return err },
			"echo":      func() error { _, err := s.WriteFromPhone(who, "с телефона"); return err },
			"call":      func() error { _, err := s.Call(who); return err },
			"templates": func() error { return s.TemplateStatus("order_update", "ru", "APPROVED", "NONE") },
		}
		for _, kind := range []string{"image", "video", "audio", "voice", "document", "sticker"} {
			actions[kind] = func() error {
				_, err := s.SendMedia(who, whatsapp.File{Kind: kind, Name: "файл", Data: []byte("x")})
				return err
			}
		}
		for name, do := range actions {
			if e := do(); e != nil {
				err = errors.Join(err, errors.New(name), e)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.ChangeUserID("RU.13491208655302741918", "RU.999"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ChangeNumber(customer, "79005559999", ""); err != nil {
		t.Fatal(err)
	}
	settle(t, s)
	standintest.Clean(t, s)
	for i, body := range h.got() {
		if h.signs[i] != whatsapp.Sign(s.Config().AppSecret, body) {
			t.Fatalf("signature %d is wrong", i)
		}
		if strings.Contains(string(body), "79005550000") && !strings.Contains(string(body), "contact_request") {
			t.Errorf("a hidden phone is shown: %s", body)
		}
	}
	for _, e := range s.Ledger() {
		if e.Direction == "in" && !e.Acked {
			t.Errorf("%s of %s not acknowledged", e.Type, e.Customer)
		}
	}
}

func TestStatuses(t *testing.T) {
	s, h := start(t, nil)
	if _, err := s.SendText(customer, "привет"); err != nil {
		t.Fatal(err)
	}
	send := func() string {
		t.Helper()
		msg := message("text", obj{"body": "x"})
		msg["biz_opaque_callback_data"] = "item-1"
		_, out := call(t, s, "POST", s.Config().PhoneNumberID+"/messages", msg)
		return out["messages"].([]any)[0].(obj)["id"].(string)
	}
	states := func(id string) string {
		settle(t, s)
		var out []string
		for _, i := range h.items(t) {
			if i["_list"] == "statuses" && i["id"] == id {
				if i["biz_opaque_callback_data"] != "item-1" {
					t.Errorf("opaque data %v", i["biz_opaque_callback_data"])
				}
				out = append(out, i["status"].(string))
			}
		}
		return strings.Join(out, " ")
	}
	normal := send()
	if err := s.Read(customer); err != nil {
		t.Fatal(err)
	}
	if got := states(normal); got != "sent delivered read" {
		t.Errorf("statuses %q", got)
	}
	s.Fail(whatsapp.Fault{FailLater: 131049})
	later := send()
	if got := states(later); got != "failed" {
		t.Errorf("statuses %q", got)
	}
	s.Block(customer)
	if got := states(send()); got != "failed" {
		t.Errorf("statuses of a blocked customer %q", got)
	}
	s.Unblock(customer)
	odd := send()
	for _, state := range []string{"read", "played", "delivered"} {
		if err := s.Status(odd, state, 0); err != nil {
			t.Fatal(err)
		}
	}
	if got := states(odd); got != "sent delivered read played delivered" {
		t.Errorf("statuses %q", got)
	}
	standintest.Clean(t, s)
	if n := len(s.Delivered(customer)); n != 2 {
		t.Errorf("%d delivered, want 2", n)
	}
}

func TestRetriesBatchesAndRedelivery(t *testing.T) {
	ledger := filepath.Join(t.TempDir(), "ledger.jsonl")
	s, h := start(t, func(c *whatsapp.Config) { c.LedgerPath = ledger })
	h.answer(http.StatusServiceUnavailable)
	first, err := s.SendText(customer, "раз")
	if err != nil {
		t.Fatal(err)
	}
	for s.Ledger()[0].Attempts < 3 {
		select {
		case <-time.After(time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("not tried again")
		}
	}
	if st := s.Webhook(); st.Pending != 1 || !strings.Contains(st.LastError, "503") {
		t.Errorf("webhook %+v", st)
	}
	h.answer(http.StatusOK)
	settle(t, s)
	s.Hold()
	for _, text := range []string{"два", "три"} {
		if _, err := s.SendText(customer, text); err != nil {
			t.Fatal(err)
		}
	}
	for _, who := range []string{"79000000001", "79000000002", "79000000003"} {
		if _, err := s.SendText(who, "привет"); err != nil {
			t.Fatal(err)
		}
	}
	before := len(h.got())
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	settle(t, s)
	got := h.got()
	if len(got) != before+1 {
		t.Fatalf("%d requests for a batch", len(got)-before)
	}
	var batch struct {
		Entry []struct {
			Changes []struct{ Value struct{ Messages []any } }
		}
	}
	if err := json.Unmarshal(got[before], &batch); err != nil {
		t.Fatal(err)
	}
	if len(batch.Entry) != 2 || len(batch.Entry[0].Changes) != 2 || len(batch.Entry[0].Changes[0].Value.Messages) != 2 {
		t.Errorf("batch %s", got[before])
	}
	if err := s.Redeliver(first); err != nil {
		t.Fatal(err)
	}
	settle(t, s)
	if again := h.got(); string(again[len(again)-1]) != string(again[0]) {
		t.Error("the redelivery differs from the delivery")
	}
	standintest.Clean(t, s)
	raw, err := os.ReadFile(ledger)
	if err != nil || strings.Count(string(raw), "\n") < 10 {
		t.Errorf("ledger file: %v\n%s", err, raw)
	}
}

func TestSubscription(t *testing.T) {
	s, h := start(t, func(c *whatsapp.Config) { c.WebhookURL = "" })
	if _, err := s.SendText(customer, "никто не слышит"); err == nil {
		t.Error("a notification went nowhere and nobody said so")
	}
	number := func(uri, token string) (int, obj) {
		return call(t, s, "POST", s.Config().PhoneNumberID, obj{"webhook_configuration": obj{"override_callback_uri": uri, "verify_token": token}})
	}
	if _, out := number(h.URL, "wrong"); code(out) != 2200 {
		t.Errorf("unverified callback: %v", out)
	}
	if status, out := number(h.URL, h.token); status != http.StatusOK {
		t.Errorf("callback: %v", out)
	}
	if status, out := call(t, s, "POST", s.Config().WABA+"/subscribed_apps", nil); status != http.StatusOK {
		t.Errorf("subscribe: %v", out)
	}
	_, out := call(t, s, "GET", s.Config().PhoneNumberID+"?fields=webhook_configuration", nil)
	if got := out["webhook_configuration"].(obj)["phone_number"]; got != h.URL {
		t.Errorf("callback is %v", got)
	}
	if _, out := call(t, s, "GET", s.Config().WABA+"/subscribed_apps", nil); len(out["data"].([]any)) != 1 {
		t.Errorf("subscribed apps: %v", out)
	}
	if _, err := s.SendText(customer, "слышно"); err != nil {
		t.Error(err)
	}
	settle(t, s)
	if len(h.items(t)) != 1 {
		t.Errorf("%d notifications", len(h.items(t)))
	}
	s.LapseSubscription()
	if _, out := call(t, s, "GET", s.Config().WABA+"/subscribed_apps", nil); len(out["data"].([]any)) != 0 {
		t.Errorf("subscribed apps after the lapse: %v", out)
	}
	standintest.Clean(t, s)
}

func TestFaultsAndControl(t *testing.T) {
	s, _ := start(t, nil)
	control := func(action, body string) (int, string) {
		t.Helper()
		resp, err := http.Post(s.URL()+"/_control/"+action, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		raw, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(raw)
	}
	if status, out := control("send_text", `{"from":"79005556677","text":"из сценария"}`); status != http.StatusOK || !strings.Contains(out, "wamid.") {
		t.Errorf("send_text: %d %s", status, out)
	}
	control("fail", `{"method":"messages","status":429,"code":130429,"retry_after":7}`)
	control("fail", `{"method":"messages","drop_after":true}`)
	control("fail", `{"method":"messages","drop_before":true}`)
	control("fail", `{"method":"messages","status":502,"body":"<html>Bad gateway</html>"}`)
	msg := message("text", obj{"body": "x"})
	path := s.URL() + "/v23.0/" + s.Config().PhoneNumberID + "/messages"
	raw, _ := json.Marshal(msg)
	post := func() (*http.Response, error) {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(string(raw)))
		req.Header.Set("Authorization", "Bearer "+s.Config().Token)
		req.Header.Set("Content-Type", "application/json")
		req.Close = true
		return http.DefaultClient.Do(req)
	}
	resp, err := post()
	if err != nil || resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") != "7" {
		t.Fatalf("429: %v %v", resp, err)
	}
	_ = resp.Body.Close()
	for range 2 {
		if resp, err := post(); err == nil {
			_ = resp.Body.Close()
			t.Errorf("a dropped connection answered %s", resp.Status)
		}
	}
	resp, err = post()
	if err != nil || resp.StatusCode != http.StatusBadGateway {
		t.Fatalf("502: %v %v", resp, err)
	}
	_ = resp.Body.Close()
	if n := len(s.Delivered(customer)); n != 1 {
		t.Errorf("%d delivered, want the one dropped after it was taken", n)
	}
	if status, _ := control("no_such_thing", `{}`); status != http.StatusNotFound {
		t.Errorf("unknown action: %d", status)
	}
	if status, _ := control("send_text", `{`); status != http.StatusBadRequest {
		t.Errorf("bad body: %d", status)
	}
	settle(t, s)
	standintest.Clean(t, s)
}
