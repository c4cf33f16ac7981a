package i18n

import (
	"golang.org/x/text/number"
)

// noRate stands where there is nothing to divide by.
const noRate = "–"

// Number writes a whole number: "12,345", "12 345".
func (l *Localizer) Number(n int64) string {
	return l.printer.Sprint(l.decimal(n, magnitude(n)))
}

// Decimal writes a number with this many digits after the decimal separator.
func (l *Localizer) Decimal(v float64, digits int) string {
	return l.printer.Sprint(l.decimal(v, magnitude(int64(v)), number.Scale(digits)))
}

// Percent writes numerator/denominator as whole percents, halves rounded up: "37%", "37 %". Without a
// denominator it is a dash. Whether a rate may be shown at all (n/N beside it, N of 5 or
// more) is for the caller to decide.
func (l *Localizer) Percent(numerator, denominator int) string {
	if denominator <= 0 || numerator < 0 {
		return noRate
	}
	whole := (int64(numerator)*200 + int64(denominator)) / (2 * int64(denominator))
	return l.printer.Sprint(number.Percent(float64(whole)/100, number.MaxFractionDigits(0)))
}

// decimal is a number without separators where the language has none: CLDR lets Spanish
// group from five digits on, which x/text does not know.
func (l *Localizer) decimal(v any, size int64, opts ...number.Option) number.Formatter {
	if l.spec.Tag == "es" && size < 10_000 {
		opts = append(opts, number.NoSeparator())
	}
	return number.Decimal(v, opts...)
}

func magnitude(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
