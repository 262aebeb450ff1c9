package changeset

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// vector is one line of changeset-vectors.mjs.
type vector struct {
	Algebra *struct {
		Raw, Doc, After                       string
		A, B, C, Compose, Map, Before, Invert json.RawMessage
		Pos                                   [][]*int
	}
	Rebase *struct {
		Doc, Head, End    string
		Own, Log, Rebased []json.RawMessage
		Mine              []int
	}
}

func parse(t testing.TB, raw json.RawMessage, length int) ChangeSet {
	t.Helper()
	c, err := ParseJSON(raw, length)
	if err != nil {
		t.Fatalf("ParseJSON(%s, %d): %v", raw, length, err)
	}
	if got := c.AppendJSON(nil); !bytes.Equal(got, raw) {
		t.Fatalf("JSON does not round-trip:\n%s\n%s", raw, got)
	}
	bin := c.AppendBinary(nil)
	back, rest, err := ReadBinary(bin, length)
	if err != nil || len(rest) != 0 || !back.Equal(c) {
		t.Fatalf("binary does not round-trip: %s → %x → %s, %v", raw, bin, back.AppendJSON(nil), err)
	}
	return c
}

func want(t testing.TB, name string, got ChangeSet, err error, raw json.RawMessage) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if g := got.AppendJSON(nil); !bytes.Equal(g, raw) {
		t.Fatalf("%s:\n got %s\nwant %s", name, g, raw)
	}
}

func checkVectors(t *testing.T, r io.Reader) int {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	n, now := 0, []byte(nil)
	// No subtest each: two hundred thousand would keep their logs.
	defer func() {
		if t.Failed() {
			t.Logf("case %d: %s", n, now)
		}
	}()
	for lines.Scan() {
		n++
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		now = append(now[:0], lines.Bytes()...)
		if v.Algebra != nil {
			checkAlgebra(t, v)
		} else {
			checkRebase(t, v)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return n
}

func checkAlgebra(t *testing.T, v vector) {
	w := v.Algebra
	if got := Lines(w.Raw); got != w.Doc {
		t.Fatalf("lines of %q: %q, want %q", w.Raw, got, w.Doc)
	}
	doc := NewText(w.Doc)
	a, b := parse(t, w.A, doc.Len()), parse(t, w.B, doc.Len())
	after, err := a.Apply(doc)
	if err != nil || after.String() != w.After || after.Len() != a.NewLen() {
		t.Fatalf("apply: %q, want %q: %v", after.String(), w.After, err)
	}
	c := parse(t, w.C, after.Len())
	got, err := a.Compose(c)
	want(t, "compose", got, err, w.Compose)
	got, err = a.Map(b, false)
	want(t, "map", got, err, w.Map)
	got, err = a.Map(b, true)
	want(t, "map before", got, err, w.Before)
	got, err = a.Invert(doc)
	want(t, "invert", got, err, w.Invert)
	for _, row := range w.Pos {
		for i, expect := range row[1:] {
			assoc := -1 + 2*(i%2)
			p, ok := a.MapPos(*row[0], assoc, Mode(i/2))
			if ok != (expect != nil) || ok && p != *expect {
				t.Fatalf("mapPos(%d, %d, %d) = %d %v, want %v", *row[0], assoc, i/2, p, ok, expect)
			}
		}
	}
}

func checkRebase(t *testing.T, v vector) {
	w := v.Rebase
	length := NewText(w.Doc).Len()
	var own []ChangeSet
	for _, raw := range w.Own {
		c := parse(t, raw, length)
		own, length = append(own, c), c.NewLen()
	}
	head := NewText(w.Doc)
	var log []Logged
	for i, raw := range w.Log {
		c := parse(t, raw, head.Len())
		var err error
		if head, err = c.Apply(head); err != nil {
			t.Fatal(err)
		}
		log = append(log, Logged{c, w.Mine[i] == 1})
	}
	if head.String() != w.Head {
		t.Fatalf("head %q, want %q", head.String(), w.Head)
	}
	out, err := Rebase(own, log)
	if err != nil || len(out) != len(w.Rebased) {
		t.Fatalf("rebase: %d updates, want %d: %v", len(out), len(w.Rebased), err)
	}
	for i := range out {
		want(t, "rebase", out[i], nil, w.Rebased[i])
		if head, err = out[i].Apply(head); err != nil {
			t.Fatal(err)
		}
	}
	if head.String() != w.End {
		t.Fatalf("the editor shows %q, the server %q", w.End, head.String())
	}
}

func TestVectorsOfCodeMirror(t *testing.T) {
	f, err := os.Open("testdata/vectors.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if n := checkVectors(t, f); n < 2000 {
		t.Fatalf("%d cases, want 2000", n)
	}
}

func TestDifferentialWithCodeMirror(t *testing.T) {
	frontend, err := filepath.Abs("../../frontend")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(frontend, "node_modules/@codemirror/collab")); err != nil {
		t.Skip("frontend/node_modules is not installed; `make test` installs it")
	}
	if testing.Short() {
		t.Skip("-short: the checked-in vectors ran")
	}
	count, seed := "20000", "20260101"
	if os.Getenv("MULTAQA_SOAK") == "1" {
		count, seed = "200000", "20260102"
	}
	if s := os.Getenv("MULTAQA_CHANGESET_CASES"); s != "" {
		count, seed, _ = strings.Cut(s, ":")
	}
	cmd := exec.Command("node", "scripts/changeset-vectors.mjs", count, seed)
	cmd.Dir, cmd.Stderr = frontend, os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	n := checkVectors(t, out)
	if err := cmd.Wait(); err != nil || fmt.Sprint(n) != count {
		t.Fatalf("%d cases, want %s: %v", n, count, err)
	}
	t.Logf("%d cases, 0 differences", n)
}

// TestStrictJSON lists what an editor never sends.
func TestStrictJSON(t *testing.T) {
	for _, bad := range []string{
		``, `null`, `{}`, `[`, `[5`, `[5] x`, `[4]`, `[6]`, `[-1,6]`, `[5.0]`, `[5e0]`, `[05]`, `["5"]`, `[2,3]`, `[5,0]`, `[0,5]`,
		`[[5,]]`, `[[]]`, `[[5,1]]`, `[5,[0]]`, `[[0,""],5]`, `[[5,""]]`, `[[2],[3]]`, `[5,[0,"\ud83d"]]`, `[5,[0,"\ude00"]]`,
		`[5,[0,"\ud83d\u0041"]]`, `[5,[0,"\ud83dA"]]`, `[5,[0,"a\nb"]]`, `[5,[0,"a\rb"]]`, `[5,[0,"\u0000"]]`, `[5,[0,"\u000a"]]`,
		"[5,[0,\"a\nb\"]]", "[5,[0,\"\xed\xa0\x80\"]]", "[5,[0,\"\xff\"]]", `[5,[0,"\x"]]`, `[5,[0,"\u12"]]`, `[5,[0,"a]]`, `[99999999999999999999]`,
		`[2147483648]`, `[4294967301]`, `[true]`, `[[5,null]]`, `[5,[0,["a"]]]`, `[5,]`, `[,5]`, `[5 5]`,
	} {
		if c, err := ParseJSON([]byte(bad), 5); err == nil {
			t.Errorf("accepted %s as %s", bad, c)
		}
	}
	many := "[" + strings.Repeat(`[1],1,`, MaxSections/2) + "1]"
	if _, err := ParseJSON([]byte(many), MaxSections+1); err == nil {
		t.Error("accepted more than MaxSections")
	}
	for good, text := range map[string]string{
		`[5,[0,"\ud83d\ude00"]]`: "😀", ` [ 5 , [ 0 , "a" , "" , "ب" ] ] `: "a\n\nب", `[5,[0,"\"\\\/\b\f\t"]]`: "\"\\/\b\f\t",
	} {
		c, err := ParseJSON([]byte(good), 5)
		if err != nil {
			t.Errorf("refused %s", good)
			continue
		}
		if got, _ := c.Apply(NewText("12345")); got.String() != "12345"+text {
			t.Errorf("%s gave %q", good, got.String())
		}
	}
}

func TestStrictBinary(t *testing.T) {
	for name, bad := range map[string][]byte{
		"nothing": {}, "count without sections": {1}, "long varint": {0x80, 0x00}, "huge count": {0xff, 0xff, 0xff, 0xff, 0x0f},
		"keep nothing": {2, 0, 1<<2 | 1}, "keep at the end": {1, 5 << 2}, "two keeps": {3, 4, 4, 1<<2 | 1}, "two deletes": {2, 5, 5},
		"beyond the text": {1, 6<<2 | 1}, "empty insert": {1, 2}, "insert longer than the message": {1, 9<<2 | 2, 'a'},
		"huge insert": {1, 0xfe, 0xff, 0xff, 0xff, 0x7f}, "CR": {1, 1<<2 | 2, '\r'}, "NUL": {1, 1<<2 | 2, 0}, "half a character": {1, 1<<2 | 2, 0xd9},
		"lone surrogate": {1, 3<<2 | 2, 0xed, 0xa0, 0xbd}, "empty replace": {1, 1<<2 | 3, 0}, "overflowing varint": {0xff, 0xff, 0xff, 0xff, 0xff, 0x01},
	} {
		if c, _, err := ReadBinary(bad, 5); err == nil {
			t.Errorf("%s: accepted as %s", name, c)
		}
	}
}

func TestApplyRefusesToCutAPair(t *testing.T) {
	doc := NewText("a😀b")
	for _, raw := range []string{`[2,[0,"x"],2]`, `[1,[1],2]`, `[2,[1],1]`, `[2,[1,"y"],1]`} {
		c, err := ParseJSON([]byte(raw), 4)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.Apply(doc); err != ErrSurrogate {
			t.Errorf("%s gave %q, %v", raw, got.String(), err)
		}
	}
}
