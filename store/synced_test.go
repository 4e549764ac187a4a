package store

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// What a name stands for after a power failure: a file that got its name before
// its content was synced may be empty, and a name whose folder was not synced
// may be gone. The kill tests cannot see it, since a kill loses nothing that was
// written; so the calls themselves are looked at.

// strides are the things that give a file a name for good, each done by a process
// of its own, in this order, in one folder.
func strides() []string {
	return []string{"make", "forget", "seal", "backup", "copy before a migration", "restore"}
}

// stride does one of them.
func stride(t *testing.T, folder, name string) {
	ctx, now := t.Context(), at(t, "2026-11-22 12:00")
	path := filepath.Join(folder, "book.db")
	with := settings(t)
	with.SealKeys = []string{filepath.Join(folder, "seal.key")}
	if name == "restore" {
		done, err := Restore(ctx, filepath.Join(folder, "backup.db"), path, with, now.Add(time.Hour))
		if err != nil || done.Aside == "" {
			t.Fatal(done, err)
		}
		return
	}
	b, err := Open(ctx, path, with, now)
	if err != nil {
		t.Fatal(err)
	}
	switch name {
	case "make":
		_, err = b.Staff(ctx, people, now)
	case "forget":
		if _, err = b.Forget(ctx, priya, now, say); err == nil {
			err = b.KeepForgotten(ctx)
		}
	case "seal":
		_, err = b.makeSealKey()
	case "backup":
		err = b.Backup(ctx, filepath.Join(folder, "backup.db"))
	case "copy before a migration":
		err = b.backup(ctx, path+".before-99")
	}
	// What the engine syncs at the close comes too late.
	if err := errors.Join(err, os.WriteFile(filepath.Join(folder, returned), nil, 0o600), b.Close()); err != nil {
		t.Fatal(err)
	}
}

// returned is the file that says in the record that a stride has come back.
const returned = "returned.lock"

// strideOf is the environment in which the test is the process that does one.
const strideOf = "ASKFIRST_TEST_STRIDE"

// TestNamesAreForWhatIsSynced records the calls of each stride: no file gets a
// name by link or rename while its content is not synced, no name replaces
// another before the folder knows the other by its new one, and at the end every
// file and the folder are synced.
func TestNamesAreForWhatIsSynced(t *testing.T) {
	if name, folder, ok := strings.Cut(os.Getenv(strideOf), "@"); ok {
		stride(t, folder, name)
		return
	}
	strace, err := exec.LookPath("strace")
	if err == nil {
		err = exec.Command(strace, "-f", "-qq", "-o", os.DevNull, "true").Run()
	}
	switch {
	case err != nil && os.Getenv("CI") == "true":
		t.Fatalf("strace (apt-get install strace) does not work here: %v", err)
	case err != nil:
		t.Skipf("strace (apt-get install strace) does not work here: nobody looks at what is synced (%v)", err)
	}
	folder := t.TempDir()
	for _, name := range strides() {
		log := filepath.Join(t.TempDir(), "calls")
		command := exec.Command(strace, "-f", "-qq", "-y", "-s", "0", "-o", log,
			"-e", "trace=openat,write,pwrite64,fsync,fdatasync,ftruncate,rename,renameat,renameat2,link,linkat", os.Args[0], "-test.run", "^"+t.Name()+"$")
		command.Env = append(os.Environ(), strideOf+"="+name+"@"+folder)
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		calls, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range unsynced(string(calls), folder) {
			t.Errorf("%s: %s", name, fault)
		}
	}
}

// unsynced reads what strace wrote. A write counts from its beginning, a sync
// from its end.
func unsynced(log, folder string) (faults []string) {
	call := regexp.MustCompile(`^(\d+) +(\w+)\(`)
	resumed := regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>`)
	ours := regexp.MustCompile(regexp.QuoteMeta(folder) + `(/[^>"]+)?`)
	quoted := regexp.MustCompile(`"([^"]*)"`)
	fleeting := regexp.MustCompile(`-shm$|\.lock$|\.dots$|-journal$`)
	dirty := map[string]string{} // what a file or folder lost if the power failed now
	syncing := map[string]string{}
	for line := range strings.Lines(log) {
		if m := resumed.FindStringSubmatch(line); m != nil {
			if path, ok := syncing[m[1]]; ok && strings.Contains(m[2], "sync") {
				delete(dirty, path)
				delete(syncing, m[1])
			}
			continue
		}
		m := call.FindStringSubmatch(line)
		if m == nil || strings.Contains(line, " = -1 ") {
			continue
		}
		path := ours.FindString(line)
		switch {
		case filepath.Base(path) == returned && m[2] == "openat":
			faults = append(faults, lost(dirty, "once it is done")...)
		case path == "" || fleeting.MatchString(path):
		case strings.Contains(m[2], "sync") && strings.Contains(line, "<unfinished"):
			syncing[m[1]] = path
		case strings.Contains(m[2], "sync"):
			delete(dirty, path)
		case m[2] == "openat" && strings.Contains(line, "O_CREAT") && strings.Contains(line, "O_EXCL"):
			dirty[folder] = "the name " + path
		case strings.HasPrefix(m[2], "pwrite"), m[2] == "write", m[2] == "ftruncate":
			dirty[path] = "what was written to " + path
		case strings.HasPrefix(m[2], "link"), strings.HasPrefix(m[2], "rename"):
			names := quoted.FindAllStringSubmatch(line, -1)
			if len(names) != 2 {
				continue
			}
			from, to := names[0][1], names[1][1]
			if dirty[from] != "" {
				faults = append(faults, fmt.Sprintf("%s gets the name %s while its content is not synced", from, to))
			}
			if strings.HasPrefix(m[2], "rename") && dirty[folder] != "" {
				faults = append(faults, fmt.Sprintf("%s takes the place of %s while the folder may lose %s", from, to, dirty[folder]))
			}
			dirty[folder] = "the name " + to
		}
	}
	return append(faults, lost(dirty, "at the end")...)
}

// lost is what a power failure would take; what has no name any more is no loss.
func lost(dirty map[string]string, when string) (faults []string) {
	for path, what := range dirty {
		if _, err := os.Lstat(path); err == nil {
			faults = append(faults, "a power failure "+when+" may lose "+what)
		}
	}
	return faults
}
