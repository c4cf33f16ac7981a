package names

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestKeysMeet(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind Kind
		all  []string
	}{
		{Person, []string{"José Núñez", "JOSE NUNEZ", "Nuñez, José", "Dr. José Núñez", "jose\u200b nunez", "Jos\u0435 Núñez", "\u202eJosé Núñez", "Ｊｏｓé Núñez"}},
		{Person, []string{"Юрий Иванов", "Yuri Ivanov", "Iurii Ivanov", "Yury Ivanoff", "Jurij Ivanov", "Ivanov, Yuriy"}},
		{Person, []string{"Михаил Хрущёв", "Mikhail Khrushchev", "Mihail Hruščev"}},
		{Person, []string{"Татьяна Жукова", "Tatyana Zhukova", "Tatiana Zhukova", "Tat'jana Žukova"}},
		{Person, []string{"Юлия Кузнецова", "Yulia Kuznetsova", "Iuliia Kuznetsova", "Julija Kuznecova"}},
		{Person, []string{"Γιώργος Παπαδόπουλος", "Giorgos Papadopoulos", "GIORGOS PAPADOPOULOS"}},
		{Person, []string{"王小明", "Wang Xiaoming", "Xiao-Ming Wang", "Xiaoming WANG", "Wang Xiao Ming", "王小明先生"}},
		{Person, []string{"李娜", "Li Na", "Na Li"}},
		{Person, []string{"Müller, Jürgen", "Juergen Mueller", "Jurgen Muller", "Prof. Dr. Jürgen Müller"}},
		{Person, []string{"محمد حسن", "مُحَمَّد حَسَن", "حسن محمد", "الدكتور محمد حسن"}},
		{Organization, []string{"Example GmbH", "EXAMPLE", "Exämple mbH"}},
		{Organization, []string{"Universidad de la República", "Univ. de la Republica", "UNIVERSIDAD DE LA REPUBLICA"}},
		{Organization, []string{"The Internet Society of Kenya", "Internet Society, Kenya", "Internet Soc. of Kenya Ltd."}},
		{Organization, []string{"Verein für Netze e.V.", "Verein fuer Netze"}},
	}
	for _, tt := range tests {
		want := Key(tt.kind, tt.all[0], "")
		for _, name := range tt.all {
			if got := Key(tt.kind, name, ""); got != want || got == "" {
				t.Errorf("%q: %q, but %q of %q", name, got, want, tt.all[0])
			}
		}
	}
}

func TestBonesMeet(t *testing.T) {
	t.Parallel()
	for _, all := range [][]string{
		{"محمد حسن", "Muhammad Hassan", "Mohamed Hasan", "Mohammed Hassan", "Mohammad HASSAN"},
		{"أحمد عبد الله", "Ahmed Abdullah", "Ahmad Abdallah", "Abd Allah, Ahmed", "Ahmed Abdellah"},
		{"عبد الرحمن السيد", "Abdulrahman El-Sayed", "Abdel Rahman Al Sayed", "عبدالرحمن السيد"},
		{"فاطمة الزهراء", "Fatima Al-Zahra", "Fatimah Alzahra", "Fatma Elzahra"},
		{"نور منصور", "Nour Mansour", "Noor Mansoor", "Nur Mansur"},
	} {
		want := Bones(Person, all[0], "")
		for _, name := range all {
			if got := Bones(Person, name, ""); got != want {
				t.Errorf("%q: %q, but %q of %q", name, got, want, all[0])
			}
		}
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind Kind
		a, b string
		want Likeness
	}{
		{Person, "Ana Núñez", "ana nunez", Identical},
		{Person, "Ana Núñez", "Аna Núñez", Disguise},
		{Person, "Ana Núñez", "Ana Nú\u200bñez", Disguise},
		{Person, "Ana Núñez", "Nunez, Ana", Reordered},
		{Person, "Ana Núñez", "Dr Ana Núñez", Reordered},
		{Person, "Yuri Ivanov", "Iurii Ivanov", Spelled},
		{Person, "Юрий Иванов", "Yuriy Ivanov", Script},
		{Person, "王小明", "Xiaoming Wang", Script},
		{Person, "محمد حسن", "Mohamed Hassan", Script},
		{Person, "Catherine Lambert", "Cathrine Lambert", Near},
		{Person, "Catherine Lambert", "Catherine Labmert", Near},
		{Organization, "Internet Society of Kenya", "Intrenet Society of Kenya", Near},
		{Organization, "Open Net Ltd", "OpenNet", Spelled},
		{Person, "Maria Silva", "Mario Silva", Different},
		{Person, "Luis Pérez", "Luisa Pérez", Different},
		{Person, "Ana Silva", "Ada Silva", Different},
		{Person, "Ken Li", "Chen Li", Different},
		{Person, "王小明", "王晓明", Different},
		{Person, "Li Ming", "Li Ning", Different},
		{Person, "علي حسن", "علاء حسن", Different},
		{Person, "Jean Dupont", "Jeanne Dupont", Different},
		{Person, "Ana", "Ama", Different},
		{Organization, "Region 1 Office", "Region 2 Office", Different},
		{Person, "", "", Different},
		{Person, "!!!", "???", Different},
	}
	for _, tt := range tests {
		a, b := Written{Name: tt.a}, Written{Name: tt.b}
		if got := Compare(tt.kind, a, b); got.Likeness != tt.want {
			t.Errorf("%q, %q: %q, want %q", tt.a, tt.b, got.Likeness, tt.want)
		}
		if got := Compare(tt.kind, b, a); got.Likeness != tt.want {
			t.Errorf("%q, %q: %q, want %q", tt.b, tt.a, got.Likeness, tt.want)
		}
	}
}

func TestTransliterationCounts(t *testing.T) {
	t.Parallel()
	if a, b := Key(Person, "김민수", "Kim Minsu"), Key(Person, "Minsu Kim", ""); a != b {
		t.Errorf("%q, %q", a, b)
	}
	a, b := Written{Name: "김민수", Transliteration: "Kim Minsu"}, Written{Name: "Kim Minsu"}
	if got := Compare(Person, a, b); got.Likeness != Script {
		t.Errorf("got %q", got.Likeness)
	}
}

func FuzzKey(f *testing.F) {
	for _, seed := range []string{"José Núñez", "محمد حسن", "王小明", "Юрий Щёголев", "Γιώργος", "Dr Dr Dr", "a\u200db", "\xff\xfe", "Xi'an", "e.V.", "ij ji yi", "tszch", "김민수"} {
		f.Add(seed, "Ltd", uint64(1))
	}
	f.Fuzz(func(t *testing.T, name, other string, seed uint64) {
		for _, kind := range []Kind{Person, Organization} {
			key := Key(kind, name, other)
			if !utf8.ValidString(key) || key != strings.Join(strings.Fields(key), " ") {
				t.Fatalf("%q: %q", name, key)
			}
			for _, w := range strings.Fields(key) {
				if again := skeleton(w); again != w {
					t.Errorf("the skeleton of %q is %q", w, again)
				}
			}
			words := strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(name, ""), "\u200e", ""))
			if len(name) < longest/2 {
				straight := Key(kind, strings.Join(words, " "), "")
				random := rand.New(rand.NewPCG(seed, 1))
				random.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
				if got := Key(kind, strings.Join(words, " "), ""); got != straight {
					t.Errorf("%q in another order: %q, not %q", words, got, straight)
				}
			}
			Bones(kind, name, other)
			a, b := Written{Name: name}, Written{Name: other}
			if there, back := Compare(kind, a, b), Compare(kind, b, a); there.Likeness != back.Likeness {
				t.Errorf("%q, %q: %q, the other way %q", name, other, there.Likeness, back.Likeness)
			}
		}
	})
}
