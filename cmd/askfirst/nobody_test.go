//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// asNobody runs the program as a user who may read the town's folder and not
// write it.
func asNobody(t testing.TB, town *town, binary string, args ...string) (string, int) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	folder := filepath.Dir(town.config)
	for dir := folder; dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); dir != os.TempDir() && err != nil {
			t.Fatal(err)
		}
		if dir == os.TempDir() {
			if err := os.Chmod(dir, 0o777|os.ModeSticky); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	files, _ := filepath.Glob(filepath.Join(folder, "*"))
	for _, f := range append(files, binary) {
		if err := os.Chmod(f, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Dir(binary), 0o755); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(binary, append([]string{"--config", town.config}, args...)...)
	command.Dir = "/"
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := command.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), command.ProcessState.ExitCode()
}
