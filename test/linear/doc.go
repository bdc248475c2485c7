// Package linear proves that carts are consistent: clients send random, seeded
// operations to several real servers at once while servers are killed, the
// database is restarted and connections are cut, and what they were answered is
// checked for linearizability, cart by cart.
//
// A history is linearizable when every operation can be given one moment
// between its request and its answer, so that a single cart, changed by one
// operation after the other in the order of these moments, would have given the
// same answers. An operation that got no answer may have happened at any moment
// after its request, or never.
//
//	go test ./test/linear                         // some seconds for each engine
//	go test ./test/linear -soak 10m               // rounds with new seeds for ten minutes
//	go test ./test/linear -run PostgreSQL -seed 7 // the same choice of operations again
//
// A history that cannot be explained is written as a page for the browser,
// and the end of the shortest part of it that cannot be explained is printed.
package linear
