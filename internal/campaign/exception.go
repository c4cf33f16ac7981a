package campaign

import (
	"cmp"
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Drop is a single message of a step that is left out by hand.
type Drop struct {
	ID        int64
	StepID    int64
	ContactID int64
	Reason    string
	DroppedBy *int64
	DroppedAt time.Time
	Name      string `gorm:"->"` // of the contact
	ByName    string `gorm:"->"` // who did it
}

// Edit is a single message of a step in words of its own, in the language in which the contact gets it. It goes out as
// it is, without the source text below. An edit that is not approved by the launch leaves the contact out.
type Edit struct {
	ID         int64
	StepID     int64
	ContactID  int64
	Locale     string
	Fallback   bool
	Subject    string
	Body       string // Markdown
	EditedBy   *int64
	EditedAt   time.Time
	ApprovedBy *int64
	ApprovedAt *time.Time
	Name       string `gorm:"->"` // of the contact
	ByName     string `gorm:"->"` // who did it
}

func (e *Edit) edition() edition { return edition{locale: e.Locale, own: e} }

// Exceptions are the single messages of a step that people dropped or edited.
type Exceptions struct {
	Drops []Drop
	Edits []Edit
}

const maxDropReason = 500

// exceptionChange is a change of single messages within a transaction.
type exceptionChange struct {
	tx       *db.Tx
	campaign *Campaign
	step     *Step
}

// except changes the single message of a contact: fn decides, and the change is counted and recorded. Every such
// change gives the campaign another mark, so that nobody approves it unseen.
func (s *Service) except(ctx context.Context, by account.Actor, id int64, position int, contactID int64, action string, fn func(x exceptionChange) (map[string]any, error)) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := lockCampaign(tx, id)
		if err != nil {
			return err
		}
		step, err := c.Step(position)
		if err != nil {
			return err
		}
		if c.State == Cancelled || step.State == StepCancelled || step.State == StepSent {
			return errs.E(errs.Conflict, "campaign.exception.over")
		}
		after, err := fn(exceptionChange{tx, &c, step})
		if err != nil {
			return err
		}
		step.Exceptions++
		if err := saveStep(tx, step); err != nil {
			return err
		}
		if after == nil {
			after = map[string]any{}
		}
		after["campaign"], after["step"], after["contact"] = c.ID, position, contactID
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: action, ObjectKind: "campaign_step", ObjectID: step.ID, CycleID: c.CycleID, After: after,
		})
	})
}

// DropMessage leaves a contact out of a step: before its launch, and afterwards as long as the message has not left. It
// needs no approval, because less is sent than was approved. The error is errs.Conflict where a worker has the message
// this very moment, or it has left.
func (s *Service) DropMessage(ctx context.Context, by account.Actor, id int64, position int, contactID int64, reason string) error {
	if err := by.Require(account.CampaignWrite); err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	switch {
	case errs.Blank(reason):
		return errs.InvalidFields(errs.FieldError("reason", "field.required"))
	case utf8.RuneCountInString(reason) > maxDropReason:
		return errs.InvalidFields(errs.FieldError("reason", "field.too_long", "Max", maxDropReason))
	}
	err := s.except(ctx, by, id, position, contactID, "campaign.message_dropped", func(x exceptionChange) (map[string]any, error) {
		if err := s.dropDelivery(x, contactID); err != nil {
			return nil, err
		}
		d := Drop{StepID: x.step.ID, ContactID: contactID, Reason: reason, DroppedBy: accountOf(by), DroppedAt: s.Now()}
		err := insertDrop(x.tx, &d)
		if db.IsDuplicate(err) {
			err = errs.E(errs.Conflict, "campaign.drop.already")
		}
		return nil, err
	})
	return errs.Wrap("campaign.drop_message", err)
}

// dropDelivery takes the message of a launched step out of the hands of the workers.
func (s *Service) dropDelivery(x exceptionChange, contactID int64) error {
	if x.step.LaunchedAt == nil {
		listed, err := isListed(x.tx, x.campaign.CycleID, contactID)
		if err == nil && !listed {
			err = errs.E(errs.NotFound, "campaign.no_message")
		}
		return err
	}
	d, err := ownDelivery(x.tx, x.step.ID, contactID)
	if db.IsNotFound(err) {
		if x.step.State == StepLaunching {
			return nil // it is not made yet, and will not be
		}
		return errs.E(errs.NotFound, "campaign.no_message")
	}
	if err != nil {
		return err
	}
	held := d.State == DeliverySkipped && d.Reason == HeldForTranslation
	if !held && !d.State.Can(DeliverySkipped) {
		return errs.E(errs.Conflict, "campaign.drop.too_late")
	}
	done, err := skipDropped(x.tx, &d, s.Now())
	if err == nil && !done {
		err = errs.E(errs.Conflict, "campaign.drop.leaving")
	}
	return err
}

// UndropMessage takes a drop back, before the launch. What was dropped before the campaign was approved stays so: nobody
// approved that it is sent.
func (s *Service) UndropMessage(ctx context.Context, by account.Actor, id int64, position int, contactID int64) error {
	if err := by.Require(account.CampaignWrite); err != nil {
		return err
	}
	err := s.except(ctx, by, id, position, contactID, "campaign.message_undropped", func(x exceptionChange) (map[string]any, error) {
		if x.step.LaunchedAt != nil {
			return nil, errs.E(errs.Conflict, "campaign.exception.launched")
		}
		d, err := dropOf(x.tx, x.step.ID, contactID)
		if db.IsNotFound(err) {
			return nil, errs.E(errs.NotFound, "campaign.no_message")
		}
		if err != nil {
			return nil, err
		}
		if at := x.campaign.ApprovedAt; x.campaign.decided() && at != nil && !d.DroppedAt.After(*at) {
			return nil, errs.E(errs.Conflict, "campaign.drop.approved")
		}
		return nil, deleteException(x.tx, "dropped_message", x.step.ID, contactID)
	})
	return errs.Wrap("campaign.undrop_message", err)
}

// decided says whether the campaign was approved: what is edited since then needs an approval of its own.
func (c *Campaign) decided() bool { return c.State != Draft && c.State != InReview }

// EditDraft is the words of a single message.
type EditDraft struct {
	Subject string
	Body    string // Markdown
}

// EditMessage gives a contact's message of a frozen step other words, before its launch, in the language in which the
// contact gets it. What must not go out is errs.Invalid. Before the campaign is approved its approval covers the edit;
// later the edit needs one of its own (ApproveEdit).
func (s *Service) EditMessage(ctx context.Context, by account.Actor, id int64, position int, contactID int64, d EditDraft) error {
	return s.EditMessageSeen(ctx, by, id, position, contactID, d, nil)
}

// EditMessageSeen is EditMessage by somebody who says what they looked at: an edit of this time, or with the zero time none.
// Where there is another by now the error is errs.Conflict, and nobody's words are lost.
func (s *Service) EditMessageSeen(ctx context.Context, by account.Actor, id int64, position int, contactID int64, d EditDraft, seen *time.Time) error {
	if err := by.Require(account.CampaignWrite); err != nil {
		return err
	}
	p, err := s.editable(ctx, by, id, position, contactID)
	if err != nil {
		return errs.Wrap("campaign.edit_message", err)
	}
	e := Edit{
		ContactID: contactID, Locale: p.Locale, Fallback: p.Fallback, EditedBy: accountOf(by), EditedAt: s.Now(),
		Subject: strings.TrimSpace(d.Subject), Body: strings.TrimSpace(strings.ReplaceAll(d.Body, "\r\n", "\n")),
	}
	if strings.ContainsAny(e.Subject, "\r\n") {
		return errs.InvalidFields(errs.FieldError("subject", "field.one_line"))
	}
	if err := s.checkEdit(ctx, id, &e); err != nil {
		return errs.Wrap("campaign.edit_message", err)
	}
	err = s.except(ctx, by, id, position, contactID, "campaign.message_edited", func(x exceptionChange) (map[string]any, error) {
		if err := mayEdit(x.step); err != nil {
			return nil, err
		}
		if err := editSeen(x, contactID, seen); err != nil {
			return nil, err
		}
		if err := deleteException(x.tx, "edited_message", x.step.ID, contactID); err != nil {
			return nil, err
		}
		e.StepID = x.step.ID
		return map[string]any{"locale": e.Locale}, insertEdit(x.tx, &e)
	})
	return errs.Wrap("campaign.edit_message", err)
}

// editSeen refuses where the words are not those that somebody looked at.
func editSeen(x exceptionChange, contactID int64, seen *time.Time) error {
	if seen == nil {
		return nil
	}
	e, err := editOf(x.tx, x.step.ID, contactID)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	if !e.at(*seen) {
		return errs.E(errs.Conflict, "campaign.edit.changed")
	}
	return nil
}

// at says whether the edit was made then; with the zero time, whether there is none.
func (e *Edit) at(seen time.Time) bool {
	return seen.Truncate(time.Microsecond).Equal(e.EditedAt.Truncate(time.Microsecond))
}

func mayEdit(step *Step) error {
	switch {
	case step.RevisionID == nil:
		return errs.E(errs.Conflict, "campaign.edit.not_frozen")
	case step.LaunchedAt != nil:
		return errs.E(errs.Conflict, "campaign.exception.launched")
	}
	return nil
}

// editable is what the contact would get; errs.NotFound for whoever would get nothing.
func (s *Service) editable(ctx context.Context, by account.Actor, id int64, position int, contactID int64) (Planned, error) {
	o, q, err := s.planOf(ctx, by, id, position)
	if err != nil {
		return Planned{}, err
	}
	if err := mayEdit(&o.Step); err != nil {
		return Planned{}, err
	}
	p, found, err := q.one(s.DB.Read(ctx), contactID)
	if err == nil && (!found || p.Reason != notAReason && p.Reason != EditWaits) {
		err = errs.E(errs.NotFound, "campaign.no_message")
	}
	return p, err
}

// checkEdit renders the words, and refuses a merge field for which there is no value.
func (s *Service) checkEdit(ctx context.Context, campaignID int64, e *Edit) error {
	c, err := loadCampaign(s.DB.Read(ctx), campaignID)
	if err != nil {
		return err
	}
	cycle, err := s.Cycles.Cycle(ctx, c.CycleID)
	if err != nil {
		return err
	}
	if _, err := s.Texts.Own(ctx, e.Locale, e.Subject, e.Body); err != nil {
		return err
	}
	composer, err := s.freshComposer(ctx, cycle, e.edition(), "")
	if err != nil {
		return err
	}
	for _, field := range composer.withoutValue() {
		return errs.InvalidFields(errs.FieldError("body", "campaign.value_missing", "Field", field))
	}
	return nil
}

// UneditMessage gives a message the words of the step again, which were approved for everybody, before its launch.
func (s *Service) UneditMessage(ctx context.Context, by account.Actor, id int64, position int, contactID int64) error {
	if err := by.Require(account.CampaignWrite); err != nil {
		return err
	}
	err := s.except(ctx, by, id, position, contactID, "campaign.message_unedited", func(x exceptionChange) (map[string]any, error) {
		if x.step.LaunchedAt != nil {
			return nil, errs.E(errs.Conflict, "campaign.exception.launched")
		}
		if _, err := editOf(x.tx, x.step.ID, contactID); err != nil {
			return nil, err
		}
		return nil, deleteException(x.tx, "edited_message", x.step.ID, contactID)
	})
	return errs.Wrap("campaign.unedit_message", err)
}

// ApproveEdit approves words that were written after the campaign was approved, by another person than their author
// unless the cycle says so. seen is the edit's time as it was looked at: where it is another by now, nothing is approved.
func (s *Service) ApproveEdit(ctx context.Context, by account.Actor, id int64, position int, contactID int64, seen time.Time) error {
	if err := by.Require(account.CampaignApprove); err != nil {
		return err
	}
	c, err := s.Get(ctx, by, id)
	if err != nil {
		return err
	}
	cycle, err := s.Cycles.Cycle(ctx, c.CycleID)
	if err != nil {
		return errs.Wrap("campaign.approve_edit", err)
	}
	err = s.except(ctx, by, id, position, contactID, "campaign.edit_approved", func(x exceptionChange) (map[string]any, error) {
		e, err := editOf(x.tx, x.step.ID, contactID)
		switch {
		case err != nil:
			return nil, err
		case !x.campaign.decided() || x.step.LaunchedAt != nil || e.ApprovedAt != nil:
			return nil, errs.E(errs.Conflict, "error.conflict")
		case !seen.IsZero() && !e.at(seen):
			return nil, errs.E(errs.Conflict, "campaign.approve.changed")
		case is(e.EditedBy, by.ID) && !cycle.AuthorMayApprove:
			return nil, errs.E(errs.Forbidden, "campaign.edit.own")
		}
		return nil, approveEdits(x.tx, by.ID, s.Now(), []int64{x.step.ID}, contactID)
	})
	return errs.Wrap("campaign.approve_edit", err)
}

// approveExceptions approves with the campaign what was edited until then. Who edited may not approve alone.
func (s *Service) approveExceptions(tx *db.Tx, by account.Actor, c *Campaign, authorMay bool) error {
	own, err := editedBy(tx, c, by.ID)
	if err != nil {
		return err
	}
	if own && !authorMay {
		return errs.E(errs.Forbidden, "campaign.approve.own")
	}
	ids := make([]int64, len(c.Steps))
	for i, step := range c.Steps {
		ids[i] = step.ID
	}
	return approveEdits(tx, by.ID, s.Now(), ids, 0)
}

// exceptions are those of a step with the names of contacts and people.
func (s *Service) exceptions(ctx context.Context, step *Step) (x Exceptions, err error) {
	if step.Exceptions == 0 {
		return x, nil
	}
	if x.Drops, err = dropsOf(s.DB.Read(ctx), step.ID); err != nil {
		return x, err
	}
	x.Edits, err = editsOf(s.DB.Read(ctx), step.ID)
	return x, err
}

// OutboxMessage is one contact's part in a step: the message, or why there is none.
type OutboxMessage struct {
	Campaign Campaign
	Step     Step
	Planned  Planned
	State    DeliveryState
	Message  *Message // nil where there is none
	Drop     *Drop    // it was taken out by hand
	Edit     *Edit    // it has words of its own
	Words    EditDraft
}

// Waits says whether the edit needs an approval of its own.
func (m OutboxMessage) Waits() bool {
	return m.Edit != nil && m.Edit.ApprovedAt == nil && m.Campaign.decided()
}

// MessageOf shows a contact's part in a step that is not launched yet. Its links lead nowhere. The error is errs.NotFound
// for a contact that is not in the audience.
func (s *Service) MessageOf(ctx context.Context, by account.Actor, id int64, position int, contactID int64) (OutboxMessage, error) {
	o, q, err := s.planOf(ctx, by, id, position)
	if err != nil {
		return OutboxMessage{}, errs.Wrap("campaign.message_of", err)
	}
	p, state, found, err := s.part(ctx, &o, &q, contactID)
	if err == nil && !found {
		err = errs.E(errs.NotFound, "campaign.no_message")
	}
	if err != nil {
		return OutboxMessage{}, errs.Wrap("campaign.message_of", err)
	}
	m := OutboxMessage{Campaign: o.Campaign, Step: o.Step, Planned: p, State: state}
	all, err := s.exceptions(ctx, &o.Step)
	if err != nil {
		return m, errs.Wrap("campaign.message_of", err)
	}
	for i := range all.Drops {
		if all.Drops[i].ContactID == contactID {
			m.Drop = &all.Drops[i]
		}
	}
	for i := range all.Edits {
		if all.Edits[i].ContactID == contactID {
			m.Edit = &all.Edits[i]
		}
	}
	if !m.State.waits() && p.Reason != EditWaits {
		return m, nil
	}
	message, err := s.preview(ctx, by, &o, p)
	if textFails(err) {
		err = whatFails(err)
	}
	if err != nil {
		return m, errs.Wrap("campaign.message_of", err)
	}
	m.Message = &message
	return m, errs.Wrap("campaign.message_of", s.words(ctx, &m))
}

// part is a contact's part in a step; false for a contact that has none. Of a launched step it is the delivery, but for
// whoever waits for a translation: they have what they would get now.
func (s *Service) part(ctx context.Context, o *Outbox, q *snapshot, contactID int64) (p Planned, state DeliveryState, found bool, err error) {
	tx := s.DB.Read(ctx)
	if o.Step.LaunchedAt != nil {
		all, err := deliveredTo(tx, o.Step.ID, []int64{contactID})
		if err != nil || len(all) == 0 {
			return p, "", false, err
		}
		if d := all[0]; d.Reason != HeldForTranslation {
			return d.Planned, d.State, true, nil
		}
		held, err := s.heldSnapshot(ctx, tx, &o.Campaign, &o.Step, o.Step.CompletionPolicy)
		if err != nil {
			return p, "", false, err
		}
		q = &held
	}
	p, found, err = q.one(tx, contactID)
	return p, plannedState(p), found, err
}

func plannedState(p Planned) DeliveryState {
	if p.Reason != notAReason {
		return DeliverySkipped
	}
	return DeliveryPlanned
}

// MayDrop says whether the message can still be taken out.
func (m OutboxMessage) MayDrop() bool {
	over := m.Campaign.State == Cancelled || m.Step.State == StepCancelled || m.Step.State == StepSent
	return !over && m.Drop == nil && (m.Step.LaunchedAt == nil || m.State.waits())
}

// MayEdit says whether the message can be given words of its own.
func (m OutboxMessage) MayEdit() bool {
	return m.Message != nil && m.Campaign.State != Cancelled && m.Campaign.State != Sent && mayEdit(&m.Step) == nil
}

// words are those that somebody who edits begins with.
func (s *Service) words(ctx context.Context, m *OutboxMessage) (err error) {
	if m.Edit != nil {
		m.Words = EditDraft{Subject: m.Edit.Subject, Body: m.Edit.Body}
		return nil
	}
	if m.Step.RevisionID == nil {
		return nil
	}
	m.Words.Subject, m.Words.Body, err = s.Texts.Words(ctx, *m.Step.RevisionID, m.Planned.Locale, cmp.Or(m.Planned.edition, 1), m.Planned.Variant)
	return err
}
