package main

import (
	"os"
	"strings"

	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/locales"
)

// load reads the settings, with what the command line says before the environment, and checks them
// whole: a command refuses also what only another one would come to use.
func (c *cli) load(listen string) (config.Config, error) {
	if err := config.CheckNames(os.Environ()); err != nil {
		return config.Config{}, err
	}
	cfg, err := config.Load(os.LookupEnv, config.Overrides{Data: c.Data, Listen: listen})
	if err != nil {
		return config.Config{}, err
	}
	return cfg, checkParameters(cfg)
}

// checkParameters asks the rooms that open the addresses, because they know the parameters.
func checkParameters(cfg config.Config) error {
	if err := db.CheckURL(cfg.DatabaseURL); err != nil {
		return config.Error{ //nolint:gosec // an example of an address, not a password
			Variable: config.DatabaseURL, Wrong: "is not understood by the PostgreSQL driver",
			Right: "write postgres://user:password@host:5432/name?sslmode=require, with special characters in the password percent-encoded and files that it names readable",
		}
	}
	if cfg.SMTPURL == "" {
		return nil
	}
	if _, err := mail.ParseURL(cfg.SMTPURL); err != nil {
		return config.Error{ //nolint:gosec // an example of an address, not a password
			Variable: config.SMTPURL, Wrong: strings.TrimSuffix(places(err), "."),
			Right: "write smtp://user:password@host:587?connections=20&starttls=required, or smtps://user:password@host",
		}
	}
	return nil
}

// places says what is wrong where in what was given.
func places(err error) string {
	bundle, broken := i18n.New(locales.FS)
	if broken != nil {
		return err.Error()
	}
	return strings.Join(placesIn(bundle.For(i18n.English), err), " ")
}

func placesIn(l *i18n.Localizer, err error) []string {
	var parts []string
	for _, f := range errs.FieldsOf(err) {
		said := l.FieldMessage(f)
		if f.Args["Key"] != f.Name { // a place in a file is named in its sentence
			said = f.Name + ": " + said
		}
		parts = append(parts, said)
	}
	return parts
}
