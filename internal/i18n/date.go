package i18n

import (
	"fmt"
	"strings"
	"time"
)

const aoeOffset = -12 * 60 * 60

// AnywhereOnEarth is the zone UTC−12: a day has ended there when it has ended everywhere.
func AnywhereOnEarth() *time.Location { return time.FixedZone("AoE", aoeOffset) }

// Date writes the day that t is in the zone (UTC for nil): "15 September 2017".
func (l *Localizer) Date(t time.Time, zone *time.Location) string {
	return l.day(l.spec.cal.long, t, zone)
}

// FullDate is Date with the day of the week: "Friday, 15 September 2017".
func (l *Localizer) FullDate(t time.Time, zone *time.Location) string {
	return l.day(l.spec.cal.full, t, zone)
}

// ShortDate is Date for a narrow column, the month still a word: "15 Sep 2017".
func (l *Localizer) ShortDate(t time.Time, zone *time.Location) string {
	return l.day(l.spec.cal.medium, t, zone)
}

// Time writes the time of day in the zone (UTC for nil), which it does not name: "14:00".
func (l *Localizer) Time(t time.Time, zone *time.Location) string {
	return t.In(orUTC(zone)).Format("15:04")
}

// DateTime writes an instant in the zone (UTC for nil) and names the zone:
// "15 September 2017, 14:00 (UTC)".
func (l *Localizer) DateTime(t time.Time, zone *time.Location) string {
	date, clock := l.Date(t, zone), l.Time(t, zone)
	if isAoE(zone) {
		return l.T("date.date_time_aoe", "Date", date, "Time", clock)
	}
	return l.T("date.date_time", "Date", date, "Time", clock, "Zone", l.Zone(t, zone))
}

// Zone names a zone as it is at t: "UTC", "UTC+5:30", "Europe/Zurich, UTC+2", or the
// text "anywhere on earth (UTC−12)".
func (l *Localizer) Zone(t time.Time, zone *time.Location) string {
	if isAoE(zone) {
		return l.T("date.aoe")
	}
	zone = orUTC(zone)
	_, seconds := t.In(zone).Zone()
	name := zone.String()
	if !strings.Contains(name, "/") || strings.HasPrefix(name, "Etc/") {
		return offset(seconds)
	}
	return strings.ReplaceAll(name, "_", " ") + ", " + offset(seconds)
}

// RelativeDays says how far away a day is: "today", "tomorrow", "in 3 days", "3 days ago".
func (l *Localizer) RelativeDays(days int) string {
	switch {
	case days == 0:
		return l.T("date.today")
	case days == 1:
		return l.T("date.tomorrow")
	case days == -1:
		return l.T("date.yesterday")
	case days > 0:
		return l.N("date.in_days", days)
	}
	return l.N("date.days_ago", -days)
}

// RelativeDate is RelativeDays from now to t, both taken as days in the zone (UTC for nil).
func (l *Localizer) RelativeDate(t, now time.Time, zone *time.Location) string {
	return l.RelativeDays(int(midnight(t, zone).Sub(midnight(now, zone)) / (24 * time.Hour)))
}

func (l *Localizer) day(pattern string, t time.Time, zone *time.Location) string {
	text := l.spec.cal.write(pattern, t.In(orUTC(zone)))
	if l.spec.Tag == PseudoTag {
		return Pseudo(text)
	}
	return text
}

// midnight is the start of t's day in the zone, moved to UTC so that every day has 24 hours.
func midnight(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(orUTC(zone)).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func orUTC(zone *time.Location) *time.Location {
	if zone == nil {
		return time.UTC
	}
	return zone
}

func isAoE(zone *time.Location) bool {
	if zone == nil {
		return false
	}
	name := strings.ToLower(zone.String())
	return name == "aoe" || name == "etc/gmt+12"
}

func offset(seconds int) string {
	if seconds == 0 {
		return "UTC"
	}
	sign := "+"
	if seconds < 0 {
		sign, seconds = "−", -seconds
	}
	hours, minutes := seconds/3600, seconds/60%60
	if minutes == 0 {
		return fmt.Sprintf("UTC%s%d", sign, hours)
	}
	return fmt.Sprintf("UTC%s%d:%02d", sign, hours, minutes)
}
