package db_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// Statements that are said often do what they do otherwise: in the transaction in which they are met first, in later ones that
// find them compiled, in one that fails, and after the schema changed.
func TestWhatIsSaidOften(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		write := func(fn func(tx *db.Tx) error) {
			t.Helper()
			if err := d.Write(ctx, fn); err != nil {
				t.Fatal(err)
			}
		}
		write(func(tx *db.Tx) error {
			_, err := tx.Exec("create table often (id bigint primary key, word text not null)")
			return err
		})
		insert := func(tx *db.Tx, id int64) error {
			_, err := tx.Often().Exec("insert into often (id, word) values (?, ?)", id, fmt.Sprint("word ", id))
			return err
		}
		broken := errors.New("broken")
		for id := int64(1); id <= 6; id++ {
			if err := d.Write(ctx, func(tx *db.Tx) error { return errors.Join(insert(tx, id), broken) }); !errors.Is(err, broken) {
				t.Fatal(err)
			}
			write(func(tx *db.Tx) error { return insert(tx, id) })
			if err := d.Write(ctx, func(tx *db.Tx) error { return insert(tx, id) }); !db.IsDuplicate(err) {
				t.Fatalf("a second %d: %v", id, err)
			}
			if id == 3 {
				write(func(tx *db.Tx) error {
					_, err := tx.Exec("alter table often add column more bigint not null default 7")
					return err
				})
			}
			var word string
			var ids []int64
			write(func(tx *db.Tx) error {
				if err := tx.Often().QueryRow("select word from often where id = ?", id).Scan(&word); err != nil {
					return err
				}
				return tx.Often().Scan(&ids, "select id from often where id <= ? order by id", id)
			})
			if word != fmt.Sprint("word ", id) || int64(len(ids)) != id || ids[id-1] != id {
				t.Fatalf("%d: %q, %v", id, word, ids)
			}
		}
		if n, err := d.Read(ctx).Often().Exec("select 1 from often where id = ?", int64(1)); err != nil {
			t.Errorf("outside of a transaction: %d, %v", n, err)
		}
	})
}

// More texts than are kept are said all the same.
func TestFewStatementsStayCompiled(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	for range 2 {
		for i := range 150 {
			var n int
			err := d.Write(context.Background(), func(tx *db.Tx) error {
				return tx.Often().QueryRow(fmt.Sprintf("select ? + %d", i), 1).Scan(&n)
			})
			if err != nil || n != i+1 {
				t.Fatal(n, err)
			}
		}
	}
}
