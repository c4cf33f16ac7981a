package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
)

func TestProgressIsSaidInOneLine(t *testing.T) {
	t.Parallel()
	l := i18ntest.Bundle(t).For("en")
	end := time.Date(2017, 8, 15, 9, 30, 0, 0, time.UTC)
	tests := map[string]struct {
		live campaign.Live
		want []string
		not  string
	}{
		"sending": {
			campaign.Live{Campaign: campaign.Campaign{State: campaign.Sending}, Queued: 60, Sent: 40, Second: 12, End: &end},
			[]string{"Sending", "40 of 100 sent (40%)", "Waiting: 60", "now: 12", "Expected end"},
			"Failed",
		},
		"waiting for the server": {
			campaign.Live{Campaign: campaign.Campaign{State: campaign.Sending}, Queued: 9, Deferred: 1, Second: -1, Waits: campaign.WaitsServer},
			[]string{"0 of 10 sent", "To be tried again: 1", "mail server"},
			"a second now",
		},
		"waiting for an hour": {
			campaign.Live{Campaign: campaign.Campaign{State: campaign.Sending}, Sent: 3, Deferred: 1, Second: -1, Next: &end, Hour: true},
			[]string{"3 of 4 sent", "wait for the hour of their readers"},
			"a second now",
		},
		"waiting for the queue": {
			campaign.Live{Campaign: campaign.Campaign{State: campaign.Sending}, Queued: 4, Second: -1, Away: true},
			[]string{"0 of 4 sent", "waiting for the queue"},
			"a second now",
		},
		"on the schedule": {
			campaign.Live{Campaign: campaign.Campaign{State: campaign.Scheduled, Timing: campaign.Timing{Kind: campaign.AtTime}, Steps: []campaign.Step{{}}}, Second: -1},
			[]string{"On the schedule; 0 of 0 sent"},
			"next step",
		},
		"at rest": {
			campaign.Live{Campaign: campaign.Campaign{State: campaign.Sent}, Sent: 7, Failed: 2, Unsure: 1, Skipped: 3, Second: 5, End: &end},
			[]string{"Sent; 7 of 10 sent", "Uncertain: 1; Failed: 2; Left out: 3"},
			"Expected end",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := progressLine(l, &tt.live)
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q says nothing of %q", got, want)
				}
			}
			if strings.Contains(got, tt.not) || strings.Contains(got, "\n") {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestAScreenSaysNothingTwice(t *testing.T) {
	t.Parallel()
	var plain, terminal bytes.Buffer
	for _, s := range []*screen{{to: &plain}, {to: &terminal, terminal: true}} {
		s.show("half", 0.5)
		s.show("half", 0.5)
		s.show("all", 7)
		if err := s.end(); err != nil {
			t.Fatal(err)
		}
	}
	if got := plain.String(); got != "half\nall\n" {
		t.Errorf("%q", got)
	}
	half := "\r\x1b[K[############............] half"
	if got, want := terminal.String(), half+half+"\r\x1b[K[########################] all\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestCampaignsFromTheCommandLine(t *testing.T) {
	t.Parallel()
	env := map[string]string{config.Data: t.TempDir()}
	if got := run(t, env, "campaign", "list"); got.code != 0 || got.stdout != "" {
		t.Errorf("%+v", got)
	}
	if got := run(t, env, "campaign", "watch", "7"); got.code == 0 || got.stdout != "" || strings.Count(got.stderr, "\n") != 1 {
		t.Errorf("%+v", got)
	}
}
