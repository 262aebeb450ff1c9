package main

import "testing"

// A file's name is printed by the import's report; it must not reach the terminal as a command, nor turn the line around.
func TestNamesArePrintedPlain(t *testing.T) {
	for in, want := range map[string]string{
		"MUN/دليل الخدمة.md":     "MUN/دليل الخدمة.md",
		"MUN/👩\u200d⚕️.md":       "MUN/👩\u200d⚕️.md",
		"MUN/\x1b]0;t\a.md":      `"MUN/\x1b]0;t\a.md"`,
		"MUN/\u009b31m.md":       `"MUN/\u009b31m.md"`,
		"MUN/a\nskipped none.md": `"MUN/a\nskipped none.md"`,
		"MUN/\u202edm.exe":       `"MUN/\u202edm.exe"`,
		"MUN/\xff.md":            `"MUN/\xff.md"`,
	} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %s, want %s", in, got, want)
		}
	}
}
