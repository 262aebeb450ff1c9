package db

import (
	"fmt"
	"reflect"
	"testing"
)

func TestAConditionGrows(t *testing.T) {
	var w Where
	if sql, args := w.SQL(); sql != "1 = 1" || args != nil {
		t.Errorf("empty: %s %v", sql, args)
	}
	w.And("a = ? or b = ?", 1, 2)
	first, firstArgs := w.SQL()
	w.Add(func() (string, []any) { in, args := In(w.Next(), []string{"x", "y"}); return "c in (" + in + ")", args }())
	w.And("d")
	w.And("(e, f) < (?, ?)", 5, "z")
	sql, args := w.SQL()
	if want := "(a = $1 or b = $2) and (c in ($3,$4)) and (d) and ((e, f) < ($5, $6))"; sql != want {
		t.Errorf("%s", sql)
	}
	if want := []any{1, 2, "x", "y", 5, "z"}; !reflect.DeepEqual(args, want) {
		t.Errorf("%v", args)
	}
	if first != "(a = $1 or b = $2)" || !reflect.DeepEqual(firstArgs, []any{1, 2}) {
		t.Errorf("what was taken before changed: %s %v", first, firstArgs)
	}
}

func TestAPageKnowsWhetherMoreFollow(t *testing.T) {
	at := func(n int) string { return Cursor(int64(n), fmt.Sprintf("id_%d", n)) }
	for _, c := range []struct {
		rows []int
		want []int
		next string
	}{{nil, nil, ""}, {[]int{9}, []int{9}, ""}, {[]int{9, 8}, []int{9, 8}, ""}, {[]int{9, 8, 7}, []int{9, 8}, "8.id_8"}} {
		page, next := Cut(c.rows, 2, at)
		if !reflect.DeepEqual(page, c.want) || next != c.next {
			t.Errorf("%v: %v %q", c.rows, page, next)
		}
	}
	for s, want := range map[string]bool{"8.id_8": true, "-3.x": true, "8": false, "x.y": false, "": false} {
		at, id, ok := ParseCursor(s)
		if ok != want || ok && Cursor(at, id) != s {
			t.Errorf("%q: %d %q %v", s, at, id, ok)
		}
	}
}
