package errs_test

import (
	"errors"
	"testing"

	"github.com/convoke/convoke/internal/errs"
)

func TestEveryCodeHasItsAnswer(t *testing.T) {
	t.Parallel()
	for _, code := range errs.Codes() {
		err := errs.Wrap("outer", errs.E(code, ""))
		key, _ := errs.Message(err)
		if errs.Status(err) < 400 || errs.ExitCode(err) == 0 || key == "" {
			t.Errorf("%s: status %d, exit %d, key %q", code, errs.Status(err), errs.ExitCode(err), key)
		}
	}
}

func TestInternalTextNeverBecomesTheMessage(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"foreign":          errors.New("dial tcp 10.0.0.1: refused"),
		"foreign, wrapped": errs.Wrap("x", errors.New("secret")),
		"internal":         &errs.Error{Code: errs.Internal, Key: "some.key", Err: errors.New("secret")},
	} {
		if key, args := errs.Message(err); key != "error.internal" || args != nil || errs.Status(err) != 500 {
			t.Errorf("%s: %s %v %d", name, key, args, errs.Status(err))
		}
	}
}

func TestWrapKeepsCodeMessageAndChain(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	inner := &errs.Error{Code: errs.Conflict, Key: "claim.held", Args: errs.Args{"Holder": "Ana"}, Err: cause}
	err := errs.Wrap("web.claim", errs.Wrap("outreach.claim", inner))
	if !errs.Is(err, errs.Conflict) || !errors.Is(err, cause) {
		t.Error("code or cause is lost")
	}
	if key, args := errs.Message(err); key != "claim.held" || args["Holder"] != "Ana" {
		t.Errorf("got %s %v", key, args)
	}
	if got, want := err.Error(), "web.claim: outreach.claim: conflict (claim.held): cause"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if errs.Wrap("x", nil) != nil {
		t.Error("nil became an error")
	}
}
