// Package transfer moves a hub's content in and out: pages of Markdown from a
// folder and back ([Importer], [Exporter]), and the whole hub into one archive
// and back ([Backup], [Restore]). [Doctor] and [VerifyHub] say whether a hub is
// well.
//
// # Pages
//
// In a folder to import, a top folder is an agency and the path below it is a
// page's key. The hub keeps the page's bytes as they came beside the edition
// made of them; the text that people edit has no byte order mark, no front
// matter, and line feeds only. Export gives an untouched page back byte for
// byte, and an edited one with the line ends, mark and front matter it had.
// Each page is one transaction, and one that has not changed since the last
// run is left alone.
//
// # Archives
//
// A backup is a gzipped tar of one consistent read: every table as JSON lines
// in the order of its primary key, the files of the data directory, and last
// a manifest with the number of rows and the SHA-256 of each. It is the same
// for SQLite and PostgreSQL, so it also moves a hub from one to the other. An
// archive cut short has no manifest and is refused. Restore fills an empty hub
// in one transaction, then reads everything back and compares.
package transfer
