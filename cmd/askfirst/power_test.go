package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"askfirst/mailbox/mailboxtest"
	"askfirst/mailbox/parse"
)

// Power loss: what was written and not synced may be lost, wholly or in part,
// in any order. A pass is recorded call by call; then its disk is rebuilt as it
// may have been at every moment, and the program goes on from there.

// deed is one recorded call: a change of a file, a sync of one, or something
// that a server got.
type deed struct {
	call   string // write, truncate, sync, unlink; dot, moved
	file   string // the suffix of the book's file
	at     int64
	data   []byte
	letter string // dot: the Message-ID
}

// recorded runs one pass under strace and returns its deeds.
func (k *killer) recorded(t *town, at string) []deed {
	k.t.Helper()
	log := filepath.Join(k.t.TempDir(), "strace.log")
	out, err := exec.Command(k.strace, "-f", "-qq", "-y", "-xx", "-s", "4000000", "-o", log,
		"-e", "trace=pwrite64,write,fsync,fdatasync,ftruncate,unlink,unlinkat", k.binary, "--config", t.config, "once", "--at", t.time(at).Format(time.RFC3339)).CombinedOutput()
	if err != nil {
		k.t.Fatalf("%v\n%s", err, out)
	}
	raw, err := os.ReadFile(log)
	if err != nil {
		k.t.Fatal(err)
	}
	return deeds(k.t, t.book(), string(raw))
}

// deeds reads what strace wrote. A write counts from its beginning, a sync from
// its end.
func deeds(t testing.TB, book, log string) []deed {
	t.Helper()
	call := regexp.MustCompile(`^(\d+) +(\w+)\((?:(\d+)<([^>]*)>|AT_FDCWD[^,]*)?(?:, )?(?:"((?:\\x[0-9a-f]{2})*)")?(?:, (\d+))?(?:, (\d+))?`)
	resumed := regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>`)
	said, syncing := map[string][]byte{}, map[string]string{}
	var list []deed
	for line := range strings.Lines(log) {
		if m := resumed.FindStringSubmatch(line); m != nil {
			if file, ok := syncing[m[1]]; ok && strings.HasSuffix(m[2], "sync") {
				list = append(list, deed{call: "sync", file: file})
				delete(syncing, m[1])
			}
			continue
		}
		m := call.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		path, data := unhex(t, m[4]), []byte(unhex(t, m[5]))
		if strings.HasPrefix(m[2], "unlink") {
			path = string(data)
		}
		file, ours := strings.CutPrefix(path, book)
		number := func(s string) int64 { n, _ := strconv.ParseInt(s, 10, 64); return n }
		switch {
		case ours && (file == "-shm" || file == ".lock"):
		case ours && strings.HasSuffix(m[2], "sync") && strings.Contains(line, "unfinished"):
			syncing[m[1]] = file
		case ours && strings.HasSuffix(m[2], "sync"):
			list = append(list, deed{call: "sync", file: file})
		case ours && m[2] == "pwrite64":
			list = append(list, deed{call: "write", file: file, data: data, at: number(m[7])})
		case ours && m[2] == "write": // of the dots, which are appended to
			list = append(list, deed{call: "write", file: file, data: data, at: -1})
		case ours && m[2] == "ftruncate":
			list = append(list, deed{call: "truncate", file: file, at: number(regexp.MustCompile(`>, (\d+)`).FindStringSubmatch(line)[1])})
		case ours && strings.HasPrefix(m[2], "unlink"):
			list = append(list, deed{call: "unlink", file: file})
		case strings.HasPrefix(path, "socket:") || strings.HasPrefix(path, "TCP"):
			said[path] = append(said[path], data...)
			if bytes.Contains(data, []byte("UID MOVE ")) {
				list = append(list, deed{call: "moved"})
			}
			for {
				letter, rest, ok := bytes.Cut(said[path], []byte("\r\n.\r\n"))
				if !ok {
					break
				}
				said[path] = rest
				if i := bytes.LastIndex(letter, []byte("Message-ID: ")); i >= 0 {
					id, _, _ := bytes.Cut(letter[i+len("Message-ID: "):], []byte("\r\n"))
					list = append(list, deed{call: "dot", letter: string(id)})
				}
			}
		}
	}
	return list
}

// unhex reads strace's \x escapes.
func unhex(t testing.TB, s string) string {
	t.Helper()
	if !strings.HasPrefix(s, `\x`) {
		return s
	}
	raw, err := hex.DecodeString(strings.ReplaceAll(s, `\x`, ""))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// fate decides how much of what was not synced is on the disk.
type fate func() bool

// sector is how much a disk writes whole.
const sector = 512

// diskAfter is what lies on the disk when the power fails after the first deeds.
func diskAfter(before evidence, done []deed, kept fate) evidence {
	disk := evidence{}
	for suffix, raw := range before {
		disk[suffix] = bytes.Clone(raw)
	}
	synced := map[string]int{} // the last sync of each file
	for i, d := range done {
		if d.call == "sync" {
			synced[d.file] = i
		}
	}
	for i, d := range done {
		safe := i < synced[d.file]
		switch d.call {
		case "write":
			at := d.at
			if at < 0 {
				at = int64(len(disk[d.file]))
			}
			for from := 0; from < len(d.data); from += sector {
				part := d.data[from:min(from+sector, len(d.data))]
				if !safe && !kept() {
					continue
				}
				raw := disk[d.file]
				if missing := int(at) + from + len(part) - len(raw); missing > 0 {
					raw = append(raw, make([]byte, missing)...)
				}
				copy(raw[int(at)+from:], part)
				disk[d.file] = raw
			}
		case "truncate":
			if raw := disk[d.file]; (safe || kept()) && int64(len(raw)) > d.at {
				disk[d.file] = raw[:d.at]
			}
		case "unlink":
			if kept() {
				delete(disk, d.file)
			}
		}
	}
	if dots, ok := disk[".dots"]; ok { // the machine has been started anew
		disk[".dots"] = regexp.MustCompile(`boot [-0-9a-f]{36}`).ReplaceAll(dots, []byte("boot 00000000-0000-0000-0000-000000000000"))
	}
	return disk
}

// TestPowerLoss records a pass full of asks and one full of digests, and cuts
// the power at every sync, before and after: nothing that was acknowledged is
// lost, and no digest that a server may have comes again.
func TestPowerLoss(t *testing.T) {
	grounded(t)
	if testing.Short() {
		t.Skip("goes on from hundreds of disks")
	}
	k := newKiller(t)
	town, po := openTown(t, mailboxtest.Options{})
	town.once("2026-11-22 12:00")
	cuts, doubtful := 0, 0
	for _, pass := range []struct {
		at   string
		mail func()
	}{
		{"2026-11-22 15:00", func() {
			for i, who := range townsfolk {
				town.writes(who, fmt.Sprintf("Borrow thing %d", i), "A good one, please.")
			}
		}},
		{"2026-11-23 07:30", func() {
			town.writes("ana", "I can help with #1", "Take ours.")
			town.writes("ben", "A bell", "For the play.")
		}},
	} {
		pass.mail()
		before, sent := town.evidence(), town.everything()
		list := k.recorded(town, pass.at)
		mails, all := po.Messages(townHelp), town.everything() // also mails of before, which have their UIDs
		maps.DeleteFunc(all, func(id string, _ bool) bool { _, known := sent[id]; return known })
		for n := range len(list) + 1 {
			boundary := n == 0 || n == len(list) || list[n].call == "sync" || n > 0 && list[n-1].call == "sync"
			if !boundary && !*long && list[n-1].call != "dot" {
				continue
			}
			for i, kept := range []fate{func() bool { return false }, func() bool { return rand.IntN(2) == 0 }, func() bool { return true }} {
				if !*long && (n+i)%6 != 0 {
					continue
				}
				cuts++
				doubtful += resumed(t, fmt.Sprintf("%s, power lost after %d of %d, fate %d", pass.at, n, len(list), i), pass.at, diskAfter(before, list[:n], kept), list[:n], mails, all)
				if t.Failed() {
					return
				}
			}
		}
	}
	t.Logf("the power was cut %d times, %d digests were not sent because of a doubt", cuts, doubtful)
}

// everything is all Message-IDs in all mailboxes, and whether it is a digest's.
func (t *town) everything() map[string]bool {
	ids := map[string]bool{}
	for _, who := range append(slices.Clone(townsfolk), "it@else.example") {
		for _, m := range t.letters(who, "") {
			ids[m.MessageID] = m.Header.Get("List-Id") != ""
		}
	}
	return ids
}

// resumed goes on from a disk and returns how many digests nobody got.
func resumed(t *testing.T, name, at string, disk evidence, done []deed, mails [][]byte, all map[string]bool) (missing int) {
	t.Helper()
	town, po := openTown(t, mailboxtest.Options{})
	town.lay(disk)
	moved := slices.ContainsFunc(done, func(d deed) bool { return d.call == "moved" })
	if !moved {
		for _, raw := range mails {
			if err := po.Deliver(townHelp, raw); err != nil {
				t.Fatal(err)
			}
		}
	}
	out, errs, code := town.run("once", "--at", town.time(at).Format(time.RFC3339))
	if code != exitDone {
		t.Errorf("%s: exit %d\n%s%s", name, code, out, errs)
		return 0
	}
	taken := map[string]bool{}
	for _, d := range done {
		if d.call == "dot" {
			taken[d.letter] = true
		}
	}
	after := map[string]int{}
	for _, who := range append(slices.Clone(townsfolk), "it@else.example") {
		for _, raw := range po.Messages(address(who)) {
			m := parse.Read(raw, parse.Standard())
			after[m.MessageID]++
			digest := m.Header.Get("List-Id") != ""
			if digest && taken[m.MessageID] {
				t.Errorf("%s: the digest %q goes to %s again", name, m.Subject, who)
			}
			if isDigest, known := all[m.MessageID]; !known || isDigest != digest {
				t.Errorf("%s: %s gets %q, which nobody got in peace", name, who, m.Subject)
			}
		}
	}
	for id, digest := range all {
		switch {
		case taken[id] || after[id] > 0:
		case digest:
			missing++
		default:
			t.Errorf("%s: the letter %s is lost", name, id)
		}
	}
	if out, errs, code := town.run("audit"); code != exitDone {
		t.Errorf("%s: audit: exit %d\n%s%s", name, code, out, errs)
	}
	return missing
}
