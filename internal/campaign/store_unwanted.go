package campaign

import (
	"strings"

	"github.com/convoke/convoke/internal/db"
)

// asked is a condition for something of a kind that was asked not to be got; it reads the views of the contacts' room.
type asked struct {
	where string // over a row with scope and object_id
	args  []any
}

// by is the condition that the contact of x asked so, at any of their addresses and whoever reads there. First comes whether
// anybody did, which is worked out once for the whole statement: most campaigns pay for no more.
func (a asked) by(x string) (string, []any) {
	return "exists (select 1 from opt_out_now o where " + a.where + ")" +
		" and (select 1 from contact_opt_out o where o.contact_id = " + x + ".contact_id and (" + a.where + ") limit 1) is not null", append(append([]any{}, a.args...), a.args...)
}

// at is the condition that somebody asked so at the mailbox of x.
func (a asked) at(x string) (string, []any) {
	return "exists (select 1 from opt_out_now o where " + a.where + ")" +
		" and (select 1 from address_opt_out o where o.address_id = " + x + ".address_id and (" + a.where + ") limit 1) is not null", append(append([]any{}, a.args...), a.args...)
}

// mailing is what a message belongs to, as far as its readers can refuse it.
type mailing struct {
	cycleID, campaignID int64
	followUp            bool
	reminders           []int64 // of a follow-up: the steps of the campaign before it that were follow-ups too
}

func mailingOf(c *Campaign, step *Step) mailing {
	m := mailing{cycleID: c.CycleID, campaignID: c.ID, followUp: step.Kind == FollowUp}
	for i := range c.Steps {
		if c.Steps[i].Kind == FollowUp && c.Steps[i].Position < step.Position {
			m.reminders = append(m.reminders, c.Steps[i].ID)
		}
	}
	return m
}

// unwanted speaks against a message to whoever asked for no more of its campaign or of its cycle, and against a reminder to
// whoever asked for none, or for no second one, and has got one. It is asked at the snapshot and again when the message is
// taken for sending, of the campaign's messages and of a volunteer's. x has contact_id.
func unwanted(x string, m mailing) (string, []any) { return refused(x, m, asked.by) }

// unwantedAt is unwanted for a message that waits for a mailbox, whatever contacts have it by now: x has address_id too.
func unwantedAt(x string, m mailing) (string, []any) { return refused(x, m, asked.at) }

func refused(x string, m mailing, by func(a asked, x string) (string, []any)) (string, []any) {
	condition, args := by(asked{"o.scope = 'campaign' and o.object_id = ? or o.scope = 'cycle' and o.object_id = ?", []any{m.campaignID, m.cycleID}}, x)
	cases := []string{"when " + condition + " then '" + string(OptedOut) + "'"}
	if !m.followUp {
		return cases[0], args
	}
	condition, _ = by(asked{where: "o.scope = 'reminders'"}, x)
	cases = append(cases, "when "+condition+" then '"+string(FewerReminders)+"'")
	if len(m.reminders) > 0 {
		condition, _ = by(asked{where: "o.scope = 'second_reminder'"}, x)
		cases = append(cases, "when "+condition+" and exists (select 1 from delivery r where r.contact_id = "+x+".contact_id and r.step_id in ("+
			marks(len(m.reminders))+") and (r.sent_at is not null or r.state = 'uncertain')) then '"+string(FewerReminders)+"'")
		for _, id := range m.reminders {
			args = append(args, id)
		}
	}
	return strings.Join(cases, "\n"), args
}

// refusalOf is what a contact asked that speaks against a message, if anything.
func refusalOf(tx *db.Tx, m mailing, contactID int64) (Reason, error) {
	cases, args := unwanted("l", m)
	var reason Reason
	err := tx.QueryRow("select case\n"+cases+"\nelse '' end from (select cast(? as bigint) as contact_id) l", append(args, contactID)...).Scan(&reason)
	return reason, err
}
