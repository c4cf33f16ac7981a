//go:build unix

package e2e

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/browser/house"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/e2e/walk"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

// followLinks does what the scanners of mail servers do: it reads every mail that left the house, and opens every link in it.
// Nothing may change by that: nobody is signed in, unsubscribed or taken for somebody who answered.
func followLinks(t *testing.T, h *house.House) {
	t.Helper()
	h.Visitor(t).PostForm("/sign-in", url.Values{"email": {walk.Olu}})
	d, err := db.Open(t.Context(), h.DatabaseURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	before := quiet(t, d)
	links := linksOf(t, d)
	scanner := h.Visitor(t)
	kinds := map[string]int{}
	for link := range links {
		path := strings.TrimPrefix(link, h.URL)
		if path == link {
			t.Errorf("a mail leads to %s", link)
			continue
		}
		kind := "/" + strings.Split(path, "/")[1]
		methods := []string{http.MethodGet}
		if kinds[kind]++; kinds[kind] == 1 {
			methods = []string{http.MethodHead, http.MethodGet, http.MethodGet}
		}
		for _, method := range methods {
			if r := scanner.Do(method, path, "", nil); r.Status >= http.StatusBadRequest {
				t.Errorf("%s %s: %d", method, path, r.Status)
			}
		}
	}
	for table, sum := range quiet(t, d) {
		if before[table] != sum {
			t.Errorf("opening the links of mails changed %s", table)
		}
	}
	for _, kind := range []string{"/r", "/u", "/calls"} {
		if kinds[kind] == 0 {
			t.Errorf("no mail has a link to %s: %v", kind, kinds)
		}
	}
	t.Logf("links of mails: %v", kinds)
}

// linksOf reads every captured mail with a parser that is not ours.
func linksOf(t *testing.T, d *db.DB) map[string]bool {
	t.Helper()
	rows, err := d.Read(t.Context()).Query("select raw from captured_mail")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	links := map[string]bool{}
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			t.Fatal(err)
		}
		for _, link := range mailtest.Read(t, raw).Links(t) {
			links[link] = true
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return links
}

// quiet waits until nothing is under way in the house, and gives a sum of every table.
func quiet(t *testing.T, d *db.DB) map[string][32]byte {
	t.Helper()
	last := sums(t, d)
	tick := time.NewTicker(2 * time.Second) // longer than the shortest period of the schedule
	defer tick.Stop()
	for range 30 {
		<-tick.C
		now := sums(t, d)
		if maps.Equal(last, now) {
			return now
		}
		last = now
	}
	t.Fatal("the house does not come to rest")
	return nil
}

func sums(t *testing.T, d *db.DB) map[string][32]byte {
	t.Helper()
	query := "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and sql not like 'create virtual%'"
	if d.Dialect() == db.Postgres {
		query = "select tablename from pg_tables where schemaname = current_schema()"
	}
	all := map[string][32]byte{}
	for _, table := range texts(t, d, query) {
		row := "select cast(x as text) from " + table + " x"
		if d.Dialect() != db.Postgres {
			columns := texts(t, d, "select 'quote(\"' || name || '\")' from pragma_table_info('"+table+"')")
			row = "select " + strings.Join(columns, " || ',' || ") + " from " + table
		}
		lines := texts(t, d, row)
		slices.Sort(lines)
		all[table] = sha256.Sum256(fmt.Append(nil, lines))
	}
	return all
}

func texts(t *testing.T, d *db.DB, query string) []string {
	t.Helper()
	rows, err := d.Read(t.Context()).Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
