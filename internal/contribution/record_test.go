package contribution_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

func TestRecordForSomebody(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, c *clocktest.Clock) {
		id := k.Contact("Ministry", "en")
		c.Set(time.Date(2017, 9, 20, 0, 0, 0, 0, time.UTC))
		arrival := contribution.Arrival{
			CycleID: k.CycleID, ContactID: id, Channel: contribution.Phone, ReceivedAt: time.Date(2017, 9, 14, 0, 0, 0, 0, time.UTC),
			Answers: contribution.Answers{"q1": "By phone", "q5.follow_up": "The press"},
		}
		_, err := k.Save(ctx, nobody, k.Respond(id), contribution.Entry{Answers: contribution.Answers{"q3a": "unfinished"}})
		ok(t, err)
		got, err := k.Record(ctx, officer, arrival)
		ok(t, err)
		if got.State != contribution.Received || got.Late || got.Channel != contribution.Phone || *got.RecordedBy != 1 {
			t.Errorf("recorded: %+v", got)
		}
		full, err := k.Get(ctx, officer, got.ID)
		ok(t, err)
		if len(full.Answers) != 2 || full.Answers["q3a"] != "" {
			t.Errorf("answers %v: a draft must not be published for its author", full.Answers)
		}
		if n := k.Count("select count(*) from responded_contact where contact_id = ?", id); n != 1 {
			t.Errorf("counted %d times", n)
		}
		_, err = k.Record(ctx, officer, arrival)
		wants(t, "twice", err, errs.Conflict)

		_, err = k.Record(ctx, officer, contribution.Arrival{CycleID: k.CycleID, ContactID: 999, Channel: "fax", ReceivedAt: c.Now().Add(time.Hour), Language: "?"})
		if len(errs.FieldsOf(err)) == 0 {
			t.Errorf("nonsense: %v", err)
		}
		got, err = k.Record(ctx, officer, contribution.Arrival{
			CycleID: k.CycleID, Channel: contribution.MailingList, Consent: true, Answers: contribution.Answers{"q1": "From the list"},
			Profile: contribution.Profile{Name: "Somebody", Capacity: contribution.Individual, StakeholderGroup: "academia", Country: "KE"},
		})
		ok(t, err)
		if got.ContactID != nil || got.Region != "african_group" || !got.Late || got.State != contribution.Received {
			t.Errorf("unsolicited: %+v", got)
		}
		got, err = k.Publish(ctx, officer, got.ID)
		if err != nil || got.State != contribution.Published || got.CheckedAt == nil {
			t.Errorf("checked and published in one move: %+v, %v", got, err)
		}
		_, err = k.Withhold(ctx, officer, got.ID, " ")
		wants(t, "withholding without a reason", err, errs.Invalid)
		_, err = k.Withhold(ctx, officer, got.ID, "names a victim")
		ok(t, err)
		_, err = k.PublishedOne(ctx, k.CycleID, *got.PublicNumber)
		wants(t, "reading what is withheld", err, errs.Gone)
		if n := k.Count("select count(*) from audit_event where action = 'contribution.withheld' and after like '%names a victim%'"); n != 1 {
			t.Error("the reason is not in the trail")
		}
		counts, err := k.Counts(ctx, officer, k.CycleID)
		if err != nil || counts[contribution.Withheld] != 1 || counts[contribution.Received] != 1 {
			t.Errorf("counts %v, %v", counts, err)
		}
	})
}

func TestWhoMayRecordAndDecide(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, c *clocktest.Clock) {
		id := k.Contact("Ministry", "en")
		volunteer := account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: 1, Name: "V"}, Roles: []account.Role{account.Volunteer}}
		arrival := contribution.Arrival{CycleID: k.CycleID, ContactID: id, Channel: contribution.Email, Answers: contribution.Answers{"q1": "x"}}
		_, err := k.Record(ctx, volunteer, arrival)
		wants(t, "a volunteer without the claim", err, errs.Forbidden)
		k.Exec(`insert into claim (cycle_id, contact_id, volunteer_id, purpose, state, claimed_at, expires_at)
			values (?, ?, 1, 'reach_out', 'active', ?, ?)`, k.CycleID, id, c.Now(), c.Now().Add(time.Hour))
		c.Set(c.Now().Add(time.Hour))
		_, err = k.Record(ctx, volunteer, arrival)
		wants(t, "a volunteer whose claim has expired", err, errs.Forbidden)
		c.Set(c.Now().Add(-time.Minute))
		got, err := k.Record(ctx, volunteer, arrival)
		ok(t, err)
		_, err = k.Record(ctx, nobody, arrival)
		wants(t, "nobody", err, errs.Unauthorized)
		_, err = k.Publish(ctx, volunteer, got.ID)
		wants(t, "publishing", err, errs.Forbidden)
		_, err = k.Withhold(ctx, nobody, got.ID, "")
		wants(t, "withholding", err, errs.Unauthorized)
		_, _, err = k.List(ctx, volunteer, contribution.Filter{})
		wants(t, "listing", err, errs.Forbidden)
		_, err = k.Check(ctx, officer, 999)
		wants(t, "one that is not there", err, errs.NotFound)
	})
}

func TestContributeWithoutInvitation(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, c *clocktest.Clock) {
		p := contribution.Profile{
			Name: "Li Wei", Email: "Li@Example.org", Capacity: contribution.Organizational, Organization: "测试大学",
			StakeholderGroup: "academia", Country: "CN",
		}
		token, got, err := k.Start(ctx, nobody, k.CycleID, p, "zh")
		ok(t, err)
		if got.Region != "asia_pacific_group" || got.ContactID != nil || got.Channel != contribution.PublicForm {
			t.Errorf("started: %+v", got)
		}
		_, err = k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "好"}, Consent: yes()})
		ok(t, err)
		got, err = k.Submit(ctx, nobody, token)
		ok(t, err)
		if got.State != contribution.Published {
			t.Errorf("submitted: %+v", got)
		}
		if to := k.Text("select recipient from outgoing_mail"); to != "li@example.org" {
			t.Errorf("acknowledged to %q", to)
		}
		if k.Count("select count(*) from responded_contact") != 0 {
			t.Error("an unsolicited contribution is counted as a response")
		}
		if secret := k.Text("select secret_hash from contribution"); secret == "" || secret == token {
			t.Error("the secret is kept")
		}
		other, _, err := k.Start(ctx, nobody, k.CycleID, p, "zh")
		ok(t, err)
		if f, err := k.Open(ctx, other, ""); err != nil || len(f.Answers) != 0 {
			t.Errorf("another secret opens %+v, %v", f, err)
		}
		_, _, err = k.Start(ctx, nobody, k.CycleID, p, "zh")
		ok(t, err)
		_, _, err = k.Start(ctx, nobody, k.CycleID, p, "zh")
		wants(t, "a fourth form within the hour", err, errs.TooMany)
		_, _, err = k.Start(ctx, nobody, k.CycleID, contribution.Profile{Email: "nobody"}, "zh")
		if n := len(errs.FieldsOf(err)); n != 5 { // name, capacity, group, country, email
			t.Errorf("%d fields: %v", n, err)
		}
		_, err = k.Withdraw(ctx, nobody, token)
		ok(t, err)
		if k.Count("select count(*) from contribution where state = 'withdrawn' and email <> ''") != 0 {
			t.Error("the address stays after the withdrawal")
		}
	})
}

func TestTheFormMailsNobodyWhoUnsubscribed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		id := k.Contact("Ana", "pt")
		ok(t, k.Contacts.Stop(ctx, nobody, k.UnsubscribeToken(id), contact.Everything, contact.ByPage))
		email := k.Text("select email from contact_mailbox where contact_id = ?", id)
		token, _, err := k.Start(ctx, nobody, k.CycleID, contribution.Profile{
			Name: "Not Ana", Email: email, Capacity: contribution.Individual, StakeholderGroup: "media", Country: "BR",
		}, "pt")
		ok(t, err)
		_, err = k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "x"}})
		ok(t, err)
		_, err = k.Submit(ctx, nobody, token)
		ok(t, err)
		if n := k.Count("select count(*) from outgoing_mail"); n != 0 {
			t.Errorf("%d mails to a suppressed address", n)
		}
	})
}

// TestAnySequence holds a contributor's moves in any order against a small model.
func TestAnySequence(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clocktest.At(time.Date(2017, 8, 20, 10, 0, 0, 0, time.UTC))
		k := contributiontest.New(t, d, c.Now)
		rapid.Check(t, func(r *rapid.T) {
			id := k.Contact("Ana", "pt")
			token := k.Respond(id)
			state, answered, consent := contribution.State(""), false, false
			for range rapid.IntRange(1, 12).Draw(r, "moves") {
				var err error
				switch move := rapid.SampledFrom([]string{"save", "clear", "consent", "submit", "withdraw", "again", "open"}).Draw(r, "move"); move {
				case "save", "clear", "consent":
					e := contribution.Entry{Answers: contribution.Answers{"q1": "x"}}
					if move == "clear" {
						e.Answers["q1"] = ""
					}
					if move == "consent" {
						e = contribution.Entry{Consent: yes()}
					}
					_, err = k.Save(ctx, nobody, token, e)
					switch {
					case state == contribution.Published || state == contribution.Withdrawn, move == "clear" && state == contribution.Received:
						expect(r, move, err, errs.Conflict)
						continue
					case state == "":
						state = contribution.Draft
					}
					answered = move == "save" || (move == "consent" && answered)
					consent = consent || move == "consent"
				case "submit":
					_, err = k.Submit(ctx, nobody, token)
					switch {
					case state == contribution.Withdrawn:
						expect(r, move, err, errs.Conflict)
						continue
					case !answered:
						expect(r, move, err, errs.Invalid)
						continue
					case consent:
						state = contribution.Published
					default:
						state = contribution.Received
					}
				case "withdraw":
					_, err = k.Withdraw(ctx, nobody, token)
					if state == "" || state == contribution.Draft {
						expect(r, move, err, errs.Conflict)
						continue
					}
					state = contribution.Withdrawn
				case "again":
					_, err = k.Again(ctx, nobody, token)
					if state == "" {
						expect(r, move, err, errs.NotFound)
						continue
					}
					if state == contribution.Withdrawn {
						state, answered, consent = contribution.Draft, false, false
					}
				case "open":
					_, err = k.Open(ctx, token, "")
				}
				if err != nil {
					r.Fatalf("%v", err)
				}
			}
			counted := 0
			if state.Counted() {
				counted = 1
			}
			if n := k.Count("select count(*) from responded_contact where contact_id = ?", id); n != counted {
				r.Fatalf("counted %d times in state %q", n, state)
			}
			if n := k.Count("select count(*) from contribution where contact_id = ? and state <> 'withdrawn'", id); n > 1 {
				r.Fatalf("%d contributions of one contact", n)
			}
		})
	})
}

func expect(r *rapid.T, move string, err error, code errs.Code) {
	if !errs.Is(err, code) {
		r.Fatalf("%s: %v, want %s", move, err, code)
	}
}

func TestWhatIsRecordedIsAcknowledgedToItsAuthor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		thanked := func(email string) int {
			return k.Count("select count(*) from outgoing_mail where kind = 'acknowledgement' and recipient = ?", email)
		}
		ana, stopped := k.Contact("Ana", "fr"), k.Contact("Stop", "en")
		ok(t, k.Contacts.SuppressAddress(ctx, officer, stopped, int64(k.Count("select address_id from contact_address where contact_id = ?", stopped))))
		for _, id := range []int64{ana, stopped} {
			_, err := k.Record(ctx, officer, contribution.Arrival{
				CycleID: k.CycleID, ContactID: id, Channel: contribution.Phone, Consent: true, Answers: contribution.Answers{"q1": "Said by phone."},
			})
			ok(t, err)
		}
		if thanked(emailOf(k, ana)) != 1 || thanked(emailOf(k, stopped)) != 0 || k.Woken() != 1 {
			t.Errorf("%d and %d thanked, %d woken", thanked(emailOf(k, ana)), thanked(emailOf(k, stopped)), k.Woken())
		}
		if raw := k.Text("select raw from outgoing_mail where kind = 'acknowledgement'"); !strings.Contains(raw, "Content-Language: fr\r\n") {
			t.Errorf("not in their language: %.300s", raw)
		}
		f, err := k.Open(ctx, k.Respond(ana), "")
		ok(t, err)
		if f.Answers["q1"] == "" || !f.Contribution.Editable() {
			t.Errorf("the link opens %+v", f.Contribution)
		}
	})
}
