package catalog

import (
	"slices"
	"strings"

	"cartwright/internal/fault"
)

// applyImages puts pictures on the product. A picture with an address that the
// product has already is that picture.
func (e *edit) applyImages(list []ImageInput, replace bool) {
	mentioned := map[int64]bool{}
	for i, in := range list {
		path := at("images", i)
		if img := e.imageAt(in.URL.Value); img != nil && in.URL.Given {
			e.putImage(img, in, path)
			mentioned[img.ID] = true
			continue
		}
		mentioned[e.addImage(in, path).ID] = true
	}
	if replace {
		e.p.Images = slices.DeleteFunc(e.p.Images, func(img Image) bool { return !mentioned[img.ID] })
	}
}

func (e *edit) imageAt(url string) *Image {
	for i := range e.p.Images {
		if e.p.Images[i].URL == url {
			return &e.p.Images[i]
		}
	}
	return nil
}

// addImage adds a picture. path is where the input stands.
func (e *edit) addImage(in ImageInput, path string) *Image {
	if len(e.p.Images) >= maxImages {
		e.fail(path, fault.MaxLength)
	}
	if !in.URL.Given {
		e.fail(join(path, "image_url"), fault.Missing)
	}
	e.p.Images = append(e.p.Images, Image{ID: e.newID(), SortOrder: e.lastImage() + 1})
	img := &e.p.Images[len(e.p.Images)-1]
	e.putImage(img, in, path)
	return img
}

// lastImage is the highest place of a picture, so that a new one comes behind.
func (e *edit) lastImage() int64 {
	last := int64(-1)
	for _, img := range e.p.Images {
		last = max(last, img.SortOrder)
	}
	return last
}

func (e *edit) putImage(img *Image, in ImageInput, path string) {
	before := *img
	in.URL.into(&img.URL)
	in.SortOrder.into(&img.SortOrder)
	in.Description.into(&img.Description)
	if in.Thumbnail.Given {
		img.Thumbnail = in.Thumbnail.Value
	}
	e.text(join(path, "image_url"), img.URL, 1, maxAddress)
	e.image(join(path, "image_url"), img.URL)
	e.text(join(path, "description"), img.Description, 0, 65_535)
	e.number(join(path, "sort_order"), img.SortOrder, -maxLevel, maxLevel)
	if img.Thumbnail && in.Thumbnail.Given {
		for i := range e.p.Images {
			e.p.Images[i].Thumbnail = e.p.Images[i].ID == img.ID
		}
	}
	if *img != before {
		img.Modified = e.now
	}
}

// settleImages puts the pictures in order and makes sure that exactly one
// stands for the product.
func (e *edit) settleImages() {
	images := e.p.Images
	slices.SortStableFunc(images, func(a, b Image) int { return compare(a.SortOrder, b.SortOrder) })
	if len(images) > 0 && !slices.ContainsFunc(images, func(img Image) bool { return img.Thumbnail }) {
		images[0].Thumbnail = true
	}
}

func compare(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// applyCustomFields puts custom fields on the product. An entry with an id
// changes that field. Where the list is the whole list, an entry without one
// is the field of its name; otherwise it is only the same as a field of the
// same name and value.
func (e *edit) applyCustomFields(list []CustomFieldInput, replace bool) {
	mentioned := map[int64]bool{}
	for i, in := range list {
		path := at("custom_fields", i)
		f := e.customFieldFor(in, replace, mentioned)
		switch {
		case f != nil:
			e.putCustomField(f, in, path)
		case in.ID != 0:
			e.fail(join(path, "id"), missing("Custom field", in.ID))
			continue
		default:
			f = e.addCustomField(in, path)
		}
		mentioned[f.ID] = true
	}
	if replace {
		e.p.CustomFields = slices.DeleteFunc(e.p.CustomFields, func(f CustomField) bool { return !mentioned[f.ID] })
	}
}

func (e *edit) customFieldFor(in CustomFieldInput, byName bool, taken map[int64]bool) *CustomField {
	name, value := strings.TrimSpace(in.Name.Value), strings.TrimSpace(in.Value.Value)
	for i := range e.p.CustomFields {
		f := &e.p.CustomFields[i]
		switch {
		case in.ID != 0:
			if f.ID == in.ID {
				return f
			}
		case f.Name == name && (byName || f.Value == value) && !taken[f.ID]:
			return f
		}
	}
	return nil
}

func (e *edit) addCustomField(in CustomFieldInput, path string) *CustomField {
	if len(e.p.CustomFields) >= maxCustomFields {
		e.fail(path, fault.MaxLength)
	}
	e.p.CustomFields = append(e.p.CustomFields, CustomField{ID: e.newID()})
	f := &e.p.CustomFields[len(e.p.CustomFields)-1]
	e.putCustomField(f, in, path)
	return f
}

func (e *edit) putCustomField(f *CustomField, in CustomFieldInput, path string) {
	if in.Name.Given {
		f.Name = strings.TrimSpace(in.Name.Value)
	}
	if in.Value.Given {
		f.Value = strings.TrimSpace(in.Value.Value)
	}
	e.text(join(path, "name"), f.Name, 1, maxName)
	e.text(join(path, "value"), f.Value, 1, maxName)
}
