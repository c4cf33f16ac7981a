package contact

import (
	"context"
	"fmt"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

func (h *house) initiative(name string, languages ...string) int64 {
	h.t.Helper()
	var id int64
	err := h.d.Write(context.Background(), func(tx *db.Tx) error {
		return tx.QueryRow("insert into nri (name, kind, created_at) values (?, 'national', ?) returning id", name, h.now).Scan(&id)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	for i, tag := range languages {
		h.exec("insert into nri_language (nri_id, position, language) values (?, ?, ?)", id, i+1, tag)
	}
	return id
}

func (h *house) answering(a Answering) {
	h.t.Helper()
	if err := h.d.Write(context.Background(), func(tx *db.Tx) error { return h.RefreshAnswering(tx, a) }); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) chain(id int64) string {
	h.t.Helper()
	d, err := h.Get(context.Background(), h.officer, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return d.LanguageChain
}

func TestTheChainAsksTheInitiativeBeforeTheCountry(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		brazil, alps := h.initiative("Fórum da Internet no Brasil", "pt-BR", "es"), h.initiative("Alpine IGF")
		entry := h.add(Draft{Kind: Organization, Name: "Fórum da Internet no Brasil", Country: "BR"})
		member := h.add(Draft{Name: "Marta", Organization: "Fórum da Internet no Brasil", Country: "AR", Languages: "gn", Email: "marta@example.org"})
		society := h.add(Draft{Kind: Organization, Name: "Sociedade", Country: "BR", Languages: "en"})
		coordinator := h.member("ines", account.Coordinator)
		speaks := h.add(Draft{Name: "Inês", Organization: "Sociedade", Country: "CH", Email: "ines@example.org"})
		h.exec("insert into nri_coordinator (nri_id, account_id, since) values (?, ?, ?)", brazil, coordinator.ID, h.now)
		own := h.add(Draft{Name: "The entry", Country: "CH"})
		h.exec("update nri set contact_id = ? where id = ?", own.ID, alps)
		h.answering(Answering{Initiatives: []int64{brazil, alps}})
		for name, c := range map[string]struct {
			id   int64
			want string
		}{
			"the entry of that name":  {entry.ID, "pt-BR es pt"},
			"a member":                {member.ID, "gn pt-BR es"},
			"another organization":    {society.ID, "en pt"},
			"a coordinator's mailbox": {speaks.ID, "en pt-BR es " + h.chain(own.ID)},
		} {
			if got := h.chain(c.id); got != c.want {
				t.Errorf("%s: chain %q, want %q", name, got, c.want)
			}
		}
		before := h.chain(own.ID)
		h.exec("insert into nri_language (nri_id, position, language) values (?, 1, 'rm')", alps)
		h.exec("update nri_coordinator set until = ?", h.now)
		h.answering(Answering{Initiatives: []int64{alps}, Accounts: []int64{coordinator.ID}})
		if got := h.chain(own.ID); got != "rm "+before {
			t.Errorf("after its initiative has a language: %q", got)
		}
		if got := h.chain(speaks.ID); got != "en "+before {
			t.Errorf("after the role passed on: %q", got)
		}
		reasons, err := h.Languages(ctx, h.officer, member.ID)
		if err != nil {
			t.Fatal(err)
		}
		want := "[{own  [gn]} {initiative Fórum da Internet no Brasil [pt-BR es]} {country AR [es]}]"
		if got := fmt.Sprint(reasons); got != want {
			t.Errorf("reasons %s, want %s", got, want)
		}
		abroad := h.member("abroad", account.Coordinator, "CH")
		if _, err := h.Languages(ctx, abroad, member.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("the languages of a contact outside of one's countries: %v", err)
		}
	})
}

// An initiative that names no language is written to in that of its country, or in what its countries have in common.
func TestAnInitiativeWithoutLanguagesSpeaksThoseOfItsCountries(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		for name, tt := range map[string]struct {
			countries, languages []string
			want                 string
		}{
			"Brazil IGF":      {[]string{"BR"}, nil, "pt es"},
			"Own words IGF":   {[]string{"BR"}, []string{"en"}, "en es"},
			"Arab IGF":        {[]string{"EG", "MA", "JO"}, nil, "ar es"},
			"Two shores IGF":  {[]string{"BR", "EG"}, nil, "es"},
			"Nowhere at all":  {nil, nil, "es"},
			"Unknown country": {[]string{"XX"}, nil, "es"},
		} {
			id := h.initiative(name, tt.languages...)
			for _, country := range tt.countries {
				h.exec("insert into nri_country (nri_id, country) values (?, ?)", id, country)
			}
			entry := h.add(Draft{Kind: Organization, Name: name, Country: "AR"})
			h.answering(Answering{Initiatives: []int64{id}})
			if got := h.chain(entry.ID); got != tt.want {
				t.Errorf("%s of %v: chain %q, want %q", name, tt.countries, got, tt.want)
			}
		}
	})
}
