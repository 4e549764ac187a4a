package store

import "testing"

func TestHardBounce(t *testing.T) {
	for _, row := range []struct {
		action, status string
		want           bool
	}{
		{"failed", "5.1.1", true},
		{"Failed", "5.1.10", true},
		{"failed", "5.0.0", false},
		{"failed", "5.5.0", false},
		{"failed", "5.1.8", false},
		{"failed", "5.4.7", false},
		{"failed", "5.4.4", true},
		{"", "5.1.2", true},
		{"failed", "5.2.1", true},
		{"failed", "5.4.1", true},
		{"failed", "5.2.2", false},
		{"failed", "5.2.3", false},
		{"failed", "5.3.4", false},
		{"failed", "5.3.1", false},
		{"failed", "5.6.0", false},
		{"failed", "5.7.1", false},
		{"failed", "5.7.129", false},
		{"failed", "4.1.1", false},
		{"failed", "4.4.7", false},
		{"failed", "2.0.0", false},
		{"failed", "", false},
		{"failed", "5", false},
		{"failed", "550", false},
		{"delayed", "5.1.1", false},
		{"delivered", "5.1.1", false},
		{"relayed", "2.1.5", false},
		{"", "", false},
	} {
		b := Bounce{Recipient: "ben@green.example", Action: row.action, Status: row.status}
		if got := b.Hard(); got != row.want {
			t.Errorf("%s %q: %v, want %v", row.action, row.status, got, row.want)
		}
	}
}
