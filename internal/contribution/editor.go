package contribution

import (
	"time"

	"github.com/convoke/convoke/internal/errs"
)

// EditorState is how far somebody came who was invited to edit a contribution with the one who gives it.
type EditorState string

// The states: invited → active, with the first thing they save → revoked, by the contributor.
const (
	EditorInvited EditorState = "invited"
	EditorActive  EditorState = "active"
	EditorRevoked EditorState = "revoked"
)

// Limits of editors.
const (
	MaxEditors      = 10
	maxEditorsNamed = 30 // those whose invitation was taken back included
)

// Editor is somebody who answers, corrects and attaches documents beside the contributor, and decides nothing for them.
type Editor struct {
	ID             int64
	ContributionID int64
	CycleID        int64
	Name           string // "" after it was forgotten
	Email          string // shown to nobody
	ContactID      *int64 // nil where nobody on our lists has the address
	Language       string // BCP 47, of the pages they see
	State          EditorState
	InvitedAt      time.Time
	MailedAt       *time.Time
	ActiveAt       *time.Time
	RevokedAt      *time.Time
}

// begin notes that something was saved for the first time.
func (e *Editor) begin(at time.Time) error {
	e.ActiveAt = &at
	return e.move(EditorActive, EditorInvited)
}

// revoke ends the invitation. What was written stays.
func (e *Editor) revoke(at time.Time) error {
	e.RevokedAt = &at
	return e.move(EditorRevoked, EditorInvited, EditorActive)
}

// allowed refuses whose invitation was taken back.
func (e *Editor) allowed() error {
	if e.State == EditorRevoked {
		return errs.E(errs.Gone, "editor.revoked")
	}
	return nil
}

func (e *Editor) move(to EditorState, from ...EditorState) error {
	for _, s := range from {
		if e.State == s {
			e.State = to
			return nil
		}
	}
	return errs.E(errs.Conflict, "editor.illegal_move", "From", string(e.State), "To", string(to))
}
