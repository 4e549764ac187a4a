package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// pulse is when each loop was last seen working. A loop that hangs is worse than
// one that fails: it says nothing.
type pulse struct {
	mu   sync.Mutex
	last map[string]time.Time
	most map[string]time.Duration // of silence
}

// The loops.
const (
	loopRead  = "reading"
	loopClock = "the clock"
	loopSend  = "sending"
)

// newPulse allows each loop the silence that its slowest honest step needs: a
// look into the inbox is due each poll and every command has a deadline; an
// edition of ten thousand takes minutes; a reply to a final dot may take ten
// (RFC 5321 section 4.5.3.2.6).
func newPulse(now time.Time, poll time.Duration) *pulse {
	return &pulse{
		last: map[string]time.Time{loopRead: now, loopClock: now, loopSend: now},
		most: map[string]time.Duration{loopRead: poll + 20*time.Minute, loopClock: 15 * time.Minute, loopSend: 30 * time.Minute},
	}
}

// beat says that a loop works.
func (p *pulse) beat(loop string, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last[loop] = now
}

// silent names the loops that have been silent for too long; "" when none. A
// clock that was set back makes nobody late.
func (p *pulse) silent(now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var late []string
	for _, loop := range slices.Sorted(maps.Keys(p.last)) {
		if silence := now.Sub(p.last[loop]); silence > p.most[loop] {
			late = append(late, fmt.Sprintf("%s has been silent for %v", loop, silence.Round(time.Second)))
		}
	}
	return strings.Join(late, ", ")
}
