//go:build unix

package testenv

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/redis/go-redis/v9"
)

const redisName = "Redis"

// FindRedis finds or starts Redis; the caller stops it.
func FindRedis(ctx context.Context) (Service, error) {
	if address, ok := given(RedisVariable); ok {
		return givenService(ctx, redisName, RedisVariable, address, redisVersion)
	}
	program, err := obtain(ctx, redisNeed())
	if err != nil {
		return Service{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	s, err := startPrivate(ctx, func(ctx context.Context) (Service, error) { return runRedis(ctx, program) })
	if err != nil {
		return Service{}, fmt.Errorf("tests need Redis, and %s could not be started: %w", program, err)
	}
	return s, nil
}

func redisNeed() need {
	return need{
		what:     "Redis",
		look:     lookPath("redis-server", "valkey-server"),
		packages: []string{"redis-server"},
		or:       "set " + RedisVariable,
	}
}

// runRedis serves a Redis without persistence on a free port, with databases enough for every
// test to have its own.
func runRedis(ctx context.Context, program string) (Service, error) {
	dir, err := privateFolder("redis", nil)
	if err != nil {
		return Service{}, err
	}
	port, err := freePort()
	if err != nil {
		return Service{}, errors.Join(err, os.RemoveAll(dir))
	}
	p, err := startProcess(dir, "TERM", nil, program, "--port", port, "--bind", "127.0.0.1",
		"--dir", dir, "--save", "", "--appendonly", "no", "--databases", "256")
	if err != nil {
		return Service{}, errors.Join(err, os.RemoveAll(dir))
	}
	address := "redis://127.0.0.1:" + port
	var version string
	err = p.ready(ctx, func(ctx context.Context) (err error) {
		version, err = redisVersion(ctx, address)
		return err
	})
	if err != nil {
		p.stop()
		return Service{}, err
	}
	return Service{
		Name: redisName, Address: address, Version: version,
		How: "private instance of " + program, stop: p.stop,
	}, nil
}

// redisVersion greets the server and returns its version.
func redisVersion(ctx context.Context, address string) (version string, err error) {
	options, err := redis.ParseURL(address)
	if err != nil {
		return "", err
	}
	client := redis.NewClient(options)
	defer func() { err = errors.Join(err, client.Close()) }()
	info, err := client.Info(ctx, "server").Result()
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(info) {
		if v, ok := strings.CutPrefix(line, "redis_version:"); ok {
			return strings.TrimSpace(v), nil
		}
	}
	return "", errors.New("the server does not say its version")
}

// lookPath makes a look for the first of some programs on PATH.
func lookPath(names ...string) func() (string, bool) {
	return func() (string, bool) {
		for _, name := range names {
			if path, err := exec.LookPath(name); err == nil {
				return path, true
			}
		}
		return "", false
	}
}
