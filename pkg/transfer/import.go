package transfer

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/id"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/media"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Guidelines is what the importer needs of package guideline.
type Guidelines interface {
	ImportEdition(ctx context.Context, actor policy.Actor, in guideline.Import) (guideline.Imported, error)
}

// Members is what the importer needs of package member.
type Members interface {
	Agencies(ctx context.Context, actor policy.Actor, f member.AgencyFilter) ([]member.Agency, error)
	CreateAgency(ctx context.Context, actor policy.Actor, in member.NewAgency) (member.Agency, error)
}

// PagePath is the address of a guideline, which links between pages become.
// The place of the id is at its end.
const PagePath = "/guides/"

// Importer brings a folder of Markdown pages into the hub. It is for the
// command line: it acts as the hub itself.
type Importer struct {
	DB         *db.DB
	Members    Members
	Guidelines Guidelines
	DataDir    string
	AsDraft    bool
	// Progress is called after each file with how many are done and how many
	// there are; it may be nil.
	Progress func(done, total int, path string)
}

// Report is what an import did.
type Report struct {
	Dir       string         `json:"dir"`
	Agencies  []AgencyReport `json:"agencies"`
	New       int            `json:"new"`
	Changed   int            `json:"changed"`
	Unchanged int            `json:"unchanged"`
	Files     int            `json:"files"` // images stored, new or not
	Skipped   []Line         `json:"skipped"`
	Notes     []Line         `json:"notes"`   // imported, and something was odd
	Missing   int            `json:"missing"` // targets of links and images that the folder lacks, in the pages taken by this run
	Took      time.Duration  `json:"took_ns"`
}

// Imported is how many pages the hub has of this folder now.
func (r Report) Imported() int { return r.New + r.Changed + r.Unchanged }

// AgencyReport says which agency a folder became.
type AgencyReport struct {
	Folder  string `json:"folder"`
	Code    string `json:"code"`
	Created bool   `json:"created"`
}

// Line is a file and what is to be said about it.
type Line struct {
	Path string `json:"path"`
	Code string `json:"code"`
	Text string `json:"text"`
}

// maxMissing is how many missing targets of one page are named: a page made of broken links does not fill the report.
const maxMissing = 50

// known is a page that the hub has.
type known struct {
	guideline string
	hash      string // of the original bytes, "" if it was written here
}

// Run imports every page below dir. The error is about the hub or the folder
// itself; what is wrong with single files is in the report.
func (im *Importer) Run(ctx context.Context, dir string) (Report, error) {
	start := time.Now()
	rep := Report{Dir: dir, Agencies: []AgencyReport{}, Skipped: []Line{}, Notes: []Line{}}
	found, err := walk(dir, &rep)
	if err != nil {
		return rep, err
	}
	byFolder, err := im.agencies(ctx, dir, found, &rep)
	if err != nil {
		return rep, err
	}
	have, err := im.known(ctx)
	if err != nil {
		return rep, err
	}
	// A link may lead to a page that comes later, so ids are given out first.
	for _, f := range found {
		if !f.page {
			continue
		}
		key := pageKey{byFolder[f.folder].ID, f.key}
		if _, ok := have[key]; !ok && acceptable(f) {
			have[key] = known{guideline: id.New("gl")}
		}
	}
	files := map[pageKey]string{}
	slices.SortStableFunc(found, func(a, b source) int { return order(a) - order(b) }) // images first: pages link to them
	for i, f := range found {
		if err := ctx.Err(); err != nil {
			return rep, err
		}
		agency := byFolder[f.folder]
		if f.page {
			err = im.page(ctx, agency, f, have, files, &rep)
		} else {
			err = im.file(ctx, agency, f, files, &rep)
		}
		if err != nil {
			return rep, fmt.Errorf("%s: %w", f.shown, err)
		}
		if im.Progress != nil {
			im.Progress(i+1, len(found), f.shown)
		}
	}
	rep.Took = time.Since(start)
	return rep, nil
}

// acceptable says whether a page will come in, so that no link leads to one that is refused.
func acceptable(f source) bool {
	original, err := os.ReadFile(f.path)
	if err != nil {
		return false
	}
	_, err = parse(f.key, original)
	return err == nil
}

type pageKey struct{ agency, key string }

func order(s source) int {
	if s.page {
		return 1
	}
	return 0
}

// page imports one page in one transaction. Only faults of the hub itself are
// returned.
func (im *Importer) page(ctx context.Context, agency member.Agency, f source, have map[pageKey]known, files map[pageKey]string, rep *Report) error {
	original, err := os.ReadFile(f.path)
	if err != nil {
		rep.skip(f.shown, "transfer.unreadable", err.Error())
		return nil
	}
	k := have[pageKey{agency.ID, f.key}]
	if k.hash == digest(original) {
		rep.Unchanged++
		return nil
	}
	p, err := parse(f.key, original)
	if err != nil {
		return rep.refused(f.shown, err)
	}
	shown := map[string]bool{} // hashes of images
	var missing []Line
	in := guideline.Import{
		ID: k.guideline, Agency: agency.ID, Key: f.key, Title: titleOf(p), Summary: p.Summary + f.origin.line(p.Summary),
		Language: p.Language, Tags: p.Tags, Original: original, FrontMatter: []byte(p.Head), BOM: p.BOM,
		EOL: map[string]string{"\n": "lf", "\r\n": "crlf", "\r": "cr"}[p.Newline], AsDraft: im.AsDraft,
		Text: rewrite(p.Text, func(dest string) (string, bool) {
			keys, tail := resolve(f.key, dest)
			for _, key := range keys {
				if k, ok := have[pageKey{agency.ID, key}]; ok {
					return PagePath + k.guideline + tail, true
				}
				if at, ok := files[pageKey{agency.ID, key}]; ok {
					shown[strings.TrimSuffix(path.Base(at), path.Ext(at))] = true
					return at, true
				}
			}
			if code := lacking(keys); code != "" && len(missing) < maxMissing {
				if l := line(f.shown, code, cut(dest, 200)); !slices.Contains(missing, l) {
					missing = append(missing, l)
				}
			}
			return "", false
		}),
	}
	got, err := im.Guidelines.ImportEdition(ctx, policy.SystemActor(), in)
	if err != nil {
		return rep.refused(f.shown, err)
	}
	err = im.DB.Transact(ctx, func(tx *db.Tx) error {
		for _, hash := range slices.Sorted(maps.Keys(shown)) {
			if err := media.Use(ctx, tx, hash, got.Guideline, ""); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("images of %s: %w", f.shown, err)
	}
	switch got.Outcome {
	case guideline.ImportUnchanged:
		rep.Unchanged++
	case guideline.ImportCreated:
		rep.New++
	default:
		rep.Changed++
	}
	for _, n := range p.Notes {
		rep.Notes = append(rep.Notes, line(f.shown, "transfer."+n, ""))
	}
	rep.Notes = append(rep.Notes, missing...)
	rep.Missing += len(missing)
	return nil
}

func titleOf(p page) locale.Text {
	if p.Language == "ar" {
		return locale.Text{Ar: p.Title}
	}
	return locale.Text{En: p.Title}
}

// known reads which pages the hub has, with the hash of the bytes each came in
// last.
func (im *Importer) known(ctx context.Context) (map[pageKey]known, error) {
	out := map[pageKey]known{}
	err := im.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `
			select g.agency, g.import_key, g.id, coalesce((
			       select s.hash from revision_source s where s.guideline = g.id order by s.at desc, s.edition desc limit 1), '')
			  from guideline g where g.import_key <> ''`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key pageKey
			var k known
			if err := rows.Scan(&key.agency, &key.key, &k.guideline, &k.hash); err != nil {
				return err
			}
			out[key] = k
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read imported pages: %w", err)
	}
	return out, nil
}

// agencies finds or makes the agency of each folder.
func (im *Importer) agencies(ctx context.Context, dir string, found []source, rep *Report) (map[string]member.Agency, error) {
	all, err := im.Members.Agencies(ctx, policy.SystemActor(), member.AgencyFilter{})
	if err != nil {
		return nil, fmt.Errorf("read agencies: %w", err)
	}
	folders, err := im.folders(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]member.Agency{}
	for _, f := range found {
		if _, done := out[f.folder]; done {
			continue
		}
		name := f.folder
		if name == "" {
			name = filepath.Base(filepath.Clean(dir))
		}
		a, ok := match(all, folders[name], name)
		if !ok {
			if a, err = im.create(ctx, all, name, f.origin); err != nil {
				return nil, fmt.Errorf("agency for folder %q: %w", name, err)
			}
			all = append(all, a)
		}
		if folders[name] == "" {
			if err := im.remember(ctx, a.ID, name); err != nil {
				return nil, err
			}
		}
		out[f.folder] = a
		rep.Agencies = append(rep.Agencies, AgencyReport{Folder: name, Code: a.Code, Created: !ok})
	}
	return out, nil
}

// match finds the agency a folder means: the one that it was before, else by
// code, else by a name.
func match(all []member.Agency, before, folder string) (member.Agency, bool) {
	for _, same := range []func(a member.Agency) bool{
		func(a member.Agency) bool { return before != "" && a.ID == before },
		func(a member.Agency) bool { return strings.EqualFold(a.Code, folder) },
		func(a member.Agency) bool {
			return slices.ContainsFunc([]string{a.Name.Ar, a.Name.En, a.Short.Ar, a.Short.En}, func(n string) bool { return foldName(n) == foldName(folder) })
		},
	} {
		if i := slices.IndexFunc(all, same); i >= 0 {
			return all[i], true
		}
	}
	return member.Agency{}, false
}

// create makes an agency without seat or vote.
func (im *Importer) create(ctx context.Context, all []member.Agency, folder string, o *origin) (member.Agency, error) {
	name := locale.Text{Ar: fromName(folder), En: fromName(folder)}
	if o != nil {
		if o.En != "" {
			name.En = o.En
		}
		if o.Ar != "" {
			name.Ar = o.Ar
		}
	}
	name.Ar, name.En = cut(name.Ar, 120), cut(name.En, 120)
	return im.Members.CreateAgency(ctx, policy.SystemActor(), member.NewAgency{
		Code: codeFor(all, folder), Kind: "other", Name: name, Short: locale.Text{Ar: cut(name.Ar, 24), En: cut(name.En, 24)}})
}

// codeFor makes a free code of a folder's name: its Latin letters and digits,
// and a number when that is taken or too little.
func codeFor(all []member.Agency, folder string) string {
	base := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			return r
		case r == '-' || r == '_' || r == ' ' || r == '.':
			return '-'
		}
		return -1
	}, folder), "-")
	if len(base) < 2 {
		base = "AG" + base
	}
	base = strings.Trim(base[:min(len(base), 21)], "-")
	code := base
	for n := 2; slices.ContainsFunc(all, func(a member.Agency) bool { return a.Code == code }); n++ {
		code = fmt.Sprintf("%s-%d", base, n)
	}
	return code
}

func (im *Importer) folders(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	err := im.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `select name, agency from import_folder`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name, agency string
			if err := rows.Scan(&name, &agency); err != nil {
				return err
			}
			out[name] = agency
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read imported folders: %w", err)
	}
	return out, nil
}

func (im *Importer) remember(ctx context.Context, agency, name string) error {
	err := im.DB.Transact(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `delete from import_folder where agency = $1 or name = $2`, agency, name); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into import_folder (agency, name) values ($1, $2)`, agency, name)
		return err
	})
	if err != nil {
		return fmt.Errorf("remember folder %q: %w", name, err)
	}
	return nil
}

func (r *Report) skip(shown, code, detail string) {
	r.Skipped = append(r.Skipped, line(shown, code, detail))
}

// refused puts a fault in the report and passes on everything else.
func (r *Report) refused(shown string, err error) error {
	f := fault.Of(err)
	if f == nil || f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		return err
	}
	var detail []string
	for _, k := range []string{"line", "byte", "bytes", "limit", "what", "count"} {
		if v, ok := f.Facts[k]; ok {
			detail = append(detail, fmt.Sprintf("%s %v", k, v))
		}
	}
	for field, code := range f.Fields {
		detail = append(detail, field+" "+code)
	}
	slices.Sort(detail)
	r.skip(shown, f.Code, strings.Join(detail, ", "))
	return nil
}

func line(shown, code, detail string) Line {
	words, ok := locale.Fault(code)
	text := words.En
	if !ok {
		text = code
	}
	if detail != "" {
		text += " (" + detail + ")"
	}
	return Line{Path: shown, Code: code, Text: text}
}

// isPage says whether a file's name is that of a page.
func isPage(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".markdown":
		return true
	}
	return false
}

// lacking is the code of the note on a target that is not there, "" for one that is neither page nor image.
func lacking(keys []string) string {
	switch {
	case len(keys) == 0:
		return ""
	case isImage(keys[0]):
		return "transfer.missing_image"
	case isPage(keys[0]):
		return "transfer.missing_page"
	}
	return ""
}

// isImage says whether a file's name is that of an image, of an accepted type or not.
func isImage(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return slices.Contains(images, ext) || slices.Contains([]string{".svg", ".avif", ".bmp", ".tif", ".tiff"}, ext)
}
