package campaign

import (
	"slices"
	"testing"
	"time"
)

func TestWhatComesNext(t *testing.T) {
	t.Parallel()
	at := func(days int) *time.Time { v := start.AddDate(0, 0, days); return &v }
	call := Step{ID: 1, Position: 1, Kind: Call, State: StepSent, LaunchedAt: at(0)}
	second := Step{ID: 2, Position: 2, Kind: FollowUp, State: StepPlanned, DueAt: at(7)}
	third := Step{ID: 3, Position: 3, Kind: FollowUp, State: StepPlanned, DueAt: at(14)}
	in := func(s Step, state StepState) Step { s.State = state; return s }
	d := func(step int64, state DeliveryState, reason Reason) Delivery {
		return Delivery{ID: step << numberBits, StepID: step, State: state, Reason: reason}
	}
	with := func(change func(*Standing), deliveries ...Delivery) Standing {
		s := Standing{State: Scheduled, Steps: []Step{call, second, third}, Deliveries: deliveries, Listed: true, Now: start.AddDate(0, 0, 1)}
		if change != nil {
			change(&s)
		}
		return s
	}
	sent := d(1, DeliverySent, "")
	later := d(1, DeliveryDeferred, "")
	later.Until = at(2)
	at3 := d(1, DeliverySent, "")
	at3.SentAt = at(3)
	nothing := func(r Reason, step int) Next { return Next{Kind: NextNothing, Reason: r, Step: step} }
	tests := map[string]struct {
		standing Standing
		want     Next
	}{
		"answered":                      {with(func(s *Standing) { s.Against = Responded }, sent), nothing(Responded, 0)},
		"opted out":                     {with(func(s *Standing) { s.Against = Suppressed }, sent), nothing(Suppressed, 0)},
		"no more of this":               {with(func(s *Standing) { s.Against = OptedOut }, sent), nothing(OptedOut, 0)},
		"no reminders":                  {with(func(s *Standing) { s.Fewer = true }, sent), nothing(FewerReminders, 0)},
		"declined":                      {with(func(s *Standing) { s.Against = Declined }, sent), nothing(Declined, 0)},
		"cancelled":                     {with(func(s *Standing) { s.State = Cancelled }, sent), nothing(WasCancelled, 0)},
		"complained":                    {with(nil, d(1, DeliveryComplained, "")), nothing(HasComplained, 0)},
		"bounced":                       {with(nil, d(1, DeliveryBounced, "")), nothing(Bounced, 0)},
		"uncertain":                     {with(nil, d(1, DeliveryUncertain, NoReply)), Next{Kind: NextDecision, Step: 1}},
		"queued":                        {with(nil, d(1, DeliveryQueued, "")), Next{Kind: NextGoing, Step: 1}},
		"deferred":                      {with(nil, later), Next{Kind: NextWaits, Step: 1, At: at(2)}},
		"paused, queued":                {with(func(s *Standing) { s.State = Paused }, d(1, DeliveryQueued, "")), Next{Kind: NextPaused, Step: 1}},
		"paused, sent":                  {with(func(s *Standing) { s.State = Paused }, sent), Next{Kind: NextPaused, Step: 2}},
		"failed":                        {with(nil, d(1, DeliveryFailed, NoMailbox)), nothing(NoMailbox, 1)},
		"full":                          {with(nil, d(1, DeliveryFailed, MailboxFull)), nothing(MailboxFull, 1)},
		"refused":                       {with(nil, d(1, DeliveryFailed, Refused)), nothing(Refused, 1)},
		"policy":                        {with(nil, d(1, DeliveryFailed, RefusedMessage)), nothing(RefusedMessage, 1)},
		"letters":                       {with(nil, d(1, DeliveryFailed, Unencodable)), nothing(Unencodable, 1)},
		"size":                          {with(nil, d(1, DeliveryFailed, TooLarge)), nothing(TooLarge, 1)},
		"domain":                        {with(nil, d(1, DeliveryFailed, NoDomain)), nothing(NoDomain, 1)},
		"gave up":                       {with(nil, d(1, DeliveryFailed, GaveUp)), nothing(GaveUp, 1)},
		"follow-up failed, one to come": {with(nil, sent, d(2, DeliveryFailed, MailboxFull)), Next{Kind: NextFollowUp, Step: 3, At: at(14)}},
		"last follow-up failed":         {with(nil, sent, d(3, DeliveryFailed, MailboxFull)), nothing(MailboxFull, 3)},
		"follow-up to come":             {with(nil, sent), Next{Kind: NextFollowUp, Step: 2, At: at(7)}},
		"the second to come":            {with(nil, sent, d(2, DeliverySent, "")), Next{Kind: NextFollowUp, Step: 3, At: at(14)}},
		"being launched":                {with(func(s *Standing) { s.State, s.Steps[1] = Sending, in(second, StepLaunching) }, sent), Next{Kind: NextGoing, Step: 2}},
		"all were sent":                 {with(func(s *Standing) { s.State = Sent }, sent, d(2, DeliverySent, ""), d(3, DeliverySent, "")), nothing(NothingLeft, 0)},
		"no follow-ups":                 {with(func(s *Standing) { s.State, s.Steps = Sent, []Step{call} }, sent), nothing(NoFollowUp, 0)},
		"no address any more":           {with(func(s *Standing) { s.Address = Bounced }, sent), nothing(Bounced, 0)},
		"promised":                      {with(func(s *Standing) { s.Promised = at(20) }, sent), Next{Kind: NextNothing, Reason: Promised, Step: 2, At: at(20)}},
		"promised for the first of two": {with(func(s *Standing) { s.Promised = at(10) }, sent), Next{Kind: NextFollowUp, Step: 3, At: at(14)}},
		"made without them":             {with(func(s *Standing) { s.State, s.Steps[1] = Sending, in(second, StepSending) }, sent), Next{Kind: NextFollowUp, Step: 3, At: at(14)}},
		"sent late":                     {with(nil, at3), Next{Kind: NextFollowUp, Step: 2, At: at(10)}},
		"sent late, before a deadline":  {with(func(s *Standing) { s.Steps[1].OffsetFrom = FromDeadline }, at3), Next{Kind: NextFollowUp, Step: 2, At: at(8)}},
		"promised sooner":               {with(func(s *Standing) { s.Promised = at(5) }, sent), Next{Kind: NextFollowUp, Step: 2, At: at(7)}},
		"step over by then":             {with(func(s *Standing) { s.Steps[1].EndsAt = at(6) }, sent), nothing(StepEnded, 2)},
		"a volunteer has it": {
			with(func(s *Standing) { s.Volunteer, s.ClaimEnds = "Marta", at(9) }, sent),
			Next{Kind: NextVolunteer, Step: 2, At: at(9), Volunteer: "Marta"},
		},
		"a volunteer gives it back before": {with(func(s *Standing) { s.Volunteer, s.ClaimEnds = "Marta", at(6) }, sent), Next{Kind: NextFollowUp, Step: 2, At: at(7)}},
		"the volunteer comes first": {
			with(func(s *Standing) { s.Volunteer, s.ClaimEnds = "Marta", at(9) }, sent, d(2, DeliveryDeferred, VolunteerFirst)),
			Next{Kind: NextVolunteer, Step: 2, At: at(9), Volunteer: "Marta"},
		},
		"claimed at the launch": {
			with(func(s *Standing) { s.Volunteer, s.ClaimEnds = "Marta", at(9) }, d(1, DeliverySkipped, PersonalClaim)),
			Next{Kind: NextVolunteer, Step: 1, At: at(9), Volunteer: "Marta"},
		},
		"claim over":              {with(nil, d(1, DeliverySkipped, PersonalClaim)), nothing(PersonalClaim, 1)},
		"claim lost":              {with(nil, d(1, DeliverySkipped, ClaimLost)), nothing(ClaimLost, 1)},
		"sent in person":          {with(nil, d(1, DeliverySkipped, SentPersonally), sent), Next{Kind: NextFollowUp, Step: 2, At: at(7)}},
		"held":                    {with(nil, d(1, DeliverySkipped, HeldForTranslation)), nothing(HeldForTranslation, 1)},
		"no translation":          {with(nil, d(1, DeliverySkipped, NoTranslation)), nothing(NoTranslation, 1)},
		"duplicate address":       {with(nil, d(1, DeliverySkipped, DuplicateAddress)), nothing(DuplicateAddress, 1)},
		"merged":                  {with(nil, d(1, DeliverySkipped, Merged)), nothing(Merged, 1)},
		"dropped":                 {with(nil, d(1, DeliverySkipped, Dropped)), nothing(Dropped, 1)},
		"left out of a follow-up": {with(nil, sent, d(2, DeliverySkipped, Promised)), Next{Kind: NextFollowUp, Step: 3, At: at(14)}},
		"not launched":            {with(func(s *Standing) { s.State, s.Steps[0] = Approved, in(call, StepPlanned) }), Next{Kind: NextLaunch, Step: 1}},
		"launching":               {with(func(s *Standing) { s.State, s.Steps[0] = Sending, in(call, StepLaunching) }), Next{Kind: NextGoing, Step: 1}},
		"no address":              {with(func(s *Standing) { s.State, s.Steps[0], s.Address = Approved, in(call, StepPlanned), NoAddress }), nothing(NoAddress, 0)},
		"not for them":            {with(func(s *Standing) { s.Listed = false }), nothing(NotInAudience, 0)},
		"too late for":            {with(nil), nothing(NotInAudience, 0)},
	}
	var seen []Reason
	for name, tt := range tests {
		got := tt.standing.Next()
		if got.Kind != tt.want.Kind || got.Reason != tt.want.Reason || got.Step != tt.want.Step || !same(got.At, tt.want.At) || got.Volunteer != tt.want.Volunteer {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
		if got.Kind == NextNothing {
			seen = append(seen, got.Reason)
		}
	}
	for _, r := range Nothings() {
		if !slices.Contains(seen, r) {
			t.Errorf("%s is tried by no case", r)
		}
	}
	for _, r := range seen {
		if !slices.Contains(Nothings(), r) {
			t.Errorf("%s has no text", r)
		}
	}
}
