package demo

import (
	"context"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

// person is an invented person who may sign in.
type person struct {
	Email       string              `yaml:"email"`
	Name        string              `yaml:"name"`
	Language    string              `yaml:"language"`
	TimeZone    string              `yaml:"time_zone"`
	Initiative  string              `yaml:"initiative"`  // of a coordinator
	Connections map[string][]string `yaml:"connections"` // of a volunteer, by kind
}

type people struct {
	Officers     []person `yaml:"officers"`
	Leads        []person `yaml:"leads"`
	Translators  []person `yaml:"translators"`
	Volunteers   []person `yaml:"volunteers"`
	Coordinators []person `yaml:"coordinators"`
}

func readPeople() (people, error) {
	b, err := files.ReadFile("data/people.yaml")
	if err != nil {
		return people{}, errs.Wrap("demo.people", err)
	}
	var p people
	return p, errs.Wrap("demo.people", yaml.Unmarshal(b, &p))
}

// byRole lists the people in the order of the guided list: those who work on the chain first.
func (p people) byRole() []struct {
	role   account.Role
	people []person
} {
	return []struct {
		role   account.Role
		people []person
	}{
		{account.Volunteer, p.Volunteers},
		{account.Translator, p.Translators},
		{account.Officer, p.Officers},
		{account.Coordinator, p.Coordinators},
		{account.Lead, p.Leads},
	}
}

// addPeople makes the accounts and gives back their ids by address.
func (l *loader) addPeople(ctx context.Context) error {
	l.accounts = map[string]account.Account{}
	for _, group := range l.people.byRole() {
		for _, p := range group.people {
			a, err := l.Accounts.Add(ctx, l.by.Who, account.Account{
				Email: p.Email, Name: p.Name, Language: p.Language, TimeZone: p.TimeZone,
			}, group.role)
			if err != nil {
				return errs.Wrap("demo.add_people", err)
			}
			l.accounts[p.Email] = a
		}
	}
	return nil
}

// Cast names the invented people whom a visitor of the demo may be.
type Cast struct{ Accounts Accounts }

// People lists them, those who work on the chain first.
func (c Cast) People(ctx context.Context) ([]account.Account, error) {
	p, err := readPeople()
	if err != nil {
		return nil, err
	}
	all, err := c.Accounts.List(ctx)
	if err != nil {
		return nil, errs.Wrap("demo.cast", err)
	}
	var cast []account.Account
	for _, group := range p.byRole() {
		for _, member := range group.people {
			if i := slices.IndexFunc(all, func(a account.Account) bool { return a.Email == member.Email }); i >= 0 {
				cast = append(cast, all[i])
			}
		}
	}
	return cast, nil
}
