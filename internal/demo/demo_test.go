package demo

import (
	"errors"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/config"
)

func TestStartClockKeepsTheFirstDay(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first, err := StartClock(folder, "2017-08-07")
	if err != nil || first.Began.Format(time.DateOnly) != "2017-08-07" {
		t.Fatalf("%v, %v", first, err)
	}
	for _, day := range []string{"2017-08-07", ""} {
		if again, err := StartClock(folder, day); err != nil || !again.Began.Equal(first.Began) || again.Moved != first.Moved {
			t.Errorf("%q: %v, %v; want %v", day, again, err, first)
		}
	}
	for _, day := range []string{"2018-01-01", "summer"} {
		var wrong config.Error
		if _, err := StartClock(folder, day); !errors.As(err, &wrong) {
			t.Errorf("%q: %v", day, err)
		}
	}
}
