package transfer

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// source is a file of a folder to import.
type source struct {
	folder string // the top folder, "" when the pages lie in the folder itself
	key    string // path below it, with forward slashes
	path   string // where it lies
	shown  string // path below the imported folder, for the report
	page   bool
	origin *origin // what SOURCE.md says of its folder, or nil
}

// origin is what the SOURCE.md of a folder says about its pages.
type origin struct{ Ar, En, Licence string }

// line is what a page of other people's says after its summary.
func (o *origin) line(summary string) string {
	if o == nil || o.En == "" && o.Licence == "" {
		return ""
	}
	s := o.En
	if o.Licence != "" {
		s = strings.TrimPrefix(s+" — "+o.Licence, " — ")
	}
	if summary != "" {
		return " (" + s + ")"
	}
	return s
}

var images = []string{".png", ".jpg", ".jpeg", ".gif", ".webp"}

// walk lists pages and images below dir, in the order of their paths, and puts
// every other file in the report. Links are not followed: they may lead out of
// the folder or round in a circle.
func walk(dir string, rep *Report) ([]source, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder", dir)
	}
	var found []source
	err = filepath.WalkDir(dir, func(at string, e fs.DirEntry, err error) error {
		if at == dir {
			return err
		}
		rel, rerr := filepath.Rel(dir, at)
		if rerr != nil {
			return rerr
		}
		shown := filepath.ToSlash(rel)
		if err != nil {
			rep.skip(shown, "transfer.unreadable", err.Error())
			return nil
		}
		switch name := e.Name(); {
		case strings.HasPrefix(name, "."):
			rep.skip(shown, "transfer.hidden", "")
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case e.IsDir():
			return nil
		case !e.Type().IsRegular():
			rep.skip(shown, "transfer.link", "")
			return nil
		}
		if code := badName(shown); code != "" {
			rep.skip(strings.ToValidUTF8(shown, "\ufffd"), "transfer.bad_name", code)
			return nil
		}
		folder, key, below := strings.Cut(shown, "/")
		if !below {
			folder, key = "", shown
		}
		found = append(found, source{folder: folder, key: key, path: at, shown: shown, page: isPage(shown)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return sift(found, rep), nil
}

// sift drops what is no page or image, and says so. Pages that lie in the
// folder itself belong to an agency of the folder's name, unless there are
// agencies' folders beside them.
func sift(found []source, rep *Report) []source {
	folders := slices.ContainsFunc(found, func(s source) bool { return s.folder != "" && s.page && !about(s.key) })
	origins := map[string]*origin{}
	var out []source
	for _, s := range found {
		switch {
		case s.folder == "" && folders:
			rep.skip(s.shown, "transfer.outside_agency", "")
		case about(s.key):
			if strings.EqualFold(path.Base(s.key), "SOURCE.md") {
				origins[s.folder] = readOrigin(s.path)
			}
			rep.skip(s.shown, "transfer.not_a_page", "")
		case s.page, slices.Contains(images, strings.ToLower(path.Ext(s.key))):
			out = append(out, s)
		default:
			rep.skip(s.shown, "transfer.unknown_type", "")
		}
	}
	for i := range out {
		out[i].origin = origins[out[i].folder]
	}
	return out
}

// about says that a file at the top of a folder speaks about its pages.
func about(key string) bool {
	if strings.Contains(key, "/") {
		return false
	}
	name := strings.ToUpper(strings.TrimSuffix(key, path.Ext(key)))
	return name == "SOURCE" || name == "NOTICE" || name == "COPYING" || name == "LICENSE" || name == "LICENCE"
}

// readOrigin reads the lines "# Name" and "- key: value" of a SOURCE.md.
func readOrigin(at string) *origin {
	b, err := os.ReadFile(at)
	if err != nil || len(b) > maxPage || !utf8.Valid(b) {
		return nil
	}
	var o origin
	for l := range strings.Lines(string(b)) {
		l = strings.TrimSpace(l)
		if name, ok := strings.CutPrefix(l, "# "); ok && o.En == "" {
			o.En = clean(name)
		}
		k, v, ok := strings.Cut(strings.TrimPrefix(l, "- "), ":")
		if !ok || !strings.HasPrefix(l, "- ") {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(k)) {
		case "agency (ar)":
			o.Ar = clean(v)
		case "licence", "license":
			o.Licence = clean(v)
		}
	}
	return &o
}

// badName says why a path cannot be a page's key, or returns "".
func badName(p string) string {
	if !utf8.ValidString(p) {
		return "not_utf8"
	}
	if len(p) > maxKey {
		return "too_long"
	}
	for _, r := range p {
		switch {
		case unicode.Is(unicode.Cc, r), r == 0x2028, r == 0x2029:
			return "control_character"
		case r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069:
			return "bidi_control"
		case r == '\\':
			return "backslash" // a folder on some machines, a letter on others
		}
	}
	return ""
}

// foldName is the form in which a folder's name and an agency's are compared.
func foldName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.M, r) || unicode.Is(unicode.Cf, r) || r == 'ـ':
			return -1
		case r == 'أ' || r == 'إ' || r == 'آ' || r == 'ٱ':
			return 'ا'
		case r == 'ى':
			return 'ي'
		case r == 'ة':
			return 'ه'
		case r == '-' || r == '_' || unicode.IsSpace(r):
			return ' '
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(s))
	return strings.Join(strings.Fields(s), " ")
}
