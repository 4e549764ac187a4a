package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// folders knows how the server names folders: its hierarchy delimiter and the
// prefix of the personal namespace (RFC 2342), and which ones exist.
type folders struct {
	delim  rune
	prefix string
	ready  map[string]bool
}

// explore asks the server, by NAMESPACE or else by LIST "" "", which yields the
// delimiter (RFC 9051 section 6.3.9).
func (f *folders) explore(in *Inbox) func(context.Context) error {
	return func(ctx context.Context) error {
		f.ready = map[string]bool{}
		if in.caps.Has(imap.CapNamespace) {
			err := in.command(ctx, "namespace", func() error {
				data, err := in.client.Namespace().Wait()
				if err == nil && len(data.Personal) > 0 {
					f.prefix, f.delim = data.Personal[0].Prefix, data.Personal[0].Delim
				}
				return err
			})
			if (err == nil && f.delim != 0) || (err != nil && !errors.Is(err, ErrRefused)) {
				return err
			}
		}
		err := in.command(ctx, "list", func() error {
			data, err := in.client.List("", "", nil).Collect()
			if err == nil && len(data) > 0 {
				f.delim = data[0].Delim
			}
			return err
		})
		if errors.Is(err, ErrRefused) {
			return nil // a flat namespace, then
		}
		return err
	}
}

// serverName turns our "Askfirst/Done" into the server's name for it. A name
// that is INBOX or already below the prefix stays where it is.
func (f *folders) serverName(folder string) string {
	name := strings.Trim(folder, "/")
	if strings.EqualFold(name, defaultFolder) {
		return defaultFolder
	}
	delim := string(f.delim)
	if f.delim == 0 {
		delim = "-" // no hierarchy: the parts become one name
	}
	// Our own parts cannot contain the delimiter, except that "/" is one.
	name = strings.ReplaceAll(name, "/", delim)
	if f.prefix == "" || len(name) > len(f.prefix) && strings.EqualFold(name[:len(f.prefix)], f.prefix) {
		return name
	}
	return f.prefix + name
}

// filedAtOnce bounds one MOVE: enough to be fast, few enough for any line limit.
const filedAtOnce = 250

// File moves messages to a folder of ours, which is created when needed. It is
// cosmetic: nothing is lost when it fails, and doing it again changes nothing. A
// message that has vanished is no error.
//
// The library's own fallback deletes the message even if the copy failed, and
// other people's deleted mail with it. So: MOVE (RFC 6851) where the server has
// it; else a COPY that succeeded, then \Deleted and UID EXPUNGE (RFC 4315) of
// just these messages; else they stay where they are, marked as read.
func (in *Inbox) File(ctx context.Context, uids []uint32, folder string) error {
	_, err := in.FileAway(ctx, uids, folder)
	return err
}

// FileAway is File that also says where the messages lie now, as far as the
// server tells.
func (in *Inbox) FileAway(ctx context.Context, uids []uint32, folder string) ([]Filing, error) {
	uids = slices.Clone(uids)
	slices.Sort(uids)
	uids = slices.Compact(uids)
	var all []Filing
	for chunk := range slices.Chunk(uids, filedAtOnce) {
		set := uidSet(chunk)
		var filed []Filing
		var err error
		switch {
		case in.caps.Has(imap.CapMove):
			err = in.into(ctx, folder, func(name string) (err error) {
				filed, err = in.move(ctx, set, name)
				return err
			})
		case in.caps.Has(imap.CapUIDPlus):
			err = in.into(ctx, folder, func(name string) (err error) {
				filed, err = in.copyAndDelete(ctx, set, name)
				return err
			})
		default:
			err = in.mark(ctx, set, imap.FlagSeen)
		}
		if err != nil {
			return all, fmt.Errorf("file %d messages in %s: %w", len(chunk), folder, err)
		}
		all = append(all, filed...)
	}
	return all, nil
}

// into runs a command that needs the folder, and if the server refuses it once
// more after creating the folder: old servers do not say TRYCREATE.
func (in *Inbox) into(ctx context.Context, folder string, run func(name string) error) error {
	name := in.folders.serverName(folder)
	err := run(name)
	if err == nil || !errors.Is(err, ErrRefused) || in.folders.ready[name] {
		if err == nil {
			in.folders.ready[name] = true
		}
		return err
	}
	create := in.command(ctx, "create "+name, func() error { return in.client.Create(name, nil).Wait() })
	if create != nil && !errors.Is(create, ErrRefused) {
		return create
	}
	if create == nil {
		// Mail programs show subscribed folders; a refusal harms nobody.
		subscribe := in.command(ctx, "subscribe "+name, func() error { return in.client.Subscribe(name).Wait() })
		if subscribe != nil && !errors.Is(subscribe, ErrRefused) {
			return subscribe
		}
	}
	if err := run(name); err != nil {
		return errors.Join(err, create)
	}
	in.folders.ready[name] = true
	return nil
}

func (in *Inbox) move(ctx context.Context, set imap.UIDSet, name string) (filed []Filing, err error) {
	err = in.command(ctx, "move", func() error {
		data, err := in.client.Move(set, name).Wait()
		if err == nil {
			filed = filings(set, data.UIDValidity, data.SourceUIDs, data.DestUIDs)
		}
		return err
	})
	return filed, err
}

func (in *Inbox) copyAndDelete(ctx context.Context, set imap.UIDSet, name string) (filed []Filing, err error) {
	var copied imap.UIDSet
	err = in.command(ctx, "copy", func() error {
		data, err := in.client.Copy(set, name).Wait()
		if err == nil {
			copied = data.SourceUIDs
			filed = filings(set, data.UIDValidity, data.SourceUIDs, data.DestUIDs)
		}
		return err
	})
	// Only what the server names as copied is deleted (COPYUID, RFC 4315
	// section 3); when it names nothing, nothing is.
	if err != nil || len(copied) == 0 {
		return nil, err
	}
	for _, r := range copied {
		for uid := r.Start; uid <= r.Stop; uid++ {
			if !set.Contains(uid) {
				return nil, fmt.Errorf("the server says it copied message %d, which was not asked for", uid)
			}
			if uid == r.Stop { // also ends at the largest UID
				break
			}
		}
	}
	if err := in.mark(ctx, copied, imap.FlagDeleted); err != nil {
		return nil, err
	}
	return filed, in.command(ctx, "expunge", func() error { return in.client.UIDExpunge(copied).Close() })
}

func (in *Inbox) mark(ctx context.Context, set imap.UIDSet, flag imap.Flag) error {
	return in.command(ctx, "store", func() error {
		store := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{flag}}
		return in.client.Store(set, store, nil).Close()
	})
}
