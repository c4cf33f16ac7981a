package queue

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/convoke/convoke/internal/errs"
)

// Bucket limits how often something is done: so many tokens a second are added, and at most Burst are kept.
type Bucket struct {
	Key    string
	Second float64 // tokens a second
	Burst  int
}

// Portion is how many tokens are wanted of one bucket. A portion without a key is not limited by itself.
type Portion struct {
	Bucket
	Want int
}

// Granted is what was got of each portion. Wait is until it is worth to ask again, 0 where all was granted.
type Granted struct {
	Portions []int
	Wait     time.Duration
}

// Buckets are token buckets in Redis, shared by all processes. A bucket that nobody used for long, or that Redis lost, begins
// with one token, so that a lost Redis lets nothing through at once.
type Buckets struct {
	redis redis.UniversalClient
	now   func() time.Time
}

// Buckets makes the buckets; close them. Times are those of Redis where now is nil.
func (q *Queue) Buckets(now func() time.Time) (*Buckets, error) {
	client, ok := q.opt.MakeRedisClient().(redis.UniversalClient)
	if !ok {
		return nil, errors.New("queue: asynq gives no Redis client that we know")
	}
	return &Buckets{redis: client, now: now}, nil
}

// bucketPatience is how long Redis may take to answer.
const bucketPatience = 2 * time.Second

// level is what a bucket holds at the moment; numbers are written whole, because Lua prints 14 digits only.
const level = `
local function level(key, rate, burst, now)
  local kept = redis.call('GET', key)
  if not kept then return math.min(1, burst) end
  local cut = string.find(kept, ':', 1, true)
  local tokens, at = tonumber(string.sub(kept, 1, cut - 1)), tonumber(string.sub(kept, cut + 1))
  return math.min(burst, tokens + math.max(0, now - at) / 1000000 * rate)
end
local function keep(key, rate, burst, now, tokens)
  redis.call('SET', key, string.format('%.6f', tokens) .. ':' .. string.format('%.0f', now), 'PX', string.format('%.0f', burst / rate * 1000 + 10000))
end
local now = tonumber(ARGV[1])
if now == 0 then
  local t = redis.call('TIME')
  now = tonumber(t[1]) * 1000000 + tonumber(t[2])
end
`

// take gives each portion what its own bucket and those that all share have. KEYS are those of the shared buckets and of the
// portions, '-' for none; ARGV the time, the number of shared ones, their rates and bursts, then rate, burst and wish of each portion.
const take = level + `
local shared, a = tonumber(ARGV[2]), 3
local free, levels = math.huge, {}
for i = 1, shared do
  levels[i] = level(KEYS[i], tonumber(ARGV[a]), tonumber(ARGV[a + 1]), now)
  free = math.min(free, math.floor(levels[i]))
  a = a + 2
end
local given, total, wait, answer = free, 0, math.huge, {}
local function untilEnough(tokens, rate, left)
  return math.max(0, (math.max(1, math.min(left, rate)) - tokens) / rate)
end
local sharedWait = 0
for p = 1, #KEYS - shared do
  local key, rate, burst, want = KEYS[shared + p], tonumber(ARGV[a]), tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2])
  a = a + 3
  local own, got = math.huge, want
  if key ~= '-' then
    own = level(key, rate, burst, now)
    got = math.min(got, math.floor(own))
  end
  got = math.min(got, given - total)
  total = total + got
  answer[p] = got
  if key ~= '-' then
    keep(key, rate, burst, now, own - got)
    if got < want then wait = math.min(wait, untilEnough(own - got, rate, want - got)) end
  elseif got < want then
    wait = 0
  end
end
a = 3
for i = 1, shared do
  local rate, burst = tonumber(ARGV[a]), tonumber(ARGV[a + 1])
  a = a + 2
  keep(KEYS[i], rate, burst, now, levels[i] - total)
  sharedWait = math.max(sharedWait, untilEnough(levels[i] - total, rate, rate))
end
if wait == math.huge then
  answer[#answer + 1] = 0
else
  answer[#answer + 1] = math.ceil(math.max(wait, total >= given and sharedWait or 0, 0.001) * 1000)
end
return answer
`

// give puts tokens back. ARGV are the time, then rate, burst and tokens of each key.
const give = level + `
local a = 2
for i = 1, #KEYS do
  local rate, burst = tonumber(ARGV[a]), tonumber(ARGV[a + 1])
  keep(KEYS[i], rate, burst, now, math.min(burst, level(KEYS[i], rate, burst, now) + tonumber(ARGV[a + 2])))
  a = a + 3
end
return 0
`

// none stands for the key of a portion that is not limited by itself.
const none = "-"

// Take takes tokens for all portions at once: each needs one of its own bucket and one of each of the shared. The error is
// errs.Unavailable where Redis is away: then nothing was granted.
func (b *Buckets) Take(ctx context.Context, shared []Bucket, portions []Portion) (Granted, error) {
	keys, args := make([]string, 0, len(shared)+len(portions)), []any{b.micros(), len(shared)}
	for _, s := range shared {
		keys, args = append(keys, name(s.Key)), append(args, number(s.Second), s.Burst)
	}
	for _, p := range portions {
		key := none
		if p.Key != "" {
			key = name(p.Key)
		}
		keys, args = append(keys, key), append(args, number(p.Second), p.Burst, p.Want)
	}
	ctx, cancel := context.WithTimeout(ctx, bucketPatience)
	defer cancel()
	answer, err := redis.NewScript(take).Run(ctx, b.redis, keys, args...).Int64Slice()
	if err != nil || len(answer) != len(portions)+1 {
		return Granted{}, away("queue.take", err)
	}
	g := Granted{Wait: time.Duration(answer[len(portions)]) * time.Millisecond, Portions: make([]int, len(portions))}
	for i := range portions {
		g.Portions[i] = int(answer[i])
	}
	return g, nil
}

// Give puts back what was granted and not used: Want of each portion, and of each of the shared buckets as many as all of them.
func (b *Buckets) Give(ctx context.Context, shared []Bucket, portions []Portion) error {
	var keys []string
	args := []any{b.micros()}
	total := 0
	for _, p := range portions {
		if total += p.Want; p.Key != "" && p.Want > 0 {
			keys, args = append(keys, name(p.Key)), append(args, number(p.Second), p.Burst, p.Want)
		}
	}
	for _, s := range shared {
		keys, args = append(keys, name(s.Key)), append(args, number(s.Second), s.Burst, total)
	}
	if total == 0 || len(keys) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, bucketPatience)
	defer cancel()
	if err := redis.NewScript(give).Run(ctx, b.redis, keys, args...).Err(); err != nil {
		return away("queue.give", err)
	}
	return nil
}

// Close ends the connection.
func (b *Buckets) Close() error { return b.redis.Close() }

func (b *Buckets) micros() int64 {
	if b.now == nil {
		return 0
	}
	return b.now().UnixMicro()
}

func name(key string) string { return "convoke:{bucket}:" + key }

func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func away(op string, err error) error {
	return &errs.Error{Code: errs.Unavailable, Key: "error.queue_away", Op: op, Err: err}
}
