package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// parse parses a command line with a configuration file of this content; "" is
// no file.
func parse(t *testing.T, file string, args ...string) (cli, error) {
	t.Helper()
	if file != "" {
		path := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Chdir(filepath.Dir(path))
		args = append(args, "--config", "c.yaml")
	}
	var c cli
	parser, err := newParser(&c, kong.Writers(&bytes.Buffer{}, &bytes.Buffer{}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return c, err
}

func TestPrecedence(t *testing.T) {
	tests := map[string]struct {
		flag, env, file string
		want            string
	}{
		"the default":                             {"", "", "", "127.0.0.1:8080"},
		"the file wins over the default":          {"", "", ":1", ":1"},
		"the environment wins over the file":      {"", ":2", ":1", ":2"},
		"the flag wins over all":                  {":3", ":2", ":1", ":3"},
		"the flag wins over the environment":      {":3", ":2", "", ":3"},
		"the environment wins over the default":   {"", ":2", "", ":2"},
		"a flag set to its default is a flag too": {"127.0.0.1:8080", ":2", ":1", "127.0.0.1:8080"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			args := []string{"serve"}
			if tc.flag != "" {
				args = append(args, "--listen", tc.flag)
			}
			if tc.env != "" {
				t.Setenv("CARTWRIGHT_LISTEN", tc.env)
			}
			file := ""
			if tc.file != "" {
				file = "listen: '" + tc.file + "'\n"
			}
			c, err := parse(t, file, args...)
			if err != nil {
				t.Fatal(err)
			}
			if c.Serve.Listen != tc.want {
				t.Errorf("listen is %q, want %q", c.Serve.Listen, tc.want)
			}
		})
	}
}

func TestEveryKindOfValueComesFromTheFile(t *testing.T) {
	c, err := parse(t, "sandbox: true\nquota: 150\npublic-url: https://shop.example\nlog-level: debug\nscopes: [a, b]\n", "serve")
	if err != nil {
		t.Fatal(err)
	}
	if !c.Serve.Sandbox || c.Serve.Quota != 150 || c.Serve.PublicURL != "https://shop.example" || c.LogLevel != "debug" {
		t.Errorf("read %+v", c)
	}
	for _, file := range []string{"store: a\nscopes: [x, y]\n", "store: a\nscopes: x,y\n", "store: a\nscopes:\n  - x\n  - y\n"} {
		c, err := parse(t, file, "token", "create")
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(c.Token.Create.Scopes, " "); got != "x y" {
			t.Errorf("%q gives scopes %q", file, got)
		}
	}
}

func TestTheFileCanBeNamedInTheEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(path, []byte("listen: :7"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CARTWRIGHT_CONFIG", path)
	c, err := parse(t, "", "serve")
	if err != nil || c.Serve.Listen != ":7" {
		t.Errorf("listen is %q, error %v", c.Serve.Listen, err)
	}
}

func TestWrongValuesAreAnsweredWithWhatToWrite(t *testing.T) {
	serve := []string{"serve"}
	tests := map[string]struct {
		args []string
		file string
		env  string
		want string
	}{
		"an unknown flag":             {[]string{"serve", "--lisen", "x"}, "", "", `did you mean "--listen"?`},
		"an unknown command":          {[]string{"serv"}, "", "", `did you mean one of "serve"`},
		"an unknown key":              {serve, "listen: :1\nlisen: x\n", "", `c.yaml:2: there is no setting "lisen"; did you mean "listen"?`},
		"a key with an underscore":    {serve, "public_url: x\n", "", `did you mean "public-url"?`},
		"a key like no other":         {serve, "colour: red\n", "", `there are client-id, `},
		"the file's own name":         {serve, "config: x\n", "", "set it with --config"},
		"a key twice":                 {serve, "listen: :1\nlisten: :2\n", "", "c.yaml:2: listen is set in line 1 already"},
		"a key without a value":       {serve, "listen:\n", "", "c.yaml:1: listen: a value is missing"},
		"a list for one value":        {serve, "listen: [a, b]\n", "", "write one value, not a list"},
		"a table for one value":       {serve, "listen:\n  port: 1\n", "", "write one value on the same line"},
		"a file that is a list":       {serve, "- listen\n", "", "c.yaml:1: write one line 'name: value'"},
		"a file that is not YAML":     {serve, "listen: [\n", "", "write one line 'name: value'"},
		"a number that is none":       {serve, "quota: many\n", "", `c.yaml:1: "many" is not a whole number`},
		"a negative number":           {[]string{"serve", "--quota=-1"}, "", "", `"-1" is not a whole number`},
		"a number in the environment": {serve, "", "lots", `"lots" is not a whole number such as 0 or 150 (from envar CARTWRIGHT_QUOTA="lots")`},
		"a level that is none":        {[]string{"serve", "--log-level", "loud"}, "", "", `must be one of "debug","info","warn","error"`},
		"a missing file":              {[]string{"serve", "--config", "nowhere.yaml"}, "", "", "cannot read the configuration file nowhere.yaml: no such file"},
		"a missing flag":              {[]string{"store", "create", "a"}, "", "", "missing flags: --name"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if tc.env != "" {
				t.Setenv("CARTWRIGHT_QUOTA", tc.env)
			}
			_, err := parse(t, tc.file, tc.args...)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("the error is\n\t%v\nand should hold\n\t%s", err, tc.want)
			}
		})
	}
}

func TestAFlagOverridesAWrongVariable(t *testing.T) {
	t.Setenv("CARTWRIGHT_QUOTA", "lots")
	if c, err := parse(t, "", "serve", "--quota", "3"); err != nil || c.Serve.Quota != 3 {
		t.Errorf("quota is %d, error %v", c.Serve.Quota, err)
	}
}

func TestVariablesWithASlipAreNamed(t *testing.T) {
	var c cli
	parser, err := newParser(&c)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	warnUnknownEnv(slog.New(slog.NewTextHandler(&out, nil)), parser.Model, []string{
		"CARTWRIGHT_LISTN=:1", "CARTWRIGHT_LISTEN=:1", "CARTWRIGHT_SERVICE_HOST=10.0.0.1", "CARTWRIGHT_PORT_8080_TCP=x", "OTHER=1",
	})
	if n := strings.Count(out.String(), "\n"); n != 1 || !strings.Contains(out.String(), "name=CARTWRIGHT_LISTN did_you_mean=CARTWRIGHT_LISTEN") {
		t.Errorf("logged %q", out.String())
	}
}

func TestEveryFlagHasAVariable(t *testing.T) {
	var c cli
	parser, err := newParser(&c)
	if err != nil {
		t.Fatal(err)
	}
	for name, flag := range knownFlags(parser.Model) {
		want := "CARTWRIGHT_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		if len(flag.Envs) != 1 || flag.Envs[0] != want {
			t.Errorf("--%s has the variables %v, want %s", name, flag.Envs, want)
		}
	}
}

func TestDistance(t *testing.T) {
	tests := map[[2]string]int{
		{"", ""}: 0, {"a", ""}: 1, {"", "ab"}: 2, {"listen", "listen"}: 0, {"lisen", "listen"}: 1,
		{"lsiten", "listen"}: 2, {"smtp", "quota"}: 4,
	}
	for words, want := range tests {
		if got := distance(words[0], words[1]); got != want {
			t.Errorf("distance(%q, %q) is %d, want %d", words[0], words[1], got, want)
		}
	}
}
