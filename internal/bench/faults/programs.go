package faults

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// program is a fault, or several of a kind.
type program struct {
	name, about string
	needs       func(*trial) string // why it cannot be tried here; "" where it can
	do          func(context.Context, *trial, *course) error
}

// programs are in an order in which none disturbs the next: the last two leave addresses that get no more mail.
func programs() []program {
	return []program{
		{"kill-worker", "SIGKILL of what sends, again and again", nil, killing(syscall.SIGKILL)},
		{"term-worker", "SIGTERM of what sends, again and again", nil, killing(syscall.SIGTERM)},
		{"kill-web", "SIGKILL of the web process while it launches, and after", nil, killWeb},
		{"two-workers", "two send one campaign, and one of them is killed again and again", nil, twoWorkers},
		{"double-launch", "two officers launch the same campaign at once, several times each", nil, doubleLaunch},
		{"clock", "a second worker whose clock is two hours ahead, then the first killed and started two hours behind", nil, clock},
		{"redis-flush", "Redis forgets everything, again and again", needsRedis, redisFlush},
		{"redis-away", "Redis cannot be reached for a time", needsRedis, redisAway},
		{"redis-killed", "SIGKILL of Redis, which forgets everything and is gone for a time", needsOwn, redisKilled},
		{"postgres-restart", "PostgreSQL is restarted, and crashes", needsOwn, postgresRestart},
		{"smtp-down", "the mail server cuts every conversation and is down for a time", nil, smtpDown},
		{"smtp-slow", "the mail server takes ten times as long", nil, smtpSlow},
		{"smtp-drops", "conversations break in mid-text, some when the message is taken and nobody was told", nil, smtpDrops},
		{"smtp-4xx", "one message in five is refused once with 421, 450, 451, 452", nil, smtpLater},
		{"starttls-refused", "the mail server refuses STARTTLS for a time", nil, startTLSRefused},
		{"connection-limit", "the mail server takes two connections at once", nil, connectionLimit},
		{"smtp-5xx", "one message in ten is refused for good with 550, 552, 554", nil, smtpNever},
		{"suppressed-in-time", "one address in ten is suppressed in mid-sending", nil, suppressedInTime},
	}
}

func needsRedis(t *trial) string {
	if t.redis == nil {
		return "there is no Redis"
	}
	return ""
}

func needsOwn(t *trial) string {
	if t.Own == nil {
		return "--own-servers starts servers that may be killed"
	}
	return ""
}

// pace is a server that lets a campaign take a few seconds, so that something can happen meanwhile.
func (t *trial) pace() Rules {
	whole := max(1500*time.Millisecond, time.Duration(t.Recipients)*200*time.Microsecond)
	return Rules{Latency: whole * time.Duration(t.Connections) / time.Duration(t.Recipients), Seed: t.Seed}
}

// launch sends the order until it was heard.
func (t *trial) launch(ctx context.Context, c *course, r Rules) error {
	t.Post.Reset(r)
	return t.order(ctx, c)
}

func (t *trial) order(ctx context.Context, c *course) error {
	return until(ctx, startPatience, "the launch", func() bool {
		status := t.click(ctx, c, t.tokens[0])
		return status == http.StatusAccepted || status == http.StatusConflict // it was heard the time before
	})
}

// click orders the launch as a program does.
func (t *trial) click(ctx context.Context, c *course, token string) int {
	url := fmt.Sprintf("http://%s/api/v1/campaigns/%d/launch", t.web.address, c.id)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
	if err != nil {
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return do(req)
}

// reached waits until a share of the messages has arrived.
func (t *trial) reached(ctx context.Context, share float64) error {
	return until(ctx, t.Patience, "messages", func() bool { return t.Post.Seen().Accepted >= int(share*float64(t.Recipients)) })
}

// moments are shares of a campaign at which something happens. By the end fewer get a message than at first.
func (t *trial) moments() []float64 {
	all := make([]float64, t.Kills)
	for i := range all {
		all[i] = 0.02 + 0.68*t.random.Float64()
	}
	slices.Sort(all)
	return all
}

// kill ends a process, and starts it at once.
func (t *trial) kill(c *course, signal os.Signal, p *process) error {
	c.Kills++
	if signal == syscall.SIGKILL {
		c.Bound += t.Connections
	}
	return p.again(signal)
}

func (t *trial) kills(ctx context.Context, c *course, signal os.Signal, p *process) error {
	for _, moment := range t.moments() {
		if err := t.reached(ctx, moment); err != nil {
			return err
		}
		if err := t.kill(c, signal, p); err != nil {
			return err
		}
	}
	return nil
}

func killing(signal os.Signal) func(context.Context, *trial, *course) error {
	return func(ctx context.Context, t *trial, c *course) error {
		if err := t.launch(ctx, c, t.pace()); err != nil {
			return err
		}
		return t.kills(ctx, c, signal, t.sender())
	}
}

// launchTakes is about how long a launch keeps the web process busy.
const launchTakes = 60 * time.Millisecond

func killWeb(ctx context.Context, t *trial, c *course) error {
	t.Post.Reset(t.pace())
	for range t.Kills {
		if err := t.awaitReady(ctx); err != nil {
			return err
		}
		var clicking sync.WaitGroup
		clicking.Go(func() { t.click(ctx, c, t.tokens[0]) })
		err := pass(ctx, time.Duration(t.random.Int64N(int64(launchTakes))))
		if err == nil {
			err = t.kill(c, syscall.SIGKILL, t.web)
		}
		clicking.Wait()
		if err != nil {
			return err
		}
	}
	if err := t.order(ctx, c); err != nil {
		return err
	}
	return t.kill(c, syscall.SIGKILL, t.web)
}

// reinforce starts another process that sends.
func (t *trial) reinforce(ctx context.Context, c *course) (err error) {
	command := "worker"
	if t.worker == nil {
		command = "serve"
	}
	if t.second, err = t.newProcess("second", command); err != nil {
		return err
	}
	c.restore = append(c.restore, func() error {
		t.second.end(syscall.SIGTERM)
		t.second = nil
		return nil
	})
	if err := t.second.start(); err != nil {
		return err
	}
	return t.awaitReady(ctx)
}

func twoWorkers(ctx context.Context, t *trial, c *course) error {
	if err := t.reinforce(ctx, c); err != nil {
		return err
	}
	if err := t.launch(ctx, c, t.pace()); err != nil {
		return err
	}
	return t.kills(ctx, c, syscall.SIGKILL, t.second)
}

func doubleLaunch(ctx context.Context, t *trial, c *course) error {
	t.Post.Reset(t.pace())
	var mu sync.Mutex
	answers := map[int]int{}
	var clicking sync.WaitGroup
	for _, token := range t.tokens {
		for range 4 {
			clicking.Go(func() {
				status := t.click(ctx, c, token)
				mu.Lock()
				defer mu.Unlock()
				answers[status]++
			})
		}
	}
	clicking.Wait()
	if answers[http.StatusAccepted] == 0 || answers[http.StatusAccepted]+answers[http.StatusConflict] != 4*len(t.tokens) {
		c.breaks("the answers to launching were %v", answers)
	}
	return nil
}

// setClock moves the clock of every process that starts from now on.
func (t *trial) setClock(moved time.Duration) error {
	text := fmt.Sprintf(`{"began": %q, "moved": %d}`, time.Now().UTC().Format(time.RFC3339), moved)
	return os.WriteFile(filepath.Join(t.Folder, "demo.json"), []byte(text), 0o600)
}

// jump is longer than any lease.
const jump = 2 * time.Hour

func clock(ctx context.Context, t *trial, c *course) error {
	c.restore = append(c.restore, func() error {
		if err := os.Remove(filepath.Join(t.Folder, "demo.json")); err != nil {
			return err
		}
		return t.sender().again(syscall.SIGTERM)
	})
	if err := t.setClock(jump); err != nil {
		return err
	}
	if err := t.launch(ctx, c, t.pace()); err != nil {
		return err
	}
	if err := t.reached(ctx, 0.1); err != nil {
		return err
	}
	if err := t.reinforce(ctx, c); err != nil {
		return err
	}
	if err := t.reached(ctx, 0.3); err != nil {
		return err
	}
	if err := t.setClock(-jump); err != nil {
		return err
	}
	return t.kill(c, syscall.SIGKILL, t.sender())
}

func redisFlush(ctx context.Context, t *trial, c *course) error {
	if err := t.launch(ctx, c, t.pace()); err != nil {
		return err
	}
	for _, moment := range t.moments() {
		if err := t.reached(ctx, moment); err != nil {
			return err
		}
		c.Kills++
		if err := t.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

func redisAway(ctx context.Context, t *trial, c *course) error {
	if err := t.launch(ctx, c, t.pace()); err != nil {
		return err
	}
	if err := t.reached(ctx, 0.1); err != nil {
		return err
	}
	t.redis.Away(true)
	defer t.redis.Away(false)
	return pass(ctx, t.Away)
}

func redisKilled(ctx context.Context, t *trial, c *course) error {
	if err := t.launch(ctx, c, t.pace()); err != nil {
		return err
	}
	if err := t.reached(ctx, 0.1); err != nil {
		return err
	}
	c.Kills++
	t.Own.redis.end(syscall.SIGKILL)
	err := pass(ctx, t.Away)
	if err2 := t.Own.redis.start(); err2 != nil {
		return err2
	}
	if err != nil {
		return err
	}
	return t.Own.awaitRedis(ctx)
}

func postgresRestart(ctx context.Context, t *trial, c *course) error {
	if err := t.launch(ctx, c, t.pace()); err != nil {
		return err
	}
	for i, moment := range t.moments() {
		if err := t.reached(ctx, moment); err != nil {
			return err
		}
		signal := syscall.SIGINT // as an operator does it
		if i%2 == 1 {
			signal = syscall.SIGQUIT // as a crash
		}
		c.Kills++
		if err := t.Own.postgres.again(signal); err != nil {
			return err
		}
		if err := t.Own.awaitPostgres(ctx); err != nil {
			return err
		}
	}
	return nil
}
