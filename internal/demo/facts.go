package demo

import (
	"fmt"
	"strings"
	"time"
)

type goods struct {
	name  string
	price int // roubles
}

func machines() []goods {
	return []goods{{"Утро Мини", 24900}, {"Утро Авто", 64500}, {"Утро Офис 40", 118000}, {"Утро Про 2", 248900}}
}

func beans() []goods {
	return []goods{{"Бразилия Сантос", 1150}, {"Эфиопия Иргачефф", 1690}, {"Будни", 980}}
}

// roubles writes a price: "24 900 ₽", with spaces that do not break.
func roubles(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u00a0" + s[i:]
	}
	return s + "\u00a0₽"
}

// facts are what one dialogue is about: the same order, price and day in all
// of its lines.
type facts struct {
	machine, bean goods
	kg            int
	order         string
	values        map[string]string
}

func (d dice) facts(p who, agent employee, at time.Time) *facts {
	f := &facts{machine: machines()[d.weighted([]int{5, 4, 2, 1})], bean: pick(d, beans()), kg: d.between(1, 6), order: fmt.Sprint(d.between(4100, 9899))}
	street := fmt.Sprintf("%s, %d", pick(d, []string{"ул. Лесная", "ул. Садовая", "пр. Мира", "ул. Советская", "ул. Гагарина", "Озёрный пер.", "ул. Пушкина", "наб. Реки", "ул. Заречная", "ул. Полевая"}), d.between(1, 90))
	delivery := pick(d, []string{"СДЭК, два-три дня", "СДЭК до двери, 490 ₽", "«Деловыми линиями», дня три"})
	if p.city == "Москва" {
		delivery = pick(d, []string{"завтра, бесплатно", "завтра до обеда", "завтра после шести"})
	}
	company := p.company
	if company == "" {
		company = pick(d, companies())
	}
	day := at.Add(time.Duration(d.between(1, 6)) * 24 * time.Hour)
	f.values = map[string]string{
		"name": p.first, "name0": p.first + " " + p.last, "phone": display(p.phone), "email": p.email, "city": p.city, "street": street,
		"agent": agent.first, "machine": f.machine.name, "price": roubles(f.machine.price), "bean": f.bean.name, "bprice": roubles(f.bean.price),
		"kg": fmt.Sprint(f.kg), "sum": roubles(f.kg * f.bean.price), "back": roubles(f.bean.price / 2), "order": f.order, "company": company,
		"cafe": pick(d, []string{"Полдень", "Зерно и пар", "Дом у реки", "Второй этаж", "Слон", "Тёплый хлеб", "Маяк"}),
		"inn":  fmt.Sprintf("77%08d", d.IntN(100000000)), "cups": fmt.Sprint(d.between(3, 12) * 5), "delivery": delivery,
		"track": fmt.Sprintf("%d-%05d", d.between(10, 99), d.IntN(100000)), "day": date(day), "dayen": day.Weekday().String(),
		"time": fmt.Sprintf("%d:00", d.between(11, 19)), "slot": "", "upset": "недоволен",
	}
	if p.female {
		f.values["f"], f.values["upset"] = "а", "недовольна"
	}
	if agent.female {
		f.values["af"] = "а"
	}
	return f
}

func display(e164 string) string {
	if len(e164) != 12 || !strings.HasPrefix(e164, "+7") {
		return e164
	}
	return fmt.Sprintf("+7 %s %s-%s-%s", e164[2:5], e164[5:8], e164[8:10], e164[10:])
}

// phrases are said in every dialogue, by the customer or to him.
func phrases(byAgent bool) func(string) string {
	return func(name string) string {
		switch {
		case name == "hi" && byAgent:
			return "{Здравствуйте, {$name}!|Добрый день, {$name}!|Здравствуйте!|Добрый день!|{$name}, здравствуйте!|Приветствую, {$name}!|{$name}, добрый день!}"
		case name == "hi":
			return "{Здравствуйте!|Добрый день!|Здравствуйте.|Привет!|Добрый день.|Доброго дня!|Здравствуйте, это {$name}.|}"
		case name == "yes":
			return "{Да, давайте.|Оформляйте.|Да!|Беру.|Давайте.|Да, пожалуйста.|Хорошо, заказываю.|Уговорили.}"
		case name == "bye":
			return "{Хорошего дня!|Вкусного кофе!|Если что, пишите.|Будут вопросы, мы на связи.|Спасибо за заказ!|До связи!|Приятного кофе!|Обращайтесь.|}"
		case name == "ok":
			return "{Отлично, буду|Подходит|Договорились|Записал{$f}|Хорошо, приеду|Да, удобно|Супер, приду}{!|, спасибо.| :)|. До встречи!}"
		case name == "thanks":
			return "{Спасибо|Большое спасибо|Благодарю|Отлично, спасибо|Супер, спасибо|Спасибо огромное|Спасибо за помощь|Понял{$f}, спасибо|Очень выручили, спасибо|Класс, спасибо|Всё ясно, спасибо}{!|, {$agent}!|! Хорошего дня!|. Приятно с вами.|! Жду.| 🙌|! ☕|, вы быстрые!|.|! Буду советовать вас.}"
		}
		return ""
	}
}
