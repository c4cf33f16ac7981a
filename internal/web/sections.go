package web

import "github.com/convoke/convoke/internal/httpserver"

// section is a part of the site: its pages and its routes.
type section struct {
	pages  []definition
	routes func(r *httpserver.Router)
}

// sections are all parts of the site. To add one, add a line.
func (w *Web) sections() []section {
	return []section{
		w.homeSection(),
		w.signInSection(),
		w.demoSection(),
		w.outreachSection(),
		w.handoverSection(),
		w.plateSection(),
		w.planSection(),
		w.importsSection(), // before the contacts, whose paths begin alike
		w.duplicatesSection(),
		w.bulkSection(),
		w.contactsSection(),
		w.messageSection(),
		w.doubtsSection(),
		w.coverageSection(),
		w.candidatesSection(),
		w.questionsSection(), // before the documents, whose paths begin alike
		w.overviewSection(),
		w.documentSection(),
		w.commentSection(),
		w.variantSection(),
		w.translationSection(),
		w.initiativeSection(),
		w.nriSection(),
		w.monitorSection(),
		w.numbersSection(),
		w.cycleSection(),
		w.ownDatesSection(),
		w.auditSection(),
		w.callsSection(),
		w.suggestSection(),
		w.callDraftSection(),
		w.respondSection(),
		w.respondKeepSection(),
		w.consentSection(),
		w.respondEditorsSection(),
		w.signaturesSection(),
		w.correctionsSection(),
		w.preferencesSection(),
		w.reviewSection(), // before the contributions, whose paths begin alike
		w.contributionsSection(),
		w.synthesisSection(),
		w.campaignSection(),
		w.segmentSection(),
		w.deliverySection(),
		w.mailboxSection(),
		w.inboundSection(),
	}
}
