//go:build unix

package testenv

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const officeName = "LibreOffice"

// sharedOffice is for the test process what FindOffice gave.
var sharedOffice = sync.OnceValues(func() (Service, error) { return FindOffice(context.Background()) })

// FindOffice finds LibreOffice's Writer. The one without a window is less than half of the download.
func FindOffice(ctx context.Context) (Service, error) {
	return findProgram(ctx, officeName, need{
		what:     "LibreOffice Writer",
		look:     lookOffice,
		packages: []string{"libreoffice-writer-nogui"},
		instead:  []string{"libreoffice-writer"},
	})
}

// lookOffice wants the Writer too, which is a package of its own.
func lookOffice() (string, bool) {
	path, ok := lookPath("soffice")()
	if !ok {
		return "", false
	}
	program, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", false
	}
	writer, _ := filepath.Glob(filepath.Join(filepath.Dir(program), "libswlo.*"))
	return path, len(writer) > 0
}

// Convert lets LibreOffice open files and save each in another format ("docx", "odt", "rtf", "txt:Text (encoded):UTF8"), and
// gives what it wrote, in their order. It fails the test where one of them cannot be opened.
func Convert(t testing.TB, to string, files ...string) [][]byte {
	t.Helper()
	program := found(t, sharedOffice).Address
	into := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	args := []string{"-env:UserInstallation=file://" + filepath.Join(into, "profile"), "--headless", "--norestore", "--convert-to", to, "--outdir", into}
	cmd := exec.CommandContext(ctx, program, append(args, files...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it starts another
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("LibreOffice: %v: %s", err, said)
	}
	ending, _, _ := strings.Cut(to, ":")
	all := make([][]byte, len(files))
	for i, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), filepath.Ext(f)) + "." + ending
		if all[i], err = os.ReadFile(filepath.Join(into, name)); err != nil {
			t.Fatal(fmt.Errorf("LibreOffice did not convert %s: %w: %s", f, err, said))
		}
	}
	return all
}
