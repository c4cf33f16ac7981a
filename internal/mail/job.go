package mail

// job is one batch under way in a pool; the pool's lock guards it.
type job struct {
	envelopes []Envelope
	journal   Recorder
	results   []Result
	tries     []uint8
	queue     []int // not taken yet, the next one last
	left      int   // without a result
	err       error
	done      chan struct{}
}

// item is one message of a batch.
type item struct {
	job   *job
	index int
}

func newJob(envelopes []Envelope, journal Recorder) *job {
	n := len(envelopes)
	j := &job{
		envelopes: envelopes, journal: journal, results: make([]Result, n), tries: make([]uint8, n),
		queue: make([]int, n), left: n, done: make(chan struct{}),
	}
	for i := range envelopes {
		j.results[i] = Result{ID: envelopes[i].ID}
		j.queue[i] = n - 1 - i
	}
	return j
}

func (j *job) pop() int {
	last := len(j.queue) - 1
	i := j.queue[last]
	j.queue = j.queue[:last]
	return i
}

func (j *job) settle(i int, r Result) {
	r.ID = j.envelopes[i].ID
	j.results[i] = r
	if j.left--; j.left == 0 {
		close(j.done)
	}
}

// giveBack settles what waits as NotSent.
func (j *job) giveBack() {
	for len(j.queue) > 0 {
		j.settle(j.pop(), Result{})
	}
}
