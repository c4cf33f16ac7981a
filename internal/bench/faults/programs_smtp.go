package faults

import (
	"context"
	"syscall"
	"time"
)

func smtpDown(ctx context.Context, t *trial, c *course) error {
	if err := t.launch(ctx, c, t.pace()); err != nil {
		return err
	}
	if err := t.reached(ctx, 0.2); err != nil {
		return err
	}
	t.Post.Down()
	err := pass(ctx, t.Away)
	if err2 := until(ctx, startPatience, "the port of the mail server", func() bool { return t.Post.Up() == nil }); err2 != nil {
		return err2
	}
	return err
}

func smtpSlow(ctx context.Context, t *trial, c *course) error {
	usual := t.pace()
	slow := usual
	slow.Latency *= 10
	if err := t.launch(ctx, c, slow); err != nil {
		return err
	}
	if err := t.reached(ctx, 0.2); err != nil {
		return err
	}
	t.Post.Change(func(r *Rules) { r.Latency = usual.Latency })
	return nil
}

func smtpDrops(ctx context.Context, t *trial, c *course) error {
	r := t.pace()
	r.Share, r.Breaks = 20, 2*t.Kills
	return t.launch(ctx, c, r)
}

func smtpLater(ctx context.Context, t *trial, c *course) error {
	r := t.pace()
	r.Share, r.Times = 5, 1
	r.Refuse = []Refusal{
		{StageMail, 421, "4.3.2 going down"},
		{StageMail, 450, "4.7.1 come back"},
		{StageMail, 451, "4.3.0 not now"},
		{StageMail, 452, "4.3.1 no room"},
		{StageRcpt, 421, "4.7.0 enough"},
		{StageRcpt, 450, "4.2.1 greylisted"},
		{StageRcpt, 451, "4.3.0 not now"},
		{StageRcpt, 452, "4.2.2 mailbox full"},
		{StageData, 451, "4.3.0 not now"},
		{StageText, 421, "4.3.2 going down"},
		{StageText, 450, "4.7.1 come back"},
		{StageText, 451, "4.7.1 not now"},
		{StageText, 452, "4.3.1 no room"},
	}
	if err := t.launch(ctx, c, r); err != nil {
		return err
	}
	return t.refusedSome(ctx)
}

func smtpNever(ctx context.Context, t *trial, c *course) error {
	r := t.pace()
	r.Share = 10
	r.Refuse = []Refusal{
		{StageRcpt, 550, "5.1.1 no such mailbox"},
		{StageRcpt, 552, "5.2.2 mailbox full"},
		{StageRcpt, 554, "5.7.1 not for them"},
		{StageText, 550, "5.7.1 looks like spam"},
		{StageText, 552, "5.3.4 too large"},
		{StageText, 554, "5.6.0 not like this"},
	}
	if err := t.launch(ctx, c, r); err != nil {
		return err
	}
	return t.refusedSome(ctx)
}

func (t *trial) refusedSome(ctx context.Context) error {
	return until(ctx, t.Patience, "refusals", func() bool { return t.Post.Seen().Refused > 0 })
}

func startTLSRefused(ctx context.Context, t *trial, c *course) error {
	p := t.sender()
	c.restore = append(c.restore, func() error {
		p.setEnv("CONVOKE_SMTP_URL", t.smtpURL("off"))
		return p.again(syscall.SIGTERM)
	})
	p.setEnv("CONVOKE_SMTP_URL", t.smtpURL("required"))
	p.setEnv("SSL_CERT_FILE", t.TrustFile)
	if err := p.again(syscall.SIGTERM); err != nil {
		return err
	}
	if err := t.awaitReady(ctx); err != nil {
		return err
	}
	r := t.pace()
	r.TLS = RefusesTLS
	if err := t.launch(ctx, c, r); err != nil {
		return err
	}
	if err := until(ctx, t.Patience, "STARTTLS", func() bool { return t.Post.Seen().Turned > 1 }); err != nil {
		return err
	}
	if n := t.Post.Seen().Accepted; n > 0 {
		c.breaks("%d messages went without encryption", n)
	}
	t.Post.Change(func(r *Rules) { r.TLS = SpeaksTLS })
	return nil
}

func connectionLimit(ctx context.Context, t *trial, c *course) error {
	r := t.pace()
	r.Limit = 2
	r.Latency = r.Latency * 2 / time.Duration(t.Connections)
	if err := t.launch(ctx, c, r); err != nil {
		return err
	}
	return until(ctx, t.Patience, "a connection too many", func() bool { return t.Post.Seen().Turned > 0 })
}

// atOnce is how soon nobody gets a message any more whose address was suppressed.
const atOnce = time.Second

func suppressedInTime(ctx context.Context, t *trial, c *course) error {
	r := t.pace()
	r.Latency = max(r.Latency, 4*time.Second*time.Duration(t.Connections)/time.Duration(t.Recipients))
	if err := t.launch(ctx, c, r); err != nil {
		return err
	}
	if err := t.reached(ctx, 0.1); err != nil {
		return err
	}
	if err := suppressShare(ctx, t.in.DB, time.Now().UTC()); err != nil {
		return err
	}
	since := time.Now()
	if err := t.settle(ctx, c); err != nil {
		return err
	}
	return t.afterSuppression(ctx, c, since)
}

func (t *trial) afterSuppression(ctx context.Context, c *course, since time.Time) error {
	all, err := deliveries(ctx, t.in.DB, c.stepID)
	if err != nil {
		return err
	}
	kept := 0
	record := map[int64]time.Time{}
	for id, at := range t.Post.Taken() {
		if n, ok := deliveryOf(id); ok {
			record[n] = at
		}
	}
	for _, d := range all {
		if !suppressedShare(d.contact) {
			continue
		}
		if at, taken := record[d.id]; taken && at.Sub(since) > atOnce {
			c.Late++
		} else if !taken {
			kept++
		}
	}
	if kept < t.Recipients/50 {
		c.breaks("only %d messages were left to be kept back", kept)
	}
	return nil
}
