// Package browser drives the real program through a real Chromium, the way a
// shopper would: it builds cartwright, starts it on an empty database, fills
// the shop through the API and then only clicks.
//
// It needs chromium and npm. What is missing fails the tests; nothing is
// skipped. With CARTWRIGHT_SCREENSHOTS=FOLDER each page that is checked is
// also kept as a picture.
package browser
