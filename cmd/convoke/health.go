package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

type healthCmd struct{}

// Run asks the process on this machine whether it is alive.
func (healthCmd) Run(ctx context.Context, c *cli) error {
	cfg, err := c.load("")
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort("127.0.0.1", port)+"/healthz", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return &errs.Error{Code: errs.Unavailable, Key: "cli.health.away", Args: errs.Args{"Address": cfg.Listen}, Err: err}
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
	if err != nil {
		return err
	}
	fmt.Println(string(body))
	if res.StatusCode != http.StatusOK {
		return errs.E(errs.Unavailable, "cli.health.not_ready")
	}
	return nil
}
