//go:build unix

package testenv

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestAxeIsFetchedOnce(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	calls := 0
	fetch := func(_ context.Context, into string) error {
		calls++
		path := filepath.Join(into, "node_modules", axeName)
		if err := os.MkdirAll(path, 0o700); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(path, "axe.min.js"), []byte("/*! axe v"+axeVersion+"\n * Copyright */"), 0o600)
	}
	for range 2 {
		s, err := axeFrom(t.Context(), folder, fetch)
		if err != nil || s.Version != axeVersion {
			t.Fatalf("version %q, %v; want %q", s.Version, err, axeVersion)
		}
	}
	if calls != 1 {
		t.Errorf("fetched %d times, want once", calls)
	}
}

func TestAxeThatCannotBeFetchedSaysWhatToDo(t *testing.T) {
	t.Parallel()
	broken := errors.New("no network")
	_, err := axeFrom(t.Context(), t.TempDir(), func(context.Context, string) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want one that says %q", err, broken)
	}
}

func TestAxeVersionOfSomethingElse(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "other.js")
	write(t, path, "alert(1)\n")
	if v, err := axeVersionOf(t.Context(), path); !errors.Is(err, errNotAxe) {
		t.Errorf("version %q, error %v; want %v", v, err, errNotAxe)
	}
}
