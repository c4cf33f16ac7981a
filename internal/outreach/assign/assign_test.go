package assign

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// check fails where an assignment breaks a rule or is not worth what it says.
func check(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, p Problem, r Result,
) {
	t.Helper()
	load := make([]int, len(p.Room))
	var value int64
	for task, person := range r.Person {
		if person == Nobody {
			continue
		}
		if p.Fit[task][person] <= 0 {
			t.Fatalf("task %d is with %d, who may not do it", task, person)
		}
		value += int64(p.Fit[task][person]) - int64(p.Burden*load[person])
		load[person]++
	}
	for person, n := range load {
		if n > max(0, p.Room[person]) {
			t.Fatalf("person %d has %d tasks, room for %d", person, n, p.Room[person])
		}
	}
	if value != r.Value {
		t.Fatalf("worth %d, and says %d", value, r.Value)
	}
	if slices.ContainsFunc(r.Price, func(price int64) bool { return price < 0 }) {
		t.Fatalf("a price is negative: %v", r.Price)
	}
	if bound := Bound(p, r.Price); bound != r.Value {
		t.Fatalf("the prices prove %d, the value is %d", bound, r.Value)
	}
}

// best tries everything.
func best(p Problem, task int, load []int) int64 {
	if task == len(p.Fit) {
		return 0
	}
	most := best(p, task+1, load)
	for person, fit := range p.Fit[task] {
		if fit <= 0 || load[person] >= p.Room[person] {
			continue
		}
		gain := int64(fit) - int64(p.Burden*load[person])
		load[person]++
		most = max(most, gain+best(p, task+1, load))
		load[person]--
	}
	return most
}

func TestAgainstTryingEverything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		people := rapid.IntRange(0, 4).Draw(t, "people")
		p := Problem{Burden: rapid.IntRange(0, 6).Draw(t, "burden")}
		for range people {
			p.Room = append(p.Room, rapid.IntRange(-1, 3).Draw(t, "room"))
		}
		for range rapid.IntRange(0, 6).Draw(t, "tasks") {
			fits := make([]int32, people)
			for i := range fits {
				fits[i] = rapid.Int32Range(-2, 12).Draw(t, "fit")
			}
			p.Fit = append(p.Fit, fits)
		}
		r := Solve(p)
		check(t, p, r)
		if want := best(p, 0, make([]int, people)); r.Value != want {
			t.Fatalf("worth %d, the best is %d: %+v gives %v", r.Value, want, p, r.Person)
		}
	})
}

func TestSmall(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		p    Problem
		want []int
	}{
		{"nothing", Problem{}, []int{}},
		{"nobody", Problem{Fit: [][]int32{{}}}, []int{Nobody}},
		{"nobody suits", Problem{Fit: [][]int32{{0, -1}}, Room: []int{1, 1}}, []int{Nobody}},
		{"no room", Problem{Fit: [][]int32{{5}}, Room: []int{0}}, []int{Nobody}},
		{"the better match gives way for the greater sum", Problem{Fit: [][]int32{{9, 8}, {9, 0}}, Room: []int{1, 1}}, []int{1, 0}},
		{"a burden spreads what both suit", Problem{Fit: [][]int32{{9, 8}, {9, 8}}, Room: []int{2, 2}, Burden: 2}, []int{0, 1}},
		{"without one it does not", Problem{Fit: [][]int32{{9, 8}, {9, 8}}, Room: []int{2, 2}}, []int{0, 0}},
		{"equals go to the first", Problem{Fit: [][]int32{{5, 5}}, Room: []int{1, 1}}, []int{0}},
	}
	for _, tt := range tests {
		r := Solve(tt.p)
		check(t, tt.p, r)
		if !slices.Equal(r.Person, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, r.Person, tt.want)
		}
	}
}

// large is a made-up house: people speak languages, know places, and suit a part of the tasks, as the real
// fits do: many are equal.
func large(tasks, people, room int, seed uint64) Problem {
	r := rand.New(rand.NewPCG(seed, 7))
	p := Problem{Burden: 2}
	speaks, knows, group := make([]int, people), make([]int, people), make([]int, people)
	for i := range people {
		speaks[i], knows[i], group[i] = r.IntN(7), r.IntN(40), r.IntN(7)
		p.Room = append(p.Room, room)
	}
	for range tasks {
		language, country, of := r.IntN(7), r.IntN(40), r.IntN(7)
		fits := make([]int32, people)
		for i := range fits {
			if speaks[i] != language && r.IntN(4) > 0 {
				continue
			}
			fits[i] = 100 + 30
			if knows[i] == country {
				fits[i] += 25
			}
			if group[i] == of {
				fits[i] += 20
			}
			fits[i] += int32(r.IntN(8))
		}
		p.Fit = append(p.Fit, fits)
	}
	return p
}

// Optimality on large instances is proven by the prices: check compares value and bound.
func TestLargeIsProven(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		p := large(600, 70, 8, seed)
		r := Solve(p)
		check(t, p, r)
		if again := Solve(p); !slices.Equal(again.Person, r.Person) {
			t.Error("the same problem has two answers")
		}
	}
}

// A wrong price proves nothing: the bound must be able to exceed.
func TestBoundCanFail(t *testing.T) {
	t.Parallel()
	p := large(40, 5, 3, 1)
	r := Solve(p)
	r.Price[0] += 1000
	if Bound(p, r.Price) == r.Value {
		t.Error("any price proves the value")
	}
}

// BenchmarkSolve is what "Assign the rest" is made for: 2,000 gaps, 200 volunteers with room for ten.
func BenchmarkSolve(b *testing.B) {
	p := large(2000, 200, 10, 1)
	for b.Loop() {
		Solve(p)
	}
}

// BenchmarkSolveScarce has twice the tasks that there is room for.
func BenchmarkSolveScarce(b *testing.B) {
	p := large(2000, 200, 5, 1)
	for b.Loop() {
		Solve(p)
	}
}
