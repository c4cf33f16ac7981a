package demo

import "github.com/convoke/convoke/internal/errs"

// TryList is an invented list to try an import with: some of its rows are doubtful.
func TryList() (name string, content []byte, err error) {
	content, err = files.ReadFile("data/try.csv")
	return "list-to-try.csv", content, errs.Wrap("demo.try_list", err)
}
