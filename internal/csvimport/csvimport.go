// Package csvimport reads product files of other shops, Shopify's product CSV
// and BigCommerce's, and hands them to the catalog.
//
//	cartwright import products products.csv --store demo
//
// Three things always hold:
//   - everything that is wrong with a file is told at once, each by line and
//     column with what to write instead, and nothing of it is imported;
//   - what a file holds that this server has no place for is told too, and left
//     out;
//   - the same file gives the same catalog however often it is imported:
//     products are found again by the address of their page.
//
// A column that the file does not have is left as it is on products that exist;
// a cell that is empty means "none".
//
// The BigCommerce format follows the vendor's documented columns; it was not
// tried on a real export (decisions 31).
package csvimport

import (
	"fmt"
	"io"

	"cartwright/internal/catalog"
)

// Format is the layout of a file.
type Format string

// The formats. Auto tells by the first row.
const (
	Auto        Format = ""
	Shopify     Format = "shopify"
	BigCommerce Format = "bigcommerce"
)

// File is what a file holds.
type File struct {
	Format   Format
	Rows     int
	Products []catalog.ImportProduct
	// Notes says what was left out or bent to fit.
	Notes []Note
}

// Note is a remark on one line.
type Note struct {
	Line int
	Text string
}

// String writes the note as it is told.
func (n Note) String() string { return fmt.Sprintf("line %d: %s", n.Line, n.Text) }

// Read reads a whole file. What is wrong with it comes as Problems.
func Read(r io.Reader, f Format) (*File, error) {
	t, err := readTable(r)
	if err != nil {
		return nil, err
	}
	if f == Auto {
		if f, err = detect(t); err != nil {
			return nil, err
		}
	}
	in := &reader{table: t, file: &File{Format: f, Rows: len(t.rows)}, problems: t.problems,
		told: map[Problem]bool{}, names: map[string]int{}, pages: map[string]int{}, skus: map[string]int{}}
	switch f {
	case Shopify:
		in.readShopify()
	case BigCommerce:
		in.readBigCommerce()
	default:
		return nil, fmt.Errorf("the format %q is not known: write shopify or bigcommerce", f)
	}
	if len(in.problems.List) > 0 {
		return nil, in.problems.sorted()
	}
	return in.file, nil
}

// detect tells a format by its first row.
func detect(t *table) (Format, error) {
	switch {
	case t.has("handle", "url handle") && t.has("title"):
		return Shopify, nil
	case t.has("item type"), t.has("product name") && t.has("product code/sku"):
		return BigCommerce, nil
	case t.has("item") && t.has("options") && t.has("name"):
		return "", Problems{List: []Problem{{Line: 1, Text: "this is BigCommerce's newer export, which cannot be read: " +
			"export the products with the template Bulk Edit of the older one (its first column is Item Type)"}}}
	}
	return "", Problems{List: []Problem{{Line: 1, Text: "the first row names neither Shopify's columns (Handle, Title, …) " +
		"nor BigCommerce's (Item Type, Product Name, …): export the file again with its first row, or say which it is with --format"}}}
}

// reader turns a table into products and collects what is wrong.
type reader struct {
	table    *table
	file     *File
	problems Problems
	told     map[Problem]bool
	// Where each name, page and SKU was met.
	names, pages, skus map[string]int
}

func (in *reader) note(line int, format string, args ...any) {
	in.file.Notes = append(in.file.Notes, Note{line, fmt.Sprintf(format, args...)})
}

// product adds a product that begins on a line.
func (in *reader) product(line int, p catalog.ProductInput) {
	in.file.Products = append(in.file.Products, catalog.ImportProduct{Source: fmt.Sprintf("line %d", line), ProductInput: p})
}

// unique notes a value that only one product may carry: the name, the address
// of the page, each SKU. Shopify allows a name or a SKU twice; the vendor of
// our API does not. It returns the value.
func (in *reader) unique(seen map[string]int, r row, c column, value, advice string) string {
	if value == "" {
		return value
	}
	if line, taken := seen[value]; taken {
		in.bad(r, c, "%q is used on line %d already: %s", shorten(value), line, advice)
		return value
	}
	seen[value] = r.line
	return value
}
