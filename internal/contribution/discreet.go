package contribution

import "slices"

// What somebody has not submitted yet is read by them and those who edit with them, and by nobody else: the secretariat sees who began,
// and the documents that it added itself.

// discreet leaves out of a draft what only its writers read.
func (f *Full) discreet() {
	if f.State == Draft {
		f.Answers, f.Signatories, f.Files = nil, nil, added(f.Files)
	}
}

// added are the documents that the secretariat added.
func added(all []File) []File {
	return slices.DeleteFunc(all, func(f File) bool { return f.UploadedBy == nil })
}
