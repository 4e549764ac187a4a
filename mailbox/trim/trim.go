// Package trim finds what the writer of a message newly wrote: it takes away
// what we sent ourselves, what a mail program quoted, attribution lines, and
// signatures. It is pure: values in, values out.
package trim

// Letter is a letter of ours that the message may quote.
type Letter struct {
	Key  string
	Text string // as sent
	HTML string // as sent
	// Asks lists the asks in the letter by position. In Text an item begins at
	// the line that starts with "#17 "; text after the line "-- " or after the
	// last section belongs to none.
	Asks []int64
}

// Input is what there is to look at.
type Input struct {
	Plain   string   // text/plain body, "" if none
	HTML    string   // text/html body, "" if none
	Letters []Letter // nearest first; may be empty
	Names   []string // the writer's own names, for the signature
	// Forward says that the subject marks a forward (Fwd:, WG:): what follows
	// the forwarding header is content, not a quote.
	Forward bool
}

// Fragment is a run of new lines that stand together.
type Fragment struct {
	Text string
	// Ask is the ask under whose quoted item the fragment stands (an inline
	// answer); 0: it stands above the quote or under no item.
	Ask int64
}

// Cut is something that was taken away, for the story that explain tells.
type Cut struct {
	Why  string // sent, quote, attribution, header_block, signature, disclaimer, banner
	Text string // the first line of it, shortened
}

// Result is what is new.
type Result struct {
	Text      string // the fragments joined by blank lines
	Fragments []Fragment
	Cuts      []Cut
	// Letter is the index in Input.Letters of the letter whose words were found
	// in the quote; -1: none.
	Letter int
	// Whole says that nothing was left after cutting and nothing aligned with a
	// letter, so that Text is the whole text after all.
	Whole bool
}
