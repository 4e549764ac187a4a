//go:build !race

package parse_test

// slow is how much longer things may take.
const slow = 1
