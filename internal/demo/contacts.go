package demo

import (
	"context"
	"encoding/csv"

	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/errs"
)

// addContacts reads the invented list: every group and region, a dozen without an address.
func (l *loader) addContacts(ctx context.Context) error {
	rows, err := readTable("data/contacts.csv")
	if err != nil {
		return err
	}
	if err := l.readContacts(ctx); err != nil {
		return err
	}
	for _, row := range rows {
		if _, ok := l.contacts[row["name"]]; ok {
			continue
		}
		c, err := l.Contacts.Create(ctx, l.by, contact.Draft{
			CycleID: l.cycle.ID,
			Kind:    contact.Kind(row["kind"]), Name: row["name"], Transliteration: row["transliteration"],
			Organization: row["organization"], Function: row["function"],
			StakeholderGroup: row["stakeholder_group"], Country: row["country"], Languages: row["languages"],
			Expertise: row["expertise"], Email: row["email"],
			Source: "BPF members' shared list, August 2017 (invented)", LawfulBasis: "legitimate interest",
		})
		if err != nil {
			return errs.Wrap("demo.contact "+row["name"], err)
		}
		l.contacts[c.Name] = c.ID
	}
	return l.suppress(ctx, rows)
}

// readContacts remembers who is on the list already.
func (l *loader) readContacts(ctx context.Context) error {
	l.contacts = map[string]int64{}
	f := contact.Filter{CycleID: l.cycle.ID, Limit: 100}
	for {
		page, err := l.Contacts.List(ctx, l.by, f)
		if err != nil {
			return err
		}
		for _, c := range page.Rows {
			l.contacts[c.Name] = c.ID
		}
		if page.Next == "" {
			return nil
		}
		f.Cursor = page.Next
	}
}

// suppress lets three people have asked, in an earlier cycle, not to be written to.
func (l *loader) suppress(ctx context.Context, rows []map[string]string) error {
	left := 3
	for i, row := range rows {
		if left > 0 && i%40 == 39 && row["email"] != "" {
			if err := l.Contacts.Suppress(ctx, l.by, row["email"], contact.Unsubscribed); err != nil {
				return err
			}
			left--
		}
	}
	return nil
}

// readTable reads an embedded CSV file, each row by its column names.
func readTable(name string) ([]map[string]string, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, errs.Wrap("demo.table", err)
	}
	defer func() { _ = f.Close() }()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, errs.Wrap("demo.table", err)
	}
	rows := make([]map[string]string, len(records)-1)
	for i, record := range records[1:] {
		rows[i] = make(map[string]string, len(record))
		for j, value := range record {
			rows[i][records[0][j]] = value
		}
	}
	return rows, nil
}
