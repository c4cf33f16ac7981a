package unittest

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/document/unit"
	"github.com/convoke/convoke/internal/errs"
)

// Format is a form of files under test. What is asked of all of them is asked here.
type Format struct {
	Read   func([]byte) (unit.File, error)
	Write  func(unit.File) []byte
	Golden string // the sample as it is written, below testdata
	None   string // the key of what is told of a file that is no such file, after "document.exchange."
}

// TestGolden compares what is written with the file that is kept, or writes it anew.
func (f Format) TestGolden(t *testing.T, update bool) {
	t.Helper()
	path := filepath.Join("testdata", f.Golden)
	got := f.Write(Sample())
	if update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Error(d)
	}
}

// TestRoundTrip reads any file that is written.
func (f Format) TestRoundTrip(t *testing.T) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		file := Draw(t)
		got, err := f.Read(f.Write(file))
		if err != nil {
			t.Fatalf("%v\n%s", err, f.Write(file))
		}
		if d := cmp.Diff(Bare(file), Bare(got)); d != "" {
			t.Fatalf("%s\n%s", d, f.Write(file))
		}
	})
}

// TestUnits reads units as they must be read in every format.
func (f Format) TestUnits(t *testing.T) {
	t.Helper()
	tests := map[string]unit.Unit{
		"translated":           {Key: "p1", Source: "Hi", Target: "Hola", Base: unit.Mark("Hola"), State: unit.Done},
		"not translated":       {Key: "p1", Source: "Hi", Base: unit.Mark("")},
		"doubtful":             {Key: "p1", Source: "Hi", Was: "Hello", Target: "Hola", Base: unit.Mark("Hola"), State: unit.Doubt},
		"fields":               {Key: "p1", Source: "Dear {{contact}}, {{contact}}", Target: "{{contact}}: {{contact}}", State: unit.Done},
		"several lines":        {Key: "p1", Source: "- a\n- b\n\n  c", Target: "- á\n- b\n\n  c", State: unit.Done},
		"what formats are of":  {Key: "q3.text", Source: `<b a="1">&amp;</b> \n "x" 100% #`, Target: `</source> "\" ]]> msgid`, State: unit.Done},
		"right-to-left":        {Key: "nri.ask", Source: "Hi", Target: "مرحبًا {{contact}}\u200f!", State: unit.Done},
		"outside of the plane": {Key: "p1", Source: "𝄞", Target: "𠀋", State: unit.Done},
	}
	for name, want := range tests {
		file := unit.File{ID: "12:message:3:es", Source: "en", Target: "es", Units: []unit.Unit{want}}
		got, err := f.Read(f.Write(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := cmp.Diff(Bare(file), Bare(got)); d != "" {
			t.Errorf("%s:\n%s", name, d)
		}
	}
	repeated := Sample()
	repeated.Units = append(repeated.Units, repeated.Units[0])
	got, err := f.Read(f.Write(repeated))
	last := len(repeated.Units) - 1
	if err != nil || len(got.Units) != last+1 || got.Units[0].Fault != "" || got.Units[last].Fault != unit.FaultTwice || got.Units[last].Line <= got.Units[0].Line {
		t.Errorf("a unit for the second time: %+v, %v", got.Units, err)
	}
}

// Refusal is a file that is refused whole, and what is told.
type Refusal struct{ File, Key string }

// TestRefusals refuses these files, and those that every format refuses.
func (f Format) TestRefusals(t *testing.T, own map[string]Refusal) {
	t.Helper()
	sample := string(f.Write(Sample()))
	many := unit.File{Units: make([]unit.Unit, unit.MaxUnits+1)}
	for i := range many.Units {
		many.Units[i] = unit.Unit{Key: "a", Source: "b"}
	}
	tests := map[string]Refusal{
		"nothing":   {" \n", f.None},
		"NUL":       {sample + "\x00", "encoding"},
		"too many":  {string(f.Write(many)), "too_many"},
		"too large": {strings.Repeat(" ", unit.MaxBytes+1), "too_large"},
	}
	maps.Copy(tests, own)
	for name, tt := range tests {
		_, err := f.Read([]byte(tt.File))
		if e := errs.Find(err); !refused(err) || e.Key != "document.exchange."+tt.Key {
			t.Errorf("%s: %v, want %s", name, err, tt.Key)
		}
	}
}

func refused(err error) bool { return errs.Is(err, errs.Invalid) || errs.Is(err, errs.TooLarge) }

// Fuzz reads anything: it is refused in words, or what was read can be written and is read again. rename makes a key
// that the format can write.
func (f Format) Fuzz(fuzz *testing.F, rename func(string) string, seeds ...string) {
	fuzz.Helper()
	fuzz.Add(f.Write(Sample()))
	for _, seed := range seeds {
		fuzz.Add([]byte(seed))
	}
	fuzz.Fuzz(func(t *testing.T, file []byte) {
		got, err := f.Read(file)
		if err != nil {
			if !refused(err) {
				t.Fatalf("told as %v", err)
			}
			return
		}
		for i := range got.Units {
			got.Units[i].Key = rename(got.Units[i].Key)
		}
		again, err := f.Read(f.Write(got))
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if len(again.Units) != len(got.Units) {
			t.Fatalf("%d units became %d", len(got.Units), len(again.Units))
		}
		for i, u := range again.Units {
			if was := got.Units[i]; u.Source != was.Source || u.Target != was.Target {
				t.Fatalf("%+v became %+v", was, u)
			}
		}
	})
}
