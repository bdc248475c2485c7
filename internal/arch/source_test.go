package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// exact lists the rooms that count money: a float in one of them is a cent
// lost somewhere.
var exact = []string{"internal/money", "internal/cart", "internal/pricing", "internal/promotion", "internal/order"}

func TestOnlyTheClockAsksTheMachineForTheTime(t *testing.T) {
	for _, p := range packages(t) {
		if p.path() == "internal/clock" || p.path() == "bench" || p.testing() {
			continue
		}
		inspect(t, p, func(fset *token.FileSet, file *ast.File) []string { return machineTime(fset, file) })
	}
}

func TestMoneyIsNeverAFloat(t *testing.T) {
	for _, p := range packages(t) {
		if slices.Contains(exact, p.path()) {
			inspect(t, p, func(fset *token.FileSet, file *ast.File) []string { return floats(fset, file) })
		}
	}
}

// inspect reports what check finds in the program files of a package.
func inspect(t *testing.T, p pkg, check func(*token.FileSet, *ast.File) []string) {
	t.Helper()
	for _, name := range p.GoFiles {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, found := range check(fset, file) {
			t.Errorf("%s: %s", p.path(), found)
		}
	}
}

// machineTime finds what reads the machine's clock: a sandbox cannot wind it.
func machineTime(fset *token.FileSet, file *ast.File) []string {
	name := importedAs(file, "time")
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && name != "" {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == name && slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
				found = append(found, fmt.Sprintf("%s: time.%s; take the time from internal/clock", position(fset, n), sel.Sel.Name))
			}
		}
		return true
	})
	return found
}

// importedAs returns the name under which a file knows a package, or "".
func importedAs(file *ast.File, path string) string {
	for _, imp := range file.Imports {
		if imp.Path.Value != `"`+path+`"` {
			continue
		}
		if imp.Name != nil {
			return imp.Name.Name
		}
		return filepath.Base(path)
	}
	return ""
}

// floats finds floating-point types, numbers and conversions.
func floats(fset *token.FileSet, file *ast.File) []string {
	var found []string
	note := func(n ast.Node, what string) { found = append(found, position(fset, n)+": "+what) }
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if n.Name == "float64" || n.Name == "float32" {
				note(n, n.Name)
			}
		case *ast.BasicLit:
			if n.Kind == token.FLOAT {
				note(n, n.Value)
			}
		case *ast.SelectorExpr:
			if strings.Contains(n.Sel.Name, "Float") {
				note(n, n.Sel.Name)
			}
		}
		return true
	})
	return found
}

func position(fset *token.FileSet, n ast.Node) string {
	p := fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", filepath.Base(p.Filename), p.Line)
}

func TestSourceChecksFindWhatIsWrong(t *testing.T) {
	const source = `package p

import clockwork "time"

var (
	a = clockwork.Now()
	b = clockwork.Since(a)
	c = clockwork.Hour
	d float64
	e = 1.5
	f = x.ParseFloat("1", 64)
	g = "time.Now() float64"
)
`
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	if got := machineTime(fset, file); len(got) != 2 {
		t.Errorf("times: %q", got)
	}
	if got := floats(fset, file); len(got) != 3 {
		t.Errorf("floats: %q", got)
	}
}
