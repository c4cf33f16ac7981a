package contact

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/geo"
)

// What is derived must say what the views say, whatever was done in whatever order.
func TestDerivedFactsAgreeWithTheViews(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		v := h.member("vol", account.Volunteer)
		names := []string{"Ana Pérez", "王小明", "Иван Ёлкин", "محمد المصري", "Red Andina"}
		var ids []int64
		rapid.Check(t, func(t *rapid.T) {
			for range rapid.IntRange(1, 6).Draw(t, "operations") {
				h.anything(t, v, names, &ids)
			}
			h.agree(t)
		})
	})
}

// anything does something that changes what follows from a contact. What is refused changes nothing.
func (h *house) anything(t *rapid.T, v account.Actor, names []string, ids *[]int64) {
	ctx := context.Background()
	pick := func() int64 { return rapid.SampledFrom(*ids).Draw(t, "contact") }
	email := fmt.Sprintf("a%d@example.org", rapid.IntRange(1, 6).Draw(t, "email"))
	operation := rapid.IntRange(0, 9).Draw(t, "operation")
	if len(*ids) == 0 {
		operation = 0
	}
	switch operation {
	case 0:
		c, err := h.Create(ctx, h.officer, Draft{
			Kind: Person, Name: rapid.SampledFrom(names).Draw(t, "name"), StakeholderGroup: geo.GroupMedia, Country: "PE",
			Organization: rapid.SampledFrom([]string{"", "Union", "Red"}).Draw(t, "organization"), CycleID: h.cycle,
		})
		if err == nil {
			*ids = append(*ids, c.ID)
		}
	case 1:
		_, _ = h.AddAddress(ctx, h.officer, pick(), email)
	case 2:
		_ = h.Suppress(ctx, h.officer, email, AskedUs)
	case 3:
		h.onAddress(t, email, h.MarkBounced)
	case 4:
		h.onAddress(t, email, h.MarkComplained)
	case 5:
		_, _ = h.Update(ctx, h.officer, pick(), Edit{
			Languages: ptr(rapid.SampledFrom([]string{"", "es", "ar en"}).Draw(t, "languages")), CycleID: h.cycle,
			StakeholderGroup: ptr(rapid.SampledFrom([]string{geo.GroupMedia, geo.GroupAcademia}).Draw(t, "group")),
		})
	case 6:
		_ = h.AddToCycle(ctx, h.officer, h.cycle, pick(), geo.GroupGovernment, "")
	case 7, 8:
		outcome := rapid.SampledFrom([]string{"reached", "no_answer"}).Draw(t, "outcome")
		h.attempt(t, v, pick(), outcome)
	case 9:
		h.answer(t, pick(), rapid.SampledFrom([]string{"received", "withdrawn"}).Draw(t, "state"))
	}
}

func (h *house) onAddress(t *rapid.T, email string, do func(*db.Tx, audit.Who, int64) error) {
	err := h.d.Write(context.Background(), func(tx *db.Tx) error {
		var id int64
		if err := tx.QueryRow("select id from address where email = ?", email).Scan(&id); err != nil {
			return nil //nolint:nilerr // nobody has it yet
		}
		return do(tx, audit.System("test"), id)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// attempt and answer do what outreach and contribution do.
func (h *house) attempt(t interface{ Fatal(...any) }, v account.Actor, contactID int64, outcome string) {
	err := h.d.Write(context.Background(), func(tx *db.Tx) error {
		var claim int64
		err := tx.QueryRow(`insert into claim (cycle_id, contact_id, volunteer_id, purpose, state, claimed_at, expires_at)
			values (?, ?, ?, 'reach_out', 'done', ?, ?) returning id`, h.cycle, contactID, v.ID, h.now, h.now).Scan(&claim)
		if err != nil {
			return err
		}
		if _, err := tx.Exec("insert into attempt (claim_id, cycle_id, contact_id, volunteer_id, channel, outcome, at) values (?, ?, ?, ?, 'call', ?, ?)",
			claim, h.cycle, contactID, v.ID, outcome, h.now); err != nil {
			return err
		}
		return h.Recount(tx, h.cycle, []int64{contactID})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) answer(t *rapid.T, contactID int64, state string) {
	err := h.d.Write(context.Background(), func(tx *db.Tx) error {
		if _, err := tx.Exec("delete from contribution where contact_id = ?", contactID); err != nil {
			return err
		}
		if _, err := tx.Exec(`insert into contribution (cycle_id, contact_id, state, channel, capacity, name, language, started_at, updated_at)
			values (?, ?, ?, 'form', 'individual', 'x', 'en', ?, ?)`, h.cycle, contactID, state, h.now, h.now); err != nil {
			return err
		}
		if state == "received" {
			return h.Answered(tx, h.cycle, []int64{contactID})
		}
		return h.Recount(tx, h.cycle, []int64{contactID})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// disagreements ask the views about every entry of the list, and the entries about the counters.
var disagreements = map[string]string{
	"flags": `select l.contact_id from listing l where
		l.addressable <> (exists (select 1 from usable_address a where a.contact_id = l.contact_id))
		or l.approached <> (exists (select 1 from reached_contact r where r.cycle_id = l.cycle_id and r.contact_id = l.contact_id))
		or l.responded <> (exists (select 1 from responded_contact p where p.cycle_id = l.cycle_id and p.contact_id = l.contact_id))
		or l.no_address <> (not exists (select 1 from contact_address a where a.contact_id = l.contact_id))
		or l.no_language <> (exists (select 1 from contact c where c.id = l.contact_id and c.languages = ''))
		or l.unreached <> (not exists (select 1 from reached_contact r where r.cycle_id = l.cycle_id and r.contact_id = l.contact_id)
			and not exists (select 1 from responded_contact p where p.cycle_id = l.cycle_id and p.contact_id = l.contact_id)
			and not exists (select 1 from opted_out_contact x where x.contact_id = l.contact_id))`,
	"address states": `select s.contact_id from contact_search s where s.address_state <> case
		when exists (select 1 from opted_out_contact x where x.contact_id = s.contact_id) then 'opted_out'
		when exists (select 1 from usable_address u where u.contact_id = s.contact_id) then 'usable'
		when exists (select 1 from contact_address a where a.contact_id = s.contact_id) then 'bounced' else 'none' end`,
	"nothing derived": `select c.id from contact c where not exists (select 1 from contact_search s where s.contact_id = c.id)`,
	"counters": `select 1 from (select stakeholder_group, region, count(*) as listed,
			sum(case when addressable then 1 else 0 end) as addressable, sum(case when approached then 1 else 0 end) as approached,
			sum(case when responded then 1 else 0 end) as responded, sum(case when no_address then 1 else 0 end) as no_address,
			sum(case when bounced then 1 else 0 end) as bounced, sum(case when no_language then 1 else 0 end) as no_language,
			sum(case when unreached then 1 else 0 end) as unreached from listing group by stakeholder_group, region) l
		left join listed_cell c on c.stakeholder_group = l.stakeholder_group and c.region = l.region
		where c.listed is null or c.listed <> l.listed or c.addressable <> l.addressable or c.approached <> l.approached or c.responded <> l.responded
			or c.no_address <> l.no_address or c.bounced <> l.bounced or c.no_language <> l.no_language or c.unreached <> l.unreached`,
	"counted too much": `select 1 from (select sum(listed) as n from listed_cell) c where coalesce(c.n, 0) <> (select count(*) from listing)`,
}

// agree also derives everything anew and compares.
func (h *house) agree(t interface {
	Fatal(...any)
	Errorf(string, ...any)
},
) {
	tx := h.d.Read(context.Background())
	for what, query := range disagreements {
		var wrong []int64
		if err := tx.Scan(&wrong, query); err != nil {
			t.Fatal(what, err)
		}
		if len(wrong) > 0 {
			t.Errorf("%s disagree: %v", what, wrong)
		}
	}
	kept := h.derived(t)
	if _, err := h.Rebuild(context.Background()); err != nil {
		t.Fatal(err)
	}
	if anew := h.derived(t); !slices.Equal(kept, anew) {
		t.Errorf("kept:\n%s\nderived anew:\n%s", strings.Join(kept, "\n"), strings.Join(anew, "\n"))
	}
}

func (h *house) derived(t interface{ Fatal(...any) }) []string {
	var all []string
	err := h.d.Read(context.Background()).Scan(&all, `select c.id || ' ' || c.sort_name || ' ' || c.region || ' ' || c.language_chain || ' ' || s.address_state || ' ' || s.words
		from contact c join contact_search s on s.contact_id = c.id order by c.id`)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestCountersSurviveWritersAtTheSameTime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		v := h.member("vol", account.Volunteer)
		var ids []int64
		for i := range 6 {
			ids = append(ids, h.add(Draft{Name: fmt.Sprintf("Person %d", i), Email: fmt.Sprintf("p%d@example.org", i%3)}).ID)
		}
		var group sync.WaitGroup
		for w := range 6 {
			group.Go(func() {
				for i := range 5 {
					id := ids[(w+i)%len(ids)]
					switch (w + i) % 3 {
					case 0:
						h.attempt(t, v, id, "reached")
					case 1:
						_ = h.AddToCycle(context.Background(), h.officer, h.cycle, id, []string{geo.GroupMedia, geo.GroupAcademia}[i%2], "")
					case 2:
						if err := h.Tidy(context.Background()); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		group.Wait()
		h.agree(t)
	})
}

func TestPagesNeitherSkipNorRepeatInAnyLanguage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		names := []string{"Ana", "ana", "Ñandú", "Nz", "Na", "王小明", "阿明", "张", "Иван", "Ёлка", "Елка", "محمد", "أحمد", "Ελένη", "דוד", "100%", "“Quoted”", "さくら"}
		all := map[int64]bool{}
		for i := range 60 {
			c := h.add(Draft{Name: names[i%len(names)] + strings.Repeat(" x", i%3), Country: []string{"PE", "CN"}[i%2]})
			all[c.ID] = true
			if i%7 == 0 {
				h.annotate(c.ID)
			}
		}
		rapid.Check(t, func(t *rapid.T) {
			f := Filter{
				CycleID: h.cycle, Locale: rapid.SampledFrom([]string{"en", "es", "fr", "pt", "ar", "zh", "ru"}).Draw(t, "locale"),
				Country: rapid.SampledFrom([]string{"", "PE"}).Draw(t, "country"), Query: rapid.SampledFrom([]string{"", "x", "longish", "王"}).Draw(t, "query"),
				Limit: 200,
			}
			h.reach = usualReach()
			want, _ := h.walkPages(t, f, func(p Page) string { return p.Next })
			if f.Query == "" && f.Country == "" && len(want) != len(all) {
				t.Fatalf("%d of %d contacts", len(want), len(all))
			}
			f.Limit = rapid.IntRange(1, 30).Draw(t, "limit")
			h.reach = rapid.SampledFrom([]reach{usualReach(), {near: 3, far: 9, few: 4}, {near: 1, far: 2, few: 0}, {near: 1, far: 1, few: 100}}).Draw(t, "reach")
			forward, last := h.walkPages(t, f, func(p Page) string { return p.Next })
			if !slices.Equal(forward, want) {
				t.Fatalf("forward %v, want %v", forward, want)
			}
			f.Cursor = last
			backward, _ := h.walkPages(t, f, func(p Page) string { return p.Previous })
			if len(backward) > 0 && hasTwice(backward, map[int64]bool{}) {
				t.Fatal("a row stands twice on the way back")
			}
		})
	})
}

// annotate gives a contact more words than an index of PostgreSQL holds.
func (h *house) annotate(id int64) {
	h.t.Helper()
	var notes strings.Builder
	for i := range 400 {
		fmt.Fprintf(&notes, "longish%d ", i)
	}
	h.exec("update contact set notes = ? where id = ?", notes.String(), id)
	if err := h.d.Write(context.Background(), func(tx *db.Tx) error { return h.refreshAll(tx, []int64{id}) }); err != nil {
		h.t.Fatal(err)
	}
}

func hasTwice(ids []int64, seen map[int64]bool) bool {
	for _, id := range ids {
		if seen[id] {
			return true
		}
		seen[id] = true
	}
	return false
}

// walkPages follows the pages to their end, and gives the cursor back from the last.
func (h *house) walkPages(t *rapid.T, f Filter, next func(Page) string) (ids []int64, last string) {
	for {
		page, err := h.List(context.Background(), h.officer, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Rows {
			ids = append(ids, r.ID)
		}
		last = page.Previous
		if f.Cursor = next(page); f.Cursor == "" {
			return ids, last
		}
	}
}

func TestNamesAreSortedForTheReader(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		for _, name := range []string{"Nz", "Ñandú", "Na", "张伟", "王小明", "Иван", "Елена", "محمد", "أحمد", "Ελένη"} {
			h.add(Draft{Name: name})
		}
		for locale, want := range map[string]string{
			"en": "Na Ñandú Nz Елена Иван أحمد محمد 王小明 张伟 Ελένη",
			"es": "Na Nz Ñandú Елена Иван أحمد محمد 王小明 张伟 Ελένη",
			"ru": "Елена Иван Na Ñandú Nz أحمد محمد 王小明 张伟 Ελένη",
			"ar": "أحمد محمد Na Ñandú Nz Елена Иван 王小明 张伟 Ελένη",
			"zh": "王小明 张伟 Na Ñandú Nz Елена Иван أحمد محمد Ελένη",
		} {
			if got := strings.Join(h.names(h.officer, Filter{Locale: locale}), " "); got != want {
				t.Errorf("%s: %s, want %s", locale, got, want)
			}
		}
	})
}

func TestSortKeysCompareAsBytes(t *testing.T) {
	t.Parallel()
	s := newSorter()
	_, a, _ := s.keys("“Ana Pérez")
	_, b, _ := s.keys("ana perez")
	if !bytes.Equal(a, b) {
		t.Errorf("quotes, case and accents change the order: %x, %x", a, b)
	}
}

func TestEveryMatchIsHandedOverOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		want := map[string][]int64{}
		for i := range 25 {
			country := []string{"PE", "CN"}[i%2]
			want[country] = append(want[country], h.add(Draft{Name: fmt.Sprintf("P %d", i), Country: country}).ID)
		}
		tx := d.Read(context.Background())
		for country, ids := range want {
			f := Filter{Country: country, CycleID: h.cycle}
			var got []int64
			keep := func(some []int64) error {
				if len(some) > 4 {
					t.Errorf("a batch of %d", len(some))
				}
				got = append(got, some...)
				return nil
			}
			if err := h.EachMatch(tx, h.officer, f, 4, keep); err != nil || !slices.Equal(got, ids) {
				t.Errorf("%s: %v, %v, want %v", country, got, err, ids)
			}
			wanted, err := h.search(tx, h.officer, f)
			if err != nil {
				t.Fatal(err)
			}
			got = nil
			if err := eachWindow(tx, wanted, 4, keep); err != nil || !slices.Equal(got, ids) {
				t.Errorf("%s by windows: %v, %v, want %v", country, got, err, ids)
			}
		}
	})
}

func TestUnclaimedIsAskedOfTheClock(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	c := h.add(Draft{Name: "Ana"})
	h.claim(h.member("v", account.Volunteer), c.ID, h.now.Add(time.Hour))
	f := Filter{CycleID: h.cycle, Gap: NoClaimant}
	count := func() (n int) {
		if err := h.EachMatch(h.d.Read(context.Background()), h.officer, f, 10, func(ids []int64) error { n += len(ids); return nil }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != 0 {
		t.Errorf("%d without a claimant while the claim holds", n)
	}
	h.now = h.now.Add(2 * time.Hour)
	if n := count(); n != 1 {
		t.Errorf("%d without a claimant after the claim ran out", n)
	}
}

// What somebody changed behind the program's back is found, and mended by deriving all anew.
func TestMiscountedFindsWhatWasChangedByHand(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.add(Draft{Name: "Ana", Email: "ana@example.org"})
		h.add(Draft{Name: "Eve", StakeholderGroup: geo.GroupMedia})
		for change, wrong := range map[string]int{
			"update listed_count set listed = listed where 1 = 1":                                                      0,
			"update listed_count set addressable = addressable + 1 where stakeholder_group = '" + geo.GroupMedia + "'": 1,
			"update listed_count set listed = listed + 1, bounced = bounced - 1 where 1 = 1":                           2,
			"delete from listed_count": 2,
			"insert into listed_count select cycle_id, 'academia', 'none', 0, 3, 0, 0, 0, 0, 0, 0, 0 from listed_count where stakeholder_group = '" + geo.GroupMedia + "'": 1,
		} {
			if err := d.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(change); return err }); err != nil {
				t.Fatal(change, err)
			}
			if n, err := Miscounted(t.Context(), d); err != nil || n != wrong {
				t.Errorf("after %q %d cells are wrong, %v; want %d", change, n, err, wrong)
			}
			if _, err := h.Rebuild(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n, err := Miscounted(t.Context(), d); err != nil || n != 0 {
				t.Errorf("after counting anew %d cells are wrong, %v", n, err)
			}
		}
	})
}
