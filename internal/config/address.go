package config

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

const maxPort = 65535

// checkAddresses checks what says where something is. No sentence repeats any part of an address
// that may hold a password: where a special character in it is not encoded, a piece of the password
// can look like a port, a path or a parameter.
func checkAddresses(c Config) error {
	if err := checkDatabase(c.DatabaseURL); err != nil {
		return err
	}
	if err := checkRedis(c.RedisURL); err != nil {
		return err
	}
	if err := checkSMTP(c.SMTPURL); err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(c.Listen)
	if n, no := strconv.Atoi(port); err != nil || port == "" || no == nil && (n < 0 || n > maxPort) {
		return Error{Listen, fmt.Sprintf("%q is no address to listen on", c.Listen), "write HOST:PORT, for instance 127.0.0.1:8080 or :8080"}
	}
	return checkPublic(c.PublicURL)
}

// checkDatabase leaves the parameters of PostgreSQL to its driver, which knows them.
func checkDatabase(raw string) error {
	if path, ok := strings.CutPrefix(raw, "sqlite:"); ok {
		if strings.TrimSpace(path) == "" {
			return Error{DatabaseURL, "names no file after sqlite:", "write sqlite:PATH, or leave it unset for a file in the data folder"}
		}
		return nil
	}
	const right = "write postgres://user:password@host:5432/name or sqlite:PATH" //nolint:gosec // an example of an address, not a password
	if !strings.HasPrefix(raw, "postgres://") && !strings.HasPrefix(raw, "postgresql://") {
		return Error{DatabaseURL, "begins with neither postgres:// nor sqlite:", right}
	}
	if u, err := url.Parse(raw); err == nil && !validPort(u) {
		return Error{DatabaseURL, wrongPort, right + encoded}
	}
	return nil
}

func checkRedis(raw string) error {
	if raw == "" {
		return nil
	}
	const right = "write redis://host:6379/0, rediss:// for TLS, or leave it unset for the in-process queue"
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.Scheme != "redis" && u.Scheme != "rediss" && u.Scheme != "redis-sentinel" {
		return Error{RedisURL, "is no address of a Redis server", right}
	}
	if !validPort(u) {
		return Error{RedisURL, wrongPort, right + encoded}
	}
	if u.Scheme == "redis-sentinel" {
		if u.Query().Get("master") == "" {
			return Error{RedisURL, "does not say which master the sentinels watch", "write redis-sentinel://host:26379?master=NAME"}
		}
		return nil
	}
	if n, err := strconv.Atoi(strings.Trim(u.Path, "/")); u.Path != "" && (err != nil || n < 0) {
		return Error{RedisURL, "what follows the host is not the number of a database", right}
	}
	return nil
}

// checkSMTP leaves the parameters to the mail room, which knows them.
func checkSMTP(raw string) error {
	if raw == "" {
		return nil
	}
	const right = "write smtp://user:password@host:587?starttls=required, or leave it unset to capture mail"
	u, err := url.Parse(raw)
	switch {
	case err != nil, u.Hostname() == "", u.Scheme != "smtp" && u.Scheme != "smtps", u.User == nil && strings.Contains(raw, "@"):
		return Error{SMTPURL, "is no address of a mail server", right + encoded}
	case !validPort(u):
		return Error{SMTPURL, wrongPort, right + encoded}
	}
	return nil
}

// checkPublic lets through only what a path can be appended to: the routes begin at the root.
func checkPublic(raw string) error {
	const right = "write https://convoke.example.org, with a port where needed and nothing else"
	u, err := url.Parse(raw)
	switch {
	case err == nil && u.User != nil:
		return Error{PublicURL, "has a user in it, which every link would tell", right}
	case err != nil, u.Hostname() == "", u.Scheme != "http" && u.Scheme != "https":
		return Error{PublicURL, fmt.Sprintf("%q is no address that a browser can open", raw), right}
	case strings.ContainsAny(raw, "?#"):
		return Error{PublicURL, fmt.Sprintf("%q goes on after the host, and links cannot be appended to that", raw), right}
	case u.Path != "":
		return Error{PublicURL, fmt.Sprintf("%q has a path, and the pages are at the root of a host", raw), right}
	case u.Port() != "0" && !validPort(u): // 0 is any free port, for who listens on one
		return Error{PublicURL, wrongPort, right}
	}
	return nil
}

const (
	wrongPort = "the port is not a number from 1 to 65535"
	encoded   = "; special characters in the password are percent-encoded"
)

func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return true
	}
	n, err := strconv.Atoi(u.Port())
	return err == nil && n >= 1 && n <= maxPort
}
