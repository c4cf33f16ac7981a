package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// handIn is what a browser sends along with a form: the visitor's cookie and the token that belongs to it.
type handIn struct{ cookie, csrf string }

var csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// burst lets people hand in, each at their own time, whatever became of those before: so that a slow answer does not
// make the next one come later.
func (b *contributing) burst(ctx context.Context) error {
	form, err := b.opened(ctx, b.contacts[b.Asked-1])
	if err != nil {
		return err
	}
	r := &b.report.Burst
	*r = Burst{Rate: b.Rate, Seconds: b.Seconds, Sent: b.Rate * b.Seconds, Refused: map[string]int{}}
	var took []float64
	var lock sync.Mutex
	var done sync.WaitGroup
	began := b.Now()
	for i := range r.Sent {
		wait := time.NewTimer(time.Until(began.Add(time.Duration(i) * time.Second / time.Duration(b.Rate))))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			done.Wait()
			return ctx.Err()
		}
		done.Go(func() {
			at := b.Now()
			err := b.submit(ctx, i, form)
			lock.Lock()
			defer lock.Unlock()
			took = append(took, milliseconds(b.Now().Sub(at)))
			if err != nil {
				r.Refused[err.Error()]++
				return
			}
			r.Accepted++
		})
	}
	done.Wait()
	r.Took, r.Times = b.Now().Sub(began).Seconds(), figure("burst", "submission", took)
	r.Stored, err = handedIn(ctx, b.DB, b.cycleID, b.contacts[b.Asked:])
	return err
}

// opened reads a form, as one does before handing in.
func (b *contributing) opened(ctx context.Context, contactID int64) (handIn, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.URL+"/r/"+b.Token(b.cycleID, contactID)+"/answer/q1", nil)
	if err != nil {
		return handIn{}, err
	}
	answer, err := b.client.Do(request)
	if err != nil {
		return handIn{}, err
	}
	defer func() { _ = answer.Body.Close() }()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		return handIn{}, err
	}
	found := csrfField.FindSubmatch(page)
	var cookies []string
	for _, c := range answer.Cookies() {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	if found == nil || len(cookies) == 0 {
		return handIn{}, fmt.Errorf("the form has no token: %s", answer.Status)
	}
	return handIn{cookie: strings.Join(cookies, "; "), csrf: string(found[1])}, nil
}

// submit saves and hands in for one person, over a connection from an address of their own.
func (b *contributing) submit(ctx context.Context, number int, form handIn) error {
	from := net.Dialer{Timeout: time.Minute, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 1, byte(number>>8), byte(number))}}
	transport := &http.Transport{DialContext: from.DialContext}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: noRedirect, Timeout: 2 * time.Minute}
	base := b.URL + "/r/" + b.Token(b.cycleID, b.contacts[b.Asked+number])
	text := strings.Repeat("What works is to work together. ", 64)
	if err := form.post(ctx, client, base+"/answer/q1", url.Values{"q1": {text}}); err != nil {
		return err
	}
	return form.post(ctx, client, base+"/check", url.Values{"consent": {"publish"}})
}

func (f handIn) post(ctx context.Context, client *http.Client, address string, values url.Values) error {
	values.Set("csrf", f.csrf)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(values.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Cookie", f.cookie)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := client.Do(request)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			return failed.Err // without the address, which is another for each
		}
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusSeeOther {
		return errors.New(answer.Status)
	}
	return nil
}
