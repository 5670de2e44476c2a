package demo

import (
	"fmt"
	"strings"
)

// who is an invented customer.
type who struct {
	first, last string
	// shown is the name as his messenger has it.
	shown   string
	female  bool
	english bool
	nick    string
	phone   string // E.164
	email   string
	company string
	city    string
}

func women() []string {
	return strings.Fields("Анастасия Мария Екатерина Ольга Наталья Ирина Татьяна Светлана Юлия Ксения Дарья Полина Алина Виктория Марина Людмила Галина Вера Надежда Валерия Кристина Софья Варвара Евгения Лариса Диана Алёна Оксана Зоя Элина")
}

func men() []string {
	return strings.Fields("Александр Дмитрий Сергей Андрей Алексей Максим Евгений Иван Михаил Николай Павел Роман Артём Владимир Илья Кирилл Денис Олег Антон Тимофей Глеб Руслан Арсений Игорь Виталий Степан Фёдор Георгий Марат Рустам")
}

// surnames are men's; a woman's has an "а" more or another ending.
func surnames() []string {
	return strings.Fields("Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков Алексеев Лебедев Семёнов Егоров Павлов Козлов Степанов Николаев Орлов Андреев Макаров Никитин Захаров Зайцев Соловьёв Борисов Яковлев Григорьев Романов Воробьёв Сергеев Кузьмин Фролов Александров Дмитриев Королёв Гусев Киселёв Ильин Максимов Поляков Сорокин Виноградов Ковалёв Белов Медведев Антонов Тарасов Жуков Баранов Филиппов Комаров Давыдов Беляев Герасимов Богданов Осипов Сидоров Матвеев Титов Марков Миронов Крылов Куликов Карпов Власов Мельников Денисов Гаврилов Тихонов Казаков Афанасьев Данилов Савельев Тимофеев Фомин Чернов Абрамов Мартынов Ефимов Федотов Щербаков Назаров Калинин Исаев Чернышёв Быков Маслов Родионов Коновалов Лазарев Воронин Климов Филатов Пономарёв Голубев Кудрявцев Прохоров Наумов Потапов Журавлёв Овчинников Трофимов Леонов Соболев Ермаков Колесников Гончаров Емельянов Никифоров Грачёв Котов Гришин Ефремов Архипов Громов Кириллов Малышев Панов Моисеев Румянцев Акимов Кондратьев Бирюков Горбунов Анисимов Ерёмин Тихомиров Галкин Лукьянов Михеев Скворцов Юдин Белоусов Нестеров Симонов Прокофьев Харитонов Князев Цветков Левин Митрофанов Воронов Аксёнов Софронов Мальцев Логинов Горшков Савин Краснов Майоров Демидов Елисеев Рыбаков Сафонов Плотников Демин Хохлов Фадеев Молчанов Игнатов Литвинов Ершов Ушаков Дементьев Рябов Мухин Калашников Леонтьев Лобанов Кузин Корнеев Евдокимов Бородин Платонов Некрасов Балашов Бобров Жданов Блинов Игнатьев Коротков Муравьёв Крюков Беляков Богомолов Дроздов Лавров Зуев Петухов Ларин Никулин Серов Терентьев Зотов Устинов Фокин Самойлов Константинов Сахаров Шишкин Самсонов Черкасов Чистяков Носов Спиридонов Карасёв Авдеев Воронцов Зверев Владимиров Селезнёв Нечаев Кудряшов Седов Фирсов Андрианов Панфилов Головин Терехов Ульянов Шестаков Агеев Никонов Селиванов Баженов Гордеев Кожевников Пахомов Зимин Костин Широков Филимонов Ларионов Овсянников Сазонов Суворов Нефёдов Корнилов Любимов Львов Горбачёв Копылов Лукин Токарев Кулешов Шилов Большаков Панкратов Родин Шаповалов Покровский Бочаров Никольский Маркин Горелов Агафонов Березин Ермолаев Зубков Куприянов Трифонов Масленников Круглов Третьяков Колосов Рожков Артамонов Шмелёв Лаптев Лапшин Федосеев Зиновьев Зорин Уткин Столяров Зубов Ткачёв Дорофеев Антипов Завьялов Свиридов Золотарёв Кулаков Мещеряков Макеев Дьяконов Гуляев Петровский Бондарев Поздняков Панфёров Кочетков Суханов Рыжов Старостин Калмыков Колесов Золотов Кравцов Субботин Шубин Щукин Лосев Винокуров Лапин Парфёнов Исаков Голованов Коровин Ростовцев")
}

func foreigners() [][2]string {
	return [][2]string{{"Emma", "Clarke"}, {"Luka", "Petrović"}, {"Ani", "Harutyunyan"}, {"Daniel", "Novak"}, {"Nino", "Beridze"}, {"Sofia", "Rossi"}, {"Tom", "Becker"}, {"Aigerim", "Sadykova"}, {"Jonas", "Weber"}, {"Marta", "Kowalska"}, {"Ethan", "Moore"}, {"Chloé", "Martin"}, {"Elif", "Kaya"}, {"Noah", "Lindqvist"}, {"Olivia", "Grant"}, {"David", "Grigoryan"}}
}

func cities() []string {
	return []string{"Москва", "Москва", "Москва", "Москва", "Химки", "Мытищи", "Тула", "Калуга", "Тверь", "Казань", "Самара", "Екатеринбург", "Санкт-Петербург", "Санкт-Петербург", "Нижний Новгород", "Воронеж", "Пермь", "Краснодар"}
}

func companies() []string {
	return []string{"ООО «Северный ветер»", "ООО «Артель»", "АО «Линия света»", "ИП Захарова", "ООО «Техномир»", "ООО «Первая студия»", "Коворкинг «Чердак»", "ООО «Грузовик»", "ООО «Детали»", "Клиника «Равновесие»", "ООО «Полиграф Сервис»", "Школа «Пифагор»", "ООО «Орбита»", "Отель «Набережная»", "ООО «Мята»", "Бюро «Куб»"}
}

// cast invents customers, every name once.
type cast struct {
	d     dice
	taken map[string]bool
}

func newCast(d dice) *cast { return &cast{d, map[string]bool{}} }

func (c *cast) next(english bool) who {
	for {
		p := c.invent(english)
		if key := p.first + p.last; !c.taken[key] && !c.taken[p.phone] {
			c.taken[key], c.taken[p.phone] = true, true
			return p
		}
	}
}

func (c *cast) invent(english bool) who {
	p := who{female: c.d.chance(0.55), english: english, city: pick(c.d, cities())}
	p.phone = fmt.Sprintf("+79%02d%07d", c.d.between(0, 89), c.d.IntN(10000000))
	if english {
		n := pick(c.d, foreigners())
		p.first, p.last = n[0], n[1]
		if c.d.chance(0.3) { // namesakes
			p.last += " " + string("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[c.d.IntN(26)]) + "."
		}
		p.phone = fmt.Sprintf("+49151%08d", c.d.IntN(100000000))
	} else {
		p.last = pick(c.d, surnames())
		p.first = pick(c.d, men())
		if p.female {
			p.first, p.last = pick(c.d, women()), feminine(p.last)
		}
	}
	latin := strings.ReplaceAll(translit(p.first+"."+p.last), " ", "")
	p.email = latin + "@mail.example"
	p.nick = "@" + strings.NewReplacer(".", "_", "@", "").Replace(latin)
	p.shown = p.first + " " + p.last
	switch c.d.IntN(10) {
	case 0, 1:
		p.shown = p.first
	case 2:
		p.shown = p.first + " " + string([]rune(p.last)[:1]) + "."
	}
	if c.d.chance(0.16) {
		p.company = pick(c.d, companies())
	}
	return p
}

func feminine(surname string) string {
	if s, ok := strings.CutSuffix(surname, "ский"); ok {
		return s + "ская"
	}
	return surname + "а"
}

// translit is good enough for addresses.
func translit(s string) string {
	var b strings.Builder
	to := []string{"a", "b", "v", "g", "d", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "kh", "ts", "ch", "sh", "sch", "", "y", "", "e", "yu", "ya"}
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'а' && int(r-'а') < len(to):
			b.WriteString(to[r-'а'])
		case r == 'ё':
			b.WriteString("e")
		case r < 128:
			b.WriteRune(r)
		}
	}
	return b.String()
}
