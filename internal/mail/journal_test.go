//go:build unix

package mail

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

const testBoot = "boot-1"

func mustOpen(t *testing.T, dir, owner string, half int) *Journal {
	t.Helper()
	j, err := openJournal(dir, owner, testBoot, half)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// die lets go of the file as a killed process does: nothing is tidied up. A test beside this one
// that starts a process shares the lock with it for an instant, so its end is waited for.
func die(t *testing.T, j *Journal) {
	t.Helper()
	if err := j.file.close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(j.file.path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for until := time.Now().Add(10 * time.Second); !lockShared(f); <-tick.C {
		if time.Now().After(until) {
			t.Fatal("somebody still holds the journal's lock")
		}
	}
}

func begin(t *testing.T, j *Journal, r Ref) {
	t.Helper()
	if err := j.Begun(r); err != nil {
		t.Fatal(err)
	}
}

func TestJournalTells(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := mustOpen(t, dir, "worker 1/host", 4096)
	for id := range int64(4) {
		begin(t, j, Ref{id, 7, 2})
	}
	j.Accepted(Ref{0, 7, 2})
	j.Refused(Ref{1, 7, 2})
	j.Uncertain(Ref{2, 7, 2})
	begin(t, j, Ref{9, 8, 1})
	j.Accepted(Ref{9, 8, 1})
	if err := j.Finished(8, 1); err != nil {
		t.Fatal(err)
	}
	if dead, err := ReadDead(dir, testBoot); err != nil || len(dead) != 0 {
		t.Fatalf("the owner lives: %v %v", dead, err)
	}
	if live, err := LiveOwners(dir); err != nil || fmt.Sprint(live) != "[worker 1/host]" {
		t.Fatalf("%v %v", live, err)
	}
	if _, err := openJournal(dir, "worker 1/host", testBoot, 4096); !errs.Is(err, errs.Conflict) {
		t.Fatalf("two journals of one owner: %v", err)
	}
	die(t, j)
	dead, err := ReadDead(dir, testBoot)
	if err != nil || len(dead) != 1 {
		t.Fatal(dead, err)
	}
	if d := dead[0]; d.Owner != "worker 1/host" || d.Trust != Exact || fmt.Sprint(d.Batches) != "[{7 2 [0] [2 3]}]" {
		t.Errorf("%+v", d)
	}
	if dead, _ := ReadDead(dir, "boot-2"); dead[0].Trust != EarlierBoot || len(dead[0].Batches) != 1 {
		t.Errorf("%+v", dead)
	}
	if dead, _ := ReadDead(dir, ""); dead[0].Trust != EarlierBoot {
		t.Errorf("%+v", dead)
	}
	if err := Forget(dead[0]); err != nil {
		t.Fatal(err)
	}
	if dead, err := ReadDead(dir, testBoot); err != nil || len(dead) != 0 {
		t.Errorf("%v %v", dead, err)
	}
}

func TestJournalClosedInOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := mustOpen(t, dir, "a", 4096), mustOpen(t, dir, "b", 4096)
	begin(t, a, Ref{1, 1, 1})
	a.Accepted(Ref{1, 1, 1})
	begin(t, b, Ref{2, 2, 1})
	b.Accepted(Ref{2, 2, 1})
	if err := b.Finished(2, 1); err != nil {
		t.Fatal(err)
	}
	for _, j := range []*Journal{a, b, a} {
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	dead, err := ReadDead(dir, "a later boot")
	if err != nil || len(dead) != 1 || dead[0].Trust != Exact || fmt.Sprint(dead[0].Batches) != "[{1 1 [1] []}]" {
		t.Errorf("%+v %v", dead, err)
	}
	if err := a.Begun(Ref{3, 1, 1}); !errs.Is(err, errs.Unavailable) {
		t.Errorf("a closed journal: %v", err)
	}
}

func TestJournalIsFlat(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := mustOpen(t, dir, "w", 64*recordSize)
	path := j.file.path
	for batch := range int64(200) {
		for id := range int64(10) {
			r := Ref{batch*100 + id, batch, 1}
			begin(t, j, r)
			j.Accepted(r)
		}
		if batch == 150 {
			continue // stays open
		}
		if err := j.Finished(batch, 1); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() != headerSize+2*64*recordSize {
		t.Errorf("%v %v", info.Size(), err)
	}
	die(t, j)
	dead, err := ReadDead(dir, testBoot)
	if err != nil || len(dead) != 1 || len(dead[0].Batches) != 1 || len(dead[0].Batches[0].Accepted) != 10 || dead[0].Batches[0].Batch != 150 {
		t.Errorf("%+v %v", dead, err)
	}
}

func TestJournalGrows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := mustOpen(t, dir, "w", 64*recordSize)
	for id := range int64(1000) {
		begin(t, j, Ref{id, 1, 1})
		if id%2 == 0 {
			j.Accepted(Ref{id, 1, 1})
		}
	}
	if live, err := LiveOwners(dir); err != nil || len(live) != 1 {
		t.Errorf("after growing: %v %v", live, err)
	}
	die(t, j)
	dead, err := ReadDead(dir, testBoot)
	if err != nil || len(dead) != 1 || len(dead[0].Batches[0].Accepted) != 500 || len(dead[0].Batches[0].Begun) != 500 {
		t.Errorf("%+v %v", dead, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("left over: %v", left)
	}
}

func TestJournalDamaged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at    int64
		owner string
	}{"magic": {0, ""}, "header": {100, ""}, "record": {headerSize + 10, "w"}, "active half": {activeAt, "w"}} {
		dir := t.TempDir()
		j := mustOpen(t, dir, "w", 4096)
		begin(t, j, Ref{1, 1, 1})
		path := j.file.path
		die(t, j)
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt([]byte{0xff, 0xff}, c.at); err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
		dead, err := ReadDead(dir, testBoot)
		if err != nil || len(dead) != 1 || dead[0].Trust != Damaged || dead[0].Owner != c.owner || len(dead[0].Batches) != 0 {
			t.Errorf("%s: %+v %v", name, dead, err)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x"+journalSuffix), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if dead, err := ReadDead(dir, testBoot); err != nil || len(dead) != 1 || dead[0].Trust != Damaged {
		t.Errorf("empty file: %+v %v", dead, err)
	}
	if dead, err := ReadDead(filepath.Join(dir, "none"), testBoot); err != nil || len(dead) != 0 {
		t.Errorf("no folder: %v %v", dead, err)
	}
}

const (
	childDir  = "CONVOKE_TEST_MAIL_CHILD_DIR"
	childAddr = "CONVOKE_TEST_MAIL_CHILD_ADDR"
)

// TestJournalChild is the process that TestJournalSurvivesKill kills. By itself it does nothing.
func TestJournalChild(t *testing.T) { //nolint:paralleltest // the whole of a process of its own
	dir := os.Getenv(childDir)
	if dir == "" {
		return
	}
	j, err := OpenJournal(dir, "child "+strconv.Itoa(os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	p := poolFor(t, os.Getenv(childAddr), 4)
	for batch := int64(1); ; batch++ {
		if _, err := p.Send(context.Background(), envelopesOf(batch, 100), j); err != nil {
			t.Fatal(err)
		}
		if batch < 3 {
			if err := j.Finished(batch, 1); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestJournalSurvivesKill kills a sending process with SIGKILL and compares what its journal
// tells with what the server has: nothing lost, nothing told wrongly, at most one message a
// connection unknown.
func TestJournalSurvivesKill(t *testing.T) {
	t.Parallel()
	for _, killAt := range []int{450, 517, 633} {
		for _, stage := range []string{"mail", "text"} {
			dir := t.TempDir()
			var child atomic.Pointer[os.Process]
			sink := mailtest.NewRaw(t, mailtest.RawOptions{Script: func(e mailtest.Event) mailtest.Action {
				if e.Msg == killAt && e.Stage == stage {
					_ = child.Load().Kill()
				}
				return mailtest.Action{}
			}})
			cmd := exec.Command(os.Args[0], "-test.run=^TestJournalChild$")
			cmd.Env = append(os.Environ(), childDir+"="+dir, childAddr+"="+sink.Addr())
			ready, start := make(chan struct{}), make(chan error, 1)
			go func() { start <- cmd.Start(); child.Store(cmd.Process); close(ready) }()
			if err := <-start; err != nil {
				t.Fatal(err)
			}
			<-ready
			if err := cmd.Wait(); err == nil {
				t.Fatal("the child ended by itself")
			}
			sink.Close()
			compareWithSink(t, dir, sink, 4)
		}
	}
}

func compareWithSink(t *testing.T, dir string, sink *mailtest.Raw, connections int) {
	t.Helper()
	dead, err := ReadDead(dir, BootID())
	if err != nil || len(dead) != 1 || dead[0].Trust != Exact {
		t.Fatalf("%+v %v", dead, err)
	}
	told := map[string]string{}
	begun := 0
	for _, b := range dead[0].Batches {
		if b.Batch < 3 {
			t.Errorf("batch %d is finished and told all the same", b.Batch)
		}
		for _, id := range b.Accepted {
			told[fmt.Sprintf("r%d@example.net", id)] = "accepted"
		}
		for _, id := range b.Begun {
			told[fmt.Sprintf("r%d@example.net", id)] = "begun"
			begun++
		}
	}
	if begun > connections {
		t.Errorf("%d uncertain on %d connections", begun, connections)
	}
	arrived := map[string]int{}
	for _, m := range sink.Messages() {
		arrived[m.To]++
		var id int64
		if _, err := fmt.Sscanf(m.To, "r%d@", &id); err != nil {
			t.Fatal(err)
		}
		if id/10000 >= 3 && told[m.To] == "" {
			t.Errorf("%s arrived and the journal does not know", m.To)
		}
	}
	for to, word := range told {
		if word == "accepted" && arrived[to] != 1 {
			t.Errorf("%s is told as accepted and arrived %d times", to, arrived[to])
		}
	}
}

func BenchmarkJournal(b *testing.B) {
	j, err := OpenJournal(b.TempDir(), "bench")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	id := int64(0)
	for b.Loop() {
		id++
		r := Ref{id, id / 500, 1}
		if err := j.Begun(r); err != nil {
			b.Fatal(err)
		}
		j.Accepted(r)
		if id%500 == 499 {
			if err := j.Finished(id/500, 1); err != nil {
				b.Fatal(err)
			}
		}
	}
}
