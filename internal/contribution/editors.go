package contribution

import (
	"context"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/link"
)

// Colleague is somebody who is to edit with the contributor, as the contributor names them.
type Colleague struct{ Name, Email string }

// InviteEditor lets somebody edit the contribution that a token opens, through a link of their own. The mail with it leaves at once,
// unless the address asked us not to write or was written to often today: which of them is told to nobody. Errors are errs.Invalid with the fields,
// errs.Conflict where nothing can be edited any more or where there are enough, errs.Forbidden for who edits themselves.
func (s *Service) InviteEditor(ctx context.Context, by account.Actor, token string, n Colleague) (Editor, error) {
	var e Editor
	err := s.namePerson(ctx, by, token, Cosigner{Name: n.Name, Email: n.Email}, func(tx *db.Tx, c Contribution, n Cosigner) (err error) {
		if e, err = s.addEditor(tx, c, n); err != nil {
			return err
		}
		if err := s.recordEditor(tx, author(by, c), c, e, "invited", ""); err != nil {
			return err
		}
		return s.mailEditor(tx, c, &e)
	})
	return e, errs.Wrap("contribution.invite_editor", err)
}

// editable refuses where nothing can be edited any more.
func (c Contribution) editable() error {
	switch {
	case c.Editable():
		return nil
	case c.State == Withdrawn:
		return errs.E(errs.Conflict, "contribution.withdrawn")
	}
	return errs.E(errs.Conflict, "contribution.closed")
}

func (s *Service) addEditor(tx *db.Tx, c Contribution, n Cosigner) (Editor, error) {
	if err := c.editable(); err != nil {
		return Editor{}, err
	}
	have, err := editorsOf(tx, c.ID)
	if err != nil {
		return Editor{}, err
	}
	if len(have) >= maxEditorsNamed || len(current(have)) >= MaxEditors {
		return Editor{}, errs.E(errs.Conflict, "editor.too_many", "Max", MaxEditors)
	}
	e := Editor{ContributionID: c.ID, CycleID: c.CycleID, Name: n.Name, Email: n.Email, State: EditorInvited, InvitedAt: s.Now()}
	id, err := contactAt(tx, c.CycleID, n.Email, n.Name)
	if err != nil {
		return e, err
	}
	e.ContactID = optional(id)
	if e.Language, err = s.languageOf(tx, c, e.ContactID); err != nil {
		return e, err
	}
	own, err := s.isOwn(tx, c, n.Email, e.ContactID)
	if err != nil {
		return e, err
	}
	if own {
		return e, errs.InvalidFields(errs.FieldError("email", "editor.yourself"))
	}
	mine, err := insertEditor(tx, &e)
	if err == nil && !mine {
		err = errs.InvalidFields(errs.FieldError("email", "editor.twice"))
	}
	return e, err
}

// current are those whose invitation was not taken back.
func current(all []Editor) []Editor {
	return slices.DeleteFunc(slices.Clone(all), func(e Editor) bool { return e.State == EditorRevoked })
}

// mailEditor sends the link, where the address may be written to and was not written to often today.
func (s *Service) mailEditor(tx *db.Tx, c Contribution, e *Editor) error {
	now := s.Now()
	may, err := s.mayInvite(tx, e.Email, c.CycleID, now)
	if err != nil || !may {
		return err
	}
	round, err := s.Cycles.Round(tx.Context(), c.CycleID)
	if err != nil {
		return err
	}
	l, err := s.Letters.Prepare(tx.Context(), letter.EditInvitation{
		Person: letter.Person{Email: e.Email, Name: e.Name, Language: e.Language}, Cycle: round.Name,
		From: c.Name, Organization: c.Organization, Link: s.EditorLink(*e),
	})
	if err != nil {
		return err
	}
	e.MailedAt = &now
	if err := storeEditor(tx, e); err != nil {
		return err
	}
	return post(tx, l)
}

// EditorLink is the address of the form for somebody who was invited to edit.
func (s *Service) EditorLink(e Editor) string {
	return s.LinkOf(s.Links.Token(link.Edit, link.Target{CycleID: e.CycleID, ContactID: e.ID}))
}

// RevokeEditor ends somebody's invitation at once; what they wrote stays. Doing it twice is no error. The error is errs.NotFound for
// somebody who was not invited to this contribution.
func (s *Service) RevokeEditor(ctx context.Context, by account.Actor, token string, id int64) error {
	return errs.Wrap("contribution.revoke_editor", s.changeBy(ctx, by, token, noEditor, func(tx *db.Tx, c Contribution) error {
		e, err := editorByID(tx, id)
		if db.IsNotFound(err) || err == nil && e.ContributionID != c.ID {
			return noEditor()
		}
		if err != nil || e.State == EditorRevoked {
			return err
		}
		from := e.State
		if err := e.revoke(s.Now()); err != nil {
			return err
		}
		if err := storeEditor(tx, &e); err != nil {
			return err
		}
		return s.recordEditor(tx, author(by, c), c, e, "revoked", from)
	}))
}

// edited notes who changes a contribution. The first time makes an editor an active one. The contribution is not stored.
func (s *Service) edited(tx *db.Tx, by account.Actor, r right, c *Contribution) error {
	now := s.Now()
	c.EditorID, c.EditedAt = r.editorID(), &now
	return s.active(tx, by, r, *c)
}

// active makes who saves for the first time an active editor.
func (s *Service) active(tx *db.Tx, by account.Actor, r right, c Contribution) error {
	if r.editor == nil {
		return nil
	}
	e, err := editorByID(tx, r.editor.ID)
	if err != nil || e.State != EditorInvited {
		return err
	}
	if err := e.begin(s.Now()); err != nil {
		return err
	}
	if err := storeEditor(tx, &e); err != nil {
		return err
	}
	return s.recordEditor(tx, r.who(by, c), c, e, "active", EditorInvited)
}

func (s *Service) recordEditor(tx *db.Tx, who audit.Who, c Contribution, e Editor, verb string, from EditorState) error {
	before := map[string]any{"editor": e.ID, "state": from}
	if from == "" {
		before = nil
	}
	return audit.Record(tx, who, s.Now(), change(c, "editor_"+verb, before, map[string]any{"editor": e.ID, "state": e.State}))
}

// allows refuses an editor what only the contributor says.
func (r right) allows(e Entry) error {
	if r.editor != nil && (e.Profile != nil || e.Consent != nil) {
		return errs.E(errs.Forbidden, "editor.not_yours")
	}
	return nil
}

// speaksTo keeps the language in which an editor reads the form.
func (s *Service) speaksTo(tx *db.Tx, r right, language string) error {
	if language == "" || language == r.editor.Language {
		return nil
	}
	e, err := editorByID(tx, r.editor.ID)
	if err != nil {
		return err
	}
	e.Language = language
	return storeEditor(tx, &e)
}

func noEditor() error { return errs.E(errs.NotFound, "editor.not_found") }
