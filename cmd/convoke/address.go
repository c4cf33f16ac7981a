package main

import (
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/convoke/convoke/internal/config"
)

// addressFile holds, in the data folder, how links of the process begin that answers requests now.
// Whoever types another command beside it need not know where it listens.
const addressFile = "address"

// isSet says whether a variable has a value, given as it is or in a file.
func isSet(name string) bool {
	return os.Getenv(name) != "" || os.Getenv(name+"_FILE") != ""
}

// reachedAt gives the settings the port that the listener took, where no public address is set.
func reachedAt(cfg config.Config, listener net.Listener) config.Config {
	public, err := url.Parse(cfg.PublicURL)
	_, port, broken := net.SplitHostPort(listener.Addr().String())
	if err == nil && broken == nil && !isSet(config.PublicURL) {
		public.Host = net.JoinHostPort(public.Hostname(), port)
		cfg.PublicURL = public.String()
	}
	return cfg
}

// beside gives the settings the address of the process that answers requests on the same folder,
// where there is one and no public address is set.
func beside(cfg config.Config) config.Config {
	if at := readAddress(cfg.Data); at != "" && !isSet(config.PublicURL) {
		cfg.PublicURL = at
	}
	return cfg
}

// readAddress is "" where no process left an address. One that was killed leaves an old address,
// which is no worse a guess than the default.
func readAddress(folder string) string {
	b, err := os.ReadFile(filepath.Join(folder, addressFile))
	at := strings.TrimSpace(string(b))
	if u, broken := url.Parse(at); err != nil || broken != nil || u.Host == "" {
		return ""
	}
	return at
}

// announced leaves the address in the data folder while fn runs.
func (h *house) announced(fn func() error) error {
	if err := leaveAddress(h.cfg.Data, h.cfg.PublicURL); err != nil {
		return err
	}
	return errors.Join(fn(), removeAddress(h.cfg.Data, h.cfg.PublicURL))
}

// leaveAddress puts a finished file into place, so that nobody reads half of one.
func leaveAddress(folder, at string) error {
	f, err := os.CreateTemp(folder, ".address-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(at + "\n")
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(folder, addressFile))
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// removeAddress leaves alone what another process has put there since.
func removeAddress(folder, at string) error {
	if readAddress(folder) != at {
		return nil
	}
	err := os.Remove(filepath.Join(folder, addressFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
