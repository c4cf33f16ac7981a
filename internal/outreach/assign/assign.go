// Package assign spreads tasks over people so that the sum of the fits is as large as it can be, and nobody gets
// more than their room allows: the assignment problem with capacities.
//
// It is the method of successive shortest augmenting paths with potentials: tasks are added one by one, and each
// addition changes the assignment along the path that costs least, found by Dijkstra's algorithm over
// reduced costs. See J. Edmonds and R. M. Karp, "Theoretical Improvements in Algorithmic Efficiency for Network
// Flow Problems", J. ACM 19 (1972) 248–264; R. Jonker and A. Volgenant, "A Shortest Augmenting Path Algorithm for
// Dense and Sparse Linear Assignment Problems", Computing 38 (1987) 325–340, of which this is the variant
// whose columns hold several rows; and H. W. Kuhn, "The Hungarian Method for the Assignment Problem", Naval
// Research Logistics Quarterly 2 (1955) 83–97, for the prices that prove the result.
//
// It is pure: no clock, no chance, no database. The same problem always has the same answer.
package assign

import "math"

// Nobody stands for the person of a task that is left open.
const Nobody = -1

// Problem says who may do what, and how well.
type Problem struct {
	// Fit[task][person] is how well the person suits the task; 0 or less where they may not do it. All
	// rows are as long as Room.
	Fit [][]int32
	// Room is how many tasks a person can take; 0 or less for none.
	Room []int
	// Burden is what each further task of the same person costs, beside the first: it spreads tasks that
	// many suit. Zero or more.
	Burden int
}

// Result is an assignment of the greatest value, with the prices that prove it.
type Result struct {
	Person []int   // of each task, or Nobody
	Value  int64   // the sum of the fits, less the burdens
	Price  []int64 // of each person, for Bound
}

// unreached is farther than any distance, and can be added to without overflow.
const unreached = math.MaxInt64 / 4

// Solve gives the assignment. Its time grows with tasks × people for the problems that there are, and
// with the number of tasks times that in the worst case.
func Solve(p Problem) Result {
	s := newSolver(p)
	for task := range p.Fit {
		s.add(task)
	}
	r := Result{Person: s.person, Price: s.price}
	for task, person := range s.person {
		if person != Nobody {
			r.Value += int64(p.Fit[task][person])
		}
	}
	for _, held := range s.held {
		n := int64(len(held))
		r.Value -= int64(p.Burden) * n * (n - 1) / 2
	}
	return r
}

// Bound is what no assignment can exceed, by weak duality, whatever the prices are: each task pays at most
// the best fit above the prices, and each place of a person is worth its price less its burden. Where Bound equals
// the Value of an assignment, that assignment is proven to be the best.
func Bound(p Problem, price []int64) int64 {
	var sum int64
	for _, fits := range p.Fit {
		best := int64(0)
		for person, fit := range fits {
			if fit > 0 && p.Room[person] > 0 {
				best = max(best, int64(fit)-price[person])
			}
		}
		sum += best
	}
	for person, room := range p.Room {
		for place := range room {
			sum += max(0, price[person]-int64(p.Burden)*int64(place))
		}
	}
	return sum
}

// solver holds an assignment of the tasks added so far that is the best for them, with prices: a task's gain is what
// it has above the price of its person, and for no person has it more.
type solver struct {
	Problem
	person []int   // of each task
	gain   []int64 // of each task
	price  []int64 // of each person
	held   [][]int // tasks of each person

	// of the search for one task
	dist    []int64 // to each person
	from    []int   // the task from which a person was reached
	done    []bool
	scanned []int // people whose tasks were looked at, in order
}

func newSolver(p Problem) *solver {
	people := len(p.Room)
	s := &solver{
		Problem: p, person: make([]int, len(p.Fit)), gain: make([]int64, len(p.Fit)), price: make([]int64, people),
		held: make([][]int, people), dist: make([]int64, people), from: make([]int, people), done: make([]bool, people),
	}
	for i := range s.person {
		s.person[i] = Nobody
	}
	return s
}

// end is where a path ends: with a task that is left open, or with a place of a person that was free.
type end struct {
	cost   int64
	task   int
	person int // Nobody: the task is left open
}

// add assigns one more task at the least cost.
func (s *solver) add(task int) {
	s.reset()
	for person, fit := range s.Fit[task] {
		if fit > 0 && s.Room[person] > 0 {
			s.gain[task] = max(s.gain[task], int64(fit)-s.price[person])
		}
	}
	best := end{cost: s.gain[task], task: task, person: Nobody}
	s.reach(task, 0)
	for {
		next := s.nearest(best.cost)
		if next == Nobody {
			break
		}
		d := s.dist[next]
		s.done[next] = true
		s.scanned = append(s.scanned, next)
		if free := s.freePlace(next); d+free < best.cost {
			best = end{cost: d + free, person: next}
		}
		for _, other := range s.held[next] {
			if open := d + s.gain[other]; open < best.cost {
				best = end{cost: open, task: other, person: Nobody}
			}
			s.reach(other, d)
		}
	}
	s.reprice(task, best.cost)
	s.follow(task, best)
}

func (s *solver) reset() {
	for i := range s.dist {
		s.dist[i], s.from[i], s.done[i] = unreached, Nobody, false
	}
	s.scanned = s.scanned[:0]
}

// freePlace is what a further task of the person costs beside the price, unreached where there is no room.
func (s *solver) freePlace(person int) int64 {
	n := len(s.held[person])
	if n >= s.Room[person] {
		return unreached
	}
	return int64(s.Burden)*int64(n) - s.price[person]
}

// reach looks at what it costs to give the task, which is d away, to anybody.
func (s *solver) reach(task int, d int64) {
	base := d + s.gain[task]
	for person, fit := range s.Fit[task] {
		if fit <= 0 || s.done[person] || s.Room[person] <= 0 {
			continue
		}
		if to := base - int64(fit) + s.price[person]; to < s.dist[person] {
			s.dist[person], s.from[person] = to, task
		}
	}
}

// nearest is the person to look at next, the first of those at the same distance; Nobody where none is
// nearer than the best end that is known.
func (s *solver) nearest(limit int64) int {
	person := Nobody
	for i, d := range s.dist {
		if !s.done[i] && d < limit {
			person, limit = i, d
		}
	}
	return person
}

// reprice keeps the prices those of a best assignment: what was nearer than the end becomes dearer by the difference.
func (s *solver) reprice(task int, cost int64) {
	s.gain[task] -= cost
	for _, person := range s.scanned {
		if rise := cost - s.dist[person]; rise > 0 {
			s.price[person] += rise
			for _, other := range s.held[person] {
				s.gain[other] -= rise
			}
		}
	}
}

// follow changes hands along the path, from its end back to the task that was added.
func (s *solver) follow(task int, e end) {
	to := e.person
	at := e.task
	if to != Nobody {
		at = s.from[to]
	}
	for {
		was := s.person[at]
		if was != Nobody {
			s.drop(was, at)
		}
		s.person[at] = to
		if to != Nobody {
			s.held[to] = append(s.held[to], at)
		}
		if at == task {
			return
		}
		to = was
		at = s.from[was]
	}
}

func (s *solver) drop(person, task int) {
	held := s.held[person]
	for i, t := range held {
		if t == task {
			s.held[person] = append(held[:i], held[i+1:]...)
			return
		}
	}
}
