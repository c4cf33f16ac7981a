package web

import (
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/contribution"
)

func TestExcerpt(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", excerptLength+1)
	tests := []struct {
		name    string
		answers contribution.Answers
		want    string
	}{
		{"nothing", nil, ""},
		{"the first question", contribution.Answers{"q2": "two", "q1": "one", "other": "else"}, "one"},
		{"an item before what the items do not name", contribution.Answers{"q3.other": "else", "q3b": "item"}, "item"},
		{"only free form", contribution.Answers{"other": "else"}, "else"},
		{"cut between characters", contribution.Answers{"q1": long}, long[:2*excerptLength] + "…"},
	}
	for _, tt := range tests {
		if got := excerpt(tt.answers); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
