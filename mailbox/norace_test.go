//go:build !race

package mailbox

// slow is how much longer things may take.
const slow = 1
