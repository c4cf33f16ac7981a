package errs

// answer is what a code becomes outside of the house.
type answer struct {
	status int
	key    string
	exit   int
}

// The one table from codes to HTTP statuses, to the sentence shown where the error
// itself has none, and to exit codes of the command line.
var answers = map[Code]answer{
	Internal:     {500, "error.internal", 1},
	Invalid:      {422, "error.invalid", 2},
	Unauthorized: {401, "error.unauthorized", 1},
	Forbidden:    {403, "error.forbidden", 1},
	NotFound:     {404, "error.not_found", 1},
	Conflict:     {409, "error.conflict", 1},
	Gone:         {410, "error.gone", 1},
	TooMany:      {429, "error.too_many", 1},
	TooLarge:     {413, "error.too_large", 1},
	Unavailable:  {503, "error.unavailable", 1},
}

// Codes lists every code, for tests that hold the table and the locales against it.
func Codes() []Code {
	return []Code{Internal, Invalid, Unauthorized, Forbidden, NotFound, Conflict, Gone, TooMany, TooLarge, Unavailable}
}

// Status is the HTTP status of an error; 500 where it has no code.
func Status(err error) int { return answers[CodeOf(err)].status }

// ExitCode is what the command line ends with.
func ExitCode(err error) int { return answers[CodeOf(err)].exit }

// Message is the key and the placeholders of the sentence a person reads.
func Message(err error) (key string, args Args) {
	if e := Find(err); e != nil && e.Key != "" && e.Code != Internal {
		return e.Key, e.Args
	}
	return answers[CodeOf(err)].key, nil
}

// FieldsOf are the places the error names, nil where it names none.
func FieldsOf(err error) []Field {
	if e := Find(err); e != nil {
		return e.Fields
	}
	return nil
}
