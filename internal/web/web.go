// Package web holds the pages for people: server-rendered, in every language, usable without
// JavaScript. How to add a page stands at the type page in page.go.
package web

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/inbound"
	"github.com/convoke/convoke/internal/nri"
	"github.com/convoke/convoke/internal/outreach"
	"github.com/convoke/convoke/internal/report"
	"github.com/convoke/convoke/internal/synthesis"
)

// Accounts is what the pages need of accounts.
type Accounts interface {
	RequestSignIn(ctx context.Context, email, locale string) error
	Peek(ctx context.Context, secret string) (account.Account, error)
	Redeem(ctx context.Context, secret, userAgent, requestID string) (session string, a account.Account, err error)
	IssueSignIn(ctx context.Context, accountID int64) (string, error)
	End(ctx context.Context, by account.Actor, session string) error
	EndAll(ctx context.Context, by account.Actor) error
	List(ctx context.Context) ([]account.Account, error)
	ByID(ctx context.Context, id int64) (account.Account, error)
}

// Deps is what the pages work with. A nil service is allowed where its pages are not visited.
type Deps struct {
	Server        *httpserver.Server
	Bundle        *i18n.Bundle
	Now           func() time.Time
	Accounts      Accounts
	Guide         Guide // the guided list of the first page; nil for none
	Demo          Demo  // nil outside of the demo
	Geo           *geo.Reference
	Campaigns     *campaign.Service
	Contacts      *contact.Service
	Imports       *contact.Imports
	TryList       *List // to try an import with; nil outside of the demo
	Contributions *contribution.Service
	Inbound       *inbound.Service
	Cycles        *cycle.Service
	Mailbox       Mailbox // captured mail; nil where a server is set
	Documents     *document.Service
	NRIs          *nri.Service
	Outreach      *outreach.Service
	Reports       *report.Service
	Synthesis     *synthesis.Service
	Trail         *audit.Trail
}

// Web is the site.
type Web struct {
	Deps
	templates *templates
	static    *static
	open      streams // event streams
}

// New parses all templates and registers every page with the server.
func New(d Deps) (*Web, error) {
	t, err := parseTemplates(files, d.Bundle)
	if err != nil {
		return nil, errs.Wrap("web.new", err)
	}
	s, err := loadStatic(files)
	if err != nil {
		return nil, errs.Wrap("web.new", err)
	}
	w := &Web{Deps: d, templates: t, static: s}
	w.static.register(d.Server.Router)
	for _, section := range w.sections() {
		section.routes(d.Server.Router)
	}
	d.Server.HandleErrors(w.showError)
	return w, nil
}
