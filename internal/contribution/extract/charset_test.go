package extract

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// Texts as people save them on computers that are not set to Unicode, short and long, are read as they were written.
func TestTextsInOlderCharacterSets(t *testing.T) {
	t.Parallel()
	russian := []string{
		"Кибербезопасность", "Наш ответ на вопросник: меры по защите.", "ВКЛАД РОССИЙСКОГО ФОРУМА",
		"Мы считаем, что доверие к сети Интернет зависит от сотрудничества государств, бизнеса и гражданского общества. См. https://example.org/paper и «Дорожную карту» – раздел № 4.",
	}
	arabic := []string{
		"الأمن السيبراني", "السلام عليكم", "مساهمة المجتمع المدني",
		"نرى أن الثقة في الإنترنت تعتمد على التعاون بين الحكومات والقطاع الخاص والمجتمع المدني، كما ورد في IGF 2017؛ انظروا https://example.org/paper؟",
	}
	chinese := []string{
		"网络安全", "我们对问卷的答复", "中国互联网协会的书面意见：网络安全需要政府、企业和民间社会的合作。参见 https://example.org/paper（第4节）。",
	}
	western := []string{
		"Sécurité", "Él señaló que la ciberseguridad… «así»", "À l’été, l’ÉQUIPE a été créée : « oui ! »", "Contribuição à discussão: não há segurança sem cooperação – 5 €", "Größe über Ärger",
		"naïve café", "¿Qué? ¡Sí!", "ÉTAT DES LIEUX À GENÈVE", "plain",
	}
	for name, tt := range map[string]struct {
		set   encoding.Encoding
		texts []string
	}{
		"Windows-1251": {charmap.Windows1251, russian},
		"KOI8-R":       {charmap.KOI8R, russian[:3]}, // it has no № and no dashes
		"CP866":        {charmap.CodePage866, russian[:3]},
		"Windows-1256": {charmap.Windows1256, arabic},
		"ISO 8859-6":   {charmap.ISO8859_6, arabic[:3]},
		"GB18030":      {simplifiedchinese.GB18030, chinese},
		"GBK":          {simplifiedchinese.GBK, chinese},
		"Windows-1252": {charmap.Windows1252, western},
		"UTF-8":        {unicode.UTF8, append(append(append(append([]string{}, russian...), arabic...), chinese...), western...)},
	} {
		for _, text := range tt.texts {
			raw, err := tt.set.NewEncoder().String(text)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, times := range []int{1, 200} {
				want := strings.TrimSpace(strings.Repeat(text+"\n", times))
				d, err := Read(strings.NewReader(strings.Repeat(raw+"\r\n", times)), int64(times*(len(raw)+2)), "a.txt", DefaultLimits())
				if err != nil || d.Text != want {
					t.Errorf("%s: %.80q, want %.80q, %v", name, d.Text, want, err)
				}
			}
		}
	}
}

// A text in one of them that was cut within a character, or has a byte that is none, is read all the same.
func TestADamagedTextInAnOlderCharacterSet(t *testing.T) {
	t.Parallel()
	raw, err := simplifiedchinese.GB18030.NewEncoder().String(strings.Repeat("网络安全需要合作。", 10))
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{raw + "\xcd", raw[:40] + "\xff" + raw[40:]} {
		if got := decode([]byte(bad)); !strings.Contains(got, "网络安全需要合作。网络安全") {
			t.Errorf("%q", got)
		}
	}
}
