package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/inbound"
	"github.com/convoke/convoke/internal/mail"
)

const (
	folderPause = 5 * time.Second
	// quiet is how long a file of a plain folder must not have changed: who writes there may not have come to its end.
	quiet = 2 * time.Second
)

// watchFolder takes what comes into the folder, until ctx ends. What cannot be stored now stays there.
func (i inboundCmd) watchFolder(ctx context.Context, h *house) error {
	tick := time.NewTicker(folderPause)
	defer tick.Stop()
	for {
		if err := i.takeFolder(ctx, h); err != nil && ctx.Err() == nil {
			h.log.ErrorContext(ctx, "mails of the folder wait", "folder", i.Folder, "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// place is where files are taken from, and where they are moved to.
type place struct{ from, taken, refused string }

func (i inboundCmd) place() (p place, maildir bool) {
	if s, err := os.Stat(filepath.Join(i.Folder, "new")); err == nil && s.IsDir() {
		return place{filepath.Join(i.Folder, "new"), filepath.Join(i.Folder, "cur"), filepath.Join(i.Folder, "refused")}, true
	}
	return place{i.Folder, filepath.Join(i.Folder, "taken"), filepath.Join(i.Folder, "refused")}, false
}

// takeFolder takes what is there now.
func (i inboundCmd) takeFolder(ctx context.Context, h *house) error {
	p, maildir := i.place()
	entries, err := os.ReadDir(p.from)
	if err != nil {
		return err
	}
	var failed []error
	for _, e := range entries {
		if ctx.Err() != nil {
			return errors.Join(failed...)
		}
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") || !maildir && !strings.EqualFold(filepath.Ext(e.Name()), ".eml") {
			continue
		}
		if err := takeFile(ctx, h, p, e.Name(), maildir); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// takeFile moves a file only once its mail is stored: whatever happens between the two, the mail is found to be there already.
func takeFile(ctx context.Context, h *house, p place, name string, maildir bool) error {
	path := filepath.Join(p.from, name)
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if s, err := f.Stat(); err != nil || !maildir && time.Since(s.ModTime()) < quiet {
		return err
	}
	raw, err := io.ReadAll(io.LimitReader(f, mail.MaxIncoming+1))
	if err != nil {
		return err
	}
	_, err = h.inbound.Receive(ctx, inbound.Delivered{Raw: raw, Noted: true})
	to := filepath.Join(p.taken, name)
	switch {
	case errs.Is(err, errs.TooLarge):
		h.log.WarnContext(ctx, "a mail is too large to be taken", "file", path)
		to = filepath.Join(p.refused, name)
	case err != nil:
		return err
	case maildir && !strings.Contains(name, ":2,"):
		to += ":2,S"
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return os.Rename(path, to)
}
