package campaign

import (
	"slices"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

// legal are the moves of the house plan, written once more, so that a change of the table needs two.
func TestStatesOfACampaign(t *testing.T) {
	t.Parallel()
	legal := map[State][]State{
		Draft: {InReview, Cancelled}, InReview: {Draft, Approved, Cancelled}, Approved: {Scheduled, Sending, Cancelled},
		Scheduled: {Sending, Paused, Cancelled, Approved}, Sending: {Scheduled, Paused, Sent, Cancelled}, Paused: {Sending, Cancelled}, Sent: {Sending},
	}
	for _, from := range States() {
		for _, to := range States() {
			c := Campaign{State: from}
			err := c.move(to)
			want := slices.Contains(legal[from], to)
			if (err == nil) != want || err != nil && (!errs.Is(err, errs.Conflict) || c.State != from) {
				t.Errorf("%s → %s: %v, state %s", from, to, err, c.State)
			}
		}
	}
}

func TestMethodsRefuseIllegalMoves(t *testing.T) {
	t.Parallel()
	by, now, revision := int64(7), time.Now(), int64(1)
	methods := map[string]struct {
		from []State
		call func(c *Campaign) error
	}{
		"submit":    {[]State{Draft}, func(c *Campaign) error { return c.Submit(&by, now) }},
		"approve":   {[]State{InReview}, func(c *Campaign) error { return c.Approve(by, false, now) }},
		"send back": {[]State{InReview}, (*Campaign).SendBack},
		"launch":    {[]State{Approved}, func(c *Campaign) error { return c.Launch(&by) }},
		"pause":     {[]State{Scheduled, Sending}, (*Campaign).Pause},
		"resume":    {[]State{Paused}, (*Campaign).Resume},
		"wait":      {[]State{Sending, Approved}, (*Campaign).Wait},
		"finish":    {[]State{Sending}, func(c *Campaign) error { return c.Finish(now) }},
		"complete":  {[]State{Scheduled, Sending, Paused, Sent}, (*Campaign).Complete},
		"cancel":    {[]State{Draft, InReview, Approved, Scheduled, Sending, Paused}, func(c *Campaign) error { return c.Cancel(now) }},
	}
	for name, m := range methods {
		for _, from := range States() {
			c := Campaign{State: from, Steps: []Step{{RevisionID: &revision}}}
			if err := m.call(&c); (err == nil) != slices.Contains(m.from, from) {
				t.Errorf("%s from %s: %v", name, from, err)
			}
		}
	}
}

func TestTheAuthorMayNotApprove(t *testing.T) {
	t.Parallel()
	author, submitter, other := int64(1), int64(2), int64(3)
	tests := []struct {
		by        int64
		authorMay bool
		want      errs.Code
	}{
		{author, false, errs.Forbidden}, {submitter, false, errs.Forbidden}, {other, false, ""}, {author, true, ""},
	}
	for _, tt := range tests {
		c := Campaign{State: InReview, CreatedBy: &author, SubmittedBy: &submitter}
		if err := c.Approve(tt.by, tt.authorMay, time.Now()); errs.CodeOf(err) != tt.want {
			t.Errorf("by %d, author may %v: %v", tt.by, tt.authorMay, err)
		}
	}
}

func TestStatesOfADelivery(t *testing.T) {
	t.Parallel()
	legal := map[DeliveryState][]DeliveryState{
		DeliveryPlanned:   {DeliveryQueued, DeliverySkipped, DeliveryDeferred},
		DeliveryQueued:    {DeliverySent, DeliverySkipped, DeliveryDeferred, DeliveryFailed, DeliveryUncertain},
		DeliveryDeferred:  {DeliveryQueued, DeliverySkipped},
		DeliveryUncertain: {DeliverySent, DeliveryQueued},
		DeliverySent:      {DeliveryBounced, DeliveryComplained, DeliveryQueued},
		DeliveryFailed:    {DeliveryQueued},
		DeliverySkipped:   {DeliveryQueued},
	}
	for _, from := range DeliveryStates() {
		for _, to := range DeliveryStates() {
			if from.Can(to) != slices.Contains(legal[from], to) {
				t.Errorf("%s → %s: %v", from, to, from.Can(to))
			}
		}
	}
}

func TestStatesOfAStep(t *testing.T) {
	t.Parallel()
	all := []StepState{StepPlanned, StepLaunching, StepSending, StepSent, StepCancelled}
	legal := map[StepState][]StepState{
		StepPlanned: {StepLaunching, StepCancelled}, StepLaunching: {StepSending, StepCancelled}, StepSending: {StepSent, StepCancelled, StepLaunching}, StepSent: {StepLaunching, StepSending},
	}
	for _, from := range all {
		for _, to := range all {
			s := Step{State: from}
			if err := s.move(to); (err == nil) != slices.Contains(legal[from], to) {
				t.Errorf("%s → %s: %v", from, to, err)
			}
		}
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	call := StepDraft{Kind: Call}
	after := func(days int, from string) StepDraft {
		return StepDraft{Kind: FollowUp, OffsetDays: days, OffsetFrom: from}
	}
	tests := []struct {
		name  string
		steps []StepDraft
		ok    bool
	}{
		{"the call alone", []StepDraft{call}, true},
		{"three follow-ups", []StepDraft{call, after(7, FromLaunch), after(12, FromLaunch), after(-3, FromDeadline)}, true},
		{"none", nil, false},
		{"follow-up first", []StepDraft{after(7, FromLaunch)}, false},
		{"two calls", []StepDraft{call, call}, false},
		{"four follow-ups", []StepDraft{call, after(5, FromLaunch), after(10, FromLaunch), after(15, FromLaunch), after(20, FromLaunch)}, false},
		{"too soon after the launch", []StepDraft{call, after(4, FromLaunch)}, false},
		{"too soon after the last", []StepDraft{call, after(7, FromLaunch), after(11, FromLaunch)}, false},
		{"after more days than a time can have", []StepDraft{call, after(1_000_000, FromLaunch)}, false},
		{"more than a year before the deadline", []StepDraft{call, after(-366, FromDeadline)}, false},
		{"counted from nothing", []StepDraft{call, after(7, "easter")}, false},
	}
	for _, tt := range tests {
		if got := validateSteps(tt.steps); (len(got) == 0) != tt.ok {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestDue(t *testing.T) {
	t.Parallel()
	at := func(days int) *time.Time {
		d := start.AddDate(0, 0, days)
		return &d
	}
	tests := []struct {
		name                         string
		step                         Step
		launched, deadline, previous *time.Time
		want                         *time.Time
	}{
		{"after the launch", Step{Kind: FollowUp, OffsetDays: 7, OffsetFrom: FromLaunch}, at(0), nil, at(0), at(7)},
		{"before the deadline", Step{Kind: FollowUp, OffsetDays: -3, OffsetFrom: FromDeadline}, at(0), at(31), at(7), at(28)},
		{"never sooner than five days after the last", Step{Kind: FollowUp, OffsetDays: 7, OffsetFrom: FromLaunch}, at(0), nil, at(6), at(11)},
		{"not launched", Step{Kind: FollowUp, OffsetDays: 7, OffsetFrom: FromLaunch}, nil, nil, nil, nil},
		{"no deadline", Step{Kind: FollowUp, OffsetDays: 7, OffsetFrom: FromDeadline}, at(0), nil, at(0), nil},
		{"the call", Step{Kind: Call, OffsetFrom: FromLaunch}, at(0), nil, nil, nil},
	}
	for _, tt := range tests {
		if got := tt.step.due(tt.launched, tt.deadline, tt.previous); !same(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestBackoffGrowsAndSpreads(t *testing.T) {
	t.Parallel()
	var total time.Duration
	for n := 1; n < 18; n++ {
		low, high := backoff(n, 0), backoff(n, 1)
		if low >= high || low < firstBackoff*4/5 || high > longestBackoff*6/5 {
			t.Errorf("after %d tries: %s to %s", n, low, high)
		}
		total += backoff(n, 0.5)
	}
	if total < tryFor-longestBackoff || total > tryFor+longestBackoff {
		t.Errorf("18 tries take %s, want about %s", total, tryFor)
	}
}

func TestIDsOfABatch(t *testing.T) {
	t.Parallel()
	for _, ref := range []BatchRef{{1, 0}, {1, 1}, {7, 1999}} {
		first, last := ref.ids()
		if last-first+1 != BatchSize || batchOf(first) != ref || batchOf(last) != ref || batchOf(last+1) == ref || batchOfKey(ref.key()) != ref {
			t.Errorf("%v: %d to %d, batches %v and %v", ref, first, last, batchOf(first), batchOf(last))
		}
	}
}

func TestAnEmptyFilterMeansNobody(t *testing.T) {
	t.Parallel()
	if !(Audience{}).Empty() || len((Audience{}).validate()) == 0 {
		t.Error("an empty filter is accepted")
	}
	if (Audience{All: true}).Empty() || (Audience{Regions: []string{"weog"}}).Empty() {
		t.Error("a filter that says whom it means is empty")
	}
	if len((Audience{Groups: []string{"x' or 1=1"}}).validate()) == 0 {
		t.Error("anything is accepted as a group")
	}
}
