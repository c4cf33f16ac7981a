package campaign

import (
	"strconv"
	"sync"
	"time"
)

// longestRest is how long a process believes that a limit is used up without asking: less than anybody notices.
const longestRest = 250 * time.Millisecond

// rest knows the steps of which nothing may leave for a moment, so that their other batches need not be taken to find it out.
type rest struct {
	mu    sync.Mutex
	steps map[int64]time.Time
}

// until is for a step's own batches: what volunteers send in person has other limits.
func (r *rest) until(ref BatchRef, at time.Time) {
	if ref.Personal() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.steps == nil {
		r.steps = map[int64]time.Time{}
	}
	r.steps[ref.StepID] = at
}

// rests says whether nothing of the step may leave now, and forgets what is over.
func (r *rest) rests(ref BatchRef, now time.Time) bool {
	if ref.Personal() {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	at, ok := r.steps[ref.StepID]
	if ok && !now.Before(at) {
		delete(r.steps, ref.StepID)
		return false
	}
	return ok
}

func idText(id int64) string { return strconv.FormatInt(id, 10) }
