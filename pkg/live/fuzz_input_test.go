package live

import (
	"encoding/json"
	"testing"
)

// FuzzDecodeMessage reads control messages, watching and resuming among them, as any peer may send them.
func FuzzDecodeMessage(f *testing.F) {
	for _, s := range []string{
		`{"t":"open","h":1,"draft":"dr_1","version":7,"epoch":"e","resume":"r"}`, `{"t":"watch","topics":["edition/1"]}`, `{"t":"ping"}`,
		`{"t":"presence","h":1,"version":1,"anchor":-1,"head":99999999999999999999}`, `{"t":"push"}`, `{"t":"ping"}{"t":"ping"}`, `{"t":"ping","x":1}`, `null`, "\xff",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, k, ok := decode(raw)
		if !ok {
			return
		}
		if k.Type != m.T || k.handle == nil || k.Action == "" {
			t.Fatalf("%q is taken as %+v", raw, k)
		}
		if !json.Valid(raw) {
			t.Fatalf("%q is taken and is no JSON", raw)
		}
	})
}

// FuzzCut looks for the end of a message in whatever comes over a socket: where it is found does not depend on what follows, and what it cuts off
// is read without a panic.
func FuzzCut(f *testing.F) {
	f.Add(frameAs(0x81, true, []byte(`{"t":"ping"}`)), []byte{0x82})
	f.Add(append(frameAs(0x01, true, []byte("ab")), frameAs(0x89, true, nil)...), frameAs(0x80, true, []byte("cd")))
	f.Add([]byte{0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, []byte{0, 0, 0, 0})
	const limit = 1 << 16
	f.Fuzz(func(t *testing.T, b, more []byte) {
		n, control, ok := cut(b, limit)
		if !ok {
			return
		}
		if n <= 0 || n > len(b) {
			t.Fatalf("a message of %d in %d bytes", n, len(b))
		}
		if again, c, ok := cut(append(b[:len(b):len(b)], more...), limit); !ok || again != n || c != control {
			t.Fatalf("%d bytes, and %d when more follows", n, again)
		}
		if again, c, ok := cut(b[:n], limit); !ok || again != n || c != control {
			t.Fatalf("%d bytes, and %d by itself", n, again)
		}
	})
}
