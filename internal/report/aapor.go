package report

// Dispositions are the final states of the units that were tried, by the Standard Definitions of
// the American Association for Public Opinion Research (AAPOR) for Internet surveys of specifically
// named persons. Every tried unit has one, the first that applies in the order below. A unit was tried
// where a message was sent to one of its contacts, whether it arrived or not, or an attempt was logged.
//
//	Complete     1.1   a counted contribution answers for the unit
//	Partial      1.2   an answer was begun and saved, and not handed in
//	Refused      2.11  somebody reached it, and it said no
//	Other        2.30  somebody reached it, and it neither answered nor said no
//	NonContact   2.20  attempts were logged and none reached it; no message to it arrived
//	NothingBack  3.19  a message arrived as far as we know, and nothing came back
//	Undelivered  3.30  every message to it came back or was refused
type Dispositions struct {
	Complete    int
	Partial     int
	Refused     int
	Other       int
	NonContact  int
	NothingBack int
	Undelivered int
}

// Tried is how many units have a disposition: the denominator of RR1, RR2, CON1 and REF1.
func (d Dispositions) Tried() int {
	return d.Contacted() + d.NonContact + d.NothingBack + d.Undelivered
}

// Contacted is how many are known to have been contacted: the denominator of COOP1.
func (d Dispositions) Contacted() int { return d.Complete + d.Partial + d.Refused + d.Other }

// Measure is one AAPOR rate as numerator and denominator.
type Measure struct {
	Name        string // "RR1"
	Numerator   int
	Denominator int
}

// Measures are the rates. All of unknown eligibility (3.x) stay in the denominators, as the minimum
// rates have it. Our own rate leaves undelivered invitations out and RR1 keeps them, so the two differ:
//
//	RR1   I / ((I+P) + (R+NC+O) + U)          minimum response rate
//	RR2   (I+P) / ((I+P) + (R+NC+O) + U)      the same with partial answers
//	CON1  ((I+P)+R+O) / ((I+P)+R+O+NC + U)    contact rate
//	COOP1 I / ((I+P)+R+O)                     cooperation rate
//	REF1  R / ((I+P)+(R+NC+O) + U)            refusal rate
//
// where I is Complete, P Partial, R Refused, O Other, NC NonContact and U NothingBack + Undelivered.
func (d Dispositions) Measures() []Measure {
	return []Measure{
		{"RR1", d.Complete, d.Tried()},
		{"RR2", d.Complete + d.Partial, d.Tried()},
		{"CON1", d.Contacted(), d.Tried()},
		{"COOP1", d.Complete, d.Contacted()},
		{"REF1", d.Refused, d.Tried()},
	}
}

// Shown says whether a percentage may be said of it.
func (m Measure) Shown() bool { return m.Denominator >= Floor }

// Funnel is how the list narrows to answers, and what became of all who were tried.
type Funnel struct {
	Counts
	Dispositions
}
