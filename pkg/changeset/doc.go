// Package changeset is CodeMirror's ChangeSet in Go: a change to a whole text, as sections that keep, delete,
// insert or replace, which can be applied, composed, mapped over a concurrent change, and inverted. The algorithms
// are those of codemirror/state src/change.ts (composeSets, mapSet, mapPos), so that an editor and this server
// compute the same text; testdata holds vectors made by the original.
//
// Words: a section covers part of the old text and says what stands there in the new one. All lengths and positions are
// UTF-16 code units, because the editor's are; a line break is one unit. A Text is a document that shares
// its parts between versions, so that a keystroke costs a few kilobytes of copying at any size.
//
// Promises: values are immutable and safe for concurrent use. The decoders (JSON and binary) accept only what an editor
// can produce: whole numbers, sections that add up to the length of the text, at most MaxSections of them, well-formed
// text without CR and NUL. Apply refuses a change that would cut a surrogate pair in two.
// Composing and mapping take time linear in the sections and inserted text.
//
// The package knows nothing of clients, sequence numbers or storage; that is package draft.
package changeset
