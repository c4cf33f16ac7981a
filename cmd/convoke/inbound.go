package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sync/errgroup"

	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/inbound"
	"github.com/convoke/convoke/internal/mail"
)

// What mail servers read of a program that they pipe mail into (sysexits.h).
const (
	exDataErr  = 65
	exNoUser   = 67
	exTempFail = 75
)

type inboundCmd struct {
	LMTP       string   `name:"lmtp" placeholder:"ADDRESS" help:"Listen for LMTP (RFC 2033): the path of a socket, or HOST:PORT that only your mail server reaches."`
	SMTP       string   `name:"smtp" placeholder:"HOST:PORT" help:"Listen for SMTP from a mail server that speaks no LMTP."`
	SocketMode string   `default:"0666" help:"Mode of the socket; the folder that it is in decides who gets there."`
	Folder     string   `placeholder:"FOLDER" help:"Take the mails of a maildir, or the *.eml files of a folder, each moved once it is stored."`
	Once       bool     `help:"With --folder: take what is there, and end."`
	Sender     string   `placeholder:"ADDRESS" help:"From standard input: the sender of the envelope."`
	Recipient  []string `placeholder:"ADDRESS" help:"From standard input: a recipient of the envelope; may be given several times."`
	Stdin      string   `arg:"" optional:"" name:"-" help:"Take one mail from standard input, which is also what happens without any option."`
}

// Run takes mail. From standard input, every failure but a mail that can never be taken asks the caller to try again: nothing else
// would keep the mail.
func (i inboundCmd) Run(ctx context.Context, c *cli) error {
	if i.Stdin != "" && i.Stdin != "-" {
		return config.Error{Variable: "inbound", Wrong: fmt.Sprintf("%q is no option", i.Stdin), Right: "write - for standard input, or see convoke inbound --help"}
	}
	if i.LMTP == "" && i.SMTP == "" && i.Folder == "" {
		err := c.withHouse(ctx, func(h *house) error { return i.one(ctx, h, os.Stdin) })
		var own exit
		if err != nil && !errors.As(err, &own) {
			err = exit{err, exTempFail}
		}
		return err
	}
	return c.withHouse(ctx, func(h *house) error { return i.serve(ctx, h) })
}

// one stores one mail, and tries to sort it; what is not sorted now is sorted by the worker.
func (i inboundCmd) one(ctx context.Context, h *house, from io.Reader) error {
	if len(i.Recipient) > 0 && !anyTaken(h, i.Recipient) {
		return exit{errs.E(errs.NotFound, "inbound.no_mailbox"), exNoUser}
	}
	raw, err := io.ReadAll(io.LimitReader(from, mail.MaxIncoming+1))
	if err != nil {
		return err
	}
	id, err := h.inbound.Receive(ctx, inbound.Delivered{From: i.Sender, To: i.Recipient, Raw: raw, Noted: true})
	if errs.Is(err, errs.TooLarge) {
		return exit{err, exDataErr}
	}
	if err != nil {
		return err
	}
	if err := h.inbound.Sort(ctx, id); err != nil {
		h.log.WarnContext(ctx, "the mail is stored, and waits to be sorted", "mail", id, "error", err)
	}
	return nil
}

func anyTaken(h *house, recipients []string) bool {
	for _, r := range recipients {
		if h.inbound.Boxes.Takes(r) {
			return true
		}
	}
	return false
}

// serve takes mail from everywhere that was named, until a signal ends it.
func (i inboundCmd) serve(ctx context.Context, h *house) error {
	if i.Folder != "" && i.Once && i.LMTP == "" && i.SMTP == "" {
		return errors.Join(i.takeFolder(ctx, h), h.inbound.Sweep(ctx))
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, way := range []struct {
		address string
		lmtp    bool
	}{{i.LMTP, true}, {i.SMTP, false}} {
		if way.address == "" {
			continue
		}
		listener, err := i.listen(way.address)
		if err != nil {
			return err
		}
		h.log.InfoContext(ctx, "taking mail", "address", listener.Addr().String(), "lmtp", way.lmtp)
		receiver := mail.NewReceiver(mail.ReceiverConfig{
			LMTP: way.lmtp, Domain: hostOfSender(h.cfg), Takes: h.inbound.Boxes.Takes, Log: h.log,
			Store: func(ctx context.Context, m mail.Arrived) error {
				_, err := h.inbound.Receive(ctx, inbound.Delivered{From: m.From, To: m.To, Raw: m.Data, Noted: way.lmtp})
				return err
			},
		})
		group.Go(func() error { return receiver.Serve(ctx, listener) })
	}
	if i.Folder != "" {
		group.Go(func() error { return i.watchFolder(ctx, h) })
	}
	group.Go(func() error { h.inbound.Run(ctx); return nil })
	return group.Wait()
}

func hostOfSender(cfg config.Config) string {
	if cfg.InboundMail != "" {
		return cfg.InboundMail
	}
	return senderDomain(cfg)
}
