package contact

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/undo"
)

func (h *house) preview(b Bulk) BulkPreview {
	h.t.Helper()
	b.CycleID = h.cycle
	v, err := h.PreviewBulk(context.Background(), h.officer, b)
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

func (h *house) commit(b Bulk) BulkDone {
	h.t.Helper()
	token := h.preview(b).Token
	b.CycleID = h.cycle
	done, err := h.CommitBulk(context.Background(), h.officer, b, token)
	if err != nil {
		h.t.Fatal(err)
	}
	return done
}

func (h *house) get(id int64) Detail {
	h.t.Helper()
	c, err := h.Get(context.Background(), h.officer, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// cells are the places of a contact on lists.
func (h *house) cells(id int64) string {
	h.t.Helper()
	var all []string
	for _, l := range h.get(id).Listings {
		all = append(all, l.cell())
	}
	return strings.Join(all, ", ")
}

func TestBulkEditDoesWhatItsPreviewSays(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		ana := k.add(Draft{Name: "Ana", Country: "PE", Languages: "es en", Notes: "met in Lima"})
		same := k.add(Draft{Name: "Ben", Country: "BR", Languages: "en fr", StakeholderGroup: geo.GroupGovernment, Source: "list"})
		house := k.add(Draft{Kind: Organization, Name: "House", Country: "FR", Languages: "fr"})
		member := k.add(Draft{Name: "Member", Organization: "House"})
		gone := k.add(Draft{Name: "Gone", Email: "gone@example.org"})
		if err := k.Erase(context.Background(), k.officer, gone.ID, false); err != nil {
			t.Fatal(err)
		}
		before := k.dump()
		k.now = k.now.Add(time.Hour)
		b := Bulk{IDs: []int64{ana.ID, same.ID, house.ID, gone.ID, ana.ID, 99999}, Changes: Changes{
			StakeholderGroup: geo.GroupGovernment, Languages: TagChange{TagsFirst, "EN"}, Source: ptr(" list "),
		}}
		v := k.preview(b)
		if v.Selected != 5 || v.Changed != 2 || v.Same != 1 || v.Refused != 2 || len(v.Refusals) != 2 || len(v.RefusedRows) != 2 {
			t.Fatalf("%+v", v)
		}
		if first := v.Changing[0]; first.Name != "Ana" || fmt.Sprint(first.Changes) != fmt.Sprint([]FieldChange{
			{"stakeholder_group", "civil_society", "government"},
			{"language", "es en", "en es"},
			{"source", "", "list"},
			{"listing", "civil_society grulac", "government grulac"},
		}) {
			t.Errorf("%+v", first)
		}
		if after := k.dump(); after != before {
			t.Errorf("a preview changed\n%s", differing(before, after))
		}
		done := k.commit(b)
		if got := k.get(ana.ID); got.Languages != "en es" || got.Source != "list" || got.Notes != "met in Lima" || !got.UpdatedAt.Equal(k.now) || k.cells(ana.ID) != "government grulac" {
			t.Errorf("%+v", got)
		}
		if got := k.get(same.ID); !got.UpdatedAt.Before(k.now) {
			t.Error("a contact that stays the same was touched")
		}
		if got := k.get(member.ID).LanguageChain; got != "en fr" {
			t.Errorf("the member's languages %q do not follow the organization's", got)
		}
		if got := k.names(k.officer, Filter{StakeholderGroup: geo.GroupGovernment}); fmt.Sprint(got) != "[Ana Ben House]" {
			t.Errorf("found %v", got)
		}
		if k.events("contacts.edited") != 1 || k.events("contact.updated") != 2 || k.events("contact.listed") != 5+2 {
			t.Errorf("events: %d, %d, %d", k.events("contacts.edited"), k.events("contact.updated"), k.events("contact.listed"))
		}
		all, err := k.Changes(context.Background(), k.officer, 0, 10)
		if err != nil || len(all) != 1 || all[0].Objects != 2 {
			t.Fatalf("%+v, %v", all, err)
		}
		if c, ok := ChangesOf(all[0]); !ok || c.StakeholderGroup != geo.GroupGovernment || c.Languages.Tags != "en" {
			t.Errorf("%+v", c)
		}
		if _, err := k.Undo(context.Background(), k.officer, done.ChangesetID); err != nil {
			t.Fatal(err)
		}
		if after := k.dump(); after != before {
			t.Errorf("undone:\n%s", differing(before, after))
		}
		if k.events("changeset.undone") != 1 || k.events("contact.updated") != 4 || k.events("contact.listed") != 7+2 {
			t.Error("the undoing is not in the trail of the contacts")
		}
	})
}

// Every change there is, to whomever, leaves no trace once it is undone.
func TestUndoneBulkEditLeavesNoTrace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		var ids []int64
		for n := range 8 {
			draft := Draft{
				Name: fmt.Sprintf("Person %d", n), Country: []string{"PE", "", "DE", "KE"}[n%4], Languages: []string{"", "es", "en fr es"}[n%3],
				Expertise: []string{"", "ddos", "ddos ics"}[n%3], Organization: []string{"", "House A"}[n%2], Notes: []string{"", "known"}[n%2],
				Region: []string{"", "", "", "weog"}[n%4], LawfulBasis: []string{"", "consent"}[n%2], Email: fmt.Sprintf("p%d@example.org", n),
			}
			if n%4 == 3 {
				draft.StakeholderGroup = geo.GroupIntergovernmental
			}
			ids = append(ids, k.add(draft).ID)
		}
		ids = append(ids, int64(k.count("select id from contact where name = 'House A'")), 12345)
		k.exec("delete from listing where contact_id in (?, ?)", ids[1], ids[2])
		if _, err := k.Rebuild(context.Background()); err != nil {
			t.Fatal(err)
		}
		k.claim(k.member("vera", account.Volunteer), ids[4], k.now.Add(time.Hour))
		before := k.dump()
		rapid.Check(t, func(r *rapid.T) {
			b := Bulk{CycleID: k.cycle, Changes: changesOf(r)}
			if rapid.Bool().Draw(r, "all") {
				b.All = &Filter{CycleID: k.cycle, Country: rapid.SampledFrom([]string{"", "PE", "DE"}).Draw(r, "filter")}
			} else {
				b.IDs = rapid.SliceOfN(rapid.SampledFrom(ids), 1, 6).Draw(r, "ids")
			}
			k.now = k.now.Add(time.Second)
			ctx := context.Background()
			v, err := k.PreviewBulk(ctx, k.officer, b)
			if errs.Is(err, errs.Invalid) && b.Changes.nothing() {
				return
			}
			if err != nil {
				r.Fatal(err)
			}
			done, err := k.CommitBulk(ctx, k.officer, b, v.Token)
			if v.Changed == 0 && errs.Is(err, errs.Conflict) {
				return
			}
			if err != nil || done.Changed != v.Changed {
				r.Fatal(err)
			}
			again, err := k.PreviewBulk(ctx, k.officer, b)
			if b.Changes.Note == "" && b.All == nil && (err != nil || again.Changed != 0) {
				r.Fatalf("%d would change once more: %v\n%+v", again.Changed, err, again.Changing)
			}
			if blocked, err := k.Undo(ctx, k.officer, done.ChangesetID); err != nil {
				r.Fatalf("%v: %+v", err, blocked)
			}
			if after := k.dump(); after != before {
				r.Fatalf("%+v\n%s", b, differing(before, after))
			}
		})
	})
}

func changesOf(r *rapid.T) Changes {
	maybe := func(label string, from ...string) *string {
		if rapid.Bool().Draw(r, label+"?") {
			v := rapid.SampledFrom(from).Draw(r, label)
			return &v
		}
		return nil
	}
	tags := func(label string, from ...string) TagChange {
		how := rapid.SampledFrom(append(TagHows(), TagsStay)).Draw(r, label)
		if how == TagsStay || how == TagsClear {
			return TagChange{How: how}
		}
		return TagChange{how, strings.Join(rapid.SliceOfN(rapid.SampledFrom(from), 1, 3).Draw(r, label+" tags"), " ")}
	}
	c := Changes{
		StakeholderGroup: rapid.SampledFrom([]string{"", "", geo.GroupGovernment, geo.GroupIntergovernmental}).Draw(r, "group"),
		Country:          maybe("country", "", "PE", "FR"), Region: maybe("region", "", "weog", "grulac"),
		Languages: tags("languages", "es", "en", "ar"), Expertise: tags("expertise", "ddos", "ics"),
		Source: maybe("source", "", "list"), LawfulBasisNote: maybe("basis note", "", "as told"),
		List: rapid.SampledFrom([]ListChange{ListStay, ListAdd, ListRemove}).Draw(r, "list"),
		Note: rapid.SampledFrom([]string{"", "a line"}).Draw(r, "note"),
	}
	if basis := maybe("basis", "", "consent", "contract"); basis != nil {
		c.LawfulBasis = ptr(Basis(*basis))
	}
	return c
}

// What changes between the preview and the commit is never overwritten unseen, and who is not there any more is told.
func TestBulkEditKnowsWhatItWasShown(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		ctx := context.Background()
		ana := k.add(Draft{Name: "Ana", Country: "PE", Email: "ana@example.org"})
		ben := k.add(Draft{Name: "Ben", Country: "PE", Email: "ben@example.org"})
		twin := k.add(Draft{Name: "Ben Twin", Country: "PE", Email: "twin@example.org"})
		chosen := Bulk{IDs: []int64{ana.ID, ben.ID, twin.ID}, CycleID: k.cycle, Changes: Changes{Languages: TagChange{TagsAdd, "es"}}}
		usable := Bulk{All: &Filter{CycleID: k.cycle, AddressState: Usable}, CycleID: k.cycle, Changes: chosen.Changes}
		for name, c := range map[string]struct {
			b    Bulk
			then func() error
		}{
			"edited": {chosen, func() error {
				_, err := k.Update(ctx, k.officer, ana.ID, Edit{Name: ptr("Ana María")})
				return err
			}},
			"moved on the list": {chosen, func() error {
				return k.AddToCycle(ctx, k.officer, k.cycle, ben.ID, geo.GroupAcademia, "")
			}},
			"suppressed": {usable, func() error { return k.Suppress(ctx, k.officer, "ana@example.org", AskedUs) }},
			"matches by now": {usable, func() error {
				_, err := k.AddAddress(ctx, k.officer, k.add(Draft{Name: "Zoe"}).ID, "zoe@example.org")
				return err
			}},
			"merged": {chosen, func() error {
				_, err := k.Unite(ctx, k.officer, Union{Survivor: ben.ID, Other: twin.ID})
				return err
			}},
		} {
			token := k.preview(c.b).Token
			k.now = k.now.Add(time.Minute)
			if err := c.then(); err != nil {
				t.Fatal(name, err)
			}
			before := k.dump()
			done, err := k.CommitBulk(ctx, k.officer, c.b, token)
			if !errs.Is(err, errs.Conflict) || done.Token == token || done.Token != k.preview(c.b).Token {
				t.Errorf("%s: %v, and no new preview", name, err)
			}
			if after := k.dump(); after != before {
				t.Errorf("%s:\n%s", name, differing(before, after))
			}
		}
		v := k.preview(chosen)
		if v.Refused != 1 || v.RefusedRows[0].Why.Key != "bulk.refused.merged" || v.RefusedRows[0].Name != "Ben Twin" {
			t.Errorf("%+v", v)
		}
		// Suppression forbids to write, not to know: the edit itself goes on.
		if done := k.commit(chosen); done.Changed != 2 {
			t.Errorf("%+v", done)
		}
		other := chosen
		other.Changes.Source = ptr("list")
		if _, err := k.CommitBulk(ctx, k.officer, other, k.preview(chosen).Token); !errs.Is(err, errs.Conflict) {
			t.Errorf("another edit with the same token: %v", err)
		}
	})
}

// A single edit refuses nothing because of claims or messages, and neither does this; but the list keeps whom somebody
// works on and who is counted.
func TestWhomTheListKeeps(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		vera := k.member("vera", account.Volunteer)
		claimed, ran, reached, free := k.add(Draft{Name: "Claimed"}), k.add(Draft{Name: "Ran out"}), k.add(Draft{Name: "Reached"}), k.add(Draft{Name: "Free"})
		k.claim(vera, claimed.ID, k.now.Add(time.Hour))
		k.claim(vera, ran.ID, k.now)
		k.exec(`insert into attempt (claim_id, cycle_id, contact_id, volunteer_id, channel, outcome, at)
			select min(id), cycle_id, ?, volunteer_id, 'call', 'declined', ? from claim group by cycle_id, volunteer_id`, reached.ID, k.now)
		b := Bulk{IDs: []int64{claimed.ID, ran.ID, reached.ID, free.ID}, Changes: Changes{List: ListRemove}}
		v := k.preview(b)
		whys := map[string]string{}
		for _, r := range v.RefusedRows {
			whys[r.Name] = r.Why.Key
		}
		if fmt.Sprint(whys) != "map[Claimed:bulk.refused.claimed Reached:bulk.refused.approached]" || v.Changed != 2 {
			t.Fatalf("%v, %+v", whys, v)
		}
		done := k.commit(b)
		if k.cells(free.ID) != "" || k.cells(claimed.ID) == "" || k.events("contact.unlisted") != 2 {
			t.Errorf("%q, %q", k.cells(free.ID), k.cells(claimed.ID))
		}
		// Somebody else puts one back in the meantime: nothing is taken back.
		if err := k.AddToCycle(context.Background(), k.officer, k.cycle, free.ID, "", ""); err != nil {
			t.Fatal(err)
		}
		if blocked, err := k.Undo(context.Background(), k.officer, done.ChangesetID); !errs.Is(err, errs.Conflict) {
			t.Errorf("%v, %v", blocked, err)
		}
		group := k.preview(Bulk{IDs: b.IDs, Changes: Changes{StakeholderGroup: geo.GroupAcademia}})
		if group.Changed != 4 || group.Refused != 0 {
			t.Errorf("%+v", group)
		}
		back := k.commit(Bulk{IDs: b.IDs, Changes: Changes{StakeholderGroup: geo.GroupAcademia, List: ListAdd}})
		if back.Changed != 4 || k.cells(ran.ID) != "academia none" {
			t.Errorf("%+v, %q", back, k.cells(ran.ID))
		}
	})
}

// The list may place a contact otherwise than the contact itself: what was chosen holds in both.
func TestBulkEditSettlesTheListToo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		ana := k.add(Draft{Name: "Ana", Country: "PE", StakeholderGroup: geo.GroupGovernment})
		if err := k.AddToCycle(context.Background(), k.officer, k.cycle, ana.ID, geo.GroupAcademia, ""); err != nil {
			t.Fatal(err)
		}
		updated := k.get(ana.ID).UpdatedAt
		k.now = k.now.Add(time.Hour)
		k.commit(Bulk{IDs: []int64{ana.ID}, Changes: Changes{StakeholderGroup: geo.GroupGovernment}})
		if got := k.cells(ana.ID); got != "government grulac" || !k.get(ana.ID).UpdatedAt.Equal(updated) {
			t.Errorf("%q", got)
		}
		k.commit(Bulk{IDs: []int64{ana.ID}, Changes: Changes{Region: ptr("weog")}})
		if got := k.cells(ana.ID); got != "government weog" {
			t.Errorf("%q", got)
		}
		k.commit(Bulk{IDs: []int64{ana.ID}, Changes: Changes{Region: ptr("")}})
		if got := k.cells(ana.ID); got != "government grulac" || k.get(ana.ID).RegionOverridden {
			t.Errorf("%q", got)
		}
	})
}

func TestBulkEditRefuses(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	k := newDesk(t, d)
	ctx := context.Background()
	ana := k.add(Draft{Name: "Ana", Notes: strings.Repeat("n", maxNotes-3)})
	one := []int64{ana.ID}
	for name, c := range map[string]struct {
		b      Bulk
		fields []string
	}{
		"nobody":       {Bulk{Changes: Changes{Source: ptr("x")}}, []string{"contacts"}},
		"nobody found": {Bulk{All: &Filter{Query: "nobody of that name"}, Changes: Changes{Source: ptr("x")}}, []string{"contacts"}},
		"too many":     {Bulk{IDs: upTo(MaxBulk + 1), Changes: Changes{Source: ptr("x")}}, []string{"contacts"}},
		"nothing":      {Bulk{IDs: one}, nil},
		"wrong codes": {Bulk{IDs: one, Changes: Changes{
			StakeholderGroup: "martians", Country: ptr("XX"), Region: ptr("mars"), Languages: TagChange{TagsAdd, "!!"}, Expertise: TagChange{TagsAdd, "knitting"},
			LawfulBasis: ptr(Basis("because")), List: "perhaps", Note: strings.Repeat("n", maxLine+1), Source: ptr(strings.Repeat("s", maxLine+1)),
		}}, []string{"country", "expertise", "language", "lawful_basis", "list", "list", "note", "region", "source", "stakeholder_group"}},
		"what to do with the tags": {Bulk{IDs: one, CycleID: k.cycle, Changes: Changes{Languages: TagChange{Tags: "es"}, Expertise: TagChange{How: TagsReplace}}}, []string{"expertise", "language_how"}},
	} {
		_, err := k.PreviewBulk(ctx, k.officer, c.b)
		var fields []string
		for _, f := range errs.FieldsOf(err) {
			fields = append(fields, f.Name)
		}
		slices.Sort(fields)
		if !errs.Is(err, errs.Invalid) || !slices.Equal(fields, c.fields) {
			t.Errorf("%s: %v %v", name, err, fields)
		}
	}
	v := k.preview(Bulk{IDs: one, Changes: Changes{Note: "one line more"}})
	if v.Refused != 1 || v.Refusals[0].Why.Name != "notes" {
		t.Errorf("%+v", v)
	}
	for _, role := range account.Roles() {
		actor := k.member(string(role)+"-x", role)
		_, previewed := k.PreviewBulk(ctx, actor, Bulk{IDs: one, Changes: Changes{Source: ptr("x")}})
		_, counted := k.BulkCount(ctx, actor, Bulk{IDs: one})
		_, committed := k.CommitBulk(ctx, actor, Bulk{IDs: one, Changes: Changes{Source: ptr("x")}}, "")
		for _, err := range []error{previewed, counted} {
			if errs.Is(err, errs.Forbidden) != (role != account.Officer) {
				t.Errorf("%s: %v", role, err)
			}
		}
		if errs.Is(committed, errs.Forbidden) != (role != account.Officer) || committed == nil {
			t.Errorf("%s: %v", role, committed)
		}
	}
}

func upTo(n int) []int64 {
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = int64(i + 1)
	}
	return ids
}

// Tags keep their order but for what was asked.
func TestTagChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		how              TagHow
		tags, had, wants string
	}{
		{TagsStay, "", "es en", "es en"},
		{TagsAdd, "fr es", "es en", "es en fr"},
		{TagsFirst, "fr en", "es en", "fr en es"},
		{TagsRemove, "es pt", "es en", "en"},
		{TagsReplace, "fr es", "es en", "fr es"},
		{TagsClear, "", "es en", ""},
	} {
		if got := (TagChange{c.how, c.tags}).of(c.had); got != c.wants {
			t.Errorf("%s %q of %q gives %q, want %q", c.how, c.tags, c.had, got, c.wants)
		}
	}
	if _, ok := ChangesOf(undo.Changeset{Kind: MergeKind, Note: "Ana"}); ok {
		t.Error("a merge is taken for a bulk edit")
	}
}

// Of several officers who confirm in the same moment exactly one makes the edit, and a single edit in that moment is not lost.
func TestBulkEditsAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		ctx := context.Background()
		var ids []int64
		for n := range 6 {
			ids = append(ids, k.add(Draft{Name: fmt.Sprintf("Person %d", n), Organization: "House"}).ID)
		}
		for round, changes := range []Changes{
			{Note: "first"}, {List: ListRemove}, {List: ListAdd}, {StakeholderGroup: geo.GroupAcademia, Languages: TagChange{TagsAdd, "es"}},
		} {
			b := Bulk{All: &Filter{CycleID: k.cycle, Kind: Person}, CycleID: k.cycle, Changes: changes}
			token := k.preview(b).Token
			k.now = k.now.Add(time.Minute)
			var made, refused atomic.Int32
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() {
					switch _, err := k.CommitBulk(ctx, k.officer, b, token); {
					case err == nil:
						made.Add(1)
					case errs.Is(err, errs.Conflict):
						refused.Add(1)
					default:
						t.Error(err)
					}
				})
			}
			source := fmt.Sprint("list ", round)
			all.Go(func() {
				if _, err := k.Update(ctx, k.officer, ids[round], Edit{Source: &source}); err != nil {
					t.Error(err)
				}
			})
			all.Wait()
			if made.Load() > 1 || made.Load()+refused.Load() != 3 || k.get(ids[round]).Source != source {
				t.Errorf("%+v: made %d times, refused %d times, source %q", changes, made.Load(), refused.Load(), k.get(ids[round]).Source)
			}
			if made.Load() == 0 {
				k.commit(b) // the single edit was first
			}
		}
		if n := k.count("select count(*) from listing where stakeholder_group = 'academia' and cycle_id = ?", k.cycle); n != 6 {
			t.Errorf("%d on the list", n)
		}
	})
}

// Who was erased since stays forgotten when the edit is taken back for the others.
func TestUndoOfABulkEditOfSomebodyErased(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		ana, ben := k.add(Draft{Name: "Ana"}), k.add(Draft{Name: "Ben"})
		done := k.commit(Bulk{IDs: []int64{ana.ID, ben.ID}, Changes: Changes{StakeholderGroup: geo.GroupAcademia, Note: "met Ana"}})
		if err := k.Erase(context.Background(), k.officer, ana.ID, false); err != nil {
			t.Fatal(err)
		}
		if n := k.count("select count(*) from changeset where note like '%met%'"); n != 0 {
			t.Error("the changeset remembers the note")
		}
		if blocked, err := k.Undo(context.Background(), k.officer, done.ChangesetID); err != nil {
			t.Fatal(blocked, err)
		}
		if a, b := k.get(ana.ID), k.get(ben.ID); a.Notes != "" || a.ErasedAt == nil || b.Notes != "" || b.StakeholderGroup != geo.GroupCivilSociety {
			t.Errorf("%+v\n%+v", a, b)
		}
	})
}
