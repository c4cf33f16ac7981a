//go:build unix

// Package browser holds the tests that look at Convoke as people do: in a real Chromium, driven
// from Go. This file and its neighbours are the tools; the tests say what must hold.
package browser

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/convoke/convoke/internal/testenv"
)

// patience is how long a tab waits for anything before the test fails. Machines of tests are slow.
const patience = time.Minute

// Chrome is one Chromium for a test process. It starts with the first tab.
type Chrome struct {
	mu    sync.Mutex
	ctx   context.Context
	close func()
}

// Close ends the browser and removes its profile.
func (c *Chrome) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.close != nil {
		c.close()
	}
}

// Window is what a tab looks like to the page.
type Window struct {
	Name          string
	Width, Height int64
	Touch         bool
	NoScript      bool
	Languages     string // of the Accept-Language header; "" for English
}

// The two windows of the suite.
func phone() Window   { return Window{Name: "phone", Width: 390, Height: 844, Touch: true} }
func desktop() Window { return Window{Name: "desktop", Width: 1280, Height: 900} }

// Person opens a tab with cookies of its own.
func (c *Chrome) Person(t testing.TB, w Window) *Tab {
	t.Helper()
	parent, err := c.start(t)
	if err != nil {
		t.Fatalf("starting Chromium: %v", err)
	}
	ctx, cancel := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	tab := &Tab{t: t, ctx: ctx, window: w, traffic: newTraffic()}
	if err := tab.prepare(); err != nil {
		cancel()
		t.Fatalf("opening a tab: %v", err)
	}
	t.Cleanup(cancel)
	return tab
}

// start runs the browser once. Its context must be nobody's but the browser's: chromedp ends the
// browser with the context of the first call.
func (c *Chrome) start(t testing.TB) (context.Context, error) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx != nil {
		return c.ctx, nil
	}
	path := testenv.Chromium(t)
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
	}
	for _, flag := range []string{
		"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync",
		"disable-dev-shm-usage", "disable-extensions", "disable-default-apps", "mute-audio",
		"disable-background-timer-throttling", "disable-backgrounding-occluded-windows",
		"disable-renderer-backgrounding", "disable-ipc-flooding-protection", "hide-scrollbars",
		"disable-site-isolation-trials",
	} {
		options = append(options, chromedp.Flag(flag, true))
	}
	// Each page in the frame and process of the last one: it opens a quarter faster.
	options = append(options, chromedp.Flag("disable-features", "BackForwardCache,RenderDocument,SpareRendererForSitePerProcess"))
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil {
		stop()
		stopAllocator()
		return nil, err
	}
	c.ctx = ctx
	c.close = func() {
		stop()
		stopAllocator()
	}
	return ctx, nil
}

// prepare makes the tab the window and starts to listen.
func (b *Tab) prepare() error {
	if err := chromedp.Listen(b.ctx, b.traffic.hear); err != nil {
		return err
	}
	if _, err := chromedp.Call(b.ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}); err != nil {
		return err
	}
	return errors.Join(b.Look(b.window), b.speak(b.window.Languages))
}

// Look changes the window: its size, and whether scripts run from the next page on.
func (b *Tab) Look(w Window) error {
	b.window = w
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: w.Width, Height: w.Height, DeviceScaleFactor: 1, Mobile: w.Touch,
	})
	if err != nil {
		return fmt.Errorf("size: %w", err)
	}
	_, err = chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: w.NoScript})
	if err != nil {
		return fmt.Errorf("scripts: %w", err)
	}
	return nil
}

func (b *Tab) speak(languages string) error {
	if languages == "" {
		languages = "en"
	}
	_, err := chromedp.Call(b.ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{
		Headers: network.Headers{"Accept-Language": languages},
	})
	return err
}
