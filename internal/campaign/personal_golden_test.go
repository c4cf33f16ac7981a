package campaign

import (
	"bytes"
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestPersonalGolden holds whole messages: one language from the subject to the link to unsubscribe, the
// volunteer's name from the sender to the reply address, right to left where the language is.
func TestPersonalGolden(t *testing.T) {
	t.Parallel()
	said := map[string]Text{
		"fr": {Locale: "fr", Subject: "Appel à contributions", Text: "Bonjour {{contact}},\n\nrépondez avant {{deadline}} : {{personal_link}}\n\n{{volunteer}}\n", HTML: "<p>Bonjour {{contact}},</p>\n<p>répondez avant {{deadline}} : <a href=\"{{personal_link}}\">ici</a></p>\n<p>{{volunteer}}</p>"},
		"ar": {Locale: "ar", Subject: "دعوة إلى تقديم المساهمات", Text: "تحية طيبة {{contact}}،\n\nيُرجى الرد قبل {{deadline}}: {{personal_link}}\n\n{{volunteer}}\n", HTML: "<p>تحية طيبة {{contact}}،</p>\n<p>يُرجى الرد قبل {{deadline}}: <a href=\"{{personal_link}}\">هنا</a></p>\n<p>{{volunteer}}</p>"},
		"zh": {Locale: "zh", Subject: "征集意见", Text: "{{contact}}，您好！\n\n请于{{deadline}}之前答复：{{personal_link}}\n\n{{volunteer}}\n", HTML: "<p>{{contact}}，您好！</p>\n<p>请于{{deadline}}之前<a href=\"{{personal_link}}\">答复</a></p>\n<p>{{volunteer}}</p>"},
	}
	for locale, t := range map[string][4]string{
		"en": {"The call for contributions", "Dear {{contact}},", "please answer by {{deadline}}: ", "here"},
		"es": {"Llamado a contribuciones", "Estimada/o {{contact}}:", "le rogamos que responda a más tardar el {{deadline}}: ", "aquí"},
		"ru": {"Призыв к представлению вкладов", "Здравствуйте, {{contact}}!", "Просим ответить. Срок: {{deadline}}. Страница: ", "здесь"},
		"pt": {"Chamada de contribuições", "Olá, {{contact}},", "responda até {{deadline}}: ", "aqui"},
	} {
		said[locale] = Text{
			Locale: locale, Subject: t[0], Text: t[1] + "\n\n" + t[2] + "{{personal_link}}\n\n{{volunteer}}\n",
			HTML: "<p>" + t[1] + "</p>\n<p>" + t[2] + "<a href=\"{{personal_link}}\">" + t[3] + "</a></p>\n<p>{{volunteer}}</p>",
		}
	}
	tests := map[string]struct{ volunteer, contact, opening string }{
		"en": {"Mary O’Neill", "ليلى منصور", "We met in Geneva.\n\nMary"},
		"es": {"Marta Núñez", "José Ibáñez", "Nos conocimos en Ginebra."},
		"ru": {"Мария Соколова", "Иван Петров", "Мы виделись в Женеве.\n\nМария"},
		"pt": {"João Gonçalves", "Conceição Araújo", ""},
		"fr": {"Chloé Dubois", "Jean-Luc Lefèvre", "Nous nous sommes vus à Genève <en décembre>.\n\nBien à vous,\nChloé"},
		"ar": {"مريم حداد", "ليلى منصور", "التقينا في جنيف.\nمع أطيب التحيات"},
		"zh": {"王芳", "李雷", ""},
	}
	for locale, tt := range tests {
		t.Run(locale, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, dbtest.SQLite(t))
			h.cycles.deadline = &Deadline{Day: start.AddDate(0, 0, 31).Truncate(day), Zone: start.Location(), At: start.AddDate(0, 0, 31)}
			text := h.texts.revision(h.texts.byDocument(h.message))
			text.locales, text.said = []string{"en"}, said
			if locale != "en" {
				text.locales = append(text.locales, locale)
			}
			v := h.volunteer("volunteer")
			h.write("update account set name = ? where id = ?", tt.volunteer, v.ID)
			claim := h.holds(v, h.contact(tt.contact, "contact@example.org", locale), "reach_out")
			h.approved()
			_, err := h.SendPersonal(context.Background(), v, claim, PersonalOrder{Opening: tt.opening})
			h.must(err)
			h.settle()
			raw := h.server.Messages()[0].Data
			golden(t, "testdata/personal."+locale+".eml", raw)
			mailtest.Read(t, raw).Links(t)
			read, err := mail.Read(raw)
			h.must(err)
			l := h.Bundle.For(locale)
			from, reply := read.Header("From"), read.Header("Reply-To")
			if !strings.Contains(from, tt.volunteer) || !strings.Contains(from, "<bpf@convoke.test>") || !strings.Contains(reply, "bpf+re-") || !strings.Contains(reply, "<volunteer@example.org>") {
				t.Errorf("from %s, answers to %s", from, reply)
			}
			if read.Header("Content-Language") != locale || !strings.Contains(read.HTML, `lang="`+locale+`" dir="`+l.Dir()+`"`) {
				t.Errorf("language %s in %s", read.Header("Content-Language"), read.HTML)
			}
			for _, want := range []string{tt.contact, l.T("mail.footer.why", "Cycle", l.Isolate("BPF 2017")), l.FullDate(h.cycles.deadline.Day, nil)} {
				if !strings.Contains(read.Text, want) {
					t.Errorf("the text lacks %q:\n%s", want, read.Text)
				}
			}
		})
	}
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")), bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))) {
		t.Errorf("differs from %s:\n%s", path, got)
	}
}
