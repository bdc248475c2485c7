// Package arch holds the tests that keep the house in order: who may import
// whom, where the time comes from, where floats may not be, and what every key
// of the database begins with. docs/architecture.md says why.
package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "cartwright"

// The kinds of rooms, outermost last. A room may import rooms of the kinds
// before its own, and of its own kind only those that its entry names.
const (
	vocabulary = iota // what everybody speaks; the standard library only
	domain            // rules; no database, no HTTP
	adapter           // one technology each; never another adapter
	support           // what tests and benchmarks share; no program imports it
	wiring            // puts the parts together
	command           // what is run
)

// room is one package and what it may import of its own kind.
type room struct {
	kind    int
	besides []string
}

// rooms lists every package. A new one gets its line here, so that where it
// stands is decided and not found out.
var rooms = map[string]room{
	"internal/money":    {kind: vocabulary},
	"internal/fault":    {kind: vocabulary},
	"internal/event":    {kind: vocabulary},
	"internal/id":       {kind: vocabulary},
	"internal/clock":    {kind: vocabulary},
	"internal/once":     {kind: vocabulary},
	"internal/human":    {kind: vocabulary},
	"internal/cursor":   {kind: vocabulary, besides: []string{"internal/fault"}},
	"internal/jsontext": {kind: vocabulary, besides: []string{"internal/money"}},
	"internal/worker":   {kind: vocabulary, besides: []string{"internal/clock", "internal/fault", "internal/id"}},

	"internal/handlebars": {kind: domain},
	"internal/merchant":   {kind: domain},
	"internal/catalog":    {kind: domain},
	"internal/customer":   {kind: domain},
	"internal/hook":       {kind: domain, besides: []string{"internal/merchant"}},
	"internal/promotion":  {kind: domain, besides: []string{"internal/merchant", "internal/catalog", "internal/customer"}},
	"internal/cart": {kind: domain, besides: []string{"internal/merchant", "internal/catalog", "internal/customer",
		"internal/promotion"}},
	"internal/pricing": {kind: domain, besides: []string{"internal/merchant", "internal/catalog", "internal/customer", "internal/promotion",
		"internal/cart"}},
	"internal/order": {kind: domain, besides: []string{"internal/merchant", "internal/catalog", "internal/customer", "internal/promotion",
		"internal/cart", "internal/pricing"}},
	"internal/recovery": {kind: domain, besides: []string{"internal/handlebars", "internal/merchant", "internal/catalog", "internal/customer", "internal/promotion",
		"internal/cart", "internal/pricing"}},

	"internal/sqlstore":   {kind: adapter},
	"internal/httpapi":    {kind: adapter},
	"internal/storefront": {kind: adapter},
	"internal/admin":      {kind: adapter},
	"internal/jobs":       {kind: adapter},
	"internal/mail":       {kind: adapter},
	"internal/webhook":    {kind: adapter},
	"internal/csvimport":  {kind: adapter},
	"api/openapi":         {kind: adapter},

	"internal/pgcluster": {kind: support},
	"internal/testkit":   {kind: support, besides: []string{"internal/pgcluster"}},
	"internal/testdb":    {kind: support, besides: []string{"internal/testkit"}},
	"internal/storetest": {kind: support, besides: []string{"internal/testkit"}},
	"internal/arch":      {kind: support},

	"internal/app":    {kind: wiring, besides: []string{"internal/demo"}},
	"internal/demo":   {kind: wiring},
	"internal/doctor": {kind: wiring, besides: []string{"internal/app"}},

	"cmd/cartwright": {kind: command},
	"bench":          {kind: command},
}

// outside says what of other modules, and of the standard library's I/O, the
// inner rooms may use: an entry is a path or the beginning of one.
var outside = map[string][]string{
	"internal/merchant": {"golang.org/x/crypto/argon2", "golang.org/x/text/currency", "golang.org/x/text/language"},
	"internal/catalog":  {"golang.org/x/text/unicode/norm"},
	"internal/recovery": {"golang.org/x/net/html"},
}

// technology is what the inner rooms must not touch, even where it is part of
// the standard library.
var technology = []string{"database/sql", "net/http", "html/template", "os", "os/exec", "net"}

// pkg is what `go list -json` tells of a package.
type pkg struct {
	ImportPath   string
	Dir          string
	Name         string
	Doc          string
	GoFiles      []string
	TestGoFiles  []string
	XTestGoFiles []string
	Imports      []string
}

// path is the package's path inside the module.
func (p pkg) path() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

// testing reports whether the package only serves tests.
func (p pkg) testing() bool {
	return len(p.GoFiles) == 0 || strings.HasPrefix(p.path(), "test/") || rooms[p.path()].kind == support
}

var list = sync.OnceValues(func() ([]pkg, error) {
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,Name,Doc,GoFiles,TestGoFiles,XTestGoFiles,Imports", module+"/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, &stderr)
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read what go list says: %w", err)
		}
		all = append(all, p)
	}
})

func packages(t *testing.T) []pkg {
	t.Helper()
	all, err := list()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("go list found only %d packages", len(all))
	}
	return all
}

func TestImportsPointOneWay(t *testing.T) {
	for _, p := range packages(t) {
		for _, complaint := range checkImports(p.path(), p.Imports) {
			t.Error(complaint)
		}
	}
}

// checkImports returns what is wrong with the imports of a package's program
// files. Tests may import what they need.
func checkImports(path string, imports []string) []string {
	if strings.HasPrefix(path, "test/") {
		return nil
	}
	from, known := rooms[path]
	if !known {
		return []string{path + " has no line in rooms: say what kind of room it is"}
	}
	var wrong []string
	for _, imported := range imports {
		if why := forbidden(path, from, imported); why != "" {
			wrong = append(wrong, fmt.Sprintf("%s imports %s: %s", path, imported, why))
		}
	}
	return wrong
}

// forbidden says why a package may not import another, or "".
func forbidden(path string, from room, imported string) string {
	inside, ours := strings.CutPrefix(imported, module+"/")
	if !ours {
		return forbiddenOutside(path, from, imported)
	}
	to := rooms[inside]
	switch {
	case inside == "internal/pgcluster" && path == "bench":
		return ""
	case to.kind == support && from.kind != support:
		return "it is there for tests"
	case to.kind < from.kind, slices.Contains(from.besides, inside):
		return ""
	case to.kind == adapter && from.kind == adapter:
		return "adapters never import each other"
	case to.kind == from.kind:
		return "these two rooms must not know each other in this direction"
	}
	return "imports point inward only"
}

func forbiddenOutside(path string, from room, imported string) string {
	if from.kind > domain {
		return ""
	}
	if slices.Contains(technology, imported) {
		return "rules do no I/O"
	}
	if !strings.Contains(strings.SplitN(imported, "/", 2)[0], ".") {
		return "" // the standard library
	}
	if slices.ContainsFunc(outside[path], func(allowed string) bool { return strings.HasPrefix(imported, allowed) }) {
		return ""
	}
	return "a rule needs a reason, and a line in outside, to use another module"
}

func TestCheckImportsFindsWhatIsWrong(t *testing.T) {
	tests := map[string]struct {
		path, imported string
		want           string // "" is allowed
	}{
		"a rule its vocabulary":       {"internal/cart", "cartwright/internal/money", ""},
		"a rule the rule below":       {"internal/pricing", "cartwright/internal/cart", ""},
		"a rule the rule above":       {"internal/cart", "cartwright/internal/pricing", "in this direction"},
		"a rule its neighbour":        {"internal/customer", "cartwright/internal/merchant", "in this direction"},
		"a rule the database":         {"internal/cart", "cartwright/internal/sqlstore", "point inward only"},
		"a rule SQL":                  {"internal/cart", "database/sql", "rules do no I/O"},
		"a rule HTTP":                 {"internal/cart", "net/http", "rules do no I/O"},
		"a rule another module":       {"internal/cart", "github.com/jackc/pgx/v5", "a line in outside"},
		"a rule its own module":       {"internal/merchant", "golang.org/x/crypto/argon2", ""},
		"an adapter a rule":           {"internal/sqlstore", "cartwright/internal/cart", ""},
		"an adapter another module":   {"internal/sqlstore", "github.com/jackc/pgx/v5", ""},
		"an adapter another adapter":  {"internal/httpapi", "cartwright/internal/sqlstore", "adapters never import each other"},
		"an adapter the wiring":       {"internal/httpapi", "cartwright/internal/app", "point inward only"},
		"a program the tests":         {"internal/app", "cartwright/internal/testkit", "there for tests"},
		"a room the command":          {"internal/app", "cartwright/cmd/cartwright", "point inward only"},
		"the command the wiring":      {"cmd/cartwright", "cartwright/internal/app", ""},
		"a room that nobody knows of": {"internal/util", "fmt", "no line in rooms"},
		"a room an unknown room":      {"internal/app", "cartwright/internal/util", ""},
	}
	for name, tc := range tests {
		wrong := strings.Join(checkImports(tc.path, []string{tc.imported}), "\n")
		if tc.want == "" && wrong != "" || !strings.Contains(wrong, tc.want) {
			t.Errorf("%s: %q, want %q", name, wrong, tc.want)
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) == 0 {
			continue // tests alone
		}
		want := "Package " + p.Name + " "
		if p.Name == "main" {
			want = "Command "
		}
		if !strings.HasPrefix(p.Doc, want) {
			t.Errorf("%s: the package comment must begin with %q, it is %q", p.path(), want, p.Doc)
		}
	}
}
