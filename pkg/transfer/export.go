package transfer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/guideline"
	"github.com/multaqa/multaqa/pkg/locale"
	"github.com/multaqa/multaqa/pkg/media"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/policy"
)

// Texts is what the exporter needs of package guideline.
type Texts interface {
	Reading(ctx context.Context, actor policy.Actor, edition string) (guideline.Guideline, guideline.Edition, guideline.Revision, error)
	Names(ctx context.Context, persons ...string) (guideline.Names, error)
}

// Exporter writes the hub's guidelines as a folder of Markdown pages: of each
// guideline the edition that readers have, or the one in work when they have
// none, and who wrote them (CreditsFile). It is for the command line: it sees
// everything.
type Exporter struct {
	DB         *db.DB
	Guidelines Texts
	History    History // nil leaves the credits out
	DataDir    string
	Narrow     member.Narrowing // to pages of agencies that differ so; the zero value writes all
	Progress   func(done, total int, path string)
}

// ExportReport is what an export wrote.
type ExportReport struct {
	Dir       string        `json:"dir"`
	Untouched int           `json:"untouched"` // imported pages, byte for byte
	Changed   int           `json:"changed"`   // imported pages edited here
	Written   int           `json:"written"`   // guidelines that were begun here
	Files     int           `json:"files"`
	Took      time.Duration `json:"took_ns"`
}

// item is a guideline to export.
type item struct {
	guideline, agency, key, edition string
	folder, code                    string
}

// original is what an imported page was.
type original struct {
	bytes    []byte
	head     []byte
	eol      string
	bom      bool
	textHash string
}

// Run writes below dir, which is made and must be empty: an export never
// mixes with what lies there.
func (ex *Exporter) Run(ctx context.Context, dir string) (ExportReport, error) {
	start := time.Now()
	rep := ExportReport{Dir: dir}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return rep, fmt.Errorf("%s is not empty; export writes into a new folder", dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return rep, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return rep, err
	}
	items, err := ex.items(ctx)
	if err != nil {
		return rep, err
	}
	back, err := ex.addresses(ctx, items)
	if err != nil {
		return rep, err
	}
	taken := map[string]bool{}
	var credits []Credits
	for i, it := range items {
		if err := ctx.Err(); err != nil {
			return rep, err
		}
		to, err := ex.one(ctx, dir, it, back, taken, &credits, &rep)
		if err != nil {
			return rep, fmt.Errorf("export guideline %s: %w", it.guideline, err)
		}
		if ex.Progress != nil {
			ex.Progress(i+1, len(items), to)
		}
	}
	if err := ex.files(ctx, dir, &rep); err != nil {
		return rep, err
	}
	if err := writeCredits(dir, credits); err != nil {
		return rep, err
	}
	rep.Took = time.Since(start)
	return rep, nil
}

// items lists guidelines with the edition to write. The oldest come first, so
// that names that collide are given out the same way each time.
func (ex *Exporter) items(ctx context.Context) (out []item, err error) {
	err = ex.DB.Read(ctx, func(tx *db.Tx) error {
		kept, args := ex.Narrow.SQL("g.agency", 1)
		rows, err := tx.Query(ctx, `
			select g.id, g.agency, g.import_key, a.code, coalesce(f.name, ''), e.id
			  from guideline g
			  join agency a on a.id = g.agency
			  left join import_folder f on f.agency = g.agency
			  join edition e on e.guideline = g.id and e.id = (
			       select b.id from edition b where b.guideline = g.id and b.state not in ('discarded', 'unpublished')
			        order by case b.state when 'published' then 0 when 'withdrawn' then 1 when 'superseded' then 3 else 2 end,
			                 b.created_at desc, b.id desc limit 1)
			 where `+kept+`
			 order by g.created_at, g.id`, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var it item
			if err := rows.Scan(&it.guideline, &it.agency, &it.key, &it.code, &it.folder, &it.edition); err != nil {
				return err
			}
			if it.folder == "" {
				it.folder = it.code
			}
			out = append(out, it)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list guidelines: %w", err)
	}
	return out, nil
}

// place is where a page or file lies: its agency's folder and the path below.
type place struct{ agency, folder, key string }

// addresses maps the addresses in texts back to where pages and files lie.
func (ex *Exporter) addresses(ctx context.Context, items []item) (map[string]place, error) {
	out := map[string]place{}
	for _, it := range items {
		if it.key != "" {
			out[PagePath+it.guideline] = place{it.agency, it.folder, it.key}
		}
	}
	err := ex.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `select i.agency, i.path, i.hash, i.type, coalesce(f.name, a.code)
			from import_file i join agency a on a.id = i.agency left join import_folder f on f.agency = i.agency`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var p place
			var hash, kind string
			if err := rows.Scan(&p.agency, &p.key, &hash, &kind, &p.folder); err != nil {
				return err
			}
			out[media.Address(hash, kind)] = p
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	added, err := ex.added(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range added {
		if _, have := out[a.address]; !have {
			out[a.address] = a.place
		}
	}
	return out, nil
}

// picture is an image that was put into a guideline here.
type picture struct {
	place
	address, hash string
}

// added lists the images that people put into guidelines, with a place for
// each in the folder of an agency that leads one.
func (ex *Exporter) added(ctx context.Context) (out []picture, err error) {
	err = ex.DB.Read(ctx, func(tx *db.Tx) error {
		kept, args := ex.Narrow.SQL("g.agency", 1)
		rows, err := tx.Query(ctx, `select distinct g.agency, coalesce(f.name, a.code), i.hash, i.type
			  from image i
			  join image_use u on u.hash = i.hash
			  join guideline g on g.id = u.guideline
			  join agency a on a.id = g.agency
			  left join import_folder f on f.agency = g.agency
			 where not exists (select 1 from import_file b where b.hash = i.hash) and `+kept+`
			 order by 3, 1`, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var p picture
			var kind string
			if err := rows.Scan(&p.agency, &p.folder, &p.hash, &kind); err != nil {
				return err
			}
			p.key = "images/" + p.hash[:16] + "." + media.Ending(kind)
			p.address = media.Address(p.hash, kind)
			if n := len(out); n == 0 || out[n-1].hash != p.hash {
				out = append(out, p)
			}
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list images: %w", err)
	}
	return out, nil
}

// one writes one guideline and returns where.
func (ex *Exporter) one(ctx context.Context, dir string, it item, back map[string]place, taken map[string]bool, credits *[]Credits, rep *ExportReport) (string, error) {
	g, e, rev, err := ex.Guidelines.Reading(ctx, policy.SystemActor(), it.edition)
	if err != nil {
		return "", err
	}
	key := it.key
	if key == "" {
		key = nameFor(g, func(k string) bool { return taken[it.folder+"/"+k] })
	}
	at := it.folder + "/" + key
	taken[at] = true
	text := rewrite(rev.Text, func(dest string) (string, bool) { return ex.relative(it, key, dest, back) })
	var out []byte
	if it.key == "" {
		rep.Written++
		out = []byte(matter(g, e) + text)
	} else {
		o, err := ex.original(ctx, it.guideline)
		if err != nil {
			return at, err
		}
		if o.textHash == rev.Hash {
			rep.Untouched++
			out = o.bytes
		} else {
			rep.Changed++
			p := page{BOM: o.bom, Head: string(o.head), Newline: map[string]string{"crlf": "\r\n", "cr": "\r"}[o.eol]}
			if p.Newline == "" {
				p.Newline = "\n"
			}
			out = p.file(text)
		}
	}
	if err := ex.credit(ctx, at, e.Number.String(), e.Draft, rev.Version, credits); err != nil {
		return at, err
	}
	return at, write(dir, at, out)
}

func write(dir, at string, b []byte) error {
	if !filepath.IsLocal(filepath.FromSlash(at)) {
		return fmt.Errorf("the path %q leads out of the folder", at)
	}
	to := filepath.Join(dir, filepath.FromSlash(at))
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o644)
}

// original is what the guideline's page was when it was imported last.
func (ex *Exporter) original(ctx context.Context, gl string) (o original, err error) {
	err = ex.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `select original, front_matter, eol, bom, text_hash from revision_source
			where guideline = $1 order by at desc, edition desc limit 1`, gl).Scan(&o.bytes, &o.head, &o.eol, &o.bom, &o.textHash)
	})
	return o, err
}

// relative turns an address in the hub back into the path from this page.
func (ex *Exporter) relative(it item, key, dest string, back map[string]place) (string, bool) {
	tail := ""
	if i := strings.IndexAny(dest, "?#"); i >= 0 {
		dest, tail = dest[:i], dest[i:]
	}
	p, ok := back[dest]
	if !ok {
		return "", false
	}
	from, to := path.Dir(key), p.key
	if p.agency != it.agency {
		from, to = path.Join(it.folder, from), path.Join(p.folder, p.key)
	}
	rel, err := filepath.Rel(filepath.FromSlash(from), filepath.FromSlash(to))
	if err != nil {
		return "", false
	}
	return asDestination.Replace(filepath.ToSlash(rel)) + tail, true
}

// asDestination writes a path so that a link may lead to it: what would end the link, or the path in it, is escaped.
var asDestination = strings.NewReplacer(" ", "%20", "%", "%25", "(", "%28", ")", "%29", "<", "%3C", ">", "%3E", "#", "%23", "?", "%3F", `"`, "%22", "'", "%27", `\`, "%5C", ":", "%3A")

// files writes the images that came with pages, and those put into texts here.
func (ex *Exporter) files(ctx context.Context, dir string, rep *ExportReport) error {
	type row struct{ at, hash string }
	var all []row
	err := ex.DB.Read(ctx, func(tx *db.Tx) error {
		kept, args := ex.Narrow.SQL("i.agency", 1)
		rows, err := tx.Query(ctx, `select coalesce(f.name, a.code), i.path, i.hash from import_file i
			join agency a on a.id = i.agency left join import_folder f on f.agency = i.agency where `+kept+` order by 1, 2`, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var folder, p, hash string
			if err := rows.Scan(&folder, &p, &hash); err != nil {
				return err
			}
			all = append(all, row{folder + "/" + p, hash})
		}
		return rows.Err()
	})
	if err != nil {
		return fmt.Errorf("list files: %w", err)
	}
	added, err := ex.added(ctx)
	if err != nil {
		return err
	}
	for _, a := range added {
		all = append(all, row{a.folder + "/" + a.key, a.hash})
	}
	for _, r := range all {
		b, err := os.ReadFile(media.File(ex.DataDir, r.hash))
		if err != nil {
			return fmt.Errorf("file %s: %w", r.at, err)
		}
		if err := write(dir, r.at, b); err != nil {
			return err
		}
		rep.Files++
	}
	return nil
}

// nameFor makes a file name of the title: its letters and digits, joined by
// hyphens. One that is taken gets a number.
func nameFor(g guideline.Guideline, taken func(string) bool) string {
	title := g.Title.En
	if title == "" || title == g.Title.Ar {
		title = g.Title.Ar
	}
	base := strings.Join(strings.FieldsFunc(foldName(title), func(r rune) bool {
		return r == ' ' || strings.ContainsRune(`/\:*?"<>|.,;'()[]{}«»…—–،؛؟!#%&`, r)
	}), "-")
	if r := []rune(base); len(r) > 60 {
		base = strings.TrimRight(string(r[:60]), "-")
	}
	if base == "" {
		base = g.ID
	}
	name := base + ".md"
	for n := 2; taken(name); n++ {
		name = base + "-" + strconv.Itoa(n) + ".md"
	}
	return name
}

// matter is front matter that an import reads back.
func matter(g guideline.Guideline, e guideline.Edition) string {
	var b strings.Builder
	b.WriteString("---\n")
	field := func(k, v string) {
		if v != "" {
			fmt.Fprintf(&b, "%s: %s\n", k, strconv.Quote(v))
		}
	}
	field("title", pick(g.Title, g.Language))
	field("language", g.Language)
	field("description", strings.Join(strings.Fields(g.Summary), " "))
	field("edition", e.Number.String())
	field("state", string(e.State))
	if len(g.Tags) > 0 {
		b.WriteString("tags:\n")
		for _, t := range g.Tags {
			fmt.Fprintf(&b, "  - %s\n", strconv.Quote(t))
		}
	}
	b.WriteString("---\n")
	return b.String()
}

func pick(t locale.Text, lang string) string {
	if lang == "ar" && t.Ar != "" {
		return t.Ar
	}
	if t.En != "" {
		return t.En
	}
	return t.Ar
}
