//go:build unix

package testenv

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// A server's databases are lent one to a test, across all test processes. Two keys in database 0
// say which: a lease that a dead process cannot hold for ever, and a mark that what is in the
// database is ours to empty. A database with data of somebody else's is never touched.
const (
	leaseKey  = "convoke:testenv:lease:"
	markKey   = "convoke:testenv:mark:"
	leaseTime = time.Hour // longer than any test run
)

var errNoDatabase = errors.New("no empty Redis database is left: use a Redis of its own for the tests")

// leaseDatabase finds a database that nobody uses and returns its URL and how to give it back.
func leaseDatabase(ctx context.Context, address string) (own string, release func(), err error) {
	options, err := redis.ParseURL(address)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", RedisVariable, err)
	}
	options.DB = 0
	book := redis.NewClient(options)
	defer func() { err = errors.Join(err, book.Close()) }()
	for n := 1; ; n++ {
		ok, err := takeDatabase(ctx, book, options, n)
		if err != nil {
			return "", nil, err
		}
		if ok {
			own, err := withDatabase(address, n)
			return own, func() { releaseDatabase(options, n) }, err
		}
	}
}

// takeDatabase leases database n if it is free, and says whether it did.
func takeDatabase(ctx context.Context, book *redis.Client, server *redis.Options, n int) (bool, error) {
	number := strconv.Itoa(n)
	taken, err := book.SetNX(ctx, leaseKey+number, os.Getpid(), leaseTime).Result()
	if err != nil || !taken {
		return false, err
	}
	client := openDatabase(server, n)
	defer func() { _ = client.Close() }()
	size, err := client.DBSize(ctx).Result()
	if err != nil {
		_ = book.Del(ctx, leaseKey+number).Err() // the first error says more
		if strings.Contains(err.Error(), "out of range") {
			return false, errNoDatabase
		}
		return false, err
	}
	if size > 0 {
		ours, err := book.Exists(ctx, markKey+number).Result()
		if err != nil {
			return false, err
		}
		if ours == 0 {
			return false, nil // the lease stays, so that the next does not look again
		}
		if err := client.FlushDB(ctx).Err(); err != nil {
			return false, err
		}
	}
	return true, book.Set(ctx, markKey+number, 1, 0).Err()
}

// releaseDatabase empties database n and gives it back. A server that is gone keeps nothing.
func releaseDatabase(server *redis.Options, n int) {
	// The test's own context is over when its cleanups run.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	number := strconv.Itoa(n)
	client := openDatabase(server, n)
	defer func() { _ = client.Close() }()
	if client.FlushDB(ctx).Err() != nil {
		return
	}
	book := openDatabase(server, 0)
	defer func() { _ = book.Close() }()
	_ = book.Del(ctx, leaseKey+number, markKey+number).Err()
}

func openDatabase(server *redis.Options, n int) *redis.Client {
	options := *server
	options.DB = n
	return redis.NewClient(&options)
}

// withDatabase is the same server's URL with another database number.
func withDatabase(address string, n int) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	u.Path = "/" + strconv.Itoa(n)
	return u.String(), nil
}
