package mailbox

import "time"

// Backoff says how long to wait before the next attempt at a server that does
// not answer: five seconds, doubling to fifteen minutes, each shortened by up
// to a half at random so that many clients do not come back at once. The zero
// Backoff is ready.
type Backoff struct {
	Min, Max time.Duration // 0: 5 s and 15 min
	failures int
}

// Next is the wait after one more failure. random yields numbers in [0, 1).
func (b *Backoff) Next(random func() float64) time.Duration {
	low, high := b.Min, b.Max
	if low <= 0 {
		low = 5 * time.Second
	}
	if high <= 0 {
		high = 15 * time.Minute
	}
	wait := low
	for range b.failures {
		if wait *= 2; wait >= high {
			wait = high
			break
		}
	}
	if wait < high {
		b.failures++
	}
	return wait - time.Duration(float64(wait)/2*random())
}

// Reset starts over, after a success.
func (b *Backoff) Reset() { b.failures = 0 }
