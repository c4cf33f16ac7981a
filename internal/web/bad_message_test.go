package web_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// What keeps a message from being sent is said when its text is frozen, on the page and in the reader's language; nothing
// is sent.
func TestAMessageThatCannotBeSentIsNotFrozen(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ before, says, dit string }{
		"no value for a field":                 {"delete from cycle_date", "names deadline", "mentionne deadline"},
		"no text in the language of the cycle": {"update cycle set default_language = 'pt'", "not approved in pt", "langue de repli (pt)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := dbtest.SQLite(t)
			x := newVariantSite(t, d)
			ctx := context.Background()
			x.kit.Contact("Ann", "ann@example.org", "en")
			must(t, d.Write(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(tt.before)
				return err
			}))
			c, err := x.kit.Create(ctx, x.officer, campaign.Proposal{CycleID: x.kit.CycleID, Name: "The call", Audience: campaign.Audience{All: true}})
			must(t, err)
			path := fmt.Sprintf("/campaigns/%d", c.ID)
			for language, says := range map[string]string{"en": tt.says, "fr": tt.dit} {
				officer := x.SignIn(x.Account("olu", account.Officer))
				officer.Get(path + "?lang=" + language)
				if p := officer.PostForm(path+"/freeze", nil); p.Status != 422 || !p.Shows(says) {
					t.Errorf("in %s: %d %s", language, p.Status, p.Text())
				}
			}
			x.kit.Work()
			var n int
			must(t, d.Read(ctx).QueryRow("select count(*) from delivery").Scan(&n))
			if got, err := x.kit.Get(ctx, x.officer, c.ID); err != nil || got.State != campaign.Draft || n != 0 {
				t.Errorf("%v, %s, %d deliveries", err, got.State, n)
			}
		})
	}
}
