package fault

import "errors"

// Within returns a refusal whose field paths begin with prefix, for an entry
// of a list: "type" becomes "3.type". Any other error is returned as it is.
func Within(prefix string, err error) error {
	var e *Error
	if !errors.As(err, &e) || len(e.Fields) == 0 {
		return err
	}
	d := *e
	d.Fields = make(map[string]string, len(e.Fields))
	for path, message := range e.Fields {
		d.Fields[prefix+"."+path] = message
	}
	return &d
}
