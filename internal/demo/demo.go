// Package demo lays out the 2017 cycle with invented people, so that a newcomer can walk the
// whole chain in five minutes. The call, the questionnaire, groups, countries and initiatives are
// real reference data; contacts and accounts are invented, under example.org, .com, .net, .test.
//
// It speaks to the same services as everybody else: what it lays out has passed every rule.
package demo

import (
	"context"
	"embed"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/inbound"
	"github.com/convoke/convoke/internal/nri"
	"github.com/convoke/convoke/internal/outreach"
)

//go:embed data
var files embed.FS

// Slug is the short name of the demo's cycle.
const Slug = "bpf-cybersecurity-2017"

// loaded is the event that ends the laying out: what comes after it, somebody did.
const loaded = "demo.loaded"

// Accounts is what the demo needs of accounts.
type Accounts interface {
	Add(ctx context.Context, by audit.Who, a account.Account, role account.Role) (account.Account, error)
	List(ctx context.Context) ([]account.Account, error)
}

// Deps is what laying out works with.
type Deps struct {
	DB            *db.DB
	Now           func() time.Time
	Reference     *geo.Reference
	Trail         *audit.Trail
	Accounts      Accounts
	Cycles        *cycle.Service
	Contacts      *contact.Service
	Outreach      *outreach.Service
	Documents     *document.Service
	Campaigns     *campaign.Service
	NRIs          *nri.Service
	Contributions *contribution.Service
	Inbound       *inbound.Service
}

// loader carries what one part of the layout needs of an earlier one.
type loader struct {
	Deps
	by       account.Actor // the program, with an officer's rights
	began    time.Time
	people   people
	accounts map[string]account.Account // by address
	cycle    cycle.Cycle
	contacts map[string]int64 // by name
}

// Load lays the demo out around a day, unless it was before. Every part looks at what is there
// already, so that a start that was interrupted is finished by the next.
func Load(ctx context.Context, d Deps, began time.Time) error {
	done, err := d.Trail.Happened(ctx, []string{loaded}, "")
	if err != nil || len(done) > 0 {
		return errs.Wrap("demo.load", err)
	}
	l := &loader{Deps: d, by: program(), began: began}
	if l.people, err = readPeople(); err != nil {
		return err
	}
	parts := []func(context.Context) error{
		l.addPeople,
		func(ctx context.Context) error { return l.addCycle(ctx, began) },
		l.addInitiatives,
		l.addContacts,
		l.addTargets,
		l.addConnections,
		l.addDocuments,
		l.addComments,
		l.addCampaign,
		l.addDetails,
		l.addTwins,
		l.addCandidates,
		l.addOutreach,
		l.addMail,
		l.addContributions,
	}
	for _, part := range parts {
		if err := part(ctx); err != nil {
			return errs.Wrap("demo.load", err)
		}
	}
	return errs.Wrap("demo.load", d.DB.Write(ctx, func(tx *db.Tx) error {
		return audit.Record(tx, l.by.Who, d.Now(), audit.Change{
			Action: loaded, ObjectKind: "cycle", ObjectID: l.cycle.ID, CycleID: l.cycle.ID,
		})
	}))
}

// program is the demo itself as an actor.
func program() account.Actor {
	return account.Actor{Who: audit.System("demo"), Roles: []account.Role{account.Officer, account.Lead}}
}

// as is one of the invented people as an actor.
func (l *loader) as(email string) account.Actor {
	a := l.accounts[email]
	return account.Actor{
		Who:   audit.Who{Kind: audit.ByAccount, ID: a.ID, Name: a.Name},
		Email: a.Email, Roles: a.Roles, Language: a.Language, TimeZone: a.TimeZone,
	}
}

// ignore forgets an error that says that the thing is there already.
func ignore(err error, code errs.Code) error {
	if errs.Is(err, code) {
		return nil
	}
	return err
}
