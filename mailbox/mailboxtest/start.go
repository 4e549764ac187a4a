package mailboxtest

import (
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// find is the path of a program; without it the test is skipped, or fails in CI
// where it is part of what must be proved.
func find(t TB, program, pack string) string {
	t.Helper()
	for _, folder := range []string{"", "/usr/sbin/", "/usr/local/sbin/"} {
		if path, err := exec.LookPath(folder + program); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing; install it with: apt-get install %s", program, pack)
	}
	t.Skipf("%s is not installed (apt-get install %s): what needs it is not tested", program, pack)
	return ""
}

// findFile is find for a file that is part of a package.
func findFile(t TB, path, pack string) {
	t.Helper()
	if _, err := os.Stat(path); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing; install it with: apt-get install %s", path, pack)
	}
	t.Skipf("%s is not installed (apt-get install %s): what needs it is not tested", path, pack)
}

// freePorts are as many different ports on which nothing listens. They lie below
// those that the system gives to whoever connects to something, so that nobody
// takes one before the server that it is for has started.
func freePorts(t TB, count int) []int {
	t.Helper()
	const lowest, highest = 12000, 32000
	var ports []int
	var err error
	for tries := 0; len(ports) < count && tries < 1000; tries++ {
		var l net.Listener
		l, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(lowest+rand.IntN(highest-lowest))))
		if err != nil {
			continue
		}
		defer l.Close() // only when all are chosen: a closed one may be given again
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	if len(ports) < count {
		t.Fatalf("no free port: %v", err)
	}
	return ports
}

// reachable waits until something listens.
func reachable(port int, ended <-chan struct{}) error {
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	var err error
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); {
		var conn net.Conn
		if conn, err = net.DialTimeout("tcp", addr, time.Second); err == nil {
			return conn.Close()
		}
		select {
		case <-ended:
			return errors.New("it ended at once")
		case <-time.After(20 * time.Millisecond):
		}
	}
	return err
}
