package contact

import "github.com/convoke/convoke/internal/db"

// MayMail says whether a letter about a cycle may go to an address that somebody else typed, whether or not we know it: nobody
// suppressed it, its owner wants no mail of the cycle stopped, and what we sent there did not come back.
func (s *Service) MayMail(tx *db.Tx, email string, cycleID int64) (bool, error) {
	hash := AddressHash(s.Secret, email)
	suppressed, err := isSuppressed(tx, hash)
	if err != nil || suppressed {
		return false, err
	}
	asked, err := liveOptOuts(tx, []string{hash})
	if err != nil {
		return false, err
	}
	for _, o := range asked {
		if o.Scope == Everything || o.Scope == ThisCycle && o.ObjectID == cycleID {
			return false, nil
		}
	}
	return worksAsFarAsKnown(tx, hash)
}
