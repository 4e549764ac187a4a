package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/pressly/goose/v3"
)

func (b *Book) provider() (*goose.Provider, error) {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, b.write.DB, folder, goose.WithLogger(goose.NopLogger()))
}

// migrate brings the schema up to date one step a time, each in a transaction
// of its own and with a copy of the book as it was before it; of a book that is
// just being made there is nothing to keep.
func (b *Book) migrate(ctx context.Context, fresh bool) error {
	provider, err := b.provider()
	if err != nil {
		return err
	}
	for {
		current, newest, err := provider.GetVersions(ctx)
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrBroken, b.path, err)
		}
		if current >= newest {
			return nil // a newer book is refused by known
		}
		if current > 0 && !fresh {
			if err := b.backup(ctx, beforeMigration(b.path, current+1)); err != nil {
				return err
			}
		}
		if _, err := provider.UpByOne(ctx); err != nil {
			return fmt.Errorf("the book cannot be brought to schema %d: %w", current+1, diskFault(err))
		}
	}
}

// beforeMigration names the copy of a book as it was before a migration.
func beforeMigration(path string, migration int64) string {
	return fmt.Sprintf("%s.before-%d", path, migration)
}

// backup writes a whole copy of the book beside it. The engine syncs the copy
// and its folder.
func (b *Book) backup(ctx context.Context, path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("a copy of the book cannot be made: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("a copy of the book cannot be made: %w", err)
	}
	if err := file.Close(); err != nil {
		return err
	}
	if _, err := b.write.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return fmt.Errorf("a copy of the book cannot be made: %w", diskFault(err))
	}
	return nil
}

// Schema is the version of the book's schema.
func (b *Book) Schema(ctx context.Context) (int64, error) {
	provider, err := b.provider()
	if err != nil {
		return 0, err
	}
	current, _, err := provider.GetVersions(ctx)
	return current, err
}
