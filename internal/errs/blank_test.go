package errs_test

import (
	"testing"

	"github.com/convoke/convoke/internal/errs"
)

func TestBlankIsWhatNobodySees(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " \t\n", "\u00a0\u3000\u2003", "\u200b", "\u2060", "\ufeff", "\u00ad", "\u180e", "\u200e\u200f", "\u2066\u2069", "\u202e",
		"\u2800", "\u3164", "\u115f\u1160", "\uffa0", "\ufe0f", "\u034f", " \u200b\n\u2060 ", "\U000e0041",
	} {
		if !errs.Blank(text) {
			t.Errorf("%+q is not blank", text)
		}
	}
	for _, text := range []string{"a", "।", "不", "ي", "\u200bx\u200b", "-", "?", "🙂", "👩\u200d💻", "क\u094d\u200d"} {
		if errs.Blank(text) {
			t.Errorf("%+q is blank", text)
		}
	}
}
