package webhook

import "cartwright/internal/hook"

// How many attempts run at once. First attempts and repetitions have places of
// their own, so that what failed does not hold up what is new.
const (
	firstPerHook    = 16
	retriesPerHook  = 8
	perReceiver     = 32
	readAhead       = 256 // how far a line is looked along for other carts
	repetitionsRead = 4 * retriesPerHook
)

// receiverKey is an origin as far as one client is concerned: clients never
// wait for each other.
type receiverKey struct{ store, client, origin string }

// lineKey is what is first tried one after the other.
type lineKey struct {
	store   string
	hook    int64
	subject string
}

type hookKey struct {
	store string
	hook  int64
	state hook.State
}

type deliveryKey struct {
	store string
	id    int64
}

// flight is an attempt that runs.
type flight struct {
	delivery deliveryKey
	line     lineKey
	hook     hookKey
	receiver receiverKey
}

func flightOf(d *hook.Delivery, origin string) flight {
	return flight{
		delivery: deliveryKey{d.Store, d.ID}, line: lineKey{d.Store, d.HookID, d.Subject},
		hook: hookKey{d.Store, d.HookID, d.State}, receiver: receiverKey{d.Store, d.Client, origin},
	}
}

// traffic is what runs. It is changed only between looks: what a look reads
// from the database while an attempt ends still counts as running.
type traffic struct {
	deliveries map[deliveryKey]bool
	lines      map[lineKey]bool
	hooks      map[hookKey]int
	receivers  map[receiverKey]int
}

func newTraffic() traffic {
	return traffic{map[deliveryKey]bool{}, map[lineKey]bool{}, map[hookKey]int{}, map[receiverKey]int{}}
}

func (t *traffic) start(f flight) {
	t.deliveries[f.delivery] = true
	if f.hook.state == hook.Waiting {
		t.lines[f.line] = true
	}
	t.hooks[f.hook]++
	t.receivers[f.receiver]++
}

func (t *traffic) end(f flight) {
	delete(t.deliveries, f.delivery)
	if f.hook.state == hook.Waiting {
		delete(t.lines, f.line)
	}
	if t.hooks[f.hook]--; t.hooks[f.hook] == 0 {
		delete(t.hooks, f.hook)
	}
	if t.receivers[f.receiver]--; t.receivers[f.receiver] == 0 {
		delete(t.receivers, f.receiver)
	}
}

// room returns how many more attempts of a kind may begin.
func (t *traffic) room(h hookKey, r receiverKey) int {
	most := firstPerHook
	if h.state == hook.Retrying {
		most = retriesPerHook
	}
	return min(most-t.hooks[h], perReceiver-t.receivers[r])
}

// choose returns which of the deliveries that are due may be tried now, at
// most n: of those that wait in line, the first of each cart whose line is
// free. due is in the order of the lines.
func (t *traffic) choose(due []hook.Delivery, n int) []hook.Delivery {
	var out []hook.Delivery
	passed := map[string]bool{}
	for i := range due {
		d := &due[i]
		if len(out) >= n {
			break
		}
		if d.State == hook.Waiting {
			behind := passed[d.Subject]
			passed[d.Subject] = true
			if behind || t.lines[lineKey{d.Store, d.HookID, d.Subject}] {
				continue
			}
		}
		if !t.deliveries[deliveryKey{d.Store, d.ID}] {
			out = append(out, *d)
		}
	}
	return out
}
