package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func manCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "man", Short: "The manual page, as roff", Args: cobra.NoArgs,
		Example: "  askfirst man > askfirst.1",
		RunE: func(cmd *cobra.Command, _ []string) error {
			writeManual(a.out, cmd.Root())
			return nil
		},
	}
}

// roff escapes a text for a manual page: a line must not begin with a control
// character, and hyphens are meant as they are typed.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(strings.TrimSpace(s))
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

func writeManual(w io.Writer, root *cobra.Command) {
	fmt.Fprintf(w, ".TH ASKFIRST 1\n.SH NAME\naskfirst \\- %s\n.SH SYNOPSIS\n.B askfirst\n[\\-\\-config FILE] COMMAND\n.SH DESCRIPTION\n%s\n.SH COMMANDS\n",
		roff(strings.ToLower(root.Short[:1])+root.Short[1:]), roff(root.Long))
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			writeManualCommand(w, c)
		}
	}
	fmt.Fprint(w, ".SH FILES\n.TP\n.I ./config.yaml, "+systemConfig+"\nThe configuration.\n")
	fmt.Fprint(w, ".SH EXIT STATUS\n0 done; 1 failed or unhealthy; 2 usage; 75 another daemon works with the book, or a server cannot be reached; 78 the configuration or a secret is unusable.\n")
}

func writeManualCommand(w io.Writer, c *cobra.Command) {
	fmt.Fprintf(w, ".SS %s\n", roff(strings.TrimPrefix(c.UseLine(), "askfirst ")))
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	fmt.Fprintln(w, roff(text))
	c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		value, usage := pflag.UnquoteUsage(f)
		fmt.Fprintf(w, ".TP\n.B \\-\\-%s %s\n%s\n", roff(f.Name), roff(value), roff(usage))
	})
	if c.Example != "" {
		fmt.Fprintf(w, ".PP\n.EX\n%s\n.EE\n", roff(c.Example))
	}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && c.Name() != "completion" {
			writeManualCommand(w, sub)
		}
	}
}
