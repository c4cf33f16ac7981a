package sheet

import (
	"strconv"
	"strings"
	"unicode"
)

// maxTies is how many ties a row can name.
const maxTies = 20

// again says whether a header may claim a field that another column has already. A second organization has to have
// a number: a column "Employer" beside a column "Organization" is more often a detail than a second tie.
func (f Field) again(header string) bool {
	return f.several() && (!f.ofTie() || numberIn(header) > 1)
}

// tiesOf says of each column to which tie of a row it belongs, counted from 0: by the number in its header
// ("organization_2", "Organization 2 - Title"), else by its place among the columns of its field.
func tiesOf(mapping []Mapping) []int {
	ties := make([]int, len(mapping))
	next := map[Field]int{}
	for i, m := range mapping {
		if !m.Field.ofTie() {
			continue
		}
		ties[i] = min(next[m.Field], maxTies-1)
		if n := numberIn(m.Header); n > 0 && n <= maxTies {
			ties[i] = n - 1
		}
		next[m.Field] = ties[i] + 1
	}
	return ties
}

// numberIn is the number in a header, 0 where there is none or several.
func numberIn(header string) int {
	digits := strings.FieldsFunc(header, func(r rune) bool { return !unicode.IsDigit(r) })
	if len(digits) != 1 {
		return 0
	}
	n, err := strconv.Atoi(digits[0])
	if err != nil {
		return 0
	}
	return n
}
