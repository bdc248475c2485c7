package sqlstore

import (
	"encoding/json"
	"fmt"
	"sync"

	"cartwright/internal/recovery"
)

// readTemplates reads templates that nobody changes. They are long, and every
// visit reads the same few, so what a document says is remembered: decoding it
// would take more of the writer's time than all the rest.
var readTemplates = table[recovery.Template]{
	name: "mail_templates", columns: "id, channel, sent, doc",
	scan: func(s scanner) (recovery.Template, error) {
		var id, channel, sent int64
		var doc string
		if err := s.Scan(&id, &channel, &sent, &doc); err != nil {
			return recovery.Template{}, err
		}
		out, err := decodedTemplates.get(doc)
		if err != nil {
			return out, fmt.Errorf("decode template %d: %w", id, err)
		}
		out.ID, out.Channel, out.Sent = id, channel, sent
		return out, nil
	},
}

// maxDecoded bounds the templates that are remembered.
const maxDecoded = 64

var decodedTemplates = templateMemory{byDoc: map[string]recovery.Template{}}

// templateMemory is templates by their documents. It is safe for use by many
// goroutines.
type templateMemory struct {
	mu    sync.Mutex
	byDoc map[string]recovery.Template
}

func (m *templateMemory) get(doc string) (recovery.Template, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t, ok := m.byDoc[doc]; ok {
		return t, nil
	}
	var t recovery.Template
	if err := json.Unmarshal([]byte(doc), &t); err != nil {
		return t, err
	}
	if len(m.byDoc) >= maxDecoded {
		clear(m.byDoc)
	}
	m.byDoc[doc] = t
	return t, nil
}
