package main

import (
	"context"
	"fmt"
)

type recountCmd struct{}

// Run computes anew what is kept about contacts so that they are found and counted quickly. Nothing else changes.
func (recountCmd) Run(ctx context.Context, c *cli) error {
	return c.withHouse(ctx, func(h *house) error {
		n, err := h.contacts.Rebuild(ctx)
		if err == nil {
			fmt.Printf("%d contacts indexed and counted anew\n", n)
		}
		return err
	})
}
