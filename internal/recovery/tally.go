package recovery

// Tally is something that a write did and that the server's metrics count.
// Reports do not come from it: they are counted from what is stored.
type Tally struct {
	Kind TallyKind
	// Outcome and Reason are those of a decision, How of an end, Credit of an
	// order.
	Outcome StepState
	Reason  Reason
	How     End
	Credit  Credit
}

// TallyKind is what was done.
type TallyKind int

// The kinds of tallies.
const (
	TallyAbandoned TallyKind = iota + 1
	TallyDecided
	TallyClicked
	TallyEnded
	TallyConverted // an order of a cart that had been abandoned
	TallySold      // an order that a mail is thanked for, or not
)
