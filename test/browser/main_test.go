package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	_ "cartwright/internal/app" // what is tested: a change of it makes Go run the tests again
)

// What all tests share: the program, the browser and the accessibility checks.
var (
	program  string
	chromium context.Context
	axe      string
)

func TestMain(m *testing.M) {
	status, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "browser tests:", err)
		status = 1
	}
	os.Exit(status)
}

func run(m *testing.M) (status int, err error) {
	work, err := os.MkdirTemp("", "cartwright-browser-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	program = filepath.Join(work, "cartwright")
	if out, err := exec.Command("go", "build", "-o", program, "cartwright/cmd/cartwright").CombinedOutput(); err != nil {
		return 1, fmt.Errorf("build the program: %w\n%s", err, out)
	}
	if axe, err = loadAxe(); err != nil {
		return 1, err
	}
	stop, err := startChromium()
	if err != nil {
		return 1, err
	}
	defer stop()
	return m.Run(), nil
}

// loadAxe reads the pinned accessibility checks, and fetches them first when
// they are not there.
func loadAxe() (string, error) {
	const file = "node_modules/axe-core/axe.min.js"
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		if out, err := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund").CombinedOutput(); err != nil {
			return "", fmt.Errorf("npm ci: %w\n%s", err, out)
		}
	}
	b, err := os.ReadFile(file)
	return string(b), err
}

// startChromium starts a browser with a profile of its own, which goes with it:
// the last of its processes outlive the first, and write there until they end.
func startChromium() (stop func(), err error) {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		return nil, errors.New("chromium is not installed; make setup installs it")
	}
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.WSURLReadTimeout(patience), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))...)
	browser, cancelBrowser := chromedp.NewContext(allocator)
	if err := chromedp.Do(browser); err != nil {
		cancelBrowser()
		cancelAllocator()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	chromium = browser
	return func() {
		_ = chromedp.Cancel(browser)
		cancelBrowser()
		cancelAllocator()
	}, nil
}
