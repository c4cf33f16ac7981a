package contact

import (
	"context"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/contact/sheet"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// Exported says what an export holds.
type Exported struct {
	Contacts  int
	Addresses int
}

// exportBatch is how many contacts are read at once.
const exportBatch = 1000

// These bound the columns for addresses and for ties: who has more keeps the rest here.
const (
	mostMailboxes = 20
	mostTies      = 10
)

// exportWidth is for how many addresses and ties of a contact an export has columns.
type exportWidth struct{ mails, ties int }

// askedColumn is the last one of an export: what a contact asked not to get, as Scope has it, with the slug of the cycle or the
// number of the campaign. An import passes over it.
const askedColumn = "asked_not_to_get"

// Export writes the contacts that match, in the columns that an import takes, so that an import of an export
// changes nothing, and beside them what each asked not to get. Addresses that must not be written to are left out, whatever becomes of the file. The event that says who
// exported how many addresses is written at the end: whoever calls must give nothing away before Export returned nil.
func (s *Imports) Export(ctx context.Context, by account.Actor, f Filter, to sheet.Writer) (Exported, error) {
	var sum Exported
	if err := by.RequireOn(account.ContactExport, false, ""); err != nil {
		return sum, err
	}
	tx := s.DB.Read(ctx)
	width, err := widthOf(tx)
	if err != nil {
		return sum, errs.Wrap("contact.export", err)
	}
	if err := to.Write(append(sheet.ExportHeader(width.mails, width.ties), askedColumn)); err != nil {
		return sum, errs.Wrap("contact.export", err)
	}
	some := func(ids []int64) error { return s.exportSome(tx, ids, width, to, &sum) }
	if f.narrows() {
		err = s.EachMatch(tx, by, f, exportBatch, some)
	} else {
		err = eachLiving(tx, some)
	}
	if err != nil {
		return sum, errs.Wrap("contact.export", err)
	}
	if err := to.Close(); err != nil {
		return sum, errs.Wrap("contact.export", err)
	}
	return sum, errs.Wrap("contact.export", s.recordExport(ctx, by, f, sum))
}

// narrows says whether the filter leaves anybody out.
func (f Filter) narrows() bool {
	f.CycleID, f.Locale, f.Cursor, f.Limit = 0, "", "", 0
	return f != Filter{}
}

func (s *Imports) recordExport(ctx context.Context, by account.Actor, f Filter, sum Exported) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		// Not what was searched for: that may be a name, and the trail forgets nothing.
		after := map[string]any{"contacts": sum.Contacts, "addresses": sum.Addresses, "searched": f.Query != ""}
		for name, value := range map[string]string{
			"kind": string(f.Kind), "stakeholder_group": f.StakeholderGroup, "region": f.Region, "country": f.Country,
			"language": f.Language, "expertise": f.Expertise, "gap": string(f.Gap), "listed": f.Listed,
			"address_state": string(f.AddressState), "source": f.Source, "notes": f.HasNotes,
		} {
			if value != "" {
				after[name] = value
			}
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: "contact.exported", ObjectKind: "account", ObjectID: by.ID, CycleID: f.CycleID, After: after,
		})
	})
}

// eachLiving hands over all contacts by their numbers, some at a time.
func eachLiving(tx *db.Tx, do func(ids []int64) error) error {
	for last := int64(0); ; {
		ids, err := livingAfter(tx, last, exportBatch)
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := do(ids); err != nil {
			return err
		}
		last = ids[len(ids)-1]
	}
}

func (s *Imports) exportSome(tx *db.Tx, ids []int64, width exportWidth, to sheet.Writer, sum *Exported) error {
	contacts, err := contactsAmong(tx, ids)
	if err != nil {
		return err
	}
	at, err := aroundThem(tx, ids)
	if err != nil {
		return err
	}
	ties, err := exportedTies(tx, ids)
	if err != nil {
		return err
	}
	asked, err := askedAmong(tx, ids)
	if err != nil {
		return err
	}
	byID := make(map[int64]*Contact, len(contacts))
	for i := range contacts {
		byID[contacts[i].ID] = &contacts[i]
	}
	for _, id := range ids {
		c := byID[id]
		if c == nil || c.ErasedAt != nil {
			continue
		}
		row := exportRow(c, at[id], ties[id], width)
		if err := to.Write(append(row.Cells(width.mails, width.ties), saidOf(asked[id], at[id].Addresses))); err != nil {
			return err
		}
		sum.Contacts++
		sum.Addresses += len(row.Emails)
	}
	return nil
}

// saidOf is the cell of what a contact asked. A mailbox can be suppressed for other reasons than what was asked at it.
func saidOf(asked []string, addresses []knownAddress) string {
	everything := string(Everything)
	if slices.ContainsFunc(addresses, func(a knownAddress) bool { return a.Suppressed }) && !slices.Contains(asked, everything) {
		asked = append(asked, everything)
	}
	return strings.Join(asked, " ")
}

// exportRow is a contact as an import takes it.
func exportRow(c *Contact, at around, ties []exportedTie, width exportWidth) sheet.Row {
	row := sheet.Row{
		ID: c.ID, Kind: string(c.Kind), Name: c.Name, Transliteration: c.Transliteration, StakeholderGroup: c.StakeholderGroup, Country: c.Country,
		Languages: strings.Fields(c.Languages), Expertise: strings.Fields(c.Expertise), Source: c.Source, LawfulBasis: string(c.LawfulBasis), Notes: c.Notes,
	}
	if c.LawfulBasis == OtherBasis {
		row.LawfulBasis = c.LawfulBasisNote
	}
	if c.RegionOverridden {
		row.Region = geo.Region(c.Region)
	}
	for _, t := range ties[:min(len(ties), width.ties)] {
		row.More = append(row.More, sheet.Tie{Organization: t.Name, Function: string(t.Function), Title: t.Title, Since: t.Since, Until: t.Until})
	}
	for _, a := range at.Addresses {
		if !a.Suppressed && a.Status != Complained && len(row.Emails) < width.mails {
			row.Emails = append(row.Emails, sheet.Mailbox{Address: a.Email, Kind: string(a.Kind)})
		}
	}
	return row
}

// Rejected writes the rejected rows of a kept file in its own columns, with the reasons beside them in the words of
// say: corrected, the file can be imported again.
func (s *Imports) Rejected(ctx context.Context, by account.Actor, id int64, heading string, say func(CellProblem) string, to sheet.Writer) error {
	l, err := s.Layout(ctx, by, id, nil)
	if err != nil {
		return err
	}
	tx := s.DB.Read(ctx)
	if err := to.Write(append(append([]string{}, l.headings()...), heading)); err != nil {
		return errs.Wrap("contact.import.rejected", err)
	}
	page, err := listRows(tx, id, VerdictRejected, 0, exportBatch)
	if err != nil {
		return errs.Wrap("contact.import.rejected", err)
	}
	for rec, err := range l.Table.Records(0) {
		if err != nil {
			return errs.Wrap("contact.import.rejected", err)
		}
		if len(page) == 0 {
			break
		}
		if rec.Number != page[0].Number {
			continue
		}
		cells := append([]string{}, rec.Cells...)
		for len(cells) < len(l.Mapping) {
			cells = append(cells, "")
		}
		if err := to.Write(append(cells[:len(l.Mapping):len(l.Mapping)], reasons(page[0].Problems, say))); err != nil {
			return errs.Wrap("contact.import.rejected", err)
		}
		if page = page[1:]; len(page) == 0 {
			if page, err = listRows(tx, id, VerdictRejected, rec.Number, exportBatch); err != nil {
				return errs.Wrap("contact.import.rejected", err)
			}
		}
	}
	return errs.Wrap("contact.import.rejected", to.Close())
}

func reasons(all []CellProblem, say func(CellProblem) string) string {
	said := make([]string, len(all))
	for i, p := range all {
		said[i] = say(p)
	}
	return strings.Join(said, "; ")
}

// headings name the columns as the file does, else by their letters.
func (l *Layout) headings() []string {
	names := make([]string, len(l.Mapping))
	for i, m := range l.Mapping {
		if names[i] = m.Header; names[i] == "" {
			names[i] = m.Letter()
		}
	}
	return names
}
