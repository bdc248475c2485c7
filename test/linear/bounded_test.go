package linear

import (
	"slices"

	"github.com/anishathalye/porcupine"
)

// ending is the input of the operation that ends a history. It stands behind
// every answer.
type ending struct{}

// afterwards is the state after the end of a history.
type afterwards struct{}

// bounded returns a model of histories that end, in which nil is the output of
// an operation without an answer. Such an operation must change something, or
// stand behind the end, where it changes nothing: there is no use in trying at
// how many moments it might have done nothing, and with some dozen of them that
// would take for ever.
func bounded(m porcupine.Model) porcupine.Model {
	b := m
	b.Step = func(state, in, out any) (bool, any) {
		if _, end := in.(ending); end {
			return true, afterwards{}
		}
		if _, over := state.(afterwards); over {
			return out == nil, state
		}
		ok, next := m.Step(state, in, out)
		if ok && out == nil && m.Equal(state, next) {
			return false, nil
		}
		return ok, next
	}
	b.Equal = func(x, y any) bool {
		_, xOver := x.(afterwards)
		_, yOver := y.(afterwards)
		if xOver || yOver {
			return xOver == yOver
		}
		return m.Equal(x, y)
	}
	b.Hash = func(state any) uint64 {
		if _, over := state.(afterwards); over {
			return 0
		}
		return m.Hash(state)
	}
	b.DescribeOperation = func(in, out any) string {
		if _, end := in.(ending); end {
			return "the end"
		}
		return m.DescribeOperation(in, out)
	}
	b.DescribeState = func(state any) string {
		if _, over := state.(afterwards); over {
			return "it is over"
		}
		return m.DescribeState(state)
	}
	return b
}

// ended is a history with its end.
func ended(history []porcupine.Operation) []porcupine.Operation {
	var last int64
	for _, op := range history {
		last = max(last, op.Call)
		if op.Return != never {
			last = max(last, op.Return)
		}
	}
	return append(slices.Clip(history), porcupine.Operation{Call: last + 1, Return: last + 1, Input: ending{}})
}

// explain looks for an order of the operations that the model allows.
func explain(model porcupine.Model, history []porcupine.Operation) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(model, ended(history), decideWithin)
}
