// Package textdiff compares two Markdown texts by words and keeps their lines: what a person calls "what changed".
//
// Words: a line is a line of the text; a block is a stretch of lines compared as one, mostly a single paragraph; a part is a run of words
// that stayed, went or came within a block; a word is a word of Unicode TR29 as it is written, so in Arabic with its diacritics and with the
// particles attached to it (وبالخدمة is one word), and a number with its sign of per cent. A word never changes by half, and no part of a word is
// ever cut off, so the joining of letters and the direction of every run are those of the texts themselves.
//
// Promises.
//   - The blocks in order hold every line of both texts, exactly once each and unchanged: Old and New give the texts back to the byte.
//   - A word that both sides of a block have in the same order is never shown as changed: within a block the words that stay are a longest
//     common subsequence, unless the block is beyond the bound below.
//   - A line that stands elsewhere in the new text, the same or nearly so, is a move, and not a deletion and an insertion.
//   - Two texts of 2 MiB that share nothing take bounded work: the search for the shortest difference stops at a fixed effort and goes on
//     from the best point found. The same two texts give the same answer on every machine, since no clock is involved.
//
// The package is pure. It knows nothing of versions and authors; that is package history.
package textdiff
