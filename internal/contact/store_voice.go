package contact

import (
	"github.com/convoke/convoke/internal/db"
)

// loadVoices reads the initiatives that have languages or countries from the views of their room.
func loadVoices(tx *db.Tx) (voices, error) {
	v := voices{byName: map[string]voice{}, byContact: map[int64]voice{}, byMailbox: map[string]voice{}}
	var spoken []struct {
		NRIID    int64 `gorm:"column:nri_id"`
		Name     string
		Language string
	}
	err := tx.Scan(&spoken, `select l.nri_id, n.name, l.language from initiative_language l
		join initiative_name n on n.nri_id = l.nri_id order by l.nri_id, l.position`)
	if err != nil {
		return v, err
	}
	var places []struct {
		NRIID   int64 `gorm:"column:nri_id"`
		Name    string
		Country string
	}
	err = tx.Scan(&places, `select c.nri_id, n.name, c.country from initiative_country c
		join initiative_name n on n.nri_id = c.nri_id order by c.nri_id, c.country`)
	if err != nil || len(spoken)+len(places) == 0 {
		return v, err
	}
	byID := map[int64]voice{}
	for _, s := range spoken {
		one := byID[s.NRIID]
		one.Name, one.Languages = s.Name, append(one.Languages, s.Language)
		byID[s.NRIID] = one
	}
	for _, p := range places {
		one := byID[p.NRIID]
		one.Name, one.Countries = p.Name, append(one.Countries, p.Country)
		byID[p.NRIID] = one
	}
	for _, one := range byID {
		v.byName[one.Name] = one
	}
	var entries []struct {
		NRIID     int64 `gorm:"column:nri_id"`
		ContactID int64
	}
	if err := tx.Scan(&entries, "select nri_id, contact_id from initiative_contact"); err != nil {
		return v, err
	}
	for _, e := range entries {
		if one, ok := byID[e.NRIID]; ok {
			v.byContact[e.ContactID] = one
		}
	}
	var boxes []struct {
		NRIID int64 `gorm:"column:nri_id"`
		Email string
	}
	err = tx.Scan(&boxes, "select nri_id, email from initiative_mailbox order by nri_id desc")
	for _, b := range boxes {
		if one, ok := byID[b.NRIID]; ok {
			v.byMailbox[b.Email] = one
		}
	}
	return v, err
}

// answering are the contacts whose languages may follow from these initiatives: entries, their members, and whoever is
// reached at a coordinator's mailbox.
func answering(tx *db.Tx, a Answering) ([]int64, error) {
	var entries []int64
	err := scanAmong(tx, &entries, "select distinct o.id from initiative_name n join contact o on o.name = n.name",
		"n.nri_id", " and o.kind = 'organization'", a.Initiatives)
	if err != nil {
		return nil, err
	}
	for _, more := range []struct {
		query, column string
		ids           []int64
	}{
		{"select contact_id from initiative_contact", "nri_id", a.Initiatives},
		{"select id from contact", "id", a.Contacts},
	} {
		var found []int64
		if err := scanAmong(tx, &found, more.query, more.column, "", more.ids); err != nil {
			return nil, err
		}
		entries = append(entries, found...)
	}
	all := entries
	for _, more := range []struct {
		query, column string
		ids           []int64
	}{
		{"select f.contact_id from affiliation f", "f.until = '' and f.organization_id", entries},
		{"select ca.contact_id from initiative_mailbox m join address a on a.email = m.email join contact_address ca on ca.address_id = a.id", "m.nri_id", a.Initiatives},
		{"select ca.contact_id from account_mailbox m join address a on a.email = m.email join contact_address ca on ca.address_id = a.id", "m.account_id", a.Accounts},
	} {
		var found []int64
		if err := scanAmong(tx, &found, more.query, more.column, "", more.ids); err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}
