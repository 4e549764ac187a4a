package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"askfirst/mailbox"
	"askfirst/store"
)

// eraseBatch is how many messages are erased between two commits.
const eraseBatch = 200

// erasePatience is how long one pass erases at most.
const erasePatience = 10 * time.Second

// folders are those that messages are filed to.
func folders() []string { return []string{folderDone, folderRefused, folderQuarantine} }

// erasing removes messages from the mail server for good: in the inbox by their
// UID, in our folders by the UID that the server gave them there, and where
// nobody knows it, by looking for the same bytes.
type erasing struct {
	*daemon
	in    *mailbox.Inbox
	now   time.Time
	gone  []int64
	left  []int64
	wrong error // why some could not be erased
}

// erase removes from the server what must not stay there. What fails is tried
// again with the next pass, or the next day where the server cannot do it.
func (d *daemon) erase(ctx context.Context, in *mailbox.Inbox, now time.Time) error {
	for began := time.Now(); time.Since(began) < erasePatience; {
		d.pulse.beat(loopRead, d.wall())
		doomed, err := d.book.Doomed(ctx, in.Mailbox(), now, eraseBatch)
		if err != nil || len(doomed) == 0 {
			return ofBook(err)
		}
		e := &erasing{daemon: d, in: in, now: now}
		err = e.all(ctx, doomed)
		if bookErr := errors.Join(d.book.Erased(ctx, e.gone), d.book.NotErased(ctx, e.left, now)); bookErr != nil {
			return ofBook(bookErr)
		}
		if len(e.gone) > 0 {
			d.log.Info("erased", "messages", len(e.gone))
		}
		if len(e.left) > 0 {
			d.log.Warn("erase", "messages", len(e.left), "err", e.wrong)
		}
		if err != nil || len(e.gone)+len(e.left) == 0 {
			return err
		}
	}
	return nil // the rest with the next pass: mail that comes in does not wait for it
}

// all erases what lies in the inbox first, and looks for the rest.
func (e *erasing) all(ctx context.Context, doomed []store.Doomed) error {
	inbox, byFolder := map[uint32]int64{}, map[string][]store.Doomed{}
	for _, m := range doomed {
		switch {
		case !m.Filed && m.UIDValidity == e.in.UIDValidity():
			inbox[m.UID] = m.ID
		default:
			byFolder[m.Folder] = append(byFolder[m.Folder], m)
		}
	}
	if err := e.remove(ctx, e.in, inbox); err != nil {
		return err
	}
	lost := byFolder[""]
	delete(byFolder, "")
	for _, folder := range slices.Sorted(maps.Keys(byFolder)) {
		missing, err := e.inFolder(ctx, folder, byFolder[folder])
		if err != nil {
			return err
		}
		lost = append(lost, missing...)
	}
	return e.search(ctx, lost)
}

// remove erases messages of the folder that a connection has selected. What the
// server cannot do is noted; an error says that the connection is lost.
func (e *erasing) remove(ctx context.Context, in *mailbox.Inbox, ids map[uint32]int64) error {
	if len(ids) == 0 {
		return nil
	}
	gone, err := in.Erase(ctx, slices.Collect(maps.Keys(ids)))
	for _, uid := range gone {
		e.gone = append(e.gone, ids[uid])
		delete(ids, uid)
	}
	if err != nil && !errors.Is(err, mailbox.ErrCannotErase) && !errors.Is(err, mailbox.ErrRefused) {
		return err
	}
	if len(ids) > 0 {
		e.leave(slices.Collect(maps.Values(ids)), err)
	}
	return nil
}

// leave notes messages that stay on the server for now.
func (e *erasing) leave(ids []int64, why error) {
	if why == nil {
		why = errors.New("the server says that it has done it, and has them still")
	}
	e.left, e.wrong = append(e.left, ids...), why
}

// inFolder erases what was filed to a folder, and returns what does not lie
// there any more under the number that it had.
func (e *erasing) inFolder(ctx context.Context, folder string, doomed []store.Doomed) (missing []store.Doomed, err error) {
	in, err := e.open(ctx, folder)
	if err != nil {
		return nil, err
	}
	if in == nil {
		return doomed, nil
	}
	defer in.Close()
	uids := make([]uint32, len(doomed))
	for i, m := range doomed {
		uids[i] = m.FolderUID
	}
	sizes, err := in.Sizes(ctx, uids)
	if err != nil {
		return nil, err
	}
	ids := map[uint32]int64{}
	for _, m := range doomed {
		// The size is a second witness: pairs of UIDs are only the server's word.
		if size, there := sizes[m.FolderUID]; there && m.FolderValidity == in.UIDValidity() && size == m.Size {
			ids[m.FolderUID] = m.ID
		} else {
			missing = append(missing, m)
		}
	}
	return missing, e.remove(ctx, in, ids)
}

// open connects to one of our folders; nil: there is none of that name.
func (e *erasing) open(ctx context.Context, folder string) (*mailbox.Inbox, error) {
	config := e.inbox
	config.Folder = folder
	in, err := mailbox.Open(ctx, config)
	if errors.Is(err, mailbox.ErrRefused) {
		return nil, nil
	}
	return in, err
}

// search looks for messages of which nobody knows where they lie: somebody moved
// them, the server lost its index, or we ended before we had noted it. What is
// nowhere is gone.
func (e *erasing) search(ctx context.Context, lost []store.Doomed) error {
	if len(lost) == 0 {
		return nil
	}
	stays := map[int64]bool{}
	for _, folder := range append(folders(), e.inbox.Folder) {
		in, err := e.open(ctx, folder)
		if err != nil {
			return err
		}
		if in == nil {
			continue
		}
		err = e.searchIn(ctx, in, lost, stays)
		_ = in.Close()
		if err != nil {
			return fmt.Errorf("looking into %s: %w", folder, err)
		}
	}
	for _, m := range lost {
		if !stays[m.ID] {
			e.gone = append(e.gone, m.ID)
		}
	}
	return nil
}

// searchIn compares what lies in a folder by size and then by its bytes: a
// server may take long to search a large folder for one header.
func (e *erasing) searchIn(ctx context.Context, in *mailbox.Inbox, lost []store.Doomed, stays map[int64]bool) error {
	listed, err := in.Scan(ctx)
	if err != nil {
		return err
	}
	bySize := map[int64][]uint32{}
	for _, l := range listed {
		bySize[l.Size] = append(bySize[l.Size], l.UID)
	}
	found, owner := []uint32{}, map[uint32]int64{}
	for _, m := range lost {
		e.pulse.beat(loopRead, e.wall())
		uids, err := in.Same(ctx, bySize[m.Size], m.SHA256, m.Oversize)
		if err != nil && !errors.Is(err, mailbox.ErrRefused) {
			return err
		}
		if err != nil { // it cannot be read, so nobody knows whether it is the one
			stays[m.ID] = true
			e.leave([]int64{m.ID}, err)
		}
		for _, uid := range uids {
			found, owner[uid] = append(found, uid), m.ID
		}
	}
	gone, err := in.Erase(ctx, found)
	for _, uid := range gone {
		delete(owner, uid)
	}
	if err != nil && !errors.Is(err, mailbox.ErrCannotErase) && !errors.Is(err, mailbox.ErrRefused) {
		return err
	}
	for _, id := range owner {
		if !stays[id] {
			stays[id] = true
			e.leave([]int64{id}, err)
		}
	}
	return nil
}
