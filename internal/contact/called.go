package contact

import (
	"context"
	"strconv"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

// Called says what those of these contacts are called that have no name: by the organization that they answer for, else by their
// first address, where the actor may see addresses, else by their number.
func (s *Service) Called(ctx context.Context, by account.Actor, ids []int64) (map[int64]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if err := by.Require(account.ContactRead); err != nil {
		return nil, err
	}
	rows, err := namelessAmong(s.DB.Read(ctx), ids)
	called := make(map[int64]string, len(rows))
	for _, r := range rows {
		switch {
		case !errs.Blank(r.Organization):
			called[r.ContactID] = r.Organization
		case r.Email != "" && by.Scope(account.AddressRead) == account.All:
			called[r.ContactID] = r.Email
		default:
			called[r.ContactID] = "#" + strconv.FormatInt(r.ContactID, 10)
		}
	}
	return called, errs.Wrap("contact.called", err)
}
