//go:build unix

package oauth

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// hold keeps other processes from using the refresh token: `check` beside the
// daemon would use it a second time, which many services take for theft. The
// kernel lets go when a process ends.
func hold(ctx context.Context, path string) (release func(), err error) {
	file, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, reason(err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { file.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) || ctx.Err() != nil {
			file.Close()
			return nil, err
		}
		time.Sleep(20 * time.Millisecond)
	}
}
