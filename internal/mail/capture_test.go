package mail

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

func TestCapture(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		now := time.Date(2017, 8, 15, 9, 0, 0, 123000, time.UTC)
		box := NewCapture(CaptureDeps{DB: d, Now: func() time.Time { return now }})
		p := NewPool(PoolConfig{Transport: box})
		t.Cleanup(p.Close)
		es := envelopesOf(1, 600)
		for i := range es {
			es[i].Data = fmt.Appendf(nil, "Message-ID: <%d@example.org>\r\nSubject: =?UTF-8?B?w4FyYm9s?= 100%% %d\r\nContent-Language: es\r\n\r\nhola\r\n", i, i)
		}
		for range 2 { // the second time, as after a kill, changes nothing
			rs, err := p.Send(ctx, es, newLedger())
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range rs {
				if r.Outcome != Accepted || r.ID != es[i].ID {
					t.Fatalf("%+v", r)
				}
			}
		}
		list, err := box.List(ctx, CapturedFilter{Limit: 1000})
		if err != nil || len(list) != maxList {
			t.Fatalf("%d %v", len(list), err)
		}
		all := 0
		for before := int64(0); ; {
			page, err := box.List(ctx, CapturedFilter{Before: before})
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			all += len(page)
			before = page[len(page)-1].ID
		}
		if all != 600 {
			t.Errorf("%d captured", all)
		}
		one, err := box.List(ctx, CapturedFilter{Query: "00% 57", To: es[57].To})
		if err != nil || len(one) != 1 || one[0].Subject != "Árbol 100% 57" || one[0].Locale != "es" || !one[0].At.Equal(now) || one[0].From != es[57].From {
			t.Fatalf("%+v %v", one, err)
		}
		if none, err := box.List(ctx, CapturedFilter{Query: "1_0"}); err != nil || len(none) != 0 {
			t.Errorf("%v %v", none, err)
		}
		m, err := box.Get(ctx, one[0].ID)
		if err != nil || string(m.Raw) != string(es[57].Data) || m.MessageID != "<57@example.org>" {
			t.Errorf("%+v %v", m, err)
		}
		if _, err := box.Get(ctx, 1<<40); !errs.Is(err, errs.NotFound) {
			t.Errorf("%v", err)
		}
	})
}
