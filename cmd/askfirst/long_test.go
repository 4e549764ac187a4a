package main

import "flag"

// The proofs have three sizes: a small one in every go test, the size of each
// change (-ground, which .ci/run gives), and one for a night (-long).
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
