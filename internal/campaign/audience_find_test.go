package campaign

import (
	"context"
	"slices"
	"strconv"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

// begin lets a contact write something in the form without handing it in.
func (h *house) begin(contactID int64) {
	id := h.insert(`insert into contribution (cycle_id, contact_id, state, channel, capacity, name, language, started_at, updated_at)
values (?, ?, 'draft', 'form', 'individual', 'n', 'en', ?, ?)`, h.cycleID, contactID, start, start)
	h.write("insert into answer (contribution_id, question, text) values (?, 'q1', 'something')", id)
}

// sentBefore makes a campaign of long ago that these contacts were sent.
func (h *house) sentBefore(state string, contacts ...int64) StepRef {
	c := h.insert("insert into campaign (cycle_id, name, state, audience, created_at) values (?, 'Before', 'sent', '{}', ?)", h.cycleID, start)
	step := h.insert(`insert into campaign_step (campaign_id, position, kind, state, document_id, launched_at) values (?, 1, 'call', 'sent', ?, ?)`, c, h.message, start)
	for i, id := range contacts {
		h.write(`insert into delivery (id, step_id, contact_id, locale, stakeholder_group, region, state, sent_at) values (?, ?, ?, 'en', 'media', 'weog', ?, ?)`,
			step<<numberBits+int64(i)+1, step, id, state, start)
	}
	return StepRef{Campaign: c, Step: 1}
}

func TestAFilterFindsByWhatIsKnownAndWhatHappened(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		people := map[string]int64{}
		for _, name := range []string{"idle", "begun", "answered", "old", "bounced", "Forum"} {
			people[name] = h.contactIn(name, name+"@example.org", "en", "media", "weog")
		}
		people["lost"] = h.contactIn("lost", "", "en", "academia", "weog")
		h.write("update contact set expertise = 'dns-ixp ics' where id = ?", people["idle"])
		h.write("update contact set expertise = 'ics' where id = ?", people["begun"])
		h.write("update contact set expertise = 'dns-ixp-too' where id = ?", people["old"]) // only begins like another tag
		h.begin(people["begun"])
		h.respond(people["answered"])
		forum := h.insert("insert into nri (name, kind, created_at) values ('Forum', 'national', ?)", start)
		other := h.insert("insert into nri (name, kind, created_at) values ('Other', 'national', ?)", start)
		before := h.sentBefore("sent", people["old"], people["answered"])
		came := h.sentBefore("bounced", people["bounced"])
		failed := h.sentBefore("failed", people["idle"])
		id := func(n int64) string { return strconv.FormatInt(n, 10) }
		for name, tt := range map[string]struct {
			a    Audience
			want []string
		}{
			"a tag":                    {Audience{Tags: []string{"dns-ixp"}}, []string{"idle"}},
			"one of two tags":          {Audience{Tags: []string{"dns-ixp", "ics"}}, []string{"idle", "begun"}},
			"a tag that nobody has":    {Audience{Tags: []string{"ddos"}}, nil},
			"any initiative":           {Audience{NRIs: []string{AnyNRI}}, []string{"Forum"}},
			"no initiative":            {Audience{NRIs: []string{NoNRI}}, []string{"idle", "begun", "answered", "old", "bounced", "lost"}},
			"an initiative":            {Audience{NRIs: []string{id(forum)}}, []string{"Forum"}},
			"another initiative":       {Audience{NRIs: []string{id(other)}}, nil},
			"none, or an initiative":   {Audience{NRIs: []string{NoNRI, id(forum)}, Tags: []string{"ics"}}, []string{"idle", "begun"}},
			"not started":              {Audience{Response: []Response{NotStarted}}, []string{"idle", "old", "bounced", "Forum", "lost"}},
			"started":                  {Audience{Response: []Response{Started}}, []string{"begun"}},
			"answered":                 {Audience{Response: []Response{Answered}}, []string{"answered"}},
			"started or answered":      {Audience{Response: []Response{Started, Answered}}, []string{"begun", "answered"}},
			"was sent":                 {Audience{Sent: []StepRef{before}}, []string{"old", "answered"}},
			"was sent one of two":      {Audience{Sent: []StepRef{before, came}}, []string{"old", "answered", "bounced"}},
			"was not sent":             {Audience{NotSent: []StepRef{before}, Response: []Response{NotStarted}}, []string{"idle", "bounced", "Forum", "lost"}},
			"was sent neither":         {Audience{NotSent: []StepRef{before, came}}, []string{"idle", "begun", "Forum", "lost"}},
			"what failed was not sent": {Audience{Sent: []StepRef{failed}}, nil},
			"never written to":         {Audience{NeverWritten: true}, []string{"idle", "begun", "Forum", "lost"}},
			"fields narrow each other": {Audience{NeverWritten: true, Tags: []string{"ics"}, Response: []Response{NotStarted}}, []string{"idle"}},
			"everybody, narrowed":      {Audience{All: true, Sent: []StepRef{came}}, []string{"bounced"}},
		} {
			q := snapshot{cycleID: h.cycleID, audience: tt.a}
			tx := h.db.Read(ctx)
			h.must(q.loadInitiatives(tx, &groundwork{}))
			var got, want []int64
			condition, args := q.listed(tx.Dialect())
			h.must(tx.Scan(&got, "select l.contact_id"+listedFrom+condition, args...))
			for _, n := range tt.want {
				want = append(want, people[n])
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v of %v", name, got, want, people)
			}
			found, err := h.Find(ctx, h.officer, h.cycleID, tt.a)
			h.must(err)
			if found.Count != len(want) {
				t.Errorf("%s: the count says %d, want %d", name, found.Count, len(want))
			}
		}
		found, err := h.Find(ctx, h.officer, h.cycleID, Audience{All: true})
		h.must(err)
		if found.Count != 7 || found.Mailable != 6 || !slices.Equal(found.Groups, []GroupCount{{"media", 6, 6}, {"academia", 1, 0}}) {
			t.Errorf("found %+v", found)
		}
		h.refusesUnknown(t, before)
	})
}

// refusesUnknown: what does not exist is told at its field.
func (h *house) refusesUnknown(t *testing.T, before StepRef) {
	t.Helper()
	ctx := context.Background()
	for field, a := range map[string]Audience{
		"audience":          {},
		"audience.tags":     {Tags: []string{"ics", "knitting"}},
		"audience.nris":     {NRIs: []string{"4711"}},
		"audience.response": {Response: []Response{"bored"}},
		"audience.sent":     {Sent: []StepRef{before, {Campaign: before.Campaign, Step: 9}}},
		"audience.not_sent": {NotSent: []StepRef{{Campaign: 4711, Step: 1}}},
	} {
		_, err := h.Find(ctx, h.officer, h.cycleID, a)
		if fields := errs.FieldsOf(err); len(fields) != 1 || fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
		_, err = h.Create(ctx, h.officer, Proposal{CycleID: h.cycleID, Name: "x", Audience: a})
		if fields := errs.FieldsOf(err); len(fields) != 1 || fields[0].Name != field {
			t.Errorf("%s, made into a campaign: %v", field, err)
		}
	}
}

// Follow-ups go to whoever was sent the call, though by then they were written to and have begun to answer.
func TestFollowUpsDoNotAskAgainWhatTheSendingChanged(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		ids := h.contacts(3)
		before := h.sentBefore("sent", ids[2])
		c, err := h.Create(ctx, h.officer, Proposal{
			CycleID: h.cycleID, Name: "The call", Audience: Audience{NeverWritten: true, Response: []Response{NotStarted}, NotSent: []StepRef{before}},
			Steps: []StepDraft{{Kind: Call, DocumentID: h.message}, {Kind: FollowUp, DocumentID: h.followUp, OffsetDays: 7, OffsetFrom: FromLaunch}},
		})
		h.must(err)
		_, err = h.Freeze(ctx, h.officer, c.ID)
		h.must(err)
		_, err = h.Approve(ctx, h.approver, c.ID)
		h.must(err)
		h.chunk = 1 // what the chunk before made is of the same step
		_, err = h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		h.settle()
		h.begin(ids[0])
		if in, err := inAudience(h.db.Read(ctx), &c, ids[0]); err != nil || !in {
			t.Errorf("a volunteer may not follow up: %v", err)
		}
		if in, err := inAudience(h.db.Read(ctx), &c, ids[2]); err != nil || in {
			t.Errorf("a volunteer may write to somebody who is not in the audience: %v", err)
		}
		h.clock.Advance(8 * day)
		h.settle()
		for _, step := range h.load(c.ID).Steps {
			if got := h.states(step.ID); got["sent"] != 2 || len(got) != 1 {
				t.Errorf("step %d: %v", step.Position, got)
			}
		}
	})
}

// A slip in a filter would leave people out without a word: it is refused at its field, and named.
func TestAFilterNamesOnlyWhatThereIs(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		h.contactIn("Own", "own@example.org", "pt-BR", "observers", "weog") // a group of the cycle's own
		for name, tt := range map[string]struct {
			a            Audience
			field, named string
		}{
			"a language":          {Audience{Languages: []string{"en", "spansh"}}, "audience.languages", "spansh"},
			"no tag at all":       {Audience{Languages: []string{"en", "%"}}, "audience.languages", "%"},
			"no language":         {Audience{Languages: []string{"und"}}, "audience.languages", "und"},
			"a country":           {Audience{Countries: []string{"MX", "XX"}}, "audience.countries", "XX"},
			"a country's name":    {Audience{Countries: []string{"Brazul"}}, "audience.countries", "Brazul"},
			"a stakeholder group": {Audience{Groups: []string{"media", "medya"}}, "audience.stakeholder_groups", "medya"},
			"a region":            {Audience{Regions: []string{"grulack"}}, "audience.regions", "grulack"},
		} {
			_, err := h.Find(ctx, h.officer, h.cycleID, tt.a)
			fields := errs.FieldsOf(err)
			if !errs.Is(err, errs.Invalid) || len(fields) != 1 || fields[0].Name != tt.field {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if word, _ := fields[0].Args["Word"].(string); word != tt.named {
				t.Errorf("%s is named %q", name, word)
			}
		}
		found, err := h.Find(ctx, h.officer, h.cycleID, Audience{Groups: []string{"observers"}, Languages: []string{"PT-br"}})
		if err != nil || found.Count != 1 {
			t.Errorf("a group of the cycle and a code in other letters find %+v, %v", found, err)
		}
	})
}
