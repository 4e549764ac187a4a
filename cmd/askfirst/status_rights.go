package main

import (
	"context"
	"fmt"
	"io"

	"askfirst/store"
)

// rightsNotes is what status tells of erasing: notes, since nothing of ours is
// unhealthy.
type rightsNotes struct {
	waiting, stuck int // messages to be erased on the server
}

func notesOnRights(ctx context.Context, book *store.Book) (rightsNotes, error) {
	var n rightsNotes
	var err error
	n.waiting, n.stuck, err = book.ToErase(ctx)
	return n, err
}

func (n rightsNotes) print(w io.Writer) {
	if n.stuck > 0 {
		fmt.Fprintf(w, "erasing      %s should be erased on the mail server and could not be: see the log for why\n", messages(n.stuck))
	} else if n.waiting > 0 {
		fmt.Fprintf(w, "erasing      %s will be erased on the mail server with the next pass\n", messages(n.waiting))
	}
}

func messages(n int) string {
	if n == 1 {
		return "1 message"
	}
	return fmt.Sprintf("%d messages", n)
}
