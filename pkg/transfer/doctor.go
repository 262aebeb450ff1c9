package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/multaqa/multaqa/pkg/db"
)

// Finding is one line of [Doctor].
type Finding struct {
	What   string
	Err    error  // nil: well
	Detail string // what was seen
}

// Doctor looks at everything a hub needs to keep its promises and returns a
// line for each. It changes nothing but a probe file in the data directory.
// Opening the database has already refused one with other settings (see
// db.Open), so their lines say what was seen.
func Doctor(ctx context.Context, d *db.DB, dataDir string) []Finding {
	var out []Finding
	add := func(what, detail string, err error) {
		out = append(out, Finding{What: what, Detail: detail, Err: err})
	}
	if err := d.Ping(ctx); err != nil {
		add("database answers", "", err)
		return out // nothing below can be asked
	}
	add("database answers", d.Engine(), nil)
	switch n, err := d.Pending(ctx); {
	case err != nil:
		add("schema is current", "", err)
	case n > 0:
		add("schema is current", "", fmt.Errorf("%d migrations wait; run `server migrate`", n))
	default:
		add("schema is current", "no migration waits", nil)
	}
	detail, err := settings(ctx, d)
	add("database settings", detail, err)
	add("data directory can be written", dataDir, probe(dataDir))
	skew, err := clockSkew(ctx, d)
	add("clocks agree", skew, err)
	v, err := VerifyHub(ctx, d)
	add("record is whole", fmt.Sprintf("%d audit records, %d ballots counted again, %d imported pages", v.AuditRecords, v.Ballots, v.Pages), err)
	return out
}

// Print writes the findings, one a line, and reports whether all is well.
func Print(w io.Writer, findings []Finding) (well bool) {
	well = true
	for _, f := range findings {
		if f.Err != nil {
			well = false
			fmt.Fprintf(w, "fail  %s: %v\n", f.What, f.Err)
			continue
		}
		fmt.Fprintf(w, "ok    %s (%s)\n", f.What, f.Detail)
	}
	return well
}

// settings asks the engine itself, not the string it was opened with.
func settings(ctx context.Context, d *db.DB) (detail string, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error {
		if tx.Engine() == db.Postgres {
			var collate, encoding, sync string
			err := tx.QueryRow(ctx, `select datcollate, pg_encoding_to_char(encoding), current_setting('synchronous_commit')
				from pg_database where datname = current_database()`).Scan(&collate, &encoding, &sync)
			if err != nil {
				return err
			}
			detail = fmt.Sprintf("collation %s, encoding %s, synchronous_commit %s", collate, encoding, sync)
			if sync == "off" || encoding != "UTF8" {
				return fmt.Errorf("%s; want encoding UTF8 and synchronous_commit on, or acknowledged work can be lost", detail)
			}
			return nil
		}
		var sync, fk int
		var journal string
		for _, q := range []struct {
			pragma string
			into   any
		}{{`pragma synchronous`, &sync}, {`pragma foreign_keys`, &fk}, {`pragma journal_mode`, &journal}} {
			if err := tx.QueryRow(ctx, q.pragma).Scan(q.into); err != nil {
				return err
			}
		}
		detail = fmt.Sprintf("synchronous %d, foreign keys %d, journal %s", sync, fk, journal)
		if sync < 2 || fk != 1 || journal != "wal" {
			return fmt.Errorf("%s; want 2, 1 and wal", detail)
		}
		return nil
	})
	return detail, err
}

func probe(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	_, werr := f.Write(make([]byte, 1<<20)) // a disk that is full says so only now
	return errors.Join(werr, f.Sync(), f.Close(), os.Remove(f.Name()))
}

// clockSkew compares this machine's clock with the database's, and both with
// the newest record: a ballot closes by the database's clock.
func clockSkew(ctx context.Context, d *db.DB) (detail string, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error {
		var newest int64
		if err := tx.QueryRow(ctx, `select coalesce(max(at), 0) from event`).Scan(&newest); err != nil {
			return err
		}
		skew := time.Since(tx.Now().Time())
		detail = fmt.Sprintf("%d ms apart", skew.Milliseconds())
		if skew.Abs() > 2*time.Second {
			return fmt.Errorf("this machine and the database are %s apart", skew.Round(time.Millisecond))
		}
		if ahead := db.Time(newest).Time().Sub(tx.Now().Time()); ahead > time.Minute {
			return fmt.Errorf("the newest audit record lies %s ahead of the clock", ahead.Round(time.Second))
		}
		return nil
	})
	return detail, err
}
