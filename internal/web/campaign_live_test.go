package web_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// A stream says how far a campaign is, is bounded in number, and ends when the campaign rests or the server stops.
func TestTheProgressOfACampaignIsStreamed(t *testing.T) {
	t.Parallel()
	k, app, c, second := campaignApp(t, dbtest.SQLite(t))
	k.Contact("Amina", "amina@example.org", "en")
	path := c.PostForm("/campaigns/new", url.Values{"name": {"The call"}, "everybody": {"all"}}).Location()
	press(t, c, path, "freeze")
	press(t, c, path, "submit")
	press(t, second, path, "approve")
	if p := c.Get(path + "/progress"); p.Status != 200 || !strings.Contains(p.Body, "event: end") {
		t.Errorf("of a campaign that rests: %d %s", p.Status, p.Body)
	}
	if p := app.As(account.Volunteer).Get(path + "/progress"); p.Status != 403 {
		t.Errorf("to a volunteer: %d", p.Status)
	}
	press(t, c, path, "launch", "0 of 0 sent", "Look again")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- app.Server.Serve(listener) }()
	address := "http://" + listener.Addr().String() + path + "/progress"
	var open []*http.Response
	for i := range 5 {
		res := stream(t, address, c.Cookies())
		if want := map[bool]int{true: 429, false: 200}[i == 4]; res.StatusCode != want {
			t.Fatalf("stream %d: %d", i+1, res.StatusCode)
		}
		open = append(open, res)
	}
	line, err := bufio.NewReader(open[0].Body).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "data: <p>") || open[0].Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("it says %q, %v", line, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := app.Server.Shutdown(ctx); err != nil {
		t.Errorf("the server does not stop with open streams: %v", err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func stream(t *testing.T, address, cookies string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Cookie", cookies)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}
