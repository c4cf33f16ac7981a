package web_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

// A mail server that does not let us in is said where officers decide, with its words, while messages wait; they go out by
// themselves as soon as it does.
func TestAMailServerThatRefusesUsIsSaid(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newVariantSite(t, d)
		server := mailtest.NewServer(t, mailtest.ServerOptions{User: "convoke", Password: "right"})
		x.kit.Contact("Ann", "ann@example.org", "en")
		officer, second := x.SignIn(x.Account("olu", account.Officer)), x.SignIn(x.Account("ines", account.Officer))
		c, err := x.kit.Create(context.Background(), x.officer, campaign.Proposal{CycleID: x.kit.CycleID, Name: "The call", Audience: campaign.Audience{All: true}})
		must(t, err)
		path := fmt.Sprintf("/campaigns/%d", c.ID)
		press(t, officer, path, "freeze")
		press(t, officer, path, "submit")
		press(t, second, path, "approve")
		press(t, officer, path, "launch")
		x.kit.Behind(t, server, "wrong")

		says := "The mail server " + server.Addr() + " did not accept the user name and password: 535"
		for _, page := range []string{"/", path} {
			if p := officer.Get(page); !p.Shows("The mail server takes no messages", says, "No message has left since") {
				t.Errorf("%s: %s", page, p.Text())
			}
		}
		if p := second.Get(path + "?lang=fr"); !p.Shows("Le serveur de messagerie ne prend aucun message") {
			t.Errorf("in French: %s", p.Text())
		}
		if p := officer.Get(path); !p.Shows("They go out by themselves") || len(server.Messages()) != 0 {
			t.Errorf("waiting: %s", p.Text())
		}
		if p := x.SignIn(x.Account("marta", account.Volunteer)).Get("/"); p.Shows("The mail server") {
			t.Errorf("a volunteer sees it: %s", p.Text())
		}
		x.Clock.Advance(time.Minute)
		x.kit.Behind(t, server, "right")
		if p := officer.Get(path); p.Shows("The mail server takes no messages") || len(server.Messages()) != 1 {
			t.Errorf("mended, %d messages: %s", len(server.Messages()), p.Text())
		}
		if p := officer.Get("/"); p.Shows("The mail server takes no messages") {
			t.Errorf("the first page, mended: %s", p.Text())
		}
	})
}
