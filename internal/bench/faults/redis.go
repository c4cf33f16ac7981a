package faults

import (
	"context"
	"errors"
	"net"
	"net/url"

	"github.com/redis/go-redis/v9"

	"github.com/convoke/convoke/internal/errs"
)

// openRedis puts ourselves between the processes and Redis.
func (t *trial) openRedis() error {
	if t.RedisURL == "" {
		return nil
	}
	u, err := url.Parse(t.RedisURL)
	if err != nil {
		return errs.E(errs.Invalid, "config.redis_url")
	}
	host := u.Host
	if u.Port() == "" {
		host = net.JoinHostPort(u.Hostname(), "6379")
	}
	t.redis, err = NewProxy(host)
	return err
}

func (t *trial) redisThroughProxy() string {
	u, err := url.Parse(t.RedisURL)
	if err != nil {
		return t.RedisURL
	}
	u.Host = t.redis.Addr()
	return u.String()
}

// closeRedis leaves Redis as empty as it was.
func (t *trial) closeRedis() {
	if t.redis == nil {
		return
	}
	_ = t.redis.Close()
	_ = t.flush(context.Background()) // it may be gone
}

func (t *trial) flush(ctx context.Context) error {
	return withRedis(t.RedisURL, func(c *redis.Client) error { return c.FlushDB(ctx).Err() })
}

// CheckRedis refuses a Redis that somebody uses: it is going to be emptied.
func CheckRedis(ctx context.Context, address string) error {
	if address == "" {
		return nil
	}
	return withRedis(address, func(c *redis.Client) error {
		keys, err := c.DBSize(ctx).Result()
		if err == nil && keys > 0 {
			return errs.E(errs.Conflict, "cli.bench.redis_in_use")
		}
		return err
	})
}

func withRedis(address string, fn func(*redis.Client) error) error {
	options, err := redis.ParseURL(address)
	if err != nil {
		return errs.E(errs.Invalid, "config.redis_url")
	}
	client := redis.NewClient(options)
	return errors.Join(fn(client), client.Close())
}
