package contribution_test

import (
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
)

// A button that is pressed twice makes one contribution, also for somebody who is on no list and of whom no index knows.
func TestRecordTheSameTwice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, c *clocktest.Clock) {
		arrival := contribution.Arrival{
			CycleID: k.CycleID, Channel: contribution.Phone, Answers: contribution.Answers{"q1": "By phone", "other": ""},
			Profile: contribution.Profile{Name: "Somebody", Capacity: contribution.Individual, StakeholderGroup: "academia", Country: "KE"},
		}
		var all sync.WaitGroup
		ids := make([]int64, 5)
		for i := range ids {
			all.Go(func() {
				got, err := k.Record(ctx, officer, arrival)
				if err != nil {
					t.Error(err)
				}
				ids[i] = got.ID
			})
		}
		all.Wait()
		for _, id := range ids {
			if id == 0 || id != ids[0] {
				t.Errorf("pressed five times: %v", ids)
			}
		}
		counts := func(what string, want int) {
			t.Helper()
			if n := k.Count("select count(*) from contribution where state = 'received'"); n != want {
				t.Errorf("%s: %d contributions, want %d", what, n, want)
			}
		}
		counts("pressed five times", 1)

		other := arrival
		other.Answers = contribution.Answers{"q1": "By phone", "other": "And this"}
		_, err := k.Record(ctx, officer, other)
		ok(t, err)
		counts("somebody of the same name said something else", 2)
		c.Set(c.Now().Add(time.Hour))
		_, err = k.Record(ctx, officer, arrival)
		ok(t, err)
		counts("the same again later", 3)
	})
}
