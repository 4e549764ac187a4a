//go:build race

package parse_test

// slow is how much longer things may take under the race detector.
const slow = 20
