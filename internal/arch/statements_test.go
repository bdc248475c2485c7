package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// statement is the text of a query in the source: what the program puts in is …,
// what it appends to a constant is not there.
type statement struct {
	where string // file and function
	text  string
}

var beginsSQL = regexp.MustCompile(`^\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|MERGE|LOCK|TRUNCATE)\b`)

// statements finds the queries of a file.
func statements(name string, file *ast.File) []statement {
	var found []statement
	for _, decl := range file.Decls {
		where := name
		if f, ok := decl.(*ast.FuncDecl); ok {
			where += ": " + f.Name.Name
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			text, ok := joined(e)
			if !ok {
				return true
			}
			if beginsSQL.MatchString(text) {
				found = append(found, statement{where, strings.Join(strings.Fields(text), " ")})
			}
			return false
		})
	}
	return found
}

// joined returns the text of a constant, or of constants and other things put
// together.
func joined(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.ParenExpr:
		return joined(e.X)
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		left, okLeft := joined(e.X)
		right, okRight := joined(e.Y)
		if !okLeft && !okRight {
			return "", false
		}
		if !okLeft {
			left = "…"
		}
		if !okRight {
			right = "…"
		}
		return left + right, true
	}
	return "", false
}

// beside lists the tables that stand beside the stores' data: those of global,
// and what the migrations keep of themselves.
var beside = append([]string{"goose_db_version", "schema_lease"}, global...)

// acrossStores lists the statements that look at the rows of every store, by how
// they begin, with the reason. None of them locks rows, and each finds in an index,
// or in a table that stays small, what it is about.
var acrossStores = map[string]string{
	"SELECT store, config, catalog, price, access, offers FROM revisions": "what other servers changed: a row for each store, all in one read",
	"SELECT DISTINCT store FROM hooks WHERE active = 1":                   "finds the stores, each of which is then swept in its own transaction",
	"SELECT store, id FROM carts WHERE sweep_at <= $1":                    "finds carts that are over; each is removed by its key",
	"SELECT store, id FROM recovery_coupons WHERE tidy_at <= $1":          "finds coupons that are over; each store is then a transaction",
	"SELECT store, cart_id FROM ended_carts WHERE ended <= $1":            "finds journals that are over; each is removed by its key",
	"UPDATE recovery_notices SET state = $1, due = NULL":                  "gives up what a server that died had claimed; on SQLite at start only",
	"DELETE FROM leases":                        "the leases of one holder when it stops, on SQLite all at start; a small table",
	"DELETE FROM sandbox_mails":                 "the inbox of a sandbox shows all its stores",
	"SELECT id, doc FROM sandbox_mails":         "the inbox of a sandbox shows all its stores",
	"SELECT MIN(last_delivery) FROM hooks":      next,
	"SELECT MIN(due) FROM deliveries":           next,
	"SELECT MIN(tidy_at) FROM recovery_coupons": next,
	"SELECT MIN(due) FROM recovery_notices":     next,
	"SELECT MIN(sweep_at) FROM carts":           next,
	"SELECT MIN(expires) FROM redirects":        next,
	"SELECT MIN(expires) FROM sessions":         next,
	"SELECT MIN(expires) FROM checkout_tokens":  next,
	"SELECT MIN(created) FROM idempotency":      next,
	"SELECT MIN(ended) FROM ended_carts":        next,
	"SELECT MIN(finished) FROM deliveries":      next,
	"SELECT MIN(until) FROM hook_blocks":        next,
	"SELECT MIN(created) FROM recovery_tokens":  next,
	"SELECT MIN(created) FROM recovery_notices": next,
	"SELECT MIN(created) FROM recovery_digests": next,
}

// wholeDatabase are the files of commands that look at a database as a whole,
// beside the servers: data copy, backup, doctor.
var wholeDatabase = regexp.MustCompile(`^(?:copy\w*|raw|facts|serverfacts)\.go$`)

const next = "when something falls due next, whichever store it is of; the end of an index on each shard"

// TestStatementsNameTheirStore holds the queries of the storage to what a
// PostgreSQL needs that is sharded by store (docs/citus.md).
func TestStatementsNameTheirStore(t *testing.T) {
	files, err := filepath.Glob("../sqlstore/*.go")
	if err != nil {
		t.Fatal(err)
	}
	used, n := map[string]bool{}, 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || wholeDatabase.MatchString(filepath.Base(name)) {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range statements(filepath.Base(name), file) {
			n++
			if why := checkStatement(s.text, used); why != "" {
				t.Errorf("%s: %s: %s", s.where, why, s.text)
			}
		}
	}
	for text := range acrossStores {
		if !used[text] {
			t.Errorf("no statement begins with %q any more", text)
		}
	}
	if n < 200 {
		t.Errorf("only %d statements were found: the test does not understand the source any more", n)
	}
}

var (
	namesTable  = regexp.MustCompile(`\b(?:FROM|JOIN|INTO|UPDATE) (\w+)`)
	whereStore  = regexp.MustCompile(`(?i)\b(?:WHERE|ON)\b.*\bstore\b`)
	insertStore = regexp.MustCompile(`^INSERT INTO \w+ (?:AS \w+ )?\(store\b`)
	notSharded  = regexp.MustCompile(`(?i)\b(?:pg_(?:try_)?advisory\w*|nextval|currval|lastval|setval|SKIP LOCKED|LOCK TABLE|SET store\b)`)
	composed    = regexp.MustCompile(`(?:FROM|UPDATE|SELECT|DELETE)\b[^…]*…`)
)

// checkStatement says what is wrong with a statement, or "". A statement whose
// conditions are put together while the program runs (part.go) begins them with
// the store: TestConditionsBeginWithTheStore.
func checkStatement(text string, used map[string]bool) string {
	if m := notSharded.FindString(text); m != "" {
		return m + " does not work where stores are on several servers"
	}
	for begin := range acrossStores {
		if strings.HasPrefix(text, begin) {
			used[begin] = true
			if strings.Contains(strings.ToUpper(text), "FOR UPDATE") {
				return "it locks rows of several stores"
			}
			return ""
		}
	}
	sharded := ""
	for _, m := range namesTable.FindAllStringSubmatch(text, -1) {
		if m[1] != "SET" && !slices.Contains(beside, m[1]) { // DO UPDATE SET
			sharded = m[1]
		}
	}
	conditions := !strings.Contains(text, " WHERE ") && composed.MatchString(text)
	if sharded == "" || whereStore.MatchString(text) || insertStore.MatchString(text) || conditions {
		return ""
	}
	return "it does not say which store of " + sharded + " it is about"
}

func TestCheckStatementFindsWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT doc FROM carts WHERE store = $1 AND id = $2":             "",
		"SELECT doc FROM carts WHERE id = $1":                            "which store of carts",
		"UPDATE carts SET doc = $1 WHERE id = $2":                        "which store of carts",
		"UPDATE carts SET store = $1 WHERE store = $2 AND id = $3":       "SET store",
		"DELETE FROM carts":                                              "which store of carts",
		"INSERT INTO carts (store, id) VALUES ($1, $2)":                  "",
		"INSERT INTO carts (id, store) VALUES ($1, $2)":                  "which store of carts",
		"SELECT … FROM hooks… ORDER BY id":                               "",
		"SELECT … FROM hooks WHERE active = 1…":                          "which store of hooks",
		"SELECT doc FROM stores WHERE hash = $1":                         "",
		"SELECT pg_advisory_xact_lock($1)":                               "pg_advisory_xact_lock",
		"SELECT id FROM carts WHERE store = $1 FOR UPDATE SKIP LOCKED":   "SKIP LOCKED",
		"SELECT nextval('ids')":                                          "nextval",
		"SELECT store, id FROM carts WHERE sweep_at <= $1 FOR UPDATE":    "locks rows of several stores",
		"SELECT a.doc FROM a JOIN b ON b.store = a.store WHERE a.id = 1": "",
	} {
		got := checkStatement(text, map[string]bool{})
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// unbound lists the functions that begin conditions without a store.
var unbound = map[string]string{
	"and":              "adds to conditions that there are",
	"InboxMails":       "the inbox of a sandbox shows all its stores",
	"InboxMail":        "the inbox of a sandbox shows all its stores",
	"Coupons":          "one condition made of two, which joins those of the store",
	"reportConditions": "about rows that were read by store",
	"noteHoldoutOrder": "the store follows",
	"touches":          "the store is the first part",
}

func TestConditionsBeginWithTheStore(t *testing.T) {
	for _, p := range packages(t) {
		if p.path() != "internal/sqlstore" {
			continue
		}
		inspect(t, p, func(fset *token.FileSet, file *ast.File) (found []string) {
			for _, decl := range file.Decls {
				f, ok := decl.(*ast.FuncDecl)
				if !ok || unbound[f.Name.Name] != "" {
					continue
				}
				ast.Inspect(f, func(n ast.Node) bool {
					if lit, ok := n.(*ast.CompositeLit); ok && isIdent(lit.Type, "conditions") && f.Name.Name != "inStore" {
						found = append(found, position(fset, n)+": conditions without a store; begin them with inStore")
					}
					return true
				})
			}
			return found
		})
	}
}

func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}
