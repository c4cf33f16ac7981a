package config

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const keyBytes = 32

// folder makes the data folder, and proves that it can be written by writing.
func folder(path string) error {
	wrong := func(err error) error {
		return Error{Data, fmt.Sprintf("the folder %q cannot be written: %s", path, cause(err)), "name a folder that this user may write (--data or " + Data + ")"}
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return wrong(err)
	}
	f, err := os.CreateTemp(path, ".write-*")
	if err != nil {
		return wrong(err)
	}
	name := f.Name()
	if err := errors.Join(f.Close(), os.Remove(name)); err != nil {
		return wrong(err)
	}
	return nil
}

// signingKey is the key of links and cookies: given, else kept in the data folder, else made there.
func signingKey(given, data string) ([]byte, error) {
	if given != "" {
		if len(given) < keyBytes {
			return nil, Error{Secret, fmt.Sprintf("has %d characters", len(given)), fmt.Sprintf("give at least %d random ones, for instance from: openssl rand -base64 32", keyBytes)}
		}
		return []byte(given), nil
	}
	path := filepath.Join(data, "secret")
	b, err := os.ReadFile(path)
	if err == nil {
		return readKey(path, b)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, Error{Secret, fmt.Sprintf("%q cannot be read: %s", path, cause(err)), "make the file readable for this user"}
	}
	return makeKey(path)
}

func readKey(path string, b []byte) ([]byte, error) {
	key := strings.TrimSpace(string(b))
	if len(key) < keyBytes {
		return nil, Error{Secret, fmt.Sprintf("%q is too short to be a key", path), "restore it from your backup; a new one makes every link that was sent invalid"}
	}
	return []byte(key), nil
}

// makeKey links a finished file into place, so that of two processes starting at once both end
// with the same key and none reads half of one.
func makeKey(path string) ([]byte, error) {
	raw := make([]byte, keyBytes)
	_, _ = rand.Read(raw) // never fails: crypto/rand ends the process instead
	key := base64.StdEncoding.EncodeToString(raw)
	tmp, err := os.CreateTemp(filepath.Dir(path), ".secret-*") // CreateTemp gives mode 0600
	if err != nil {
		return nil, Error{Secret, "no key can be made: " + cause(err), "set " + Secret}
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.WriteString(key + "\n")
	if err = errors.Join(err, tmp.Close()); err != nil {
		return nil, Error{Secret, "no key can be made: " + cause(err), "set " + Secret}
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, Error{Secret, "no key can be made: " + cause(err), "set " + Secret}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, Error{Secret, "the key cannot be read: " + cause(err), "set " + Secret}
	}
	return readKey(path, b)
}
