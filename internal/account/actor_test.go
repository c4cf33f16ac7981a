package account_test

import (
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/errs"
)

func member(roles ...account.Role) account.Actor {
	return account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: 1}, Roles: roles, Countries: []string{"BR", "CL"}}
}

func TestRequireOn(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		actor   account.Actor
		action  account.Action
		own     bool
		country string
		want    errs.Code
	}{
		"nobody":                             {account.Nobody(""), account.ContactRead, true, "BR", errs.Unauthorized},
		"officer, anything":                  {member(account.Officer), account.ContactRead, false, "", ""},
		"coordinator, own country":           {member(account.Coordinator), account.ContactRead, false, "CL", ""},
		"coordinator, other country":         {member(account.Coordinator), account.ContactRead, false, "DE", errs.Forbidden},
		"coordinator, no country":            {member(account.Coordinator), account.ContactRead, false, "", errs.Forbidden},
		"volunteer, address of own claim":    {member(account.Volunteer), account.AddressRead, true, "", ""},
		"volunteer, address of another":      {member(account.Volunteer), account.AddressRead, false, "", errs.Forbidden},
		"volunteer, country gives nothing":   {member(account.Volunteer), account.AddressRead, false, "BR", errs.Forbidden},
		"translator, mailbox":                {member(account.Translator), account.MailboxRead, true, "", errs.Forbidden},
		"two roles, the larger scope counts": {member(account.Volunteer, account.Officer), account.AddressRead, false, "", ""},
		"an action that is not in the table": {member(account.Officer), "world.rule", true, "", errs.Forbidden},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := errs.CodeOf(test.actor.RequireOn(test.action, test.own, test.country)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestEveryActionSomebodyMayDo(t *testing.T) {
	t.Parallel()
	for _, action := range account.Actions() {
		if !member(account.Roles()...).May(action) {
			t.Errorf("%s: nobody may", action)
		}
	}
}
