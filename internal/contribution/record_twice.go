package contribution

import (
	"maps"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/db"
)

// sentAgainWithin is how soon the same arrival is taken for a button that was pressed twice.
const sentAgainWithin = 10 * time.Minute

// sentTwice looks whether whoever records has just recorded the same for somebody outside of the list, of whom no contact tells that
// they have contributed already, and gives that contribution.
func (s *Service) sentTwice(tx *db.Tx, c *Contribution, answers Answers, files []Content) (bool, error) {
	if c.ContactID != nil || c.RecordedBy == nil {
		return false, nil
	}
	if err := lockRecorder(tx, *c.RecordedBy); err != nil {
		return false, err
	}
	some, err := recordedLike(tx, *c, s.Now().Add(-sentAgainWithin))
	if err != nil {
		return false, err
	}
	given, _ := merge(nil, answers) // without the empty ones
	for _, one := range some {
		old, err := answersOf(tx, one.ID)
		if err != nil {
			return false, err
		}
		have, err := filesOf(tx, one.ID, false)
		if err != nil {
			return false, err
		}
		if maps.Equal(old, given) && slices.EqualFunc(have, files, func(f File, u Content) bool { return f.SHA256 == u.SHA256 }) {
			*c = one
			return true, nil
		}
	}
	return false, nil
}
