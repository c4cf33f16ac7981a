//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"syscall"
)

// runAll runs the commands one after another and says whether one of them failed.
func runAll(ctx context.Context, commands [][]string, env []string, tally *tally, stdout, stderr io.Writer) bool {
	failed := false
	for _, words := range commands {
		if ctx.Err() != nil {
			return true
		}
		out := stdout
		if withJSON, ok := asJSON(words); ok {
			words = withJSON
			out = tally.writer()
		}
		if err := runOne(ctx, words, env, out, stderr); err != nil {
			fmt.Fprintf(stderr, "testenv: %s: %v\n", words[0], err)
			failed = true
		}
		tally.flush()
	}
	return failed
}

// asJSON turns a "go test" into one that reports as JSON, wherever in the command it stands
// ("env CGO_ENABLED=1 go test").
func asJSON(words []string) ([]string, bool) {
	for i := range len(words) - 1 {
		if words[i] == "go" && words[i+1] == "test" {
			return slices.Insert(slices.Clone(words), i+2, "-json"), true
		}
	}
	return words, false
}

// runOne runs a command in a process group of its own, so that an interrupt reaches all of it and
// the services are stopped only when it is gone.
func runOne(ctx context.Context, words, env []string, stdout, stderr io.Writer) error {
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = grace
	err := cmd.Run()
	if ctx.Err() != nil {
		// Whoever did not heed the interrupt; the group is empty where all did.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	return err
}
