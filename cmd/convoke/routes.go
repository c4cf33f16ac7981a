package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/convoke/convoke/internal/demo"
	"github.com/convoke/convoke/internal/web"
)

type routesCmd struct{}

// Run prints the table of routes as JSON, for tests that ask every role for every route.
func (routesCmd) Run(ctx context.Context, c *cli) error {
	return c.withHouse(ctx, func(h *house) error {
		server, err := h.server(web.Deps{Demo: demo.Cast{Accounts: h.accounts}, TryList: &web.List{}})
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(server.Routes())
	})
}
