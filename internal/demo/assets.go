package demo

import (
	"embed"
	"fmt"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/demo/art"
	"github.com/okno-hq/okno/internal/inbox"
)

// The recordings were spoken by espeak-ng, the stickers drawn like the rest.
//
//go:embed voices/*.ogg stickers/*.webp
var media embed.FS

// transcripts are what is said in the voices.
func transcript(voice string) string {
	return map[string]string{
		"leak":    "Здравствуйте! У меня кофемашина вторую неделю подтекает снизу, прямо из-под поддона. Подскажите, пожалуйста, это гарантийный случай или нужно везти в мастерскую?",
		"grind":   "Добрый день! Помол пробовал и мельче, и крупнее, всё равно эспрессо кислит. Может быть, дело в температуре?",
		"office":  "Девочки, привет! Нам в офис нужно двадцать килограммов смеси «Будни» к понедельнику. Счёт на ту же компанию, что и в прошлый раз. Спасибо!",
		"courier": "Это курьер. Я подъехал, стою у второго подъезда, не могу найти домофон. Наберите меня, пожалуйста.",
		"thanks":  "Спасибо большое, всё заработало! Вы лучшие.",
		"barista": "Смотрите, всё просто. Поверните регулятор на два деления в сторону мелкого помола, сделайте две чашки и слейте их. Третья уже будет правильной.",
	}[voice]
}

// asset is the file that a line's option asks for.
func (t *talk) asset(o option) (asset, bool) {
	switch o.key {
	case "photo":
		return t.photo(o.value), true
	case "voice":
		return asset{kind: channel.Voice, name: "voice.ogg", mime: "audio/ogg", voice: true, transcript: transcript(o.value), key: o.value, make: t.embedded("voices/" + o.value + ".ogg")}, true
	case "sticker":
		n := t.d.IntN(3)
		return asset{
			key: fmt.Sprint("sticker", n), kind: channel.Sticker, name: "sticker.webp", mime: "image/webp", emoji: []string{"☕", "❤️", "☀️"}[n],
			make: t.embedded("stickers/" + []string{"cup", "heart", "sun"}[n] + ".webp"),
		}, true
	case "animation":
		return asset{key: "steam", kind: channel.Animation, name: "par.gif", mime: "image/gif", make: t.paint.Steam}, true
	case "audio":
		seed := t.d.Uint64()
		return asset{kind: channel.Audio, name: "шум машины.wav", mime: "audio/wav", make: func() ([]byte, error) { return art.Grinding(seed), nil }}, true
	case "pdf":
		return t.paper(o.value), true
	case "video":
		a := asset{kind: channel.Video, name: fmt.Sprintf("VID_%d.mp4", t.d.between(1000, 9999)), mime: "video/mp4", size: int64(t.d.between(21, 90)) << 20, state: inbox.FileFailed, reason: channel.ReasonTooBig}
		if o.value == "expired" {
			a.size, a.state, a.reason = a.size>>4, inbox.FileExpired, channel.ReasonExpired
		}
		return a, true
	}
	return asset{}, false
}

func (t *talk) embedded(name string) func() ([]byte, error) {
	return func() ([]byte, error) { return media.ReadFile(name) }
}

// takes is how many photos there are of one thing.
const takes = 5

func (t *talk) photo(what string) asset {
	seed := t.d.Uint64N(takes)
	a := asset{kind: channel.Image, name: fmt.Sprintf("IMG_%04d.jpg", t.d.IntN(10000)), mime: "image/jpeg"}
	a.key = fmt.Sprint(what, seed)
	f, p := t.facts, t.paint
	a.make = map[string]func() ([]byte, error){
		"machine": func() ([]byte, error) { return p.Machine(seed) },
		"beans":   func() ([]byte, error) { return p.Beans(seed) },
		"leak":    func() ([]byte, error) { return p.Leak(seed) },
		"plate":   func() ([]byte, error) { return p.Plate(seed, f.machine.name) },
		"receipt": func() ([]byte, error) {
			return p.Receipt(seed, f.machine.name, roubles(f.machine.price), fmt.Sprint(4107+911*seed))
		},
		"screen": func() ([]byte, error) { return p.Screen(seed) },
	}[what]
	switch what {
	case "plate":
		a.key += f.machine.name
	case "receipt":
		a.key += f.machine.name
	case "screen":
		a.name, a.mime = "Screenshot.png", "image/png"
	}
	return a
}

// paper is an invoice or the note on descaling.
func (t *talk) paper(what string) asset {
	a := asset{key: "manual", kind: channel.Document, mime: "application/pdf", name: "Чистка от накипи.pdf"}
	title := "Чистка от накипи"
	lines := []art.Line{
		{Left: title, Size: 20, Bold: true, Rule: true},
		{Left: "Памятка для машин «Утро Мини», «Утро Авто» и «Утро Офис 40»", Space: 8},
		{Left: "1. Достаньте фильтр и вылейте воду из бака.", Space: 12},
		{Left: "2. Растворите таблетку или 50 г средства в литре тёплой воды."},
		{Left: "3. Залейте раствор и держите «Сервис» пять секунд: загорится капля."},
		{Left: "4. Поставьте под кран посуду на литр и нажмите «Пуск»."},
		{Left: "5. Через 20 минут промойте бак и дважды повторите с чистой водой."},
		{Left: "Делайте так раз в два месяца, с жёсткой водой раз в месяц.", Space: 12, Bold: true},
		{Left: "Вопросы: +7 495 111-22-33, ежедневно с 9:00 до 21:00", Space: 20, Size: 9},
	}
	if what == "invoice" {
		a.name, title, lines = t.invoice()
		a.key = ""
	}
	a.make = func() ([]byte, error) { return t.paint.Paper(title, lines) }
	return a
}

func (t *talk) invoice() (name, title string, lines []art.Line) {
	f := t.facts
	goods, count, unit, price := f.machine.name, 1, "шт.", f.machine.price
	switch t.scene.name {
	case "office":
		goods, price = "Утро Офис 40", 118000
	case "wholesale":
		goods, count, unit, price = "Зерно «"+f.bean.name+"»", 30, "кг", f.bean.price*88/100
	case "voice-order":
		goods, count, unit, price = "Зерно, смесь «Будни»", 20, "кг", 862
	}
	total := count * price
	title = fmt.Sprintf("Счёт на оплату № %s от %s", f.order, date(t.clock))
	buyer := f.values["company"]
	if t.scene.english {
		buyer = f.values["name0"]
	}
	row := func(n int, what string, sum int) art.Line {
		return art.Line{Left: fmt.Sprintf("%d. %s", n, what), Right: roubles(sum)}
	}
	return "Счёт " + f.order + ".pdf", title, []art.Line{
		{Left: "ООО «Утро»", Size: 14, Bold: true},
		{Left: "ИНН 7709000000, КПП 770901001, Москва, ул. Покровка, 12", Size: 9},
		{Left: "р/с 40702810000000000000 в ВЫМЫШЛЕННОМ БАНКЕ, БИК 044500000", Size: 9, Rule: true},
		{Left: title, Size: 18, Bold: true, Space: 14, Rule: true},
		{Left: "Покупатель: " + buyer, Space: 10},
		{Left: "ИНН " + f.values["inn"]},
		{Left: "Товары и услуги", Right: "Сумма", Bold: true, Space: 14, Rule: true},
		row(1, fmt.Sprintf("%s, %d %s × %s", goods, count, unit, roubles(price)), total),
		row(2, "Доставка", 0),
		row(3, "Настройка и обучение", 0),
		{Left: "Итого к оплате", Right: roubles(total), Size: 14, Bold: true, Space: 8, Rule: true},
		{Left: "В том числе НДС 20 %", Right: roubles(total / 6), Size: 9},
		{Left: "Счёт действителен пять рабочих дней. Документ вымышлен: это пример для знакомства с Okno.", Size: 8, Space: 30},
	}
}

// spot is a place on the map.
func (t *talk) spot(what string) *channel.Location {
	if what == "shop" {
		return &channel.Location{Latitude: 55.75945, Longitude: 37.64588, Title: "Утро", Address: "Москва, ул. Покровка, 12"}
	}
	return &channel.Location{
		Latitude: 55.6 + float64(t.d.IntN(30000))/1e5, Longitude: 37.4 + float64(t.d.IntN(40000))/1e5,
		Title: "Кофейня «" + t.facts.values["cafe"] + "»", Address: t.facts.values["street"],
	}
}

// card is the customer's own, or somebody else's.
func (t *talk) card(whose string) channel.Card {
	if whose == "own" {
		return channel.Card{Name: t.who.first + " " + t.who.last, Phones: []string{display(t.who.phone)}, Own: true}
	}
	p := pick(t.d, women()) + " " + feminine(pick(t.d, surnames()))
	phone := fmt.Sprintf("+79%02d%07d", t.d.between(0, 89), t.d.IntN(10000000))
	return channel.Card{Name: p, Phones: []string{display(phone)}, VCard: strings.Join([]string{"BEGIN:VCARD", "VERSION:3.0", "FN:" + p, "TEL:" + phone, "END:VCARD", ""}, "\r\n")}
}

// portraits are the pictures of the firm's people.
func (s *story) portraits() {
	for _, p := range s.people {
		face := p.face
		s.avatars = append(s.avatars, asset{
			id: inbox.FileID(s.stamps.at(p.CreatedAt.Add(time.Second))), kind: channel.Image, name: "avatar.jpg", mime: "image/jpeg",
			make: func() ([]byte, error) { return s.paint.Avatar(face) },
		})
	}
}
