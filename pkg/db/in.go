package db

import (
	"strconv"
	"strings"
)

// In is the inside of an "in (…)" for some values: placeholders from $first on, and the values as arguments. There must be one at least.
func In[T any](first int, values []T) (marks string, args []any) {
	var sb strings.Builder
	args = make([]any, len(values))
	for i, v := range values {
		if i > 0 {
			sb.WriteByte(',')
		}
		sb.WriteByte('$')
		sb.WriteString(strconv.Itoa(first + i))
		args[i] = v
	}
	return sb.String(), args
}
