// Package api speaks JSON with programs, under /api/v1. How to add an endpoint stands at the
// type endpoint in endpoint.go.
package api

import (
	"encoding/json"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/inbound"
	"github.com/convoke/convoke/internal/nri"
	"github.com/convoke/convoke/internal/outreach"
	"github.com/convoke/convoke/internal/report"
	"github.com/convoke/convoke/internal/synthesis"
)

// Prefix is where the API begins.
const Prefix = "/api/v1"

// Deps is what the endpoints work with. A nil service is allowed where its endpoints are not asked.
type Deps struct {
	Server        *httpserver.Server
	Campaigns     *campaign.Service
	Contacts      *contact.Service
	Imports       *contact.Imports
	Contributions *contribution.Service
	Cycles        *cycle.Service
	Documents     *document.Service
	Inbound       *inbound.Service
	NRIs          *nri.Service
	Outreach      *outreach.Service
	Reports       *report.Service
	Synthesis     *synthesis.Service
}

// API is all endpoints and their description.
type API struct {
	Deps
	document []byte
}

// endpoints are all of them. To add some, add a line.
func (a *API) endpoints() []endpoint {
	return slices.Concat(
		a.metaEndpoints(),
		a.meEndpoints(),
		a.cycleEndpoints(),
		a.contactEndpoints(),
		a.importEndpoints(),
		a.duplicateEndpoints(),
		a.bulkEndpoints(),
		a.contactPartEndpoints(),
		a.preferenceEndpoints(),
		a.candidateEndpoints(),
		a.claimEndpoints(),
		a.messageEndpoints(),
		a.deliveryEndpoints(),
		a.handoverEndpoints(),
		a.planEndpoints(),
		a.documentEndpoints(),
		a.commentEndpoints(),
		a.translationEndpoints(),
		a.questionnaireEndpoints(),
		a.documentFreezeEndpoints(),
		a.documentHistoryEndpoints(),
		a.campaignEndpoints(), a.segmentEndpoints(),
		a.reportEndpoints(),
		a.nriEndpoints(),
		a.contributionEndpoints(),
		a.inboundEndpoints(),
		a.synthesisEndpoints(),
	)
}

// New registers every endpoint with the server and describes them.
func New(d Deps) (*API, error) {
	a := &API{Deps: d}
	router := d.Server.Group(Prefix)
	for _, e := range a.endpoints() {
		if e.noCSRF != "" {
			router.HandleWithoutCSRF(e.method, e.path, e.action, e.handler, e.noCSRF, e.options...)
			continue
		}
		router.Handle(e.method, e.path, e.action, e.handler, e.options...)
	}
	text, err := json.MarshalIndent(describe(a.endpoints()), "", " ")
	if err != nil {
		return nil, errs.Wrap("api.new", err)
	}
	a.document = text
	return a, nil
}

func (a *API) metaEndpoints() []endpoint {
	return []endpoint{{
		method: fiber.MethodGet, path: "/openapi.json", action: account.PublicRead, handler: a.openAPI,
		summary: "This description", response: map[string]any{},
	}}
}

func (a *API) openAPI(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
	return c.Send(a.document)
}
