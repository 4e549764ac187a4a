package mailbox

import "testing"

// Mails that should not have been, and what is said about them.
func TestMistaken(t *testing.T) { checkSentences(t, sentenceRows(t, "mistaken.txt")) }
