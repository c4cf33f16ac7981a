package demo

import (
	"errors"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

func TestForeign(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		record := func(name string) {
			t.Helper()
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				return audit.Record(tx, audit.System(name), time.Date(2017, 8, 7, 9, 0, 0, 0, time.UTC),
					audit.Change{Action: "account.added", ObjectKind: "account", ObjectID: 1})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		want := func(when string, foreign bool) {
			t.Helper()
			if got, err := Foreign(t.Context(), d); err != nil || got != foreign {
				t.Errorf("%s: foreign is %t, %v", when, got, err)
			}
		}
		want("with a schema and nothing else", false)
		record("command line (olu)")
		want("after somebody did something", true)
		record(program().Name)
		want("after the first thing of a load that broke off", false)
	})
}

func TestForeignLeavesADatabaseWithoutSchema(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), "sqlite:"+t.TempDir()+"/new.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if got, err := Foreign(t.Context(), d); err != nil || got {
		t.Errorf("foreign is %t, %v", got, err)
	}
}

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
