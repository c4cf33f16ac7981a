package campaign

import (
	"context"
	"slices"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

func TestAnOutboxShowsItsEdgeCases(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		long := "A very long name that gets no message at all, however long it may be"
		h.contact(long, "", "en")
		h.contact("Ana", "ana@example.org", "en")
		want := map[Edge]int64{
			LongestName:  h.contact("Maximiliana Konstantinopolitanskaya", "max@example.org", "en"),
			RightToLeft:  h.contact("أمينة", "amina@example.org", "en"),
			NoName:       h.contact("", "office@example.org", "en"),
			Organization: h.contact("Forum", "forum@example.org", "en"),
		}
		h.contact("דוד", "david@example.org", "en")
		h.contact("Maximiliano Konstantinopolitanskiyy", "max2@example.org", "en") // as long
		h.write("update contact set kind = 'organization' where name = 'Forum'")
		c := h.approved()
		o, err := h.Plan(ctx, h.officer, c.ID, 1, PlanCursor{})
		h.must(err)
		got := map[Edge]int64{}
		for _, e := range o.Edges {
			got[e.Edge] = e.ContactID
		}
		for edge, id := range want {
			if got[edge] != id {
				t.Errorf("%s: %d, want %d", edge, got[edge], id)
			}
		}
		found, err := h.InOutbox(ctx, h.officer, c.ID, 1, []int64{want[NoName], want[RightToLeft], 4711})
		h.must(err)
		if len(found) != 2 || found[0].State != DeliveryPlanned {
			t.Errorf("found %+v", found)
		}
		h.must(h.DropMessage(ctx, h.officer, c.ID, 1, want[NoName], "r"))
		_, err = h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		h.settle()
		found, err = h.InOutbox(ctx, h.officer, c.ID, 1, []int64{want[NoName], want[RightToLeft]})
		h.must(err)
		if len(found) != 2 || found[0].State != DeliverySkipped || found[0].Reason != Dropped || found[1].State != DeliverySent {
			t.Errorf("after the launch %+v", found)
		}
	})
}

func TestAnOutboxNamesTheQuestionnaireThatIsMissing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		form, err := h.texts.find(func(s *stored) bool { return s.Kind == KindQuestionnaire })
		h.must(err)
		form.locales = []string{"en"}
		message := h.texts.revision(h.texts.byDocument(h.message))
		message.LanguagePolicy = PolicyHold
		h.contact("Benita", "benita@example.org", "es")
		h.contact("Ana", "ana@example.org", "en")
		c := h.approved()
		o, err := h.Plan(context.Background(), h.officer, c.ID, 1, PlanCursor{})
		h.must(err)
		if !slices.Equal(o.FormLacks, []string{"es"}) || o.FormID != form.ID || o.Tally.Held() != 1 {
			t.Errorf("the questionnaire lacks %v, %d held", o.FormLacks, o.Tally.Held())
		}
		form.locales = []string{"en", "es"}
		if o, err = h.Plan(context.Background(), h.officer, c.ID, 1, PlanCursor{}); err != nil || o.FormLacks != nil {
			t.Errorf("nothing is missing: %v, %v", o.FormLacks, err)
		}
	})
}
