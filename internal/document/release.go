package document

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Notices writes to translators. Each method writes a message and stores nothing.
type Notices interface {
	PrepareRelieved(ctx context.Context, n RelievedNotice) (Notice, error)
	PrepareCommentNews(ctx context.Context, n CommentNotice) (Notice, error) // reads no database
}

// Notice is a message that is written: stored in a transaction, then handed to a worker.
type Notice interface {
	Store(tx *db.Tx) error
	Wake(ctx context.Context)
}

// RelievedNotice tells a translator that an officer took a translation from them, and why.
type RelievedNotice struct {
	TranslatorID int64
	Officer      string
	Title        string // of the document, in its source language
	Locale       string
	Reason       string
}

// Release hands a translation back. What was written waits for whoever takes it on next.
func (s *Service) Release(ctx context.Context, by account.Actor, translationID int64) (Translation, error) {
	var t Translation
	err := s.change(ctx, by, account.TranslationWrite, translationID, func(tx *db.Tx, c *changing) error {
		if err := c.t.Release(by, s.Now()); err != nil {
			return err
		}
		return s.finish(tx, by.Who, c, "translation.released", nil)
	}, &t)
	return t, errs.Wrap("document.release_translation", err)
}

// Withdraw takes a translation back from review: it is its translator's draft again.
func (s *Service) Withdraw(ctx context.Context, by account.Actor, translationID int64) (Translation, error) {
	var t Translation
	err := s.change(ctx, by, account.TranslationWrite, translationID, func(tx *db.Tx, c *changing) error {
		if err := c.t.Withdraw(by, s.Now()); err != nil {
			return err
		}
		return s.finish(tx, by.Who, c, "translation.withdrawn", nil)
	}, &t)
	return t, errs.Wrap("document.withdraw_translation", err)
}

// Relieve takes a translation from its translator, who is told the reason. What they wrote stays.
func (s *Service) Relieve(ctx context.Context, by account.Actor, translationID int64, reason string) (Translation, error) {
	if err := by.Require(account.TranslationRelieve); err != nil {
		return Translation{}, err
	}
	reason = strings.TrimSpace(cleanText(reason))
	told, err := s.relievedNotice(ctx, by, translationID, reason)
	if err != nil {
		return Translation{}, errs.Wrap("document.relieve_translation", err)
	}
	var t Translation
	err = s.change(ctx, by, account.TranslationRelieve, translationID, func(tx *db.Tx, c *changing) error {
		from := c.t.TranslatorID
		if err := c.t.Relieve(s.Now()); err != nil {
			return err
		}
		if err := checkReason(reason); err != nil {
			return err
		}
		if told != nil {
			if err := told.Store(tx); err != nil {
				return err
			}
		}
		return s.finish(tx, by.Who, c, "translation.relieved", map[string]any{"reason": reason, "translator": from})
	}, &t)
	if err == nil && told != nil {
		told.Wake(ctx)
	}
	return t, errs.Wrap("document.relieve_translation", err)
}

func checkReason(reason string) error {
	switch {
	case reason == "":
		return errs.InvalidFields(errs.FieldError("reason", "field.required"))
	case utf8.RuneCountInString(reason) > maxSegment:
		return errs.InvalidFields(errs.FieldError("reason", "field.too_long", "Max", maxSegment))
	}
	return nil
}

// relievedNotice writes before the transaction, because a name is asked for; nil where there is nobody to tell.
func (s *Service) relievedNotice(ctx context.Context, by account.Actor, id int64, reason string) (Notice, error) {
	tx := s.DB.Read(ctx)
	sheet, err := current(tx, id)
	if err != nil {
		return nil, err
	}
	t := sheet.Translation
	known := checkReason(reason) == nil // an empty reason is refused before anything is sent
	if s.Notices == nil || t.TranslatorID == nil || t.isBy(by) || !known {
		return nil, nil
	}
	source, err := segmentsOf(tx, sheet.Revision.ID)
	if err != nil {
		return nil, err
	}
	return s.Notices.PrepareRelieved(ctx, RelievedNotice{
		TranslatorID: *t.TranslatorID, Officer: by.Name, Title: titleOf(source), Locale: t.Locale, Reason: reason,
	})
}
