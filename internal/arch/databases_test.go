package arch

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEveryDatabaseTestRunsOnBothEngines looks whether make unit runs each
// package whose tests take their database from testdb a second time.
func TestEveryDatabaseTestRunsOnBothEngines(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^ON_DATABASES = (.*)$`).FindSubmatch(makefile)
	if m == nil {
		t.Fatal("the Makefile does not say which tests run on both engines")
	}
	listed := strings.Fields(string(m[1]))
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .TestImports}} {{.}}{{end}}{{range .XTestImports}} {{.}}{{end}}`, module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	// The conformance suite runs on both in any case.
	found := []string{}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		fields := strings.Fields(line)
		path := strings.TrimPrefix(fields[0], module)
		if path != "/internal/sqlstore" && (slices.Contains(fields[1:], module+"/internal/testdb") || slices.Contains(fields[1:], module+"/test/world")) {
			found = append(found, "."+path)
		}
	}
	slices.Sort(found)
	if !slices.Equal(found, listed) {
		t.Errorf("these packages open databases: %v; the Makefile runs on PostgreSQL: %v", found, listed)
	}
}
