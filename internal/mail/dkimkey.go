package mail

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// DKIMKey is a private key and the selector under which the DNS has the public one.
type DKIMKey struct {
	Selector string
	key      crypto.Signer
}

// The kinds of keys.
const (
	DKIMEd25519 = "ed25519"
	DKIMRSA     = "rsa"
)

const (
	rsaBits    = 2048 // more does not fit into what some name servers serve
	keySuffix  = ".pem"
	keyPEMType = "PRIVATE KEY"
)

var selector = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Kind is ed25519 or rsa.
func (k DKIMKey) Kind() string {
	if _, ok := k.key.(ed25519.PrivateKey); ok {
		return DKIMEd25519
	}
	return DKIMRSA
}

// Algorithm is the tag a= of its signatures.
func (k DKIMKey) Algorithm() string { return k.Kind() + "-sha256" }

// Name is where the DNS of a domain has the public key.
func (k DKIMKey) Name(domain string) string { return k.Selector + "._domainkey." + domain }

// Record is the TXT record with the public key.
func (k DKIMKey) Record() string { return "v=DKIM1; k=" + k.Kind() + "; p=" + k.public() }

func (k DKIMKey) public() string {
	if p, ok := k.key.Public().(ed25519.PublicKey); ok {
		return base64.StdEncoding.EncodeToString(p) // RFC 8463: without a frame
	}
	der, err := x509.MarshalPKIXPublicKey(k.key.Public())
	if err != nil {
		return "" // no key that can be read ends here
	}
	return base64.StdEncoding.EncodeToString(der)
}

// Published says whether a TXT record has the public key of this one.
func (k DKIMKey) Published(record string) bool {
	tags := map[string]string{"k": DKIMRSA, "v": "DKIM1"}
	for tag := range strings.SplitSeq(record, ";") {
		name, value, _ := strings.Cut(tag, "=")
		tags[strings.TrimSpace(name)] = strings.Join(strings.Fields(value), "")
	}
	return tags["v"] == "DKIM1" && tags["k"] == k.Kind() && tags["p"] == k.public()
}

// ReadDKIMKeys reads the keys of a folder: each file SELECTOR.pem is one (PKCS #8, Ed25519 or RSA of 1024 bits or more).
// The error says what is wrong in English, for the operator.
func ReadDKIMKeys(folder string) ([]DKIMKey, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*"+keySuffix))
	if err != nil {
		return nil, err
	}
	keys := make([]DKIMKey, len(files)) // in the order of their names
	for i, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), keySuffix)
		if !selector.MatchString(name) {
			return nil, fmt.Errorf("%q is no selector: a name of a-z, 0-9 and hyphens goes before %s", name, keySuffix)
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if keys[i], err = parseDKIMKey(name, b); err != nil {
			return nil, fmt.Errorf("%q: %w", file, err)
		}
	}
	return keys, nil
}

var errKey = errors.New("not a private key for Ed25519 or RSA in PEM (PKCS #8)")

func parseDKIMKey(name string, b []byte) (DKIMKey, error) {
	block, _ := pem.Decode(b)
	if block == nil {
		return DKIMKey{}, errKey
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if old, oldErr := x509.ParsePKCS1PrivateKey(block.Bytes); err != nil && oldErr == nil {
		parsed, err = old, nil // as openssl genrsa wrote them for long
	}
	if err != nil {
		return DKIMKey{}, errKey
	}
	k := DKIMKey{Selector: name}
	switch key := parsed.(type) {
	case ed25519.PrivateKey:
		k.key = key
	case *rsa.PrivateKey:
		k.key = key
	default:
		return DKIMKey{}, errKey
	}
	if k.sign(make([]byte, 32)) == nil {
		return DKIMKey{}, errors.New("the key cannot sign: it is damaged or too short")
	}
	return k, nil
}

// MakeDKIMKey makes a key and keeps it in the folder, readable by its owner only. A file that is there is never changed.
func MakeDKIMKey(folder, name, kind string) error {
	if !selector.MatchString(name) {
		return fmt.Errorf("%q is no selector: use a-z, 0-9 and hyphens", name)
	}
	var key any
	var err error
	if kind == DKIMRSA {
		key, err = rsa.GenerateKey(rand.Reader, rsaBits)
	} else {
		_, key, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(folder, name+keySuffix), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(pem.Encode(f, &pem.Block{Type: keyPEMType, Bytes: der}), f.Close())
}
