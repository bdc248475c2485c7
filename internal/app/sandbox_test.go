package app

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cartwright/internal/cart"
	"cartwright/internal/demo"
	"cartwright/internal/testdb"
	"cartwright/internal/testkit"
)

// openSandbox opens a filled sandbox on a database.
func openSandbox(t *testing.T, database string) *App {
	t.Helper()
	a, err := Open(t.Context(), Config{Database: database, PublicURL: "http://cart.example:8080", Sandbox: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := demo.Fill(t.Context(), a.demoServices()); err != nil {
		t.Fatal(err)
	}
	return a
}

// ask makes one request of a browser on the same machine. header holds names
// and values in turn.
func ask(a *App, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "localhost:8080"
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	return w
}

func (a *App) wind(t *testing.T, by string) time.Time {
	t.Helper()
	w := ask(a, "POST", "/sandbox/clock", `{"advance":"`+by+`"}`)
	var said struct{ Now time.Time }
	if w.Code != http.StatusOK {
		t.Fatalf("wind %s: %d %s", by, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil {
		t.Fatal(err)
	}
	return said.Now
}

// The demo's first call makes a cart. Thirty days later it is over: it answers
// as if it had never been, and the winding has swept its row away.
func TestWindingTheClockEndsCarts(t *testing.T) {
	for engine, database := range map[string]string{"SQLite": testdb.SQLite(t), "PostgreSQL": testdb.PostgreSQL(t)} {
		t.Run(engine, func(t *testing.T) {
			a := openSandbox(t, database)
			read := firstCall(t, a)
			before := a.Clock.Now()
			if now := a.wind(t, "29d23h"); now.Sub(before) < 29*24*time.Hour {
				t.Errorf("the clock went from %v to %v", before, now)
			}
			if status := read(); status != http.StatusOK {
				t.Errorf("the cart of yesterday's thirty days answers %d", status)
			}
			a.wind(t, "1h")
			if status := read(); status != http.StatusNotFound {
				t.Errorf("an expired cart answers %d", status)
			}
			a.wind(t, "1h")
			if n, err := a.DB.CountCarts(t.Context(), demo.Store, 10); n != 0 || err != nil {
				t.Errorf("%d carts are left behind, %v", n, err)
			}
		})
	}
}

// firstCall does what the line does that the demo prints, and returns what
// reads the cart.
func firstCall(t *testing.T, a *App) (read func() int) {
	t.Helper()
	m := regexp.MustCompile(`^curl -s '(.*?)' -H '(.*?): (.*?)' -H '(.*?): (.*?)' -d '(.*)'$`).FindStringSubmatch(demo.Example(a.publicURL()))
	if m == nil {
		t.Fatalf("the example is no command: %s", demo.Example(a.publicURL()))
	}
	address, err := url.Parse(m[1])
	if err != nil {
		t.Fatal(err)
	}
	w := ask(a, "POST", address.RequestURI(), m[6], m[2], m[3], m[4], m[5])
	var made struct {
		Data struct {
			ID           string
			RedirectURLs struct {
				CartURL string `json:"cart_url"`
			} `json:"redirect_urls"`
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || w.Code != http.StatusCreated ||
		!strings.HasPrefix(made.Data.RedirectURLs.CartURL, a.publicURL()+"/shop/demo/cart.php?") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return func() int { return ask(a, "GET", "/stores/demo/v3/carts/"+made.Data.ID, "", m[2], m[3]).Code }
}

func TestWindingsOfTwoServersAddUp(t *testing.T) {
	database := testdb.PostgreSQL(t)
	one, two := openSandbox(t, database), openSandbox(t, database)
	var all sync.WaitGroup
	for _, a := range []*App{one, two, one, two} {
		all.Go(func() { a.wind(t, "6h") })
	}
	all.Wait()
	offset, err := one.DB.ClockOffset(t.Context())
	if err != nil || offset < 24*time.Hour || offset > 24*time.Hour+time.Second {
		t.Errorf("four times six hours came out as %s, %v", offset, err)
	}
	third := openSandbox(t, database)
	if third.Clock.Offset() != offset {
		t.Errorf("a server that starts later is %s ahead, not %s", third.Clock.Offset(), offset)
	}
}

// Windings that wait for each other are bounded together, not each for itself.
func TestWindingsAtOnceKeepTheBound(t *testing.T) {
	a := openSandbox(t, testdb.URL(t))
	codes := make([]int, 6)
	var all sync.WaitGroup
	for i := range codes {
		all.Go(func() { codes[i] = ask(a, "POST", "/sandbox/clock", `{"advance":"21900d"}`).Code })
	}
	all.Wait()
	slices.Sort(codes)
	if want := []int{200, 422, 422, 422, 422, 422}; !slices.Equal(codes, want) {
		t.Errorf("six times sixty years are answered %v", codes)
	}
	if got := a.Clock.Offset().Round(time.Hour); got != 21900*24*time.Hour {
		t.Errorf("the clock is %s ahead", got)
	}
}

func TestClockRefusals(t *testing.T) {
	a := openSandbox(t, testdb.URL(t))
	tests := map[string]struct {
		body   string
		status int
	}{
		"an hour and a half":        {`{"advance":"1h30m"}`, 200},
		"days":                      {`{"advance":"2d"}`, 200},
		"days and hours":            {`{"advance":"1d12h"}`, 200},
		"backwards":                 {`{"advance":"-1h"}`, 422},
		"nothing":                   {`{"advance":"0s"}`, 422},
		"no days":                   {`{"advance":"0d"}`, 422},
		"not a time":                {`{"advance":"soon"}`, 422},
		"empty":                     {`{"advance":""}`, 422},
		"missing":                   {`{}`, 422},
		"a number":                  {`{"advance":61}`, 400},
		"another field":             {`{"forward":"1h"}`, 400},
		"no JSON":                   {`1h`, 400},
		"no body":                   {``, 400},
		"more than a hundred years": {`{"advance":"40000d"}`, 422},
		"more than can be counted":  {`{"advance":"65000d9000000h"}`, 422},
		"days twice":                {`{"advance":"1d1d"}`, 422},
	}
	for name, tc := range tests {
		if w := ask(a, "POST", "/sandbox/clock", tc.body); w.Code != tc.status {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if got := a.Clock.Offset().Round(time.Minute); got != 85*time.Hour+30*time.Minute {
		t.Errorf("the refused windings moved the clock: %s", got)
	}
	for form, back := range map[string]string{
		"advance=1h": "/admin", "advance=1h&back=/sandbox/inbox": "/sandbox/inbox", "advance=1h&back=//evil.example/": "/admin",
	} {
		w := ask(a, "POST", "/sandbox/clock", form, "Content-Type", "application/x-www-form-urlencoded")
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != back {
			t.Errorf("%s: %d to %q", form, w.Code, w.Header().Get("Location"))
		}
	}
}

func TestTheSandboxKeepsOtherSitesOut(t *testing.T) {
	a := openSandbox(t, testdb.URL(t))
	tests := map[string]struct {
		method, path string
		header       []string
		status       int
	}{
		"curl":                              {"GET", "/sandbox/clock", nil, 200},
		"an address of the machine":         {"GET", "/admin", []string{"Host", "192.168.1.5:8080"}, 200},
		"an IPv6 address":                   {"GET", "/admin", []string{"Host", "[::1]:8080"}, 200},
		"the public name":                   {"GET", "/admin/demo", []string{"Host", "Cart.Example"}, 200},
		"a name below localhost":            {"GET", "/", []string{"Host", "cart.localhost:8080"}, 200},
		"DNS rebinding":                     {"GET", "/admin", []string{"Host", "evil.example:8080"}, 403},
		"DNS rebinding of the clock":        {"POST", "/sandbox/clock", []string{"Host", "evil.example"}, 403},
		"a name that looks like an address": {"GET", "/admin", []string{"Host", "127.0.0.1.evil.example"}, 403},
		"no name at all":                    {"GET", "/admin", []string{"Host", ""}, 403},
		"a script of another site":          {"GET", "/sandbox/inbox", []string{"Origin", "https://evil.example"}, 403},
		"a form of another site":            {"POST", "/sandbox/clock", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"a form of another port":            {"POST", "/sandbox/clock", []string{"Origin", "http://localhost:9999"}, 403},
		"an image of another site":          {"GET", "/sandbox/inbox", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Dest", "image"}, 403},
		"a frame of another site":           {"GET", "/admin", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Dest", "iframe"}, 403},
		"a link on another site":            {"GET", "/admin", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Dest", "document"}, 200},
		"emptying the inbox from elsewhere": {"DELETE", "/sandbox/inbox", []string{"Origin", "null"}, 403},
		"emptying the inbox":                {"DELETE", "/sandbox/inbox", nil, 204},
		"the page's own form":               {"DELETE", "/sandbox/inbox", []string{"Origin", "http://localhost:8080", "Sec-Fetch-Site", "same-origin"}, 204},
	}
	for name, tc := range tests {
		if w := ask(a, tc.method, tc.path, "", tc.header...); w.Code != tc.status {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestPagesOfTheSandbox(t *testing.T) {
	a := openSandbox(t, testdb.URL(t))
	firstCall(t, a)
	for path, parts := range map[string][]string{
		"/":              {"Larch &amp; Lantern", "40 products, 1 cart", `href="http://cart.example:8080/shop/demo/"`, "curl -s &#39;http://cart.example:8080/stores/demo/v3/carts"},
		"/admin":         {`<a href="/admin/demo">Larch &amp; Lantern</a>`, "Wind 1 day"},
		"/admin/demo":    {"<dd>40</dd>", "Heather Honey", "Market stall", "EUR", "0.92", "Linen cloth to keep, $9.00", "/docs"},
		"/sandbox/inbox": {"There is no mail"},
	} {
		w := ask(a, "GET", path, "", "Accept", "text/html,application/xhtml+xml,application/json;q=0.1")
		if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		for _, part := range parts {
			if !strings.Contains(w.Body.String(), part) {
				t.Errorf("%s lacks %s in\n%s", path, part, w.Body)
			}
		}
		if strings.Contains(w.Body.String(), "<script") {
			t.Errorf("%s needs a script", path)
		}
	}
	if w := ask(a, "GET", "/admin/nowhere", ""); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "no such store") {
		t.Errorf("an unknown store: %d", w.Code)
	}
	if w := ask(a, "GET", "/sandbox/inbox", "", "Accept", "application/json"); strings.TrimSpace(w.Body.String()) != "[]" {
		t.Errorf("the inbox for programs: %s", w.Body)
	}
	home := ask(a, "GET", "/", "").Body.String()
	if !strings.Contains(home, "<code>"+demo.CodeTenOff+"</code> and <code>"+demo.CodeFreeShipping+"</code>.") {
		t.Errorf("the start page names no coupons to try: %s", home)
	}
	style := regexp.MustCompile(`href="(/admin/style\.css[^"]*)"`).FindStringSubmatch(home)
	if style == nil || ask(a, "GET", style[1], "").Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("the stylesheet is not there: %v", style)
	}
}

func TestThereIsNoSandboxWithoutItsFlag(t *testing.T) {
	database := testdb.URL(t)
	log := slog.New(slog.DiscardHandler)
	a, err := Open(t.Context(), Config{Database: database, PublicURL: "http://localhost:8080", Log: log})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/admin", "/admin/demo", "/admin/style.css", "/sandbox/clock", "/sandbox/inbox", "/demo/pictures/mug-sky.svg"} {
		if w := ask(a, "GET", path, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if _, err := a.DB.AdvanceClock(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), Config{Database: database, Log: log})
	if err == nil || !strings.Contains(err.Error(), "serve it with --sandbox") {
		t.Errorf("a wound database was served: %v", err)
	}
}

// A page of the shop's set-up shows what clients of the API wrote into it.
func TestScriptInNamesIsText(t *testing.T) {
	a := openSandbox(t, testdb.URL(t))
	const evil = `<script>alert(1)</script>`
	for path, body := range map[string]string{
		"/v3/channels":         `{"name":"` + evil + `","type":"storefront","platform":"custom"}`,
		"/v3/catalog/products": `{"name":"` + evil + `","type":"physical","weight":1,"price":1,"inventory_tracking":"product","inventory_level":0}`,
	} {
		if w := ask(a, "POST", "/stores/demo"+path, body, "X-Auth-Token", demo.Token, "Content-Type", "application/json"); w.Code >= 300 {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	page := ask(a, "GET", "/admin/demo", "").Body.String()
	if n := strings.Count(page, "&lt;script&gt;alert(1)"); n != 2 || strings.Contains(page, evil) {
		t.Errorf("the names stand there %d times as text:\n%s", n, page)
	}
}

// An empty folder becomes a store that answers well within the twenty seconds
// of decisions 27, and what it prints leads there. A slow machine has more time: ten
// times what it needs for a sandbox without a history.
func TestTheDemoIsOpenSoon(t *testing.T) {
	begin := time.Now()
	openSandbox(t, testdb.URL(t))
	within := 20*time.Second + 10*time.Since(begin)
	begin = time.Now()
	out, in := io.Pipe()
	ctx := testkit.Deadline(t, within)
	ended := make(chan error, 1)
	go func() {
		ended <- Demo(ctx, Config{Listen: "127.0.0.1:0", Database: testdb.URL(t), Log: slog.New(slog.DiscardHandler)}, DemoOutput{Out: in, Err: io.Discard})
		_ = in.Close()
	}()
	var said bytes.Buffer
	for !strings.Contains(said.String(), "Ctrl-C") {
		part := make([]byte, 4096)
		n, err := out.Read(part)
		if err != nil {
			t.Fatalf("the demo ended: %v", <-ended)
		}
		said.Write(part[:n])
	}
	t.Logf("open after %s, of %s", time.Since(begin).Round(time.Millisecond), within.Round(time.Millisecond))
	for _, address := range regexp.MustCompile(`http://\S+/\S*`).FindAllString(said.String(), -1) {
		if strings.Contains(address, "'") {
			continue // the command line; firstCall tries it
		}
		answer, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", address, answer.Status)
		}
	}
	if !strings.Contains(said.String(), demo.Token) {
		t.Errorf("the token is not told:\n%s", &said)
	}
}

// What the demo sells can be bought: each product goes into a cart, with what
// it asks for, unless it is sold out.
func TestEveryProductOfTheDemoCanBeBought(t *testing.T) {
	a := openSandbox(t, testdb.URL(t))
	shop, err := a.Shops.Shop(t.Context(), demo.Store)
	if err != nil {
		t.Fatal(err)
	}
	if shop.Catalog.Len() != 40 {
		t.Errorf("the catalog has %d products", shop.Catalog.Len())
	}
	soldOut := 0
	for p := range shop.Catalog.All {
		for i := range p.Variants {
			v := &p.Variants[i]
			item := cart.Item{ProductID: p.ID, VariantID: v.ID, Quantity: max(p.OrderQuantityMinimum, 1)}
			for _, m := range p.Modifiers {
				if m.Required {
					item.Selections = append(item.Selections, cart.Choice{OptionID: m.ID,
						Value: cart.OptionInput{Kind: cart.InputNumber, Text: jsonNumber(m.Values[0].ID)}})
				}
			}
			c, err := a.Carts.Create(t.Context(), demo.Store, cart.Draft{Items: []cart.Item{item}}, cart.Options{})
			if level, tracked := p.Available(v); tracked && level == 0 {
				soldOut++
				if err == nil {
					t.Errorf("%s is sold out and was bought", p.Name)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", p.Name, err)
				continue
			}
			picture := strings.TrimPrefix(c.Lines[0].ImageURL, a.publicURL())
			if w := ask(a, "GET", picture, ""); w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/svg+xml" {
				t.Errorf("%s shows %s: %d", p.Name, picture, w.Code)
			}
		}
	}
	if soldOut < 2 {
		t.Errorf("%d variants are sold out: there should be a product and a size", soldOut)
	}
}

func jsonNumber(n int64) string {
	b, _ := json.Marshal(n)
	return string(b)
}
