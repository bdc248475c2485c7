// Package openapi carries the OpenAPI document of Cartwright's management API.
//
// The server hands it out at /openapi.yaml, and tests hold the handlers to it.
package openapi

import _ "embed"

// YAML is the document, OpenAPI 3.0.3.
//
//go:embed openapi.yaml
var YAML []byte
