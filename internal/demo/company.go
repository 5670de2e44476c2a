package demo

import (
	"strconv"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/account"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/demo/art"
	"github.com/okno-hq/okno/internal/inbox"
)

// company is the firm itself: everything but its customers.
type company struct {
	workspace access.Workspace
	roles     []access.Role
	teams     []access.Team
	people    []employee
	inboxes   []inbox.Inbox
	accounts  []account.Account
	tags      []contact.Tag
	fields    []contact.Field
	canned    []inbox.Canned
	views     []inbox.View
}

// The places of people, inboxes and channels in their lists.
const (
	anna = iota
	mikhail
	darya
	timur
	elena
)

const (
	sales = iota
	support
)

const (
	byTelegram = iota
	byWhatsApp
	byMAX
	byWebchat
)

// employee is one of the five.
type employee struct {
	access.User
	first  string
	female bool
	face   art.Face
	teams  []int
}

// founding makes the firm as it was set up before its history began.
func founding(now time.Time, s *stamps) company {
	at := now.Add(-history - 20*time.Hour).UTC()
	next := func() int64 { at = at.Add(7 * time.Second); return s.at(at) }
	c := company{workspace: access.Workspace{
		ID: access.WorkspaceID(next()), Name: "Утро", Locale: "ru", Timezone: timezone, Country: "RU", Demo: true, CreatedAt: at,
	}}
	names := map[access.RoleKey]string{access.Agent: "Оператор", access.Supervisor: "Супервизор", access.Admin: "Администратор"}
	for _, k := range access.RoleKeys() {
		c.roles = append(c.roles, access.Role{ID: access.RoleID(next()), Key: k, Name: names[k], Permissions: k.Default()})
	}
	for _, name := range []string{"Продажи", "Поддержка", "Мастерская"} {
		c.teams = append(c.teams, access.Team{ID: access.TeamID(next()), Name: name})
	}
	c.people = c.staff(next, at, now)
	c.inboxes = c.departments(next, at)
	c.accounts = c.connect(next, at, now)
	c.vocabulary(next)
	c.shelf(next)
	return c
}

func (c *company) role(k access.RoleKey) access.Role {
	for _, r := range c.roles {
		if r.Key == k {
			return r
		}
	}
	return access.Role{}
}

func (c *company) staff(next func() int64, at, now time.Time) []employee {
	list := []struct {
		name, first, mail string
		female            bool
		role              access.RoleKey
		presence          access.Presence
		teams             []int
		face              art.Face
	}{
		{"Анна Белова", "Анна", "anna", true, access.Admin, access.Online, []int{0, 1}, art.Face{Skin: 0xf0c9a8, Hair: 0x5b3a22, Clothes: 0x2f5bea, Wall: 0xd9c7b0, Long: true}},
		{"Михаил Орлов", "Михаил", "mikhail", false, access.Supervisor, access.Away, []int{0, 1, 2}, art.Face{Skin: 0xe8bb95, Hair: 0x2a211c, Clothes: 0x3f4a3d, Wall: 0xb9c9c4, Beard: true, Glasses: true}},
		{"Дарья Соколова", "Дарья", "darya", true, access.Agent, access.Online, []int{0}, art.Face{Skin: 0xf4d3b8, Hair: 0xb5532a, Clothes: 0x7a4b8c, Wall: 0xe3d3dc, Long: true, Glasses: true}},
		{"Тимур Ахметов", "Тимур", "timur", false, access.Agent, access.Online, []int{0, 1}, art.Face{Skin: 0xd9a77c, Hair: 0x1d1815, Clothes: 0xc9793a, Wall: 0xc8cfd8}},
		{"Елена Кравец", "Елена", "elena", true, access.Agent, access.Offline, []int{1, 2}, art.Face{Skin: 0xf2cfae, Hair: 0xd8b56a, Clothes: 0x2d7d74, Wall: 0xd5dccb, Long: true}},
	}
	out := make([]employee, 0, len(list))
	for _, p := range list {
		r := c.role(p.role)
		u := access.User{
			ID: access.UserID(next()), Workspace: c.workspace.ID, Email: p.mail + "@utro.example", Name: p.name, Role: r.ID,
			RoleKey: r.Key, RoleName: r.Name, Locale: "ru", Presence: p.presence, Settings: access.DefaultSettings(),
			CreatedAt: at, LastSeenAt: now.Add(-9 * time.Minute).UTC(),
		}
		if p.role == access.Agent {
			u.Capacity = 25
		}
		for _, t := range p.teams {
			u.Teams = append(u.Teams, c.teams[t].ID)
		}
		out = append(out, employee{u, p.first, p.female, p.face, p.teams})
	}
	return out
}

func (c *company) departments(next func() int64, at time.Time) []inbox.Inbox {
	var all, office []inbox.Span
	for day := 1; day <= 7; day++ {
		all = append(all, inbox.Span{Day: day, From: "09:00", To: "21:00"})
		span := inbox.Span{Day: day, From: "09:00", To: "20:00"}
		if day > 5 {
			span = inbox.Span{Day: day, From: "10:00", To: "18:00"}
		}
		office = append(office, span)
	}
	holidays := []inbox.Holiday{
		{Date: strconv.Itoa(at.Year()) + "-12-31", Name: "Новый год", From: "10:00", To: "16:00"},
		{Date: strconv.Itoa(at.Year()+1) + "-01-01", Name: "Новый год"},
	}
	return []inbox.Inbox{
		{
			ID: inbox.ID(next()), Name: "Продажи", Color: "blue", Teams: []access.TeamID{c.teams[0].ID},
			Hours:        inbox.Hours{Timezone: timezone, Week: all, Holidays: holidays},
			Routing:      inbox.Routing{Mode: inbox.RoundRobin, Capacity: 25, OnlyOnline: true},
			ReopenWithin: 72 * time.Hour, CreatedAt: at,
		},
		{
			ID: inbox.ID(next()), Name: "Поддержка", Color: "teal", Teams: []access.TeamID{c.teams[1].ID, c.teams[2].ID},
			Hours:        inbox.Hours{Timezone: timezone, Week: office, Holidays: holidays},
			Routing:      inbox.Routing{Mode: inbox.LeastBusy, Capacity: 20, OnlyOnline: true},
			ReopenWithin: 72 * time.Hour, CreatedAt: at,
			Away: "Спасибо, что написали! Мы ответим утром, с 9:00 по Москве.",
		},
	}
}

// connect makes the channels. Only the website's is real: the messengers'
// accounts do not exist, so they are switched off and never asked anything.
func (c *company) connect(next func() int64, at, now time.Time) []account.Account {
	off := account.Health{State: channel.Disabled, Since: now.UTC(), CheckedAt: now.UTC()}
	list := []account.Account{
		{Kind: channel.Telegram, Name: "Telegram @utro_coffee_bot", Inbox: c.inboxes[sales].ID, Settings: map[string]string{"username": "utro_coffee_bot", "mode": "polling"}},
		{Kind: channel.WhatsApp, Name: "WhatsApp +7 495 111-22-33", Inbox: c.inboxes[support].ID, Settings: map[string]string{"phone_number_id": "100000000000001", "waba_id": waba, "number": "74951112233"}},
		{Kind: channel.MAX, Name: "MAX «Утро»", Inbox: c.inboxes[support].ID, Settings: map[string]string{"username": "utro_coffee", "mode": "polling"}},
		{Kind: channel.Webchat, Name: "Сайт utro.example", Inbox: c.inboxes[sales].ID, Enabled: true, Settings: map[string]string{
			"title_ru": "Утро", "title_en": "Utro", "color": "#b4632a",
			"greeting_ru":  "Здравствуйте! Поможем выбрать машину и зерно, подскажем по заказу.",
			"greeting_en":  "Hello! We help with machines, beans and orders.",
			"proactive_ru": "Подсказать с выбором? Бариста на связи.", "proactive_en": "Need a hand? A barista is here.",
			"proactive_delay": "20", "ask_name": "optional", "sites": "https://utro.example",
		}},
	}
	for i := range list {
		a := &list[i]
		a.ID, a.Workspace, a.CreatedAt = channel.ID(next()), int64(c.workspace.ID), at
		a.Secrets, a.Health = map[string]string{}, off
		if a.Enabled {
			a.Health = account.Health{State: channel.Working, Since: at, CheckedAt: now.UTC(), Account: "https://utro.example"}
		}
	}
	return list
}

// waba is the business account that the WhatsApp users' ids are relative to.
const waba = "200000000000001"

func (c *company) vocabulary(next func() int64) {
	for _, t := range [][2]string{
		{"Опт", "grape"},
		{"Постоянный клиент", "green"},
		{"Гарантия", "orange"},
		{"Жалоба", "red"},
		{"Подарок", "pink"},
		{"Офис", "blue"},
		{"English", "gray"},
	} {
		c.tags = append(c.tags, contact.Tag{ID: contact.TagID(next()), Name: t[0], Color: t[1]})
	}
	for i, f := range []contact.Field{
		{Key: "city", Label: "Город", Type: contact.Text},
		{Key: "machine", Label: "Машина", Type: contact.Choice, Options: []string{"Утро Мини", "Утро Авто", "Утро Офис 40", "Утро Про 2"}},
		{Key: "bonus", Label: "Бонусы", Type: contact.Number},
		{Key: "birthday", Label: "День рождения", Type: contact.Date},
		{Key: "wholesale", Label: "Оптовый договор", Type: contact.Bool},
		{Key: "site", Label: "Сайт", Type: contact.URL},
	} {
		f.ID, f.Position = contact.FieldID(next()), i+1
		c.fields = append(c.fields, f)
	}
}

func (c *company) tag(name string) contact.TagID {
	for _, t := range c.tags {
		if t.Name == name {
			return t.ID
		}
	}
	return 0
}

func (c *company) shelf(next func() int64) {
	for _, r := range []struct {
		box                   int
		shortcut, title, text string
	}{
		{-1, "привет", "Приветствие", "Здравствуйте, {{contact.first_name}}! Меня зовут {{agent.name}}, магазин «Утро». Чем помочь?"},
		{-1, "адрес", "Адрес и часы", "Москва, ул. Покровка, 12, вход со двора. Ежедневно с 9:00 до 21:00, телефон +7 495 111-22-33."},
		{-1, "спасибо", "Прощание", "Спасибо, что выбрали нас, {{contact.first_name}}! Если что-то понадобится, просто напишите сюда."},
		{sales, "доставка", "Доставка", "По Москве привезём завтра, бесплатно от 10 000 ₽. В {{contact.fields.city}} отправим СДЭК: от двух дней, точную цену посчитаем по адресу."},
		{sales, "опт", "Оптовые условия", "От 20 кг в месяц скидка 12 %, от 50 кг 18 %. Договор, отсрочка 14 дней, отгрузка по вторникам. Образцы пришлём бесплатно."},
		{sales, "счет", "Запрос реквизитов", "Для счёта напишите, пожалуйста, название компании и ИНН. Пришлём счёт и договор за несколько минут."},
		{sales, "помол", "Помол и хранение", "Зерно лучше хранить в закрытом пакете при комнатной температуре и смолоть перед варкой. Вскрытую пачку советуем выпить за месяц."},
		{support, "накипь", "Чистка от накипи", "1. Растворите таблетку в литре воды.\n2. Залейте в бак и держите «Сервис» пять секунд.\n3. После программы дважды промойте чистой водой."},
		{support, "гарантия", "Гарантия", "Гарантия два года. Пришлите фото чека и таблички снизу машины ({{contact.fields.machine}}), заберём курьером и дадим подменную."},
		{support, "фото", "Попросить фото", "{{contact.first_name}}, пришлите, пожалуйста, фото или короткое видео: так мы быстрее поймём, что случилось."},
	} {
		canned := inbox.Canned{ID: inbox.CannedID(next()), Shortcut: r.shortcut, Title: r.title, Text: r.text}
		if r.box >= 0 {
			canned.Inbox = c.inboxes[r.box].ID
		}
		c.canned = append(c.canned, canned)
	}
	for i, v := range []inbox.View{
		{Owner: c.people[anna].ID, Shared: true, Name: "Ждут дольше всех", Filter: inbox.Filter{Scope: inbox.Everybody, Status: inbox.ActiveOnly, Waiting: true, Sort: inbox.ByWaiting}},
		{Owner: c.people[anna].ID, Shared: true, Name: "Опт", Filter: inbox.Filter{Scope: inbox.Everybody, Status: inbox.AnyStatus, Tag: c.tag("Опт"), Sort: inbox.ByRecent}},
		{Owner: c.people[mikhail].ID, Shared: true, Name: "Жалобы", Filter: inbox.Filter{Scope: inbox.Everybody, Status: inbox.AnyStatus, Tag: c.tag("Жалоба"), Sort: inbox.ByRecent}},
		{Owner: c.people[darya].ID, Name: "Мои с сайта", Filter: inbox.Filter{Scope: inbox.Mine, Status: inbox.ActiveOnly, Kind: channel.Webchat, Sort: inbox.ByRecent}},
	} {
		v.ID, v.Position = inbox.ViewID(next()), i+1
		c.views = append(c.views, v)
	}
}
