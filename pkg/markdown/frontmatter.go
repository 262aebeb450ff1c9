package markdown

import "bytes"

// Split cuts a page into its front matter, with byte order mark and both
// fences, and the text after it. front+body is the page byte for byte; front
// is empty when there is none. A YAML block must open on the first line and
// close within the first 64 KiB.
func Split(page []byte) (front, body []byte) {
	rest := bytes.TrimPrefix(page, []byte("\ufeff"))
	bom := len(page) - len(rest)
	line := func(b []byte) (text []byte, size int) {
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			return bytes.TrimRight(b[:i], " \t\r"), i + 1
		}
		return bytes.TrimRight(b, " \t\r"), len(b)
	}
	first, at := line(rest)
	if string(first) != "---" {
		return page[:bom], page[bom:]
	}
	for n := 0; at < len(rest) && at < 64<<10; n++ {
		l, size := line(rest[at:])
		if n == 0 && len(l) == 0 {
			break // a rule and then text, not a block of keys
		}
		at += size
		if s := string(l); s == "---" || s == "..." {
			return page[:bom+at], page[bom+at:]
		}
	}
	return page[:bom], page[bom:]
}
