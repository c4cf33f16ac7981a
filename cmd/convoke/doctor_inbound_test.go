package main

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/config"
)

func TestTheDoctorLooksWhereMailComesIn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		domain string
		found  []*net.MX
		err    error
		want   string // of the state or of the error
		sick   bool
	}{
		"not set":       {"", nil, nil, "is not set", false},
		"known":         {"replies.example.org", []*net.MX{{Host: "mx.example.org."}}, nil, "goes to mx.example.org;", false},
		"unknown":       {"replies.example.org", nil, errors.New("no such host"), "no server takes mail", true},
		"none":          {"replies.example.org", nil, nil, "no server takes mail", true},
		"takes no mail": {"replies.example.org", []*net.MX{{Host: "."}}, nil, "no server takes mail", true}, // RFC 7505
	} {
		f := lookAtInbound(t.Context(), config.Config{InboundMail: tt.domain}, func(context.Context, string) ([]*net.MX, error) { return tt.found, tt.err })
		said := f.state
		if f.err != nil {
			said = f.err.Error()
		}
		if (f.err != nil) != tt.sick || (f.err != nil) != (f.remedy != "") || !strings.Contains(said, tt.want) {
			t.Errorf("%s: %+v", name, f)
		}
	}
}
