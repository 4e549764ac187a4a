package main

import (
	"flag"
	"testing"
)

// The proofs have sizes: that of each change (-ground, which .ci/run gives), and
// one for a night (-long). Most take too long for every go test.
var (
	ground = flag.Bool("ground", false, "the proofs in the size of every change")
	long   = flag.Bool("long", false, "the proofs in the size of a night")
)

// sized is one of three sizes of a proof.
func sized(small, each, night int) int {
	switch {
	case *long:
		return night
	case *ground:
		return each
	}
	return small
}

// grounded skips what belongs to the proving ground.
func grounded(t *testing.T) {
	t.Helper()
	if !*ground && !*long {
		t.Skip("part of the proving ground: go test ./cmd/askfirst -ground")
	}
}
