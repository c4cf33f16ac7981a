package xliff_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/convoke/convoke/internal/document/unit"
	"github.com/convoke/convoke/internal/document/unit/unittest"
	"github.com/convoke/convoke/internal/document/xliff"
	"github.com/convoke/convoke/internal/errs"
)

var update = flag.Bool("update", false, "write the golden files anew")

func format() unittest.Format {
	return unittest.Format{Read: xliff.Read, Write: xliff.Write, Golden: "message.ar.xlf", None: "not_xliff"}
}

func TestGolden(t *testing.T) { t.Parallel(); format().TestGolden(t, *update) }

func TestWhatIsWrittenIsRead(t *testing.T) { t.Parallel(); format().TestRoundTrip(t) }

func TestUnits(t *testing.T) { t.Parallel(); format().TestUnits(t) }

const head = `<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="en" trgLang="es"><file id="1:m:1:es">`

func one(t *testing.T, body string) unit.Unit {
	t.Helper()
	f, err := xliff.Read([]byte(head + body + `</file></xliff>`))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Units) != 1 {
		t.Fatalf("%d units", len(f.Units))
	}
	f.Units[0].Line = 0
	return f.Units[0]
}

func TestUnitsOfTools(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		want unit.Unit
	}{
		"plain": {
			`<unit id="p1"><segment><source>Hi</source><target>Hola</target></segment></unit>`,
			unit.Unit{Key: "p1", Source: "Hi", Target: "Hola"},
		},
		"reviewed": {
			`<unit id="p1"><segment state="reviewed"><source>Hi</source><target>Hola</target></segment></unit>`,
			unit.Unit{Key: "p1", Source: "Hi", Target: "Hola", State: unit.Done},
		},
		"CDATA": {
			`<unit id="p1"><segment><source><![CDATA[a < b]]></source><target><![CDATA[{{x}} <]]> &amp;</target></segment></unit>`,
			unit.Unit{Key: "p1", Source: "a < b", Target: "{{x}} < &"},
		},
		"cut in two, with a space between": {
			`<unit id="p1"><segment id="s1" state="final"><source>One.</source><target>Uno.</target></segment><ignorable><source> </source></ignorable>` +
				`<segment id="s2" state="final"><source>Two.</source><target>Dos.</target></segment></unit>`,
			unit.Unit{Key: "p1", Source: "One. Two.", Target: "Uno. Dos.", State: unit.Done},
		},
		"one of two translated": {
			`<unit id="p1"><segment><source>One.</source><target>Uno.</target></segment><segment><source>Two.</source><target/></segment></unit>`,
			unit.Unit{Key: "p1", Source: "One.Two.", Target: "Uno.", State: unit.Doubt},
		},
		"placeholder by its equivalent": {
			`<unit id="p1"><segment><source>Dear <ph id="1" equiv="{{contact}}"/></source><target>Hola <ph id="1"/></target></segment></unit>`,
			unit.Unit{Key: "p1", Source: "Dear {{contact}}", Target: "Hola {{contact}}"},
		},
		"placeholder of nothing": {
			`<unit id="p1"><segment><source>Dear</source><target>Hola <ph id="9"/></target></segment></unit>`,
			unit.Unit{Key: "p1", Source: "Dear", Target: "Hola ", Fault: unit.FaultInline},
		},
		"codes around text": {
			`<unit id="p1"><originalData><data id="o">**</data><data id="c">**</data></originalData><segment><source><pc id="1" dataRefStart="o" dataRefEnd="c">b</pc></source>` +
				`<target><sc id="1" dataRef="o"/>n<ec startRef="1" dataRef="c"/><mrk id="m" type="term">t</mrk><sm id="q"/><em startRef="q"/></target></segment></unit>`,
			unit.Unit{Key: "p1", Source: "**b**", Target: "**n**t"},
		},
		"formatting of the tool": {
			`<unit id="p1"><segment><source>b</source><target><pc id="1">n</pc><sc id="2"/><ec startRef="2"/></target></segment></unit>`,
			unit.Unit{Key: "p1", Source: "b", Target: "n"},
		},
		"notes, matches and other namespaces": {
			`<unit id="p1" xmlns:mda="urn:m" mda:x="1"><mda:metadata><mda:meta>x</mda:meta></mda:metadata><notes><note>n</note></notes>` +
				`<segment><source>Hi</source><target>Hola<mda:x>no</mda:x></target></segment></unit>`,
			unit.Unit{Key: "p1", Source: "Hi", Target: "Hola"},
		},
		"in groups": {
			`<skeleton>x</skeleton><group id="g"><notes><note>x</note></notes><group id="h"><unit id="p1"><segment><source>Hi</source></segment></unit></group></group>`,
			unit.Unit{Key: "p1", Source: "Hi"},
		},
	}
	for name, tt := range tests {
		if d := cmp.Diff(tt.want, one(t, tt.body)); d != "" {
			t.Errorf("%s:\n%s", name, d)
		}
	}
}

func TestUnitsKeepTheirOrderAndTellRepeats(t *testing.T) {
	t.Parallel()
	const u = `<unit id="%"><segment><source>Hi</source><target>Hola</target></segment></unit>`
	f, err := xliff.Read([]byte(head + strings.ReplaceAll(u, "%", "b") + "\n" + strings.ReplaceAll(u, "%", "a") + strings.ReplaceAll(u, "%", "b") + `</file></xliff>`))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Units) != 3 || f.Units[0].Fault != "" || f.Units[1].Line != 2 || f.Units[2].Fault != unit.FaultTwice || f.ID != "1:m:1:es" || f.Target != "es" {
		t.Errorf("%+v", f)
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	format().TestRefusals(t, map[string]unittest.Refusal{
		"entities of a file":          {File: `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + head + `<unit id="a">&e;</unit></file></xliff>`, Key: "doctype"},
		"a billion laughs":            {File: `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>` + head + `</file></xliff>`, Key: "doctype"},
		"an undeclared entity":        {File: head + `<unit id="a"><segment><source>&e;</source></segment></unit></file></xliff>`, Key: "broken"},
		"broken nesting":              {File: head + "\n<unit id=\"a\"><segment></unit></segment></file></xliff>", Key: "broken"},
		"cut off":                     {File: head + `<unit id="a"><segment>`, Key: "broken"},
		"cut off in a note":           {File: head + `<notes><note>`, Key: "broken"},
		"a control character":         {File: head + "\x01</file></xliff>", Key: "broken"},
		"deep":                        {File: head + strings.Repeat("<group>", 60) + strings.Repeat("</group>", 60) + `</file></xliff>`, Key: "deep"},
		"deep in a unit":              {File: head + `<unit id="a">` + strings.Repeat("<a>", 60) + strings.Repeat("</a>", 60) + `</unit></file></xliff>`, Key: "deep"},
		"deep in what is passed over": {File: head + strings.Repeat("<a>", 60) + strings.Repeat("</a>", 60) + `</file></xliff>`, Key: "deep"},
		"many elements":               {File: head + `<unit id="a">` + strings.Repeat(`<x/>`, 200_001) + `</unit></file></xliff>`, Key: "too_many"},
		"several files":               {File: head + `</file><file id="2"></file></xliff>`, Key: "several"},
		"XLIFF 1.2":                   {File: `<xliff version="1.2"><file><body/></file></xliff>`, Key: "xliff_version"},
		"another document":            {File: `<html><body/></html>`, Key: "not_xliff"},
	})
	if _, err := xliff.Read([]byte(head + "\n\n<unit></file></xliff>")); errs.Find(err) == nil || errs.Find(err).Args["Line"] != "3" {
		t.Errorf("the line is not told: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	format().Fuzz(f, func(key string) string { return key },
		head+`<unit id="a"><segment><source><ph id="1"/>x<cp hex="0001"/></source><target><pc id="2">y</pc></target></segment></unit></file></xliff>`,
		"\xff\xfe<\x00x\x00")
}
