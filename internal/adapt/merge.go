package adapt

import (
	"time"

	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/inbound"
	"github.com/convoke/convoke/internal/nri"
	"github.com/convoke/convoke/internal/outreach"
)

// Followers are the rooms that keep facts about contacts, in the order in which they follow a merge: those that may refuse first.
func Followers(now func() time.Time) []contact.Follower {
	return []contact.Follower{contribution.Uniter{}, nri.Uniter{}, inbound.Uniter{}, cycle.Uniter{Now: now}, outreach.Uniter{Now: now}, campaign.Uniter{Now: now}}
}

// Erasers are the rooms that keep words about contacts.
func Erasers(now func() time.Time) []contact.Eraser {
	return []contact.Eraser{outreach.Eraser{}, campaign.Eraser{}, contribution.Eraser{}, inbound.Eraser{Now: now}, cycle.Eraser{}}
}
