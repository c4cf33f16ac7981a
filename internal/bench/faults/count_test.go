package faults

import (
	"strings"
	"testing"
	"time"
)

func TestWhatIsCounted(t *testing.T) {
	t.Parallel()
	all := []delivered{{1, 1, "sent"}, {2, 2, "sent"}, {3, 3, "uncertain"}, {4, 4, "skipped"}, {5, 5, "failed"}, {6, 6, "queued"}}
	record := map[int64]time.Time{1: {}, 5: {}, 9: {}}
	r := Row{}
	r.tally(all, record)
	if r.Planned != 6 || r.Sent != 2 || r.Lost != 1 || r.Uncertain != 1 || r.Left != 1 || r.Failed != 1 || r.Queued != 1 || r.Untold != 2 {
		t.Errorf("%+v", r)
	}
	r.Doubles, r.Late = 1, 1
	r.judge()
	said := strings.Join(r.Wrong, "; ")
	for _, want := range []string{"1 lost", "1 sent twice", "2 sent without", "1 sent more than a second", "1 still queued", "1 uncertain, at most 0", "6 planned, and 5"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said in %q", want, said)
		}
	}
	kept := Row{Planned: 1, Sent: 1, Taken: 1}
	kept.judge()
	if len(kept.Wrong) > 0 {
		t.Error(kept.Wrong)
	}
}
