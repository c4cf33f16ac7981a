package campaign

import (
	"testing"

	"github.com/convoke/convoke/internal/i18n/i18ntest"
)

func TestSentence(t *testing.T) {
	t.Parallel()
	l := i18ntest.Bundle(t).For("en")
	full := tally([]Count{
		{DeliveryPlanned, "en", false, "", "", 71},
		{DeliveryPlanned, "en", true, "", "", 15},
		{DeliveryPlanned, "es", false, "", "", 18},
		{DeliverySkipped, "en", false, "", PersonalClaim, 2},
		{DeliverySkipped, "en", true, "", NoAddress, 1},
		{DeliverySkipped, "es", false, "", NoAddress, 3},
		{DeliverySkipped, "en", false, "", Suppressed, 3},
	})
	want := "104 recipients: 71 in English, 18 in Spanish, 15 in English instead of their own language; 9 excluded: 4 no address, 3 suppressed, 2 under a personal claim"
	if got := full.Sentence(l); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := (Tally{}).Sentence(l); got != "0 recipients; 0 excluded" {
		t.Errorf("nobody: %s", got)
	}
}

func TestEveryStateAndReasonHasItsText(t *testing.T) {
	t.Parallel()
	l := i18ntest.Bundle(t).For("en")
	var keys []string
	for _, s := range States() {
		keys = append(keys, "campaign.state."+string(s))
	}
	for _, s := range DeliveryStates() {
		keys = append(keys, "campaign.delivery_state."+string(s))
	}
	for _, r := range Reasons() {
		keys = append(keys, "campaign.reason."+string(r))
	}
	for _, key := range keys {
		if !l.Has(key) {
			t.Errorf("there is no text %s", key)
		}
	}
}
