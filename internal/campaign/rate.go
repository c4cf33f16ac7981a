package campaign

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

// Rate is at most so many messages in a time. The zero Rate is no limit.
type Rate struct {
	Count int
	Per   string // second, minute or hour
}

// The times of a rate.
const (
	PerSecond = "second"
	PerMinute = "minute"
	PerHour   = "hour"
)

// Pers lists them, the shortest first.
func Pers() []string { return []string{PerSecond, PerMinute, PerHour} }

// maxRate is more than anything sends.
const maxRate = 1_000_000

// Limited says whether there is a limit.
func (r Rate) Limited() bool { return r.Count > 0 }

// Second is the rate in messages a second.
func (r Rate) Second() float64 {
	per := map[string]float64{PerSecond: 1, PerMinute: 60, PerHour: 3600}[r.Per]
	if per == 0 {
		return 0
	}
	return float64(r.Count) / per
}

// burst is how many messages may leave at once after a pause: what two seconds bring, so that nothing of the rate is lost between
// two looks.
func (r Rate) burst() int { return max(1, int(math.Ceil(2*r.Second()))) }

func (r Rate) validate() error {
	var wrong []errs.Field
	switch {
	case r.Count < 0:
		wrong = append(wrong, errs.FieldError("count", "field.number_min", "Min", 1))
	case r.Count > maxRate:
		wrong = append(wrong, errs.FieldError("count", "field.number_max", "Max", maxRate))
	}
	if r.Limited() && r.Second() == 0 {
		wrong = append(wrong, errs.FieldError("per", "field.choice"))
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// Limits are those of the installation: over all campaigns, and for each domain of recipients.
type Limits struct {
	Overall Rate
	Domain  Rate            // of every domain that is not named
	Domains map[string]Rate // by domain, in lower case
}

// Token is a bucket from which every message needs one token.
type Token struct {
	Key    string
	Second float64 // tokens that are added in a second
	Burst  int     // that are kept at most
}

// Portion is how many messages go to a domain. Without a key the domain has no limit.
type Portion struct {
	Token
	Want int
}

// Buckets hand out tokens to all workers together.
type Buckets interface {
	// Take takes tokens for all portions at once, one of each of the shared buckets and one of the portion's own for each message. It
	// says how many messages of each portion got theirs, and when to ask again where some did not. While nobody can be asked
	// the error is errs.Unavailable, and nobody got any.
	Take(ctx context.Context, shared []Token, portions []Portion) (granted []int, wait time.Duration, err error)
	// Give puts back what was taken for so many messages and not used.
	Give(ctx context.Context, shared []Token, portions []Portion) error
}

// Waits says why a batch waits before it is taken again.
type Waits string

// What a batch may wait for, besides the hours and pauses of its deliveries.
const (
	WaitsNot    Waits = ""
	WaitsRate   Waits = "rate"   // a limit
	WaitsLimits Waits = "limits" // limits are set, and nobody can say how much of them is left
	WaitsServer Waits = "server" // the mail server is away
)

// What else a campaign may wait for.
const (
	WaitsQueue Waits = "queue" // the queue is away
	WaitsHour  Waits = "hour"  // all that is left waits for the hour of its readers
	WaitsLater Waits = "later" // all that is left is tried again later
	// WaitsDecision is for somebody to say what became of messages that may or may not have been accepted, which are all that is left.
	WaitsDecision Waits = "decision"
)

// permits are the tokens of a round.
type permits struct {
	shared   []Token
	portions []Portion
	of       []int // the portion of each envelope
}

// permit keeps of a round's messages those that the limits let go now; the others stay queued, and the round says when to come
// back. Where nothing is limited it asks nobody.
func (s *Service) permit(ctx context.Context, r *round, envelopes []mail.Envelope) ([]mail.Envelope, *permits) {
	p := s.wanted(r, envelopes)
	if p == nil {
		return envelopes, nil
	}
	granted, wait, err := s.tokens(ctx, p)
	if err != nil {
		s.Log.WarnContext(ctx, "a batch waits because nobody can say what the limits leave", "step", r.ref.StepID, "batch", r.ref.Number, "error", err)
		r.wait(s.Now().Add(awayPause), WaitsLimits)
		return nil, nil
	}
	var let []mail.Envelope
	var of []int
	left := granted
	for i, e := range envelopes {
		if at := p.of[i]; left[at] > 0 {
			left[at]--
			let, of = append(let, e), append(of, at)
		}
	}
	if len(let) < len(envelopes) {
		r.wait(s.Now().Add(wait), WaitsRate)
		if len(let) == 0 {
			s.rest.until(r.ref, s.Now().Add(min(wait, longestRest)))
		}
	}
	p.of = of
	return let, p
}

func (s *Service) tokens(ctx context.Context, p *permits) ([]int, time.Duration, error) {
	if s.Buckets == nil {
		return nil, 0, errs.E(errs.Unavailable, "error.queue_away")
	}
	return s.Buckets.Take(ctx, p.shared, p.portions)
}

// wanted are the tokens that a round's messages need; nil where nothing is limited.
func (s *Service) wanted(r *round, envelopes []mail.Envelope) *permits {
	p := &permits{}
	if s.Limits.Overall.Limited() {
		p.shared = append(p.shared, token("all", s.Limits.Overall))
	}
	if rate := r.campaign.Rate; rate.Limited() && !r.ref.Personal() {
		p.shared = append(p.shared, token("campaign:"+idText(r.campaign.ID), rate))
	}
	byDomain := s.Limits.Domain.Limited() || len(s.Limits.Domains) > 0
	if len(envelopes) == 0 || len(p.shared) == 0 && !byDomain {
		return nil
	}
	known := map[string]int{}
	p.of = make([]int, len(envelopes))
	for i, e := range envelopes {
		domain := ""
		var rate Rate
		if byDomain {
			domain = domainOf(e.To)
			if rate = s.Limits.of(domain); !rate.Limited() {
				domain = ""
			}
		}
		at, ok := known[domain]
		if !ok {
			at = len(p.portions)
			known[domain] = at
			portion := Portion{}
			if domain != "" {
				portion.Token = token("domain:"+domain, rate)
			}
			p.portions = append(p.portions, portion)
		}
		p.portions[at].Want++
		p.of[i] = at
	}
	return p
}

func token(key string, r Rate) Token { return Token{Key: key, Second: r.Second(), Burst: r.burst()} }

// of is the limit of a domain.
func (l Limits) of(domain string) Rate {
	if rate, ok := l.Domains[domain]; ok {
		return rate
	}
	return l.Domain
}

func domainOf(email string) string {
	return strings.ToLower(email[strings.LastIndexByte(email, '@')+1:])
}

// giveLeft puts back the tokens of messages that nobody began to send.
func (s *Service) giveLeft(ctx context.Context, p *permits, results []mail.Result) {
	if p == nil {
		return
	}
	for i := range p.portions {
		p.portions[i].Want = 0
	}
	left := 0
	for i, result := range results {
		if result.Outcome == mail.NotSent {
			p.portions[p.of[i]].Want++
			left++
		}
	}
	if left == 0 {
		return
	}
	if err := s.Buckets.Give(context.WithoutCancel(ctx), p.shared, p.portions); err != nil {
		s.Log.WarnContext(ctx, "tokens of messages that did not leave are lost", "error", err)
	}
}

// wait lets the round's batch come back at a time.
func (r *round) wait(until time.Time, why Waits) { r.notBefore, r.waits = &until, why }

// SetRate limits how many messages of a campaign leave in a time; the zero Rate takes the limit away. It takes effect within a
// second, also while the campaign is sending, and needs no new approval.
func (s *Service) SetRate(ctx context.Context, by account.Actor, id int64, rate Rate) (Campaign, error) {
	if err := by.Require(account.CampaignLaunch); err != nil {
		return Campaign{}, err
	}
	if rate.Count == 0 {
		rate = Rate{}
	}
	if err := rate.validate(); err != nil {
		return Campaign{}, err
	}
	c, err := s.change(ctx, by.Who, id, "campaign.rate_set", func(tx *db.Tx, c *Campaign) (map[string]any, error) {
		if c.State == Sent || c.State == Cancelled {
			return nil, errs.E(errs.Conflict, "campaign.rate.over")
		}
		before := c.Rate
		c.Rate = rate
		return map[string]any{"rate": rate, "rate_before": before}, hurryLimited(tx, c.ID)
	})
	if err == nil && c.State == Sending {
		if err := s.sweepBatches(ctx); err != nil {
			s.Log.WarnContext(ctx, "the new limit waits for the queue", "campaign", id, "error", err)
		}
	}
	return c, errs.Wrap("campaign.set_rate", err)
}
