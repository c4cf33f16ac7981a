//go:build unix

package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/browser/house"
	"github.com/convoke/convoke/internal/e2e/walk"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

// connections is how many messages are under way at once: so many may be uncertain after a kill,
// and no more.
const connections = 4

// TestKill ends the program while the call goes out, and starts it again: nothing is lost, and
// nobody gets the call twice.
func TestKill(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		end       func(*house.House, *testing.T)
		uncertain int
	}{
		{"SIGKILL", (*house.House).Kill, connections},
		{"SIGTERM", (*house.House).Stop, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := mailtest.NewRaw(t, mailtest.RawOptions{Latency: 50 * time.Millisecond})
			url := fmt.Sprintf("CONVOKE_SMTP_URL=smtp://%s?connections=%d&starttls=off", server.Addr(), connections)
			h := house.Start(t, house.Small())
			h.Serve(t, url)
			w := walk.New(t, h)
			w.FillLinks()
			recipients := w.Approve()
			w.Launch()
			w.Until("some messages have arrived", func() bool { return server.Accepted() >= connections })
			tt.end(h, t)
			before := server.Accepted()
			h.Restart(t)
			again := walk.New(t, h)
			again.Campaign = w.Campaign
			again.Until("nothing waits any more", func() bool {
				s := again.States()
				return s["sent"]+s["uncertain"] == recipients
			})
			t.Logf("%d of %d had arrived before; then %v", before, recipients, again.States())
			check(t, server, again.States(), recipients, tt.uncertain)
			again.Resolve() // a person says what became of the uncertain ones
			again.Sent()
			if tt.uncertain > 0 && before >= recipients {
				t.Error("the program was ended too late to tell anything")
			}
		})
	}
}

// check holds what the program says of the deliveries against what the server got.
func check(t *testing.T, server *mailtest.Raw, states map[string]int, recipients, uncertain int) {
	t.Helper()
	got := map[string]int{}
	for _, m := range server.Messages() {
		got[m.To]++
	}
	for to, n := range got {
		if n > 1 {
			t.Errorf("%s got the call %d times", to, n)
		}
	}
	if states["uncertain"] > uncertain || states["sent"]+states["uncertain"] != recipients {
		t.Errorf("%v of %d recipients, want all sent but at most %d uncertain", states, recipients, uncertain)
	}
	if len(got) < states["sent"] || len(got) > recipients {
		t.Errorf("%d got the call, %d are said to be sent, of %d", len(got), states["sent"], recipients)
	}
}
