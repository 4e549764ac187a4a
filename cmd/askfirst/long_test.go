package main

import "flag"

// long asks for the long form of the proofs: go test ./cmd/askfirst -run Long -long -timeout 3h
var long = flag.Bool("long", false, "the long form of the proofs")
