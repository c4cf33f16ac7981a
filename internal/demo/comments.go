package demo

import (
	"context"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
)

// addComments opens the questionnaire and the introduction to the public, and lets members and a visitor comment on
// the questionnaire, as the forum's members did in August 2017.
func (l *loader) addComments(ctx context.Context) error {
	d, err := l.Documents.BySlug(ctx, l.cycle.ID, "questionnaire")
	if err != nil {
		return errs.Wrap("demo.comments", err)
	}
	talk, err := l.Documents.Talk(ctx, l.by, d.ID, document.TalkPart{})
	if err != nil || len(talk.Threads) > 0 {
		return errs.Wrap("demo.comments", err) // an earlier start has done it
	}
	introduction, err := l.Documents.BySlug(ctx, l.cycle.ID, "introduction")
	if err != nil {
		return errs.Wrap("demo.comments", err)
	}
	for _, id := range []int64{d.ID, introduction.ID} {
		if err := l.Documents.SetCommenting(ctx, l.by, id, document.CommentingPublic); err != nil {
			return errs.Wrap("demo.comments", err)
		}
	}
	if err := l.addDecided(ctx, d); err != nil {
		return errs.Wrap("demo.comments", err)
	}
	return errs.Wrap("demo.comments", l.addOpen(ctx, d, talk.Segments))
}

// addDecided adds a comment that has its answer, and one of which an editor asks something.
func (l *loader) addDecided(ctx context.Context, d document.Document) error {
	lead := l.as("maren@lead.example.org")
	officials, err := l.Documents.Comment(ctx, l.as("nadir@volunteers.example.org"), d.ID, document.CommentInput{
		SegmentKey: "q4.text", Quote: "each stakeholder community", Body: "How will this reach officials in governments?",
	})
	if err != nil {
		return err
	}
	if _, err := l.Documents.AnswerThread(ctx, lead, officials.ID,
		"National and Regional Initiatives are asked to pass it on, and the two-page introduction is written for them."); err != nil {
		return err
	}
	wording, err := l.Documents.Comment(ctx, l.as("nadir@volunteers.example.org"), d.ID, document.CommentInput{
		SegmentKey: "q1.text", Quote: "good cybersecurity", Body: "“Good” will be read in many ways. Could the question say what is meant?",
	})
	if err != nil {
		return err
	}
	_, err = l.Documents.AskBack(ctx, lead, wording.ID, "Would “effective” say it better in the languages you know?")
	return err
}

// addOpen adds what waits for the editors: comments on all of the text and on a question, a suggested edit, and one
// from the public.
func (l *loader) addOpen(ctx context.Context, d document.Document, segments []document.Segment) error {
	if _, err := l.Documents.Comment(ctx, l.as("aissatou@volunteers.example.org"), d.ID, document.CommentInput{
		Body: "The meeting summaries of the BPF should be in the relevant reading. They give respondents an idea of the process leading to the questionnaire.",
	}); err != nil {
		return err
	}
	if _, err := l.Documents.Comment(ctx, l.as("richard@volunteers.example.org"), d.ID, document.CommentInput{
		SegmentKey: "q3.text", Quote: "the following cybersecurity challenges",
		Body: "Please add an “other” option, in which a respondent can make a contribution in a free-form way.",
	}); err != nil {
		return err
	}
	for _, s := range segments {
		better := strings.Replace(s.Text, "the reliability and access to", "the reliability of and the access to", 1)
		if better == s.Text {
			continue
		}
		if _, err := l.Documents.Comment(ctx, l.as("carla@volunteers.example.org"), d.ID, document.CommentInput{
			SegmentKey: s.Key, Suggests: true, Suggestion: better, Body: "It reads more easily, and is easier to translate.",
		}); err != nil {
			return err
		}
	}
	_, err := l.Documents.CommentPublicly(ctx, account.Nobody(""), d.ID, document.PublicAuthor{Name: "Huda"}, document.CommentInput{
		SegmentKey: "q3e.text", Body: "Teachers and parents see much of this. Will they be asked too?",
	})
	return err
}
