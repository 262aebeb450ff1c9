package db

import (
	"strconv"
	"strings"
)

// Where is the condition of a list while it grows: conditions that all must
// hold, and the arguments of their placeholders. The zero value holds always.
type Where struct {
	conds []string
	args  []any
}

// And adds a condition. Each ? in it becomes the placeholder of one value, in
// their order.
func (w *Where) And(cond string, values ...any) {
	for _, v := range values {
		w.args = append(w.args, v)
		cond = strings.Replace(cond, "?", "$"+strconv.Itoa(len(w.args)), 1)
	}
	w.conds = append(w.conds, cond)
}

// Add adds a condition whose placeholders are numbered from Next on.
func (w *Where) Add(cond string, args []any) {
	w.conds, w.args = append(w.conds, cond), append(w.args, args...)
}

// Next is the number of the first free placeholder.
func (w *Where) Next() int { return len(w.args) + 1 }

// SQL is the condition as it stands, for what comes after "where", and its
// arguments. Neither changes with what is added later.
func (w *Where) SQL() (string, []any) {
	if len(w.conds) == 0 {
		return "1 = 1", nil
	}
	return "(" + strings.Join(w.conds, ") and (") + ")", w.args[:len(w.args):len(w.args)]
}

// Cut makes a page of rows of which one more than the limit was asked for, and
// names the cursor of the next page, or "" on the last.
func Cut[T any](rows []T, limit int, cursor func(last T) string) (page []T, next string) {
	if len(rows) <= limit {
		return rows, ""
	}
	return rows[:limit], cursor(rows[limit-1])
}

// Cursor marks a place in a list in order of time, or of another number, and
// then of ids.
func Cursor(at int64, id string) string { return strconv.FormatInt(at, 10) + "." + id }

// ParseCursor reads what Cursor wrote.
func ParseCursor(s string) (at int64, id string, ok bool) {
	n, id, ok := strings.Cut(s, ".")
	at, err := strconv.ParseInt(n, 10, 64)
	return at, id, ok && err == nil
}
