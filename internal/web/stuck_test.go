package web_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

func TestATextThatCannotBePutTogetherIsSaidWhereItIsDecided(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newVariantSite(t, d)
		ctx := context.Background()
		x.kit.Contact("Ann", "ann@example.org", "en")
		officer, second := x.SignIn(x.Account("olu", account.Officer)), x.SignIn(x.Account("ines", account.Officer))
		c, err := x.kit.Create(ctx, x.officer, campaign.Proposal{CycleID: x.kit.CycleID, Name: "The call", Audience: campaign.Audience{All: true}})
		must(t, err)
		path := fmt.Sprintf("/campaigns/%d", c.ID)
		press(t, officer, path, "freeze", "Then ask for approval")
		press(t, officer, path, "submit")
		press(t, second, path, "approve", "Everything is approved")
		must(t, d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec("delete from cycle_date where cycle_id = ?", x.kit.CycleID)
			return err
		}))
		if p := officer.Get(path + "/outbox"); p.Status != 200 || !p.Shows("These messages cannot be put together", "English What is wrong:") {
			t.Errorf("the outbox: %d %s", p.Status, p.Text())
		}
		press(t, officer, path, "launch", "The messages are on their way")
		x.kit.Work()
		says := "1 message in English waits because its text cannot be put together."
		for _, page := range []string{"/", path} {
			if p := officer.Get(page); p.Status != 200 || !p.Shows(says, "What is wrong:") {
				t.Errorf("%s: %d %s", page, p.Status, p.Text())
			}
		}
		if p := x.SignIn(x.Account("marta", account.Volunteer)).Get("/"); p.Shows(says) {
			t.Errorf("a volunteer sees it: %s", p.Text())
		}
		_, err = x.kit.Cycles.SetDate(ctx, x.officer, x.kit.CycleID, cycle.Deadline, "2017-09-15", cycle.AoE, "")
		must(t, err)
		if p := officer.Get(path); !p.Shows("The text is in order again") {
			t.Errorf("mended: %s", p.Text())
		}
		english := url.Values{"locale": {"en"}}
		if p := officer.PostForm(path+"/steps/1/stuck/retry", english); p.Status != 303 {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		x.kit.Work()
		if p := officer.Get(path); !p.Shows("All steps are done") || p.Shows(says) {
			t.Errorf("sent: %s", p.Text())
		}
		if p := officer.PostForm(path+"/steps/1/stuck/drop", english); p.Status != 409 || !p.Shows("No message in this language waits for its text any more.") {
			t.Errorf("nothing is left: %d %s", p.Status, p.Text())
		}
	})
}

func TestWhatForbidsFreezingIsSaidBefore(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newVariantSite(t, d)
		ctx := context.Background()
		officer := x.SignIn(x.Account("olu", account.Officer))
		c, err := x.kit.Create(ctx, x.officer, campaign.Proposal{CycleID: x.kit.CycleID, Name: "The call", Audience: campaign.Audience{All: true}})
		must(t, err)
		path := fmt.Sprintf("/campaigns/%d", c.ID)
		if p := officer.Get(path); !p.Shows("The texts are complete. Freeze them") {
			t.Errorf("with a deadline: %s", p.Text())
		}
		must(t, d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec("delete from cycle_date where cycle_id = ?", x.kit.CycleID)
			return err
		}))
		if p := officer.Get(path); !p.Shows("they cannot be frozen yet", "The text names deadline, and there is no value for it") || p.Shows("Freeze the texts") {
			t.Errorf("without: %s", p.Text())
		}
	})
}
