package storefront

import "strings"

// programs are parts of what search engines, link previews and automated
// browsers call themselves.
var programs = []string{"bot", "crawl", "spider", "slurp", "preview", "facebookexternalhit", "embedly", "headlesschrome", "lighthouse"}

// isProgram reports whether a User-Agent says that it is nobody's browser. It
// misses those that do not say so, which costs a line in a report.
func isProgram(agent string) bool {
	agent = strings.ReplaceAll(strings.ToLower(agent), "cubot", "") // makes telephones
	for _, name := range programs {
		if strings.Contains(agent, name) {
			return true
		}
	}
	return false
}
