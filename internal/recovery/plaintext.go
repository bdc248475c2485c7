package recovery

import (
	"strings"

	"golang.org/x/net/html"
)

// plainText writes a mail's HTML as text: paragraphs and rows as lines, links
// with their addresses. What nobody sees in the HTML is left out.
func plainText(body string) string {
	w := textWriter{}
	z := html.NewTokenizer(strings.NewReader(body))
	for {
		switch z.Next() {
		case html.ErrorToken: // the end: a string is read without errors
			return strings.TrimSpace(w.out.String()) + "\n"
		case html.TextToken:
			w.words(string(z.Text()))
		case html.StartTagToken:
			w.open(z.Token())
		case html.SelfClosingTagToken:
			t := z.Token()
			w.open(t)
			w.close(t.Data)
		case html.EndTagToken:
			w.close(z.Token().Data)
		}
	}
}

// textWriter collects the text. Breaks and blanks wait until words follow.
type textWriter struct {
	out    strings.Builder
	breaks int
	blank  bool
	// hidden is the element that is left out with all that is in it, deep how
	// many of its name are open.
	hidden string
	deep   int
	link   string // of the link that is open
	from   int    // where its words begin
}

// silent elements hold nothing to read, void ones nothing at all.
var (
	silent = map[string]bool{"head": true, "script": true, "style": true, "template": true, "title": true}
	void   = map[string]bool{"area": true, "base": true, "br": true, "col": true, "embed": true, "hr": true, "img": true, "input": true,
		"link": true, "meta": true, "source": true, "track": true, "wbr": true}
	// lines are how many line ends an element has around it.
	lines = map[string]int{
		"address": 1, "article": 2, "blockquote": 2, "br": 1, "dd": 1, "div": 1, "dl": 2, "dt": 1, "footer": 2, "h1": 2, "h2": 2, "h3": 2, "h4": 2,
		"h5": 2, "h6": 2, "header": 2, "hr": 2, "li": 1, "ol": 2, "p": 2, "pre": 2, "section": 2, "table": 2, "tr": 1, "ul": 2,
	}
)

func (w *textWriter) open(t html.Token) {
	if w.hidden != "" {
		if t.Data == w.hidden {
			w.deep++
		}
		return
	}
	if (silent[t.Data] || unseen(t)) && !void[t.Data] {
		w.hidden, w.deep = t.Data, 1
		return
	}
	w.breaks = max(w.breaks, lines[t.Data])
	switch t.Data {
	case "a":
		w.link, w.from = attribute(t, "href"), w.out.Len()
	case "img":
		w.words(attribute(t, "alt"))
	case "li":
		w.words("- ")
	case "td", "th":
		w.blank = true
	}
}

func (w *textWriter) close(name string) {
	if w.hidden != "" {
		if name == w.hidden {
			if w.deep--; w.deep == 0 {
				w.hidden = ""
			}
		}
		return
	}
	if name == "a" && w.link != "" {
		w.address()
	}
	w.breaks = max(w.breaks, lines[name])
}

// address writes where the open link leads, unless its words say so.
func (w *textWriter) address() {
	link, said := w.link, strings.TrimSpace(w.out.String()[min(w.from, w.out.Len()):])
	w.link = ""
	if said == link || strings.HasPrefix(link, "#") {
		return
	}
	if said == "" {
		w.words(link)
		return
	}
	w.words(" <" + link + ">")
}

// words writes text with its white space as one blank each.
func (w *textWriter) words(s string) {
	if w.hidden != "" {
		return
	}
	for _, r := range s {
		switch r {
		case ' ', '\t', '\n', '\r', '\f':
			w.blank = true
			continue
		}
		w.flush()
		w.out.WriteRune(r)
	}
}

func (w *textWriter) flush() {
	switch {
	case w.out.Len() == 0:
	case w.breaks > 0:
		w.out.WriteString("\n\n"[:min(w.breaks, 2)])
	case w.blank:
		w.out.WriteByte(' ')
	}
	w.breaks, w.blank = 0, false
}

// unseen reports whether an element is not shown, or not to readers of the text:
// a picture that leads where the name beside it leads says nothing more.
func unseen(t html.Token) bool {
	if attribute(t, "aria-hidden") == "true" {
		return true
	}
	style := strings.ReplaceAll(strings.ToLower(attribute(t, "style")), " ", "")
	return strings.Contains(style, "display:none")
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
