package form_test

import (
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/web/form"
)

type plain struct{}

func (plain) Error(err error) string           { return string(errs.CodeOf(err)) }
func (plain) FieldMessage(f errs.Field) string { return f.Key }

func TestWhatWasTypedStays(t *testing.T) {
	t.Parallel()
	f := form.With("name", "Amina", "lang", "es", "lang", "fr").
		Fail(plain{}, errs.InvalidFields(errs.FieldError("name", "field.taken"), errs.FieldError("other", "field.required")))
	if !f.Failed() || f.Notice != "invalid" || len(f.Errors) != 2 {
		t.Fatalf("%+v", f)
	}
	field := f.Field("name", "Name", "required", "hint=as on the badge", "type=search")
	if field.Value != "Amina" || field.Error != "field.taken" || field.Describes() != "f-name-hint f-name-error" || !field.Required || field.Type != "search" {
		t.Errorf("%+v", field)
	}
	choice := f.Choose("lang", "Languages", []form.Option{{Value: "en"}, {Value: "es"}, {Value: "fr"}})
	chosen := ""
	ids := map[string]bool{}
	for _, o := range choice.Options {
		ids[o.ID] = true
		if o.Chosen {
			chosen += o.Value
		}
	}
	if chosen != "esfr" || len(ids) != 3 || !ids["f-lang"] {
		t.Errorf("chosen %s, ids %v: the summary leads to the first", chosen, ids)
	}
	if (form.Form{}).Failed() || (form.Form{}).Value("x") != "" || (form.Form{}).Field("x", "X").Describes() != "" {
		t.Error("the zero Form is not empty")
	}
}

func TestOverKeepsWhatWasPosted(t *testing.T) {
	t.Parallel()
	stored := form.With("a", "one", "b", "two")
	got := form.With("a", "hers", "c", "").Over(stored)
	for name, want := range map[string]string{"a": "hers", "b": "two", "c": ""} {
		if got.Value(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Value(name), want)
		}
	}
	if stored.Value("a") != "one" || form.With("a", "x").Over(form.Form{}).Value("a") != "x" {
		t.Error("what is stored was changed, or nothing can be put over nothing")
	}
}

// A paste of megabytes is not sent back in full; what is a little too long is, so that it can be shortened.
func TestALongPasteIsCut(t *testing.T) {
	t.Parallel()
	long := errs.FieldError("body", "field.too_long", "Max", 5)
	typed := form.With("body", "été 中文 and more", "name", strings.Repeat("x", 200_001), "kept", "short")
	f := typed.Fail(plain{}, errs.InvalidFields(long))
	if f.Value("body") != "été 中文 and" || len(f.Value("name")) != 200_000 || f.Value("kept") != "short" {
		t.Errorf("%q, %d letters", f.Value("body"), len(f.Value("name")))
	}
	if f.Error("body") != "field.too_long field.cut" || f.Error("name") != "field.cut" || len(f.Errors) != 2 {
		t.Errorf("told %+v", f.Errors)
	}
	if typed.Value("body") != "été 中文 and more" || typed.Fail(plain{}, errs.InvalidFields(errs.FieldError("body", "field.too_long", "Max", 9))).Value("body") != "été 中文 and more" {
		t.Error("what is a little too long is lost")
	}
}
