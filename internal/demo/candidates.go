package demo

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// addDetails gives two government implementers what real lists know: a second address, a tie that
// ended, a title.
func (l *loader) addDetails(ctx context.Context) error {
	naledi, tomas := l.contacts["Naledi Wright"], l.contacts["Tomás Ibáñez"]
	if naledi == 0 || tomas == 0 {
		return nil
	}
	known, err := l.Contacts.Get(ctx, l.by, naledi)
	if err != nil || len(known.Addresses) > 1 {
		return err // an earlier start has done it
	}
	for id, email := range map[int64]string{naledi: "cert@government-ng.example.com", tomas: "despacho@government-ar.example.net"} {
		if _, err := l.Contacts.AddAddress(ctx, l.by, id, email); err != nil {
			return errs.Wrap("demo.details", err)
		}
	}
	for _, tie := range []struct {
		id           int64
		organization string
		contact.Affiliation
	}{
		{naledi, "National CERT (NG)", contact.Affiliation{Function: contact.Implementer, Title: "Head of incident response", Since: "2015-03"}},
		{tomas, "Universidad del Valle Imaginario (CL)", contact.Affiliation{Function: contact.Researcher, Since: "2009", Until: "2014", Represents: true}},
	} {
		tie.ContactID = tie.id
		if _, err := l.Contacts.AffiliateByName(ctx, l.by, tie.organization, tie.Affiliation); err != nil {
			return errs.Wrap("demo.details", err)
		}
	}
	return nil
}

// addTwins enters two people a second time as another list had them, so that there are duplicates to look at. The second
// entries are on no cycle's list: what the campaign counts does not change.
func (l *loader) addTwins(ctx context.Context) error {
	for _, twin := range []struct {
		of string
		contact.Draft
	}{
		{"Ольга Воронцова", contact.Draft{
			Name: "Olga Vorontsova", Organization: "Фонд «Открытая сеть» (UA)", StakeholderGroup: geo.GroupCivilSociety, Country: "UA",
			Languages: "en", Expertise: "online-abuse-gbv secure-development", Email: "o.vorontsova@open-net-ua.example.org",
		}},
		{"Andrés Salcedo", contact.Draft{
			Name: "Andres Salsedo", Organization: "Fundación Red Abierta (EC)", StakeholderGroup: geo.GroupCivilSociety, Country: "EC",
			Languages: "es en", Email: "asalcedo@red-abierta-ec.example.org",
		}},
	} {
		pairs, err := l.Contacts.DuplicatesOf(ctx, l.by, l.contacts[twin.of])
		if err != nil || len(pairs) > 0 || l.contacts[twin.of] == 0 {
			return err // an earlier start has done it
		}
		twin.Kind, twin.Source, twin.LawfulBasis = contact.Person, "Workshop participants, December 2016 (invented)", string(contact.Consent)
		if _, err := l.Contacts.Create(ctx, l.by, twin.Draft); err != nil {
			return errs.Wrap("demo.twins", err)
		}
	}
	return nil
}

// addCandidates lets members and a visitor have suggested whom to invite.
func (l *loader) addCandidates(ctx context.Context) error {
	some, _, err := l.Contacts.Candidates(ctx, l.by, l.cycle.ID, "", 0)
	if err != nil || len(some) > 0 {
		return err
	}
	for email, c := range map[string]contact.Candidate{
		"aissatou@volunteers.example.org": {
			Kind: contact.Person, Name: "Fatou N’Diaye", Organization: "CERT (SN)", Function: contact.Implementer, Email: "fatou.ndiaye@cert-sn.example.org",
			StakeholderGroup: geo.GroupGovernment, Country: "SN", Language: "fr", Note: "She runs the incident response of the ministry.",
		},
		"carla@volunteers.example.org": { // on the list already, written another way
			Kind: contact.Person, Name: "Ibáñez, Tomás", Email: "tomas.ibanez@government-ar.example.net",
			StakeholderGroup: geo.GroupGovernment, Country: "AR", Language: "es", Note: "Met at the Argentina IGF.",
		},
	} {
		if _, err := l.Contacts.Suggest(ctx, l.as(email), l.cycle.ID, c); err != nil {
			return errs.Wrap("demo.candidates", err)
		}
	}
	_, err = l.Contacts.SuggestPublic(ctx, account.Nobody(""), l.cycle.ID, contact.Candidate{
		Kind: contact.Organization, Name: "جمعية الإنترنت الآمن", StakeholderGroup: geo.GroupCivilSociety, Country: "JO", Language: "ar",
		Email: "info@safe-internet-jo.example.org", Note: "They train teachers.", SuggesterName: "Huda",
	})
	return errs.Wrap("demo.candidates", err)
}
