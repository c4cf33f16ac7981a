package api

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
)

// BulkInput is one edit of many contacts.
type BulkInput struct {
	IDs     []int64        `json:"ids,omitempty" doc:"these contacts, at most 5,000; not together with filter"`
	Filter  *ContactFilter `json:"filter,omitempty" doc:"or all that match, at most 5,000; an empty one means everybody"`
	Cycle   string         `json:"cycle,omitempty" doc:"slug of the cycle whose list changes, and by which the filter judges; the current one if absent"`
	Changes BulkChanges    `json:"changes"`
	Token   string         `json:"token,omitempty" doc:"of the preview; commit needs it"`
}

// ContactFilter narrows the contacts as the parameters of GET /contacts do.
type ContactFilter struct {
	Query            string `json:"q,omitempty"`
	Kind             string `json:"kind,omitempty" enum:"person,organization"`
	StakeholderGroup string `json:"stakeholder_group,omitempty"`
	Region           string `json:"region,omitempty"`
	Country          string `json:"country,omitempty"`
	Language         string `json:"language,omitempty"`
	Function         string `json:"function,omitempty"`
	Expertise        string `json:"expertise,omitempty"`
	Gap              string `json:"gap,omitempty" enum:"no_address,bounced_address,no_language,no_claimant,under_target"`
	Listed           string `json:"listed,omitempty" enum:"yes,no"`
	AddressState     string `json:"address_state,omitempty" enum:"usable,none,bounced,opted_out"`
	Source           string `json:"source,omitempty"`
	HasNotes         string `json:"has_notes,omitempty" enum:"yes,no"`
	Import           int64  `json:"import,omitempty"`
}

// BulkChanges are what an edit does to each contact; what is absent stays.
type BulkChanges struct {
	StakeholderGroup string   `json:"stakeholder_group,omitempty" doc:"of the contact, and on the list of the cycle"`
	Country          *string  `json:"country,omitempty" doc:"ISO 3166-1 alpha-2; empty takes it away"`
	Region           *string  `json:"region,omitempty" doc:"empty goes back to the country's"`
	Language         *BulkTag `json:"language,omitempty" doc:"BCP 47"`
	Expertise        *BulkTag `json:"expertise,omitempty"`
	Source           *string  `json:"source,omitempty"`
	LawfulBasis      *string  `json:"lawful_basis,omitempty" doc:"see Contact; empty takes it away"`
	LawfulBasisNote  *string  `json:"lawful_basis_note,omitempty"`
	List             string   `json:"list,omitempty" enum:"add,remove" doc:"who is on the list already keeps the place; whom the cycle needs stays"`
	Note             string   `json:"note,omitempty" doc:"a line that is added at the end of the notes"`
}

// BulkTag says what becomes of tags, which have an order.
type BulkTag struct {
	How  string   `json:"how" enum:"add,first,remove,replace,clear"`
	Tags []string `json:"tags,omitempty"`
}

// BulkResult is what an edit would do, or did.
type BulkResult struct {
	Mode        string        `json:"mode" enum:"preview,commit"`
	Selected    int           `json:"selected"`
	Changed     int           `json:"changed"`
	Unchanged   int           `json:"unchanged"`
	Refused     int           `json:"refused"`
	Refusals    []BulkRefusal `json:"refusals"`
	Contacts    []BulkContact `json:"contacts" doc:"the first by name that change, and the first that are refused"`
	Token       string        `json:"token" doc:"send it back to commit exactly this; any change at one of the contacts makes it another, and commit answers 409"`
	ChangesetID int64         `json:"changeset_id,omitempty" doc:"by which the edit can be taken back"`
}

// BulkRefusal is a reason for which contacts cannot be changed.
type BulkRefusal struct {
	Field  string `json:"field,omitempty"`
	Key    string `json:"key"`
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

// BulkContact is a contact with what the edit does to it.
type BulkContact struct {
	ContactID int64         `json:"contact_id"`
	Name      string        `json:"name,omitempty"`
	Outcome   string        `json:"outcome" enum:"change,refused"`
	Reason    string        `json:"reason,omitempty"`
	Changes   []FieldChange `json:"changes,omitempty"`
}

// FieldChange is a field before and after; listing has stakeholder group and region, separated by a space.
type FieldChange struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

func (a *API) bulkEndpoints() []endpoint {
	return []endpoint{{
		method: fiber.MethodPost, path: "/contacts/bulk", action: account.ContactBulk, handler: a.editContacts,
		summary: "See what an edit of many contacts would do, or make it", request: BulkInput{}, response: BulkResult{},
		params: []param{{name: "mode", doc: "preview changes nothing", enum: []string{modePreview, modeCommit}, must: true}},
	}}
}

const (
	modePreview = "preview"
	modeCommit  = "commit"
)

func (a *API) editContacts(c *fiber.Ctx) error {
	ctx := c.UserContext()
	by, mode := account.ActorFrom(ctx), c.Query("mode")
	if mode != modePreview && mode != modeCommit {
		return errs.InvalidFields(errs.FieldError("mode", "field.choice"))
	}
	in, err := decode[BulkInput](c)
	if err != nil {
		return err
	}
	cycleID, err := a.cycleID(c, in.Cycle)
	if err != nil {
		return err
	}
	if in.Filter != nil && len(in.IDs) > 0 {
		return errs.InvalidFields(errs.FieldError("filter", "field.choice"))
	}
	b := contact.Bulk{IDs: in.IDs, CycleID: cycleID, Changes: in.Changes.changes()}
	if in.Filter != nil {
		f := in.Filter.filter(cycleID)
		b.All = &f
	}
	var done contact.BulkDone
	switch {
	case mode == modePreview:
		done.BulkPreview, err = a.Contacts.PreviewBulk(ctx, by, b)
	case in.Token == "":
		return errs.InvalidFields(errs.FieldError("token", "field.required"))
	default:
		done, err = a.Contacts.CommitBulk(ctx, by, b, in.Token)
	}
	if err != nil {
		return err
	}
	return c.JSON(bulkResult(a.Server.Localizer(c), mode, done))
}

func (f ContactFilter) filter(cycleID int64) contact.Filter {
	return contact.Filter{
		Query: f.Query, Kind: contact.Kind(f.Kind), StakeholderGroup: f.StakeholderGroup, Region: f.Region, Country: f.Country, Language: f.Language,
		Function: contact.Function(f.Function), Expertise: f.Expertise, Gap: contact.Gap(f.Gap), Listed: f.Listed,
		AddressState: contact.AddressState(f.AddressState), Source: f.Source, HasNotes: f.HasNotes, Import: f.Import, CycleID: cycleID,
	}
}

func (ch BulkChanges) changes() contact.Changes {
	all := contact.Changes{
		StakeholderGroup: ch.StakeholderGroup, Country: ch.Country, Region: ch.Region, Languages: ch.Language.change(), Expertise: ch.Expertise.change(),
		Source: ch.Source, LawfulBasisNote: ch.LawfulBasisNote, List: contact.ListChange(ch.List), Note: ch.Note,
	}
	if ch.LawfulBasis != nil {
		basis := contact.Basis(*ch.LawfulBasis)
		all.LawfulBasis = &basis
	}
	return all
}

func (t *BulkTag) change() contact.TagChange {
	if t == nil {
		return contact.TagChange{}
	}
	return contact.TagChange{How: contact.TagHow(t.How), Tags: strings.Join(t.Tags, " ")}
}

func bulkResult(l *i18n.Localizer, mode string, done contact.BulkDone) BulkResult {
	r := BulkResult{
		Mode: mode, Selected: done.Selected, Changed: done.Changed, Unchanged: done.Same, Refused: done.Refused,
		Refusals: []BulkRefusal{}, Contacts: []BulkContact{}, Token: done.Token, ChangesetID: done.ChangesetID,
	}
	for _, f := range done.Refusals {
		r.Refusals = append(r.Refusals, BulkRefusal{Field: f.Why.Name, Key: f.Why.Key, Reason: l.FieldMessage(f.Why), Count: f.Count})
	}
	for _, rows := range [][]contact.BulkRow{done.Changing, done.RefusedRows} {
		for _, row := range rows {
			one := BulkContact{ContactID: row.ContactID, Name: row.Name, Outcome: string(row.Outcome)}
			if row.Outcome == contact.Refused {
				one.Reason = l.FieldMessage(row.Why)
			}
			for _, f := range row.Changes {
				one.Changes = append(one.Changes, FieldChange(f))
			}
			r.Contacts = append(r.Contacts, one)
		}
	}
	return r
}
