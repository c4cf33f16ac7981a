package bench

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/mail"
)

func TestContactsMeasuresEveryQuestion(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		report, err := Contacts(context.Background(), d, Options{Contacts: 400, Rounds: 1, Now: db.Now, Progress: func(string) {}})
		if err != nil {
			t.Fatal(err)
		}
		if report.Pages.Asked < 50 || report.Matrix.Asked != 1 || report.Bare <= 0 || report.Ratio <= 0 {
			t.Errorf("%+v", report)
		}
		var text strings.Builder
		if err := report.Print(&text); err != nil || !strings.Contains(text.String(), "95th percentile") {
			t.Errorf("%v, %s", err, text.String())
		}
	})
}

func TestPeopleAreAlwaysTheSameAndMostHaveANameOfTheirOwn(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for i := range 2000 {
		p := NewGenerator(100).Person(i)
		if p != NewGenerator(100).Person(i) {
			t.Fatalf("person %d differs from itself", i)
		}
		names[p.Name] = true
	}
	if len(names) < 1500 {
		t.Errorf("only %d names for 2000 people", len(names))
	}
}

// BenchmarkFill is for finding out what filling a database spends its time on.
func BenchmarkFill(b *testing.B) {
	ref, err := geo.Load()
	if err != nil {
		b.Fatal(err)
	}
	for name, target := range map[string]string{"sqlite": "", "postgres": os.Getenv("CONVOKE_TEST_DATABASE_URL")} {
		b.Run(name, func(b *testing.B) {
			d, drop, err := Open(context.Background(), target)
			if err != nil {
				b.Fatal(err)
			}
			room := contact.New(contact.Deps{DB: d, Now: db.Now, Reference: ref, Secret: []byte("x"), Normalize: mail.Normalize, IsRole: mail.IsRole})
			if _, err := Fill(context.Background(), d, room, ref, 20000*b.N); err != nil {
				b.Fatal(err)
			}
			if err := drop(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func TestTheBareTableIsLikeThatOfDeliveries(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.Write(context.Background(), func(tx *db.Tx) error { return bareTable(tx) })
		if err != nil {
			t.Fatal(err)
		}
		count := "select count(*) from pg_indexes where tablename = ?"
		if d.Dialect() == db.SQLite {
			count = "select count(*) from sqlite_master where type = 'index' and tbl_name = ?"
		}
		var own, bare int
		for table, into := range map[string]*int{"delivery": &own, "bare_delivery": &bare} {
			if err := d.Read(context.Background()).QueryRow(count, table).Scan(into); err != nil {
				t.Fatal(err)
			}
		}
		if own != bare || own == 0 {
			t.Errorf("%d indexes, deliveries have %d", bare, own)
		}
		if _, err := bareInsert(context.Background(), d, 1, db.Now); err == nil {
			t.Error("a table that was there was made anew")
		}
	})
}
