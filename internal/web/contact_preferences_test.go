package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/outreach"
)

// What somebody asked ends claims at once, is seen on the contact's page, and can be ended with a reason only.
func TestOfficersSeeAndRecordWhatWasAsked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOutreachApp(t, d)
		path := o.add(contact.Draft{Kind: contact.Person, Name: "Ana", Email: "ana@example.org", StakeholderGroup: "civil_society", Country: "PE"})
		marta := o.As(account.Volunteer)
		o.want("claimed", marta.PostForm(path+"/claims", url.Values{"purpose": {string(outreach.ReachOut)}}), http.StatusSeeOther)
		officer := o.As(account.Officer)
		page := path + "/preferences"
		o.want("nothing yet", officer.Get(page), http.StatusOK, "Nothing found")
		o.want("without how", officer.PostForm(page, url.Values{"scope": {"cycle"}, "note": {" "}}), http.StatusUnprocessableEntity)
		o.want("recorded", officer.PostForm(page, url.Values{"scope": {"cycle"}, "note": {"By phone."}}), http.StatusSeeOther)
		o.want("seen", officer.Get(page), http.StatusOK, "Everything of BPF Cybersecurity 2017", "ana@example.org", "By phone.", "recorded by the secretariat")
		o.want("on the contact's page", officer.Get(path), http.StatusOK, "Everything of BPF Cybersecurity 2017", "Please leave them alone until the next one")
		o.want("before a volunteer", marta.Get(path), http.StatusOK, "Please leave them alone until the next one")
		if marta.Get(path).Shows("Everything of BPF Cybersecurity 2017") {
			t.Error("a volunteer sees what was asked")
		}
		o.want("a volunteer's look", marta.Get(page), http.StatusForbidden)
		o.want("a volunteer's hand", marta.PostForm(page, url.Values{"scope": {"cycle"}, "note": {"x"}}), http.StatusForbidden)
		o.want("claimed again", marta.PostForm(path+"/claims", url.Values{"purpose": {string(outreach.ReachOut)}}), http.StatusConflict)
		end := page + "/1/end"
		o.want("ended without a reason", officer.PostForm(end, url.Values{"reason-1": {""}}), http.StatusUnprocessableEntity)
		o.want("ended", officer.PostForm(end, url.Values{"reason-1": {"She wrote to us."}}), http.StatusSeeOther)
		o.want("and seen", officer.Get(page), http.StatusOK, "She wrote to us.", "ended on")
		o.want("ended twice", officer.PostForm(end, url.Values{"reason-1": {"She wrote to us."}}), http.StatusConflict)
		o.want("another's", officer.PostForm(page+"/99/end", url.Values{"reason-99": {"x"}}), http.StatusNotFound)
		var n int
		if err := d.Read(t.Context()).QueryRow("select count(*) from audit_event where action = 'preference.ended' and actor_kind = 'account' and after like '%She wrote to us.%'").Scan(&n); err != nil || n != 1 {
			t.Errorf("%d events, %v", n, err)
		}
	})
}
