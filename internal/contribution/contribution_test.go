package contribution

import (
	"testing"
	"time"

	"github.com/convoke/convoke/internal/contribution/extract"
	"github.com/convoke/convoke/internal/errs"
)

func TestMoves(t *testing.T) {
	t.Parallel()
	now := time.Date(2017, 9, 1, 0, 0, 0, 0, time.UTC)
	moves := map[string]func(*Contribution) error{
		"receive":  func(c *Contribution) error { return c.receive(now, nil) },
		"check":    func(c *Contribution) error { return c.check(now) },
		"publish":  func(c *Contribution) error { return c.publish(now, 1) },
		"withhold": (*Contribution).withhold,
		"correct":  (*Contribution).correct,
		"withdraw": func(c *Contribution) error { return c.withdraw(now) },
	}
	legal := map[string]map[State]State{
		"receive":  {Draft: Received},
		"check":    {Received: Checked},
		"publish":  {Checked: Published, Withheld: Published},
		"withhold": {Checked: Withheld, Published: Withheld},
		"correct":  {Draft: Draft, Received: Received, Checked: Received},
		"withdraw": {Received: Withdrawn, Checked: Withdrawn, Published: Withdrawn, Withheld: Withdrawn},
	}
	for name, move := range moves {
		for _, from := range States() {
			c := Contribution{State: from, ConsentPublication: true}
			err := move(&c)
			want, ok := legal[name][from]
			if !ok {
				want = from
			}
			if c.State != want || ok != (err == nil) || (err != nil && !errs.Is(err, errs.Conflict)) {
				t.Errorf("%s from %s: %s, %v; want %s, legal %v", name, from, c.State, err, want, ok)
			}
		}
	}
}

func TestPublishNeedsConsentAndKeepsItsNumber(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c := Contribution{State: Checked}
	if err := c.publish(now, 1); !errs.Is(err, errs.Conflict) || c.State != Checked {
		t.Errorf("without consent: %v, %s", err, c.State)
	}
	c.ConsentPublication = true
	for _, number := range []int{7, 9} {
		if err := c.publish(now, number); err != nil || *c.PublicNumber != 7 {
			t.Fatalf("%v, number %v", err, c.PublicNumber)
		}
		if err := c.withhold(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"q1": true}
	long := make([]byte, AnswerLimit+1)
	for i := range long {
		long[i] = 'x'
	}
	tests := []struct{ name, in, want, problem string }{
		{"as it is", "one\n\ttwo", "one\n\ttwo", ""},
		{"line ends", " a\r\nb\rc\vd\u2028e ", "a\nb\nc\nd\ne", ""},
		{"control characters", "a\x00b\x1b[31mc\u0085", "ab[31mc", ""},
		{"direction marks stay", "\u200fعربي\u200f", "\u200fعربي\u200f", ""},
		{"not UTF-8", "a\xffb", "", "contribution.text.encoding"},
		{"a lone surrogate", "\xed\xa0\x80", "", "contribution.text.encoding"},
		{"too long", string(long), string(long), "field.too_long"},
		{"just fits in characters, not bytes", string([]rune(string(long))[:AnswerLimit-1]) + "é", string(long[:AnswerLimit-1]) + "é", ""},
		{"markup is text", "<script>x</script>", "<script>x</script>", ""},
	}
	for _, tt := range tests {
		got, wrong := clean(Answers{"q1": tt.in}, known)
		problem := ""
		if len(wrong) > 0 {
			problem = wrong[0].Key
		}
		if got["q1"] != tt.want || problem != tt.problem {
			t.Errorf("%s: %.40q, %q; want %.40q, %q", tt.name, got["q1"], problem, tt.want, tt.problem)
		}
	}
	if _, wrong := clean(Answers{"q9\x00<b>": "x"}, known); len(wrong) != 1 || wrong[0].Name != "q9<b>" {
		t.Errorf("an unknown question: %v", wrong)
	}
}

func FuzzCleanText(f *testing.F) {
	f.Add("a\r\nb\x00")
	f.Fuzz(func(t *testing.T, in string) {
		once, problem := cleanText(in, AnswerLimit)
		twice, again := cleanText(once, AnswerLimit)
		if problem == "" && (twice != once || again != "") {
			t.Errorf("%q became %q, then %q (%s)", in, once, twice, again)
		}
	})
}

func TestWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 0, "one, two – three": 3, "multi-stakeholder": 1, "网络安全": 2, "الأمن السيبراني": 2, "a 网络 b": 3,
	} {
		if got := extract.Words(text); got != want {
			t.Errorf("%q: %d words, want %d", text, got, want)
		}
	}
}
