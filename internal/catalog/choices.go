package catalog

import (
	"context"
	"slices"

	"cartwright/internal/fault"
)

// AddVariant makes a variant; it is the newest of the result.
func (s *Service) AddVariant(ctx context.Context, store string, productID int64, in VariantInput) (*Product, error) {
	return s.edit(ctx, store, productID, func(e *edit) error {
		e.addVariant(in, "")
		return nil
	})
}

// UpdateVariant changes a variant.
func (s *Service) UpdateVariant(ctx context.Context, store string, productID, id int64, in VariantInput) (*Product, error) {
	return s.edit(ctx, store, productID, func(e *edit) error {
		v := e.p.Variant(id)
		if v == nil {
			return errNotFound()
		}
		e.putVariant(v, in, "")
		return nil
	})
}

// RemoveVariant takes a variant out; a product keeps at least one.
func (s *Service) RemoveVariant(ctx context.Context, store string, productID, id int64) error {
	_, err := s.edit(ctx, store, productID, func(e *edit) error {
		if e.p.Variant(id) == nil {
			return errNotFound()
		}
		e.removeVariant(id)
		return nil
	})
	return err
}

// VariantChange is one entry of an update of several variants.
type VariantChange struct {
	ID int64
	VariantInput
}

// VariantOf is a variant with its product. Neither must be changed.
type VariantOf struct {
	Product *Product
	Variant *Variant
}

// UpdateVariants changes variants of any products; either all changes are
// applied or none is.
func (s *Service) UpdateVariants(ctx context.Context, store string, changes []VariantChange) ([]VariantOf, error) {
	owner, err := s.owners(ctx, store, changes)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, c := range changes {
		ids = append(ids, owner[c.ID])
	}
	now := s.now()
	products, err := s.storage.UpdateProducts(ctx, store, distinct(ids), func(products map[int64]*Product) error {
		for i, c := range changes {
			e := newEdit(products[owner[c.ID]], now)
			e.prefix = at("", i) + "."
			v := e.p.Variant(c.ID)
			if v == nil {
				return errNotFound()
			}
			e.putVariant(v, c.VariantInput, "")
			if err := e.done(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]VariantOf, len(changes))
	for i, c := range changes {
		n := slices.IndexFunc(products, func(p *Product) bool { return p.ID == owner[c.ID] })
		out[i] = VariantOf{products[n], products[n].Variant(c.ID)}
	}
	return out, nil
}

// owners returns the product of each variant.
func (s *Service) owners(ctx context.Context, store string, changes []VariantChange) (map[int64]int64, error) {
	owner := map[int64]int64{}
	for _, read := range []func(context.Context, string) (*Snapshot, error){s.snapshots.Catalog, s.snapshots.FreshCatalog} {
		snap, err := read(ctx, store)
		if err != nil {
			return nil, err
		}
		known := true
		for _, c := range changes {
			p := snap.ByVariant(c.ID)
			if known = known && p != nil; p != nil {
				owner[c.ID] = p.ID
			}
		}
		if known {
			return owner, nil
		}
	}
	return nil, errNotFound()
}

// AddOption adds a variant option; it is the newest of the result.
func (s *Service) AddOption(ctx context.Context, store string, productID int64, in OptionInput) (*Product, error) {
	return s.edit(ctx, store, productID, func(e *edit) error {
		e.addOption(in)
		return nil
	})
}

// editOption changes one variant option.
func (s *Service) editOption(ctx context.Context, store string, productID, id int64, change func(*edit, *Option) error) (*Product, error) {
	return s.edit(ctx, store, productID, func(e *edit) error {
		o := e.p.Option(id)
		if o == nil {
			return errNotFound()
		}
		return change(e, o)
	})
}

// UpdateOption changes a variant option.
func (s *Service) UpdateOption(ctx context.Context, store string, productID, id int64, in OptionInput) (*Product, error) {
	return s.editOption(ctx, store, productID, id, func(e *edit, o *Option) error {
		e.putOption(o, in)
		return nil
	})
}

// RemoveOption takes a variant option out, with the variants made of it.
func (s *Service) RemoveOption(ctx context.Context, store string, productID, id int64) error {
	_, err := s.editOption(ctx, store, productID, id, func(e *edit, _ *Option) error {
		e.removeOption(id)
		return nil
	})
	return err
}

// AddOptionValue adds a value; it is the newest of the option.
func (s *Service) AddOptionValue(ctx context.Context, store string, productID, optionID int64, in ValueInput) (*Product, error) {
	return s.editOption(ctx, store, productID, optionID, func(e *edit, o *Option) error {
		e.addValue(o.choices(), in, "")
		return nil
	})
}

// UpdateOptionValue changes a value.
func (s *Service) UpdateOptionValue(ctx context.Context, store string, productID, optionID, id int64, in ValueInput) (*Product, error) {
	return s.editOption(ctx, store, productID, optionID, func(e *edit, o *Option) error {
		v := o.Value(id)
		if v == nil {
			return errNotFound()
		}
		e.putValue(o.choices(), v, in, "")
		return nil
	})
}

// RemoveOptionValue takes a value out, with the variants made of it.
func (s *Service) RemoveOptionValue(ctx context.Context, store string, productID, optionID, id int64) error {
	_, err := s.editOption(ctx, store, productID, optionID, func(e *edit, o *Option) error {
		if o.Value(id) == nil {
			return errNotFound()
		}
		e.removeOptionValue(o, id)
		return nil
	})
	return err
}

// AddModifier adds a modifier; it is the newest of the result.
func (s *Service) AddModifier(ctx context.Context, store string, productID int64, in ModifierInput) (*Product, error) {
	return s.edit(ctx, store, productID, func(e *edit) error {
		if !in.Required.Given {
			e.fail("required", fault.Missing)
		}
		e.addModifier(in, "")
		return nil
	})
}

// editModifier changes one modifier.
func (s *Service) editModifier(ctx context.Context, store string, productID, id int64, change func(*edit, *Modifier) error) (*Product, error) {
	return s.edit(ctx, store, productID, func(e *edit) error {
		m := e.p.Modifier(id)
		if m == nil {
			return errNotFound()
		}
		return change(e, m)
	})
}

// UpdateModifier changes a modifier.
func (s *Service) UpdateModifier(ctx context.Context, store string, productID, id int64, in ModifierInput) (*Product, error) {
	return s.editModifier(ctx, store, productID, id, func(e *edit, m *Modifier) error {
		e.putModifier(m, in, "")
		return nil
	})
}

// RemoveModifier takes a modifier out.
func (s *Service) RemoveModifier(ctx context.Context, store string, productID, id int64) error {
	_, err := s.editModifier(ctx, store, productID, id, func(e *edit, _ *Modifier) error {
		e.p.Modifiers = slices.DeleteFunc(e.p.Modifiers, func(m Modifier) bool { return m.ID == id })
		return nil
	})
	return err
}

// AddModifierValue adds a value; it is the newest of the modifier.
func (s *Service) AddModifierValue(ctx context.Context, store string, productID, modifierID int64, in ValueInput) (*Product, error) {
	return s.editModifier(ctx, store, productID, modifierID, func(e *edit, m *Modifier) error {
		e.addValue(m.choices(), in, "")
		return nil
	})
}

// UpdateModifierValue changes a value.
func (s *Service) UpdateModifierValue(ctx context.Context, store string, productID, modifierID, id int64, in ValueInput) (*Product, error) {
	return s.editModifier(ctx, store, productID, modifierID, func(e *edit, m *Modifier) error {
		v := m.Value(id)
		if v == nil {
			return errNotFound()
		}
		e.putValue(m.choices(), v, in, "")
		return nil
	})
}

// RemoveModifierValue takes a value out; a checkbox keeps its two.
func (s *Service) RemoveModifierValue(ctx context.Context, store string, productID, modifierID, id int64) error {
	_, err := s.editModifier(ctx, store, productID, modifierID, func(e *edit, m *Modifier) error {
		if m.Value(id) == nil {
			return errNotFound()
		}
		e.removeModifierValue(m, id)
		return nil
	})
	return err
}
