package transfer

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/multaqa/multaqa/pkg/db"
)

// table is what a dump needs to know of a table of the database.
type table struct {
	name    string
	columns []string // sorted by name, so that both engines write one form
	key     []string // the columns of the primary key; all columns if it has none
	needs   []string // tables that must be filled before, by foreign keys
}

// notOurs are tables that the migrations keep for themselves.
func notOurs(name string) bool {
	return strings.HasPrefix(name, "goose_") || strings.HasPrefix(name, "sqlite_")
}

// tables lists the hub's tables so that one comes after those it refers to.
func tables(ctx context.Context, tx *db.Tx) ([]table, error) {
	var all []table
	var err error
	if tx.Engine() == db.Postgres {
		all, err = postgresTables(ctx, tx)
	} else {
		all, err = sqliteTables(ctx, tx)
	}
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	for i := range all {
		slices.Sort(all[i].columns)
		if len(all[i].key) == 0 {
			all[i].key = all[i].columns
		}
	}
	return inOrder(all)
}

// inOrder sorts tables by name within the order that foreign keys ask for.
func inOrder(all []table) ([]table, error) {
	slices.SortFunc(all, func(a, b table) int { return strings.Compare(a.name, b.name) })
	var out []table
	done := map[string]bool{}
	for len(out) < len(all) {
		before := len(out)
		for _, t := range all {
			if done[t.name] || slices.ContainsFunc(t.needs, func(n string) bool { return n != t.name && !done[n] }) {
				continue
			}
			done[t.name] = true
			out = append(out, t)
		}
		if len(out) == before {
			return nil, fmt.Errorf("foreign keys form a circle")
		}
	}
	return out, nil
}

func sqliteTables(ctx context.Context, tx *db.Tx) ([]table, error) {
	names, err := column[string](ctx, tx, `select name from sqlite_master where type = 'table' order by name`)
	if err != nil {
		return nil, err
	}
	var all []table
	for _, name := range names {
		if notOurs(name) {
			continue
		}
		t := table{name: name}
		if t.columns, err = column[string](ctx, tx, `select name from pragma_table_info($1)`, name); err != nil {
			return nil, err
		}
		if t.key, err = column[string](ctx, tx, `select name from pragma_table_info($1) where pk > 0 order by pk`, name); err != nil {
			return nil, err
		}
		if t.needs, err = column[string](ctx, tx, `select distinct "table" from pragma_foreign_key_list($1)`, name); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

func postgresTables(ctx context.Context, tx *db.Tx) ([]table, error) {
	names, err := column[string](ctx, tx, `select relname::text from pg_class where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace order by 1`)
	if err != nil {
		return nil, err
	}
	var all []table
	for _, name := range names {
		if notOurs(name) {
			continue
		}
		t := table{name: name}
		if t.columns, err = column[string](ctx, tx, `
			select attname::text from pg_attribute a join pg_class c on c.oid = a.attrelid
			 where c.relname = $1 and c.relnamespace = current_schema()::regnamespace and a.attnum > 0 and not a.attisdropped`, name); err != nil {
			return nil, err
		}
		if t.key, err = column[string](ctx, tx, `
			select a.attname::text from pg_index i join pg_class c on c.oid = i.indrelid
			  join lateral unnest(i.indkey::int2[]) with ordinality k(n, pos) on true
			  join pg_attribute a on a.attrelid = c.oid and a.attnum = k.n
			 where i.indisprimary and c.relname = $1 and c.relnamespace = current_schema()::regnamespace order by k.pos`, name); err != nil {
			return nil, err
		}
		if t.needs, err = column[string](ctx, tx, `
			select distinct p.relname::text from pg_constraint f
			  join pg_class c on c.oid = f.conrelid join pg_class p on p.oid = f.confrelid
			 where f.contype = 'f' and c.relname = $1 and c.relnamespace = current_schema()::regnamespace`, name); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// column reads one column of a query.
func column[T any](ctx context.Context, tx *db.Tx, query string, args ...any) ([]T, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

func quoted(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = `"` + strings.ReplaceAll(n, `"`, `""`) + `"`
	}
	return strings.Join(q, ", ")
}

// Sum is the number of rows of a table, or of bytes of a file, and the
// SHA-256 of its lines or bytes, in hexadecimal.
type Sum struct {
	Count int64  `json:"count"`
	SHA   string `json:"sha256"`
}

// dump writes a table as JSON lines in the order of its key: each line an
// array of the columns' values. Bytes, and text that is not UTF-8, are objects
// {"b64": …}, because JSON has no form for them.
func (t table) dump(ctx context.Context, tx *db.Tx, w io.Writer) (Sum, error) {
	rows, err := tx.Query(ctx, `select `+quoted(t.columns)+` from `+quoted([]string{t.name})+` order by `+quoted(t.key))
	if err != nil {
		return Sum{}, fmt.Errorf("dump %s: %w", t.name, err)
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return Sum{}, fmt.Errorf("dump %s: %w", t.name, err)
	}
	kinds := make([]string, len(types))
	for i, ct := range types {
		kinds[i] = strings.ToLower(ct.DatabaseTypeName())
	}
	var sum hash.Hash = sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(w, sum), 64<<10)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	values := make([]any, len(types))
	ptrs := make([]any, len(types))
	for i := range values {
		ptrs[i] = &values[i]
	}
	var n int64
	for rows.Next() {
		if err := rows.Scan(ptrs...); err != nil {
			return Sum{}, fmt.Errorf("dump %s: %w", t.name, err)
		}
		line := make([]any, len(values))
		for i, v := range values {
			line[i] = portable(v, kinds[i])
		}
		if err := enc.Encode(line); err != nil {
			return Sum{}, fmt.Errorf("dump %s: %w", t.name, err)
		}
		n++
	}
	if err := rows.Err(); err != nil {
		return Sum{}, fmt.Errorf("dump %s: %w", t.name, err)
	}
	if err := out.Flush(); err != nil {
		return Sum{}, fmt.Errorf("dump %s: %w", t.name, err)
	}
	return Sum{Count: n, SHA: hex.EncodeToString(sum.Sum(nil))}, nil
}

type base64Value struct {
	B64 string `json:"b64"`
}

// portable gives a value the one form that both engines write. SQLite tells
// no booleans from numbers and no text from bytes; the column's type does.
func portable(v any, kind string) any {
	isBytes := kind == "bytea" || kind == "blob"
	switch x := v.(type) {
	case []byte:
		if isBytes || !utf8.Valid(x) {
			return base64Value{base64.StdEncoding.EncodeToString(x)}
		}
		return string(x)
	case string:
		if isBytes || !utf8.ValidString(x) {
			return base64Value{base64.StdEncoding.EncodeToString([]byte(x))}
		}
		return x
	case int64:
		if strings.HasPrefix(kind, "bool") {
			return x != 0
		}
		return x
	default:
		return x
	}
}

// fill inserts JSON lines made by dump, whose columns are named. It returns
// the sum of what it read.
func (t table) fill(ctx context.Context, tx *db.Tx, columns []string, r io.Reader) (Sum, error) {
	for _, c := range columns {
		if !slices.Contains(t.columns, c) {
			return Sum{}, fmt.Errorf("restore %s: this program's table has no column %q", t.name, c)
		}
	}
	marks := make([]string, len(columns))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	insert := `insert into ` + quoted([]string{t.name}) + ` (` + quoted(columns) + `) values (` + strings.Join(marks, ", ") + `)`
	sum := sha256.New()
	dec := json.NewDecoder(io.TeeReader(r, sum))
	dec.UseNumber()
	var n int64
	for {
		var line []json.RawMessage
		if err := dec.Decode(&line); err == io.EOF {
			break
		} else if err != nil {
			return Sum{}, fmt.Errorf("restore %s: line %d: %w", t.name, n+1, err)
		}
		if len(line) != len(columns) {
			return Sum{}, fmt.Errorf("restore %s: line %d has %d values, want %d", t.name, n+1, len(line), len(columns))
		}
		args := make([]any, len(line))
		for i, raw := range line {
			v, err := native(raw)
			if err != nil {
				return Sum{}, fmt.Errorf("restore %s: line %d, column %s: %w", t.name, n+1, columns[i], err)
			}
			args[i] = v
		}
		if _, err := tx.Exec(ctx, insert, args...); err != nil {
			return Sum{}, fmt.Errorf("restore %s: line %d: %w", t.name, n+1, err)
		}
		n++
	}
	// The decoder may leave the last line feed unread.
	if _, err := io.Copy(sum, r); err != nil {
		return Sum{}, fmt.Errorf("restore %s: %w", t.name, err)
	}
	return Sum{Count: n, SHA: hex.EncodeToString(sum.Sum(nil))}, nil
}

func native(raw json.RawMessage) (any, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return nil, fmt.Errorf("no value")
	}
	switch raw[0] {
	case 'n':
		return nil, nil
	case 't', 'f':
		var b bool
		err := json.Unmarshal(raw, &b)
		return b, err
	case '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	case '{':
		var b base64Value
		if err := json.Unmarshal(raw, &b); err != nil {
			return nil, err
		}
		return base64.StdEncoding.DecodeString(b.B64)
	}
	n := json.Number(raw)
	if i, err := n.Int64(); err == nil {
		return i, nil
	}
	return n.Float64()
}
