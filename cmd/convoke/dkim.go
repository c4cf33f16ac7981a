package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/mail"
)

type dkimCmd struct {
	Selector string   `default:"convoke" placeholder:"NAME" help:"How the names of new keys begin. Choose another one to replace keys."`
	Kinds    []string `name:"key" enum:"ed25519,rsa" default:"ed25519,rsa" placeholder:"KIND" help:"What to make: ed25519, rsa, or both."`
}

// Run makes what is missing of the keys, and prints their DNS records. It may be run again and again.
func (d dkimCmd) Run(_ context.Context, c *cli) error {
	cfg, err := c.load("")
	if err != nil {
		return err
	}
	folder := cfg.DKIMKeys
	if folder == "" {
		folder = filepath.Join(cfg.Data, "dkim")
	}
	keys, err := readKeys(folder)
	if err != nil {
		return err
	}
	for _, kind := range d.Kinds {
		name := d.Selector + "-" + kind
		if hasKey(keys, name) {
			continue
		}
		if err := mail.MakeDKIMKey(folder, name, kind); err != nil {
			return keyError(err)
		}
	}
	if keys, err = readKeys(folder); err != nil {
		return err
	}
	domain := senderDomain(cfg)
	fmt.Printf("Add these records to the DNS of %s:\n\n", domain)
	for _, k := range keys {
		fmt.Printf("%s. IN TXT %s\n\n", k.Name(domain), quoted(k.Record()))
	}
	fmt.Printf("Then set %s=%s for web and worker, start them anew, and run: convoke doctor\n", config.DKIMKeys, folder)
	return nil
}

func hasKey(keys []mail.DKIMKey, selector string) bool {
	for _, k := range keys {
		if k.Selector == selector {
			return true
		}
	}
	return false
}

// quoted is a record as zone files have it: in strings of at most 255 characters.
func quoted(record string) string {
	var all []string
	for len(record) > 255 {
		all = append(all, `"`+record[:255]+`"`)
		record = record[255:]
	}
	return strings.Join(append(all, `"`+record+`"`), " ")
}

func senderDomain(cfg config.Config) string {
	_, sender := cfg.Sender()
	_, domain, _ := strings.Cut(sender, "@")
	return domain
}

func readKeys(folder string) ([]mail.DKIMKey, error) {
	keys, err := mail.ReadDKIMKeys(folder)
	if err != nil {
		return nil, keyError(err)
	}
	return keys, nil
}

func keyError(err error) error {
	return config.Error{Variable: config.DKIMKeys, Wrong: err.Error(), Right: "keep there one file SELECTOR.pem a key, which convoke dkim makes"}
}

// signing is how mail is signed; nil where the settings name no keys.
func signing(cfg config.Config, now func() time.Time) (func([]byte) []byte, error) {
	if cfg.DKIMKeys == "" {
		return nil, nil
	}
	keys, err := readKeys(cfg.DKIMKeys)
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, keyError(fmt.Errorf("%q holds no keys", cfg.DKIMKeys))
	}
	return mail.NewDKIM(senderDomain(cfg), keys, now).Sign, nil
}

// lookAtKeys holds each key against the DNS.
func lookAtKeys(ctx context.Context, cfg config.Config, lookup func(context.Context, string) ([]string, error)) []finding {
	if cfg.DKIMKeys == "" {
		return []finding{{name: "dkim", state: "mail is not signed here (" + config.DKIMKeys + " is not set): right where the mail server signs, else run: convoke dkim"}}
	}
	if _, err := signing(cfg, nil); err != nil {
		return []finding{{name: "dkim", err: err, remedy: "run: convoke dkim"}}
	}
	keys, err := readKeys(cfg.DKIMKeys)
	if err != nil {
		return []finding{{name: "dkim", err: err, remedy: "run: convoke dkim"}}
	}
	domain := senderDomain(cfg)
	var findings []finding
	for _, k := range keys {
		f := finding{name: "dkim", state: k.Name(domain) + " has our key"}
		records, err := lookup(ctx, k.Name(domain))
		switch {
		case err != nil || len(records) == 0:
			f.err = fmt.Errorf("%s is not in the DNS: receivers take our signature for a false one", k.Name(domain))
		case !published(k, records):
			f.err = errors.New(k.Name(domain) + " has another key than " + filepath.Join(cfg.DKIMKeys, k.Selector+".pem"))
		}
		f.remedy = "make it this TXT record: " + quoted(k.Record())
		findings = append(findings, f)
	}
	return findings
}

func published(k mail.DKIMKey, records []string) bool {
	for _, r := range records {
		if k.Published(r) {
			return true
		}
	}
	return false
}
