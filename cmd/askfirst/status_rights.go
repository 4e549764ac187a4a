package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"askfirst/store"
)

// rightsNotes is what status tells of erasing: notes, since nothing of ours is
// unhealthy.
type rightsNotes struct {
	waiting, stuck int // messages to be erased on the server
	listed         int // people on the staff list who asked to be forgotten
	searching      int // of the forgotten, for whose words letters are still searched
	leftInCrowd    int // colleagues there were before so many left that it waits
	swept          time.Time
}

func notesOnRights(ctx context.Context, book *store.Book) (rightsNotes, error) {
	var n rightsNotes
	var err error
	if n.waiting, n.stuck, err = book.ToErase(ctx); err != nil {
		return n, err
	}
	if n.listed, err = book.PassedOver(ctx); err != nil {
		return n, err
	}
	if n.searching, err = book.Searching(ctx); err != nil {
		return n, err
	}
	if n.leftInCrowd, err = book.LeavingHeld(ctx); err != nil {
		return n, err
	}
	n.swept, err = book.LastSwept(ctx)
	return n, err
}

func (n rightsNotes) print(w io.Writer) {
	swept := "never"
	if !n.swept.IsZero() {
		swept = n.swept.Local().Format("2006-01-02 15:04:05 MST")
	}
	fmt.Fprintf(w, "kept         what is too old was last swept: %s\n", swept)
	if n.listed > 0 {
		fmt.Fprintf(w, "forgotten    %d on the staff list asked to be forgotten and are passed over: take them off (askfirst check names them)\n", n.listed)
	}
	if n.searching > 0 {
		fmt.Fprintf(w, "forgotten    of %d who were forgotten, what letters said is still being erased\n", n.searching)
	}
	if n.leftInCrowd > 0 {
		fmt.Fprintln(w, "staff        so many left the list at once that what they have open waits: askfirst reload --confirm")
	}
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
