package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"cartwright/internal/merchant"
)

//go:generate go test . -run TestConfigurationPage -update

const configurationPage = "../../docs/configuration.md"

var update = flag.Bool("update", false, "write docs/configuration.md")

// TestConfigurationPage fails when docs/configuration.md no longer says what
// the grammar does; `make docs` writes it anew.
func TestConfigurationPage(t *testing.T) {
	var c cli
	parser, err := newParser(&c)
	if err != nil {
		t.Fatal(err)
	}
	want := configurationMarkdown(parser.Model)
	if *update {
		if err := os.WriteFile(configurationPage, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(configurationPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/configuration.md is not what the flags say; run: make docs")
	}
}

const configurationIntro = `<!-- Made from cmd/cartwright by "make docs"; change the flags there, not this page. -->

# Configuration

Every setting can be written in three places:

| where | how it is written | example |
|---|---|---|
| a flag | ` + "`--name value`" + ` | ` + "`--public-url https://shop.example`" + ` |
| the environment | ` + "`CARTWRIGHT_NAME`" + ` | ` + "`CARTWRIGHT_PUBLIC_URL=https://shop.example`" + ` |
| the file that ` + "`--config`" + ` or ` + "`CARTWRIGHT_CONFIG`" + ` names | ` + "`name: value`" + ` | ` + "`public-url: https://shop.example`" + ` |

A flag wins over the environment, the environment over the file, the file over the default.
A variable that is empty counts as not set.

The file is YAML, one line for each setting; a list may be written as one or as text with commas.
One file may serve every command: a command reads the settings that it has.
A name that no command knows is refused, with the line and the name that was probably meant.

` + "```yaml" + `
listen: 0.0.0.0:443
public-url: https://shop.example
database: postgres://cartwright:secret@db.internal/cartwright
tls-cert: /etc/cartwright/cert.pem
tls-key: /etc/cartwright/key.pem
quota: 150
log-format: json
` + "```" + `

Relative paths start at the folder in which the command runs.
Passwords are better kept in the environment or in a file than on a command line, which other users of the machine can read.
`

// configurationMarkdown describes the whole grammar.
func configurationMarkdown(model *kong.Application) string {
	var b strings.Builder
	b.WriteString(configurationIntro)
	b.WriteString("\n## Every command\n\n")
	flagTable(&b, model.Flags)
	for _, leaf := range model.Leaves(true) {
		help := leaf.Help
		if leaf.Detail != "" {
			help += "\n" + leaf.Detail
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n```\n%s\n```\n", leaf.FullPath(), help, usageLine(leaf))
		var flags []*kong.Flag
		for _, flag := range leaf.Flags {
			if flag.Name != "help" {
				flags = append(flags, flag)
			}
		}
		if len(flags) > 0 {
			b.WriteString("\n")
			flagTable(&b, flags)
		}
		if leaf.FullPath() == "cartwright token create" {
			fmt.Fprintf(&b, "\nThe scopes are `all`, `%s`.\n", strings.Join(merchant.Scopes, "`, `"))
		}
	}
	return b.String()
}

// usageLine shows arguments and the flags that must be given.
func usageLine(n *kong.Node) string {
	line := n.FullPath()
	for _, p := range n.Positional {
		line += " " + strings.ToUpper(p.Name)
	}
	for _, flag := range n.Flags {
		if flag.Required {
			line += " --" + flag.Name + " " + flag.FormatPlaceHolder()
		}
	}
	if len(n.Flags) > 0 {
		line += " [flags]"
	}
	return line
}

func flagTable(b *strings.Builder, flags []*kong.Flag) {
	b.WriteString("| flag and key | environment | default | meaning |\n|---|---|---|---|\n")
	for _, flag := range flags {
		if flag.Name == "help" {
			continue
		}
		value := "–"
		switch {
		case flag.Required:
			value = "required"
		case flag.IsBool():
			value = "`false`"
		case flag.Default != "":
			value = "`" + flag.Default + "`"
		}
		help := strings.ReplaceAll(flag.Help, "|", `\|`)
		fmt.Fprintf(b, "| `--%s` | `%s` | %s | %s |\n", flag.Name, strings.Join(flag.Envs, "`, `"), value, help)
	}
}
