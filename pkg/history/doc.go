// Package history reads the log of a draft: who wrote what, how the text was at any moment, what changed between two of them, and the
// moments that have a name.
//
// Words: a version is how many updates a draft had accepted; a writer is a person acting for an agency, known in one draft by a number (the least
// of their client numbers; 0 is the text the draft began with, below 0 are the writers of the edition before); a span is a stretch of a text that
// one writer wrote; a frame is a text with its spans at a version, kept so that reading never begins at the beginning; a slot is a count of up to
// slotUpdates neighbouring updates by writer; a revision is a version with a name, or one that a step of the edition or a restoration left.
//
// Promises.
//   - The log is the truth and is never changed here. Frames follow from it: without them every answer is the same and only slower.
//   - Any text with its spans costs one frame and fewer than frameUpdates updates; the timeline costs one row of counts a frame and the
//     updates after the last one. Both are independent of the length of the log but for those rows.
//   - Frames are made in the background and whenever a reading finds that they are due, in short transactions, so that nobody waits to write.
//   - Restoring appends a change of what differs, through draft.Service.Edit: what others write meanwhile is neither lost nor overwritten, and
//     the text before it has a name to come back to.
//
// Everything is read with history.read, the right to read the draft; naming and restoring need the right to write it. Offsets are UTF-16 units.
package history
