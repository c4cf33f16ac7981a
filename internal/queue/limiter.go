package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
)

// Counting is a limiter within one process.
type Counting interface {
	Allow(ctx context.Context, key string, limit int, window time.Duration) (ok bool, wait time.Duration, err error)
}

// Limiter counts in Redis what somebody did within a time, for all web processes together. While
// Redis is away each process counts for itself: a limit is no reason to turn people away.
type Limiter struct {
	redis  redis.UniversalClient
	within Counting
	log    *slog.Logger
}

// Limiter makes a limiter; close it.
func (q *Queue) Limiter(within Counting) (*Limiter, error) {
	client, ok := q.opt.MakeRedisClient().(redis.UniversalClient)
	if !ok {
		return nil, errors.New("queue: asynq gives no Redis client that we know")
	}
	return &Limiter{redis: client, within: within, log: q.log}, nil
}

// Allow counts one more for the key, in fixed windows, and says whether it was within limit per
// window; if not, how long to wait.
func (l *Limiter) Allow(ctx context.Context, key string, limit int, window time.Duration) (bool, time.Duration, error) {
	name := "convoke:limit:" + key
	var count *redis.IntCmd
	var left *redis.DurationCmd
	_, err := l.redis.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.SetNX(ctx, name, 0, window) // so that no counter is ever without an end
		count, left = p.Incr(ctx, name), p.PTTL(ctx, name)
		return nil
	})
	if err != nil {
		l.log.Warn("limits are counted within this process", "error", fmt.Sprint(err))
		return l.within.Allow(ctx, key, limit, window)
	}
	return count.Val() <= int64(limit), max(left.Val(), 0), nil
}

// Close ends the connection.
func (l *Limiter) Close() error { return l.redis.Close() }
