// Package errs is the one error type of Convoke: a code that decides what happens, a message
// key that is translated for the person, and the chain of operations for the log.
//
// Nothing internal reaches a person: what they read is the translation of Key with Args (and of
// each Field), never the text of a wrapped error.
package errs

import (
	"errors"
	"fmt"
	"strings"
)

// Code says what kind of failure an error is. The web and API turn a code into an HTTP status
// in one table (internal/errs/status.go); the command line turns it into an exit code.
type Code string

// The codes. An error without a code is Internal.
const (
	Internal     Code = "internal"     // a defect or a broken dependency; the person is told only that
	Invalid      Code = "invalid"      // what was given cannot be accepted; Fields say where
	Unauthorized Code = "unauthorized" // nobody is signed in
	Forbidden    Code = "forbidden"    // somebody is signed in who may not
	NotFound     Code = "not_found"    // no such thing, or not in the actor's scope
	Conflict     Code = "conflict"     // the state of the thing forbids it (an illegal move, a taken claim)
	Gone         Code = "gone"         // was there and is no more: an expired or used link
	TooMany      Code = "too_many"     // a rate limit
	TooLarge     Code = "too_large"    // a body or a file over its limit
	Unavailable  Code = "unavailable"  // a dependency is away for now; trying again may help
)

// Args are the placeholders of a message.
type Args map[string]any

// Field is one place in what was given (a form field, a cell, a passage) and what is wrong there.
type Field struct {
	Name string // the form field or JSON pointer segment
	Key  string // message key
	Args Args
}

// Error is the error type of every room.
type Error struct {
	Code   Code
	Key    string // message key of the sentence a person reads; empty means the code's own sentence
	Args   Args
	Fields []Field
	Op     string // the operation, for the log: "outreach.claim"
	Err    error  // the cause, for the log
}

// E makes an error with a code and the key of the sentence that a person reads.
// The variadic args are placeholder name and value in turn.
func E(code Code, key string, args ...any) *Error {
	return &Error{Code: code, Key: key, Args: pairs(args)}
}

// InvalidFields makes an Invalid error that names the places that are wrong.
func InvalidFields(fields ...Field) *Error {
	return &Error{Code: Invalid, Key: "error.invalid", Fields: fields}
}

// FieldError makes a Field; the variadic args are placeholder name and value in turn.
func FieldError(name, key string, args ...any) Field {
	return Field{Name: name, Key: key, Args: pairs(args)}
}

// Wrap adds the operation to an error, keeps its code and message, and returns nil for nil.
func Wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Op: op, Err: err}
}

// Error is the chain for the log. It is never shown to a person.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Op != "" {
		b.WriteString(e.Op)
	}
	if e.Code != "" || e.Key != "" {
		sep(&b)
		fmt.Fprintf(&b, "%s (%s)", e.Code, e.Key)
		for _, f := range e.Fields {
			fmt.Fprintf(&b, " [%s: %s]", f.Name, f.Key)
		}
	}
	if e.Err != nil {
		sep(&b)
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf is the outermost code in the chain, Internal if there is none, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e := Find(err); e != nil {
		return e.Code
	}
	return Internal
}

// Is says whether the error has this code.
func Is(err error, code Code) bool { return err != nil && CodeOf(err) == code }

// Find is the outermost error in the chain that has a code, or nil.
func Find(err error) *Error {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return nil
		}
		if e.Code != "" {
			return e
		}
		err = e.Err
	}
	return nil
}

func sep(b *strings.Builder) {
	if b.Len() > 0 {
		b.WriteString(": ")
	}
}

func pairs(args []any) Args {
	if len(args) == 0 {
		return nil
	}
	m := make(Args, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[fmt.Sprint(args[i])] = args[i+1]
	}
	return m
}
