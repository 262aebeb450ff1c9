// Package section gives sections of a living text to agencies (feature row
// 16): a section that is given to an agency is changed by that agency alone,
// until it is given back; the others suggest.
//
// A section begins at a heading, with marks or underlined (CommonMark 0.31
// §4.2 and §4.3; the latter below an empty line), and ends before the next
// heading of the same or a higher level that is not inside a fenced code block
// of the section, or with the text. It is kept by one position, the
// beginning of the heading's line, which follows from the draft's log like an
// anchor does; where the section ends is read from the text. So an agency
// widens its own section by writing in it, and nobody else can: a change by
// another agency is accepted only when it leaves the section, heading to end,
// letter for letter as it was. That also covers the ways around it, such as
// gluing the heading to the line before it.
//
// The rule is enforced where the text is appended (draft.Guard), on the rows
// as that transaction sees them, for pushes and for what the server appends
// itself: accepting a suggestion in a section is its agency's matter.
//
// When the heading is gone the section lapses and is shown as lost; it comes
// into force again when a heading stands there again. Sections that are given
// do not overlap. The next edition begins with the sections of the one before
// it (Carry), without their dates.
package section
