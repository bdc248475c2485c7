package recovery

import (
	"context"

	"cartwright/internal/event"
	"cartwright/internal/fault"
)

// Template returns a template by its id, or a NotFound fault.
func (s *Service) Template(ctx context.Context, store string, id int64) (*Template, error) {
	t, stored, err := s.storage.FindMailTemplate(ctx, store, id)
	if err != nil {
		return nil, err
	}
	if !stored {
		t = pickTemplate(DefaultSet(), id)
	}
	if t == nil {
		return nil, errNotFound()
	}
	return t, nil
}

func pickTemplate(set []Template, id int64) *Template {
	for i := range set {
		if set[i].ID == id {
			return &set[i]
		}
	}
	return nil
}

// CreateTemplate adds a template to the set of a channel, or of the store.
// Minutes and Text must be set.
func (s *Service) CreateTemplate(ctx context.Context, store string, channel int64, f TemplateFields) (Template, error) {
	if channel != AllChannels {
		if err := s.mustHave(ctx, store, channel); err != nil {
			return Template{}, unknownChannel(err)
		}
	}
	made := Template{Channel: channel}
	made.apply(f)
	if err := made.check(); err != nil {
		return Template{}, err
	}
	return s.change(ctx, store, func(shelf TemplateShelf) (Template, []event.Event, error) {
		t := made
		n, err := shelf.Count(channel)
		if err == nil && n >= MaxTemplates {
			err = fault.Newf(fault.Invalid, "A set can have at most %d templates.", MaxTemplates)
		}
		if err != nil {
			return t, nil, err
		}
		return t, told(&t, event.TemplateUpdated), shelf.Add(&t)
	})
}

// UpdateTemplate changes a template. It returns a NotFound fault for one that
// is not there.
func (s *Service) UpdateTemplate(ctx context.Context, store string, id int64, f TemplateFields) (Template, error) {
	return s.change(ctx, store, func(shelf TemplateShelf) (Template, []event.Event, error) {
		t, err := mustFind(shelf, id)
		if err != nil {
			return Template{}, nil, err
		}
		t.apply(f)
		if err := t.check(); err != nil {
			return *t, nil, err
		}
		return *t, told(t, event.TemplateUpdated), shelf.Put(t)
	})
}

// DeleteTemplate removes a template. It returns a NotFound fault for one that
// is not there.
func (s *Service) DeleteTemplate(ctx context.Context, store string, id int64) error {
	_, err := s.change(ctx, store, func(shelf TemplateShelf) (Template, []event.Event, error) {
		t, err := mustFind(shelf, id)
		if err != nil {
			return Template{}, nil, err
		}
		return *t, told(t, event.TemplateDeleted), shelf.Remove(id)
	})
	return err
}

func (s *Service) change(ctx context.Context, store string, change func(TemplateShelf) (Template, []event.Event, error)) (Template, error) {
	return s.storage.ChangeMailTemplates(ctx, store, DefaultSet(), change)
}

func mustFind(shelf TemplateShelf, id int64) (*Template, error) {
	t, err := shelf.Find(id)
	if err == nil && t == nil {
		err = errNotFound()
	}
	return t, err
}

// told is what those who listen to a channel are told of its template. The
// store's own templates have no channel whose events they could be.
func told(t *Template, scope string) []event.Event {
	if t.Channel == AllChannels {
		return nil
	}
	return []event.Event{{Scope: scope}}
}
