package main

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/convoke/convoke/internal/config"
)

// lookAtInbound says whether the world knows where to bring the mail that convoke inbound is to read.
func lookAtInbound(ctx context.Context, cfg config.Config, lookup func(context.Context, string) ([]*net.MX, error)) finding {
	f := finding{name: "inbound"}
	if cfg.InboundMail == "" {
		f.state = "not read by machine (" + config.InboundMail + " is not set): replies and bounces go to the domain of the sender"
		return f
	}
	servers, err := lookup(ctx, cfg.InboundMail)
	if err != nil || len(servers) == 0 || servers[0].Host == "." {
		f.err = fmt.Errorf("no server takes mail for %s (MX)", cfg.InboundMail)
		f.remedy = "add an MX record that names your mail server, which hands the mail to convoke inbound: see docs/inbound.md"
		return f
	}
	f.state = "mail for " + cfg.InboundMail + " goes to " + strings.TrimSuffix(servers[0].Host, ".") + "; convoke inbound has to run there"
	return f
}
