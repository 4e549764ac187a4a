//go:build !unix

package oauth

import "context"

// hold does nothing where there is no flock.
func hold(context.Context, string) (release func(), err error) { return func() {}, nil }
