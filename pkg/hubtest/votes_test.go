package hubtest

import (
	"reflect"
	"testing"

	"github.com/multaqa/multaqa/pkg/ballot"
)

// holds says whether a value of the type can hold a vote.
func holds(t reflect.Type, seen map[reflect.Type]bool) bool {
	if t == reflect.TypeFor[ballot.Choice]() {
		return true
	}
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return holds(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if holds(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}

// Threats I16: an answer that can show a vote is kept by reference only.
func TestAnswersWithVotesAreStoredByReference(t *testing.T) {
	found := 0
	for _, r := range NewWorld(t).Hub.Web.Router.Routes() {
		if r.Method == "GET" || !holds(r.Out, map[reflect.Type]bool{}) {
			continue
		}
		found++
		if !r.ByReference() {
			t.Errorf("%s %s answers with votes, and the idempotency store would keep them: give its answer a reference", r.Method, r.Path)
		}
	}
	if found < 5 {
		t.Errorf("only %d routes answer with votes: the test looks past them", found)
	}
}
