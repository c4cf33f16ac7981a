package demo

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/inbound"
)

// addMail lets mails have come in, in several languages: one that brings a contribution, a question, and what machines write. None
// of them has a token, because nothing was sent yet: whatever is to become of them, an officer decides.
func (l *loader) addMail(ctx context.Context) error {
	entries, err := files.ReadDir("data/mail")
	if err != nil {
		return errs.Wrap("demo.mail", err)
	}
	for _, e := range entries {
		text, err := files.ReadFile("data/mail/" + e.Name())
		if err != nil {
			return errs.Wrap("demo.mail", err)
		}
		raw := append([]byte("Date: "+l.began.Format(time.RFC1123Z)+"\n"), text...) // the same at each start, and so the same mail
		if _, err := l.Inbound.Receive(ctx, inbound.Delivered{Raw: raw}); err != nil {
			return errs.Wrap("demo.mail "+e.Name(), err)
		}
	}
	return l.Inbound.Sweep(ctx)
}

// addContributions lets two have come from outside of the list: a paper handed over at a meeting, which an officer is to check, and
// one that three networks signed, and that is not for publication.
func (l *loader) addContributions(ctx context.Context) error {
	all, _, err := l.Contributions.List(ctx, l.by, contribution.Filter{CycleID: l.cycle.ID, Limit: contribution.MaxLimit})
	if err != nil {
		return err
	}
	there := func(name string) bool {
		return slices.ContainsFunc(all, func(c contribution.Contribution) bool { return c.Name == name && c.State.Counted() })
	}
	if paper := handedOver(); !there(paper.Profile.Name) {
		if err := l.recordPaper(ctx, paper); err != nil {
			return errs.Wrap("demo.paper", err)
		}
	}
	if who := network(); !there(who.Name) {
		return errs.Wrap("demo.signed", l.addSigned(ctx, who))
	}
	return nil
}

// handedOver is who gave a paper at a meeting.
func handedOver() contribution.Arrival {
	return contribution.Arrival{
		Channel: contribution.Meeting, Language: "fr", Consent: true,
		Profile: contribution.Profile{
			Name: "Clarisse Ouédraogo", Organization: "Université des Rives", Capacity: contribution.Individual, StakeholderGroup: "academia", Country: "BF",
		},
	}
}

func (l *loader) recordPaper(ctx context.Context, a contribution.Arrival) error {
	paper, err := files.ReadFile("data/papers/position.rtf")
	if err != nil {
		return err
	}
	a.CycleID = l.cycle.ID
	a.Files = []contribution.Upload{{Name: "Former avant de protéger.rtf", Content: bytes.NewReader(paper), Size: int64(len(paper))}}
	_, err = l.Contributions.Record(ctx, l.as("helene@secretariat.example.org"), a)
	return err
}

// network is for whom several signed.
func network() contribution.Profile {
	return contribution.Profile{
		Name: "Marisol Ibarra", Organization: "Red Ciudadana Digital", Capacity: contribution.Organizational, StakeholderGroup: "civil_society",
		Country: "PY", Email: "marisol@red-ciudadana.example.org",
	}
}

// cosigners are those who signed with them.
func cosigners() []contribution.Cosigner {
	return []contribution.Cosigner{
		{Name: "Tomás Quiroga", Organization: "Cooperativa Nodo Sur", Email: "tomas@nodo-sur.example.org"},
		{Name: "Paula Ferreira", Organization: "Instituto Maré", Email: "paula@instituto-mare.example.net"},
	}
}

// unwritten lets no letter go to anybody: the mailbox of the demo begins empty.
type unwritten struct{ contribution.Lists }

// MayMail implements contribution.Lists.
func (unwritten) MayMail(*db.Tx, string, int64) (bool, error) { return false, nil }

// addSigned answers by the public form, names who signs too, and lets them do so.
func (l *loader) addSigned(ctx context.Context, who contribution.Profile) error {
	quiet := *l.Contributions
	quiet.Lists = unwritten{quiet.Lists}
	nobody := account.Nobody("")
	token, _, err := quiet.Start(ctx, nobody, l.cycle.ID, who, "es")
	if err != nil {
		return err
	}
	no := false
	_, err = quiet.Save(ctx, nobody, token, contribution.Entry{Consent: &no, Answers: contribution.Answers{
		"q1": "Donde la gente confía en la red, los servicios públicos llegan a más hogares: lo vemos en las bibliotecas de tres barrios.",
	}})
	if err != nil {
		return err
	}
	var links []string
	for _, n := range cosigners() {
		g, err := quiet.NameSignatory(ctx, nobody, token, n)
		if err != nil {
			return err
		}
		links = append(links, quiet.SignatureLink(g))
	}
	if _, err := quiet.Submit(ctx, nobody, token); err != nil {
		return err
	}
	for _, link := range links {
		if err := confirm(ctx, &quiet, link[strings.LastIndex(link, "/")+1:]); err != nil {
			return err
		}
	}
	return nil
}

// confirm signs by a token what it is shown.
func confirm(ctx context.Context, s *contribution.Service, token string) error {
	shown, err := s.OpenSignature(ctx, token, "")
	if err != nil {
		return err
	}
	_, err = s.ConfirmSignature(ctx, account.Nobody(""), token, shown.Digest)
	return err
}
