package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

// The pages of the secretariat.
const (
	contributionsPage      page[contributionsData]      = "contributions"
	contributionPage       page[contributionData]       = "contribution"
	contributionRecordPage page[contributionRecordData] = "contribution_record"
	arrivalForm                                         = "2006-01-02T15:04" // as browsers write datetime-local
)

type contributionsData struct {
	Round    contribution.Round
	State    contribution.State // that the list is narrowed to, "" for all
	Counts   []stateCount
	Items    []contributionRow
	Awaiting []contribution.Contribution // of which a correction waits for an officer
	Next     int64
}

type stateCount struct {
	State contribution.State
	Count int
}

type contributionRow struct {
	contribution.Contribution
	Group string
}

type contributionData struct {
	contribution.Full
	Round     contribution.Round
	Group     string
	Land      string
	Dir       string // of the answers
	Ask       texts
	Given     []respondSection
	Public    string
	Documents []fileView
	Names     bool            // whether an answer says whom to invite
	Asked     *correctionView // the correction that waits; nil where none does
}

type contributionRecordData struct {
	Round      contribution.Round
	MaxMB      int // of a document
	Ask        texts
	Sections   []respondSection
	Channels   []form.Option
	Languages  []form.Option
	Capacities []form.Option
	Groups     []form.Option
	Countries  []form.Option
}

func (w *Web) contributionsSection() section {
	return section{
		pages: []definition{contributionsPage, contributionPage, contributionRecordPage},
		routes: func(r *httpserver.Router) {
			large := httpserver.BodyLimit(fileBody)
			r.Handle(fiber.MethodGet, "/contributions", account.ContributionRead, w.contributions)
			r.Handle(fiber.MethodGet, "/contributions/new", account.ContributionRecord, w.recordForm)
			r.Handle(fiber.MethodPost, "/contributions/new", account.ContributionRecord, w.record, large, fileTooLarge())
			r.Handle(fiber.MethodGet, "/contributions/:id", account.ContributionRead, w.contribution)
			r.Handle(fiber.MethodPost, "/contributions/:id/files", account.ContributionDecide, w.changeContributionFiles, large, fileTooLarge())
			r.Handle(fiber.MethodGet, "/contributions/:id/files/:file", account.ContributionRead, w.contributionFile)
			r.Handle(fiber.MethodPost, "/contributions/:id/check", account.ContributionDecide, w.decide)
			r.Handle(fiber.MethodPost, "/contributions/:id/publish", account.ContributionDecide, w.decide)
			r.Handle(fiber.MethodPost, "/contributions/:id/withhold", account.ContributionDecide, w.decide)
		},
	}
}

func (w *Web) contributions(c *fiber.Ctx) error {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	before, err := queryNumber(c, "before")
	if err != nil {
		return err
	}
	round, err := w.Contributions.CurrentRound(ctx)
	if err != nil {
		return err
	}
	d := contributionsData{Round: round, State: contribution.State(c.Query("state"))}
	counts, err := w.Contributions.Counts(ctx, actor, round.ID)
	if err != nil {
		return err
	}
	for _, s := range contribution.States() {
		d.Counts = append(d.Counts, stateCount{State: s, Count: counts[s]})
	}
	if d.Awaiting, err = w.Contributions.AwaitingCorrection(ctx, actor, round.ID); err != nil {
		return err
	}
	rows, next, err := w.Contributions.List(ctx, actor, contribution.Filter{CycleID: round.ID, State: d.State, Before: int64(before)})
	if err != nil {
		return err
	}
	d.Next = next
	l := w.Server.Localizer(c)
	for _, r := range rows {
		d.Items = append(d.Items, contributionRow{Contribution: r, Group: w.Geo.GroupName(r.StakeholderGroup, l.Tag())})
	}
	return contributionsPage.show(w, c, d)
}

func (w *Web) contribution(c *fiber.Ctx) error {
	d, err := w.contributionData(c)
	if err != nil {
		return err
	}
	return contributionPage.show(w, c, d)
}

func (w *Web) contributionData(c *fiber.Ctx) (contributionData, error) {
	ctx, l := c.UserContext(), w.Server.Localizer(c)
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return contributionData{}, err
	}
	full, err := w.Contributions.Get(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return contributionData{}, err
	}
	d := contributionData{Full: full, Group: w.Geo.GroupName(full.StakeholderGroup, l.Tag()), Dir: w.Bundle.For(full.Language).Dir()}
	if full.Country != "" {
		d.Land = w.Geo.CountryName(full.Country, l.Tag())
	}
	if d.Round, err = w.Contributions.RoundByID(ctx, full.CycleID); err != nil {
		return d, err
	}
	q, err := w.Contributions.QuestionnaireOf(ctx, full.CycleID, l.Tag())
	if err != nil {
		return d, err
	}
	d.Ask, d.Given = w.writtenIn(l, q.Locale), answered(q, full.Answers)
	d.Documents = w.fileViews("/contributions/"+strconv.FormatInt(full.ID, 10), q, full.Files, full.Language)
	d.Names = len(invited(full.Answers)) > 0
	d.Asked = correctionViewOf(q, full)
	if full.State == contribution.Published && full.PublicNumber != nil {
		d.Public = publicAddress(callPath(d.Round), *full.PublicNumber)
	}
	return d, nil
}

// decide does what the last word of the address says.
func (w *Web) decide(c *fiber.Ctx) error {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	page := "/contributions/" + strconv.FormatInt(id, 10)
	var verb string
	switch path := c.Path(); {
	case strings.HasSuffix(path, "/check"):
		verb = "checked"
		_, err = w.Contributions.Check(ctx, actor, id)
	case strings.HasSuffix(path, "/publish"):
		verb = "published"
		_, err = w.Contributions.Publish(ctx, actor, id)
	default:
		verb = "withheld"
		_, err = w.Contributions.Withhold(ctx, actor, id, c.FormValue("reason"))
	}
	if err == nil {
		return w.redirect(c, page, "contributions."+verb)
	}
	d, failed := w.contributionData(c)
	if failed != nil {
		return failed
	}
	return contributionPage.again(w, c, d, err)
}

func (w *Web) recordForm(c *fiber.Ctx) error {
	d, err := w.recordData(c)
	if err != nil {
		return err
	}
	f := form.With("contact_id", c.Query("contact"), "received_at", w.Now().In(zone(account.ActorFrom(c.UserContext()).TimeZone)).Format(arrivalForm),
		"language", d.Round.DefaultLanguage)
	return contributionRecordPage.showForm(w, c, d, f)
}

func (w *Web) recordData(c *fiber.Ctx) (contributionRecordData, error) {
	ctx, l := c.UserContext(), w.Server.Localizer(c)
	round, err := w.Contributions.CurrentRound(ctx)
	if err != nil {
		return contributionRecordData{}, err
	}
	q, err := w.Contributions.QuestionnaireOf(ctx, round.ID, l.Tag())
	if err != nil {
		return contributionRecordData{}, err
	}
	d := contributionRecordData{
		Round: round, MaxMB: contribution.MaxFile >> 20, Ask: w.writtenIn(l, q.Locale), Capacities: w.capacities(c), Groups: w.groups(c), Countries: w.countries(c),
	}
	d.Sections = sectionsOf("", q, nil)
	for _, channel := range contribution.RecordedChannels() {
		d.Channels = append(d.Channels, form.Option{Value: string(channel), Label: l.T("contribution.channel." + string(channel))})
	}
	for _, locale := range w.Bundle.Locales() {
		d.Languages = append(d.Languages, form.Option{Value: locale.Tag, Label: locale.Name})
	}
	return d, nil
}

func (w *Web) record(c *fiber.Ctx) error {
	d, err := w.recordData(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	a, err := arrivalOf(posted, d, zone(actor.TimeZone))
	if err != nil {
		return contributionRecordPage.again(w, c, d, err)
	}
	if u, failed := uploadedDocument(c); failed != nil {
		return contributionRecordPage.again(w, c, d, atFile(failed))
	} else if u != nil {
		a.Files = append(a.Files, *u)
	}
	made, err := w.Contributions.Record(ctx, actor, a)
	if err != nil {
		return contributionRecordPage.again(w, c, d, atFile(err))
	}
	if !actor.May(account.ContributionRead) {
		return w.redirect(c, "/outreach", "contributions.recorded")
	}
	return w.redirect(c, "/contributions/"+strconv.FormatInt(made.ID, 10), "contributions.recorded")
}

// arrivalOf reads the form; times are those of the person's zone.
func arrivalOf(f form.Form, d contributionRecordData, in *time.Location) (contribution.Arrival, error) {
	a := contribution.Arrival{
		CycleID: d.Round.ID, Profile: profileOf(f), Channel: contribution.Channel(f.Value("channel")),
		Language: f.Value("language"), Answers: contribution.Answers{},
	}
	var wrong []errs.Field
	var err error
	if id := strings.TrimSpace(f.Value("contact_id")); id != "" {
		if a.ContactID, err = strconv.ParseInt(id, 10, 64); err != nil {
			wrong = append(wrong, errs.FieldError("contact_id", "field.number"))
		}
	}
	if a.ReceivedAt, err = time.ParseInLocation(arrivalForm, f.Value("received_at"), in); err != nil {
		wrong = append(wrong, errs.FieldError("received_at", "field.datetime"))
	}
	if a.Consent, err = consentOf(f); err != nil {
		wrong = append(wrong, errs.FieldsOf(err)...)
	}
	for _, s := range d.Sections {
		for _, p := range s.Places {
			a.Answers[p.Name], _ = p.posted(f)
		}
	}
	if len(wrong) > 0 {
		return a, errs.InvalidFields(wrong...)
	}
	return a, nil
}
