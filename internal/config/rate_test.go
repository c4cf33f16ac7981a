package config_test

import (
	"errors"
	"testing"

	"github.com/convoke/convoke/internal/config"
)

func TestRates(t *testing.T) {
	t.Parallel()
	c, err := config.Load(env(map[string]string{
		config.Data: t.TempDir(), config.SendRate: "600/m", config.DomainRates: "20/second, Big.example = 300/minute,free.example=none",
	}), config.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	if c.SendRate != (config.Rate{Count: 600, Per: "minute"}) || c.DomainRate != (config.Rate{Count: 20, Per: "second"}) || len(c.DomainRates) != 2 ||
		c.DomainRates[0] != (config.DomainRate{Domain: "big.example", Rate: config.Rate{Count: 300, Per: "minute"}}) || c.DomainRates[1].Rate.Count != 0 {
		t.Errorf("got %+v, %+v, %+v", c.SendRate, c.DomainRate, c.DomainRates)
	}
	wrong := map[string][]string{
		config.SendRate:    {"fast", "0/second", "-1/hour", "10", "10/day", "10000000/second"},
		config.DomainRates: {"x", "1/second,2/second", "example=1/second", "a@b.example=1/second", "b.example=1/s,b.example=2/s", "b.example="},
	}
	for variable, texts := range wrong {
		for _, text := range texts {
			_, err := config.Load(env(map[string]string{config.Data: t.TempDir(), variable: text}), config.Overrides{})
			var e config.Error
			if !errors.As(err, &e) || e.Variable != variable {
				t.Errorf("%s=%q: %v", variable, text, err)
			}
		}
	}
}

func FuzzRates(f *testing.F) {
	f.Add("20/second, big.example=300/minute")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := config.Load(env(map[string]string{config.Data: t.TempDir(), config.DomainRates: text}), config.Overrides{})
		if err == nil && (c.DomainRate.Count < 0 || c.DomainRate.Count > 0 && c.DomainRate.Per == "") {
			t.Errorf("%q is %+v", text, c.DomainRate)
		}
	})
}
