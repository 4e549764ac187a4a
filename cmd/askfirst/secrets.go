package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// secretSource says where a password comes from. It is read when it is needed
// and not kept: a file that changed counts at the next login.
type secretSource struct {
	key      string // the option that says so, such as inbox.password_file
	at       place  // where that option stands
	file     string
	variable string
	command  []string        // one item: a shell's line; more: a program and its arguments
	dir      string          // where the command runs
	environ  func() []string // a function, so that no %+v of a configuration prints the environment
}

// SecretError is a password that cannot be read. It names the option and its
// place, but neither the password, nor what a command wrote, nor the option's
// value: people have put the password itself there.
type SecretError struct{ Problem }

func (e *SecretError) Error() string { return e.Problem.String() }

// trouble makes a SecretError.
func (s secretSource) trouble(message, remedy string) (string, error) {
	return "", &SecretError{Problem{s.at.file, s.at.line, s.at.col, s.key, s.key + " " + message, remedy}}
}

const (
	maxSecret      = 64 << 10 // tokens are long, keys longer
	commandTimeout = 30 * time.Second
)

// read gives the password. One newline at its end is not part of it.
func (s secretSource) read(ctx context.Context) (string, error) {
	var raw string
	switch {
	case s.file != "":
		b, err := readBounded(s.file, maxSecret)
		if err != nil {
			return s.trouble("names a file that is of no use: "+err.Error(),
				"write the password into that file, readable by this service only (chmod 600)")
		}
		raw = string(b)
	case s.variable != "":
		var ok bool
		if raw, ok = lookup(s.environ(), s.variable); !ok {
			return s.trouble("names an environment variable that does not exist", "set the variable for this service")
		}
	default:
		var err error
		if raw, err = s.run(ctx); err != nil {
			return s.trouble(err.Error(), "run the command by hand, as the user of this service, to see what it says")
		}
	}
	raw = strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(raw, "\ufeff"), "\n"), "\r")
	switch {
	case raw == "":
		return s.trouble("leads to an empty password", "the password must stand there, on one line")
	case strings.ContainsAny(raw, "\r\n\x00"):
		return s.trouble("leads to more than one line", "only the password may stand there")
	}
	return raw, nil
}

// run starts the command and takes what it prints. Its complaints are not
// passed on: they may repeat the secret.
func (s secretSource) run(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	program, args := "/bin/sh", []string{"-c", s.command[0]}
	if len(s.command) > 1 {
		program, args = s.command[0], s.command[1:]
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env = s.dir, s.environ()
	cmd.WaitDelay = time.Second // a grandchild may hold the pipe open
	var out limitedBuffer
	cmd.Stdout = &out
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", fmt.Errorf("did not end within %s", commandTimeout)
	case ctx.Err() != nil:
		return "", ctx.Err()
	case out.full:
		return "", errors.New("printed far more than a password")
	case errors.As(err, &exit):
		return "", fmt.Errorf("ended with status %d", exit.ExitCode())
	case err != nil:
		return "", errors.New("cannot be started")
	}
	return out.String(), nil
}

// limitedBuffer keeps as much as a secret may have.
type limitedBuffer struct {
	strings.Builder
	full bool
}

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxSecret {
		b.full = true
		return 0, errors.New("too much")
	}
	return b.Builder.Write(p)
}

// command reads password_command: a line for the shell, or a list of a program
// and its arguments.
func (d *decoder) command(into *[]string) func(string, *value) {
	return func(key string, v *value) {
		switch v.kind {
		case scalarKind:
			if v.text == "" {
				d.complain(v.at, key, "fill it in, or remove the option", "%s is empty", key)
				return
			}
			*into = []string{v.text}
		case listKind:
			*into = nil
			for _, item := range v.items {
				if item.kind != scalarKind {
					d.complain(item.at, key, "", "%s must be a line or a list of words", key)
					return
				}
				*into = append(*into, item.text)
			}
			if len(*into) == 1 { // a program without arguments, not a line for the shell
				*into = []string{"/usr/bin/env", (*into)[0]}
			}
			if len(*into) == 0 {
				d.complain(v.at, key, "fill it in, or remove the option", "%s is empty", key)
			}
		case mapKind:
			d.complain(v.at, key, "", "%s must be a line or a list of words", key)
		}
	}
}

// variable reads the name of an environment variable. What is no name is not
// repeated: it is likely to be the password itself.
func (d *decoder) variable(into *string) func(string, *value) {
	return func(key string, v *value) {
		s, ok := d.scalar(key, v, 4096)
		if !ok {
			return
		}
		for i, c := range s {
			if c != '_' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9') {
				d.complain(v.at, key, "write the variable's name, like SMTP_PASSWORD, and not the password",
					"%s must be the name of an environment variable", key)
				return
			}
		}
		*into = s
	}
}
