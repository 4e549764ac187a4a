package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Faults of the disk at every call: the week is played once for each class of
// calls and each fault, and every pass fails at its first call of that class,
// then at its second, until one comes through. Each pass but the last is also the
// recovery from the one before.

// faultClasses are the calls by which the program writes to the disk of its book,
// each with what a disk makes of it.
func faultClasses() []struct{ calls, fault string } {
	return []struct{ calls, fault string }{
		{"pwrite64", "ENOSPC"}, {"pwrite64", "EIO"}, {"write", "ENOSPC"}, {"write", "EIO"}, {"ftruncate", "ENOSPC"}, {"ftruncate", "EIO"},
		{"fsync,fdatasync", "EIO"}, {"fsync,fdatasync", "ENOSPC"}, {"openat", "ENOSPC"}, {"openat", "EIO"}, {"unlinkat", "EIO"}, {"fchmod,fchown,renameat", "EIO"},
	}
}

// faulted runs one pass whose n-th call of the class on a file of the book fails;
// with on, all those after it too.
func (k *killer) faulted(t *town, calls, fault string, n int, on bool, at string) (code int, out string, failed bool) {
	k.t.Helper()
	log := filepath.Join(k.t.TempDir(), "strace.log")
	args := []string{"-f", "-qq", "-o", log, "-P", filepath.Dir(t.book())}
	for _, suffix := range []string{"", "-wal", "-shm", ".dots", ".lock"} {
		args = append(args, "-P", t.book()+suffix)
	}
	when := fmt.Sprint(n)
	if on {
		when += "+"
	}
	args = append(args, "-e", "trace="+calls, "-e", fmt.Sprintf("inject=%s:error=%s:when=%s", calls, fault, when),
		k.binary, "--config", t.config, "once", "--at", t.time(at).Format(time.RFC3339))
	raw, err := exec.Command(k.strace, args...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		k.t.Fatal(err)
	}
	traced, err := os.ReadFile(log)
	if err != nil {
		k.t.Fatal(err)
	}
	if err := os.Remove(log); err != nil { // there are thousands
		k.t.Fatal(err)
	}
	if exit != nil {
		code = exit.ExitCode()
	}
	return code, string(raw), strings.Contains(string(traced), "(INJECTED)")
}

// mostCalls is more than any pass makes of a class.
const mostCalls = 500

func TestDiskFaultsAtEveryCall(t *testing.T) {
	grounded(t)
	if testing.Short() {
		t.Skip("fails a disk a thousand times")
	}
	peaceful := inProcess(t)
	inPeace(peaceful)
	want := peaceful.reaped()
	classes := faultClasses()
	for i, f := range classes {
		if !*long && i%2 != 0 && !strings.HasPrefix(f.calls, "pwrite64") { // one fault of each class
			continue
		}
		t.Run(f.calls+" "+f.fault, func(t *testing.T) {
			k := newKiller(t)
			town := inProcess(t)
			faults, codes := 0, map[int]int{}
			for j, c := range provingWeek() {
				c.mail(town)
				for n := 1; n < mostCalls; n += sized(5, 4, 1) {
					code, out, failed := k.faulted(town, f.calls, f.fault, n, (n/2+j)%2 == 0, c.at)
					if !failed {
						break
					}
					faults++
					codes[code]++
					switch {
					case strings.Contains(out, "panic:") || code < 0:
						t.Fatalf("%s, call %d: exit %d\n%s", c.at, n, code, out)
					case code != exitDone && code != exitFailed && code != exitDisk:
						t.Errorf("%s, call %d: exit %d\n%s", c.at, n, code, out)
					case code == exitDisk && !strings.HasPrefix(f.calls, "fsync"):
						t.Errorf("%s, call %d: exit %d is for an fsync that failed\n%s", c.at, n, code, out)
					}
				}
				town.once(c.at)
			}
			town.reaped().sameAs(town, want)
			town.audited()
			t.Logf("%d faults; by exit code: %v", faults, codes)
		})
	}
}
