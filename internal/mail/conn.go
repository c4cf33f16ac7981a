package mail

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

const (
	closingGrace  = 5 * time.Second // for what is under way when the context ends
	earlyReply    = time.Second     // for the reason of a server that stopped reading
	keepOutBuffer = 1 << 20
	tellSize      = 64 << 10 // smaller messages need no SIZE=
)

var errProtocol = errors.New("the server's reply does not fit the command")

// Send passes messages through the connection. With PIPELINING one write carries the text of a
// message and the envelope of the next, so that a message costs one round trip.
func (c *smtpConn) Send(ctx context.Context, next func() (Envelope, bool), journal Recorder, report func(Result)) error {
	defer c.watch(ctx, min(closingGrace, c.cfg.Timeout))()
	take := func() (Envelope, bool) {
		if ctx.Err() != nil {
			return Envelope{}, false
		}
		return next()
	}
	cur, ok := take()
	for ok {
		res, ready, err := c.announce(&cur)
		if err != nil {
			report(res)
			return c.broken(err)
		}
		if !ready {
			report(res)
			cur, ok = take()
			continue
		}
		following, more := take()
		var piggyback *Envelope
		if more {
			piggyback = &following
		}
		res, err = c.text(&cur, piggyback, journal)
		report(res)
		if err != nil {
			if more {
				report(c.result(&following, NotSent, StageNone, reply{text: err.Error()}))
			}
			return c.broken(err)
		}
		cur, ok = following, more
	}
	return nil
}

func (c *smtpConn) broken(err error) error {
	c.lost = true
	if errs.CodeOf(err) != errs.Internal {
		return err
	}
	return unavailable(c.cfg, "mail.smtp.broken", "", err)
}

func (c *smtpConn) result(e *Envelope, o Outcome, s Stage, r reply) Result {
	return Result{ID: e.ID, Outcome: o, Stage: s, Code: r.code, Enhanced: r.enhanced, Reply: r.text, Server: c.server}
}

// announce brings an envelope to the point where the server waits for the text. ready is false
// when the message was refused; an error means that the connection is of no further use.
func (c *smtpConn) announce(e *Envelope) (res Result, ready bool, err error) {
	sent := c.announced
	c.announced = false
	if !sent {
		if refusal, bad := c.check(e); bad {
			refusal.ID = e.ID
			return refusal, false, nil
		}
		c.out = c.out[:0]
		if c.pipelining {
			c.appendEnvelope(e)
			if err := c.flush(); err != nil {
				return c.result(e, NotSent, StageNone, reply{text: err.Error()}), false, err
			}
		}
	}
	replies, err := c.envelopeReplies(e)
	switch {
	case err != nil && replies.stage != StageNone: // it was refused before the connection broke
		return c.refused(e, replies.stage, replies.refusal), false, err
	case err != nil:
		return c.result(e, NotSent, StageNone, replies.last), false, err
	}
	return c.judge(e, replies)
}

// envelopeReply is what the server said to an envelope: the stage that was refused, or the 354.
type envelopeReply struct {
	stage   Stage
	refusal reply
	data    reply
	last    reply
}

// envelopeReplies reads the replies of a pipelined envelope, or goes through it step by step.
func (c *smtpConn) envelopeReplies(e *Envelope) (envelopeReply, error) {
	var out envelopeReply
	for _, s := range c.steps(e) {
		if !c.pipelining {
			if out.stage != StageNone { // refused: the rest is not said
				return out, nil
			}
			c.out = append(c.out[:0], s.line...)
			if err := c.flush(); err != nil {
				return out, err
			}
		}
		r, err := c.read(false)
		if err != nil {
			return out, err
		}
		out.last = r
		if r.leaves() {
			return out, fmt.Errorf("the server leaves: %s", r)
		}
		good := r.ok()
		if s.stage == StageData {
			out.data = r
			good = r.code == 354
		}
		if !good && out.stage == StageNone && s.stage != StageNone {
			out.stage, out.refusal = s.stage, r
		}
	}
	c.dirty = false
	return out, nil
}

type step struct {
	stage Stage
	line  []byte
}

// steps are the commands of an envelope. When pipelining only their number matters, because
// they are sent already.
func (c *smtpConn) steps(e *Envelope) []step {
	all := [4]step{{stage: StageNone}, {stage: StageFrom}, {stage: StageTo}, {stage: StageData}}
	if !c.pipelining {
		all[0].line = []byte("RSET\r\n")
		all[1].line = c.appendFrom(nil, e)
		all[2].line = appendTo(nil, e)
		all[3].line = []byte("DATA\r\n")
	}
	if !c.dirty {
		return all[1:]
	}
	return all[:]
}

// judge turns the replies into a result, or says that the text may follow.
func (c *smtpConn) judge(e *Envelope, got envelopeReply) (res Result, ready bool, err error) {
	if got.stage == StageNone {
		return Result{}, true, nil
	}
	c.dirty = true
	r := got.refusal
	if got.data.code == 354 && got.stage == StageFrom {
		// It refused the sender and may all the same have somebody to give the text to. Only
		// leaving is certain to deliver nothing.
		return c.refused(e, got.stage, r), false, errProtocol
	}
	if got.data.code == 354 && got.stage == StageTo {
		// RFC 2920: a server may wait for text though nobody is to get it.
		c.out = append(c.out[:0], ".\r\n"...)
		if err := c.flush(); err != nil {
			return c.refused(e, got.stage, r), false, err
		}
		if _, err := c.read(false); err != nil {
			return c.refused(e, got.stage, r), false, err
		}
	}
	switch {
	case asksSignIn(got.stage, r.code):
		return c.result(e, NotSent, got.stage, r), false, unavailable(c.cfg, "mail.smtp.auth_refused", r.String(), nil)
	case !r.later() && !r.never():
		return c.result(e, NotSent, got.stage, r), false, errProtocol
	}
	return c.refused(e, got.stage, r), false, nil
}

// asksSignIn says whether a refusal is about us and not about the message: then messages wait
// until the configuration is right.
func asksSignIn(s Stage, code int) bool {
	switch code {
	case 530, 534, 535, 538:
		return s == StageFrom || s == StageTo
	case 502, 503:
		return s == StageFrom
	}
	return false
}

func (c *smtpConn) refused(e *Envelope, s Stage, r reply) Result {
	if r.never() {
		return c.result(e, Failed, s, r)
	}
	return c.result(e, Deferred, s, r)
}

// text writes the text and the dot, and the envelope of the following message with it, and
// reads what became of this one. The journal knows before the dot can be seen by anybody.
func (c *smtpConn) text(e, following *Envelope, journal Recorder) (Result, error) {
	c.out = appendWire(c.out[:0], e.Data, e.Rendered)
	dot := len(c.out)
	if following != nil && c.pipelining {
		if _, bad := c.check(following); !bad {
			c.appendEnvelope(following)
			c.announced = true
		}
	}
	if err := journal.Begun(e.Ref()); err != nil {
		return c.result(e, NotSent, StageNone, reply{text: err.Error()}), err
	}
	c.arm()
	n, err := c.nc.Write(c.out)
	if err != nil && n < dot {
		// The dot never left, so the server cannot have taken the message.
		journal.Refused(e.Ref())
		if r, ok := c.reason(); ok {
			return c.refused(e, StageText, r), err
		}
		return c.result(e, NotSent, StageNone, reply{text: err.Error()}), err
	}
	if cap(c.out) > keepOutBuffer {
		c.out = nil
	}
	r, err := c.read(false)
	switch {
	case err != nil:
		journal.Uncertain(e.Ref())
		return c.result(e, Uncertain, StageText, reply{text: err.Error()}), err
	case r.ok():
		journal.Accepted(e.Ref())
		return c.result(e, Accepted, StageText, r), nil
	case r.leaves():
		journal.Refused(e.Ref())
		return c.refused(e, StageText, r), fmt.Errorf("the server leaves: %s", r)
	case r.later() || r.never():
		journal.Refused(e.Ref())
		return c.refused(e, StageText, r), nil
	}
	journal.Uncertain(e.Ref())
	return c.result(e, Uncertain, StageText, r), errProtocol
}

// reason looks for the reply of a server that refused before it had read everything.
func (c *smtpConn) reason() (reply, bool) {
	_ = c.nc.SetReadDeadline(time.Now().Add(earlyReply))
	r, err := readReply(c.br, false)
	return r, err == nil && !r.leaves() && (r.later() || r.never())
}

func (c *smtpConn) flush() error {
	c.arm()
	_, err := c.nc.Write(c.out)
	return err
}

func (c *smtpConn) appendEnvelope(e *Envelope) {
	if c.dirty {
		c.out = append(c.out, "RSET\r\n"...)
	}
	c.out = c.appendFrom(c.out, e)
	c.out = appendTo(c.out, e)
	c.out = append(c.out, "DATA\r\n"...)
}

func (c *smtpConn) appendFrom(dst []byte, e *Envelope) []byte {
	dst = append(dst, "MAIL FROM:<"...)
	dst = append(dst, e.From...)
	dst = append(dst, '>')
	if c.sizeLimit > 0 && len(e.Data) > tellSize {
		dst = append(dst, " SIZE="...)
		dst = strconv.AppendInt(dst, int64(len(e.Data)), 10)
	}
	if c.eightBit && e.wide {
		dst = append(dst, " BODY=8BITMIME"...)
	}
	if c.utf8 && needsUTF8(e) {
		dst = append(dst, " SMTPUTF8"...)
	}
	return append(dst, "\r\n"...)
}

func appendTo(dst []byte, e *Envelope) []byte {
	dst = append(dst, "RCPT TO:<"...)
	dst = append(dst, e.To...)
	return append(dst, ">\r\n"...)
}
