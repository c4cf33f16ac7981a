package geo

import (
	"fmt"
	"maps"
	"time"
)

// Zone is the principal time zone of a country, by its alpha-2 code; nil where none is known. A country may have others
// (data/README.md).
func (r *Reference) Zone(country string) *time.Location { return r.zones[country] }

// Zones are the principal time zones of all countries that have one, by alpha-2 code.
func (r *Reference) Zones() map[string]*time.Location { return maps.Clone(r.zones) }

func loadZones(r *Reference) error {
	rows, err := readTable("time_zones.csv", "alpha2", "zone")
	if err != nil {
		return err
	}
	r.zones = make(map[string]*time.Location, len(rows))
	for _, row := range rows {
		if _, ok := r.byCode[row["alpha2"]]; !ok {
			return fmt.Errorf("time_zones.csv: unknown code %q", row["alpha2"])
		}
		if row["zone"] == "" {
			continue
		}
		if r.zones[row["alpha2"]], err = time.LoadLocation(row["zone"]); err != nil {
			return fmt.Errorf("time_zones.csv: %w", err)
		}
	}
	return nil
}

// AtClock is the first instant at which clocks in the zone show this minute of the day (y, m, d), or a later one: an hour that
// exists twice is its first time, one that is left out by a change of the clocks ends where they go on, and a day that is left out
// at the date line is the beginning of the next.
func AtClock(y int, m time.Month, d, minute int, zone *time.Location) time.Time {
	wanted := time.Date(y, m, d, 0, minute, 0, 0, time.UTC)
	from := wanted.Add(-26 * time.Hour) // before it everywhere: no zone is further than 15 hours and a quarter from UTC
	for {
		_, offset := from.In(zone).Zone()
		_, end := from.In(zone).ZoneBounds()
		at := wanted.Add(-time.Duration(offset) * time.Second)
		switch {
		case at.Before(from): // clocks jumped over it
			return from.UTC()
		case end.IsZero() || at.Before(end):
			return at.UTC()
		}
		from = end
	}
}
