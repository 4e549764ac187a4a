package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/spf13/cobra"

	"askfirst/mailbox"
	"askfirst/mailbox/parse"
	"askfirst/store"
)

// A message during which two lives ended may be poison, or it may just have been
// there when somebody killed us. A probe tells: another process reads it first.
// Poison ends the probe and is quarantined; an innocent message survives it and
// is decided, however often we were killed.

// probe reads a message in a process of its own; an error says that the message
// ended it.
type probe func(ctx context.Context, raw []byte) error

// probeTime is how long reading one message may take before it counts as hung.
const probeTime = time.Minute

// errPoison says that a message ends whoever reads it.
var errPoison = errors.New("the message ends the process that reads it")

// errInterrupted says that the probe was ended from outside, which tells nothing
// about the message.
var errInterrupted = errors.New("somebody else ended the process that read it")

// selfProbe runs this very program on the message.
func selfProbe(ctx context.Context, raw []byte) error {
	self, err := os.Executable()
	if err != nil {
		return nil // no evidence against the message
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	command := exec.CommandContext(ctx, self, probeName)
	command.Stdin = bytes.NewReader(raw)
	err = command.Run()
	var exit *exec.ExitError
	switch {
	case !errors.As(err, &exit):
		return nil // it could not be started, which is no evidence
	case ctx.Err() == nil && fromOutside(exit):
		return fmt.Errorf("%w: %w", errInterrupted, err)
	}
	return fmt.Errorf("%w: %w", errPoison, err)
}

// probeMemory is how many octets of addresses the probe may use: many times what
// the largest message needs.
const probeMemory = 4 << 30

const probeName = "read-message"

// probeCommand is the other process.
func probeCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: probeName, Short: "Read one message from standard input, to see whether that can be survived", Hidden: true, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			// A message that fills the memory must end this process by itself:
			// the kernel's killer would look like somebody from outside.
			limitMemory(probeMemory)
			raw, err := io.ReadAll(a.in)
			if err != nil {
				return err
			}
			message := parse.Read(raw, parse.Standard())
			refs := mailbox.RefsOf(message, "")
			mailbox.Understand(message, store.View{Writer: &store.Member{ID: 1, Email: refs.From}}, mailbox.Policy{Verify: "none"})
			return nil
		},
	}
}
