package nri

import (
	"slices"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

func TestStateIsDerived(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		facts Facts
		ended bool
		want  State
	}{
		{"nothing known", Facts{}, false, NotYetBriefed},
		{"nobody is silent who was never told", Facts{Coordinated: true}, true, NotYetBriefed},
		{"briefed before its date", Facts{Briefed: true}, false, Briefed},
		{"briefed and its date has passed", Facts{Briefed: true}, true, Silent},
		{"a relay says more than a briefing", Facts{Briefed: true, Relays: 1}, true, Relayed},
		{"a relay without a briefing", Facts{Relays: 1}, false, Relayed},
		{"a contribution says most", Facts{Relays: 3, Contributions: 1, Briefed: true}, true, Contributed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := StateOf(c.facts, c.ended)
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if !slices.Contains(States(), got) {
				t.Errorf("%s is not listed", got)
			}
		})
	}
}

func TestRelayIsChecked(t *testing.T) {
	t.Parallel()
	now := time.Date(2017, 8, 20, 12, 0, 0, 0, time.UTC)
	fine := Relay{Kind: SentToList, AudienceSize: 400, Language: "es", OnDate: "2017-08-19"}
	for _, c := range []struct {
		name   string
		change func(*Relay)
		field  string
	}{
		{"as it should be", func(*Relay) {}, ""},
		{"nothing said of audience and language", func(r *Relay) { r.AudienceSize, r.Language = 0, "" }, ""},
		{"already tomorrow in Kiribati", func(r *Relay) { r.OnDate = "2017-08-21" }, ""},
		{"nowhere yet that day", func(r *Relay) { r.OnDate = "2017-08-22" }, "on_date"},
		{"no day", func(r *Relay) { r.OnDate = "" }, "on_date"},
		{"a day that is none", func(r *Relay) { r.OnDate = "2017-02-30" }, "on_date"},
		{"a kind of its own", func(r *Relay) { r.Kind = "shouted" }, "kind"},
		{"fewer than nobody", func(r *Relay) { r.AudienceSize = -1 }, "audience_size"},
		{"more than there can be", func(r *Relay) { r.AudienceSize = MaxAudience + 1 }, "audience_size"},
		{"no language", func(r *Relay) { r.Language = "spanish please" }, "language"},
		{"a long note", func(r *Relay) { r.Note = string(make([]rune, MaxNote+1)) }, "note"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := fine
			c.change(&r)
			fields := errs.FieldsOf(r.validate(now))
			if c.field == "" && len(fields) > 0 || c.field != "" && (len(fields) != 1 || fields[0].Name != c.field) {
				t.Errorf("refused %v, want %q", fields, c.field)
			}
		})
	}
}
