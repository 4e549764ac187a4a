package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// What is said of a command line that cannot be run: one sentence, and where to
// read how it is done. The libraries' own words name types and shorthands, which
// nobody typed.

// try ends a complaint about a command line.
func try(cmd *cobra.Command, err error) error {
	return misused{fmt.Errorf("%w\nTry: %s --help", err, cmd.CommandPath())}
}

// known refuses a word that is no command, and says which one may be meant.
func known(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	meant := ""
	if name := nearest(args[0], names); name != "" {
		meant = "; did you mean " + name + "?"
	}
	return fmt.Errorf("unknown command %q for %q%s", args[0], cmd.CommandPath(), meant)
}

// usage makes every complaint about arguments a usage error.
func usage(command *cobra.Command) {
	check := command.Args
	switch command.Name() {
	case "completion":
		check = func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("completion needs the name of a shell: bash, fish, powershell or zsh")
			}
			return known(cmd, args)
		}
		command.RunE = func(*cobra.Command, []string) error { return nil }
	case "help":
		check = func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			return known(found, rest)
		}
	}
	if check != nil {
		command.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			if err == nil {
				return nil
			}
			if !cmd.HasSubCommands() && cmd.Name() != "help" {
				err = miscounted(cmd, args)
			}
			return try(cmd, err)
		}
	}
	for _, c := range command.Commands() {
		usage(c)
	}
}

// miscounted says what is missing after a command, or too much; what belongs
// there stands in its usage.
func miscounted(cmd *cobra.Command, args []string) error {
	_, wants, _ := strings.Cut(cmd.Use, " ")
	what := strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
	switch {
	case wants == "":
		return fmt.Errorf("%s takes no arguments, and was given %q", what, strings.Join(args, " "))
	case len(args) == 0:
		return fmt.Errorf("%s needs %s after it", what, wants)
	}
	return fmt.Errorf("%s takes one %s, and was given %d arguments; quote one that has spaces", what, wants, len(args))
}

// badFlag says what is wrong with a flag.
func badFlag(cmd *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		missing *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
		broken  *pflag.InvalidSyntaxError
	)
	switch {
	case errors.As(err, &unknown):
		if args := cmd.Flags().Args(); cmd.HasSubCommands() && len(args) > 0 { // its flags may be right
			return try(cmd, known(cmd, args))
		}
		err = unknownFlag(cmd, unknown)
	case errors.As(err, &missing):
		_, meaning := pflag.UnquoteUsage(missing.GetFlag())
		err = fmt.Errorf("--%s needs a value after it: %s", missing.GetFlag().Name, meaning)
	case errors.As(err, &invalid):
		err = badValue(invalid)
	case errors.As(err, &broken):
		err = fmt.Errorf("%q is no flag: two hyphens and a name make one", broken.GetSpecifiedFlag())
	}
	return try(cmd, err)
}

// unknownFlag says which flag may have been meant, also by a name after a single
// hyphen.
func unknownFlag(cmd *cobra.Command, unknown *pflag.NotExistError) error {
	name, hyphens := unknown.GetSpecifiedName(), "--"
	if letters := unknown.GetSpecifiedShortnames(); letters != "" {
		name, _, _ = strings.Cut(letters, "=")
		hyphens = "-"
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	meant := ""
	if other := nearest(name, names); other != "" && len(name) > 1 {
		meant = "; did you mean --" + other + "?"
	}
	return fmt.Errorf("unknown flag: %s%s%s", hyphens, name, meant)
}

// badValue says why a flag does not take a value.
func badValue(invalid *pflag.InvalidValueError) error {
	name, value := "--"+invalid.GetFlag().Name, invalid.GetValue()
	switch invalid.GetFlag().Value.Type() {
	case "bool":
		return fmt.Errorf("%s takes no value, and was given %q: write %[1]s alone, or leave it out", name, value)
	case "stringSlice": // read as a line of CSV
		return fmt.Errorf("%s %q: it is not a list of words with commas between them", name, value)
	}
	return fmt.Errorf("%s %q: %w", name, value, invalid.Unwrap())
}

// apart makes a usage error of cobra's complaint about flags that exclude one
// another, which has no type and ends with those that were given in brackets.
func apart(err error) error {
	if err == nil || !strings.HasPrefix(err.Error(), "if any flags in the group") {
		return err
	}
	_, given, _ := strings.Cut(err.Error(), "; [")
	given, _, _ = strings.Cut(given, "]")
	return misused{fmt.Errorf("--%s exclude one another: give one of them", strings.ReplaceAll(given, " ", " and --"))}
}
