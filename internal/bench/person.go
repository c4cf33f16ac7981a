// Package bench measures what the product promises about speed, each figure beside a bare statement in the
// same run, and makes up the data for that: as many people as one likes, in many scripts, always the same.
package bench

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Person is a made-up contact. Addresses lie under example domains and are nobody's.
type Person struct {
	Name            string
	Transliteration string
	Country         string
	Group           string
	Languages       string // may be empty
	Email           string // empty for one in twelve
	Organization    int    // which one the person belongs to; -1 for none
	Notes           string // empty for most
	Source          string
	Expertise       string
	Bounced         bool // mail to the address comes back
	OptedOut        bool // asked not to be mailed
}

// culture is how names are made somewhere. A family name is put together from its parts.
type culture struct {
	share         int // of a hundred people
	countries     []string
	language      string
	given         []string
	first, second []string // of family names
	join          string   // between given and family name
	familyFirst   bool
}

// Person makes the person of a number: the same each time, and most numbers have a name of their own.
func (g *Generator) Person(number int) Person {
	r := rand.New(rand.NewPCG(uint64(number), 20170801)) //nolint:gosec // the same numbers each time are the point
	c := g.culture(r.IntN(100))
	given, family := pick(r, c.given), pick(r, c.first)+pick(r, c.second)
	if c.join != "" && r.IntN(3) == 0 {
		given += c.join + pick(r, c.given)
	}
	p := Person{
		Name: given + c.join + family, Country: pick(r, c.countries), Group: pick(r, groups()), Organization: -1,
		Source: fmt.Sprintf("List %d", r.IntN(40)), Expertise: pick(r, []string{"", "", "cert", "policy", "law", "encryption"}),
	}
	if c.familyFirst {
		p.Name = family + c.join + given
	}
	if r.IntN(3) > 0 {
		p.Languages = c.language
	}
	if r.IntN(12) > 0 {
		p.Email = fmt.Sprintf("%s.%d@%s", pick(r, g.locals), number, pick(r, g.domains))
		p.Bounced, p.OptedOut = r.IntN(50) == 0, r.IntN(100) == 0
	}
	if r.IntN(2) == 0 {
		p.Organization = r.IntN(max(1, g.Organizations))
	}
	if r.IntN(10) == 0 {
		p.Notes = "Met at " + pick(r, g.places) + ", knows " + pick(r, c.given) + " and " + pick(r, g.topics)
	}
	return p
}

// Generator makes people and organizations.
type Generator struct {
	Organizations  int // how many there are for people to belong to
	cultures       []culture
	locals         []string
	domains        []string
	places, topics []string
}

// Organization is the name of an organization and the country it lies in.
func (g *Generator) Organization(number int) (name, country string) {
	r := rand.New(rand.NewPCG(uint64(number), 20170802)) //nolint:gosec // the same numbers each time are the point
	c := g.culture(r.IntN(100))
	kinds := []string{"Institute of", "Ministry of", "Union for", "Association for", "University of", "Centre for"}
	if c.join == "" {
		return pick(r, c.first) + pick(r, c.second) + "大学" + pick(r, c.given), pick(r, c.countries)
	}
	return fmt.Sprintf("%s %s %d", pick(r, kinds), pick(r, c.first)+pick(r, c.second), number%97), pick(r, c.countries)
}

func (g *Generator) culture(share int) culture {
	for _, c := range g.cultures {
		if share -= c.share; share < 0 {
			return c
		}
	}
	return g.cultures[0]
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

func groups() []string {
	return []string{
		"government", "government", "intergovernmental", "civil_society", "civil_society", "civil_society", "private_sector", "private_sector",
		"technical_community", "technical_community", "academia", "academia", "media",
	}
}

// NewGenerator makes a generator with that many organizations.
func NewGenerator(organizations int) *Generator {
	g := &Generator{
		Organizations: organizations,
		places:        words("Geneva Nairobi Bangkok Guadalajara Istanbul Kyoto Brasília Tunis Addis Ababa Riyadh"),
		topics:        words("encryption resilience capacity routing spam liability training certification privacy norms"),
		cultures: []culture{
			{26, words("US GB NG KE ZA IN AU CA GH JM"), "en", words("Anne John Mary Peter Grace David Sarah James Emeka Wanjiru Thabo Priya Oliver Emma Liam Noah Ruth Samuel Joy Kofi"), words("Ash Black Brad Carl Dun East Fair Green Hart Ken Lang Mac Nor Ol Pem Rad Stan Thorn Wes York"), words("berry burn by ford ham ington ley man more ner phy pole sey son stead ston ter well wick worth"), " ", false},
			{18, words("ES MX PE AR CO CL UY EC BO PY"), "es", words("Ana José María Íñigo Begoña Lucía Martín Sofía Joaquín Zoé Raúl Elena Pilar Tomás Núria Xavier Inés Óscar Ximena Hugo"), words("Álv Bel Cast Dom Esc Fern Garc Hern Ib Jim Lóp Mart Ñáñ Ort Pér Quiñ Rodr Sánch Tor Vel"), words("ez án arez era illo ín o ones oya ona uela ubia ayo eda igo ijo ina ora uz ique"), " ", false},
			{10, words("BR PT AO MZ CV"), "pt", words("João Luíza Thiago Conceição Gonçalo Mafalda Rui Inês Caio Beatriz Antônio Débora Fátima Renan Tainá"), words("Al Bar Car Dom Fer Gon Mar Nor Oliv Per Rib San Tei Vas Xav"), words("bosa çalves des ei eira es gues inho io os reira ros ta valho xeira"), " ", false},
			{10, words("FR SN CI BE MA CM CH"), "fr", words("Aïcha Benoît Céline Désiré Étienne Françoise Gaëlle Hélène Joël Léa Moussa Noëlle Ousmane Raphaël Thérèse"), words("Beau Cham Char De Du Fon Gui La Le Mer Mont Pel Ro Sau Vil"), words("bois champ court dieu fort gnon lard lier marche pierre ret ron taine tier ville"), " ", false},
			{12, words("RU BY UA KZ BG KG"), "ru", words("Иван Ольга Пётр Анна Алексей Мария Фёдор Елена Семён Юлия Олег Вера Глеб Зоя Артём"), words("Ёлк Бел Вол Гор Дём Ерм Жук Зай Кузн Лос Мороз Ник Орл Пав Сок"), words("ин ов ев ский енко ова ева ина ская овец ич ук ко ян ых"), " ", false},
			{10, words("EG TN SA JO AE MA LB SD"), "ar", words("محمد أحمد فاطمة علي ليلى يوسف مريم إبراهيم خالد سلمى آمنة هدى طارق نور حسن"), words("ال"), words("مصري تونسي خطيب حداد نجار شامي بغدادي قاضي صباغ عطار فاسي مغربي حلبي سعيد رشيد"), " ", false},
			{12, words("CN SG"), "zh", words("伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 霞 平 刚 小明 建国 晓红 志强 文博 雨桐 子涵 浩然 欣怡 思远"), words("王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 高 林 罗"), []string{"", "", "", "文", "国", "海"}, "", true},
			{2, words("TH JP GR IL GE"), "th", words("สมชาย สมหญิง Γιώργος Ελένη さくら ひろし דוד მარიამ"), words("ใจ Παπα やま לוי გელ"), words("ดี δάκης もと ינסקי აშვილი"), " ", false},
		},
	}
	for _, c := range []string{"cyber", "net", "open", "policy", "digital", "secure", "data", "green"} {
		for _, d := range []string{"institute", "lab", "forum", "hub", "trust", "agency"} {
			for _, top := range []string{"example.org", "example.com", "example.net", "test"} {
				g.domains = append(g.domains, c+d+"."+top)
			}
		}
	}
	g.locals = words("ana info contact j.smith m-perez press office ivan wang ahmed policy desk k_tan secretariat hello team")
	return g
}

func words(text string) []string { return strings.Fields(text) }
