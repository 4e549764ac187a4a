package main

// The reasons that the daemon itself gives, beside those of understanding.
const (
	reasonPanic      = "panic"
	reasonEndsReader = "ends_reader"
	reasonNoAnswer   = "cannot_answer"
)

// ourReasons explains them, and the one of the ledger.
func ourReasons() map[string]string {
	return map[string]string{
		reasonPanic:      "Reading it failed inside the program; it is kept aside, and the stack is in the log.",
		reasonEndsReader: "It ended the program whenever it was read, so it is kept aside unread.",
		reasonNoAnswer:   "It was understood, but no answer could be composed; a template is wrong. It is kept aside.",
		"seen_before":    "The server shows a message under a new UIDVALIDITY that was decided before.",
	}
}
