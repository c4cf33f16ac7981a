package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Rate is at most so many messages in a second, minute or hour; the zero Rate is no limit.
type Rate struct {
	Count int
	Per   string // second, minute or hour
}

// String is the rate as it is set.
func (r Rate) String() string {
	if r.Count == 0 {
		return "no limit"
	}
	return fmt.Sprintf("%d/%s", r.Count, r.Per)
}

// DomainRate is the rate for the recipients of a domain.
type DomainRate struct {
	Domain string // in lower case, as mail is addressed (xn--… for other scripts)
	Rate   Rate
}

const (
	rateRight  = "write a number and a time, like 50/second, 600/minute or 20000/hour"
	domainText = "write DEFAULT and then DOMAIN=RATE, separated by commas, like 20/second, big.example=300/minute; none lifts the limit for a domain"
	mostRate   = 1_000_000
)

// parseRate reads 50/second, 600/minute, 20000/hour, or their first letters; ok is false for anything else.
func parseRate(text string) (r Rate, ok bool) {
	count, per, found := strings.Cut(strings.TrimSpace(text), "/")
	n, err := strconv.Atoi(strings.TrimSpace(count))
	if !found || err != nil || n < 1 || n > mostRate {
		return r, false
	}
	switch strings.TrimSpace(per) {
	case "second", "s":
		r.Per = "second"
	case "minute", "m":
		r.Per = "minute"
	case "hour", "h":
		r.Per = "hour"
	default:
		return r, false
	}
	r.Count = n
	return r, true
}

// readRates reads the limits of sending.
func (c *Config) readRates(overall, domains string) error {
	if overall != "" {
		rate, ok := parseRate(overall)
		if !ok {
			return Error{SendRate, fmt.Sprintf("%q is no rate", overall), rateRight}
		}
		c.SendRate = rate
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(domains, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		domain, text, named := strings.Cut(part, "=")
		if !named {
			domain, text = "", part
		}
		domain = strings.ToLower(strings.TrimSpace(domain))
		rate, ok := parseRate(text)
		if named && strings.TrimSpace(text) == "none" {
			ok = true
		}
		if !ok || named && (!strings.Contains(domain, ".") || strings.ContainsAny(domain, "@ /")) || seen[domain] {
			return Error{DomainRates, fmt.Sprintf("%q is no rate of a domain, or a second one", part), domainText}
		}
		if seen[domain] = true; !named {
			c.DomainRate = rate
			continue
		}
		c.DomainRates = append(c.DomainRates, DomainRate{Domain: domain, Rate: rate})
	}
	return nil
}
