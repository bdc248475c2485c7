package catalog

// ImportProduct is one product of an import: everything that the file says
// about it. A field that is not given is left as it is on a product that
// exists; a list that is given (images, custom fields, variants, modifiers)
// replaces the one that is there.
type ImportProduct struct {
	// Source says where in the file it stands, "line 12", for messages.
	Source string
	ProductInput
}

// ImportResult counts what an import did.
type ImportResult struct {
	Created, Updated, Unchanged int // products
	Brands, Categories          int // made on the way
}
