package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/multaqa/multaqa/pkg/bus"
	"github.com/multaqa/multaqa/pkg/db"
	"github.com/multaqa/multaqa/pkg/hub"
	"github.com/multaqa/multaqa/pkg/member"
	"github.com/multaqa/multaqa/pkg/transfer"
)

type importCmd struct {
	Dir     string `arg:"" type:"existingdir" help:"Folder whose subfolders are agencies."`
	As      string `enum:"published,draft" default:"published" help:"Land pages as edition 1.0 shown to the network (published), or as drafts (draft)."`
	Quiet   bool   `help:"No progress bar."`
	Report  string `placeholder:"FILE" help:"Write the report as JSON to FILE too."`
	Verbose bool   `help:"Name every skipped file, not only the first twenty."`
}

// Run imports pages and prints what was done and what was skipped, and why.
func (c importCmd) Run(a *app) error {
	return a.with(func(h *hub.Hub) error {
		im := &transfer.Importer{DB: h.DB, Members: h.Members, Guidelines: h.Guidelines, DataDir: a.cfg.Data, AsDraft: c.As == "draft"}
		if !c.Quiet {
			im.Progress = progress("import")
		}
		rep, err := im.Run(a.ctx, c.Dir)
		if !c.Quiet {
			fmt.Fprintln(os.Stderr)
		}
		if err != nil {
			return err
		}
		fmt.Printf("%d pages: %d new, %d changed, %d unchanged; %d images; %d skipped; %.1f s\n",
			rep.Imported(), rep.New, rep.Changed, rep.Unchanged, rep.Files, len(rep.Skipped), rep.Took.Seconds())
		for _, ag := range rep.Agencies {
			if ag.Created {
				fmt.Printf("  new agency %s (%s), without seat or vote\n", plain(ag.Code), plain(ag.Folder))
			}
		}
		// What was refused comes before what describes a folder or is hidden, which every folder has.
		slices.SortStableFunc(rep.Skipped, func(a, b transfer.Line) int { return cmp.Compare(expected(a), expected(b)) })
		for i, l := range rep.Skipped {
			if i == 20 && !c.Verbose {
				fmt.Printf("  … and %d more (--verbose)\n", len(rep.Skipped)-i)
				break
			}
			fmt.Printf("  skipped %s: %s\n", plain(l.Path), plain(l.Text))
		}
		if rep.Missing > 0 {
			fmt.Printf("  missing targets of links and images: %d\n", rep.Missing)
		}
		for i, l := range rep.Notes {
			if i == 20 && !c.Verbose {
				fmt.Printf("  … and %d more notes (--verbose)\n", len(rep.Notes)-i)
				break
			}
			fmt.Printf("  note %s: %s\n", plain(l.Path), plain(l.Text))
		}
		if c.Report != "" {
			b, err := json.MarshalIndent(rep, "", "  ")
			if err != nil {
				return err
			}
			return os.WriteFile(c.Report, b, 0o644)
		}
		return nil
	})
}

// plain gives a text of somebody else's folder as it may be printed: one that would command the terminal, break the line,
// reorder what follows it or is not UTF-8 comes quoted, with those characters escaped.
func plain(s string) string {
	unsafe := func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp)
	}
	if utf8.ValidString(s) && !strings.ContainsFunc(s, unsafe) {
		return s
	}
	return strconv.Quote(s)
}

// expected is 1 for a file that nobody takes for a page.
func expected(l transfer.Line) int {
	if l.Code == "transfer.not_a_page" || l.Code == "transfer.hidden" {
		return 1
	}
	return 0
}

// progress draws a bar on a terminal and nothing elsewhere.
func progress(what string) func(done, total int, path string) {
	st, err := os.Stderr.Stat()
	if err != nil || st.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return func(done, total int, _ string) {
		const width = 40
		n := width * done / max(total, 1)
		fmt.Fprintf(os.Stderr, "\r%s [%s%s] %d of %d ", what, strings.Repeat("#", n), strings.Repeat(" ", width-n), done, total)
	}
}

type exportCmd struct {
	Dir    string   `arg:"" help:"Folder to write; made when absent."`
	Tier   []string `help:"Only pages of agencies of this tier; several with commas." sep:","`
	Kind   []string `help:"Only pages of agencies of this kind." sep:","`
	Sector []string `help:"Only pages of agencies of this sector." sep:","`
	Area   []string `help:"Only pages of agencies of this area." sep:","`
}

// Validate refuses a tier, kind, sector or area that no agency can have.
func (c exportCmd) Validate() error {
	if _, err := c.narrowing(); err != nil {
		return errors.New(inWords(err))
	}
	return nil
}

func (c exportCmd) narrowing() (member.Narrowing, error) {
	return member.ParseNarrowing(func(axis string) []string {
		return map[string][]string{"tier": c.Tier, "kind": c.Kind, "sector": c.Sector, "area": c.Area}[axis]
	})
}

// Run writes all pages, or those of some agencies.
func (c exportCmd) Run(a *app) error {
	by, err := c.narrowing()
	if err != nil {
		return err
	}
	if err := a.existing(); err != nil {
		return err
	}
	return a.with(func(h *hub.Hub) error {
		ex := &transfer.Exporter{DB: h.DB, Guidelines: h.Guidelines, History: h.History, DataDir: a.cfg.Data, Narrow: by, Progress: progress("export")}
		rep, err := ex.Run(a.ctx, c.Dir)
		if err != nil {
			return err
		}
		fmt.Printf("%s: %d pages unchanged since import, byte for byte; %d changed; %d written here; %d images; %.1f s\n",
			rep.Dir, rep.Untouched, rep.Changed, rep.Written, rep.Files, rep.Took.Seconds())
		return nil
	})
}

// with joins a hub for a command, without listening.
func (a *app) with(fn func(h *hub.Hub) error) error {
	d, err := a.open(true)
	if err != nil {
		return err
	}
	defer d.Close()
	b := bus.NewMemory()
	defer b.Close()
	h, err := hub.New(a.cfg, d, b, a.log, nil)
	if err != nil {
		return err
	}
	defer h.Close()
	wait := h.Drafts.Start(a.ctx)
	_ = wait // the process ends with the command
	return fn(h)
}

type migrateCmd struct{}

// Run migrates and says how far it came.
func (migrateCmd) Run(a *app) error {
	d, err := a.open(false)
	if err != nil {
		return err
	}
	defer d.Close()
	n, err := d.Migrate(a.ctx)
	if err != nil {
		return err
	}
	fmt.Printf("%d migrations applied; the schema is current\n", n)
	return nil
}

type backupCmd struct {
	File string `arg:"" help:"Archive to write; never overwritten."`
}

// Run writes one archive, of the schema as it is: a backup changes nothing, so
// it may be taken with the new program before it is started.
func (c backupCmd) Run(a *app) error {
	d, err := a.openExisting()
	if err != nil {
		return err
	}
	defer d.Close()
	m, err := transfer.BackupFile(a.ctx, d, a.cfg.Data, c.File)
	if err != nil {
		return err
	}
	st, err := os.Stat(c.File)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d rows of %d tables, %d files, %.1f MB; the audit record ends at %d, %s\n",
		c.File, m.Rows(), len(m.Tables), len(m.Files), float64(st.Size())/1e6, m.AuditSeq, m.AuditHash)
	return nil
}

// existing refuses a data directory without a hub: a mistyped MULTAQA_DATA
// would otherwise make a new one, and back that up.
func (a *app) existing() error {
	if a.cfg.DatabaseURL != "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(a.cfg.Data, "hub.db")); err != nil {
		return fmt.Errorf("there is no hub in %s (MULTAQA_DATA): %w", a.cfg.Data, err)
	}
	return nil
}

// openExisting opens the hub that is there, as it is.
func (a *app) openExisting() (*db.DB, error) {
	if err := a.existing(); err != nil {
		return nil, err
	}
	return a.open(false)
}

type restoreCmd struct {
	File string `arg:"" type:"existingfile" help:"Archive made by backup."`
}

// Run restores into an empty hub and verifies it.
func (c restoreCmd) Run(a *app) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	d, err := a.open(false)
	if err != nil {
		return err
	}
	defer d.Close()
	_, v, err := transfer.Restore(a.ctx, d, a.cfg.Data, f)
	if err != nil {
		return err
	}
	fmt.Println("restored and verified:")
	return printJSON(v)
}

type verifyCmd struct {
	What string `arg:"" optional:"" enum:"all,ballot" default:"all" help:"all (the default): the audit chain and every ballot; ballot: one."`
	ID   string `arg:"" optional:"" help:"The ballot's id."`
}

// Validate wants to know which ballot.
func (c verifyCmd) Validate() error {
	switch {
	case c.What == "ballot" && c.ID == "":
		return errors.New("verify ballot: which one? Give its id")
	case c.What != "ballot" && c.ID != "":
		return errors.New("an id is for `verify ballot` alone")
	}
	return nil
}

// Run recomputes what can be recomputed.
func (c verifyCmd) Run(a *app) error {
	d, err := a.openExisting()
	if err != nil {
		return err
	}
	defer d.Close()
	if c.What == "ballot" {
		r, err := transfer.VerifyBallot(a.ctx, d, c.ID)
		if err != nil {
			return err
		}
		return printJSON(r)
	}
	v, err := transfer.VerifyHub(a.ctx, d)
	if err != nil {
		return err
	}
	return printJSON(v)
}

type doctorCmd struct{}

// Run prints a line a check.
func (doctorCmd) Run(a *app) error {
	d, err := a.openExisting()
	if err != nil {
		return err
	}
	defer d.Close()
	if !transfer.Print(os.Stdout, transfer.Doctor(a.ctx, d, a.cfg.Data)) {
		return errors.New("something needs attention")
	}
	return nil
}

func printJSON(v any) error {
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
