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
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"askfirst/store"
)

// The exit codes. Scripts rely on them.
const (
	exitDone     = 0
	exitFailed   = 1 // failed or unhealthy, faults outside us
	exitUsage    = 2
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
	environ    []string
	probe      probe
}

// execute runs one command line and returns the exit code.
func (a *app) execute(ctx context.Context, args []string) int {
	root := rootCommand(a)
	root.SetArgs(args)
	root.SetOut(a.out)
	root.SetErr(a.err)
	err := root.ExecuteContext(ctx)
	if err != nil && strings.HasPrefix(err.Error(), "unknown command") { // cobra has no type for it
		err = misused{err}
	}
	if err != nil && !errors.Is(err, errSilent) {
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
	case errors.Is(err, store.ErrLocked), errors.As(err, new(unreachable)):
		return exitBusy
	case errors.As(err, &problems), errors.As(err, new(unusable)):
		return exitUnusable
	}
	return exitFailed
}

func rootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "askfirst",
		Short:         "An email-driven help exchange for a staff",
		Long:          "Colleagues email an ask to the help address; each working day everyone gets one\ndigest; replying volunteers; the two are introduced; the thanks come back in the\nnext digest.",
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().StringVar(&a.configPath, "config", "", "configuration file (default ./config.yaml, then "+systemConfig+")")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return misused{fmt.Errorf("%w\nTry: %s --help", err, cmd.CommandPath())}
	})
	root.AddCommand(runCommand(a), onceCommand(a), demoCommand(a), checkCommand(a), explainCommand(a), previewCommand(a),
		statusCommand(a), auditCommand(a), asksCommand(a), whyCommand(a), versionCommand(a), manCommand(a), probeCommand(a))
	usage(root)
	return root
}

// usage makes every complaint about arguments a usage error.
func usage(command *cobra.Command) {
	if check := command.Args; check != nil {
		command.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return misused{fmt.Errorf("%w\nTry: %s --help", err, cmd.CommandPath())}
			}
			return nil
		}
	}
	for _, c := range command.Commands() {
		usage(c)
	}
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

func (a *app) log() *slog.Logger { return slog.New(slog.NewTextHandler(a.err, nil)) }

// instant is what --at says, else the later of the clock and the newest instant
// in the book.
func (a *app) instant(ctx context.Context, config *Config, at string) (time.Time, error) {
	if at != "" {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			return now, misused{fmt.Errorf("--at %q is not an instant like 2026-11-23T07:30:00Z", at)}
		}
		return now, nil
	}
	now := time.Now()
	book, err := store.OpenExisting(ctx, config.Book, bookSettings(config))
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
