package geo_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/geo"
)

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestEveryInhabitedCountryHasAZone(t *testing.T) {
	t.Parallel()
	r, err := geo.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Countries() {
		if (r.Zone(c.Code) == nil) != (c.Code == "BV" || c.Code == "HM") {
			t.Errorf("%s has the zone %v", c.Code, r.Zone(c.Code))
		}
	}
	if len(r.Zones()) != 247 || r.Zone("") != nil {
		t.Errorf("%d zones, without a country %v", len(r.Zones()), r.Zone(""))
	}
	for code, want := range map[string]string{"BR": "America/Sao_Paulo", "US": "America/New_York", "KI": "Pacific/Tarawa", "WS": "Pacific/Apia", "IN": "Asia/Kolkata"} {
		if got := r.Zone(code).String(); got != want {
			t.Errorf("%s has %s, want %s", code, got, want)
		}
	}
}

func TestAtClock(t *testing.T) {
	t.Parallel()
	tests := []struct {
		zone, day string
		hour      int
		minute    int
		want      string
	}{
		{"UTC", "2017-08-15", 9, 0, "2017-08-15T09:00:00Z"},
		{"Asia/Kathmandu", "2017-08-15", 9, 0, "2017-08-15T03:15:00Z"},
		{"Pacific/Kiritimati", "2017-08-15", 9, 0, "2017-08-14T19:00:00Z"},
		{"Pacific/Pago_Pago", "2017-08-15", 9, 0, "2017-08-15T20:00:00Z"},
		{"Etc/GMT+12", "2017-08-15", 9, 0, "2017-08-15T21:00:00Z"},
		{"Pacific/Chatham", "2017-08-15", 9, 0, "2017-08-14T20:15:00Z"},
		{"Europe/Berlin", "2017-03-26", 2, 30, "2017-03-26T01:00:00Z"},       // left out: clocks go on at 03:00
		{"Europe/Berlin", "2017-10-29", 2, 30, "2017-10-29T00:30:00Z"},       // twice: the first
		{"America/New_York", "2017-11-05", 1, 15, "2017-11-05T05:15:00Z"},    // twice: the first
		{"Pacific/Apia", "2011-12-30", 9, 0, "2011-12-30T10:00:00Z"},         // the day is left out: the 31st begins
		{"Pacific/Apia", "2011-12-31", 9, 0, "2011-12-30T19:00:00Z"},         // +14 in summer
		{"America/Asuncion", "2017-10-01", 0, 0, "2017-10-01T04:00:00Z"},     // midnight is left out: 01:00
		{"Australia/Lord_Howe", "2017-04-02", 1, 45, "2017-04-01T14:45:00Z"}, // half an hour twice: the first
		{"Antarctica/Casey", "2010-03-05", 1, 0, "2010-03-04T14:00:00Z"},     // three hours twice
		{"Pacific/Kwajalein", "1993-08-21", 12, 0, "1993-08-21T12:00:00Z"},   // the day is left out, for ever
	}
	for _, tt := range tests {
		day, err := time.Parse(time.DateOnly, tt.day)
		if err != nil {
			t.Fatal(err)
		}
		y, m, d := day.Date()
		if got := geo.AtClock(y, m, d, tt.hour*60+tt.minute, location(t, tt.zone)).Format(time.RFC3339); got != tt.want {
			t.Errorf("%s %02d:%02d in %s is %s, want %s", tt.day, tt.hour, tt.minute, tt.zone, got, tt.want)
		}
	}
}

// At the instant clocks show the wanted minute or a later one, and a second before they had never done so: whatever the zone and day.
func TestAtClockIsTheFirstInstant(t *testing.T) {
	t.Parallel()
	r, err := geo.Load()
	if err != nil {
		t.Fatal(err)
	}
	countries := r.Countries()
	rapid.Check(t, func(rt *rapid.T) {
		zone := r.Zone(rapid.SampledFrom(countries).Draw(rt, "country").Code)
		if zone == nil {
			zone = time.UTC
		}
		day := time.Date(1995, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 15000).Draw(rt, "day"))
		minute := rapid.IntRange(0, 24*60-1).Draw(rt, "minute")
		y, m, d := day.Date()
		at := geo.AtClock(y, m, d, minute, zone)
		wanted := day.Add(time.Duration(minute) * time.Minute)
		if shown(at, zone).Before(wanted) {
			rt.Fatalf("%s shows %s, before %s", at, shown(at, zone), wanted)
		}
		for _, before := range []time.Duration{time.Second, time.Minute, time.Hour, 5 * time.Hour, 24 * time.Hour} {
			if earlier := at.Add(-before); !shown(earlier, zone).Before(wanted) {
				rt.Fatalf("%s before it, at %s, clocks show %s already", before, earlier, shown(earlier, zone))
			}
		}
	})
}

// shown is what clocks show, as if it were UTC.
func shown(at time.Time, zone *time.Location) time.Time {
	l := at.In(zone)
	return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), l.Nanosecond(), time.UTC)
}
