// Package markdown renders Markdown the one way the hub renders it: reading
// mode, consultation, published guide, feed and export all call Render.
//
// Dialect: CommonMark with the GFM tables, strikethrough, task lists and
// autolinks, footnotes, definition lists, and GitHub's alerts (> [!NOTE]).
// Raw HTML is never passed on: the tags go, the words between them stay.
// Links lead to http, https, mailto or a relative address, decided after
// decoding; images of other hosts become links, so that a page loads nothing
// from elsewhere. The output has no style attribute and no script.
//
// Every block carries its own direction. A level-2 heading opens section n and
// each top-level paragraph below it is clause n.m, as in the editor; each has
// a permanent id.
//
// Cost is bounded before it is spent (threats §3): Check and the guards inside
// the parser refuse what is too deep, too wide or too knotted with a fault
// that names the limit and the line. Faults: markdown.too_large,
// markdown.not_utf8, markdown.nesting, markdown.table,
// markdown.delimiters, markdown.footnotes, markdown.headings, markdown.dense, markdown.blank_lines, markdown.output_too_large,
// markdown.busy.
package markdown
