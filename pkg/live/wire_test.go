package live

import (
	"fmt"
	"testing"
)

// TestCaretsOfTheProtocolPage holds the example of docs/protocol.md, and that cut messages are refused.
func TestCaretsOfTheProtocolPage(t *testing.T) {
	msg := appendCarets(nil, 7, []caret{{3, 300, 5, 9}})
	if got := fmt.Sprintf("% x", msg); got != "03 07 03 ac 02 05 09" {
		t.Fatalf("%s", got)
	}
	handle, carets, err := DecodeCarets(msg)
	if err != nil || handle != 7 || len(carets) != 1 || carets[0] != (Caret{3, 300, 5, 9}) {
		t.Fatalf("%d %v %v", handle, carets, err)
	}
	for n := range len(msg) {
		if _, carets, err := DecodeCarets(msg[:n]); err == nil && len(carets) > 0 {
			t.Errorf("%d bytes were taken", n)
		}
	}
}

// TestFrameHeaders: the three forms of a length.
func TestFrameHeaders(t *testing.T) {
	for n, want := range map[int]string{5: "82 05", 125: "82 7d", 126: "82 7e 00 7e", 65535: "82 7e ff ff", 65536: "82 7f 00 00 00 00 00 01 00 00"} {
		f := frameOf(2, make([]byte, n))
		if got := fmt.Sprintf("% x", f[:len(f)-n]); got != want {
			t.Errorf("%d bytes: %s, want %s", n, got, want)
		}
	}
}
