package cart

// ReadWritten reads a document without encoding/json, or returns nil.
var ReadWritten = readWritten
