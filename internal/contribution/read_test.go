package contribution_test

import (
	"testing"

	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
)

// An address may ask for anything: what is no state has no contributions, also where the database does not take the text.
func TestListOfAStateThatIsNone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		for _, state := range []contribution.State{"lost", "\x00", "\xff"} {
			if all, next, err := k.List(ctx, officer, contribution.Filter{CycleID: k.CycleID, State: state}); err != nil || len(all) > 0 || next != 0 {
				t.Errorf("%q: %v, %d, %v", state, all, next, err)
			}
		}
	})
}
