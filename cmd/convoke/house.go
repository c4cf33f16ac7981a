package main

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/adapt"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/demo"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/inbound"
	"github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/link"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/nri"
	"github.com/convoke/convoke/internal/outreach"
	"github.com/convoke/convoke/internal/queue"
	"github.com/convoke/convoke/internal/report"
	"github.com/convoke/convoke/internal/synthesis"
	"github.com/convoke/convoke/locales"
	"github.com/convoke/convoke/worker"
)

// house is everything that the settings lead to. It is the one place where rooms are handed what
// they need of each other.
type house struct {
	cfg       config.Config
	log       *slog.Logger
	now       func() time.Time
	registry  *prometheus.Registry
	bundle    *i18n.Bundle
	reference *geo.Reference
	links     *link.Signer
	db        *db.DB
	queue     *queue.Queue
	client    *queue.Client
	limiter   *queue.Limiter
	buckets   *queue.Buckets
	transport mail.Transport
	pool      *mail.Pool
	journals  *worker.Journals
	captured  *mail.CaptureTransport // nil where mail goes to a server
	health    *mail.Health           // of that server
	sender    *mail.Watched          // the pool, and how its server takes what it sends

	trail         *audit.Trail
	letters       *letter.Outbox
	accounts      *account.Service
	cycles        *cycle.Service
	contacts      *contact.Service
	imports       *contact.Imports
	outreach      *outreach.Service
	documents     *document.Service
	campaigns     *campaign.Service
	contributions *contribution.Service
	synthesis     *synthesis.Service
	inbound       *inbound.Service
	nris          *nri.Service
	reports       *report.Service
}

// withHouse builds a house for a command and takes it down afterwards.
func (c *cli) withHouse(ctx context.Context, fn func(*house) error) error {
	cfg, err := c.load("")
	if err != nil {
		return err
	}
	h, err := build(ctx, beside(cfg), newLogger(cfg.LogFormat))
	if err != nil {
		return err
	}
	return errors.Join(fn(h), h.Close())
}

// build connects to what the settings name and migrates the database.
func build(ctx context.Context, cfg config.Config, log *slog.Logger, options ...i18n.Option) (*house, error) {
	h := &house{cfg: cfg, log: log, now: db.Now, registry: prometheus.NewRegistry(), links: link.NewSigner(cfg.Secret)}
	clock, moved, err := demo.ReadClock(cfg.Data)
	if err != nil {
		return nil, err
	}
	if moved {
		h.now = clock.Now
	}
	if h.reference, err = geo.Load(); err != nil {
		return nil, err
	}
	if h.bundle, err = i18n.New(locales.FS, append(options, i18n.WithTexts(h.reference.GroupTexts()))...); err != nil {
		return nil, err
	}
	if h.db, err = migrated(ctx, cfg.DatabaseURL, log); err != nil {
		return nil, err
	}
	if h.queue, err = queue.Open(cfg.RedisURL, log); err != nil {
		return nil, errors.Join(err, h.db.Close())
	}
	h.client = h.queue.Client()
	if h.limiter, err = h.queue.Limiter(httpserver.NewMemoryLimiter(h.now)); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	if h.buckets, err = h.queue.Buckets(nil); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	if err := h.openMail(); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, h.furnish()
}

// openMail makes the connections to the mail server, or the box that captures.
func (h *house) openMail() error {
	connections := 4
	if h.cfg.SMTPURL == "" {
		h.captured = mail.NewCapture(mail.CaptureDeps{DB: h.db, Now: h.now})
		h.transport = h.captured
	} else {
		smtp, err := mail.ParseURL(h.cfg.SMTPURL)
		if err != nil {
			return err
		}
		connections = smtp.Connections
		h.transport = mail.NewSMTP(smtp)
	}
	h.health = mail.NewHealth(mail.HealthDeps{DB: h.db, Now: h.now, Log: h.log})
	sign, err := signing(h.cfg, h.now)
	if err != nil {
		return err
	}
	h.pool = mail.NewPool(mail.PoolConfig{Transport: h.transport, Connections: connections, Now: h.now, Sign: sign})
	h.sender = mail.Watch(h.pool)
	h.journals, err = worker.OpenJournals(filepath.Join(h.cfg.Data, "journal"))
	return err
}

// Close ends connections; what waits stays in the database.
func (h *house) Close() error {
	var all []error
	if h.pool != nil {
		h.pool.Close()
	}
	if h.journals != nil {
		all = append(all, h.journals.Close())
	}
	if h.limiter != nil {
		all = append(all, h.limiter.Close())
	}
	if h.buckets != nil {
		all = append(all, h.buckets.Close())
	}
	all = append(all, h.client.Close())
	h.queue.Close()
	return errors.Join(append(all, h.db.Close())...)
}

// furnish makes the services.
func (h *house) furnish() error {
	var sender mail.Address
	sender.Name, sender.Email = h.cfg.Sender()
	h.trail = audit.NewTrail(h.db)
	h.cycles = cycle.New(cycle.Deps{DB: h.db, Now: h.now})
	h.accounts = account.New(account.Deps{DB: h.db, Now: h.now, Normalize: mail.Normalize})
	h.documents = document.New(document.Deps{
		DB: h.db, Now: h.now, Accounts: h.accounts, Locales: h.bundle.Tags(), Glossary: adapt.Glossary(h.reference, h.bundle),
		Links: h.links, Normalize: mail.Normalize, Closed: adapt.Closed(h.cycles),
	})
	var err error
	h.letters, err = letter.New(letter.Deps{
		DB: h.db, Now: h.now, I18n: h.bundle, From: sender, PublicURL: h.cfg.PublicURL, Unique: letter.Random,
		Texts: adapt.Acknowledgements{Service: h.documents}, Waker: worker.MailQueue{Client: h.client, Log: h.log},
		Sender: worker.MailSender{Pool: h.sender},
	})
	if err != nil {
		return err
	}
	h.accounts.Mailer = h.letters // accounts were needed to make it
	warnings := adapt.Warnings{Accounts: h.accounts, Letters: h.letters, Reference: h.reference, PublicURL: h.cfg.PublicURL}
	h.documents.Notices = warnings // so were documents
	h.contacts = contact.New(contact.Deps{
		DB: h.db, Now: h.now, Reference: h.reference, Secret: h.cfg.Secret, Normalize: mail.Normalize, IsRole: mail.IsRole,
		Claims: outreach.Revoker{Now: h.now}, Followers: adapt.Followers(h.now), Erasers: adapt.Erasers(h.now),
		Letters: adapt.Readers{Letters: h.letters, PublicURL: h.cfg.PublicURL},
		Links:   h.links, Notifier: adapt.Outcomes{Accounts: h.accounts, Letters: h.letters, PublicURL: h.cfg.PublicURL},
	})
	h.imports = contact.NewImports(h.contacts, contact.ImportDeps{
		Wake: worker.ImportQueue{Client: h.client, Now: h.now}.Wake, Unique: letter.Random,
	})
	h.outreach = outreach.New(outreach.Deps{
		DB: h.db, Now: h.now, Reference: h.reference, Contacts: h.contacts, Notifier: warnings,
	})
	h.nris = nri.New(nri.Deps{DB: h.db, Contacts: adapt.Answering{Service: h.contacts}, Accounts: h.accounts, Now: h.now})
	h.reports = report.New(report.Deps{DB: h.db, Now: h.now})
	h.contributions = contribution.New(contribution.Deps{
		DB: h.db, Now: h.now, Cycles: adapt.Rounds{Service: h.cycles}, Questions: adapt.Questions{Service: h.documents}, Links: h.links, Letters: h.letters,
		Lists: h.contacts, Reviewers: adapt.Reviewers{Service: h.accounts}, Geo: h.reference, Locales: h.bundle.Tags(), Normalize: mail.Normalize,
		PublicURL: h.cfg.PublicURL,
	})
	h.synthesis = synthesis.New(synthesis.Deps{
		DB: h.db, Now: h.now, Cycles: adapt.SynthesisCycles{Service: h.cycles}, Questions: adapt.Outlines{Questions: adapt.Questions{Service: h.documents}},
		Documents: adapt.Outputs{Service: h.documents}, Words: adapt.SynthesisWords(h.bundle), PublicURL: h.cfg.PublicURL,
	})
	h.contributions.Excerpts = h.synthesis
	_, domain, _ := strings.Cut(sender.Email, "@")
	h.campaigns = campaign.New(campaign.Deps{
		DB: h.db, Now: h.now, Bundle: h.bundle, Links: h.links, Cycles: adapt.CampaignCycles{Service: h.cycles}, Texts: adapt.Texts{Service: h.documents},
		Addresses: adapt.Addresses{Service: h.contacts}, Volunteers: adapt.Volunteers{Service: h.outreach}, Queue: worker.CampaignQueue{Client: h.client, Now: h.now}, Letters: h.letters, Limiter: h.limiter, Transport: h.sender, Journals: h.journals, MailServer: h.health,
		Turned: warnings,
		Limits: limitsOf(h.cfg), Buckets: worker.CampaignBuckets{Buckets: h.buckets},
		Log: h.log, Reference: h.reference, PublicURL: h.cfg.PublicURL, From: sender, MailDomain: domain, InboundDomain: h.cfg.InboundMail, Spread: rand.Float64,
	})
	local, _, _ := strings.Cut(sender.Email, "@")
	h.inbound = inbound.New(inbound.Deps{
		DB: h.db, Now: h.now, Links: h.links, Boxes: inbound.Boxes{Local: local, Domains: []string{h.cfg.InboundMail, domain}},
		Campaigns: adapt.Returns{Service: h.campaigns}, Contacts: h.contacts, Contributions: adapt.MailedContributions{Service: h.contributions},
		Normalize: mail.Normalize, Log: h.log,
	})
	h.contributions.Mails = h.inbound
	return nil
}

// limitsOf are the limits of sending that the settings name.
func limitsOf(cfg config.Config) campaign.Limits {
	l := campaign.Limits{Overall: campaign.Rate(cfg.SendRate), Domain: campaign.Rate(cfg.DomainRate), Domains: map[string]campaign.Rate{}}
	for _, d := range cfg.DomainRates {
		l.Domains[d.Domain] = campaign.Rate(d.Rate)
	}
	return l
}
