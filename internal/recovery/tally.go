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

// Counts reports whether a visit is a click on a mail: somebody went on from it,
// or the storefront that its link leads to looked its token up (decisions 16).
// An app that looks a webhook's token up is not a shopper.
func (v Visit) Counts() bool {
	return v.Template != 0 && (v.Kind == Clicked || v.Kind == LookedUp)
}

// CameBack reports whether an episode that ended so ended with somebody coming
// back to the cart.
func (e End) CameBack() bool {
	return e == Changed || e == Continued || e == Converted || e == Attempted
}
