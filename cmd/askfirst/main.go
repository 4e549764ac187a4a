// Command askfirst is an email-driven help exchange for a staff: it reads asks
// from one inbox, sends everybody one digest a working day, and introduces those
// who help to those who asked.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"askfirst/mailbox"
	"askfirst/store"
)

// The exit codes. Scripts rely on them.
const (
	exitDone     = 0
	exitFailed   = 1 // failed or unhealthy, faults outside us
	exitUsage    = 2
	exitDisk     = 74 // an fsync failed: start again, and look at the disk
	exitBusy     = 75 // locked by another daemon, or a server cannot be reached
	exitUnusable = 78 // the configuration or a secret is unusable
)

// Errors that carry their exit code.
type (
	misused     struct{ error } // 2
	unreachable struct{ error } // 75
	unusable    struct{ error } // 78
	outside     struct{ error } // 1
)

func (e misused) Unwrap() error     { return e.error }
func (e unreachable) Unwrap() error { return e.error }
func (e unusable) Unwrap() error    { return e.error }
func (e outside) Unwrap() error     { return e.error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends us at once
	a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr, environ: os.Environ(), probe: selfProbe}
	code := a.execute(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// app is what every command needs of the world outside.
type app struct {
	configPath string
	in         io.Reader
	out, err   io.Writer
	raw        io.Writer // out, for bytes that must be as they are
	environ    []string
	probe      probe
}

// execute runs one command line and returns the exit code.
func (a *app) execute(ctx context.Context, args []string) int {
	a.guard()
	root := rootCommand(a)
	root.SetArgs(args)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd(args...)
	usage(root)
	err := root.ExecuteContext(ctx)
	if err = apart(err); err != nil && !errors.Is(err, errSilent) {
		fmt.Fprintf(a.err, "askfirst: %v\n", err)
	}
	return exitCode(err)
}

// errSilent fails a command that has said everything already.
var errSilent = errors.New("unhealthy")

func exitCode(err error) int {
	var problems Problems
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, new(misused)):
		return exitUsage
	case errors.Is(err, store.ErrSync):
		return exitDisk
	case errors.Is(err, store.ErrLocked), errors.As(err, new(unreachable)):
		return exitBusy
	case errors.As(err, &problems), errors.As(err, new(unusable)):
		return exitUnusable
	}
	return exitFailed
}

// serverFault is an error in talking to a mail server, with its exit code.
func serverFault(err error) error {
	switch {
	case errors.Is(err, mailbox.ErrSecret), errors.Is(err, mailbox.ErrAuth), errors.Is(err, mailbox.ErrInsecure):
		return unusable{err}
	case errors.Is(err, mailbox.ErrUnreachable), errors.Is(err, mailbox.ErrLost):
		return unreachable{err}
	}
	return outside{err}
}

func rootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "askfirst",
		Short:         "An email-driven help exchange for a staff",
		Long:          "Colleagues email an ask to the help address; each working day everyone gets one\ndigest; replying volunteers; the two are introduced; the thanks come back in the\nnext digest.",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          known,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().StringVar(&a.configPath, "config", "", "configuration `FILE` (default ./config.yaml, then "+systemConfig+")")
	root.SetFlagErrorFunc(badFlag)
	root.AddCommand(runCommand(a), onceCommand(a), demoCommand(a), checkCommand(a), explainCommand(a), previewCommand(a),
		statusCommand(a), auditCommand(a), asksCommand(a), whyCommand(a), addressesCommand(a),
		quarantineCommand(a), outboxCommand(a), backupCommand(a), restoreCommand(a), forgetCommand(a), exportCommand(a), reloadCommand(a), versionCommand(a), manCommand(a), probeCommand(a))
	return root
}

// load reads the configuration.
func (a *app) load() (*Config, error) {
	path, err := findConfig(a.configPath)
	if err != nil {
		return nil, unusable{err}
	}
	config, err := loadConfig(path, a.environ)
	if err != nil {
		return nil, unusable{err}
	}
	return config, nil
}

func (a *app) log() *slog.Logger { return newLog(a.err, slog.LevelInfo) }

// atFlag gives a command its --at.
func atFlag(command *cobra.Command, at *instantFlag) {
	command.Flags().Var(at, "at", "the instant (RFC 3339; default: the later of the clock and the newest one in the book)")
}

// instantFlag is what --at says; zero: nothing.
type instantFlag struct{ time.Time }

// The years that an --at may have: a book that has seen the year 9999 would
// never again see another day.
const firstYear, lastYear = 1970, 2199

// Set reads an instant.
func (f *instantFlag) Set(text string) error {
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return errors.New("it is not an instant like 2026-11-23T07:30:00Z")
	}
	if y := moment.UTC().Year(); y < firstYear || y > lastYear {
		return fmt.Errorf("its year is not between %d and %d", firstYear, lastYear)
	}
	f.Time = moment
	return nil
}

func (f *instantFlag) String() string { return "" }

// Type names the value in the help.
func (f *instantFlag) Type() string { return "TIME" }

// instant is what --at says, else the later of the clock and the newest instant
// in the book.
func (a *app) instant(ctx context.Context, config *Config, at instantFlag) (time.Time, error) {
	if !at.IsZero() {
		return at.Time, nil
	}
	now := time.Now()
	book, err := look(ctx, config)
	if errors.Is(err, store.ErrNoBook) {
		return now, nil
	}
	if err != nil {
		return now, err
	}
	defer book.Close()
	newest, err := book.Newest(ctx)
	if err == nil && newest.After(now) {
		now = newest
	}
	return now, err
}

// version is what the build says of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	text := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			text += " " + s.Value[:min(12, len(s.Value))]
		}
	}
	return text
}

func versionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "The version of this program", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintln(a.out, "askfirst", version())
			return nil
		},
	}
}
