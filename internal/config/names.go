package config

import (
	"slices"
	"strings"
)

const (
	prefix     = "CONVOKE_"
	testPrefix = "CONVOKE_TEST" // for the tests of this program, which may run it
	fileSuffix = "_FILE"
)

// CheckNames refuses a variable that begins with CONVOKE_ and is no setting: a slip in its name
// would otherwise leave the setting unset without a word. environ is "NAME=value" each, as from
// os.Environ. The error is an Error that names the nearest setting.
func CheckNames(environ []string) error {
	var unknown []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, prefix) && !strings.HasPrefix(name, testPrefix) && !known(name) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	name := slices.Min(unknown) // the same one each time
	return Error{name, "is no setting", "the nearest one is " + nearest(name) + ": correct the name, or remove the variable"}
}

func known(name string) bool {
	return slices.Contains(Names(), strings.TrimSuffix(name, fileSuffix)) || ofKubernetes(name)
}

// ofKubernetes says of a name that Kubernetes gives it to every container beside a service named convoke:
// CONVOKE_SERVICE_HOST, CONVOKE_SERVICE_PORT_HTTP, CONVOKE_PORT_8080_TCP_ADDR.
func ofKubernetes(name string) bool {
	return strings.HasPrefix(name, "CONVOKE_SERVICE_") || name == "CONVOKE_PORT" || strings.HasPrefix(name, "CONVOKE_PORT_")
}

func nearest(name string) string {
	name, suffix := strings.ToUpper(name), ""
	if base, ok := strings.CutSuffix(name, fileSuffix); ok {
		name, suffix = base, fileSuffix
	}
	return slices.MinFunc(Names(), func(a, b string) int { return distance(name, a) - distance(name, b) }) + suffix
}

// distance is how many letters must be added, removed or replaced to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
