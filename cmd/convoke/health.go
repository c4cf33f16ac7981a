package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

type healthCmd struct {
	Mail string `placeholder:"HOST:PORT" help:"Ask convoke inbound there instead, which speaks LMTP or SMTP."`
}

// Run asks the process on this machine whether it is alive.
func (h healthCmd) Run(ctx context.Context, c *cli) error {
	if h.Mail != "" {
		return h.greeted(ctx)
	}
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

// greeted asks for the greeting of a mail server, and takes its leave.
func (h healthCmd) greeted(ctx context.Context) error {
	dialer := net.Dialer{Timeout: 3 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", h.Mail)
	if err != nil {
		return &errs.Error{Code: errs.Unavailable, Key: "cli.health.away", Args: errs.Args{"Address": h.Mail}, Err: err}
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(3 * time.Second)); err != nil {
		return err
	}
	line, err := bufio.NewReader(io.LimitReader(conn, 1<<10)).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "220 ") {
		return &errs.Error{Code: errs.Unavailable, Key: "cli.health.no_mail_server", Args: errs.Args{"Address": h.Mail}, Err: err}
	}
	fmt.Print(line)
	_, err = io.WriteString(conn, "QUIT\r\n")
	return err
}
