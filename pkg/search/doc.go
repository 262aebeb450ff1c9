// Package search finds published guides by their words, ranked, in both
// languages. The database is the truth; the index stands in memory, is built
// from it at the first question and brought up to date before every answer, so
// what a node of the network published is found at once on every other.
//
// Words: text and query are folded alike (arabic.Fold) and stemmed lightly.
// A query word also looks for its form with one attached letter (و ب ل ك ف),
// for the other number where a word list knows it (معيار, معايير), and, when
// no page has it, for words that begin with it or differ by one letter.
// A page is found when it holds more than half of the query's words in some
// form; the more of them, the higher. Words like "in" need not be there.
//
// Rank: BM25 with the title as a heavier field; the word as typed counts more
// than its other forms. Excerpts are made from the best clause of a page for
// the pages of the answer only, whole words marked, since a mark inside an
// Arabic word would break its joins.
//
// Sight: every hit passes policy.Can on the facts in the index, and again on
// the row that is read for the answer. A Service is safe for concurrent use.
package search
