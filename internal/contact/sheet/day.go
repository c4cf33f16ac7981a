package sheet

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// parseDay reads a year, a month or a day: 2017, 2017-03, 3/2017, 2017-03-24, 2017/3/24, 24.03.2017, 24/03/2017, also with
// a time behind it. It refuses 03/04/2017, which is two different
// days to two readers.
func parseDay(text string) (string, bool) {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "T")
	if day, _, found := strings.Cut(text, " "); found && strings.ContainsAny(day, "-./") {
		text = day
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '-' || r == '.' || r == '/' || r == '年' || r == '月' || r == '日' })
	for _, p := range parts {
		if !isDigits(p) || len(p) > 4 {
			return "", false
		}
	}
	switch {
	case len(parts) == 1 && len(parts[0]) == 4:
		return year(parts[0])
	case len(parts) == 2 && len(parts[0]) == 4:
		return month(parts[0], parts[1])
	case len(parts) == 2 && len(parts[1]) == 4:
		return month(parts[1], parts[0])
	case len(parts) != 3:
		return "", false
	case len(parts[0]) == 4:
		return day(parts[0], parts[1], parts[2])
	case len(parts[2]) != 4:
		return "", false
	case strings.Contains(text, "/"):
		return slashed(parts)
	}
	return day(parts[2], parts[1], parts[0])
}

// slashed tells 24/03/2017 from 03/24/2017 where it can.
func slashed(parts []string) (string, bool) {
	a, _ := strconv.Atoi(parts[0])
	b, _ := strconv.Atoi(parts[1])
	switch {
	case a > 12, a == b:
		return day(parts[2], parts[1], parts[0])
	case b > 12:
		return day(parts[2], parts[0], parts[1])
	}
	return "", false
}

func year(y string) (string, bool) {
	n, err := strconv.Atoi(y)
	return y, err == nil && n >= 1900 && n <= 2100
}

// month is the month of a year; of "2016-2018" and "2016/17", which are two years, the first.
func month(y, m string) (string, bool) {
	if _, ok := year(y); !ok {
		return "", false
	}
	n, err := strconv.Atoi(m)
	if err != nil || n < 1 || n > 12 {
		if len(m) == len(y) {
			y = min(y, m)
		}
		return year(y)
	}
	return fmt.Sprintf("%s-%02d", y, n), true
}

func day(y, m, d string) (string, bool) {
	if _, ok := year(y); !ok {
		return "", false
	}
	month, _ := strconv.Atoi(m)
	dayOfMonth, _ := strconv.Atoi(d)
	text := fmt.Sprintf("%s-%02d-%02d", y, month, dayOfMonth)
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return "", false
	}
	return text, true
}
