package api_test

import (
	"context"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// A message that cannot be sent as it stands is refused long before, in the reader's language, and nothing is sent.
func TestAMessageThatCannotBeSentIsRefused(t *testing.T) {
	t.Parallel()
	good := api.CampaignText{Subject: "The call", Body: "Dear {{contact}}, please [answer]({{personal_link}})."}
	with := func(change func(*api.CampaignText)) api.CampaignText {
		text := good
		change(&text)
		return text
	}
	for name, tt := range map[string]struct {
		text      api.CampaignText
		before    string // done to the database first
		set       int    // what setting the text is answered with
		says, dit string // in English and in French
	}{
		"a header by the subject":              {with(func(c *api.CampaignText) { c.Subject = "The call\r\nBcc: eve@example.org" }), "", 422, "one line", "une seule ligne"},
		"far too long":                         {with(func(c *api.CampaignText) { c.Body = strings.Repeat("word ", 30_000) }), "", 422, "characters", "caractères"},
		"larger than any request":              {with(func(c *api.CampaignText) { c.Body = strings.Repeat("word ", 2_100_000) }), "", 413, "too large", "trop"},
		"no value for a field":                 {with(func(c *api.CampaignText) { c.Body += " By {{deadline}}." }), "delete from cycle_date", 200, "names deadline", "mentionne deadline"},
		"no text in the language of the cycle": {good, "update cycle set default_language = 'pt'", 200, "not approved in pt", "langue de repli (pt)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := dbtest.SQLite(t)
			k, _, officer, approver := campaignHouse(t, d)
			k.Contact("Ann", "ann@example.org", "en")
			if tt.before != "" {
				err := d.Write(t.Context(), func(tx *db.Tx) error {
					_, err := tx.Exec(tt.before)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			path, set := draftByAPI(t, officer, tt.text)
			if set.Status != tt.set {
				t.Fatalf("setting the text: %d %s", set.Status, set.Body)
			}
			refusal := func(language string) string {
				if tt.set != 200 {
					return officer.With("Accept-Language", language).JSON("PUT", path+"/texts/en", tt.text).Body
				}
				res := officer.With("Accept-Language", language).JSON("POST", path+"/freeze", nil)
				if res.Status != 422 {
					t.Errorf("freezing: %d", res.Status)
				}
				return res.Body
			}
			if en, fr := refusal("en"), refusal("fr"); !strings.Contains(en, tt.says) || !strings.Contains(fr, tt.dit) {
				t.Errorf("%s\n%s", en, fr)
			}
			if tt.set != 200 {
				return // what was there before may go out
			}
			for _, step := range []string{"approve", "launch"} {
				if res := approver.JSON("POST", path+"/"+step, nil); res.Status < 400 {
					t.Errorf("%s: %d", step, res.Status)
				}
			}
			k.Work()
			var n int
			if err := d.Read(context.Background()).QueryRow("select count(*) from delivery").Scan(&n); err != nil || n != 0 {
				t.Errorf("%d deliveries, %v", n, err)
			}
		})
	}
}
