//go:build race

package mailbox

// slow is how much longer things may take under the race detector.
const slow = 20
