package demo

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// drawingFiles are the drawings of the products, without backdrop and with
// marks in place of the colours that differ: {c} the colour itself, {d} and
// {e} darker, {l} and {h} lighter, {b} the backdrop.
//
//go:embed drawings/*.svg
var drawingFiles embed.FS

// PicturePath is the path below which pictures are served.
const PicturePath = "/demo/pictures/"

// colour is one of the colours in which products are drawn.
type colour struct {
	r, g, b int
	label   string
}

// colours are the shop's palette, by the name they have in addresses.
var colours = map[string]colour{
	"ember":    {200, 85, 61, "Ember"},
	"moss":     {95, 122, 84, "Moss"},
	"forest":   {47, 93, 80, "Forest"},
	"ink":      {52, 70, 92, "Ink"},
	"sky":      {126, 170, 192, "Sky"},
	"oat":      {222, 205, 174, "Oat"},
	"mustard":  {217, 164, 65, "Mustard"},
	"plum":     {124, 82, 112, "Plum"},
	"charcoal": {74, 80, 85, "Charcoal"},
	"larch":    {205, 160, 107, "Larch"},
	"walnut":   {133, 92, 62, "Walnut"},
	"brass":    {206, 166, 84, "Brass"},
	"copper":   {190, 120, 76, "Copper"},
	"beeswax":  {232, 192, 104, "Beeswax"},
}

func (c colour) hex() string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

// mix returns the colour with percent of another one in it.
func (c colour) mix(o colour, percent int) colour {
	part := func(a, b int) int { return (a*(100-percent) + b*percent) / 100 }
	return colour{r: part(c.r, o.r), g: part(c.g, o.g), b: part(c.b, o.b)}
}

var (
	white = colour{r: 255, g: 255, b: 255}
	black = colour{r: 24, g: 26, b: 34}
	paper = colour{r: 247, g: 242, b: 232}
)

// The backdrops of a picture.
const (
	plain    = ""
	outdoors = "outdoors"
	indoors  = "indoors"
)

// pictureName is how a picture is called in addresses: mug-sky, or
// mug-sky-indoors.
func pictureName(drawing, tone, scene string) string {
	name := drawing + "-" + tone
	if scene != plain {
		name += "-" + scene
	}
	return name
}

// pictureURL is the address of a picture on this server.
func pictureURL(drawing, tone, scene string) string {
	return PicturePath + pictureName(drawing, tone, scene) + ".svg"
}

// draw returns a picture as a document.
func draw(drawing, tone, scene string) ([]byte, error) {
	body, err := fs.ReadFile(drawingFiles, "drawings/"+drawing+".svg")
	if err != nil {
		return nil, fmt.Errorf("draw %s: %w", drawing, err)
	}
	c, ok := colours[tone]
	if !ok {
		return nil, fmt.Errorf("draw %s: there is no colour %q", drawing, tone)
	}
	ground := c.mix(paper, 82)
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 600" width="600" height="600">` + "\n")
	switch scene {
	case plain:
		b.WriteString(backdrop(ground))
	case outdoors:
		b.WriteString(hills)
	case indoors:
		b.WriteString(room(c))
	default:
		return nil, fmt.Errorf("draw %s: there is no scene %q", drawing, scene)
	}
	paint := strings.NewReplacer(
		"{c}", c.hex(), "{d}", c.mix(black, 18).hex(), "{e}", c.mix(black, 42).hex(),
		"{l}", c.mix(white, 22).hex(), "{h}", c.mix(white, 52).hex(), "{b}", ground.hex(),
	)
	at := `<g>`
	if scene != plain {
		at = `<g transform="translate(72 134) scale(.76)">`
	}
	b.WriteString(at + "\n" + `<ellipse cx="300" cy="484" rx="204" ry="18" fill="#2b2a26" opacity=".14"/>` + "\n")
	b.WriteString(paint.Replace(string(body)) + "</g>\n</svg>\n")
	return []byte(b.String()), nil
}

func backdrop(ground colour) string {
	return fmt.Sprintf(`<rect width="600" height="600" fill="%s"/><circle cx="300" cy="290" r="246" fill="%s"/>`+"\n",
		ground.hex(), ground.mix(white, 46).hex())
}

// hills is an evening above the tree line.
const hills = `<rect width="600" height="600" fill="#f6dcc0"/><circle cx="446" cy="150" r="64" fill="#fff2d6"/>
<path d="M0 318 92 232l74 60 108-128 98 112 76-70 152 140v300H0Z" fill="#b9b6bd"/><path d="M274 164l46 53-34 26-24-22-34 6ZM448 206l34 32-24 18-26-20Z" fill="#f8f1ea"/>
<path d="M0 384c90-50 150-30 230-44s150-52 230-34 100 40 140 30v264H0Z" fill="#8fa08c"/>
<g fill="#4f6a59"><path d="M40 452l34-118 34 118ZM86 462l28-96 28 96ZM470 452l36-130 36 130ZM528 464l30-104 30 104ZM424 458l22-78 22 78Z"/></g>
<path d="M0 452c120-30 240-6 330-10s190-20 270 2v156H0Z" fill="#6f8367"/><path d="M0 500c140-18 430-22 600 4v96H0Z" fill="#5d7157"/>
`

// room is a shelf beside a window.
func room(c colour) string {
	wall := c.mix(paper, 88)
	return fmt.Sprintf(`<rect width="600" height="600" fill="%s"/>
<rect x="52" y="56" width="220" height="270" rx="10" fill="#fffdf8"/><rect x="66" y="70" width="92" height="116" fill="#cfe0e6"/><rect x="166" y="70" width="92" height="116" fill="#cfe0e6"/><rect x="66" y="194" width="92" height="118" fill="#cfe0e6"/><rect x="166" y="194" width="92" height="118" fill="#cfe0e6"/>
<path d="M66 292l46-58 46 48v30H66ZM166 276l40-46 52 62v20h-92Z" fill="#8fa08c"/><path d="M66 300c30-10 60-8 92-2v14H66ZM166 298c30-8 60-6 92 2v12h-92Z" fill="#6f8367"/><rect x="40" y="322" width="244" height="16" rx="6" fill="#f0e9da"/>
<path d="M504 500h-72l-12-92h96Z" fill="#b8694a"/><path d="M412 396h112v20H412Z" fill="#a65a3d"/><g fill="none" stroke="#5f7a54" stroke-width="9" stroke-linecap="round"><path d="M468 396V262M468 340c-34-6-48-30-50-60M468 316c36-6 52-34 52-66M468 372c-30 0-52-14-66-40M468 366c30 0 54-14 68-44"/></g><g fill="#6f8f62"><ellipse cx="414" cy="270" rx="16" ry="26" transform="rotate(-20 414 270)"/><ellipse cx="524" cy="240" rx="16" ry="28" transform="rotate(18 524 240)"/><ellipse cx="468" cy="250" rx="15" ry="27"/><ellipse cx="394" cy="326" rx="14" ry="23" transform="rotate(-44 394 326)"/><ellipse cx="542" cy="316" rx="14" ry="24" transform="rotate(44 542 316)"/></g>
<rect y="492" width="600" height="108" fill="#c99a63"/><rect y="492" width="600" height="14" fill="#dab47e"/><path d="M0 536h240M320 536h280M80 570h360" stroke="#b98a55" stroke-width="4"/>
`, wall.hex())
}

// pictures are the pictures of the catalog by name, drawn when they are first
// asked for.
type pictures struct {
	known map[string][3]string
	mu    sync.Mutex
	drawn map[string][]byte
}

func newPictures() *pictures {
	p := &pictures{known: map[string][3]string{}, drawn: map[string][]byte{}}
	for _, it := range catalogItems {
		tones := it.tones
		if len(tones) == 0 {
			tones = []string{it.tone}
		}
		for _, tone := range tones {
			p.known[pictureName(it.drawing, tone, plain)] = [3]string{it.drawing, tone, plain}
		}
		if it.scene != plain {
			p.known[pictureName(it.drawing, tones[0], it.scene)] = [3]string{it.drawing, tones[0], it.scene}
		}
	}
	return p
}

// names lists all pictures.
func (p *pictures) names() []string {
	names := make([]string, 0, len(p.known))
	for name := range p.known {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (p *pictures) get(name string) ([]byte, error) {
	parts, ok := p.known[name]
	if !ok {
		return nil, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if b, ok := p.drawn[name]; ok {
		return b, nil
	}
	b, err := draw(parts[0], parts[1], parts[2])
	if err == nil {
		p.drawn[name] = b
	}
	return b, err
}

// Pictures serves the pictures of the demo below PicturePath. They are part of
// the program, so browsers may keep them for a while.
func Pictures() http.Handler {
	p := newPictures()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, PicturePath), ".svg")
		b, err := p.get(name)
		if err != nil || b == nil || !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "image/svg+xml")
		h.Set("Content-Security-Policy", "default-src 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "public, max-age=86400")
		_, _ = w.Write(b)
	})
}
