package faults

import (
	"fmt"
	"io"
	"strings"
)

// Row is what became of one campaign.
type Row struct {
	Name      string   `json:"name"`
	Planned   int      `json:"planned"` // deliveries of the step, whatever became of them
	Sent      int      `json:"sent"`
	Left      int      `json:"skipped"`
	Failed    int      `json:"failed"`
	Deferred  int      `json:"deferred"`
	Uncertain int      `json:"uncertain"`
	Queued    int      `json:"queued"`  // 0 at the end
	Bound     int      `json:"bound"`   // so many may be uncertain: one for each connection that broke, and for each open one at a kill
	Taken     int      `json:"taken"`   // different messages that the mail server took
	Lost      int      `json:"lost"`    // said to be sent, and the server does not have them; or nobody knows of them
	Doubles   int      `json:"doubles"` // messages that the server took again
	Untold    int      `json:"untold"`  // the server took them, and the database says something else
	Late      int      `json:"late"`    // went to somebody more than a second after that address was suppressed
	Kills     int      `json:"kills"`   // processes killed or ended, servers restarted or flushed
	Refused   int      `json:"refused"` // replies of the server that refused a message
	Broken    int      `json:"broken"`  // conversations that the server broke off with a message under way
	Died      int      `json:"died"`    // processes that ended though nobody had ended them
	Seconds   float64  `json:"seconds"`
	NotTried  string   `json:"not_tried,omitempty"` // why it was not tried
	Wrong     []string `json:"wrong,omitempty"`     // promises that were broken
}

func (r *Row) breaks(format string, args ...any) {
	r.Wrong = append(r.Wrong, fmt.Sprintf(format, args...))
}

// judge holds the figures against what is promised.
func (r *Row) judge() {
	for _, none := range []struct {
		n    int
		what string
	}{
		{r.Lost, "lost"},
		{r.Doubles, "sent twice"},
		{r.Untold, "sent without being said so"},
		{r.Late, "sent more than a second after the address was suppressed"},
		{r.Queued, "still queued"},
		{r.Deferred, "still deferred"},
		{r.Died, "processes ended by themselves"},
	} {
		if none.n > 0 {
			r.breaks("%d %s", none.n, none.what)
		}
	}
	if r.Uncertain > r.Bound {
		r.breaks("%d uncertain, at most %d may be", r.Uncertain, r.Bound)
	}
	if sum := r.Sent + r.Left + r.Failed + r.Deferred + r.Uncertain; sum != r.Planned {
		r.breaks("%d planned, and %d in all that came of them", r.Planned, sum)
	}
	if r.Taken == 0 {
		r.breaks("the server took nothing")
	}
}

const layout = "%-18s %8s %8s %8s %7s %10s %6s %8s %5s %6s %8s %7s  %s"

func heading() string {
	return fmt.Sprintf(layout, "program", "planned", "sent", "skipped", "failed", "uncertain", "lost", "doubles", "late", "kills", "refused", "seconds", "")
}

func (r *Row) line() string {
	if r.NotTried != "" {
		return fmt.Sprintf("%-18s not tried: %s", r.Name, r.NotTried)
	}
	verdict := "kept"
	if len(r.Wrong) > 0 {
		verdict = "BROKEN: " + strings.Join(r.Wrong, "; ")
	}
	return fmt.Sprintf(layout, r.Name, num(r.Planned), num(r.Sent), num(r.Left), num(r.Failed), fmt.Sprintf("%d of %d", r.Uncertain, r.Bound), num(r.Lost),
		num(r.Doubles), num(r.Late), num(r.Kills), num(r.Refused), fmt.Sprintf("%.1f", r.Seconds), verdict)
}

func num(n int) string { return fmt.Sprint(n) }

// Report is what was counted.
type Report struct {
	Database    string  `json:"database"`
	Queue       string  `json:"queue"`
	Recipients  int     `json:"recipients"`
	Kills       int     `json:"kills"`
	Connections int     `json:"connections"`
	AwaySeconds float64 `json:"away_seconds"`
	Seed        uint64  `json:"seed"`
	Rows        []*Row  `json:"programs"`
}

// Kept says whether every promise was.
func (r Report) Kept() bool {
	for _, row := range r.Rows {
		if len(row.Wrong) > 0 {
			return false
		}
	}
	return true
}

// Print writes the figures for people.
func (r Report) Print(to io.Writer) error {
	lines := []string{
		fmt.Sprintf("%s, %s: %d recipients, %d connections a process, %d kills a program, %.0f s away, seed %d",
			r.Database, r.Queue, r.Recipients, r.Connections, r.Kills, r.AwaySeconds, r.Seed),
		heading(),
	}
	for _, row := range r.Rows {
		lines = append(lines, row.line())
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(to, strings.TrimRight(line, " ")); err != nil {
			return err
		}
	}
	return nil
}
