package linear

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// never is the return of an operation that got no answer: it may still happen
// when the history ends.
const never = math.MaxInt64

// decideWithin bounds the search for an order of one history's operations. A
// search takes milliseconds; one that is not decided by then fails the test.
const decideWithin = 2 * time.Minute

// recorder keeps what was done, in one history for each thing that is changed
// alone: a cart, the stock of a product.
type recorder struct {
	started time.Time

	mu        sync.Mutex
	histories map[string][]porcupine.Operation
	known     int // operations that were answered
	faults    []porcupine.Annotation
}

func newRecorder() *recorder {
	return &recorder{started: time.Now(), histories: map[string][]porcupine.Operation{}}
}

// now is the time since the recorder was made, in nanoseconds.
func (r *recorder) now() int64 { return int64(time.Since(r.started)) }

// add notes an operation that began at call and was answered at ret, or never.
func (r *recorder) add(of string, client int, call, ret int64, in, out any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.histories[of] = append(r.histories[of], porcupine.Operation{ClientId: client, Call: call, Return: ret, Input: in, Output: out})
	if ret != never {
		r.known++
	}
}

// answered returns how many operations were answered so far.
func (r *recorder) answered() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known
}

// fault notes what was done to the servers, for the pictures.
func (r *recorder) fault(what string, from int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults = append(r.faults, porcupine.Annotation{Tag: "faults", Description: what, Start: from, End: r.now()})
}

// violation is a history that no order of its operations explains, or for
// which none was found in time.
type violation struct {
	of     string
	result porcupine.CheckResult
}

// violations returns the histories that their models do not explain.
func (r *recorder) violations(modelOf func(string) porcupine.Model) []violation {
	var found []violation
	for _, of := range slices.Sorted(maps.Keys(r.histories)) {
		if result := explain(modelOf(of), r.histories[of]); result != porcupine.Ok {
			found = append(found, violation{of, result})
		}
	}
	return found
}

// check fails the test for each history that no order explains.
func (r *recorder) check(t *testing.T, modelOf func(string) porcupine.Model) {
	t.Helper()
	for _, v := range r.violations(modelOf) {
		history, model := r.histories[v.of], modelOf(v.of)
		if v.result == porcupine.Unknown {
			t.Errorf("%s: no order of %d operations was found or ruled out within %v; the picture is %s", v.of, len(history), decideWithin, r.draw(t, v.of, model))
			continue
		}
		t.Errorf("%s: the answers fit no order of the operations; the picture is %s\n%s", v.of, r.draw(t, v.of, model), story(model, history))
	}
}

// count returns how many operations there are, and how many of them got no
// answer.
func (r *recorder) count() (operations, unanswered int) {
	for _, history := range r.histories {
		operations += len(history)
		for _, op := range history {
			if op.Return == never {
				unanswered++
			}
		}
	}
	return operations, unanswered
}

// draw writes a page with a history and the orders that were tried, and
// returns its path. It stays when the test is over.
func (r *recorder) draw(t *testing.T, of string, model porcupine.Model) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cartwright-linear-")
	if err != nil {
		return err.Error()
	}
	path := filepath.Join(dir, strings.Map(fileName, of)+".html")
	_, info := porcupine.CheckOperationsVerbose(model, ended(r.histories[of]), decideWithin)
	info.AddAnnotations(r.faults)
	if err := porcupine.VisualizePath(model, info, path); err != nil {
		return err.Error()
	}
	return path
}

func fileName(c rune) rune {
	if c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
		return c
	}
	return '_'
}

// until is what was known of a history at a moment: what had not been answered
// by then is an operation without an answer, and what began later is not there.
func until(history []porcupine.Operation, moment int64) []porcupine.Operation {
	var known []porcupine.Operation
	for _, op := range history {
		if op.Call > moment {
			continue
		}
		if op.Return > moment {
			if in, ok := op.Input.(input); ok && in.kind == read {
				continue // it says nothing
			}
			op.Return, op.Output = never, nil
		}
		known = append(known, op)
	}
	return known
}

// shortest returns the first answer that cannot be explained, and the history
// before it. A part of a linearizable history is linearizable, so the answer is
// found by halving.
func shortest(model porcupine.Model, history []porcupine.Operation) (culprit porcupine.Operation, before []porcupine.Operation) {
	answered := slices.DeleteFunc(slices.Clone(history), func(op porcupine.Operation) bool { return op.Return == never })
	slices.SortFunc(answered, func(a, b porcupine.Operation) int { return cmp.Compare(a.Return, b.Return) })
	at := sort.Search(len(answered)-1, func(i int) bool {
		return explain(model, until(history, answered[i].Return)) == porcupine.Illegal
	})
	return answered[at], until(history, answered[at].Return-1)
}

// told is how many operations before the one that cannot be explained a story
// tells.
const told = 12

// story tells the end of the shortest part of a history that cannot be
// explained: an order of what came before, what was under way, and the answer
// that fits nowhere.
func story(model porcupine.Model, history []porcupine.Operation) string {
	culprit, before := shortest(model, history)
	_, info := porcupine.CheckOperationsVerbose(model, ended(before), decideWithin)
	var order []porcupine.Operation
	for _, partial := range info.PartialLinearizationsOperations()[0] {
		if len(partial) > len(order) {
			order = partial
		}
	}
	if end := slices.IndexFunc(order, func(op porcupine.Operation) bool { _, end := op.Input.(ending); return end }); end >= 0 {
		order = order[:end]
	}
	for len(order) > 0 && order[len(order)-1].Return == never {
		order = order[:len(order)-1] // it is under way, and nothing shows it yet
	}
	var b strings.Builder
	state := model.Init()
	for i, op := range order {
		_, state = model.Step(state, op.Input, op.Output)
		if i >= len(order)-told {
			fmt.Fprintf(&b, "  %s  %s\n", span(op), model.DescribeOperation(op.Input, op.Output))
		}
	}
	fmt.Fprintf(&b, "which leaves: %s\n", model.DescribeState(state))
	for _, op := range history {
		if op.Call <= culprit.Return && op.Return >= culprit.Call && (op.Call != culprit.Call || op.ClientId != culprit.ClientId) {
			fmt.Fprintf(&b, "under way:\n  %s  %s\n", span(op), model.DescribeOperation(op.Input, op.Output))
		}
	}
	fmt.Fprintf(&b, "fitting nowhere:\n  %s  %s", span(culprit), model.DescribeOperation(culprit.Input, culprit.Output))
	return b.String()
}

// span tells when an operation ran, in milliseconds.
func span(op porcupine.Operation) string {
	end := "…"
	if op.Return != never {
		end = fmt.Sprintf("%.3f", float64(op.Return)/1e6)
	}
	return fmt.Sprintf("[%.3f–%s]", float64(op.Call)/1e6, end)
}
