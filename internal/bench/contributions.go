package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/document"
)

// ContributionsOptions say what is measured of contributions.
type ContributionsOptions struct {
	Published int // contributions of 10 KB that are public
	Asked     int // how often each page is asked for
	Rate      int // submissions a second
	Seconds   int // for so long
	Now       func() time.Time
	Progress  func(string)
}

// Site is an installation that answers over HTTP.
type Site struct {
	Installation
	URL   string                                // how its addresses begin, without a trailing slash
	Token func(cycleID, contactID int64) string // of a personal link
}

// ContributionsReport is what was measured, in milliseconds of a client on the same machine. The ratio is that of the
// slowest page at its 95th percentile to the median of the bare statement, which reads the answers of one contribution.
type ContributionsReport struct {
	Database  string   `json:"database"`
	Published int      `json:"published"`
	Bare      float64  `json:"bare_ms"`
	Ratio     float64  `json:"ratio"`
	Slowest   float64  `json:"slowest_p95_ms"`
	Pages     []Figure `json:"pages"`
	Burst     Burst    `json:"burst"`
}

// Burst is many people who hand in at once, each from an address of their own: one request saves the answers,
// another hands them in.
type Burst struct {
	Rate     int            `json:"rate_per_second"`
	Seconds  int            `json:"seconds"`
	Sent     int            `json:"sent"`
	Accepted int            `json:"accepted"`
	Refused  map[string]int `json:"refused"` // by what came back instead
	Stored   int            `json:"stored"`  // contributions in the database afterwards, with their answers
	Took     float64        `json:"took_seconds"`
	Times    Figure         `json:"times"` // of a submission, both requests together
}

// Lost is how many submissions were accepted and are not there.
func (b Burst) Lost() int { return b.Accepted - b.Stored }

// answerLength is that of a contribution, in bytes.
const answerLength = 10 << 10

type contributing struct {
	Site
	ContributionsOptions
	author   account.Actor
	cycleID  int64
	contacts []int64
	client   *http.Client
	report   ContributionsReport
}

// Contributions fills a database with published contributions, asks for the public pages and for forms, and lets a
// burst of people hand in.
func Contributions(ctx context.Context, site Site, o ContributionsOptions) (ContributionsReport, error) {
	b := &contributing{Site: site, ContributionsOptions: o, client: &http.Client{CheckRedirect: noRedirect, Timeout: time.Minute}}
	b.report = ContributionsReport{Database: string(site.DB.Dialect()), Published: o.Published}
	o.Progress(fmt.Sprintf("making up %d contributions", o.Published))
	if err := b.prepare(ctx); err != nil {
		return b.report, err
	}
	o.Progress("asking for pages")
	if err := b.ask(ctx); err != nil {
		return b.report, err
	}
	o.Progress(fmt.Sprintf("handing in %d a second for %d s", o.Rate, o.Seconds))
	return b.report, b.burst(ctx)
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// prepare makes a cycle with a form, people who are asked, and what was published.
func (b *contributing) prepare(ctx context.Context) error {
	s := &sending{Installation: b.Installation}
	var err error
	if b.author, err = s.enlist(ctx, "author"); err != nil {
		return err
	}
	made, err := b.Cycles.Create(ctx, b.author, cycle.Cycle{Slug: "bench", Name: "Bench", DefaultLanguage: "en"})
	if err != nil {
		return err
	}
	b.cycleID = made.ID
	if _, err := b.Cycles.SetDate(ctx, b.author, b.cycleID, cycle.Deadline, b.Now().AddDate(0, 1, 0).Format(time.DateOnly), cycle.AoE, ""); err != nil {
		return err
	}
	if _, err := b.Cycles.Move(ctx, b.author, "bench", cycle.Open); err != nil {
		return err
	}
	if _, err := b.Documents.Create(ctx, b.author, b.cycleID, document.Survey, "questionnaire", "en", benchForm); err != nil {
		return err
	}
	if err := crowd(ctx, b.DB, b.cycleID, b.Rate*b.Seconds+b.Asked, b.Now()); err != nil {
		return err
	}
	if b.contacts, err = listed(ctx, b.DB, b.cycleID); err != nil {
		return err
	}
	if err := publish(ctx, b.DB, b.cycleID, b.Published, answerLength, b.Now()); err != nil {
		return err
	}
	return settle(ctx, b.DB)
}

// ask asks for each page in turn, so that what else the machine does meets all alike.
func (b *contributing) ask(ctx context.Context) error {
	type asking struct {
		name string
		path func(round int) string
		took []float64
	}
	form := func(suffix string) func(int) string {
		return func(round int) string { return "/r/" + b.Token(b.cycleID, b.contacts[round]) + suffix }
	}
	number := func(round int) int { return 1 + (round*7919)%b.Published }
	pages := []*asking{
		{name: "published, first page", path: func(int) string { return "/calls/bench/contributions" }},
		{name: "published, further on", path: func(round int) string { return fmt.Sprintf("/calls/bench/contributions?before=%d", number(round)+1) }},
		{name: "one contribution", path: func(round int) string { return fmt.Sprintf("/calls/bench/contributions/%d", number(round)) }},
		{name: "feed", path: func(int) string { return "/calls/bench/contributions.atom" }},
		{name: "form, overview", path: form("")},
		{name: "form, one question", path: form("/answer/q1")},
	}
	var bare []float64
	for round := range b.Asked {
		for _, p := range pages {
			began := b.Now()
			if err := b.get(ctx, p.path(round)); err != nil {
				return err
			}
			p.took = append(p.took, milliseconds(b.Now().Sub(began)))
		}
		began := b.Now()
		if err := readAnswers(ctx, b.DB, number(round)); err != nil {
			return err
		}
		bare = append(bare, milliseconds(b.Now().Sub(began)))
	}
	b.report.Bare = figure(kindBare, "", bare).Median
	for _, p := range pages {
		f := figure("page", p.name, p.took)
		f.Ratio = ratio(f.Median, b.report.Bare)
		b.report.Pages = append(b.report.Pages, f)
		b.report.Slowest = max(b.report.Slowest, f.P95)
	}
	b.report.Ratio = ratio(b.report.Slowest, b.report.Bare)
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (b *contributing) get(ctx context.Context, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.URL+path, nil)
	if err != nil {
		return err
	}
	answer, err := b.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", path, answer.Status)
	}
	return nil
}

// Print writes the report for people.
func (r *ContributionsReport) Print(to io.Writer) error {
	lines := []string{
		fmt.Sprintf("%s, %d published contributions of %d KB; the answers of one by its key: %.2f ms", r.Database, r.Published, answerLength>>10, r.Bare),
		fmt.Sprintf("%-24s %8s %8s %8s %8s", "page", "median", "p95", "max", "ratio"),
	}
	for _, f := range r.Pages {
		lines = append(lines, fmt.Sprintf("%-24s %8.1f %8.1f %8.1f %8.1f", f.Name, f.Median, f.P95, f.Max, f.Ratio))
	}
	b := r.Burst
	lines = append(lines,
		fmt.Sprintf("slowest page at the 95th percentile: %.1f ms", r.Slowest),
		fmt.Sprintf("burst of %d a second for %d s: %d sent, %d accepted in %.1f s, %d stored, %d lost; a submission took %.0f ms, %.0f ms at the 95th percentile, %.0f ms at the most",
			b.Rate, b.Seconds, b.Sent, b.Accepted, b.Took, b.Stored, b.Lost(), b.Times.Median, b.Times.P95, b.Times.Max))
	for what, n := range b.Refused {
		lines = append(lines, fmt.Sprintf("refused: %s, %d times", what, n))
	}
	_, err := io.WriteString(to, strings.Join(lines, "\n")+"\n")
	return err
}
