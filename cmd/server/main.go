// Command server is the whole hub: it serves, and keeps house.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // where the system has no time zones

	"github.com/alecthomas/kong"

	"github.com/multaqa/multaqa/pkg/config"
	"github.com/multaqa/multaqa/pkg/fault"
	"github.com/multaqa/multaqa/pkg/locale"
)

type cli struct {
	Serve   serveCmd   `cmd:"" default:"1" help:"Serve the hub (the default). Prints a one-time set-up address while nobody has an account."`
	Demo    demoCmd    `cmd:"" help:"Seed the demo network into an empty data directory and serve it; serve it again later."`
	Import  importCmd  `cmd:"" help:"Import a folder of Markdown pages: a folder an agency, a page's path its key."`
	Export  exportCmd  `cmd:"" help:"Write the pages back as files; an unchanged page byte for byte."`
	Migrate migrateCmd `cmd:"" help:"Bring the database schema up to date."`
	Backup  backupCmd  `cmd:"" help:"Write one archive of everything."`
	Restore restoreCmd `cmd:"" help:"Restore an archive into an empty data directory or database, and verify it."`
	Verify  verifyCmd  `cmd:"" help:"Recompute the audit chain, or recount a ballot."`
	Doctor  doctorCmd  `cmd:"" help:"Check this installation."`
	Config  configCmd  `cmd:"" help:"List every setting, its value, default and meaning."`
}

// app is what every command gets.
type app struct {
	ctx context.Context
	cfg *config.Config
	log *slog.Logger
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	var c cli
	parser := kong.Must(&c, kong.Name("server"),
		kong.Description("Multaqa: the hub of a network of government agencies. Settings are MULTAQA_… variables; see `server config`."))
	k, err := parser.Parse(os.Args[1:])
	if err != nil {
		misused(parser, err)
	}
	cfg, err := config.Load()
	if err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(exitUsage)
	}
	a := &app{ctx: ctx, cfg: cfg, log: newLogger(cfg.LogLevel)}
	if err := k.Run(a); err != nil {
		fmt.Fprintln(os.Stderr, "server:", inWords(err))
		os.Exit(exitFailed)
	}
}

// How the program ends; 0 is success. docs/operations.md says the same.
const (
	exitFailed = 1 // the command did not do what it should, or found something wrong
	exitUsage  = 2 // it was not begun: unknown command, flag or argument, or a setting that cannot be read
)

// misused says how the command is used, and ends the program. All of it goes
// to standard error: standard output is for what was asked for.
func misused(parser *kong.Kong, err error) {
	var parse *kong.ParseError
	if errors.As(err, &parse) {
		parser.Stdout = os.Stderr
		_ = parse.Context.PrintUsage(false)
		fmt.Fprintln(os.Stderr)
	}
	fmt.Fprintln(os.Stderr, "server:", err)
	os.Exit(exitUsage)
}

// inWords is an error as an operator reads it: a fault says its sentence, in English.
func inWords(err error) string {
	if f := fault.Of(err); f != nil {
		if said, ok := locale.Fault(f.Code); ok {
			return said.En
		}
	}
	return err.Error()
}

// newLogger writes structured lines in UTC to standard error. Secrets never
// reach it: the settings that hold some are not logged.
func newLogger(level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: l, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Time(a.Key, a.Value.Time().UTC())
		}
		return a
	}}))
}

type configCmd struct{}

func (configCmd) Run(a *app) error {
	a.cfg.Describe(os.Stdout)
	return nil
}
