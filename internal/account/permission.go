package account

// Role is what an account may be. One account may have several.
type Role string

// The roles. Public is nobody in particular: a visitor, or a contributor with a personal link.
const (
	Public      Role = "public"
	Volunteer   Role = "volunteer"
	Translator  Role = "translator"
	Coordinator Role = "coordinator" // of a National or Regional Initiative
	Lead        Role = "lead"        // lead expert or facilitator
	Officer     Role = "officer"     // of the secretariat
)

// Roles lists the roles of accounts, in the order in which they are shown.
func Roles() []Role { return []Role{Volunteer, Translator, Coordinator, Lead, Officer} }

// Valid says whether an account can have this role.
func (r Role) Valid() bool {
	for _, known := range Roles() {
		if r == known {
			return true
		}
	}
	return false
}

// Scope says on what a role may act. A larger scope contains a smaller one.
type Scope int

// The scopes.
const (
	Nothing Scope = iota
	Own           // what the actor holds: its claims, its translations, its initiatives
	Country       // what lies in the countries of the actor's initiatives
	All
)

// Action is something that a route or a use case does.
type Action string

// The actions, each noun.verb.
const (
	PublicRead         Action = "public.read"   // call, published contributions, numbers, health
	PublicAnswer       Action = "public.answer" // personal links: form, withdrawal, unsubscribing
	SignIn             Action = "session.start"
	SignOut            Action = "session.end"
	AccountRead        Action = "account.read" // oneself
	HomeRead           Action = "home.read"
	OutreachRead       Action = "outreach.read"
	ContactRead        Action = "contact.read" // names, never addresses
	ContactCreate      Action = "contact.create"
	ContactWrite       Action = "contact.write"
	ContactImport      Action = "contact.import"
	ContactExport      Action = "contact.export" // with their addresses
	ContactMerge       Action = "contact.merge"  // look for duplicates, make two contacts one, take that back
	ContactBulk        Action = "contact.bulk"   // change many at once, take that back
	AddressRead        Action = "address.read"
	AddressDecide      Action = "address.decide" // whether an address that a volunteer doubts works
	CandidateSuggest   Action = "candidate.suggest"
	CandidateDecide    Action = "candidate.decide"
	ClaimMake          Action = "claim.make"
	ClaimWork          Action = "claim.work" // renew, hand back, log an attempt
	ClaimRevoke        Action = "claim.revoke"
	MessageSend        Action = "message.send"  // the campaign's text, in one's own name, under one's own claim
	ClaimTake          Action = "claim.take"    // accept or decline what a colleague offers
	ClaimAssign        Action = "claim.assign"  // give to a volunteer, or take from one to another
	ClaimInherit       Action = "claim.inherit" // go on with what volunteers did not reach
	PlanWrite          Action = "plan.write"    // propose who takes what, and confirm it
	TargetWrite        Action = "target.write"
	DocumentRead       Action = "document.read"
	DocumentWrite      Action = "document.write"
	DocumentFreeze     Action = "document.freeze"
	CommentRead        Action = "comment.read"
	CommentWrite       Action = "comment.write"  // comment, suggest, reply, take one's own back
	CommentDecide      Action = "comment.decide" // accept, decline, answer, ask back, let the public's be seen
	TranslationRead    Action = "translation.read"
	TranslationWrite   Action = "translation.write"
	TranslationReview  Action = "translation.review"
	TranslationRelieve Action = "translation.relieve" // take it from a translator who does not go on
	CampaignRead       Action = "campaign.read"
	CampaignWrite      Action = "campaign.write"
	CampaignApprove    Action = "campaign.approve"
	CampaignLaunch     Action = "campaign.launch"
	MailboxRead        Action = "mailbox.read"
	ContributionRead   Action = "contribution.read"
	ContributionRecord Action = "contribution.record"
	ContributionDecide Action = "contribution.decide" // check, publish, withhold
	ContributionReview Action = "contribution.review" // who looks at which, and what is done
	SynthesisRead      Action = "synthesis.read"
	SynthesisWrite     Action = "synthesis.write" // mark excerpts, write paragraphs, compile the draft
	InboundRead        Action = "inbound.read"    // mail that came in, with who sent it
	InboundDecide      Action = "inbound.decide"  // what becomes of it
	NRIRead            Action = "nri.read"
	InitiativeRead     Action = "initiative.read" // the page of who speaks for one
	NRIWrite           Action = "nri.write"       // import, coordinators, meetings
	RelayLog           Action = "relay.log"
	ReportRead         Action = "report.read"
	CycleRead          Action = "cycle.read"
	CycleWrite         Action = "cycle.write"
	DateGrant          Action = "date.grant" // a deadline of their own for one contact, and who has one
	AuditRead          Action = "audit.read"
)

type grants map[Role]Scope

// The one table of permissions: role × action × scope. What is not here is refused. A test
// drives every route as every role, inside and outside of the scope, against this table.
var table = map[Action]grants{
	PublicRead:         everybody(All),
	PublicAnswer:       everybody(Own),
	SignIn:             everybody(All),
	SignOut:            members(All),
	AccountRead:        members(Own),
	HomeRead:           everybody(All),
	OutreachRead:       {Volunteer: Own, Officer: All},
	ContactRead:        {Volunteer: All, Coordinator: Country, Lead: All, Officer: All},
	ContactCreate:      {Officer: All}, // others suggest candidates
	ContactWrite:       {Volunteer: Own, Officer: All},
	ContactImport:      {Officer: All},
	ContactExport:      {Officer: All},
	ContactMerge:       {Officer: All},
	ContactBulk:        {Officer: All},
	AddressRead:        {Volunteer: Own, Officer: All},
	AddressDecide:      {Officer: All},
	CandidateSuggest:   members(All),
	CandidateDecide:    {Officer: All},
	ClaimMake:          {Volunteer: All},
	ClaimWork:          {Volunteer: Own, Officer: All},
	ClaimRevoke:        {Officer: All},
	MessageSend:        {Volunteer: Own, Officer: Own}, // an officer who inherited the contact
	ClaimTake:          {Volunteer: Own},
	ClaimAssign:        {Officer: All},
	ClaimInherit:       {Officer: All},
	PlanWrite:          {Officer: All},
	TargetWrite:        {Officer: All},
	DocumentRead:       members(All),
	DocumentWrite:      {Lead: All, Officer: All},
	DocumentFreeze:     {Officer: All},
	CommentRead:        members(All),
	CommentWrite:       members(All),
	CommentDecide:      {Lead: All, Officer: All},
	TranslationRead:    {Translator: All, Lead: All, Officer: All},
	TranslationWrite:   {Translator: Own, Officer: Own},
	TranslationReview:  {Translator: All, Lead: All, Officer: All},
	TranslationRelieve: {Officer: All},
	CampaignRead:       {Lead: All, Officer: All},
	CampaignWrite:      {Officer: All},
	CampaignApprove:    {Lead: All, Officer: All},
	CampaignLaunch:     {Officer: All},
	MailboxRead:        {Officer: All},
	ContributionRead:   {Lead: All, Officer: All},
	ContributionRecord: {Volunteer: Own, Officer: All},
	ContributionDecide: {Officer: All},
	ContributionReview: {Lead: All, Officer: All},
	SynthesisRead:      {Lead: All, Officer: All},
	SynthesisWrite:     {Lead: All, Officer: All},
	InboundRead:        {Officer: All},
	InboundDecide:      {Officer: All},
	NRIRead:            {Coordinator: Own, Lead: All, Officer: All},
	InitiativeRead:     {Coordinator: Own},
	NRIWrite:           {Officer: All},
	RelayLog:           {Coordinator: Own, Officer: All},
	ReportRead:         {Coordinator: Country, Lead: All, Officer: All},
	CycleRead:          everybody(All),
	CycleWrite:         {Officer: All},
	DateGrant:          {Officer: All},
	AuditRead:          {Officer: All},
}

// Actions lists every action of the table, for the test that drives the routes.
func Actions() []Action {
	all := make([]Action, 0, len(table))
	for a := range table {
		all = append(all, a)
	}
	return all
}

// ScopeOf is what a role may act on with an action.
func ScopeOf(r Role, a Action) Scope { return table[a][r] }

func everybody(s Scope) grants {
	g := members(s)
	g[Public] = s
	return g
}

func members(s Scope) grants {
	g := grants{}
	for _, r := range Roles() {
		g[r] = s
	}
	return g
}
