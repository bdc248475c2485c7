package merchant

import (
	"slices"
	"strconv"
	"time"

	"cartwright/internal/fault"
)

// MaxPickups bounds the pick-up methods of a store.
const MaxPickups = 250

// OnlyLocation is the one place where a store keeps its goods.
const OnlyLocation int64 = 1

// PickupFields is what a request says of a pick-up method. Nil fields stay as
// they are. ID is 0 for a new one.
type PickupFields struct {
	ID           int64
	LocationID   *int64
	Name         *string
	Instructions *string
	Hours        *string
}

// PutPickups makes the methods without an id and changes the others, all or
// none, and returns their ids.
func (s *Store) PutPickups(in []PickupFields, now time.Time) ([]int64, error) {
	ids := make([]int64, len(in))
	for i, f := range in {
		m := s.Pickup(f.ID)
		switch {
		case f.LocationID != nil && *f.LocationID != OnlyLocation:
			return nil, fault.Field(strconv.Itoa(i)+".location_id", fault.ExpectedEnum)
		case f.ID != 0 && m == nil:
			return nil, fault.Field(strconv.Itoa(i)+".id", fault.ExpectedEnum)
		case f.ID == 0 && len(s.Pickups) >= MaxPickups:
			return nil, fault.Newf(fault.Invalid, "A store can have at most %d pick-up methods.", MaxPickups)
		case f.ID == 0:
			s.Pickups = append(s.Pickups, PickupMethod{ID: s.NextID("pickup_method"), LocationID: OnlyLocation, Created: now})
			m = &s.Pickups[len(s.Pickups)-1]
		}
		set(&m.Name, f.Name)
		set(&m.Instructions, f.Instructions)
		set(&m.Hours, f.Hours)
		m.Modified = now
		ids[i] = m.ID
	}
	return ids, nil
}

// RemovePickups takes pick-up methods away. Carts that chose one have to choose
// anew. Ids that are not there are passed over.
func (s *Store) RemovePickups(ids []int64) {
	s.Pickups = slices.DeleteFunc(s.Pickups, func(m PickupMethod) bool { return slices.Contains(ids, m.ID) })
}
