package csvimport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"cartwright/internal/catalog"
	"cartwright/internal/clock"
	"cartwright/internal/fault"
	"cartwright/internal/human"
)

// Catalog takes the products; catalog.Service does.
type Catalog interface {
	Import(ctx context.Context, store string, in []catalog.ImportProduct) (catalog.ImportResult, error)
}

// Options are what Run needs. Catalog, Store and File must be given.
type Options struct {
	Catalog Catalog
	Store   string
	File    string
	Format  Format // Auto tells by the first row
	Out     io.Writer
	// Err gets the progress; Terminal says that a person is looking at it.
	Err      io.Writer
	Terminal bool
	Clock    clock.Clock // measures how long it took; nil is the machine's
}

// maxNotes bounds how many notes are told; the others are counted.
const maxNotes = 20

// Run imports a file and says on Out what came of it. A file with problems
// comes back as Problems, and nothing of it is imported.
func Run(ctx context.Context, o Options) error {
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	start := o.Clock.Now()
	file, err := o.read()
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(o.File), err)
	}
	if len(file.Products) == 0 {
		return fmt.Errorf("%s: there is no product in it", filepath.Base(o.File))
	}
	o.notes(file.Notes)
	done := o.working(ctx, fmt.Sprintf("Checking and writing %s", human.Count(len(file.Products), "product")))
	result, err := o.Catalog.Import(ctx, o.Store, file.Products)
	done()
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(o.File), explain(err))
	}
	_, err = fmt.Fprintf(o.Out, "%d created, %d updated, %d unchanged in %s\n",
		result.Created, result.Updated, result.Unchanged, human.Duration(o.Clock.Now().Sub(start)))
	return err
}

// read reads the file, with a bar when somebody looks.
func (o Options) read() (*File, error) {
	f, err := os.Open(o.File)
	if err != nil {
		var path *os.PathError
		if errors.As(err, &path) {
			err = path.Err // the name stands in front already
		}
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var from io.Reader = f
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && o.Terminal {
		bar := o.bar(info.Size(), "Reading", progressbar.OptionShowBytes(true))
		reader := progressbar.NewReader(f, bar)
		from = &reader
		defer func() { _ = bar.Finish() }()
	}
	file, err := Read(from, o.Format)
	if err == nil && !o.Terminal {
		o.say("Read %s, %s, in the format %s.", human.Count(file.Rows, "row"), human.Count(len(file.Products), "product"), file.Format)
	}
	return file, err
}

func (o Options) bar(size int64, doing string, options ...progressbar.Option) *progressbar.ProgressBar {
	return progressbar.NewOptions64(size, append([]progressbar.Option{
		progressbar.OptionSetWriter(o.Err), progressbar.OptionSetDescription(doing), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetWidth(24), progressbar.OptionThrottle(tick), progressbar.OptionSetPredictTime(false),
	}, options...)...)
}

// tick is how often the progress moves.
const tick = 100 * time.Millisecond

// working tells that something of unknown length is under way until the
// function that it returns is called.
func (o Options) working(ctx context.Context, doing string) (done func()) {
	if !o.Terminal {
		o.say("%s.", doing)
		return func() {}
	}
	bar := o.bar(-1, doing, progressbar.OptionSpinnerType(14))
	ctx, cancel := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(tick)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				_ = bar.Add(1)
			}
		}
	}()
	return func() {
		cancel()
		<-stopped
		_ = bar.Finish()
	}
}

func (o Options) say(format string, args ...any) {
	_, _ = fmt.Fprintf(o.Err, format+"\n", args...)
}

func (o Options) notes(notes []Note) {
	for i, n := range notes {
		if i == maxNotes {
			o.say("… and %s more", human.Count(len(notes)-i, "note"))
			return
		}
		o.say("%s", n)
	}
}

// placeOf reads where the catalog says that something is wrong: "line 12:
// variants.0.sku".
var placeOf = regexp.MustCompile(`^line (\d+): (.*)$`)

// explain writes what the catalog refuses the way Read writes problems.
func explain(err error) error {
	f := fault.As(err)
	if f == nil || len(f.Fields) == 0 {
		return err
	}
	var p Problems
	for path, message := range f.Fields {
		line, field := 1, path
		if m := placeOf.FindStringSubmatch(path); m != nil {
			line, _ = strconv.Atoi(m[1])
			field = m[2]
		}
		p.add(line, fieldName(field), plainly(message))
	}
	return p.sorted()
}

// fieldName is the catalog's name of a field without its place in lists:
// variants.0.option_values.1.label becomes "variants option values label".
func fieldName(path string) string {
	var words []string
	for part := range strings.SplitSeq(path, ".") {
		if _, err := strconv.Atoi(part); err != nil {
			words = append(words, strings.ReplaceAll(part, "_", " "))
		}
	}
	return strings.Join(words, " ")
}

// plainly says in words what the API says in codes.
func plainly(message string) string {
	switch message {
	case fault.Missing:
		return "it is missing: write it"
	case fault.MinLength:
		return "it is empty or too short: write something"
	case fault.MaxLength:
		return "it is too long, or there are too many: write less"
	case fault.Min:
		return "the number is too small: write a larger one"
	case fault.Max:
		return "the number is too large: write a smaller one"
	case fault.ExpectedURL:
		return "it is not an address: write one that begins with https://"
	case fault.ExpectedEnum:
		return "it is not one of the allowed values"
	case fault.ExpectedString:
		return "the text cannot be stored: remove control characters from it"
	}
	return message
}
