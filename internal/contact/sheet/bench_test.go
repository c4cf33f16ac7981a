package sheet

import (
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/mail"
)

// repeated is a text of one header and many times the same rows, without the memory of it.
type repeated struct {
	head, rows string
	times      int64
}

func (r repeated) size() int64 { return int64(len(r.head)) + r.times*int64(len(r.rows)) }

func (r repeated) ReadAt(p []byte, at int64) (int, error) {
	n := 0
	for n < len(p) && at < r.size() {
		var from string
		if at < int64(len(r.head)) {
			from = r.head[at:]
		} else {
			from = r.rows[(at-int64(len(r.head)))%int64(len(r.rows)):]
		}
		c := copy(p[n:], from)
		n += c
		at += int64(c)
	}
	return n, nil
}

// BenchmarkRecords prints rows/s; memory stays what a few rows take, whatever b.N is.
func BenchmarkRecords(b *testing.B) {
	const row = "person,Amina Diallo,,Ministère du Numérique,implementer,government,SN,fr en,amina.diallo@example.org,personal,ddos\n"
	quoted := strings.ReplaceAll(row, "Amina Diallo", `"Diallo, Amina"`)
	for name, rows := range map[string]string{"plain": row, "quoted": quoted} {
		b.Run(name, func(b *testing.B) {
			file := repeated{
				head: "kind,name,transliteration,organization,function,stakeholder_group,country,languages,email,address_kind,expertise\n",
				rows: strings.Repeat(rows, 100), times: int64(b.N/100 + 1),
			}
			b.ReportAllocs()
			table, err := Open(file, file.size(), "bench.csv")
			if err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			n := 0
			for r, err := range table.Records(0) {
				if err != nil || r.Problem != nil || len(r.Cells) != 11 {
					b.Fatal(err, r)
				}
				n++
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkRows adds what it costs to understand the cells, addresses included.
func BenchmarkRows(b *testing.B) {
	const row = "person,Amina Diallo,,Ministère du Numérique,implementer,government,SN,fr en,amina.diallo@example.org,personal,ddos\n"
	file := repeated{
		head: "kind,name,transliteration,organization,function,stakeholder_group,country,languages,email,address_kind,expertise\n",
		rows: strings.Repeat(row, 100), times: int64(b.N/100 + 1),
	}
	b.ReportAllocs()
	table, err := Open(file, file.size(), "bench.csv")
	if err != nil {
		b.Fatal(err)
	}
	ref := reference(b)
	in := NewInterpreter(table.Guess(ref), ref, mail.Normalize)
	b.ResetTimer()
	n := 0
	for r, err := range table.Records(0) {
		if err != nil {
			b.Fatal(err)
		}
		if row, problems := in.Row(r); row.Country != "SN" || len(problems) > 0 {
			b.Fatal(row, problems)
		}
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
}
