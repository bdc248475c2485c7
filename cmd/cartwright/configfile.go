package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"

	"cartwright/internal/doctor"
)

// envPrefix begins the name of every environment variable.
const envPrefix = "CARTWRIGHT"

// configFlag is the one flag that the file itself cannot set.
const configFlag = "config"

// configFile gives flags the values of the file that --config names.
type configFile struct {
	loaded   bool
	path     string
	settings map[string]setting
}

// option makes the file a source of values that stands behind the environment.
func (f *configFile) option() kong.Option {
	return kong.OptionFunc(func(k *kong.Kong) error {
		return errors.Join(kong.WithBeforeResolve(f.load).Apply(k), kong.Resolvers(f).Apply(k))
	})
}

// setting is one line of the file.
type setting struct {
	value string
	line  int
}

// Validate implements kong.Resolver. Nothing can be checked before the command
// line has named the file.
func (*configFile) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver: kong asks for every flag that is not on the
// command line. A variable in the environment wins over the file.
func (f *configFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	s, found := f.settings[flag.Name]
	if !found || slices.ContainsFunc(flag.Envs, isSet) {
		return nil, nil
	}
	// Tried here first, because kong's message would not name the line.
	scan := kong.Scan().PushTyped(s.value, kong.FlagValueToken)
	if err := flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scan}, reflect.New(flag.Target.Type()).Elem()); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", f.path, s.line, err)
	}
	return s.value, nil
}

func isSet(env string) bool {
	_, set := os.LookupEnv(env)
	return set
}

// load reads the file once the command line and the environment are known.
func (f *configFile) load(ctx *kong.Context) error {
	if f.loaded {
		return nil
	}
	f.loaded = true
	known := knownFlags(ctx.Model)
	f.path, _ = ctx.FlagValue(known[configFlag]).(string)
	if f.path == "" {
		return nil
	}
	raw, err := os.ReadFile(f.path)
	if err != nil {
		var e *os.PathError
		if errors.As(err, &e) {
			err = e.Err
		}
		return fmt.Errorf("cannot read the configuration file %s: %w", f.path, err)
	}
	f.settings, err = parseSettings(raw, known)
	if err != nil {
		return fmt.Errorf("%s:%w", f.path, err)
	}
	return nil
}

// knownFlags returns the flags of all commands by name: one file serves every
// command, so a key may belong to another one.
func knownFlags(model *kong.Application) map[string]*kong.Flag {
	known := map[string]*kong.Flag{}
	var visit func(*kong.Node)
	visit = func(n *kong.Node) {
		for _, flag := range n.Flags {
			if flag.Name != "help" {
				known[flag.Name] = flag
			}
		}
		for _, child := range n.Children {
			visit(child)
		}
	}
	visit(model.Node)
	return known
}

// parseSettings reads the lines of a file. Every error begins with the number
// of the line.
func parseSettings(raw []byte, known map[string]*kong.Flag) (map[string]setting, error) {
	var doc yaml.Node
	err := yaml.NewDecoder(bytes.NewReader(raw)).Decode(&doc)
	if errors.Is(err, io.EOF) {
		return nil, nil // an empty file
	}
	if err != nil {
		return nil, fmt.Errorf(" %s; write one line 'name: value' for each setting", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%d: write one line 'name: value' for each setting, for example listen: 127.0.0.1:8080", root.Line)
	}
	settings := map[string]setting{}
	for i := 0; i < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if err := checkKey(key.Value, known); err != nil {
			return nil, fmt.Errorf("%d: %w", key.Line, err)
		}
		if before, twice := settings[key.Value]; twice {
			return nil, fmt.Errorf("%d: %s is set in line %d already; keep one of the two", key.Line, key.Value, before.line)
		}
		text, err := settingText(value, known[key.Value])
		if err != nil {
			return nil, fmt.Errorf("%d: %s: %w", value.Line, key.Value, err)
		}
		settings[key.Value] = setting{text, key.Line}
	}
	return settings, nil
}

func checkKey(key string, known map[string]*kong.Flag) error {
	if key == configFlag {
		return errors.New("config names this very file; set it with --config or " + envPrefix + "_CONFIG")
	}
	if known[key] != nil {
		return nil
	}
	var names []string
	for name := range known {
		if name != configFlag {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if near := nearest(key, names); near != "" {
		return fmt.Errorf("there is no setting %q; did you mean %q?", key, near)
	}
	return fmt.Errorf("there is no setting %q; there are %s", key, strings.Join(names, ", "))
}

// settingText returns a value as it would stand behind its flag.
func settingText(value *yaml.Node, flag *kong.Flag) (string, error) {
	switch value.Kind {
	case yaml.ScalarNode:
		if value.Tag == "!!null" {
			return "", errors.New("a value is missing; take the line out to use the default")
		}
		return value.Value, nil
	case yaml.SequenceNode:
		if !flag.IsSlice() {
			return "", errors.New("write one value, not a list")
		}
		var items []string
		for _, item := range value.Content {
			items = append(items, item.Value)
		}
		return strings.Join(items, ","), nil
	}
	return "", errors.New("write one value on the same line")
}

// dropEmptyEnv takes variables without a value out of the environment: a
// container's "VARIABLE=" means that nobody set it.
func dropEmptyEnv(model *kong.Application) error {
	for _, flag := range knownFlags(model) {
		for _, env := range flag.Envs {
			if os.Getenv(env) == "" {
				if err := os.Unsetenv(env); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// slips returns the variables that look like one of ours with a slip in it:
// they would do nothing, silently. Others of the prefix are left alone, because
// container platforms make such names of their own.
func slips(model *kong.Application, environ []string) []doctor.Slip {
	known := map[string]bool{}
	for _, flag := range knownFlags(model) {
		for _, env := range flag.Envs {
			known[env] = true
		}
	}
	names := slices.Sorted(maps.Keys(known))
	var found []doctor.Slip
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, envPrefix+"_") || known[name] {
			continue
		}
		if near := nearest(name, names); near != "" {
			found = append(found, doctor.Slip{Name: name, Meant: near})
		}
	}
	return found
}

// warnUnknownEnv writes the slips into the log.
func warnUnknownEnv(log *slog.Logger, model *kong.Application, environ []string) {
	for _, slip := range slips(model, environ) {
		log.Warn("an environment variable has no effect", "name", slip.Name, "did_you_mean", slip.Meant)
	}
}

// nearest returns the name that differs from word in the fewest letters, or ""
// when none is close enough to be what was meant.
func nearest(word string, names []string) string {
	best, least := "", 3
	word = strings.ReplaceAll(strings.ToLower(word), "_", "-")
	for _, name := range names {
		if d := distance(word, strings.ReplaceAll(strings.ToLower(name), "_", "-")); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance is the number of letters to put in, take out or replace between two
// words (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0]++
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(row[j]+1, row[j+1]+1, cost)
		}
	}
	return row[len(b)]
}
