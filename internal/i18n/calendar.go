package i18n

import (
	"strconv"
	"strings"
	"time"
)

// calendar is how a language writes dates. Patterns are made of the fields {day}, {month}, {mon}
// (short), {num} (the month's number), {weekday} and {year}.
type calendar struct {
	months   [12]string // as they stand beside a day (in Russian the genitive)
	short    [12]string
	weekdays [7]string // Sunday first, as in time.Weekday
	firstDay string    // how the first day of a month is written, "" for "1"
	full     string
	long     string
	medium   string
}

// The names and patterns are those of the Unicode CLDR (https://cldr.unicode.org), Gregorian
// calendar, format context. Where this differs: the first of a month is "1er" in French; English
// follows the day-month order of en_GB, the United Nations' own; Arabic long dates give both month
// names that are in use (CLDR ar_LB and ar), as Arabic documents of the United Nations do, short dates
// the second alone.
var (
	englishCalendar = calendar{
		months:   [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		short:    [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		weekdays: [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		full:     "{weekday}, {day} {month} {year}",
		long:     "{day} {month} {year}",
		medium:   "{day} {mon} {year}",
	}
	frenchCalendar = calendar{
		months:   [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
		short:    [12]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
		weekdays: [7]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
		firstDay: "1er",
		full:     "{weekday} {day} {month} {year}",
		long:     "{day} {month} {year}",
		medium:   "{day} {mon} {year}",
	}
	spanishCalendar = calendar{
		months:   [12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
		short:    [12]string{"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"},
		weekdays: [7]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
		full:     "{weekday}, {day} de {month} de {year}",
		long:     "{day} de {month} de {year}",
		medium:   "{day} {mon} {year}",
	}
	arabicCalendar = calendar{
		months: [12]string{
			"كانون الثاني/يناير", "شباط/فبراير", "آذار/مارس", "نيسان/أبريل", "أيار/مايو", "حزيران/يونيو",
			"تموز/يوليو", "آب/أغسطس", "أيلول/سبتمبر", "تشرين الأول/أكتوبر", "تشرين الثاني/نوفمبر", "كانون الأول/ديسمبر",
		},
		short:    [12]string{"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"},
		weekdays: [7]string{"الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت"},
		full:     "{weekday}، {day} {month} {year}",
		long:     "{day} {month} {year}",
		medium:   "{day} {mon} {year}",
	}
	chineseCalendar = calendar{
		weekdays: [7]string{"星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"},
		full:     "{year}年{num}月{day}日{weekday}",
		long:     "{year}年{num}月{day}日",
		medium:   "{year}年{num}月{day}日",
	}
	russianCalendar = calendar{
		months:   [12]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"},
		short:    [12]string{"янв.", "февр.", "мар.", "апр.", "мая", "июн.", "июл.", "авг.", "сент.", "окт.", "нояб.", "дек."},
		weekdays: [7]string{"воскресенье", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота"},
		full:     "{weekday}, {day} {month} {year} г.",
		long:     "{day} {month} {year} г.",
		medium:   "{day} {mon} {year} г.",
	}
	portugueseCalendar = calendar{
		months:   [12]string{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"},
		short:    [12]string{"jan.", "fev.", "mar.", "abr.", "mai.", "jun.", "jul.", "ago.", "set.", "out.", "nov.", "dez."},
		weekdays: [7]string{"domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"},
		full:     "{weekday}, {day} de {month} de {year}",
		long:     "{day} de {month} de {year}",
		medium:   "{day} de {mon} de {year}",
	}
)

// write puts a date, already in its zone, into a pattern.
func (c calendar) write(pattern string, t time.Time) string {
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 && c.firstDay != "" {
		day = c.firstDay
	}
	return strings.NewReplacer(
		"{weekday}", c.weekdays[t.Weekday()],
		"{day}", day,
		"{month}", c.months[t.Month()-1],
		"{mon}", c.short[t.Month()-1],
		"{num}", strconv.Itoa(int(t.Month())),
		"{year}", strconv.Itoa(t.Year()),
	).Replace(pattern)
}
