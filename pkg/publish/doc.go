// Package publish turns a ready edition into a guide: the rendered page of one
// immutable revision, in the transaction that publishes (threats I8). It keeps
// what readers see, apart from what is being drafted: superseded and withdrawn
// guides stay readable, an unpublished one is gone with its reason. It answers
// who may read a guide; package search finds them.
//
// The life cycle itself is package guideline's, which calls Publish and Update.
package publish
